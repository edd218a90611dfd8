"""The routing graph of a session: who feeds whom, who is heard, and if not, why."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from stemkit.session.channels import Flow, edge_roles, heard_channels, sounding_channels
from stemkit.session.edges import EdgeRole, RawEdge, all_channels, folder_parents, raw_edges
from stemkit.session.graph import find_cycles, post_dominators, reach
from stemkit.session.plugins import live_effects
from stemkit.session.roles import Neighbourhood, find_roles
from stemkit.session.routed import MASTER, Edge, RoutedTrack, Routing, SoundSource
from stemkit.session.silence import Surroundings, find_silences, label_of, muted_folders
from stemkit.session.solo import silenced_by_solo
from stemkit.session.sound import (
    has_live_instrument,
    playing_takes,
    plays_notes,
    processing_effects,
    sounding_items,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from stemkit.model.audio import MediaInfo
    from stemkit.model.session import Effect, Send, Session, Track

__all__ = ["MASTER", "Edge", "RoutedTrack", "Routing", "build"]


@dataclass(frozen=True, slots=True)
class _Sounds:
    """What sounds by itself, by track number; `unfed` and `players` are about instruments and their notes."""

    sources: Sequence[SoundSource | None]
    unfed: set[int]
    players: set[int]


def _sounds(session: Session, edges: Iterable[RawEdge], muted: Sequence[bool]) -> _Sounds:
    tracks = session.tracks
    ahead, behind = _neighbours(len(tracks) + 1, (e for e in edges if e.send is None or _carries_notes(e.send)))
    with_notes = [n for n, track in enumerate(tracks) if not muted[n] and plays_notes(track)]
    reached = set(reach(with_notes, ahead))
    sources: list[SoundSource | None] = []
    unfed: set[int] = set()
    for number, track in enumerate(tracks):
        live = has_live_instrument(track)
        if live and number in reached:
            sources.append("instrument")
        else:
            sources.append("items" if any(sounding_items(track)) else None)
            if live:
                unfed.add(number)
    played = reach((n for n, source in enumerate(sources) if source == "instrument"), behind)
    return _Sounds(sources, unfed, set(played) & set(with_notes))


def _carries_notes(send: Send) -> bool:
    return send.carries_midi and not send.mute


@dataclass(frozen=True, slots=True)
class _Graph:
    """Everything by track number, before it gets GUIDs."""

    session: Session
    parents: Sequence[int]
    raw: Sequence[RawEdge]
    roles: Sequence[EdgeRole]
    processing: Sequence[tuple[Effect, ...]]
    sounds: _Sounds
    heard: Sequence[int]  # masks of channels
    sounding: Sequence[int]  # masks of channels

    def edges_with(self, role: EdgeRole, *, sounding: bool = False) -> list[RawEdge]:
        return [
            edge
            for edge, its_role in zip(self.raw, self.roles, strict=True)
            if its_role == role and (self.sounding[edge.source] or not sounding)
        ]


def _own_channels(track: Track, media: Mapping[str, MediaInfo | None] | None) -> int:
    """Return the channels that a track's own sound may be on: all, unless its media is known to be narrower."""
    if media is None or live_effects(track.fx):
        return all_channels(track.channels)
    takes = [take for item in sounding_items(track) for take in playing_takes(item) if take.source is not None]
    paths = [take.source.media.resolved_path for take in takes if take.source is not None]
    found = [media.get(path) if path is not None else None for path in paths]
    widths = [info.channels for info in found if info is not None]
    if len(widths) < len(found) or any(live_effects(take.fx) for take in takes):
        return all_channels(track.channels)
    return all_channels(min(track.channels, max((2, *widths))))  # mono plays on both sides


def _graph(session: Session, media: Mapping[str, MediaInfo | None] | None) -> _Graph:
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
    sounds = _sounds(session, raw, muted)
    own = [
        _own_channels(track, media) if source and heard[number] else 0
        for number, (track, source) in enumerate(zip(tracks, sounds.sources, strict=True))
    ]
    audible = [edge for edge, role in zip(raw, roles, strict=True) if role == "audible"]
    sounding = sounding_channels(audible, [*own, 0], flow)
    return _Graph(session, parents, raw, roles, processing, sounds, heard, sounding)


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
            source=graph.sounds.sources[number],
            unfed_instrument=number in graph.sounds.unfed,
            feeds_instrument=number in graph.sounds.players,
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


def build(session: Session, media: Mapping[str, MediaInfo | None] | None = None) -> Routing:
    """Work out the routing of a session.

    Parameters
    ----------
    session
        The project. Its tracks need GUIDs that differ.
    media
        Headers of the media by resolved path; with them, a send from channels that no media fills carries nothing.

    Returns
    -------
    Routing
        The graph. Solo changes nothing in it but `RoutedTrack.audible`.
    """
    graph = _graph(session, media)
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
            sources=[n for n, source in enumerate(graph.sounds.sources) if source and graph.heard[n]],
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
