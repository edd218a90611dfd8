"""Reporters: the same report as text, JSON, JUnit, annotations or a message.

`render` is the only door; each format has its own module, loaded when it is asked for.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Literal

from stemkit.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from stemkit.model.report import Report

__all__ = ["FORMATS", "exit_code", "render"]

FailOn = Literal["error", "warning", "note", "never"]
DEFAULT_WIDTH = 80
FORMATS: Mapping[str, str] = {
    "text": "stemkit.report.text",
    "json": "stemkit.report.json",
    "junit": "stemkit.report.junit",
    "github": "stemkit.report.github",
    "message": "stemkit.report.message",
}
# What a project's reports print as text differs from what a folder's reports print.
_TEXT_OF_KIND: Mapping[str, str] = {"inspect": "stemkit.report.inspection", "plan": "stemkit.report.inspection"}
_COUNTS_AT: Mapping[str, tuple[Literal["error", "warning", "note"], ...]] = {
    "error": ("error",),
    "warning": ("error", "warning"),
    "note": ("error", "warning", "note"),
    "never": (),
}


def render(report: Report, fmt: str = "text", *, width: int | None = None, color: bool = False) -> str:
    """Turn a report into text of one format.

    Parameters
    ----------
    report
        Any report.
    fmt
        One of `FORMATS`.
    width
        Columns, for ``text``; 80 where it is not given.
    color
        With terminal colour codes, for ``text``.

    Raises
    ------
    UsageError
        There is no such format.
    """
    if fmt not in FORMATS:
        raise UsageError(f"There is no report format {fmt!r}; there are {', '.join(FORMATS)}.")
    name = _TEXT_OF_KIND.get(report.kind, FORMATS[fmt]) if fmt == "text" else FORMATS[fmt]
    text: str = import_module(name).render(report, width=width or DEFAULT_WIDTH, color=color)
    return text


def exit_code(report: Report, fail_on: str = "error") -> int:
    """Return 1 when an open finding is at or above `fail_on` (``never``: never), else 0.

    Raises
    ------
    UsageError
        `fail_on` is no severity.
    """
    if fail_on not in _COUNTS_AT:
        raise UsageError(f"--fail-on takes {', '.join(_COUNTS_AT)}, not {fail_on!r}.")
    return int(any(report.count(severity) for severity in _COUNTS_AT[fail_on]))
