"""Plain text with aligned columns: escaping, widths, wrapping, tables, colour."""

from __future__ import annotations

import textwrap
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["Column", "Style", "cells", "clock", "fit", "paint", "paragraph", "printable", "table"]

Style = Literal["error", "warning", "note", "good", "bold", "faint"]
_SGR: dict[Style, str] = {
    "error": "1;31",
    "warning": "33",
    "note": "36",
    "good": "32",
    "bold": "1",
    "faint": "2",
}


def printable(text: str) -> str:
    r"""Return text in which nothing can move the cursor, ring, change colour or direction: ``\x1b`` for escape."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape", "surrogatepass").decode() for c in text)


def paint(text: str, style: Style | None, *, color: bool) -> str:
    """Colour a text for a terminal, or leave it as it is."""
    return f"\x1b[{_SGR[style]}m{text}\x1b[0m" if color and style is not None and text else text


def cells(text: str) -> int:
    """Return how many columns a text takes on a terminal: wide characters take two, combining ones none."""
    return sum(
        0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in ("W", "F") else 1 for c in text
    )


def fit(text: str, width: int) -> str:
    """Shorten a text in its middle, where names differ least, to at most `width` columns."""
    if cells(text) <= width:
        return text
    head, tail = "", ""
    while True:
        longer = (head, text[-len(tail) - 1] + tail) if len(tail) < len(head) else (head + text[len(head)], tail)
        if cells(longer[0]) + cells(longer[1]) + 1 > width:
            return f"{head}…{tail}"
        head, tail = longer


def clock(seconds: float) -> str:
    """Return a time as ``m:ss.mmm``."""
    milliseconds = round(abs(seconds) * 1000)
    minutes, rest = divmod(milliseconds, 60_000)
    return f"{'-' if seconds < 0 and milliseconds else ''}{minutes}:{rest // 1000:02d}.{rest % 1000:03d}"


def paragraph(text: str, width: int, *, indent: str = "", label: str = "") -> str:
    """Wrap a text; `label` stands before the first line, and the others are indented to match."""
    first = indent + label
    return textwrap.fill(
        text,
        max(width, len(first) + 20),
        initial_indent=first,
        subsequent_indent=" " * len(first),
        break_long_words=False,
        break_on_hyphens=False,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column of a table. `from_width` is the page width from which on it is shown; `stretch` takes the rest."""

    title: str
    right: bool = False
    from_width: int = 0
    stretch: bool = False


def table(columns: Sequence[Column], rows: Sequence[Sequence[str]], width: int, *, gap: int = 2) -> list[str]:
    """Lay out a table; the first line holds the titles.

    Parameters
    ----------
    columns
        Exactly one should stretch; its texts are shortened where they do not fit.
    rows
        One text a column, escaped already.
    width
        Of the page, in columns.
    gap
        Spaces between columns.
    """
    shown = [i for i, column in enumerate(columns) if width >= column.from_width]
    texts = [[columns[i].title for i in shown], *([row[i] for i in shown] for row in rows)]
    widths = [max(cells(line[k]) for line in texts) for k in range(len(shown))]
    rest = width - gap * (len(shown) - 1)
    for k, i in enumerate(shown):
        if columns[i].stretch:
            others = sum(widths) - widths[k]
            widths[k] = min(widths[k], max(8, rest - others))
    return [
        (" " * gap).join(_cell(line[k], widths[k], right=columns[i].right) for k, i in enumerate(shown)).rstrip()
        for line in texts
    ]


def _cell(text: str, width: int, *, right: bool) -> str:
    text = fit(text, width)
    padding = " " * (width - cells(text))
    return padding + text if right else text + padding
