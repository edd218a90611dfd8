"""Ask a running REAPER about everything that stemkit assumes of it.

A song of its own is opened in a new project tab, rendered the way the live engine does, and measured here; the tab is
closed again. The user's project is only read, and a copy of it saved to a temporary folder for comparison.
"""

from __future__ import annotations

import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from stemkit.errors import EngineError

if TYPE_CHECKING:
    from collections.abc import Callable

    from stemkit.app.selftest_evidence import Answer, Evidence
    from stemkit.model.session import Session
    from stemkit.reaper.link import Link

    Progress = Callable[[float, str], None]

__all__ = ["STAND_IN", "SelfTest", "run_selftest"]

STAND_IN = "stand-in"  # what a pretend REAPER has in its version
_ANSWER_S = 60.0  # for a short render, which REAPER does not interrupt
_POLL_S = 0.02


@dataclass(frozen=True, slots=True)
class SelfTest:
    """All answers of one REAPER, by the version that it tells. `record` are the calls, where they were wanted."""

    reaper: str
    answers: tuple[Answer, ...]
    stopped: str = ""
    record: tuple[str, ...] = ()

    @property
    def is_stand_in(self) -> bool:
        """Whether this was no REAPER at all."""
        return STAND_IN in self.reaper


def run_selftest(*, record: bool = False, progress: Progress | None = None) -> SelfTest:
    """Ask the running REAPER.

    Parameters
    ----------
    record
        Whether to note every call to REAPER and its answer, with names left out.
    progress
        Called with the part that is done, 0…1, and what is done now.

    Raises
    ------
    LinkError
        REAPER cannot be reached.
    EngineError
        Another stemkit is rendering, or an earlier render was interrupted.
    """
    from stemkit.app.selftest_answers import answers
    from stemkit.app.selftest_evidence import Evidence
    from stemkit.reaper.link import open_link
    from stemkit.reaper.live_state import require_idle

    evidence = Evidence()
    tell = progress or (lambda _part, _doing: None)
    with tempfile.TemporaryDirectory(prefix="stemkit-self-test-") as folder, open_link() as link:
        facts = link.shake_hands()
        require_idle(facts)
        evidence.seen["can_set_config"] = facts["can_set_config"]
        if record:
            link.ask("record_start")
        try:
            _examine(link, evidence, Path(folder), tell)
        except EngineError as error:
            evidence.stopped = error.message
        finally:  # however it ends, or REAPER would go on noting
            lines = tuple(link.ask("record_stop", timeout_s=_ANSWER_S)) if record else ()
        found = answers(evidence)
    tell(1.0, "measured")
    return SelfTest(facts["reaper"], found, evidence.stopped, lines)


def _examine(link: Link, evidence: Evidence, folder: Path, tell: Progress) -> None:
    """Look at the open project, then at the song, then at the project again."""
    from stemkit.app.selftest_song import write_selftest_song

    tell(0.0, "the open project")
    before = _told(link)
    _compare_copy(link, evidence, before, folder / "copy.rpp")
    (folder / "song").mkdir()
    song = write_selftest_song(folder / "song")
    opened = link.ask("lab_open", path=str(song), timeout_s=_ANSWER_S)
    try:
        _examine_song(link, evidence, song, tell)
    finally:
        closed = link.ask("lab_close", path=str(song), before=opened["before"], timeout_s=_ANSWER_S)
        evidence.seen["closed"] = closed["closed"] and closed["back"]
    evidence.seen["project_changed"] = _changed(before, _told(link))


def _told(link: Link) -> dict[str, Any]:
    snapshot: dict[str, Any] = link.ask("snapshot", timeout_s=_ANSWER_S)
    del snapshot["seconds"]
    return snapshot


def _changed(before: Any, after: Any, where: str = "") -> list[str]:
    """Name the places in which two snapshots differ."""
    if isinstance(before, dict) and isinstance(after, dict):
        return [found for key in before for found in _changed(before[key], after.get(key), f"{where}.{key}")]
    if isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        pairs = enumerate(zip(before, after, strict=True))
        return [found for place, pair in pairs for found in _changed(*pair, f"{where}[{place}]")]
    return [] if before == after else [where]


