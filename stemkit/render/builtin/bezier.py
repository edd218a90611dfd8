"""The cubic Bezier curve that fades and envelopes share."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from stemkit.render.builtin.grid import Signal

__all__ = ["Controls", "bezier"]

Controls = tuple[float, float, float, float]  # x and y of the first, x and y of the second control point
_HALVINGS = 44  # leaves the abscissa's error below 1e-13


def bezier(u: Signal, controls: Controls) -> Signal:
    """Height at `u` of the cubic Bezier curve from (0, 0) to (1, 1) with two control points.

    The abscissa must not fall back; it is inverted by halving.
    """
    x1, y1, x2, y2 = controls
    low, high = np.zeros_like(u), np.ones_like(u)
    for _ in range(_HALVINGS):
        middle = 0.5 * (low + high)
        below = _cubic(middle, x1, x2) < u
        low = np.where(below, middle, low)
        high = np.where(below, high, middle)
    return _cubic(0.5 * (low + high), y1, y2)


def _cubic(s: Signal, first: float, second: float) -> Signal:
    r = 1.0 - s
    return 3 * r * r * s * first + 3 * r * s * s * second + s * s * s
