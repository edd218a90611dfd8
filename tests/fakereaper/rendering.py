"""What the pretend REAPER writes when it renders: decided by the RENDER_* values, mixed by the built-in engine.

The session that is mixed is the state of this REAPER's own model at that moment, as the product reads it live; a test
that reads the project's file offline and compares the sound holds that reading to account.
"""

from __future__ import annotations

import base64
import math
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import soundfile

from stemkit.reaper import inside_api, inside_snapshot
from stemkit.reaper.live import session_from_snapshot
from tests.fakereaper.mixing import master_mix, only, plain, plan_of, track_output, with_gains, without_silenced
from tests.fakereaper.quirks import changed_session

if TYPE_CHECKING:
    from stemkit.model.plan import RenderPlan
    from stemkit.model.session import Session
    from tests.fakereaper.api import FakeApi

__all__ = ["DialogError", "Renderer"]

_STEMS, _VIA_MASTER = 3, 128
_DEPTHS = {16: "PCM_16", 24: "PCM_24", 32: "FLOAT"}


class DialogError(Exception):
    """REAPER shows a dialog and waits for its user; the message is its title."""


class Renderer:
    """Renders as the values of a pretend REAPER say."""

    def __init__(self, api: FakeApi) -> None:
        self._api = api

    def targets(self) -> list[str]:
        jobs = self._jobs()
        if "targets-leave-silent-out" in self._api.quirks and int(self._number("RENDER_ADDTOPROJ")) & 2:
            jobs = [job for job in jobs if job[1] is None or not self._api.project.tracks[job[1]].values["B_MUTE"]]
        return [str(path) for path, _ in jobs]

    def _number(self, key: str) -> float:
        return self._api.project.numbers[key]

    def _jobs(self) -> list[tuple[Path, int | None]]:
        """List the files to write, each with its track's place or None for the master."""
        project, settings = self._api.project, int(self._number("RENDER_SETTINGS"))
        selected = [place for place, track in enumerate(project.tracks) if track.values["I_SELECTED"]]
        stems = {_STEMS, 2} if "settings-2-is-stems" in self._api.quirks else {_STEMS}
        if settings & _VIA_MASTER or settings & 3 in stems:
            sources: list[int | None] = [*selected]
        elif settings & 3 == 1:
            sources = [None, *selected]
        else:
            sources = [None]  # 0, and also 2, whatever the header's text seems to say
        folder = Path(project.texts["RENDER_FILE"])
        found: list[tuple[Path, int | None]] = []
        for source in sources:
            name = project.texts["RENDER_PATTERN"]
            if source is not None:
                shown = project.tracks[source].name or f"Track {source + 1}"
                name = name.replace("$tracknumber", str(source + 1)).replace("$track", str(shown))
            taken = set() if "same-names" in self._api.quirks else {path.stem for path, _ in found}
            free = next(n for n in (name, *(f"{name}-{i:03d}" for i in range(1, 999))) if n not in taken)
            found.append((folder / f"{free}.wav", source))
        return found

    def bounds(self, session: Session) -> tuple[float, float]:
        flag = int(self._number("RENDER_BOUNDSFLAG"))
        tail = self._number("RENDER_TAILMS") / 1000 if int(self._number("RENDER_TAILFLAG")) & (1 << flag) else 0.0
        tail = 0.0 if flag == 0 and "no-tail-with-custom-bounds" in self._api.quirks else tail
        if flag == 0:
            start, end = self._number("RENDER_STARTPOS"), self._number("RENDER_ENDPOS")
        elif flag == 2:
            start, end = self._api.project.selection
        else:
            start, end = self._entire(session)
        if end <= start:
            raise DialogError("Nothing to render!")
        return start, end + tail

    def _entire(self, session: Session) -> tuple[float, float]:
        markers = self._api.project.markers
        ends = [item.end_s for track in session.tracks for item in track.items]
        ends += [end if region else position for region, position, end, *_ in markers]
        named = {name: position for region, position, _, name, *_ in markers if not region}
        return named.get("=START", 0.0), named.get("=END", max(ends, default=0.0))

    def render(self) -> list[Path]:
        """Write the files. `inside_api.api` has to lead to this REAPER."""
        if "returns-early" in self._api.quirks:
            return []
        jobs = self._jobs()
        if not jobs:
            raise DialogError("Nothing to render!")
        if any(path.exists() for path, _ in jobs):
            raise DialogError("Files already exist")
        assert inside_api.api() is not None
        session = with_gains(session_from_snapshot(inside_snapshot.snapshot()), self._api.project)
        session = changed_session(session, self._api.quirks)
        self._api.while_rendering()
        start, end = self.bounds(session)
        rate = int(self._number("RENDER_SRATE")) or self._project_rate()
        if "truncates" in self._api.quirks:
            start, end = math.floor(start * rate) / rate, math.floor(end * rate) / rate
        plan = plan_of(start, end, rate, max(2, int(self._number("RENDER_CHANNELS"))))
        written = []
        for path, place in jobs:
            audio = self._sound(session, plan, place)
            written += [path] if self._write(path, self._processed(audio), rate) else []
        if "resets-source" in self._api.quirks:
            self._api.project.numbers["RENDER_SETTINGS"] = 0.0
        return written

    def _project_rate(self) -> int:
        forced = self._number("PROJECT_SRATE_USE")
        return int(self._number("PROJECT_SRATE")) if forced else self._api.device_rate

    def _sound(self, session: Session, plan: RenderPlan, place: int | None) -> np.ndarray:
        session = without_silenced(session)
        if place is None:
            return master_mix(session, plan)
        if int(self._number("RENDER_SETTINGS")) & _VIA_MASTER:
            return master_mix(only(session, place), plan)
        return track_output(plain(session), plan, place)

    def _processed(self, audio: np.ndarray) -> np.ndarray:
        """Normalise and trim, where the project asks for it: both spoil stems."""
        flags = int(self._number("RENDER_NORMALIZE"))
        peak = float(np.abs(audio).max(initial=0.0))
        if flags & 1 and peak > 0:
            audio *= self._number("RENDER_NORMALIZE_TARGET") / peak
        loud = np.flatnonzero(np.abs(audio).max(axis=1) > self._number("RENDER_TRIMSTART"))
        if flags & 16384 and loud.size:
            audio = audio[loud[0] :]
        if flags & 32768 and loud.size:
            audio = audio[: len(audio) - (len(audio) - 1 - loud[-1])]
        return audio

    def _write(self, path: Path, audio: np.ndarray, rate: int) -> bool:
        if int(self._number("RENDER_ADDTOPROJ")) & 2 and not audio.any():
            return False
        sink = base64.b64decode(self._api.project.texts["RENDER_FORMAT"])
        if sink[:4] != b"evaw" or len(sink) < 5:
            raise DialogError("Error: unknown format")
        path.parent.mkdir(parents=True, exist_ok=True)
        depth = 24 if "always-24-bit" in self._api.quirks else sink[4]
        soundfile.write(path, audio, rate, subtype=_DEPTHS[depth])
        return True
