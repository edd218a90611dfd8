"""What each file of a delivery is: a stem, the mix, a reference, or none of these, and by what that was decided.

Pure: paths in, decisions out. A wrong guess would let a mix be judged as a stem or hold the stems against a stem,
so a word alone is never enough where the name also speaks of a part (``Mix_Bus_FX``, ``03_Remix_Vox``).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from stemkit.delivery import role_words as known
from stemkit.rules.words import leading_number, stem_of, without_number, words

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from stemkit.model.audio import Role
    from stemkit.model.plan import Variant

__all__ = ["RoleDecision", "decide_roles", "ignored_because", "looks_like_audio"]

_MOST_MIXES = 3  # a folder named Mix with more files than this holds stems for a mix


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleDecision:
    """One file's role, and why. `partner` is the plain stem of a dry or wet twin."""

    path: str
    role: Role
    reason: str
    variant: Variant | None = None
    partner: str | None = None


def ignored_because(path: str) -> str | None:
    """Say why a file is no part of a delivery, or return None: hidden files, peak files, leavings of systems."""
    for part in path.split("/"):
        if part.startswith("."):
            return "hidden"
        if part.lower() in known.IGNORED_NAMES:
            return "left behind by the operating system"
    return "a peak or index file of a DAW" if _extension(path) in known.IGNORED_EXTENSIONS else None


def looks_like_audio(path: str) -> bool:
    """Tell by the extension whether a file claims to be audio."""
    return _extension(path) in known.AUDIO_EXTENSIONS


def _extension(path: str) -> str:
    return path.rsplit("/", 1)[-1].rpartition(".")[2].lower() if "." in path.rsplit("/", 1)[-1] else ""


def decide_roles(
    paths: Sequence[str], *, mix: str | None = None, references: Collection[str] = ()
) -> tuple[RoleDecision, ...]:
    """Decide on the role of each audio file.

    Parameters
    ----------
    paths
        Audio files, relative to the delivery, with forward slashes.
    mix, references
        Those of `paths` that the user named; they are never doubted.

    Returns
    -------
    tuple of RoleDecision
        In the order of `paths`.
    """
    decided = {path: _by_option(path, mix, references) or _alone(path, paths) for path in paths}
    decided = {path: _beside_stems(choice, decided) for path, choice in decided.items()}
    return _with_variants([decided[path] for path in paths])


def _by_option(path: str, mix: str | None, references: Collection[str]) -> RoleDecision | None:
    if path == mix:
        return RoleDecision(path=path, role="rough_mix", reason="named with --mix")
    if path in references:
        return RoleDecision(path=path, role="reference", reason="named with --reference")
    return None


def _alone(path: str, paths: Sequence[str]) -> RoleDecision:
    """Decide by folder and name; `paths` only tells how full the folder is and whether stems are numbered."""
    for folder in path.split("/")[:-1]:
        if words(folder) in known.REFERENCE_FOLDERS:
            return RoleDecision(path=path, role="reference", reason=f'in the folder "{folder}"')
    name = stem_of(path)
    told = _without_noise(words(without_number(name)))
    if "proof" in told and "mix" in told and known.PART_WORDS.isdisjoint(told):
        return RoleDecision(path=path, role="proof_mix", reason="named a proof mix")
    phrase = _mix_phrase(told, name, paths)
    if phrase is not None:
        return RoleDecision(path=path, role="rough_mix", reason=f'"{phrase}" in the name')
    if _is_reference(told, name):
        return RoleDecision(path=path, role="reference", reason='"reference" in the name')
    folder = path.rpartition("/")[0]
    if words(folder.rpartition("/")[2]) in known.MIX_FOLDERS and _files_in(folder, paths) <= _MOST_MIXES:
        return RoleDecision(path=path, role="rough_mix", reason=f'in the folder "{folder}"')
    return RoleDecision(path=path, role="stem", reason="nothing says otherwise")


def _files_in(folder: str, paths: Iterable[str]) -> int:
    return sum(path.rpartition("/")[0] == folder for path in paths)


def _without_noise(told: tuple[str, ...]) -> tuple[str, ...]:
    """Drop version, format and tempo from the end of a name's words, unless nothing would be left."""
    end = len(told)
    while end > 1 and (told[end - 1].isdigit() or told[end - 1] in known.TRAILING_NOISE):
        end -= 1
    return told[:end]


def _mix_phrase(told: tuple[str, ...], name: str, paths: Sequence[str]) -> str | None:
    """Return the words by which a name means a mix."""
    if not known.PART_WORDS.isdisjoint(told):
        return None
    for phrase in sorted(known.MIX_PHRASES, key=lambda p: (-len(p), p)):
        if phrase in (told[-len(phrase) :], told[: len(phrase)]):
            return " ".join(phrase)
    if len(told) == 1 and told[0] in known.MIX_WORDS:
        return told[0]
    if not told or told[-1] not in known.MIX_WORDS:
        return None
    evidence = (_stands_out(name, paths), _begins_others(told[:-1], name, paths), _only_one_among_parts(name, paths))
    return told[-1] if any(evidence) else None


