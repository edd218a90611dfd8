"""Where the stems leave the routing graph, so that every path from a source to the master is cut exactly once.

A path is a way of sound from a track that sounds by itself to the master. It is in the stem of the last stop that
it enters, a stop being a track whose stem holds everything that reaches it; where it enters none, it is in the stem
of its source's own items. So a cut is complete when every source either has such a stem or sends all its sound into
stops, and nothing is ever in two stems.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from stemkit.render.words import listed

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from stemkit.model.plan import CutInputs, StemKind
    from stemkit.session.routing import RoutedTrack, Routing

__all__ = ["Cut", "CutStem", "cut_by_track", "feeder_labels"]


@dataclass(frozen=True, slots=True, kw_only=True)
class CutStem:
    """A stem before it has a number. `title` is the name of a group; other stems are named after their track."""

    parts: tuple[tuple[str, CutInputs], ...]
    kind: StemKind
    reason: str
    title: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """A complete cut. `contained` says of tracks that sound but give no stem in whose stem they are heard."""

    stems: tuple[CutStem, ...]
    stops: frozenset[str]
    contained: Mapping[str, str] = field(default_factory=dict)

    @property
    def parts(self) -> tuple[tuple[str, CutInputs], ...]:
        """Every place of the cut."""
        return tuple(part for stem in self.stems for part in stem.parts)


def feeder_labels(routing: Routing, guid: str, *, kind: str = "send") -> list[str]:
    """Return the names of the tracks whose sound reaches a track directly, by sends or by their main send."""
    edges = (edge for edge in routing.nodes[guid].incoming if edge.sounding and edge.kind == kind)
    return list(dict.fromkeys(routing.label(edge.source) for edge in edges))


def _is_steered(node: RoutedTrack) -> bool:
    """Tell whether another track steers an effect here: then what reaches the track must go on reaching it."""
    return any(edge.role == "sidechain" for edge in node.incoming)


def _stops(routing: Routing, sources: Iterable[str]) -> set[str]:
    steered = {
        guid
        for guid in sources
        if _is_steered(routing.nodes[guid]) and not any(edge.sounding for edge in routing.nodes[guid].incoming)
    }
    return {guid for guid in routing.roles.stops if routing.nodes[guid].sounding} | steered


def cut_by_track(routing: Routing, sources: Iterable[str]) -> Cut:
    """Cut at every track that sounds by itself, at returns, and at the outputs of instruments.

    Parameters
    ----------
    routing
        The graph.
    sources
        GUIDs of the tracks that sound by themselves and are heard, in project order.
    """
    own = dict.fromkeys(sources)
    stops = _stops(routing, own)
    clear = routing.clear_ways(stops)
    stems: list[CutStem] = []
    contained: dict[str, str] = {}
    for node in routing.order:
        if node.guid not in own and node.guid not in stops:
            continue
        leaves = any(there in clear or there not in routing.nodes for there in routing.next_tracks(node.guid))
        if leaves:
            stems.append(_track_stem(routing, node, own=node.guid in own, stop=node.guid in stops))
        else:
            holders = [routing.label(g) for g in routing.downstream(node.guid) if g in stops]
            contained[node.guid] = f"it is heard only through {listed(holders)}, whose stem contains it"
    return Cut(stems=tuple(stems), stops=frozenset(stops), contained=contained)


def _track_stem(routing: Routing, node: RoutedTrack, *, own: bool, stop: bool) -> CutStem:
    kind, reason = _kind_and_reason(routing, node, own=own)
    return CutStem(parts=((node.guid, "all" if stop else "items"),), kind=kind, reason=reason)


def _kind_and_reason(routing: Routing, node: RoutedTrack, *, own: bool) -> tuple[StemKind, str]:
    roles = routing.roles
    if node.guid in roles.instrument_outputs:
        hosts = [routing.label(e.source) for e in node.incoming if e.sounding and e.source in roles.hosts]
        return "instrument", f"an output of the instrument on {listed(hosts)} plays through it"
    fed = listed(feeder_labels(routing, node.guid))
    if not own:
        return "return", f"a return: fed by sends of {fed}"
    added = f", and {fed} can be heard in it by sends" if node.guid in roles.returns else ""
    if node.source == "instrument":
        return "instrument", f"its instrument plays{added}"
    return "track", f"it has sounding items{added}"
