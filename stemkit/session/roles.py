"""Which tracks are returns, and which ones a multi-output instrument feeds.

A return is fed by sends of tracks that also go to the master themselves: it holds an addition, not the tracks.
A bus is fed by tracks that have no other way. A track can be fed by both kinds; then it is a return only where it
has effects of its own and no fewer feeders have another way than tracks need this one. Without effects it is a
bus, since plain gain can be part of every stem.

Tracks that leave by sends alone (main send off) go "themselves" where their most bus-like send goes: the one whose
destination has no creative effect, then none at all, then the loudest.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from stemkit.session.plugins import classify
from stemkit.session.sound import has_live_instrument

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from stemkit.model.session import Effect, Track
    from stemkit.session.edges import RawEdge
    from stemkit.session.graph import DominatorTree

__all__ = ["Neighbourhood", "NumberedRoles", "Roles", "find_roles"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Roles:
    """Tracks by GUID. `instrument_outputs` are fed by a multi-output instrument; its host is in `hosts`."""

    returns: frozenset[str]
    instrument_outputs: frozenset[str]
    hosts: frozenset[str]

    @property
    def stops(self) -> frozenset[str]:
        """Tracks that contain everything that reaches them, so that no other stem runs through them."""
        return self.returns | self.instrument_outputs


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberedRoles:
    """The same by track number."""

    returns: frozenset[int]
    instrument_outputs: frozenset[int]
    hosts: frozenset[int]

    def named(self, guids: Sequence[str]) -> Roles:
        """Give the tracks their GUIDs."""
        return Roles(
            returns=frozenset(guids[n] for n in self.returns),
            instrument_outputs=frozenset(guids[n] for n in self.instrument_outputs),
            hosts=frozenset(guids[n] for n in self.hosts),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Neighbourhood:
    """What the roles follow from. `edges` are the sounding ones; `sources` the tracks that sound themselves."""

    tracks: Sequence[Track]
    edges: Sequence[RawEdge]
    gates: DominatorTree
    sources: Sequence[int]
    processing: Sequence[Sequence[Effect]]

    def main_of(self) -> Mapping[int, int]:
        """Return for each track whose main send sounds where it leads."""
        return {edge.source: edge.destination for edge in self.edges if edge.send is None}

    def sends_from(self) -> Mapping[int, list[RawEdge]]:
        """Return the sounding sends of each track."""
        sends: dict[int, list[RawEdge]] = defaultdict(list)
        for edge in self.edges:
            if edge.send is not None:
                sends[edge.source].append(edge)
        return sends


def find_roles(around: Neighbourhood) -> NumberedRoles:
    """Tell returns and instrument outputs from tracks and buses."""
    main_of, sends_from = around.main_of(), around.sends_from()
    dependants = around.gates.dependants(around.sources)
    fed, hosts = _instrument_outputs(around, main_of, sends_from, dependants)
    direct = {n: _most_bus_like(sends, around) for n, sends in sends_from.items() if n not in main_of}
    parallel: dict[int, set[int]] = defaultdict(set)
    for number, sends in sends_from.items():
        itself = main_of.get(number, direct.get(number, -1))
        for edge in sends:
            there = edge.destination
            plain_bus = number not in main_of and not around.processing[there]
            if not plain_bus and not around.gates.needs(itself, there):
                parallel[there].add(number)
    own = set(around.sources)
    has_children = {to for number, to in main_of.items() if number in own and around.gates.needs(number, to)}
    returns: set[int] = set()
    waiting = list(parallel)
    while waiting:
        number = waiting.pop()
        if number in returns or number in fed or not _is_return(number, around, parallel, dependants, has_children):
            continue
        returns.add(number)
        if number not in main_of:  # a return that ends in another one: that one is the return's end
            for edge in sends_from.get(number, ()):
                parallel[edge.destination].add(number)
                waiting.append(edge.destination)
    return NumberedRoles(returns=frozenset(returns), instrument_outputs=frozenset(fed), hosts=frozenset(hosts))


def _is_return(
    number: int,
    around: Neighbourhood,
    parallel: Mapping[int, set[int]],
    dependants: Sequence[int],
    has_children: set[int],
) -> bool:
    if not dependants[number]:
        return True
    if number in has_children or not around.processing[number]:
        return False
    return len(parallel[number]) >= dependants[number]


def _most_bus_like(sends: Sequence[RawEdge], around: Neighbourhood) -> int:
    def key(edge: RawEdge) -> tuple[bool, bool, float]:
        effects = around.processing[edge.destination]
        creative = any(classify(effect).creative for effect in effects)
        return creative, bool(effects), -(edge.send.volume if edge.send else 1.0)

    return min(sends, key=key).destination


def _instrument_outputs(
    around: Neighbourhood,
    main_of: Mapping[int, int],
    sends_from: Mapping[int, Sequence[RawEdge]],
    dependants: Sequence[int],
) -> tuple[set[int], set[int]]:
    fed: set[int] = set()
    hosts: set[int] = set()
    for number in around.sources:
        sends = sends_from.get(number, ())
        if not any(_leaves_above_the_first_pair(edge) for edge in sends):
            continue
        if not has_live_instrument(around.tracks[number]):
            continue
        outputs = {
            edge.destination
            for edge in sends
            if (_leaves_above_the_first_pair(edge) or number not in main_of)
            and dependants[edge.destination] == int(around.gates.needs(number, edge.destination))
        }
        if outputs:
            fed |= outputs
            hosts.add(number)
    return fed, hosts


def _leaves_above_the_first_pair(edge: RawEdge) -> bool:
    return edge.source_channels is not None and edge.source_channels.first >= 2
