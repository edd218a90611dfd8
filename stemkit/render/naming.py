"""File names in the form of the guide: ``01_Kick``, ``07_Vocals_Lead``.

Legal characters are ``A-Z a-z 0-9 _ -``. Any script is transliterated, words are joined with underscores, camelCase
stays, and a number that already stands in front is dropped, since the stems are numbered anew.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from dataclasses import dataclass
from pathlib import PureWindowsPath
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from stemkit.model.plan import Variant

__all__ = ["MAX_NAME_LENGTH", "NameSource", "clean_name", "file_name", "name_from_media", "stem_names"]

MAX_NAME_LENGTH = 48  # leaves room for number, variant and extension within 64, where DAWs cut names off

_SPELLED: Mapping[str, str] = {"&": " and ", "+": " and ", "@": " at ", "%": " percent ", "♯": "sharp", "♭": "flat"}
_DROPPED = re.compile(r"['\u2018\u2019`\u00b4]")  # Don't → Dont
_SEPARATORS = re.compile(r"[^A-Za-z0-9-]+|\s-|-\s")
_UNDERSCORES = re.compile(r"-*_[_-]*")
_NUMBER_PREFIX = re.compile(
    r"""^\s*[\[(#]?\s*(?P<number>\d{1,3})  # at most three digits, perhaps in brackets
        (?:\s*[\])]?\s*[._:)\]-]+\s*|\s+|(?<=0\d)(?=[A-Za-z]))  # 01_Kick, 1. Kick, 1 Kick, 01Kick
        (?=[^\W\d_])(?P<rest>.*)$""",
    re.VERBOSE | re.DOTALL,
)
# What a number in front belongs to: "12 String", "3-Band EQ", "2nd" and the drum machines.
_COUNTED = re.compile(
    r"(?i)(?:strings?|saiten|cordes?|cuerdas?|corde|bands?|parts?|voices?|steps?|ops?|bars?|pole|way|tracks?|bit|mix"
    r"|st|nd|rd|th|inch|hz|khz|oct(?:ave)?s?|on|in)\b"
)
_MACHINES = frozenset({"101", "202", "303", "404", "505", "606", "626", "707", "727", "808", "909"})
# What REAPER and people put behind the name of a recording: date and time, take number, what was done to it.
_MEDIA_TAIL = re.compile(
    r"(?i)(?:[ _-]+(?:\d{6}[_-]\d{4}(?:-\d+)?|glued(?:-\d+)?|consolidated|imported|render(?:ed)?|\d{3}))+$"
)
_MEDIA_EXTENSION = re.compile(r"(?i)\.(?:wav|w64|aiff?|flac|ogg|opus|mp3|m4a|mp4|mov|wv|caf|mid|midi|rpp)(?=$|[ _-])")
_RESERVED = re.compile(r"(?i)^(?:con|prn|aux|nul|com\d|lpt\d)$")
_VARIANT_SUFFIX: Mapping[Variant, str] = {"stem": "", "dry": "_Dry", "wet": "_Wet"}


@dataclass(frozen=True, slots=True, kw_only=True)
class NameSource:
    """Where a stem's name comes from.

    `fallbacks` are tried in order where `name` has no letter or digit; `folder` tells namesakes apart. A name that
    the user `chose` keeps its number and its letters as they are.
    """

    name: str
    fallbacks: tuple[str, ...] = ()
    folder: str = ""
    chosen: bool = False


def _ascii(text: str) -> str:
    from anyascii import anyascii  # noqa: PLC0415  (only names need its tables)

    for sign, word in _SPELLED.items():
        text = text.replace(sign, word)
    return str(anyascii(_DROPPED.sub("", text)))


def _without_number(text: str) -> str:
    match = _NUMBER_PREFIX.match(text)
    if match is None or match["number"] in _MACHINES or _COUNTED.match(match["rest"]):
        return text
    return match["rest"]


def _capital(word: str) -> str:
    return word[:1].upper() + word[1:] if word.islower() else word


def clean_name(text: str, *, chosen: bool = False) -> str:
    """Turn any text into a legal name.

    Parameters
    ----------
    text
        A track's name, or a folder's.
    chosen
        True keeps a number in front and small first letters.

    Returns
    -------
    str
        Legal characters only, at most `MAX_NAME_LENGTH`; empty where the text has neither letter nor digit.
    """
    plain = _DROPPED.sub("", _ascii(text if chosen else _without_number(text)))
    words = [word for word in _SEPARATORS.sub("_", plain).split("_") if word.strip("-")]
    joined = "_".join(word if chosen else _capital(word) for word in words)
    joined = _UNDERSCORES.sub("_", joined).strip("_-")
    return _shortened(joined, MAX_NAME_LENGTH)


def _shortened(name: str, length: int) -> str:
    """Cut a name at its last word that fits, or inside a single long word."""
    if len(name) <= length:
        return name
    cut = name[: length + 1].rfind("_")
    return name[: cut if cut > 0 else length].strip("_-")


def name_from_media(path: str) -> str:
    """Return what a recording's file, or a take named after it, says about the track: no date, take or extension."""
    name = PureWindowsPath(path).name  # takes both kinds of slash
    return _MEDIA_TAIL.sub("", _MEDIA_EXTENSION.sub("", name))


