"""Numbers and words out of REAPER's token lines, tolerant of what old versions leave out.

Nothing here raises: a missing or unreadable token gives the default, because a project with one odd line still
renders in REAPER and its other facts still count.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from stemkit.model.session import ChannelRange
from stemkit.reaper.rpp import first_word, tokenize

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = [
    "MAX_CHANNELS",
    "Fields",
    "color_or_none",
    "integer_at",
    "number_at",
    "pan_law_or_none",
    "readable",
    "source_channels",
]

CUSTOM_COLOR_BIT = 0x1000000
MAX_CHANNELS = 128  # of one track, REAPER 7
_MOST = 1e12  # more seconds, ticks or decibels than any project has: a damaged or hand-made line


def number_at(tokens: Sequence[str], index: int, default: float = 0.0) -> float:
    """Return a number, reading ``-1:U`` as -1; what is none, not finite or beyond all reason is the default."""
    if index >= len(tokens):
        return default
    token = tokens[index]
    try:
        value = float(token)
    except ValueError:
        try:
            value = float(token.partition(":")[0])
        except ValueError:
            return default
    return value if abs(value) < _MOST else default  # False for NaN


def integer_at(tokens: Sequence[str], index: int, default: int = 0) -> int:
    """Return a whole number; old versions write some of them as ``4.000000``."""
    if index >= len(tokens):
        return default
    try:
        value = int(tokens[index])
    except ValueError:
        value = int(number_at(tokens, index, default))
    return value if abs(value) < _MOST else default


class Fields:
    """The lines of one block by their key, cut into tokens when asked for.

    Where a key stands twice the last line counts, as for a program that reads from top to bottom.
    """

    __slots__ = ("_lines", "_tokens")

    def __init__(self, lines: Iterable[str]) -> None:
        self._lines = {first_word(line): line for line in lines}
        self._tokens: dict[str, list[str]] = {}

    def __contains__(self, key: str) -> bool:
        return key in self._lines

    def values(self, key: str) -> list[str]:
        """Return the tokens behind the key; none where the key is missing."""
        tokens = self._tokens.get(key)
        if tokens is None:
            line = self._lines.get(key)
            tokens = self._tokens[key] = [] if line is None else tokenize(line)[1:]
        return tokens

    def number(self, key: str, index: int = 0, default: float = 0.0) -> float:
        """Return one value as a number."""
        return number_at(self.values(key), index, default)

    def integer(self, key: str, index: int = 0, default: int = 0) -> int:
        """Return one value as a whole number."""
        return integer_at(self.values(key), index, default)

    def flag(self, key: str, index: int = 0, *, default: bool = False) -> bool:
        """Return one value as a switch."""
        return self.integer(key, index, int(default)) != 0

    def text(self, key: str, index: int = 0) -> str:
        """Return one value as text, empty where missing."""
        values = self.values(key)
        return values[index] if index < len(values) else ""


def readable(text: str) -> str:
    """Turn the bytes of a name that are no UTF-8 into letters.

    Old projects from Windows are in the code page of their computer, which nothing in them names; Western European
    is the likeliest (inferred). The file itself keeps its bytes.
    """
    if text.isascii():
        return text
    try:
        raw = text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:  # half a letter that came from no file
        return text
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("cp1252", "replace")
    return text


def pan_law_or_none(value: float) -> float | None:
    """Give None for the -1 that means the project's pan law."""
    return None if value < 0 else value


def color_or_none(value: int) -> int | None:
    """Give the 24 colour bits as the system stores them, None where no colour was chosen.

    REAPER marks a chosen colour with bit 24 (State Chunk Definitions: 16576 is what stands there without one).
    """
    return value & 0xFFFFFF if value & CUSTOM_COLOR_BIT else None


def source_channels(code: int) -> ChannelRange | None:
    """Decode a send's source channels.

    The low 10 bits are the first channel; the bits above count: 0 stereo, 1 mono, 2 four channels, 3 six …
    (API text of I_SRCCHAN, State Chunk Definitions HWOUT). Below 0 the send carries no audio.
    """
    if code < 0:
        return None
    width = code >> 10
    return ChannelRange(first=code & 0x3FF, count={0: 2, 1: 1}.get(width, min(2 * width, MAX_CHANNELS)))