def _compare_copy(link: Link, evidence: Evidence, snapshot: dict[str, Any], path: Path) -> None:
    """Hold the open project against a copy that REAPER saves of it, unsaved edits included."""
    from stemkit.app.session_compare import session_differences
    from stemkit.reaper.live import session_from_snapshot
    from stemkit.reaper.project_file import load_project

    if not snapshot["path"]:
        evidence.seen["copy_differences"] = "the open project was never saved"
        return
    saved = link.ask("save_copy", path=str(path), timeout_s=_ANSWER_S)
    evidence.seen["copy_keeps_name"] = saved["same_name"]
    if not saved["written"]:
        evidence.seen["copy_differences"] = "REAPER saved no copy of the open project"
        return
    evidence.seen["copy_differences"] = session_differences(load_project(path), session_from_snapshot(snapshot))


def _examine_song(link: Link, evidence: Evidence, song: Path, tell: Progress) -> None:
    from stemkit.app.selftest_probes import job_of, probes
    from stemkit.app.session_compare import session_differences
    from stemkit.model.delivery import Choices
    from stemkit.reaper.install import ACTIONS, action_id
    from stemkit.reaper.live import session_from_snapshot
    from stemkit.reaper.project_file import load_project
    from stemkit.render.planner import make_plan

    evidence.seen["shapes"] = link.ask("lab_shapes", action=action_id(next(iter(ACTIONS))))
    snapshot = _told(link)
    session = session_from_snapshot(snapshot)
    evidence.seen["config"] = snapshot["config"]
    evidence.seen["song_differences"] = session_differences(load_project(song), session)
    plan = make_plan(session, Choices(tail="none"), media={}, project_name="Self-test", gain="none")
    found = probes(session, snapshot["config"], can_set_config=evidence.seen["can_set_config"])
    folder = song.parent.parent
    for number, probe in enumerate(found, 1):
        tell(number / (len(found) + 2), f"render {number} of {len(found)}")
        evidence.renders[probe.name] = _render(link, job_of(probe, session, plan, folder, project=snapshot["path"]))
    tell(1 - 1 / (len(found) + 2), "the live engine")
    evidence.seen["song_changed"] = _changed(snapshot, _told(link))
    evidence.seen["whole_way"] = _whole_way(session, folder / "whole")


def _render(link: Link, job: dict[str, Any]) -> dict[str, Any]:
    """Run a job to its end and return its last status."""
    link.ask("render_start", job=job, deferred=not link.own)
    while True:
        status: dict[str, Any] = link.ask("render_status", timeout_s=_ANSWER_S)
        if status["state"] in {"done", "failed"}:
            return status
        time.sleep(_POLL_S)


def _whole_way(session: Session, staging: Path) -> float | str:
    """Let the live engine render the song; return how far its stems' sum is from its proof mix, in dB, or its refusal.

    Every tone but the muted ones has its stem; the bus-only track reaches no mix.
    """
    import numpy as np
    import soundfile

    from stemkit.model.delivery import Choices
    from stemkit.reaper.live_engine import LiveEngine
    from stemkit.render.planner import make_plan

    plan = make_plan(session, Choices(tail="none"), media={}, project_name="Self-test", gain="none")
    try:
        audio = LiveEngine(stall_s=_ANSWER_S).render(session, plan, staging)
    except EngineError as error:
        return error.message
    sounds = {one.key: soundfile.read(one.path, dtype="float64", always_2d=True)[0] for one in audio}
    proof = sounds["proof_mix"]
    rest = proof - sum(sounds[stem.file_name] for stem in plan.stems)
    floor = np.finfo(np.float32).tiny
    return float(20 * np.log10((np.abs(rest).max() + floor) / (np.abs(proof).max() + floor)))
