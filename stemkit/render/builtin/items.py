"""Items on the timeline: takes read, resampled, levelled, panned and faded into a track's own sound."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from stemkit.render.builtin.channels import Bus, take_channels
from stemkit.render.builtin.envelopes import EnvelopeReader, Times
from stemkit.render.builtin.fades import effective_length_s, fade_gain
from stemkit.render.builtin.grid import to_frame
from stemkit.render.builtin.item_mix import heard_items, silenced_spans
from stemkit.render.builtin.media import LoopStream
from stemkit.render.builtin.pan import take_balance
from stemkit.render.builtin.resample import resampler, sounding_frames
from stemkit.render.builtin.sources import open_source
from stemkit.session.sound import playing_takes

if TYPE_CHECKING:
    from collections.abc import Mapping

    from stemkit.model.session import Item, PooledEnvelope, Session, Take, Track
    from stemkit.render.builtin.grid import Block, Moving, Signal
    from stemkit.render.builtin.media import FilePool, FileStream, Stream

__all__ = ["AUDIBLE", "ItemPlayer", "TakePlayer", "TrackPlayer", "item_frames", "play_offset_s", "source_ratio"]

_OFFSET_OFF, _OFFSET_SAMPLES = 1, 2
AUDIBLE = 0.5  # 3, mute envelope: from here on it sounds, [I]


def play_offset_s(track: Track, rate: int) -> float:
    """Seconds by which a track plays its items later (4, PLAYOFFS, [2+])."""
    if track.play_offset_flags & _OFFSET_OFF:
        return 0.0
    return track.play_offset / rate if track.play_offset_flags & _OFFSET_SAMPLES else track.play_offset


def item_frames(item: Item, offset_s: float, rate: int) -> tuple[int, int]:
    """First frame and end frame of an item (0, item start/end, [M])."""
    return to_frame(item.position_s + offset_s, rate), to_frame(item.position_s + item.length_s + offset_s, rate)


class TakePlayer:
    """One take as a stream at the project's rate, with its own level, pan and envelopes, for an item of `frames`."""

    def __init__(
        self,
        take: Take,
        item: Item,
        pool: FilePool,
        *,
        frames: int,
        rate: int,
        mode: int,
        pools: Mapping[int, PooledEnvelope],
    ) -> None:
        assert take.source is not None
        self.files: list[FileStream] = []
        self._stream: Stream = open_source(take.source, pool, opened=self.files)
        self._offset = to_frame(take.source_offset_s, self._stream.rate)  # 0, SOFFS, [M]
        ratio = source_ratio(take, self._stream.rate, rate)
        self._resampler = resampler(ratio, mode) if ratio != 1 else None
        last = self._offset + (frames - 1) * ratio
        self._loops = item.loop and (self._offset < 0 or last >= self._stream.frames)  # 5, LOOP 1, [I]
        self._sounding = sounding_frames(ratio, self._stream.frames - self._offset)
        if self._loops:
            self._stream = LoopStream(self._stream)
        self._mode = take.channel_mode
        self._gain = item.volume * take.volume  # 3, order: plain products, [M]
        self._pan = take.pan
        self._take_rate = rate / take.play_rate  # frames a second of take time (3, take envelopes, [2+])
        self._envelopes = {e.target: EnvelopeReader(e, pools) for e in take.envelopes if e.active and _has_values(e)}

    def read(self, first: int, count: int) -> Signal:
        """Give `count` frames from frame `first` of the item on, shape (channels, count); one row means mono."""
        data = take_channels(self._frames(first, count), self._mode)
        times = Times(first, count, self._take_rate)
        return self._panned(self._levelled(data, times), times)

    def _frames(self, first: int, count: int) -> Signal:
        if self._resampler is None:
            return self._stream.read(self._offset + first, count)
        start, size = self._resampler.span(first, count)
        data = self._resampler.process(self._seen(self._offset + start, size), first, count)
        if not self._loops:
            data[:, max(0, self._sounding - first) :] = 0.0
        return data

    def _seen(self, start: int, count: int) -> Signal:
        """Read what the filter sees: a loop begins in silence, since its end was not played yet ([I])."""
        silent = min(count, max(0, min(0, self._offset) - start))
        if not silent:
            return self._stream.read(start, count)
        return np.pad(self._stream.read(start + silent, count - silent), ((0, 0), (silent, 0)))

    def _levelled(self, data: Signal, times: Times) -> Signal:
        gain: Moving = self._gain
        if "volume" in self._envelopes:
            gain = gain * self._envelopes["volume"].at(times, 1.0)
        if "mute" in self._envelopes:
            gain = gain * (np.asarray(self._envelopes["mute"].at(times, 1.0)) >= AUDIBLE)
        if isinstance(gain, float) and gain == 1.0:
            return data
        return data * gain

    def _panned(self, data: Signal, times: Times) -> Signal:
        pan: Moving = self._pan
        if "pan" in self._envelopes:  # 3, pan envelope sign: +1 is left, [1]
            pan = np.clip(pan - self._envelopes["pan"].at(times, 0.0), -1.0, 1.0)
        if isinstance(pan, float) and pan == 0.0:
            return data
        left, right = take_balance(pan)
        if data.shape[0] == 1:
            return np.concatenate([data * left, data * right])
        return np.concatenate([data[:1] * left, data[1:2] * right, data[2:]])


