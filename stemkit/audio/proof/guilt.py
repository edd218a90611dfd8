"""The investigation: from a residual to the stems that cause it, or to the statement that none does."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from stemkit.audio.proof.explain import Explanation, Ground, best_explanation, lay_ground, refit, weigh
from stemkit.audio.proof.faults import explain_level, explain_place
from stemkit.audio.proof.nulls import nulls_somewhere
from stemkit.audio.proof.suspects import Relations, relate

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stemkit.audio.proof.master import BusKind
    from stemkit.audio.proof.streams import Source

__all__ = ["Findings", "decide_kind", "investigate", "investigate_behind", "relate_stems"]

_MOST_FAULTS = 3
_TWIN = 0.97
_BEYOND_DOUBT_DB = 30.0
_CERTAIN_CELLS = 20
_CLOSE_LOOKS = 3
_FREE = ("kin", "processed", "balance")
_PLACES = ("late", "early", "drift")
_MOSTLY = 0.8
_LEAST_GAIN_DB = 0.3
_NEARLY_NULL_DB = -60.0
_NOTHING_LEFT = 40  # times the floor
_SECOND = 0.7  # of an explanation's worth, when it still has it beside another one

Accepted: TypeAlias = "tuple[Explanation, tuple[int, ...]]"


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
    leads
        The best explanations of the last round, whether they were good enough or not.
    lossy
        The mix comes from a lossy codec.
    """

    ground: Ground
    start: Ground
    accepted: tuple[Accepted, ...]
    relations: Relations
    last: Relations
    kin: int | None = None
    leads: tuple[Explanation, ...] = ()
    lossy: bool = False

    @property
    def standard(self) -> Standard:
        """Return what an explanation has to reach."""
        return _LOSSY if self.lossy and self.ground.kind == "plain" else STANDARDS[self.ground.kind]


@dataclass(frozen=True, slots=True, kw_only=True)
class Standard:
    """How much an explanation has to explain.

    A level that does not end in a null counts only from `level_db` on: a stem that is missing is often made of another
    one, and that one's level then seems too low.
    """

    local_db: float
    level_db: float
    cells: int
    rival: float  # a rival with this part of the likelihood cannot be told apart


STANDARDS: dict[BusKind, Standard] = {
    "plain": Standard(local_db=8.0, level_db=15.0, cells=8, rival=0.8),
    "filter": Standard(local_db=4.0, level_db=6.5, cells=16, rival=0.75),
    "dynamics": Standard(local_db=4.0, level_db=6.5, cells=16, rival=0.75),
    "curve": Standard(local_db=4.0, level_db=6.5, cells=16, rival=0.75),
}
# A codec's own noise stays wherever a fault is mended.
_LOSSY = Standard(local_db=5.0, level_db=7.0, cells=24, rival=0.75)


def investigate(
    sources: Sequence[Source], start: Ground, noise: float, *, fold: bool, first: Relations, lossy: bool
) -> Findings:
    """Find the stems whose mending makes the residual fall.

    Parameters
    ----------
    sources
        The stems.
    start
        Sum and mix in windows, the mix bus doing nothing.
    noise
        Mean square of rounding noise a sample.
    fold
        Compare in mono.
    first
        How the stems relate to the residual.
    lossy
        The mix comes from a lossy codec.
    """
    state = Findings(ground=start, start=start, accepted=(), relations=first, last=first, lossy=lossy)
    return _go_on(sources, state, noise, fold=fold)


def investigate_behind(
    sources: Sequence[Source], plain: Findings, ground: Ground, noise: float, *, fold: bool
) -> Findings:
    """Go on with a bus in between: what was accepted without it has to hold with it, too.

    Parameters
    ----------
    sources
        The stems.
    plain
        What was found as if there were no bus.
    ground
        The same sum with the bus.
    noise, fold
        As for `investigate`.
    """
    kept: list[Accepted] = []
    for explanation, rivals in plain.accepted:
        without = lay_ground(ground.views, ground.total - explanation.correction, ground.kind, noise)
        worth = weigh(without, ground, explanation)
        if worth.likelihood > 0 and _good(worth, without, ground, STANDARDS[ground.kind]):
            kept.append((worth, rivals))
        else:
            ground = without
    relations = relate_stems(sources, ground, fold=fold)
    state = replace(plain, ground=ground, accepted=tuple(kept), last=relations, kin=None)
    return _go_on(sources, state, noise, fold=fold)


def _go_on(sources: Sequence[Source], state: Findings, noise: float, *, fold: bool) -> Findings:
    standard = state.standard
    while len(state.accepted) < _MOST_FAULTS and state.ground.error.sum() > _NOTHING_LEFT * state.ground.floor.sum():
        best = _search(sources, state.ground, state.last, _settled(state.accepted, state.relations))
        chosen = _choose(best, state, noise, standard)
        if chosen is None:
            leads = sorted((e for e in best if e.likelihood > 0), key=lambda e: -e.likelihood)[:_CLOSE_LOOKS]
            return replace(state, leads=tuple(leads))
        explanation, rivals, after = chosen
        if explanation.fault == "kin":
            return replace(state, kin=explanation.stem)
        relations = relate_stems(sources, after, fold=fold)
        state = replace(state, ground=after, accepted=(*state.accepted, (explanation, rivals)), last=relations)
    return replace(state, leads=())


