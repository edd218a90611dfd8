"""The rule about how loud the stems would be printed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stemkit.rules.registry import Problem, Unknown, rule
from stemkit.rules.session_context import PROJECT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stemkit.model.session import Session
    from stemkit.rules.profiles.schema import PeakLimits
    from stemkit.rules.session_context import SessionContext

__all__ = ["fader_move_db"]

_INSIDE_DB = 0.1  # aim this far inside the window, as the trims of a render do


def fader_move_db(peak_dbfs: float, low_dbfs: float | None, high_dbfs: float | None) -> float:
    """Return the fader move that brings a peak into a window, in dB; 0 where it lies inside."""
    if high_dbfs is not None and peak_dbfs > high_dbfs:
        return high_dbfs - _INSIDE_DB - peak_dbfs
    if low_dbfs is not None and peak_dbfs < low_dbfs:
        return low_dbfs + _INSIDE_DB - peak_dbfs
    return 0.0


def _window(peak: PeakLimits) -> str:
    limits = (("at least", peak.min_dbfs), ("at most", peak.max_dbfs))
    return ", ".join(f"{word} {limit:g}" for word, limit in limits if limit is not None)


@rule("SK125", "stem-level", severity="warning", scope="session", guide="G1")
def stem_level(session: Session, context: SessionContext) -> Iterator[Problem | Unknown]:  # noqa: ARG001  (rule's shape)
    """Every stem would be printed inside the level window.

    Why: A stem that is too hot leaves the engineer no headroom; one that is far too low wastes resolution and, worse,
    hints that something went wrong.

    Fix in REAPER: move the track's fader, or its trim envelope where the fader is automated, by the figure given.

    Fix in any DAW: Move the channel's fader by the figure given, and export again.

    Source: Guide G1; the window is the profile's `peak`.
    """
    if context.levels is None:
        yield Unknown(subject=PROJECT, reason="the stems' levels were not asked for (--levels)")
        return
    peak = context.profile.peak
    window = context.planned is not None and context.planned.gain == "window"
    for level in context.levels:
        if level.unknown is not None:
            yield Unknown(subject=level.subject, reason=level.unknown)
        elif level.peak_dbfs is None:
            yield Problem(subject=level.subject, message="The stem would be silent.", severity="warning")
        elif move := fader_move_db(level.peak_dbfs, peak.min_dbfs, peak.max_dbfs):
            low = move > 0
            reached = not low or move <= peak.max_raise_db
            yield Problem(
                subject=level.subject,
                message=f"The stem would peak at {level.peak_dbfs:.1f} dBFS; move its fader by {move:+.1f} dB.",
                measured=round(level.peak_dbfs, 2),
                expected=f"{peak.min_dbfs:g} to {peak.max_dbfs:g}"
                if None not in (peak.min_dbfs, peak.max_dbfs)
                else None,
                unit="dBFS",
                severity="note" if low else None,
                handled=f"trimmed by {move:+.1f} dB when it is rendered" if window and reached else None,
            )
