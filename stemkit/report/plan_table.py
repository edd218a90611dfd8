"""A plan as text: the files, from where to where, and why each track is in or out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stemkit.report.layout import clock, fit, paragraph, printable
from stemkit.session.media import missing_files

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from stemkit.model.plan import Fidelity, PlannedStem, RenderPlan
    from stemkit.model.report import Report

__all__ = ["plan_lines"]

_FOLDERS = {"stem": "Stems", "dry": "Stems_Dry", "wet": "Stems_Wet"}


def _head(plan: RenderPlan) -> Iterator[str]:
    bounds = plan.bounds
    count = len(plan.stems)
    span = f"{clock(bounds.start_s)} to {clock(bounds.end_s)} ({clock(bounds.frames / plan.sample_rate)})"
    yield f"{count} stem{'' if count == 1 else 's'} from {span} at {plan.sample_rate} Hz."
    yield f"Rate: {plan.sample_rate_reason}."
    if bounds.explanation:
        yield bounds.explanation
    yield f"By {plan.by}, encoding {plan.encoding}, gain {plan.gain}, channels {plan.channels}."
    if not plan.stems:
        yield from plan.notes
        return
    if plan.adds_up.possible:
        yield "The stems can add up to the mix before the master."
    else:
        yield "The stems cannot add up to the mix:"
        yield from (f"- {obstacle}" for obstacle in plan.adds_up.obstacles)
    yield from plan.notes


def _why(stem: PlannedStem, fidelity: Fidelity | None, missing: Mapping[str, tuple[str, ...]]) -> str:
    parts = [stem.reason or stem.kind, *stem.notes]
    gone = list(dict.fromkeys(file for guid in stem.tracks for file in missing.get(guid, ())))
    if gone:
        more = f" and {len(gone) - 1} more" if gone[1:] else ""
        parts.append(f"cannot be rendered while its media is missing: {gone[0]}{more}")
    elif fidelity is not None and fidelity.level == "impossible":
        parts.append(f"needs REAPER: {fidelity.reasons[0] if fidelity.reasons else ''}")
    return "; ".join(part for part in parts if part)


def plan_lines(report: Report, width: int) -> Iterator[str]:
    """Yield the lines of a plan, none where the report has no plan.

    Parameters
    ----------
    report
        Its `fidelity`, where it has one, says which stems need REAPER.
    width
        Columns.
    """
    plan = report.plan
    if plan is None:
        return
    for text in _head(plan):
        label = "- " if text.startswith("- ") else ""
        yield paragraph(printable(text.removeprefix(label)), width, indent="  ", label=label)
    tracks = () if report.session is None else report.session.tracks
    missing = {track.guid: missing_files(track) for track in tracks}
    files = {stem: f"{_FOLDERS[stem.variant]}/{stem.file_name}" for stem in plan.stems}
    column = min(max((len(name) for name in files.values()), default=0), max(20, width // 2))
    yield from ("",) if files else ()
    for stem, name in files.items():
        label = f"{fit(printable(name), column):{column}}  "
        why = _why(stem, report.fidelity.get(stem.file_name), missing)
        yield paragraph(printable(why), width, indent="  ", label=label)
    yield from ("", "  Left out") if plan.excluded else ()
    for track in plan.excluded:
        text = f"{track.name or f'Track {track.index + 1}'}: {track.reason}"
        yield paragraph(printable(text), width, indent="    ")
