"""Gain curves of item fades."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from stemkit.model.session import Fade
    from stemkit.render.builtin.grid import Signal

__all__ = ["EXACT_CURVES", "curve_number", "effective_length_s", "fade_gain"]

EQUAL_POWER = 7
STEEP_S = 6


def effective_length_s(fade: Fade) -> float:
    """Length that is heard: above zero, the automatic length takes the place of the manual one (1, field 3, [M])."""
    return fade.auto_length_s if fade.auto_length_s > 0 else fade.length_s


def curve_number(shape: float) -> int:
    """REAPER's internal curve: 1.1 is 7, 5.1 is 6, others are themselves (1, field 1, [2+])."""
    return {11: EQUAL_POWER, 51: STEEP_S}.get(round(shape * 10), int(shape))


def _linear(t: Signal) -> Signal:
    return t  # 1, shape 0, [I] trivially


def _fast_start(t: Signal) -> Signal:
    return 1.0 - (1.0 - t) ** 2  # 1, shape 1, [M]


def _equal_power(t: Signal) -> Signal:
    s = _fast_start(t)
    return (math.pi / 4) * s + (1 - math.pi / 4) * s * s  # 1, shape 1.1, [M]


def _fast_end(t: Signal) -> Signal:
    return t * t  # 1, shape 2, [I]


def _fast_start_steep(t: Signal) -> Signal:
    return 1.0 - (1.0 - t) ** 4  # 1, shape 3, [I]


def _fast_end_steep(t: Signal) -> Signal:
    return t**4  # 1, shape 4, [I]


def _slow_start_end(t: Signal) -> Signal:
    return 0.5 - 0.5 * np.cos(np.pi * t)  # 1, shape 5, [I]


def _steep_s(t: Signal) -> Signal:
    return bezier(t, (0.875, 0.0), (0.125, 1.0))  # 1, shape 6, [?]


_CURVES: dict[int, Callable[[Signal], Signal]] = {
    0: _linear,
    1: _fast_start,
    2: _fast_end,
    3: _fast_start_steep,
    4: _fast_end_steep,
    5: _slow_start_end,
    STEEP_S: _steep_s,
    EQUAL_POWER: _equal_power,
}
EXACT_CURVES = frozenset({0, 1, EQUAL_POWER})


def bezier(u: Signal, first: tuple[float, float], second: tuple[float, float]) -> Signal:
    """Height at `u` of the cubic Bezier curve from (0, 0) to (1, 1) with two control points.

    The abscissa must not fall back; it is inverted by halving to the last bit that matters in audio.
    """
    low = np.zeros_like(u)
    high = np.ones_like(u)
    for _ in range(44):
        middle = 0.5 * (low + high)
        below = _cubic(middle, first[0], second[0]) < u
        low = np.where(below, middle, low)
        high = np.where(below, high, middle)
    return _cubic(0.5 * (low + high), first[1], second[1])


def _cubic(s: Signal, first: float, second: float) -> Signal:
    r = 1.0 - s
    return 3 * r * r * s * first + 3 * r * s * s * second + s**3


def fade_gain(fade: Fade, position: Signal) -> Signal:
    """Gain of a fade-in at `position`, 0…1 of its length (a fade-out runs the same curve from the end)."""
    t = np.clip(position, 0.0, 1.0)
    return _CURVES.get(curve_number(fade.shape), _fast_start)(t)
