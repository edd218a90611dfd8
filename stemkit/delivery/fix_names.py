"""New names for stems: legal, numbered in order, and nothing that has to be guessed. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stemkit.render.naming import clean_name, file_name
from stemkit.rules.words import leading_number, stem_of, without_number

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stemkit.model.audio import FileFacts
    from stemkit.model.plan import Variant

__all__ = ["new_names"]

_SUFFIXES = ("_Dry", "_Wet", "-dry", "-wet", " dry", " wet", "_dry", "_wet")


def new_names(stems: Sequence[FileFacts], *, renumber: bool, wanted: frozenset[str]) -> dict[str, str]:
    """Choose new paths.

    Parameters
    ----------
    stems
        All stems of all variants.
    renumber
        Count anew from 1, in the order of the numbers and names that are there; a dry or wet version takes the
        number of its stem.
    wanted
        Paths whose names are at fault; the others keep theirs unless they are numbered anew.

    Returns
    -------
    dict
        New path by old path, only where they differ. A name is never invented: what says nothing keeps its words.
    """
    plain = [stem for stem in stems if stem.variant in (None, "stem")]
    ordered = sorted(plain, key=_order)
    numbers = {stem.path: place for place, stem in enumerate(ordered, start=1)} if renumber else {}
    chosen: dict[str, str] = {}
    taken = {stem.path.casefold() for stem in stems}
    for stem in (*ordered, *(other for other in stems if other not in plain)):
        number = numbers.get(stem.path) or numbers.get(stem.partner or "") or _number(stem, len(plain))
        if stem.path not in wanted and not (renumber and number is not None):
            continue
        named = _named(stem, number, len(plain), renumber=renumber)
        path = _free(stem.path, named, taken)
        if path != stem.path:
            chosen[stem.path] = path
            taken.add(path.casefold())
    return chosen


def _order(stem: FileFacts) -> tuple[int, int, str]:
    digits = leading_number(stem_of(stem.path))
    return (0, int(digits), stem.path.casefold()) if digits is not None else (1, 0, stem.path.casefold())


def _number(stem: FileFacts, count: int) -> int | None:
    digits = leading_number(stem_of(stem.path))
    return None if digits is None or count > 999 else int(digits)


def _named(stem: FileFacts, number: int | None, count: int, *, renumber: bool) -> str:
    """Write the file name with extension."""
    name = stem_of(stem.path)
    if number is None:
        return f"{clean_name(name, chosen=True) or 'Stem'}.wav"
    variant: Variant = stem.variant or "stem"
    told = without_number(name)
    if variant != "stem":
        told = next((told[: -len(end)] for end in _SUFFIXES if told.endswith(end)), told)
    cleaned = clean_name(told, chosen=True) or "Stem"
    width = max(count, number) if not renumber else count
    return f"{file_name(number, cleaned, count=width, variant=variant)}.wav"


def _free(path: str, name: str, taken: set[str]) -> str:
    """Put the name into the file's folder; where it is taken by another file, count on."""
    folder, slash, _ = path.rpartition("/")
    head = name.removesuffix(".wav")
    for extra in range(1, 1000):
        candidate = f"{folder}{slash}{head}{'' if extra == 1 else f'_{extra}'}.wav"
        if candidate == path or candidate.casefold() not in taken or candidate.casefold() == path.casefold():
            return candidate
    return path
