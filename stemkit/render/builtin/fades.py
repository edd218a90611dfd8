"""Gain curves of item fades (sheet section 1)."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from stemkit.render.builtin.bezier import Controls, bezier

if TYPE_CHECKING:
    from collections.abc import Callable

    from stemkit.model.session import Fade
    from stemkit.render.builtin.grid import Signal

__all__ = ["curve_number", "effective_length_s", "fade_gain", "is_exact"]

STEEP_S = 6
EQUAL_POWER = 7


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
    return (t * t) ** 2  # 1, shape 4, [I]


def _slow_start_end(t: Signal) -> Signal:
    return np.asarray(0.5 - 0.5 * np.cos(np.pi * t))  # 1, shape 5, [I]


def _steep_s(t: Signal) -> Signal:
    return bezier(t, _BENT[STEEP_S][1])  # 1, shape 6, [?]


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
_EXACT = frozenset({0, 1, EQUAL_POWER})

# 1, curvature: control points at curvature -1, 0 and +1, SWS [1]; blended in between by the curvature's size.
_STRAIGHT: Controls = (0.5, 0.5, 0.5, 0.5)
_STEEP_START: Controls = (0.25, 1.0, 0.5, 1.0)
_STEEP_END: Controls = (0.5, 0.0, 0.75, 0.0)
_HARD_START: Controls = (0.0, 1.0, 0.125, 1.0)
_ANY = (_STEEP_START, _STRAIGHT, _STEEP_END)
_BENT: dict[int, tuple[Controls, Controls, Controls]] = {
    0: _ANY,
    1: (_HARD_START, (0.25, 0.5, 0.625, 1.0), _STEEP_END),
    2: ((0.25, 0.5, 0.625, 1.0), _STRAIGHT, (0.375, 0.0, 0.75, 0.5)),
    3: _ANY,
    4: _ANY,
    5: ((0.25, 0.25, 0.25, 1.0), (0.375, 0.0, 0.625, 1.0), (0.75, 0.0, 0.75, 0.75)),
    STEEP_S: ((0.375, 0.25, 0.0, 1.0), (0.875, 0.0, 0.125, 1.0), (1.0, 0.0, 0.625, 0.75)),
    EQUAL_POWER: (_HARD_START, (0.25, 0.375, 0.625, 1.0), _STEEP_END),
}
# 1, shapes 2-4: REAPER writes their bend as a full curvature; these say the same as the closed forms above, [I].
_FULL_BENDS: dict[tuple[int, float], int] = {(2, 1.0): 2, (3, -1.0): 3, (4, 1.0): 4, (0, -1.0): 3, (0, 1.0): 4}
_RESTING_CURVES = frozenset({0, 1, 5, STEEP_S, EQUAL_POWER})  # a small curvature bends their own curve a little


def is_exact(fade: Fade) -> bool:
    """Whether a fade's curve was measured to the bit (1, shapes 0, 1 and 1.1 without curvature)."""
    return curve_number(fade.shape) in _EXACT and fade.curvature == 0


def fade_gain(fade: Fade, position: Signal, *, fade_out: bool = False) -> Signal:
    """Gain of a fade at `position`, 0…1 of its length from the silent end.

    A fade-out runs the same curve from its end, with the sign of its curvature turned (1, curvature, [1]).
    """
    t = np.clip(position, 0.0, 1.0)
    number = curve_number(fade.shape)
    number = number if number in _CURVES else 0
    curvature = max(-1.0, min(1.0, -fade.curvature if fade_out else fade.curvature))
    if curvature == 0.0:
        return _CURVES[number](t)
    if (number, curvature) in _FULL_BENDS:
        return _CURVES[_FULL_BENDS[number, curvature]](t)
    bent = bezier(t, _blend(_BENT[number], curvature))
    if number not in _RESTING_CURVES:
        return bent
    return np.clip(_CURVES[number](t) + bent - bezier(t, _BENT[number][1]), 0.0, None)


def _blend(family: tuple[Controls, Controls, Controls], curvature: float) -> Controls:
    outer, amount = family[0 if curvature < 0 else 2], abs(curvature)
    x1, y1, x2, y2 = (amount * o + (1 - amount) * m for o, m in zip(outer, family[1], strict=True))
    return x1, y1, x2, y2
