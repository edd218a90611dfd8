"""Whether the stems can add up to the mix before the master effects, and what stands in between."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from stemkit.model.plan import AddsUp
from stemkit.render.words import counted, listed

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from stemkit.model.plan import PlannedStem
    from stemkit.session.routing import Routing

__all__ = ["judge_sum"]

_SOUND = ("is", "are")


def judge_sum(routing: Routing, stems: Iterable[PlannedStem], *, left_out: Sequence[str], bypass_fx: bool) -> AddsUp:
    """Say whether the stems can add up.

    Gain, pan and width between a cut and the master are linear and become part of the stems. Effects there are
    not, whatever they do: they hear one stem instead of all.

    Parameters
    ----------
    routing
        The graph.
    stems
        Those of variant ``stem``.
    left_out
        Names of stems that sound in the mix and that the user left out.
    bypass_fx
        True where no effect runs.
    """
    stems = tuple(stems)
    obstacles = [
        *([] if bypass_fx else _effects_between(routing, stems)),
        *_unreachable(routing, stems),
        *([f"{listed(left_out)} {_SOUND[len(left_out) > 1]} in the mix but left out"] if left_out else []),
        *_circles(routing),
    ]
    return AddsUp(possible=not obstacles, obstacles=tuple(obstacles))


def _effects_between(routing: Routing, stems: Iterable[PlannedStem]) -> Iterator[str]:
    behind: dict[str, list[str]] = defaultdict(list)
    for stem in stems:
        for guid in stem.through:
            if routing.nodes[guid].processing:
                behind[guid].append(stem.name)
    for guid, names in sorted(behind.items(), key=lambda entry: routing.nodes[entry[0]].index):
        node = routing.nodes[guid]
        effects = listed([effect.alias or effect.name for effect in node.processing])
        keyed = [routing.label(edge.source) for edge in node.incoming if edge.role == "sidechain"]
        by = f", steered by {listed(keyed)}," if keyed else ""
        yield f"{effects} on '{node.label}'{by} works on {counted(len(names), 'stem')} on the way to the master"


def _unreachable(routing: Routing, stems: Iterable[PlannedStem]) -> Iterator[str]:
    cuts = [guid for stem in stems if stem.direct for guid, _ in stem.cuts]
    folding = {g for guid in cuts for g in routing.downstream(guid) if routing.nodes[g].processing}
    if cuts:
        ways = listed([node.label for node in routing.order if node.guid in folding])
        names = listed([routing.label(guid) for guid in cuts])
        yield f"the effects on {ways} lead {names} on to the channels of the master: those stems are taken before them"


def _circles(routing: Routing) -> Iterator[str]:
    for cycle in routing.cycles:
        if any(routing.nodes[guid].sounding for guid in cycle):
            way = " → ".join(f"'{routing.label(guid)}'" for guid in (*cycle, cycle[0]))
            yield f"tracks feed each other in a circle: {way}"
