"""The routing graph of a session: who feeds whom, who is heard, and if not, why."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from stemkit.session.channels import Flow, edge_roles, heard_channels, sounding_channels
from stemkit.session.edges import EdgeRole, RawEdge, all_channels, folder_parents, raw_edges
from stemkit.session.graph import DominatorTree, find_cycles, post_dominators, reach
from stemkit.session.roles import Neighbourhood, Roles, find_roles
from stemkit.session.silence import Silence, Surroundings, find_silences, label_of, muted_folders
from stemkit.session.solo import silenced_by_solo
from stemkit.session.sound import has_live_instrument, plays_midi, processing_effects, sounding_items

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from stemkit.model.session import Effect, HardwareOut, Send, Session, Track

__all__ = ["MASTER", "Edge", "RoutedTrack", "Routing", "build"]

MASTER = "master"  # stands for the master where a GUID is asked for

SoundSource = Literal["items", "instrument"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Edge:
    """A way from one track to another or to the master, by GUID.

    `role` is ``audible`` where sound on it can reach the master, ``sidechain`` where it only steers an effect,
    ``midi`` where it carries notes alone, ``closed`` where it is muted or turned down, else ``unheard``.
    """

    source: str
    destination: str
    kind: Literal["main", "send"]
    role: EdgeRole
    sounding: bool  # audible, and something makes sound on it
    mode: int = 0  # as in Send; a main send is post-fader
    send: Send | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RoutedTrack:
    """One track's place in the graph.

    `source` says what makes sound on the track itself, whether or not it is heard. `heard` is True where the
    track's output reaches the master when nothing is soloed; `audible` also minds solo. `silence` says why a
    track is not audible.
    """

    guid: str
    index: int
    label: str  # the name, or "Track 3"
    track: Track
    parent: str | None
    children: tuple[str, ...]
    source: SoundSource | None
    unfed_instrument: bool  # an instrument that no notes reach
    heard: bool
    audible: bool
    sounding: bool  # heard, and some sound arrives or is made here
    silence: Silence | None
    outgoing: tuple[Edge, ...]
    incoming: tuple[Edge, ...]
    processing: tuple[Effect, ...]  # live effects that change the sound
    hardware_outs: tuple[HardwareOut, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Routing:
    """The graph. Track numbers are places in `order`; what walks the graph takes and gives GUIDs."""

    order: tuple[RoutedTrack, ...]
    nodes: Mapping[str, RoutedTrack]
    edges: tuple[Edge, ...]
    cycles: tuple[tuple[str, ...], ...]
    roles: Roles
    soloed: tuple[str, ...]
    _ahead: Sequence[Sequence[int]]  # sounding edges by number; the master comes last
    _behind: Sequence[Sequence[int]]
    _gates: DominatorTree

    @property
    def sidechains(self) -> tuple[Edge, ...]:
        """Sends that steer an effect and are not heard themselves."""
        return tuple(edge for edge in self.edges if edge.role == "sidechain")

    def downstream(self, guid: str, *, stops: Iterable[str] = ()) -> tuple[str, ...]:
        """Return the tracks that a track's sound runs through on its way to the master, nearest first.

        The walk does not enter `stops`.
        """
        blocked = {self._number(stop) for stop in stops} | {len(self.order)}
        start = self._number(guid)
        ahead = [node for node in self._ahead[start] if node != start]
        return self._guids(n for n in reach(ahead, self._ahead, blocked=blocked) if n != start)

    def upstream(self, guid: str) -> tuple[str, ...]:
        """Return the tracks whose sound reaches this track, nearest first."""
        start = self._number(guid)
        return self._guids(reach([start], self._behind)[1:])

    def contains(self, guid: str) -> tuple[str, ...]:
        """Return the tracks whose own sound is in what leaves this track, itself first."""
        return tuple(g for g in (guid, *self.upstream(guid)) if self.nodes[g].source)

    def returns_of(self, guid: str) -> tuple[str, ...]:
        """Return the returns that carry a track's sound, besides its own way to the master."""
        found = reach([self._number(guid)], self._ahead, blocked=())[1:]
        return tuple(g for g in self._guids(n for n in found if n < len(self.order)) if g in self.roles.returns)

    def misses(self, guid: str) -> tuple[str, ...]:
        """Return the tracks whose processing lies between this track and the master, so that its stem lacks it."""
        way = self.downstream(guid, stops=self.roles.stops)
        return tuple(g for g in way if self.nodes[g].processing)

    def needs(self, guid: str, gate: str) -> bool:
        """Tell whether all of a track's sound enters `gate` before the master."""
        return self._gates.needs(self._number(guid), self._number(gate))

    def label(self, guid: str) -> str:
        """Return a track's name for people."""
        return "the master" if guid == MASTER else self.nodes[guid].label

    def _number(self, guid: str) -> int:
        return len(self.order) if guid == MASTER else self.nodes[guid].index

    def _guids(self, numbers: Iterable[int]) -> tuple[str, ...]:
        return tuple(self.order[number].guid for number in numbers)


