"""Ask a running REAPER about what stemkit assumes of it: only what can be asked without changing anything.

The open project is rendered by nobody here. Its snapshot is held against its file, if the project is saved.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, is_dataclass
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from stemkit.model.session import Session

__all__ = ["Answer", "SelfTest", "run_selftest", "session_differences"]

Verdict = Literal["holds", "fails", "cannot tell"]

# What the functions do not tell (see `stemkit.reaper.live.NOT_TOLD`), by class; a session's origin is no difference.
_NOT_COMPARED = {
    "Marker": {"name"},
    "Region": {"name"},
    "Source": {"file", "searched", "file_flags", "offline", "midi", "section_overlap_s"},
    "RenderSettings": {"resample_mode"},
    "Effect": {"identifier"},
    "Session": {"source", "reaper_version", "locked", "pooled_envelopes"},
    "Track": {"lanes_playing", "selected"},
}
_TOLERANCE = 1e-6


@dataclass(frozen=True, slots=True)
class Answer:
    """One assumption of ``docs/reaper-matrix.md`` and what this REAPER says to it."""

    name: str
    verdict: Verdict
    found: str


@dataclass(frozen=True, slots=True)
class SelfTest:
    """All answers of one REAPER."""

    reaper: str
    answers: tuple[Answer, ...]


def run_selftest() -> SelfTest:
    """Ask the running REAPER.

    Raises
    ------
    LinkError
        REAPER cannot be reached.
    """
    from stemkit.reaper.link import open_link
    from stemkit.reaper.live import session_from_snapshot

    with open_link() as link:
        facts = link.shake_hands()
        snapshot = link.ask("snapshot")
    return SelfTest(
        facts["reaper"],
        (
            _told("config-names", snapshot["config"], required=("panlaw", "panmode", "itemmixflag", "projmeasoffs")),
            _guids(snapshot),
            Answer("config-by-script", "holds" if facts["can_set_config"] else "fails", "the function is there or not"),
            _against_file(session_from_snapshot(snapshot)),
        ),
    )


def _told(name: str, values: dict[str, Any], *, required: tuple[str, ...]) -> Answer:
    missing = [key for key in required if values.get(key) is None]
    return Answer(name, "fails" if missing else "holds", f"not known: {', '.join(missing)}" if missing else "all known")


def _guids(snapshot: dict[str, Any]) -> Answer:
    effects = [effect for track in snapshot["tracks"] for effect in track["fx"]]
    if not effects:
        return Answer("effect-guid", "cannot tell", "the open project has no effect on a track")
    told = sum(bool(effect["guid"]) for effect in effects)
    return Answer("effect-guid", "holds" if told == len(effects) else "fails", f"{told} of {len(effects)} effects")


def _against_file(live: Session) -> Answer:
    """Hold the open project against its file, which has to be saved and unchanged since."""
    from pathlib import Path

    from stemkit.reaper.project_file import load_project

    if live.path is None or not Path(live.path).is_file():
        return Answer("snapshot-is-file", "cannot tell", "save the open project first")
    found = session_differences(load_project(Path(live.path)), live)
    if not found:
        return Answer("snapshot-is-file", "holds", "every field that REAPER tells is the file's")
    return Answer(
        "snapshot-is-file", "fails", f"{len(found)} fields differ (unsaved edits do so too): {', '.join(found[:8])}"
    )


def session_differences(one: Any, other: Any, where: str = "") -> list[str]:
    """Name the fields in which two sessions differ, by place and without their values, which may be private."""
    if is_dataclass(one) and type(one) is type(other):
        skipped = _NOT_COMPARED.get(type(one).__name__, set())
        return [
            found
            for field in fields(one)
            if field.name not in skipped
            for found in session_differences(
                getattr(one, field.name), getattr(other, field.name), f"{where}.{field.name}"
            )
        ]
    if isinstance(one, tuple) and isinstance(other, tuple):
        one = tuple(entry for entry in one if getattr(entry, "tag", "") != "PROGRAMENV")  # modulation is not told
        if len(one) != len(other):
            return [f"{where} (count)"]
        return [
            found
            for place, pair in enumerate(zip(one, other, strict=True))
            for found in session_differences(*pair, f"{where}[{place}]")
        ]
    numbers = isinstance(one, float) and isinstance(other, (int, float))
    same = abs(one - other) <= _TOLERANCE * max(1.0, abs(one)) if numbers else one == other
    return [] if same else [where]
