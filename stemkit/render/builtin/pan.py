"""Pan laws: what a pan knob does to the left and right channel."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from stemkit.render.builtin.grid import Moving

__all__ = [
    "BALANCE",
    "CLASSIC",
    "DUAL",
    "IDENTITY",
    "LINEAR_TAPER",
    "STEREO",
    "PanMatrix",
    "pan_matrix",
    "take_balance",
]

CLASSIC, BALANCE, STEREO, DUAL = 0, 3, 5, 6
LINEAR_TAPER = 2
_SQRT2 = math.sqrt(2.0)


@dataclass(frozen=True, slots=True)
class PanMatrix:
    """What each side gives to each side: `left_right` is how much of the left input the right output gets."""

    left_left: Moving = 1.0
    left_right: Moving = 0.0
    right_left: Moving = 0.0
    right_right: Moving = 1.0

    @property
    def crosses(self) -> bool:
        """Whether anything leaks from one side to the other."""
        return not (_is_zero(self.left_right) and _is_zero(self.right_left))


IDENTITY = PanMatrix()


def _is_zero(value: Moving) -> bool:
    return isinstance(value, float) and value == 0.0


def hybrid_taper(pan: Moving, law: float) -> tuple[Moving, Moving]:
    """Left and right gain of the balance pan (2, closed form, [M]; laws other than 1 [2+]).

    The angle is (1 + p)·pi/4, and k bends the level between the law's centre gain and unity at the sides by
    g(a) = (sqrt 2 - sec(pi·a/4)) / (sqrt 2 - 1).
    """
    bend = (_SQRT2 - 1.0 / np.cos(np.abs(pan) * (math.pi / 4))) / (_SQRT2 - 1.0)
    k = 1.0 + (law * _SQRT2 - 1.0) * bend
    # sin of the angle is written as the cosine of its mirror image, so that a centred pan gives two equal numbers
    return k * np.cos((1.0 + pan) * (math.pi / 4)), k * np.cos((1.0 - pan) * (math.pi / 4))


def linear_taper(pan: Moving, law: float) -> tuple[Moving, Moving]:
    """Straight lines from 0 over the law's centre gain to 1 ([?] but for law .5, D2D [1])."""
    near = law + (1.0 - law) * np.abs(pan)
    far = law * (1.0 - np.abs(pan))
    return np.where(np.asarray(pan) > 0, far, near), np.where(np.asarray(pan) > 0, near, far)


def balance(pan: Moving, law: float, flags: int | None = None) -> tuple[Moving, Moving]:
    """Left and right gain for a pan and a law; a law above 1 is the compensated form of its inverse ([?])."""
    if law > 1.0:
        left, right = balance(pan, 1.0 / law, flags)
        return left * law, right * law
    if law == 0.5 or flags == LINEAR_TAPER:
        return linear_taper(pan, law)
    return hybrid_taper(pan, law)


def classic_balance(pan: Moving) -> tuple[Moving, Moving]:
    """REAPER 3.x balance: the far side goes down, the near side stays (2, mode 0, [?])."""
    return np.minimum(1.0, 1.0 - pan), np.minimum(1.0, 1.0 + pan)


def take_balance(pan: Moving) -> tuple[Moving, Moving]:
    """Left and right gain of a take's pan: plain linear balance in every project (2, take pan, D2D [1])."""
    return np.minimum(1.0, 1.0 - pan), np.minimum(1.0, 1.0 + pan)


def stereo_pan(pan: Moving, width: Moving, law: float, flags: int | None) -> PanMatrix:
    """Mode 5. At width 1 the far channel leaks into the near one by p / (1 + p) (2, mode 5, GOLD [M]).

    Other widths blend with the mono placement, negative ones with the sides swapped ([?]).
    """
    left, right = balance(pan, law, flags)
    towards_right = np.maximum(pan, 0.0)
    towards_left = np.maximum(-np.asarray(pan), 0.0)
    wide = (
        left / (1.0 + towards_left),
        right * (towards_right / (1.0 + towards_right)),
        left * (towards_left / (1.0 + towards_left)),
        right / (1.0 + towards_right),
    )
    if isinstance(width, float) and width == 1.0:
        return PanMatrix(*wide)
    mono = (left * 0.5, right * 0.5, left * 0.5, right * 0.5)
    swapped = (wide[2], wide[3], wide[0], wide[1])
    amount = np.abs(width)
    outer = [np.where(np.asarray(width) < 0, s, w) for w, s in zip(wide, swapped, strict=True)]
    return PanMatrix(*(amount * o + (1.0 - amount) * m for o, m in zip(outer, mono, strict=True)))


def dual_pan(left_at: float, right_at: float) -> PanMatrix:
    """Mode 6: each channel has a place of its own; unity at the sides, straight in between ([?])."""
    return PanMatrix((1 - left_at) / 2, (1 + left_at) / 2, (1 - right_at) / 2, (1 + right_at) / 2)


def pan_matrix(
    mode: int,
    pan: Moving,
    *,
    law: float = 1.0,
    flags: int | None = None,
    width: Moving = 1.0,
    dual: tuple[float, float] | None = None,
) -> PanMatrix:
    """Matrix of a strip's pan for a pan mode (0, 3, 5, 6); unknown modes count as 3."""
    if mode == DUAL:
        return dual_pan(*(dual or (-1.0, 1.0)))
    if mode == STEREO:
        return _plain(stereo_pan(pan, width, law, flags))
    if mode == CLASSIC:
        left, right = classic_balance(pan)
        return _plain(PanMatrix(left, 0.0, 0.0, right))
    left, right = balance(pan, law, flags)
    return _plain(PanMatrix(left, 0.0, 0.0, right))


def _plain(matrix: PanMatrix) -> PanMatrix:
    """Turn numpy's scalars into floats, so that constants are told from curves by their type."""
    parts = (matrix.left_left, matrix.left_right, matrix.right_left, matrix.right_right)
    return PanMatrix(*(float(p) if np.ndim(p) == 0 else p for p in parts))