def _has_values(envelope: object) -> bool:
    return bool(getattr(envelope, "points", ()) or getattr(envelope, "automation_items", ()))


def source_ratio(take: Take, source_rate: int, rate: int) -> Fraction:
    """Source frames a project frame: play rate times source rate over project rate (5, PLAYRATE, [I] for rate ≠ 1)."""
    speed = Fraction(take.play_rate).limit_denominator(1000)
    if not math.isclose(float(speed), take.play_rate, rel_tol=1e-13):
        speed = Fraction(take.play_rate)
    return speed * Fraction(source_rate, rate)


class ItemPlayer:
    """One item: its takes, fades and the spans where another item takes its place."""

    def __init__(
        self, item: Item, takes: list[TakePlayer], frames: tuple[int, int], spans: list[tuple[int, int]], rate: int
    ) -> None:
        self.start, self.end = frames
        self._item, self._takes, self._spans = item, takes, spans
        # 1, gain: lengths in frames are not rounded, [M]
        self._fade_in = effective_length_s(item.fade_in) * rate
        self._fade_out = effective_length_s(item.fade_out) * rate

    def release(self) -> None:
        """Close the item's files; it has been played."""
        for take in self._takes:
            for file in take.files:
                file.release()

    def add_to(self, bus: Bus, block: Block) -> None:
        """Add what of the item falls into a block."""
        start, end = max(block.start, self.start), min(block.end, self.end)
        if start >= end:
            return
        for take in self._takes:
            data = take.read(start - self.start, end - start)
            self._fade(data, start, end)
            for first, last in self._spans:
                data[:, max(0, first - start) : max(0, last - start)] = 0.0
            _place(bus, data, start - block.start)

    def _fade(self, data: Signal, start: int, end: int) -> None:
        fade_end = min(end, self.start + math.ceil(self._fade_in))
        if fade_end > start:
            t = np.arange(start - self.start, fade_end - self.start) / self._fade_in
            data[:, : fade_end - start] *= fade_gain(self._item.fade_in, t)
        fade_start = max(start, self.end - math.ceil(self._fade_out))
        if fade_start < end:
            t = np.arange(self.end - fade_start, self.end - end, -1) / self._fade_out
            data[:, fade_start - start :] *= fade_gain(self._item.fade_out, t, fade_out=True)


def _place(bus: Bus, data: Signal, offset: int) -> None:
    """Add a take to a track: mono fills both sides at full level (0, mono source, [M])."""
    if data.shape[0] == 1 and bus.channels >= 2:
        data = np.broadcast_to(data, (2, data.shape[1]))
    if bus.signal is None and data.shape[1] == bus.frames and data.shape[0] == bus.channels:
        bus.add(data)
        return
    rows = min(data.shape[0], bus.channels)
    bus.writable()[:rows, offset : offset + data.shape[1]] += data[:rows]


class TrackPlayer:
    """All items of a track, opened when the timeline reaches them and closed behind them."""

    def __init__(self, session: Session, track: Track, pool: FilePool, rate: int) -> None:
        self.channels = max(2, track.channels)
        self._rate, self._pool, self._mode = rate, pool, session.render.resample_mode
        self._pools = {p.pool_id: p for p in session.pooled_envelopes}
        offset_s = play_offset_s(track, rate)
        items = list(heard_items(track))
        spans = silenced_spans(track, items, session.item_mix)
        waiting = [
            (item, item_frames(item, offset_s, rate), [_span(s, offset_s, rate) for s in spans.get(i, [])])
            for i, item in enumerate(items)
        ]
        self._waiting = sorted(waiting, key=lambda w: w[1], reverse=True)
        self._playing: list[ItemPlayer] = []

    def read(self, block: Block) -> Signal | None:
        """Give the track's own sound in a block, or None for silence. Blocks must come in order."""
        while self._waiting and self._waiting[-1][1][0] < block.end:
            item, frames, spans = self._waiting.pop()
            if frames[1] > block.start:
                self._playing.append(self._open(item, frames, spans))
        bus = Bus(self.channels, block.frames)
        for player in self._playing:
            player.add_to(bus, block)
        for player in self._playing:
            if player.end <= block.end:
                player.release()
        self._playing = [p for p in self._playing if p.end > block.end]
        return bus.signal

    def _open(self, item: Item, frames: tuple[int, int], spans: list[tuple[int, int]]) -> ItemPlayer:
        takes = [
            TakePlayer(
                take,
                item,
                self._pool,
                frames=frames[1] - frames[0],
                rate=self._rate,
                mode=self._mode,
                pools=self._pools,
            )
            for take in playing_takes(item)
            if take.source is not None and take.source.media.kind != "empty"
        ]
        return ItemPlayer(item, takes, frames, spans, self._rate)


def _span(seconds: tuple[float, float], offset_s: float, rate: int) -> tuple[int, int]:
    return to_frame(seconds[0] + offset_s, rate), to_frame(seconds[1] + offset_s, rate)
