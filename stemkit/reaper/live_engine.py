"""The engine that lets the running REAPER render, and puts the project back as it was."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from stemkit.errors import EngineError
from stemkit.model.plan import PROOF_MIX, ROUGH_MIX
from stemkit.reaper.link import LinkError, open_link
from stemkit.reaper.live import session_from_snapshot
from stemkit.reaper.live_job import make_job
from stemkit.reaper.live_mix import live_fidelity, mix_stem, take_file
from stemkit.reaper.live_state import require_idle
from stemkit.reaper.writing_modes import demand_reading_modes

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from stemkit.model.plan import Fidelity, RenderedAudio, RenderPlan
    from stemkit.model.session import Session
    from stemkit.reaper.link import Link

    Progress = Callable[[float, str], None]

__all__ = ["LiveEngine"]

_POLL_S = 0.05


class LiveEngine:
    """Renders through the open REAPER.

    Parameters
    ----------
    heartbeat_s
        How long REAPER goes on without hearing of this process; then it stops and restores by itself.
    stall_s
        How long REAPER may neither answer nor write; then a dialog is taken to be open.
    """

    name = "live"

    def __init__(self, *, heartbeat_s: float = 10.0, stall_s: float = 60.0) -> None:
        self._heartbeat_s, self._stall_s = heartbeat_s, stall_s

    def fidelity(self, session: Session, plan: RenderPlan) -> Mapping[str, Fidelity]:
        """Say for each key (stem `file_name`, ``rough_mix``, ``proof_mix``) how true the audio will be."""
        return live_fidelity(session, plan)

    def render(
        self,
        session: Session,
        plan: RenderPlan,
        staging: Path,
        *,
        keys: frozenset[str] | None = None,
        progress: Progress | None = None,
    ) -> tuple[RenderedAudio, ...]:
        """Let REAPER write the files, then mix each stem of them.

        Raises
        ------
        EngineError
            REAPER cannot be asked, refuses, changed meanwhile, or wrote other files than were wanted. The project is
            then as it was; where it is not, the message says so.
        """
        verdicts = self.fidelity(session, plan)
        wanted = frozenset(key for key in verdicts if keys is None or key in keys)
        _require_renderable(session, plan, staging)
        staging.mkdir(parents=True, exist_ok=True)
        with open_link() as link:
            files = self._rendered_files(link, session, plan, staging, wanted=wanted, progress=progress)
        audio = []
        for stem in plan.stems:
            if stem.file_name in wanted:
                own = files[stem.file_name]
                audio.append(
                    mix_stem(session, plan, stem, files=own, staging=staging, fidelity=verdicts[stem.file_name])
                )
        audio += [
            take_file(key, files[key][""], plan, verdicts[key]) for key in (ROUGH_MIX, PROOF_MIX) if key in wanted
        ]
        return tuple(audio)

    def _rendered_files(
        self,
        link: Link,
        session: Session,
        plan: RenderPlan,
        staging: Path,
        *,
        wanted: frozenset[str],
        progress: Progress | None,
    ) -> dict[str, dict[str, Path]]:
        """Give for each key the file of each of its tracks."""
        facts = link.shake_hands()
        require_idle(facts)
        snapshot = link.ask("snapshot")
        if [t.guid for t in session_from_snapshot(snapshot).tracks] != [t.guid for t in session.tracks]:
            raise EngineError("The open project is not the one that was planned; plan it again.")
        job, keys_of_pass = make_job(
            session,
            plan,
            staging,
            wanted=wanted,
            snapshot=snapshot,
            can_set_config=facts["can_set_config"],
            heartbeat_s=self._heartbeat_s,
        )
        link.ask("render_start", job=job, deferred=not link.own)
        files = _Watch(link, job, self._stall_s, progress).until_over()
        return {
            key: {guid: Path(files[name][guid]) for guid in guids}
            for name, keys in keys_of_pass.items()
            for key, guids in keys.items()
        }


def _require_renderable(session: Session, plan: RenderPlan, staging: Path) -> None:
    """Refuse what REAPER would get wrong.

    Raises
    ------
    EngineError
        With the reason.
    """
    demand_reading_modes(session)
    if plan.bounds.start_frame < 0:
        raise EngineError("REAPER cannot render what lies before the project's start; choose a later --start.")
    if ";" in str(staging):
        raise EngineError(f"{staging} holds a semicolon, with which REAPER parts its files; choose another folder.")


class _Watch:
    """Follows a render until everything is restored. While REAPER renders it does not answer; its files grow."""

    def __init__(self, link: Link, job: dict[str, Any], stall_s: float, progress: Progress | None) -> None:
        self._link, self._stall_s, self._progress = link, stall_s, progress
        self._folders = [Path(single["folder"]) for single in job["passes"]]
        self._total = sum(single["bytes"] for single in job["passes"]) or 1
        self._size = -1
        self._part = 0.0
        self._moved_at = time.monotonic()

    def until_over(self) -> dict[str, dict[str, str]]:
        """Wait for the end and give for each pass the file of each track."""
        try:
            while True:
                status = self._link.ask("render_status", while_waiting=self._look)
                self._moved_at = time.monotonic()
                if status["state"] in {"done", "failed"}:
                    files = _files(status)
                    self._tell(1.0)  # the last look may be older than the last bytes
                    return files
                self._look()
                time.sleep(_POLL_S)
        except KeyboardInterrupt:
            self._link.ask("render_cancel")
            while self._link.ask("render_status")["state"] not in {"done", "failed"}:
                time.sleep(_POLL_S)
            raise

    def _look(self) -> None:
        size = sum(path.stat().st_size for folder in self._folders for path in folder.glob("**/*") if path.is_file())
        if size != self._size:
            self._size, self._moved_at = size, time.monotonic()
        self._tell(size / self._total)
        if time.monotonic() - self._moved_at > self._stall_s:
            raise LinkError(
                "stalled",
                f"REAPER has neither answered nor written anything for {self._stall_s:.0f} s; a dialog is probably "
                "open in it. Close the dialog: REAPER then puts the project back by itself.",
            )

    def _tell(self, part: float) -> None:
        if self._progress is not None:
            self._part = max(self._part, min(1.0, part))  # REAPER shortens a file when it closes it
            self._progress(self._part, "REAPER renders")


def _files(status: dict[str, Any]) -> dict[str, dict[str, str]]:
    if status["not_restored"]:
        raise EngineError(
            "The project could not be put back completely ("
            + "; ".join(status["not_restored"][:3])
            + "); try stemkit doctor --restore."
        )
    if status["failure"] is not None:
        raise EngineError(f"{status['failure'][1]} The project is as it was.")
    files: dict[str, dict[str, str]] = status["files"]
    return files
