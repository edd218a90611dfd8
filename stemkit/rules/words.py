"""Taking the name of a file or track apart: number, words, extension, and whether it says anything."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["MACHINES", "leading_number", "stem_of", "tell_nothing", "without_number", "words"]

_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_WORD = re.compile(r"\d+|[^\W\d_]+")
_NUMBER = re.compile(r"^(\d{1,3})(?=[ _.\-]|[A-Z])[ _.\-]*")
# Drum machines and synthesisers that begin a name without counting anything.
MACHINES = frozenset({"101", "202", "303", "606", "707", "808", "909"})

_SAYS_NOTHING = frozenset(
    {"audio", "track", "tracks", "untitled", "unnamed", "unknown", "new", "name", "no", "stem", "file", "bounce"}
    | {"render", "rendered", "export", "exported", "mixdown", "recording", "rec", "take", "region", "clip", "item"}
    | {"midi", "inst", "instrument", "bus", "group", "aux", "channel", "ch", "copy", "merged", "glued", "consolidated"}
    | {"tmp", "temp", "test", "spur", "kanal", "pista", "piste", "traccia"}  # and "track" in four other languages
)


def stem_of(path: str) -> str:
    """Return a path's last part without its extension."""
    name = path.rsplit("/", 1)[-1]
    head, dot, extension = name.rpartition(".")
    return head if dot and head and len(extension) <= 4 and extension.isalnum() else name


def words(name: str) -> tuple[str, ...]:
    """Split a name into lower-case words: ``RoughMix_v2`` gives ``rough mix v 2``."""
    return tuple(word.casefold() for word in _WORD.findall(_CAMEL.sub(" ", name)))


def leading_number(name: str) -> str | None:
    """Return the digits that number a name (``01`` of ``01_Kick``), or None; ``808_Bass`` is not numbered."""
    found = _NUMBER.match(name)
    return found.group(1) if found and found.group(1) not in MACHINES else None


def without_number(name: str) -> str:
    """Return a name without the number that it begins with."""
    return name if leading_number(name) is None else _NUMBER.sub("", name)


def tell_nothing(told: Iterable[str]) -> bool:
    """Tell whether the words of a name say nothing about what plays: ``track 3``, ``audio 01``, or no word at all."""
    return all((word.isdigit() and word not in MACHINES) or word in _SAYS_NOTHING for word in told)
