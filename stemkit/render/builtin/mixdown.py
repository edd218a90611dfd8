"""One pass over the timeline: every item is read once, every stem and mix is mixed from it block by block."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stemkit.render.builtin.channels import Bus
from stemkit.render.builtin.items import TrackPlayer
from stemkit.render.builtin.routes import MASTER, Edge, Route
from stemkit.render.builtin.strips import MasterStrip, SendStrip, TrackStrip

if TYPE_CHECKING:
    from collections.abc import Iterable

    from stemkit.model.session import Session
    from stemkit.render.builtin.grid import Block, Signal
    from stemkit.render.builtin.media import FilePool
    from stemkit.render.builtin.routes import Wiring
    from stemkit.render.builtin.strips import Taps

__all__ = ["Mixdown"]


class Mixdown:
    """The mixer. `needed` are the tracks whose items are heard in what is asked for.

    Parameters
    ----------
    master_channels
        Width of the master bus; what goes to channels beyond is lost.
    """

    def __init__(
        self,
        session: Session,
        wiring: Wiring,
        pool: FilePool,
        *,
        rate: int,
        needed: Iterable[str],
        master_channels: int,
    ) -> None:
        pools = {p.pool_id: p for p in session.pooled_envelopes}
        tracks = wiring.tracks
        self._wiring = wiring
        self._players = {guid: TrackPlayer(session, tracks[guid], pool, rate) for guid in needed}
        self._strips = {guid: TrackStrip(session, track, pools) for guid, track in tracks.items()}
        self._sends = {
            edge: SendStrip(session, edge.send, tracks[edge.source], pools)
            for edges in wiring.edges.values()
            for edge in edges
            if edge.send is not None
        }
        self._master = MasterStrip(session, session.master, pools)
        self._widths = {guid: max(2, track.channels) for guid, track in tracks.items()} | {MASTER: master_channels}
        self._block: Block | None = None
        self._own: dict[str, Signal | None] = {}
        self._full: dict[str, Signal | None] = {}
        self._taps: dict[tuple[str, int], Taps] = {}

    def start(self, block: Block, *, full: Iterable[str]) -> None:
        """Go to the next block: read the items, and mix the inputs of the tracks in `full` (in order of the sound)."""
        self._block = block
        self._own = {guid: player.read(block) for guid, player in self._players.items()}
        self._taps.clear()
        buses: dict[str, Bus] = {}
        self._full = {}
        wanted = list(full)
        inside = {*wanted, MASTER}
        for guid in wanted:
            signal = self._input(buses, guid, self._own.get(guid))
            self._full[guid] = signal
            if signal is not None:
                self._lead_on(guid, signal, (e for e in self._wiring.edges[guid] if e.target in inside), buses)
        self._full[MASTER] = buses[MASTER].signal if MASTER in buses else None

    def mix(self) -> Signal | None:
        """Give the mix at a neutral master; every track that is heard must have been in `full`."""
        return self._full[MASTER]

    def through_master(self, signal: Signal | None) -> Signal | None:
        """Run a mix through the master's fader, pan, mono switch and envelopes."""
        assert self._block is not None
        return None if signal is None else self._master.run(signal, self._block)

    def stem(self, route: Route) -> Signal | None:
        """Mix a stem: what enters at its cuts, through the tracks of its route, at a neutral master."""
        buses: dict[str, Bus] = {}
        entering = {guid: (self._full if everything else self._own).get(guid) for guid, everything in route.cuts}
        for guid in route.order:
            signal = self._input(buses, guid, entering.get(guid))
            if signal is not None:
                self._lead_on(guid, signal, route.edges[guid], buses)
        return buses[MASTER].signal if MASTER in buses else None

    def _input(self, buses: dict[str, Bus], guid: str, own: Signal | None) -> Signal | None:
        if guid not in buses:
            return own
        if own is not None:
            buses[guid].add(own)
        return buses[guid].signal

    def _lead_on(self, guid: str, signal: Signal, edges: Iterable[Edge], buses: dict[str, Bus]) -> None:
        assert self._block is not None
        taps = self._through(guid, signal)
        for edge in edges:
            if edge.target not in buses:
                buses[edge.target] = Bus(self._widths[edge.target], self._block.frames)
            tap: Signal = getattr(taps, edge.tap)
            if edge.send is None:
                main = self._wiring.tracks[guid].main_send
                rows = tap[: main.channel_count] if main.channel_count else tap
                buses[edge.target].add(rows, edge.first)
            else:
                carried = self._sends[edge].carry(tap, self._block)
                buses[edge.target].add(carried, edge.first)

    def _through(self, guid: str, signal: Signal) -> Taps:
        """Taps of a strip; the same sound is not run through the same strip twice in a block."""
        assert self._block is not None
        key = (guid, id(signal))
        if key not in self._taps:
            taps = self._strips[guid].taps(signal, self._block)
            shared = signal is self._own.get(guid) or signal is self._full.get(guid)
            if not shared:
                return taps
            self._taps[key] = taps
        return self._taps[key]
