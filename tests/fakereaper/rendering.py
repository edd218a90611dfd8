"""What the pretend REAPER writes when it renders: decided by the RENDER_* values, mixed by the built-in engine.

The session that is mixed is the state of this REAPER's own model at that moment, as the product reads it live; a test
that reads the project's file offline and compares the sound holds that reading to account.
"""

from __future__ import annotations

import base64
import math
import re
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import soundfile

from stemkit.model.plan import Bounds, PlannedStem, RenderPlan
from stemkit.model.session import FxChain, Item, Master, Session, Source, Take, Track
from stemkit.reaper import inside_api, inside_snapshot
from stemkit.reaper.live import session_from_snapshot
from stemkit.render.builtin import BuiltinEngine
from stemkit.session.routing import build
from tests.fakereaper.master_effects import run_effects
from tests.fakereaper.quirks import changed_session

if TYPE_CHECKING:
    from stemkit.model.session import Effect
    from tests.fakereaper.api import FakeApi
    from tests.fakereaper.model import Project

__all__ = ["DialogError", "Renderer"]

_STEMS, _VIA_MASTER = 3, 128
_DEPTHS = {16: "PCM_16", 24: "PCM_24", 32: "FLOAT"}
_GAIN = re.compile(r"stemkit_gain_(-?[\d.]+)")


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
        session = _with_gains(session_from_snapshot(inside_snapshot.snapshot()), self._api.project)
        session = changed_session(session, self._api.quirks)
        self._api.while_rendering()
        start, end = self.bounds(session)
        rate = int(self._number("RENDER_SRATE")) or self._project_rate()
        if "truncates" in self._api.quirks:
            start, end = math.floor(start * rate) / rate, math.floor(end * rate) / rate
        plan = _plan(start, end, rate, max(2, int(self._number("RENDER_CHANNELS"))))
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
        session = _without_silenced(session)
        if place is None:
            return _master_mix(session, plan)
        if int(self._number("RENDER_SETTINGS")) & _VIA_MASTER:
            return _master_mix(_only(session, place), plan)
        return _track_output(_plain(session), plan, place)

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


def _with_gains(session: Session, project: Project) -> Session:
    """Name REAPER's own volume effect as the gain that its first slider says, in dB."""
    volumes = {
        effect.guid: float(effect.sliders[0])
        for strip in [project.master, *project.tracks]
        for effect in strip.effects
        if effect.identifier == "utility/volume"
    }

    def named(chain: FxChain) -> FxChain:
        effects = (
            replace(e, identifier=f"stemkit_gain_{volumes[e.guid]}") if e.guid in volumes else e for e in chain.effects
        )
        return replace(chain, effects=tuple(effects))

    tracks = tuple(replace(track, fx=named(track.fx)) for track in session.tracks)
    return replace(session, tracks=tracks, master=replace(session.master, fx=named(session.master.fx)))


def _plan(start: float, end: float, rate: int, channels: int) -> RenderPlan:
    frames = round(end * rate) - round(start * rate)
    bounds = Bounds(start_s=start, end_s=end, start_frame=round(start * rate), frames=frames)
    stem = PlannedStem(number=1, name="x", file_name="x", kind="track", cut_guid="", inputs="all", channels=channels)
    return RenderPlan(
        project="x", by="track", stems=(stem,), excluded=(), stops=frozenset(), bounds=bounds,
        sample_rate=rate, sample_rate_reason="",
    )  # fmt: skip


def _mix(session: Session, plan: RenderPlan, key: str) -> np.ndarray:
    with tempfile.TemporaryDirectory() as folder:
        (audio,) = BuiltinEngine().render(session, plan, Path(folder), keys=frozenset({key}))
        return np.asarray(soundfile.read(audio.path, dtype="float64", always_2d=True)[0])


def _track_output(session: Session, plan: RenderPlan, place: int) -> np.ndarray:
    """Give a track's sound behind its own fader: the track is put on the top level, where nothing follows."""
    guid = session.tracks[place].guid
    moved = _to_top(session, place)
    stem = replace(plan.stems[0], cut_guid=guid)
    everywhere = frozenset(track.guid for track in session.tracks)  # its sends lead to no other track
    return _mix(moved, replace(plan, stems=(stem,), stops=everywhere), "x")


