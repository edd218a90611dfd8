"""A plan as text: the files, from where to where, and why each track is in or out."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stemkit.model.plan import Fidelity, PlannedStem, RenderPlan
    from stemkit.model.report import Report

__all__ = ["plan_lines"]

_FOLDERS = {"stem": "Stems", "dry": "Stems_Dry", "wet": "Stems_Wet"}


def _clock(time_s: float) -> str:
    sign = "-" if time_s < 0 else ""
    minutes, seconds = divmod(round(abs(time_s) * 1000) / 1000, 60)
    return f"{sign}{int(minutes)}:{seconds:06.3f}"


def _head(plan: RenderPlan) -> Iterator[str]:
    bounds = plan.bounds
    length = bounds.frames / plan.sample_rate
    start, end = _clock(bounds.start_s), _clock(bounds.end_s)
    count = len(plan.stems)
    yield f"{count} file{'' if count == 1 else 's'} {start} to {end} ({_clock(length)}), {plan.sample_rate} Hz"
    yield f"Rate: {plan.sample_rate_reason}."
    if bounds.explanation:
        yield f"From, to: {bounds.explanation}"
    yield f"Format: {plan.encoding}, gain {plan.gain}, channels {plan.channels}, by {plan.by}."
    if plan.adds_up.possible:
        yield "The stems can add up to the mix before the master."
    else:
        yield f"The stems cannot add up to the mix: {'; '.join(plan.adds_up.obstacles)}."
    yield from plan.notes


def _stem_line(stem: PlannedStem, column: int, fidelity: Fidelity | None) -> str:
    text = f"{_FOLDERS[stem.variant]}/{stem.file_name}".ljust(column)
    parts = [stem.reason or stem.kind, *stem.notes]
    if fidelity is not None and fidelity.level != "exact":
        needs = "needs REAPER" if fidelity.level == "impossible" else "about right without REAPER"
        parts.append(f"{needs}: {'; '.join(fidelity.reasons)}")
    return f"{text}  {'; '.join(part for part in parts if part)}"


def plan_lines(report: Report, width: int) -> Iterator[str]:
    """Yield the lines of a plan.

    Parameters
    ----------
    report
        With a plan; its `fidelity`, where it has one, says which stems need REAPER.
    width
        Columns of the terminal.
    """
    plan = report.plan
    if plan is None:
        return
    for text in _head(plan):
        yield from textwrap.wrap(text, max(width, 40), initial_indent="  ", subsequent_indent="    ")
    column = max((len(_FOLDERS[s.variant]) + 1 + len(s.file_name) for s in plan.stems), default=0)
    column = min(column, max(20, width // 2))
    hanging = " " * (column + 4)
    if plan.stems:
        yield ""
    for stem in plan.stems:
        line = _stem_line(stem, column, (report.fidelity or {}).get(stem.file_name))
        yield from textwrap.wrap(line, max(width, 40), initial_indent="  ", subsequent_indent=hanging)
    if plan.excluded:
        yield ""
        yield "  Left out"
    for track in plan.excluded:
        text = f"{track.name or f'Track {track.index + 1}'}: {track.reason}"
        yield from textwrap.wrap(text, max(width, 40), initial_indent="    ", subsequent_indent="      ")
