"""Sample-rate conversion as REAPER's windowed sinc does it: the filter, and the choice of how to run it.

What the sheet leaves open is read from the public source of the resampler that it names (WDL, `resample.cpp`): where
the window and the sinc have their middle, which two phases are joined, and that a ratio with few phases gets a table
of just those.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import TYPE_CHECKING, Protocol

import numpy as np

from stemkit.render.builtin.resample_drifting import DriftingResampler
from stemkit.render.builtin.resample_steady import SteadyResampler

if TYPE_CHECKING:
    from fractions import Fraction

    from stemkit.render.builtin.grid import Signal

__all__ = ["EXACT_MODE", "PHASES", "Resampler", "phases_of", "resampler", "sinc_table", "sounding_frames", "taps_of"]

EXACT_MODE = 3  # 0, resampling: null-tested for this mode only, [M]
PHASES = 32  # 0, table of 32 phases with linear interpolation between them, [M]
# A ratio whose outputs meet at most this many phases has them in its table, without lines in between (WDL, [1]; the
# sheet's ratio of 160 : 147 has more). Where they are among the 32 as well, as for 2 : 1, it makes no difference.
FEW_PHASES = 2 * PHASES
_DOWN_MARGIN = 1.03  # 0, cut-off 1 / (1.03·ratio) when down-sampling, [M]
_BLACKMAN_HARRIS = (0.35875, -0.48829, 0.14128, -0.01168)
# 0, other resample modes, from the order in REAPER's menu, [I]. 1 is linear, 2 takes the nearest point.
_TAPS = {0: 64, 1: 2, 2: 1, 3: 192, 4: 384, 5: 192, 6: 192, 7: 192, 8: 512, 9: 768, 10: 768}
_LONGEST_PERIOD = 2048  # outputs after which a pattern of phases has to repeat for its coefficients to be kept


class Resampler(Protocol):
    """Reads a source at a steady ratio; output n lies at n·ratio. Keeps no state between blocks."""

    def span(self, first: int, count: int) -> tuple[int, int]:
        """Say which source frames (start, count) outputs `first` … `first + count` need."""
        ...

    def process(self, source: Signal, first: int, count: int) -> Signal:
        """Compute outputs, shape (channels, count), from the source frames that `span` asked for."""
        ...


@lru_cache(maxsize=8)
def resampler(ratio: Fraction, mode: int = EXACT_MODE) -> Resampler:
    """Give the resampler of a ratio and a mode; all items that share them share it.

    Parameters
    ----------
    ratio
        Source frames an output frame (in/out), without rounding.
    mode
        REAPER's resample mode (first field of RENDER_RESAMPLE).
    """
    table = sinc_table(taps_of(mode), cutoff_of(float(ratio)), phases_of(ratio))
    if ratio.denominator <= _LONGEST_PERIOD:
        return SteadyResampler(ratio, table)
    return DriftingResampler(ratio, table)


def taps_of(mode: int) -> int:
    """Taps of a resample mode (0, other modes, [I] but for 3)."""
    return _TAPS.get(mode, _TAPS[EXACT_MODE])


def cutoff_of(ratio: float) -> float:
    """Cut-off in units of the source's Nyquist frequency for in/out `ratio` (0, [M])."""
    return 1.0 if ratio <= 1.0 else 1.0 / (_DOWN_MARGIN * ratio)


def phases_of(ratio: Fraction) -> int:
    """Phases in the table of a ratio: 32, or just those that its outputs meet where they are few."""
    return ratio.denominator if ratio.denominator <= FEW_PHASES else PHASES


def sounding_frames(ratio: Fraction, source_frames: int) -> int:
    """Count the outputs that a source of so many frames gives: the filter does not ring on past it (WDL, [1])."""
    return max(0, math.ceil(source_frames / ratio - 0.5))


@lru_cache(maxsize=8)
def sinc_table(taps: int, cutoff: float, phases: int = PHASES) -> Signal:
    """Filter phases, shape (phases + 1, taps): row p, column y weighs the sample y - (taps/2 - 1) - p/phases away.

    Blackman-Harris window over `taps` samples, scaled so that the phases' mean gain at 0 Hz is 1 (0, [M]).
    """
    if taps <= 2:
        return _short_table(taps, phases)
    half = taps // 2
    distance = np.arange(taps)[None, :] - (half - 1) - np.arange(phases + 1)[:, None] / phases
    turn = (distance + half) * (2 * math.pi / taps)
    window = sum(a * np.cos(k * turn) for k, a in enumerate(_BLACKMAN_HARRIS))
    table = window * np.sinc(cutoff * distance)
    return np.asarray(table * (phases / table[1:].sum()))


def _short_table(taps: int, phases: int) -> Signal:
    phase = np.arange(phases + 1) / phases
    weight = phase if taps == 2 else (phase >= 0.5).astype(np.float64)
    return np.stack([1.0 - weight, weight], axis=1)
