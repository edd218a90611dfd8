"""Dry and wet versions of stems, and when to suggest one.

Where the creative effect is an insert, the pair is ``dry`` and ``stem``; where it is a return, ``stem`` and ``wet``.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from stemkit.render.naming import file_name
from stemkit.render.selection import chosen_tracks
from stemkit.render.words import listed
from stemkit.session.plugins import Category, classify, live_effects
from stemkit.session.sound import is_instrument

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stemkit.model.delivery import Choices
    from stemkit.model.plan import PlannedStem
    from stemkit.model.session import Effect
    from stemkit.session.routing import Routing

__all__ = ["add_variants"]

_EVERYTHING = "all"
_STRONG: frozenset[Category] = frozenset({"amp", "distortion", "vocoder", "reverb"})  # as an insert it makes the sound


def add_variants(
    routing: Routing, stems: Sequence[PlannedStem], choices: Choices
) -> tuple[list[PlannedStem], list[str]]:
    """Return the stems with their dry and wet versions behind them, and notes on what could not be made.

    Raises
    ------
    UsageError
        A pattern of `Choices.dry` or `Choices.wet` fits no track.
    """
    everything = _EVERYTHING in choices.dry
    patterns = [pattern for pattern in choices.dry if pattern != _EVERYTHING]
    dry = chosen_tracks(routing, patterns, "--dry")
    wet = chosen_tracks(routing, choices.wet, "--wet")
    all_stems = everything and not patterns
    plain: list[PlannedStem] = []
    more: list[PlannedStem] = []
    notes: list[str] = []
    for stem in stems:
        cuts = {guid for guid, _ in stem.cuts}
        lost = _lost_effects(routing, stem, everything=everything)
        if (all_stems and lost and stem.kind != "return") or cuts & dry:
            more += _dry(stem, lost, len(stems), notes)
        plain.append(stem if cuts & dry or choices.bypass_fx else _with_suggestion(routing, stem))
        if cuts & wet:
            more += _wet(routing, stem, len(stems), notes)
    if all_stems and not any(stem.variant == "dry" for stem in more):
        notes.append("No stem has an effect that is on, so there is no dry version of any.")
    dry_first = sorted(more, key=lambda stem: stem.variant)
    return [*plain, *dry_first], notes


def _lost_effects(routing: Routing, stem: PlannedStem, *, everything: bool) -> list[Effect]:
    """Return the inserts of a stem's own tracks that its dry version loses."""
    return [
        effect
        for guid, _ in stem.cuts
        for effect in live_effects(routing.nodes[guid].track.fx)
        if not is_instrument(effect) and (everything or classify(effect).creative)
    ]


def _named(effects: Sequence[Effect]) -> str:
    return listed([effect.alias or effect.name for effect in effects])


def _dry(stem: PlannedStem, lost: Sequence[Effect], count: int, notes: list[str]) -> list[PlannedStem]:
    if stem.kind == "return":
        notes.append(f"{stem.name} is a return: without its effects it would be the tracks once more.")
        return []
    nameless = [effect for effect in lost if not effect.guid]
    if nameless:
        notes.append(f"{_named(nameless)} on {stem.name} has no id in the project, so no dry version can be made.")
    elif not lost:
        notes.append(f"{stem.name} has no creative effect that is on, so its dry version would be the stem itself.")
    if nameless or not lost:
        return []
    return [
        replace(
            stem,
            variant="dry",
            file_name=file_name(stem.number, stem.name, count=count, variant="dry"),
            bypassed=tuple(effect.guid for effect in lost),
            reason=f"{stem.name} without {_named(lost)}",
            notes=(),
        )
    ]


def _wet(routing: Routing, stem: PlannedStem, count: int, notes: list[str]) -> list[PlannedStem]:
    way = list(dict.fromkeys(there for guid, _ in stem.cuts for there in routing.downstream(guid)))
    returns = [guid for guid in way if guid in routing.roles.returns]
    if not returns:
        notes.append(f"{stem.name} is sent to no return, so its wet version would be the stem itself.")
        return []
    return [
        replace(
            stem,
            variant="wet",
            file_name=file_name(stem.number, stem.name, count=count, variant="wet"),
            through=tuple(way),
            reason=f"{stem.name} with its share of {listed([routing.label(guid) for guid in returns])}",
            notes=(),
        )
    ]


def _with_suggestion(routing: Routing, stem: PlannedStem) -> PlannedStem:
    if stem.kind not in ("track", "instrument"):
        return stem
    strong = [
        effect for effect in _lost_effects(routing, stem, everything=False) if classify(effect).category in _STRONG
    ]
    if not strong:
        return stem
    kinds = " and ".join(dict.fromkeys(classify(effect).category for effect in strong))
    note = (
        f"{_named(strong)} ({kinds}) makes the sound as an insert: some engineers want a dry version beside it "
        f"(--dry {routing.label(stem.cut_guid)!r})."
    )
    return replace(stem, notes=(*stem.notes, note))
