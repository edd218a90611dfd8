"""Which channels of which track are heard at the master, and which carry any sound at all.

A track without live effects passes each channel on as it is. Effects may move sound between channels, so a track
with effects is taken to hear everything that arrives on its main pair or on channels that it passes on. What arrives
elsewhere steers an effect and is not heard itself: a sidechain. One send that covers the main pair and more than four
channels is a surround signal, though, which an effect may fold down, and is heard as a whole.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

from stemkit.session.edges import EdgeRole, RawEdge, all_channels

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["Flow", "edge_roles", "heard_channels", "sounding_channels"]

_MAIN_PAIR = 0b11
_WIDEST_WITH_SIDECHAIN = 4  # channels: a stereo track and its key; wider tracks are taken for surround


@dataclass(frozen=True, slots=True)
class Flow:
    """What the channel walk needs to know: channels of each track and, last, of the master; who has live effects."""

    channel_counts: Sequence[int]
    has_effects: Sequence[bool]  # False for the master: stems are taken before it

    @property
    def master(self) -> int:
        """The master's number."""
        return len(self.channel_counts) - 1


def _mask(first: int, count: int) -> int:
    return ((1 << max(0, count)) - 1) << max(0, first)


def _arrives_on(edge: RawEdge) -> int:
    """Return the channels of the destination that an edge reaches."""
    source, destination = edge.source_channels, edge.destination_channels
    if source is None:
        return 0
    width = destination.count if 1 in (source.count, destination.count) else source.count
    return _mask(destination.first, width)


def _moved(edge: RawEdge, mask: int, *, back: bool) -> int:
    """Carry a mask of channels along an edge, or back from its destination to its source."""
    source, destination = edge.source_channels, edge.destination_channels
    if source is None:
        return 0
    here, there = _mask(source.first, source.count), _arrives_on(edge)
    if 1 in (source.count, destination.count):  # one channel spreads, or many are summed into one
        return (here if mask & there else 0) if back else (there if mask & here else 0)
    shift = destination.first - source.first if not back else source.first - destination.first
    moved = mask & (there if back else here)
    moved = moved << shift if shift >= 0 else moved >> -shift
    return moved & (here if back else there)


def _is_sidechain(edge: RawEdge, heard: Sequence[int], flow: Flow) -> bool:
    arrives = _arrives_on(edge) & all_channels(flow.channel_counts[edge.destination])
    return (
        flow.has_effects[edge.destination]
        and arrives != 0
        and not arrives & _MAIN_PAIR
        and not arrives & heard[edge.destination]
    )


def _heard_through(edge: RawEdge, heard: Sequence[int], flow: Flow) -> int:
    """Return the channels of an edge's source that are heard at the master because of this edge."""
    if edge.closed or edge.source_channels is None or not heard[edge.destination]:
        return 0
    if not flow.has_effects[edge.destination]:
        return _moved(edge, heard[edge.destination], back=True)
    count = flow.channel_counts[edge.destination]
    arrives = _arrives_on(edge) & all_channels(count)
    into_sound = arrives & (_MAIN_PAIR | heard[edge.destination])
    if not into_sound:
        return 0
    return _moved(edge, arrives if count > _WIDEST_WITH_SIDECHAIN else into_sound, back=True)


def heard_channels(edges: Sequence[RawEdge], flow: Flow) -> list[int]:
    """Return for each track the mask of those of its output channels that reach the master."""
    arriving: list[list[RawEdge]] = [[] for _ in flow.channel_counts]
    for edge in edges:
        arriving[edge.destination].append(edge)
    heard = [0] * len(flow.channel_counts)
    heard[flow.master] = all_channels(flow.channel_counts[flow.master])
    queue = deque([flow.master])
    while queue:
        for edge in arriving[queue.popleft()]:
            limit = all_channels(flow.channel_counts[edge.source])
            grown = heard[edge.source] | (_heard_through(edge, heard, flow) & limit)
            if grown != heard[edge.source]:
                heard[edge.source] = grown
                queue.append(edge.source)
    return heard


def sounding_channels(edges: Sequence[RawEdge], own: Sequence[int], flow: Flow) -> list[int]:
    """Return for each track the mask of output channels on which there may be sound.

    Parameters
    ----------
    edges
        Edges that are heard; the others change nothing.
    own
        For each track, the mask of channels on which it makes sound itself.
    flow
        Channels and effects.
    """
    leaving: list[list[RawEdge]] = [[] for _ in flow.channel_counts]
    for edge in edges:
        leaving[edge.source].append(edge)
    limits = [all_channels(count) for count in flow.channel_counts]
    sounding = [
        _after_effects(mask & limit, limit, fx) for mask, limit, fx in zip(own, limits, flow.has_effects, strict=True)
    ]
    queue = deque(number for number, mask in enumerate(sounding) if mask)
    while queue:
        number = queue.popleft()
        for edge in leaving[number]:
            there = edge.destination
            arrived = _moved(edge, sounding[number], back=False) & limits[there]
            grown = sounding[there] | _after_effects(arrived, limits[there], flow.has_effects[there])
            if grown != sounding[there]:
                sounding[there] = grown
                queue.append(there)
    return sounding


def _after_effects(mask: int, limit: int, has_effects: bool) -> int:  # noqa: FBT001  (a fact of the track)
    return limit if mask and has_effects else mask


def edge_roles(edges: Sequence[RawEdge], heard: Sequence[int], flow: Flow) -> list[EdgeRole]:
    """Say of each edge what it is for."""
    return [_role(edge, heard, flow) for edge in edges]


def _role(edge: RawEdge, heard: Sequence[int], flow: Flow) -> EdgeRole:
    if edge.source_channels is None:
        return "midi"
    if edge.closed:
        return "closed"
    if _heard_through(edge, heard, flow):
        return "audible"
    return "sidechain" if heard[edge.destination] and _is_sidechain(edge, heard, flow) else "unheard"