def _reached_by_midi(session: Session, edges: Iterable[RawEdge]) -> set[int]:
    ahead: list[list[int]] = [[] for _ in range(len(session.tracks) + 1)]
    for edge in edges:
        if edge.send is None or (edge.send.carries_midi and not edge.send.mute):
            ahead[edge.source].append(edge.destination)
    return set(reach((n for n, track in enumerate(session.tracks) if plays_midi(track)), ahead))


def _sources(session: Session, edges: Iterable[RawEdge]) -> tuple[list[SoundSource | None], set[int]]:
    """Say for each track what sounds on it, and which instruments no notes reach."""
    with_midi = _reached_by_midi(session, edges)
    sources: list[SoundSource | None] = []
    unfed: set[int] = set()
    for number, track in enumerate(session.tracks):
        played = has_live_instrument(track)
        if played and number in with_midi:
            sources.append("instrument")
        else:
            sources.append("items" if any(sounding_items(track)) else None)
            if played:
                unfed.add(number)
    return sources, unfed


@dataclass(frozen=True, slots=True)
class _Graph:
    """Everything by track number, before it gets GUIDs."""

    session: Session
    parents: Sequence[int]
    raw: Sequence[RawEdge]
    roles: Sequence[EdgeRole]
    processing: Sequence[tuple[Effect, ...]]
    sources: Sequence[SoundSource | None]
    unfed: set[int]
    heard: Sequence[int]  # masks of channels
    sounding: Sequence[int]  # masks of channels

    def edges_with(self, role: EdgeRole, *, sounding: bool = False) -> list[RawEdge]:
        return [
            edge
            for edge, its_role in zip(self.raw, self.roles, strict=True)
            if its_role == role and (self.sounding[edge.source] or not sounding)
        ]


def _graph(session: Session) -> _Graph:
    tracks = session.tracks
    parents = folder_parents(tracks)
    muted = [track.mute or folder >= 0 for track, folder in zip(tracks, muted_folders(tracks, parents), strict=True)]
    raw = raw_edges(session, parents, muted=muted)
    processing = [processing_effects(track) for track in tracks]
    flow = Flow(
        channel_counts=[*(track.channels for track in tracks), session.master.channels],
        has_effects=[*(bool(effects) for effects in processing), False],
    )
    heard = heard_channels(raw, flow)
    roles = edge_roles(raw, heard, flow)
    sources, unfed = _sources(session, raw)
    own = [
        all_channels(track.channels) if source and heard[number] else 0
        for number, (track, source) in enumerate(zip(tracks, sources, strict=True))
    ]
    audible = [edge for edge, role in zip(raw, roles, strict=True) if role == "audible"]
    sounding = sounding_channels(audible, [*own, 0], flow)
    return _Graph(session, parents, raw, roles, processing, sources, unfed, heard, sounding)


