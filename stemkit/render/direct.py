"""Which tracks reach the master's main pair only because effects on the way move their channels there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stemkit.session.channels import Flow, heard_channels
from stemkit.session.edges import folder_parents, raw_edges
from stemkit.session.silence import muted_folders

if TYPE_CHECKING:
    from collections.abc import Iterable

    from stemkit.model.session import Session
    from stemkit.session.routing import Routing

__all__ = ["direct_tracks"]

_MAIN_PAIR = 0b11


def direct_tracks(session: Session, routing: Routing, cuts: Iterable[str]) -> frozenset[str]:
    """Return those of the tracks whose main pair does not arrive at the master once effects are out of the way.

    Parameters
    ----------
    session
        The project.
    routing
        Its graph, effects running.
    cuts
        GUIDs of the tracks at which stems leave the graph.
    """
    asked = [guid for guid in cuts if any(routing.nodes[g].processing for g in routing.downstream(guid))]
    if not asked or all(track.channels <= 2 for track in session.tracks):
        return frozenset()
    tracks = session.tracks
    parents = folder_parents(tracks)
    muted = [track.mute or folder >= 0 for track, folder in zip(tracks, muted_folders(tracks, parents), strict=True)]
    flow = Flow(
        channel_counts=[*(track.channels for track in tracks), session.master.channels],
        has_effects=[False] * (len(tracks) + 1),
    )
    heard = heard_channels(raw_edges(session, parents, muted=muted), flow)
    return frozenset(
        guid for guid in asked if (heard[routing.nodes[guid].index] & _MAIN_PAIR) != _own_pair(routing, guid)
    )


def _own_pair(routing: Routing, guid: str) -> int:
    return _MAIN_PAIR if routing.nodes[guid].track.channels >= 2 else 0b01
