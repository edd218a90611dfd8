"""Envelope curves: the value at every frame of a block, points, automation items and fader scale included."""

from __future__ import annotations

import bisect
import math
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from stemkit.render.builtin.bezier import Controls, bezier

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from stemkit.model.session import AutomationItem, Envelope, EnvelopePoint, PooledEnvelope
    from stemkit.render.builtin.grid import Moving, Signal

__all__ = ["Curve", "EnvelopeReader", "Times", "from_slider", "to_slider"]

_TOP_GAIN = 10 ** (12 / 20)  # 3, fader scale: +12 dB at the top, [2+]
_HOLD, _BEZIER = 1, 5


def to_slider(gain: float) -> float:
    """Fader position 0…1 of a linear gain (3, fader scale, closed form, [M])."""
    return math.copysign(abs((-1 + math.sqrt(1 + 8 * abs(gain) / _TOP_GAIN)) / 2) ** (1 / 3), gain)


def from_slider(position: Signal) -> Signal:
    """Linear gain of a fader position 0…1 (3, fader scale: (G/2)(c + c²) with c = U³, [M])."""
    cube = position**3
    return (_TOP_GAIN / 2) * (cube + cube * cube)


def _bend(shape: int, tension: float, u: Signal, *, fader: bool) -> Signal:
    """How far a segment has come at `u`, 0…1 of its time (3, shapes 0-4 [2+], 5 [1])."""
    if shape == 2:
        return u * u * (3.0 - 2.0 * u)
    if shape == 3:
        return 1.0 - (1.0 - u) ** 3
    if shape == 4:
        return u**3
    if shape == _BEZIER and tension:
        return bezier(u, _bezier_controls(tension, fader=fader))
    return u


def _bezier_controls(tension: float, *, fader: bool) -> Controls:
    """Control points for a tension (3, shape 5, D2D [1]); above zero the curve is turned about its middle."""
    b = 1.0 - min(abs(tension), 1.0)
    if fader:
        x1, y1, x2, y2 = b / 4, 1 - 7 * b / 8, 3 * b / 4, 1 - b / 8
    else:
        x1, y1, x2, y2 = b / 4, 1 - 3 * b / 4, 3 * b / 4, 1 - b / 4
    return (x1, y1, x2, y2) if tension < 0 else (1 - x2, 1 - y2, 1 - x1, 1 - y1)


@dataclass(frozen=True, slots=True)
class Times:
    """Evenly spaced times: `count` frames from frame `first` on, at `rate` frames a second.

    Each is one division, so that a frame on which a point lies has the point's time to the bit.
    """

    first: int
    count: int
    rate: float

    @property
    def first_s(self) -> float:
        """Time of the first frame."""
        return self.first / self.rate

    @property
    def last_s(self) -> float:
        """Time of the last frame."""
        return (self.first + self.count - 1) / self.rate

    def all_s(self) -> Signal:
        """Give every frame's time."""
        return np.arange(self.first, self.first + self.count) / self.rate