def _parents(tracks: tuple[Track, ...]) -> list[int]:
    found: list[int] = []
    open_folders: list[int] = []
    for place, track in enumerate(tracks):
        found.append(open_folders[-1] if open_folders else -1)
        if track.depth_change > 0:
            open_folders.append(place)
        for _ in range(-track.depth_change):
            if open_folders:
                open_folders.pop()
    return found


def _to_top(session: Session, place: int) -> Session:
    tracks, parents = session.tracks, _parents(session.tracks)
    depths = [0] * len(tracks)
    for index, parent in enumerate(parents):
        depths[index] = 0 if parent < 0 else depths[parent] + 1
    end = next((i for i in range(place + 1, len(tracks)) if depths[i] <= depths[place]), len(tracks))
    inside = list(range(place, end))
    order = [index for index in range(len(tracks)) if index not in inside] + inside
    new_depths = [depths[i] - (depths[place] if i in inside else 0) for i in order] + [0]
    found = []
    for number, index in enumerate(order):
        change = new_depths[number + 1] - new_depths[number]
        track = replace(tracks[index], index=number, depth_change=change)
        if index == place:
            track = replace(track, main_send=replace(track.main_send, enabled=True))
        found.append(track)
    return replace(session, tracks=tuple(found))


def _track_gain(chain: FxChain) -> float:
    """Give the gain of a track's effects; the only effect with sound on tracks is one of gain."""
    gain_db = 0.0
    for effect in chain.effects if chain.enabled else ():
        match = _GAIN.search(effect.identifier + effect.name)
        gain_db += float(match[1]) if match and effect.enabled and not effect.offline else 0.0
    return float(10 ** (gain_db / 20))


def _plain(session: Session) -> Session:
    """Take effects off the tracks (they pass the sound on, but for gain), and what this REAPER has no synthesiser for."""
    tracks = [
        replace(
            track,
            volume=track.volume * _track_gain(track.fx),
            fx=FxChain(),
            solo=0,
            items=tuple(_playable(item) for item in track.items if _has_media(item)),
        )
        for track in session.tracks
    ]
    return replace(session, tracks=tuple(tracks), master=replace(session.master, fx=FxChain()))


def _has_media(item: Item) -> bool:
    take = item.active_take
    return take is not None and take.source is not None and take.source.media.resolved_path is not None


def _playable(item: Item) -> Item:
    return replace(item, takes=tuple(replace(take, fx=FxChain()) for take in item.takes))


def _without_silenced(session: Session) -> Session:
    """Mute what solo silences."""
    if not any(track.solo for track in session.tracks):
        return session
    heard = {node.guid for node in build(session).order if node.audible}
    return replace(session, tracks=tuple(t if t.guid in heard else replace(t, mute=True) for t in session.tracks))


def _only(session: Session, place: int) -> Session:
    """Keep what one track sends through the master: itself, what feeds it and what it feeds."""
    routing = build(session)
    guid = session.tracks[place].guid
    kept = {guid} | set(routing.upstream(guid)) | set(routing.downstream(guid))
    return replace(session, tracks=tuple(t if t.guid in kept else replace(t, mute=True) for t in session.tracks))


def _master_mix(session: Session, plan: RenderPlan) -> np.ndarray:
    """Mix, run the master's effects, then its fader."""
    effects: tuple[Effect, ...] = session.master.fx.effects if session.master.fx.enabled else ()
    neutral = replace(_plain(session), master=Master(channels=session.master.channels))
    audio = run_effects(_mix(neutral, plan, "proof_mix"), effects)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "mix.wav"
        soundfile.write(path, audio, plan.sample_rate, subtype="FLOAT")
        item = Item(
            position_s=plan.bounds.start_s,
            length_s=len(audio) / plan.sample_rate,
            takes=(Take(active=True, source=Source(kind="wave", resolved_path=str(path))),),
        )
        behind = replace(
            session,
            tracks=(Track(guid="{mix}", index=0, items=(item,)),),
            master=replace(session.master, fx=FxChain()),
        )
        return _mix(behind, plan, "rough_mix")