def _stands_out(name: str, paths: Sequence[str]) -> bool:
    """Tell whether a name has no number where most others have one."""
    numbered = sum(leading_number(stem_of(path)) is not None for path in paths)
    return leading_number(name) is None and 2 * numbered >= len(paths)


def _only_one_among_parts(name: str, paths: Sequence[str]) -> bool:
    """Tell whether most other names are parts of a song and none of them ends like a mix, as Logic's bounce does."""
    if leading_number(name) is not None:
        return False
    others = [_without_noise(words(without_number(stem_of(path)))) for path in paths if stem_of(path) != name]
    parts = sum(not known.PART_WORDS.isdisjoint(other) for other in others)
    alone = known.MIX_WORDS.isdisjoint(other[-1] for other in others if other)
    return alone and parts >= 2 and 2 * parts > len(others)


def _begins_others(title: tuple[str, ...], name: str, paths: Sequence[str]) -> bool:
    """Tell whether most other names begin with these words, as with the title of a song."""
    others = [words(stem_of(path)) for path in paths if stem_of(path) != name]
    alike = sum(other[: len(title)] == title for other in others)
    return bool(title) and alike >= 2 and 2 * alike >= len(others)


def _is_reference(told: tuple[str, ...], name: str) -> bool:
    at_the_edge = bool(told) and not known.REFERENCE_WORDS.isdisjoint({told[0], told[-1]})
    numbered_part = leading_number(name) is not None and len(told) > 1
    return at_the_edge and not numbered_part and known.PART_WORDS.isdisjoint(told)


def _beside_stems(choice: RoleDecision, decided: dict[str, RoleDecision]) -> RoleDecision:
    """Take the one unnumbered file that lies beside a folder of stems for the mix."""
    stems = [c.path for c in decided.values() if c.role == "stem"]
    if choice.role != "stem" or any(c.role in ("rough_mix", "proof_mix") for c in decided.values()):
        return choice
    inside = [path for path in stems if _in_stem_folder(path)]
    name = stem_of(choice.path)
    alone = choice.path not in inside and len(inside) == len(stems) - 1 >= 2
    if alone and leading_number(name) is None and known.PART_WORDS.isdisjoint(words(name)):
        return replace(choice, role="rough_mix", reason="the only file beside the folder of stems")
    return choice


def _in_stem_folder(path: str) -> bool:
    return any(not known.STEM_FOLDERS.isdisjoint(words(folder)) for folder in path.split("/")[:-1])


def _with_variants(decisions: list[RoleDecision]) -> tuple[RoleDecision, ...]:
    """Find dry and wet twins among the stems.

    A word in the folder (``Stems_Dry``) is enough; a word at the end of a name needs its twin, because a dry
    vocal may be the only one. Where a dry and a wet file have no plain one, the wet one stands for the part.
    """
    stems = [choice for choice in decisions if choice.role == "stem"]
    variants = {choice.path: _variant_words(choice.path) for choice in stems}
    plain = {_part(path): path for path, (by_folder, by_name) in variants.items() if not by_folder and not by_name}
    for path, (by_folder, by_name) in variants.items():
        if by_name == "wet" and not by_folder:
            plain.setdefault(_part(path), path)
    return tuple(
        _as_variant(choice, *variants[choice.path], plain.get(_part(choice.path)))
        if choice.path in variants
        else choice
        for choice in decisions
    )


def _as_variant(
    choice: RoleDecision,
    by_folder: Literal["dry", "wet"] | None,
    by_name: Literal["dry", "wet"] | None,
    partner: str | None,
) -> RoleDecision:
    if partner == choice.path or (by_folder is None and (by_name is None or partner is None)):
        return replace(choice, variant="stem")
    variant = by_folder or by_name
    reason = f"in a folder of {variant} stems" if by_folder else f'"{variant}" in the name, the twin of {partner}'
    return replace(choice, variant=variant, partner=partner, reason=reason)


def _variant_words(path: str) -> tuple[Literal["dry", "wet"] | None, Literal["dry", "wet"] | None]:
    """Return the variant that the folder says, and the one that the end of the name says."""
    folder = words(path.rpartition("/")[0].rpartition("/")[2])
    told = _without_noise(words(stem_of(path)))
    return _dry_or_wet(folder), _dry_or_wet(told[-1:])


def _dry_or_wet(told: Collection[str]) -> Literal["dry", "wet"] | None:
    if ("dry" in told) == ("wet" in told):
        return None
    return "dry" if "dry" in told else "wet"


def _part(path: str) -> tuple[str, ...]:
    """Return what a stem plays, without number and variant, for finding its twin."""
    told = words(without_number(stem_of(path)))
    trimmed = _without_noise(told)
    return trimmed[:-1] if trimmed and trimmed[-1] in ("dry", "wet") else told
