"""The investigation: from a residual to the stems that cause it, or to the statement that none does."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from stemkit.audio.proof.explain import Explanation, Ground, best_explanation, explain_stem, lay_ground
from stemkit.audio.proof.suspects import Relations, relate

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from stemkit.audio.proof.master import BusKind
    from stemkit.audio.proof.streams import Source
    from stemkit.audio.proof.views import Views

__all__ = ["Findings", "investigate"]

_MOST_FAULTS = 3
_TWIN = 0.97


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """What an investigation found.

    Attributes
    ----------
    ground
        The last state, with every accepted explanation applied.
    accepted
        Explanations, the strongest first, each with the rivals it could not be told from.
    relations
        How the stems relate to what was unexplained at the start.
    last
        The same for what is unexplained at the end.
    kin
        A stem from which the unexplained sound seems to be made, as a return or a layer is.
    """

    ground: Ground
    start: Ground
    accepted: tuple[tuple[Explanation, tuple[int, ...]], ...]
    relations: Relations
    last: Relations
    kin: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Standard:
    """How much an explanation has to explain."""

    local_db: float
    cells: int
    rival: float  # a rival with this part of the likelihood cannot be told apart


STANDARDS: dict[BusKind, Standard] = {
    "plain": Standard(local_db=8.0, cells=8, rival=0.8),
    "filter": Standard(local_db=4.0, cells=16, rival=0.75),
    "dynamics": Standard(local_db=4.0, cells=16, rival=0.75),
    "curve": Standard(local_db=4.0, cells=16, rival=0.75),
}


def investigate(
    sources: Sequence[Source], start: Ground, noise: float, *, fold: bool, first: Relations | None = None
) -> Findings:
    """Find the stems whose mending makes the residual fall.

    Parameters
    ----------
    sources
        The stems.
    start
        Sum and mix in windows, and the freedom that the mix bus has in every explanation.
    noise
        Mean square of rounding noise a sample.
    fold
        Compare in mono.
    first
        How the stems relate to what is unexplained, where that is known already.
    """
    ground, kind, views = start, start.kind, start.views
    relations = first = first or relate_stems(sources, ground, fold=fold)
    accepted: list[tuple[Explanation, tuple[int, ...]]] = []
    kin: int | None = None
    for _ in range(_MOST_FAULTS):
        found = _search(sources, ground, relations, {e.stem for e, _ in accepted})
        chosen = _choose(found, relations, STANDARDS[kind])
        if chosen is None:
            break
        if chosen[0].fault == "kin":
            kin = chosen[0].stem
            break
        after = lay_ground(views, ground.total + chosen[0].correction, kind, noise)
        if not _holds(ground, after, chosen[0], STANDARDS[kind]):
            break
        accepted.append(chosen)
        ground = after
        if ground.error.sum() < 20 * ground.floor.sum() * 2:
            break
        relations = relate_stems(sources, ground, fold=fold)
    return Findings(ground=ground, start=start, accepted=tuple(accepted), relations=first, last=relations, kin=kin)


def relate_stems(sources: Sequence[Source], ground: Ground, *, fold: bool) -> Relations:
    """Relate all stems to what is unexplained."""
    return relate(sources, ground.bus.undone - ground.total, ground.bus.undone, ground.views.starts, fold=fold)


def _candidates(relations: Relations) -> list[tuple[int, bool]]:
    """Return the stems worth a closer look, each with whether its share of the mix is gone."""
    gains, spread = relations.gains(), relations.spread()
    gone = (np.abs(gains + 1) < 0.45) & (spread < 0.35)
    picked: dict[int, None] = {}
    for score, count in ((relations.filtered, 3), (relations.alone(), 2), (relations.swapped, 1)):
        for index in np.argsort(-score)[:count]:
            if score[index] > 1e-4:
                picked[int(index)] = None
    by_strength = np.argsort(-np.abs(gains) / np.maximum(spread, 1e-3))
    for index in by_strength[:2]:
        picked[int(index)] = None
    for index in np.flatnonzero(gone)[:3]:
        picked[int(index)] = None
    return [(index, bool(gone[index]) or abs(gains[index]) > 0.4) for index in picked]


def _search(sources: Sequence[Source], ground: Ground, relations: Relations, done: set[int]) -> list[Explanation]:
    found: list[Explanation] = []
    for index, gone in _candidates(relations):
        if index in done:
            continue
        found += explain_stem(ground, index, sources[index], gone=gone)
    return found


def _choose(
    found: list[Explanation], relations: Relations, standard: Standard
) -> tuple[Explanation, tuple[int, ...]] | None:
    """Return the best explanation and the stems that explain nearly as much, or None where none is good enough."""
    stems = {e.stem for e in found}
    best = [best_explanation([e for e in found if e.stem == stem]) for stem in stems]
    good = sorted(
        (e for e in best if e.local_db >= standard.local_db and e.cells >= standard.cells and e.likelihood > 0),
        key=lambda e: -e.likelihood,
    )
    if not good:
        return None
    first = good[0]
    rivals = tuple(e.stem for e in best if e.stem != first.stem and e.likelihood > standard.rival * first.likelihood)
    likeness = relations.likeness()
    if any(abs(likeness[first.stem, r]) < _TWIN for r in rivals):
        return None
    return first, rivals


def _holds(before: Ground, after: Ground, explanation: Explanation, standard: Standard) -> bool:
    """Tell whether the explanation still explains once the bus is fitted anew."""
    change = np.log((before.error + before.floor) / (after.error + after.floor))
    return bool(change.sum() > 0.5 * explanation.likelihood and after.error.sum() < before.error.sum())


def decide_kind(ground: Ground, noise: float) -> tuple[Ground, dict[BusKind, float]]:
    """Return the ground with the simplest bus that explains nearly as much as any, and each bus's null in dB.

    Where some loud cells of time and frequency null by themselves, there is no bus: it would have touched them too.
    """
    depth: dict[BusKind, float] = {"plain": ground.depth_db}
    if nulls_somewhere(ground):
        return ground, depth
    kinds: tuple[BusKind, ...] = ("filter", "dynamics", "curve")
    best = ground
    for kind in kinds:
        other = lay_ground(ground.views, ground.views.total, kind, noise)
        depth[kind] = other.depth_db
        if other.depth_db < best.depth_db - 2:
            best = other
    return best, depth


def nulls_somewhere(ground: Ground) -> bool:
    """Tell whether at least one in fifty of the loud cells nulls below -55 dB."""
    loud = ground.level > 1e-5 * ground.level.max()
    return bool((ground.error[loud] < 10**-5.5 * ground.level[loud]).mean() > 0.02)