def _first_name(source: NameSource, number: int) -> str:
    cleaned = clean_name(source.name, chosen=source.chosen)
    for fallback in source.fallbacks:
        named = clean_name(fallback)
        if not cleaned and re.search("[A-Za-z]", named):  # the number of a recording names nothing
            cleaned = named
    cleaned = cleaned or f"Track_{number}"
    return f"{cleaned}_Track" if _RESERVED.match(cleaned) else cleaned


def _places(names: Iterable[str]) -> dict[str, list[int]]:
    places: dict[str, list[int]] = defaultdict(list)
    for place, name in enumerate(names):
        places[name.lower()].append(place)  # file systems that fold case are common
    return places


def _with_suffix(name: str, suffix: str) -> str:
    return f"{_shortened(name, MAX_NAME_LENGTH - len(suffix) - 1)}_{suffix}"


def stem_names(sources: Sequence[NameSource]) -> tuple[str, ...]:
    """Name stems so that no two are alike, whatever the case.

    Namesakes get the name of their folder, where that tells them apart, then a number.

    Parameters
    ----------
    sources
        One for each stem, in the order of the delivery.

    Returns
    -------
    tuple[str, ...]
        Names without number, variant and extension.
    """
    names = [_first_name(source, number) for number, source in enumerate(sources, start=1)]
    for namesakes in _places(names).values():
        folders = Counter(sources[place].folder for place in namesakes)
        if len(folders) < 2:
            continue
        for place in namesakes:
            folder = clean_name(sources[place].folder)
            if folder:
                names[place] = _with_suffix(names[place], folder)
    taken = {name.lower() for name in names}
    for namesakes in _places(names).values():
        for place in namesakes[1:]:
            names[place] = _numbered(names[place], taken)
            taken.add(names[place].lower())
    return tuple(names)


def _numbered(name: str, taken: set[str]) -> str:
    count = 2
    while _with_suffix(name, str(count)).lower() in taken:
        count += 1
    return _with_suffix(name, str(count))


def file_name(number: int, name: str, *, count: int, variant: Variant = "stem") -> str:
    """Return a stem's file name without folder and extension, such as ``07_Vocals_Lead_Dry``.

    Parameters
    ----------
    number
        From 1.
    name
        From `stem_names`.
    count
        How many stems there are: decides between two and more digits.
    variant
        A dry or wet version shares number and name with its stem.
    """
    return f"{number:0{max(2, len(str(count)))}d}_{name}{_VARIANT_SUFFIX[variant]}"
