"""Ways of the sound: which tracks are heard, how they are wired, and what a stem passes on its way to the master."""

from __future__ import annotations

from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from typing import TYPE_CHECKING

from stemkit.session.routing import MASTER, build

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from stemkit.model.plan import PlannedStem, RenderPlan
    from stemkit.model.session import Send, Session, Track

__all__ = ["MASTER", "Edge", "Route", "Wiring"]

# Plans ignore solo; a track that is silent for another reason needs no care, its sound ends by itself.
_SWITCHED_OFF = frozenset({"muted", "folder_muted"})


@dataclass(frozen=True, slots=True, eq=False)
class Edge:
    """One connection that carries sound. `send` is None for a main send, `first` where it lands on the target."""

    source: str
    target: str
    send: Send | None
    first: int

    @property
    def tap(self) -> str:
        """Where on the source track it takes its sound: ``pre_fx``, ``pre_fader`` or ``post``."""
        return "post" if self.send is None else {1: "pre_fx", 3: "pre_fader"}.get(self.send.mode, "post")


@dataclass(frozen=True, slots=True)
class Route:
    """What a stem passes: tracks in the order of the sound, and the edges that lead on from each."""

    cuts: tuple[tuple[str, bool], ...]  # (track, whether everything that reaches it enters, not only its items)
    order: tuple[str, ...]
    edges: dict[str, tuple[Edge, ...]]


class Wiring:
    """The routing graph of a session as far as it is heard.

    `heard` are the tracks that mute leaves alone, `soloed` those that solo leaves alone too (None: no solo).
    """

    def __init__(self, session: Session, *, bypass_fx: bool = False) -> None:
        routing = build(session)
        folded = {node.guid for node in routing.order if node.processing} if bypass_fx else set()
        self.tracks: dict[str, Track] = {t.guid: t for t in session.tracks}
        self.labels = {node.guid: node.label for node in routing.order}
        self.heard = frozenset(
            node.guid for node in routing.order if node.silence is None or node.silence.code not in _SWITCHED_OFF
        )
        self.soloed = frozenset(node.guid for node in routing.order if node.audible) if routing.soloed else None
        self.edges: dict[str, list[Edge]] = {guid: [] for guid in self.tracks}
        for edge in routing.edges:
            if edge.role == "audible":
                main = self.tracks[edge.source].main_send
                first = main.channel_offset if edge.send is None else edge.send.destination_channels.first
                # Effects that would bring further channels to the first pair are off: take the sound as if there.
                landing = 0 if edge.destination in folded else first
                self.edges[edge.source].append(Edge(edge.source, edge.destination, edge.send, landing))
        self.order, self.cycles = self._sorted()
        self._rank = {guid: rank for rank, guid in enumerate(self.order)}

    def _sorted(self) -> tuple[list[str], list[tuple[str, ...]]]:
        """Order the tracks along the sound; a cycle is named and cut at one of its edges."""
        before: dict[str, set[str]] = {guid: set() for guid in self.tracks}
        for edge in self._all_edges():
            before[edge.target].add(edge.source)
        cycles: list[tuple[str, ...]] = []
        while (ring := _find_ring(before)) is not None:
            cycles.append(ring)
            before[ring[1 % len(ring)]].discard(ring[0])
        return list(TopologicalSorter(before).static_order()), cycles

    def _all_edges(self) -> Iterable[Edge]:
        return (edge for edges in self.edges.values() for edge in edges if edge.target != MASTER)

    def upstream(self, guid: str) -> frozenset[str]:
        """All tracks from which sound reaches a track, itself included."""
        sources: dict[str, list[str]] = {}
        for edge in self._all_edges():
            sources.setdefault(edge.target, []).append(edge.source)
        return frozenset(_reach([guid], sources))

    def route(self, plan: RenderPlan, stem: PlannedStem) -> Route:
        """Find the way of a stem from where it is cut to the master (see `stemkit.model.plan`)."""
        stops = plan.stops - set(stem.through) if stem.variant == "wet" else plan.stops
        cuts = tuple((guid, inputs == "all") for guid, inputs in stem.cuts if guid in self.heard)
        return self._route(cuts, lambda edge: edge.target not in stops)

    def mix(self, tracks: frozenset[str]) -> Route:
        """Find the way of the mix of some tracks: the items of each, along the connections between them."""
        inside = tracks | {MASTER}
        cuts = tuple((guid, False) for guid in self.order if guid in tracks)
        return self._route(cuts, lambda edge: edge.source in inside and edge.target in inside)

    def in_order(self, guids: Iterable[str]) -> list[str]:
        """Put tracks in the order of the sound; the cost is theirs, not that of the whole project."""
        return sorted((guid for guid in guids if guid in self._rank), key=self._rank.__getitem__)

    def _route(self, cuts: tuple[tuple[str, bool], ...], is_allowed: Callable[[Edge], bool]) -> Route:
        """Keep of the allowed edges what lies between the cuts and the master; only tracks on the way are looked at."""
        allowed: dict[str, list[Edge]] = {}
        backward: dict[str, list[str]] = {}
        work = [guid for guid, _ in cuts]
        while work:
            guid = work.pop()
            if guid == MASTER or guid in allowed:
                continue
            allowed[guid] = [edge for edge in self.edges.get(guid, ()) if is_allowed(edge)]
            for edge in allowed[guid]:
                backward.setdefault(edge.target, []).append(guid)
                work.append(edge.target)
        useful = _reach([MASTER], backward)
        order = tuple(self.in_order(useful))
        edges = {guid: tuple(e for e in allowed[guid] if e.target in useful) for guid in order}
        return Route(tuple(cut for cut in cuts if cut[0] in useful), order, edges)


def _find_ring(before: dict[str, set[str]]) -> tuple[str, ...] | None:
    """Find tracks that feed each other in a circle, in the order of the sound; None: there is no circle."""
    try:
        TopologicalSorter(before).prepare()
    except CycleError as error:
        return tuple(error.args[1][:-1])
    return None


def _reach(starts: Iterable[str], successors: dict[str, list[str]]) -> set[str]:
    seen = set(starts)
    work = list(seen)
    while work:
        for follower in successors.get(work.pop(), ()):
            if follower not in seen:
                seen.add(follower)
                work.append(follower)
    return seen