@dataclass(frozen=True, slots=True)
class Curve:
    """Points in order of time; `levels` are in the domain in which they are joined (slider or plain value)."""

    times: tuple[float, ...]
    levels: tuple[float, ...]
    shapes: tuple[int, ...]
    tensions: tuple[float, ...]
    fader: bool

    @classmethod
    def of(cls, points: Iterable[EnvelopePoint], *, fader: bool, square: bool = False) -> Curve:
        """Sort the points by time and bring their values into the domain of the curve; `square` ones only jump."""
        ordered = sorted(points, key=lambda p: p.time_s)
        return cls(
            tuple(p.time_s for p in ordered),
            tuple(to_slider(p.value) if fader else float(p.value) for p in ordered),
            tuple(_HOLD if square else p.shape for p in ordered),
            tuple(p.tension for p in ordered),
            fader,
        )

    def at(self, times: Times) -> Moving:
        """Levels at some times; before the first and after the last point they hold (3, SWS [1])."""
        first, last = self._span(times.first_s, times.last_s)
        if first == last and (steady := self._steady(first)) is not None:
            return steady
        return self.levels_at(times.all_s())

    def levels_at(self, times_s: Signal) -> Signal:
        """Levels at rising times, one array."""
        first, last = self._span(float(times_s[0]), float(times_s[-1]))
        out = np.empty(len(times_s))
        ends = np.searchsorted(times_s, self.times[first + 1 : last + 1])
        for segment, (begin, end) in enumerate(pairwise((0, *ends.tolist(), len(times_s))), start=first):
            if end > begin:
                out[begin:end] = self._segment(segment, times_s[begin:end])
        return out

    def _span(self, first_s: float, last_s: float) -> tuple[int, int]:
        """Segments in which two times lie; -1 is before the first point."""
        return bisect.bisect_right(self.times, first_s) - 1, bisect.bisect_right(self.times, last_s) - 1

    def _steady(self, segment: int) -> float | None:
        """Level of a segment that does not move, else None."""
        if segment < 0:
            return self.levels[0]
        if segment >= len(self.times) - 1 or self.shapes[segment] == _HOLD:
            return self.levels[segment]
        return self.levels[segment] if self.levels[segment] == self.levels[segment + 1] else None

    def _segment(self, segment: int, times: Signal) -> Moving:
        steady = self._steady(segment)
        if steady is not None:
            return steady
        begin, end = self.times[segment], self.times[segment + 1]
        low, high = self.levels[segment], self.levels[segment + 1]
        u = (times - begin) / (end - begin)
        return low + (high - low) * _bend(self.shapes[segment], self.tensions[segment], u, fader=self.fader)


class EnvelopeReader:
    """One active envelope with its automation items, read block by block.

    Parameters
    ----------
    envelope
        The envelope.
    pools
        Pooled envelopes of the session by id.
    """

    def __init__(self, envelope: Envelope, pools: Mapping[int, PooledEnvelope]) -> None:
        self._fader = envelope.fader_scaled
        square = envelope.target == "mute"  # 3, mute envelope, [I]
        self._base = Curve.of(envelope.points, fader=self._fader, square=square) if envelope.points else None
        self._items: list[tuple[AutomationItem, Curve, float]] = [
            (item, Curve.of(pools[item.pool_id].points, fader=self._fader, square=square), pools[item.pool_id].length_s)
            for item in sorted(envelope.automation_items, key=lambda i: i.position_s)
            if not item.muted and item.pool_id in pools and pools[item.pool_id].points
        ]

    def at(self, times: Times, neutral: float) -> Moving:
        """Values of the envelope; `neutral` where there is neither a point nor an automation item."""
        level: Moving = self._base.at(times) if self._base else self._to_level(neutral)
        heard = [i for i in self._items if i[0].position_s <= times.last_s and _end_s(i[0]) > times.first_s]
        if heard:
            level = np.array(np.broadcast_to(level, times.count))
            all_s = times.all_s()
            for item, curve, length_s in heard:
                inside = (all_s >= item.position_s) & (all_s < _end_s(item))
                if inside.any():
                    level[inside] = _instance(item, curve, length_s, all_s[inside])
        if not self._fader:
            return level
        return from_slider(level) if isinstance(level, np.ndarray) else float(from_slider(np.asarray(level)))

    def _to_level(self, value: float) -> float:
        return to_slider(value) if self._fader else value


def _end_s(item: AutomationItem) -> float:
    return item.position_s + item.length_s


def _instance(item: AutomationItem, curve: Curve, length_s: float, times_s: Signal) -> Signal:
    """Levels of one automation item; a loop is read run by run. How baseline and amplitude act is inferred ([I])."""
    pool_s = (times_s - item.position_s) * item.play_rate + item.start_offset_s
    if item.loop and length_s > 0:
        pool_s = np.mod(pool_s, length_s)
    wraps = (np.flatnonzero(np.diff(pool_s) < 0) + 1).tolist()
    level = np.concatenate([curve.levels_at(pool_s[a:b]) for a, b in pairwise((0, *wraps, len(pool_s)))])
    return item.baseline + item.amplitude * (level - item.baseline) if item.amplitude != 1.0 else level