def _neighbours(count: int, edges: Iterable[RawEdge]) -> tuple[list[list[int]], list[list[int]]]:
    ahead: list[list[int]] = [[] for _ in range(count)]
    behind: list[list[int]] = [[] for _ in range(count)]
    for edge in edges:
        ahead[edge.source].append(edge.destination)
        behind[edge.destination].append(edge.source)
    return ahead, behind


def _named_edges(graph: _Graph) -> list[Edge]:
    guids = [*(track.guid for track in graph.session.tracks), MASTER]
    return [
        Edge(
            source=guids[edge.source],
            destination=guids[edge.destination],
            kind="main" if edge.send is None else "send",
            role=role,
            sounding=role == "audible" and graph.sounding[edge.source] != 0,
            mode=0 if edge.send is None else edge.send.mode,
            send=edge.send,
        )
        for edge, role in zip(graph.raw, graph.roles, strict=True)
    ]


def _nodes(graph: _Graph, edges: Sequence[Edge]) -> tuple[RoutedTrack, ...]:
    tracks = graph.session.tracks
    outgoing: list[list[Edge]] = [[] for _ in range(len(tracks) + 1)]
    incoming: list[list[Edge]] = [[] for _ in range(len(tracks) + 1)]
    for raw, edge in zip(graph.raw, edges, strict=True):
        outgoing[raw.source].append(edge)
        incoming[raw.destination].append(edge)
    children: list[list[str]] = [[] for _ in tracks]
    for track, parent in zip(tracks, graph.parents, strict=True):
        if parent >= 0:
            children[parent].append(track.guid)
    audible = graph.edges_with("audible")
    silences = find_silences(
        Surroundings(tracks=tracks, parents=graph.parents, edges=graph.raw, roles=graph.roles, heard=graph.heard),
        silenced_by_solo(tracks, graph.parents, audible),
    )
    return tuple(
        RoutedTrack(
            guid=track.guid,
            index=number,
            label=label_of(track),
            track=track,
            parent=tracks[graph.parents[number]].guid if graph.parents[number] >= 0 else None,
            children=tuple(children[number]),
            source=graph.sources[number],
            unfed_instrument=number in graph.unfed,
            heard=graph.heard[number] != 0,
            audible=silences[number] is None,
            sounding=graph.heard[number] != 0 and graph.sounding[number] != 0,
            silence=silences[number],
            outgoing=tuple(outgoing[number]),
            incoming=tuple(incoming[number]),
            processing=graph.processing[number],
            hardware_outs=track.hardware_outs,
        )
        for number, track in enumerate(tracks)
    )


def build(session: Session) -> Routing:
    """Work out the routing of a session.

    Parameters
    ----------
    session
        The project. Its tracks need GUIDs that differ.

    Returns
    -------
    Routing
        The graph. Solo changes nothing in it but `RoutedTrack.audible`.
    """
    graph = _graph(session)
    count = len(session.tracks)
    guids = [track.guid for track in session.tracks]
    edges = _named_edges(graph)
    order = _nodes(graph, edges)
    sounding = graph.edges_with("audible", sounding=True)
    ahead, behind = _neighbours(count + 1, sounding)
    gates = post_dominators(ahead, count)
    roles = find_roles(
        Neighbourhood(
            tracks=session.tracks,
            edges=sounding,
            gates=gates,
            sources=[n for n, source in enumerate(graph.sources) if source and graph.heard[n]],
            processing=graph.processing,
        )
    )
    open_ways, _ = _neighbours(count + 1, (e for e in graph.raw if not e.closed and e.source_channels is not None))
    return Routing(
        order=order,
        nodes={node.guid: node for node in order},
        edges=tuple(edges),
        cycles=tuple(tuple(guids[n] for n in cycle) for cycle in find_cycles(open_ways)),
        roles=roles.named(guids),
        soloed=tuple(track.guid for track in session.tracks if track.solo),
        _ahead=ahead,
        _behind=behind,
        _gates=gates,
    )
