"""The routing graph as facts: edges, tracks in their places, and questions about ways through it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from stemkit.session.graph import DominatorTree, reach

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Mapping, Sequence

    from stemkit.model.session import Effect, HardwareOut, Send, Track
    from stemkit.session.edges import EdgeRole
    from stemkit.session.roles import Roles
    from stemkit.session.silence import Silence

__all__ = ["MASTER", "Edge", "RoutedTrack", "Routing", "SoundSource"]

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
    feeds_instrument: bool  # its notes reach an instrument that sounds, here or on another track
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

    def clear_ways(self, stops: Iterable[str]) -> frozenset[str]:
        """Return the tracks, none of the stops, from which sound reaches the master without entering a stop."""
        blocked = {self._number(stop) for stop in stops}
        found = reach([len(self.order)], self._behind, may_enter=lambda number: number not in blocked)
        return frozenset(self._guids(found[1:]))

    def next_tracks(self, guid: str) -> tuple[str, ...]:
        """Return where a track's sound goes first: tracks, or the master."""
        ahead = dict.fromkeys(self._ahead[self._number(guid)])
        return tuple(MASTER if n == len(self.order) else self.order[n].guid for n in ahead)

    def downstream(self, guid: str, *, within: Container[str] | None = None) -> tuple[str, ...]:
        """Return the tracks that a track's sound runs through on its way to the master, nearest first.

        Parameters
        ----------
        guid
            Where the walk begins; not part of the answer.
        within
            Only these tracks are entered, such as `clear_ways` gives them; None: all.
        """
        start, master = self._number(guid), len(self.order)

        def may_enter(number: int) -> bool:
            return number not in (start, master) and (within is None or self.order[number].guid in within)

        return self._guids(reach(self._ahead[start], self._ahead, may_enter=may_enter))

    def upstream(self, guid: str) -> tuple[str, ...]:
        """Return the tracks whose sound reaches this track, nearest first."""
        start = self._number(guid)
        return self._guids(reach([start], self._behind)[1:])

    def contains(self, guid: str) -> tuple[str, ...]:
        """Return the tracks whose own sound is in what leaves this track, itself first."""
        return tuple(g for g in (guid, *self.upstream(guid)) if self.nodes[g].source)

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
