"""Words and number formats of the page."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from stemkit.model.report import Severity, Verdict

__all__ = ["BEFORE_RENDERING", "GUIDE_STEPS", "SEVERITY_SIGNS", "VERDICTS", "clock", "decibels", "seconds"]

GUIDE_STEPS: Mapping[str, str] = {
    "G1": "Levels and the master bus",
    "G2": "Format and start",
    "G3": "Clean-up",
    "G4": "Names",
    "G5": "Rough mix and references",
    "G6": "Brief",
}
# Sign and word beside the colour, for those who do not see it.
VERDICTS: Mapping[Verdict, dict[str, str]] = {
    "pass": {"sign": "✓", "word": "Ready to send"},
    "warn": {"sign": "!", "word": "Usable, with questions"},
    "fail": {"sign": "✕", "word": "Not ready"},
}
BEFORE_RENDERING = {"pass": "Ready to render", "warn": "Almost ready to render", "fail": "Not ready to render"}
SEVERITY_SIGNS: Mapping[Severity, str] = {"error": "✕", "warning": "!", "note": "i"}
_MINUS = "\N{MINUS SIGN}"


def decibels(value: float | None, *, signed: bool = False) -> str:
    """Write a level with one digit and a true minus sign; silence and the unknown are a dash."""
    if value is None:
        return "–"
    text = f"{value:+.1f}" if signed else f"{value:.1f}"
    return text.replace("-", _MINUS)


def clock(duration_s: float) -> str:
    """Write a length as minutes and seconds."""
    minutes, rest = divmod(round(duration_s * 10) / 10, 60)
    return f"{int(minutes)}:{rest:04.1f}"


def seconds(position_s: float) -> str:
    """Write a position as minutes and seconds with milliseconds."""
    sign = _MINUS if position_s < 0 else ""
    minutes, rest = divmod(round(abs(position_s) * 1000) / 1000, 60)
    return f"{sign}{int(minutes)}:{rest:06.3f}"