def _settled(accepted: Sequence[Accepted], relations: Relations) -> set[int]:
    """Return the stems that an accepted explanation speaks about: the accused and those that sound the same."""
    likeness = np.abs(relations.likeness())
    return {int(k) for e, _ in accepted for k in np.flatnonzero(likeness[e.stem] > _TWIN)}


def relate_stems(sources: Sequence[Source], ground: Ground, *, fold: bool) -> Relations:
    """Relate all stems to what is unexplained."""
    return relate(sources, ground.bus.undone - ground.total, ground.bus.undone, ground.views.starts, fold=fold)


def _candidates(relations: Relations) -> dict[int, bool]:
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
    return {index: bool(gone[index]) or abs(gains[index]) > 0.15 for index in picked}


def _search(sources: Sequence[Source], ground: Ground, relations: Relations, done: set[int]) -> list[Explanation]:
    """Return the best explanation of each suspect. The others go at once: each holds the audio of all windows."""
    candidates = {index: gone for index, gone in _candidates(relations).items() if index not in done}
    best: dict[int, Explanation] = {}
    for index in candidates:
        found = explain_level(ground, index, sources[index])
        if found:
            best[index] = best_explanation(found)
    # That nothing is left where a stem is taken away proves little: it may have to play elsewhere.
    certain = (e for e in best.values() if e.fault not in {"extra", "balance"} and e.cells > _CERTAIN_CELLS)
    if any(e.local_db > _BEYOND_DOUBT_DB for e in certain):
        return list(best.values())
    likely = [int(k) for k in np.argsort(-relations.filtered) if int(k) in best][:2]
    for index, gone in candidates.items():
        if index in best and (gone or index in likely):
            found = explain_place(ground, index, sources[index], gone=gone)
            best[index] = best_explanation([best[index], *found])
    return list(best.values())


def _good(explanation: Explanation, before: Ground, after: Ground, standard: Standard) -> bool:
    """Tell whether an explanation is good enough to accuse a stem."""
    is_level, behind_bus = explanation.fault == "gain", before.kind != "plain" or standard is _LOSSY
    wanted = standard.level_db if is_level and after.depth_db > _NEARLY_NULL_DB else standard.local_db
    if behind_bus and explanation.fault in _FREE:
        return False  # behind a bus or a codec anything fits through a filter
    # A codec or a bus moves what it touches by as much; only a null tells so small a change from theirs.
    if is_level and abs(20 * np.log10(explanation.gain)) < _LEAST_GAIN_DB and after.depth_db > _NEARLY_NULL_DB:
        return False
    deep = explanation.local_db >= wanted and explanation.cells >= standard.cells
    return deep and bool(after.error.sum() < before.error.sum())


def _convinces(explanation: Explanation, standard: Standard) -> bool:
    """Tell whether an explanation is good enough by itself: a place that fits one hit of many is another take's."""
    deep = explanation.local_db >= standard.local_db and explanation.cells >= standard.cells
    return deep and (explanation.fault not in _PLACES or explanation.agreed >= _MOSTLY)


def _choose(
    best: list[Explanation], state: Findings, noise: float, standard: Standard
) -> tuple[Explanation, tuple[int, ...], Ground] | None:
    """Return the best explanation, its twins, and the ground after it; None where none is good enough."""
    first = sorted((e for e in best if e.likelihood > 0), key=lambda e: -e.likelihood)
    if state.ground.kind == "plain":
        free = _FREE if state.lossy else ()
        first = [e for e in first if e.fault not in free and _convinces(e, standard)][:1]
    else:
        # Behind a bus anything fits through a filter; and what was found without the bus may fit better with it.
        done = _settled(state.accepted, state.relations)
        leads = [e for e in state.leads if e.fault not in _FREE and e.stem not in done]
        first = [*[e for e in first if e.fault not in _FREE][:_CLOSE_LOOKS], *leads]
    fitted = [refit(state.ground, e, noise) for e in first]
    good = [(e, after) for e, after in fitted if _good(e, state.ground, after, standard)]
    if not good:
        return None
    chosen, after = max(good, key=lambda pair: pair[0].likelihood)
    others = [e for e, _ in fitted] if state.ground.kind != "plain" else best
    rivals = _rivals(chosen, others, after, noise, standard)
    likeness = np.abs(state.relations.likeness())
    if any(likeness[chosen.stem, r] < _TWIN for r in rivals):
        return None
    return chosen, rivals, after


def _rivals(
    chosen: Explanation, others: list[Explanation], after: Ground, noise: float, standard: Standard
) -> tuple[int, ...]:
    """Return the stems whose explanation is about as good as the chosen one, and is gone once that one is applied.

    One that is as good afterwards explains something else: a second fault, and no rival.
    """
    close = (e for e in others if e.stem != chosen.stem and e.likelihood > standard.rival * chosen.likelihood)
    return tuple(dict.fromkeys(e.stem for e in close if refit(after, e, noise)[0].likelihood < _SECOND * e.likelihood))


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
        other = lay_ground(ground.views, ground.total, kind, noise)
        depth[kind] = other.depth_db
        if other.depth_db < best.depth_db - 2:
            best = other
    return best, depth
