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
    from collections.abc import Iterable, Mapping, Sequence

    from stemkit.model.session import AutomationItem, Envelope, EnvelopePoint, PooledEnvelope
    from stemkit.render.builtin.grid import Moving, Signal

__all__ = ["Curve", "EnvelopeReader", "from_slider", "to_slider"]

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
class Curve:
    """Points in order of time; `levels` are in the domain in which they are joined (slider or plain value)."""

    times: tuple[float, ...]
    levels: tuple[float, ...]
    shapes: tuple[int, ...]
    tensions: tuple[float, ...]
    fader: bool

    @classmethod
    def of(cls, points: Iterable[EnvelopePoint], *, fader: bool) -> Curve:
        """Sort the points by time and bring their values into the domain of the curve."""
        ordered = sorted(points, key=lambda p: p.time_s)
        return cls(
            tuple(p.time_s for p in ordered),
            tuple(to_slider(p.value) if fader else p.value for p in ordered),
            tuple(p.shape for p in ordered),
            tuple(p.tension for p in ordered),
            fader,
        )

    def at(self, start_s: float, step_s: float, count: int) -> Moving:
        """Levels at `count` times from `start_s` on; before the first and after the last point they hold ([1])."""
        end_s = start_s + (count - 1) * step_s
        first = bisect.bisect_right(self.times, start_s) - 1
        last = bisect.bisect_right(self.times, end_s) - 1
        if first == last and (steady := self._steady(first)) is not None:
            return steady
        out = np.empty(count)
        done = 0
        for segment in range(first, last + 1):
            end = count if segment == last else self._frames_before(segment + 1, start_s, step_s, count)
            if end > done:
                out[done:end] = self._segment(segment, start_s + np.arange(done, end) * step_s)
                done = end
        return out

    def _frames_before(self, point: int, start_s: float, step_s: float, count: int) -> int:
        """How many of the block's times lie before a point."""
        guess = math.ceil((self.times[point] - start_s) / step_s)
        while guess > 0 and start_s + (guess - 1) * step_s >= self.times[point]:
            guess -= 1
        while guess < count and start_s + guess * step_s < self.times[point]:
            guess += 1
        return max(0, min(guess, count))

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
        self._base = Curve.of(envelope.points, fader=self._fader) if envelope.points else None
        self._items: list[tuple[AutomationItem, Curve, float]] = [
            (item, Curve.of(pools[item.pool_id].points, fader=self._fader), pools[item.pool_id].length_s)
            for item in sorted(envelope.automation_items, key=lambda i: i.position_s)
            if not item.muted and item.pool_id in pools and pools[item.pool_id].points
        ]

    def at(self, start_s: float, step_s: float, count: int, neutral: float) -> Moving:
        """Values of the envelope; `neutral` where there is neither a point nor an automation item."""
        level: Moving = self._base.at(start_s, step_s, count) if self._base else self._to_level(neutral)
        end_s = start_s + (count - 1) * step_s
        heard = [i for i in self._items if i[0].position_s <= end_s and i[0].position_s + i[0].length_s > start_s]
        if heard:
            level = np.array(np.broadcast_to(level, count))
            times = start_s + np.arange(count) * step_s
            for item, curve, length_s in heard:
                inside = (times >= item.position_s) & (times < item.position_s + item.length_s)
                level[inside] = _instance(item, curve, length_s, times[inside])
        if not self._fader:
            return level
        return from_slider(level) if isinstance(level, np.ndarray) else float(from_slider(np.asarray(level)))

    def _to_level(self, value: float) -> float:
        return to_slider(value) if self._fader else value


def _instance(item: AutomationItem, curve: Curve, length_s: float, times: Signal) -> Signal:
    """Levels of one automation item; how baseline and amplitude act is inferred ([I])."""
    pool_s = (times - item.position_s) * item.play_rate + item.start_offset_s
    if item.loop and length_s > 0:
        pool_s = np.mod(pool_s, length_s)
    level = np.array([_level_at(curve, float(t)) for t in pool_s]) if len(pool_s) < 2 else _levels_at(curve, pool_s)
    return item.baseline + item.amplitude * (level - item.baseline) if item.amplitude != 1.0 else level


def _level_at(curve: Curve, time_s: float) -> float:
    return float(np.broadcast_to(curve.at(time_s, 1.0, 1), 1)[0])


def _levels_at(curve: Curve, times: Signal) -> Signal:
    """Levels at rising times that may wrap: each run between two wraps is read as one block."""
    step = float(np.max(np.diff(times)))
    cuts = [0, *(np.flatnonzero(np.diff(times) < 0) + 1).tolist(), len(times)]
    parts: Sequence[Signal] = [
        np.asarray(np.broadcast_to(curve.at(float(times[a]), step, b - a), b - a)) for a, b in pairwise(cuts)
    ]
    return np.concatenate(parts)
