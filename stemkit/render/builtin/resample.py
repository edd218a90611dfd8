"""Sample-rate conversion as REAPER's windowed sinc does it, in blocks and at any ratio."""

from __future__ import annotations

import math
from fractions import Fraction
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
from numpy.lib.stride_tricks import as_strided

if TYPE_CHECKING:
    from stemkit.render.builtin.grid import Signal

__all__ = ["EXACT_MODE", "Resampler", "resampler", "taps_of"]

EXACT_MODE = 3  # 0, resampling: null-tested for this mode only, [M]
PHASES = 32  # 0, table of 32 phases with linear interpolation between them, [M]
_DOWN_MARGIN = 1.03  # 0, cut-off 1 / (1.03·ratio) when down-sampling, [M]
_BLACKMAN_HARRIS = (0.35875, -0.48829, 0.14128, -0.01168)
# 0, other resample modes, from the order in REAPER's menu, [I]. 1 is linear, 2 takes the nearest point.
_TAPS = {0: 64, 1: 2, 2: 1, 3: 192, 4: 384, 5: 192, 6: 192, 7: 192, 8: 512, 9: 768, 10: 768}
_GROUP = 32  # outputs a matrix product: wide enough for BLAS, narrow enough to waste few taps
_MAX_PERIOD = 2048  # a longer pattern of phases is gathered phase by phase
_GATHER = 8192  # outputs gathered at a time
# Multiplications a matrix product: OpenBLAS starts threads above 4 · 65,536, and on a busy machine they wait for each
# other, which was measured to cost up to a hundred times the work.
_UNTHREADED = 1 << 18


def taps_of(mode: int) -> int:
    """Taps of a resample mode (0, other modes, [I] but for 3)."""
    return _TAPS.get(mode, _TAPS[EXACT_MODE])


def cutoff_of(ratio: float) -> float:
    """Cut-off in units of the source's Nyquist frequency for in/out `ratio` (0, [M])."""
    return 1.0 if ratio <= 1.0 else 1.0 / (_DOWN_MARGIN * ratio)


@lru_cache(maxsize=8)
def sinc_table(taps: int, cutoff: float) -> Signal:
    """Filter phases, shape (PHASES + 1, taps): row p, column y weighs the sample y - (taps/2 - 1) - p/PHASES away.

    Blackman-Harris window over `taps` samples, scaled so that the phases' mean gain at 0 Hz is 1 (0, [M]).
    """
    if taps <= 2:
        return _short_table(taps)
    half = taps // 2
    distance = np.arange(taps)[None, :] - (half - 1) - np.arange(PHASES + 1)[:, None] / PHASES
    turn = (distance + half) * (2 * math.pi / taps)
    window = sum(a * np.cos(k * turn) for k, a in enumerate(_BLACKMAN_HARRIS))
    table = window * np.sinc(cutoff * distance)
    return np.asarray(table * (PHASES / table[1:].sum()))


def _short_table(taps: int) -> Signal:
    phase = np.arange(PHASES + 1) / PHASES
    weight = phase if taps == 2 else (phase >= 0.5).astype(np.float64)
    return np.stack([1.0 - weight, weight], axis=1)


@lru_cache(maxsize=8)
def resampler(ratio: Fraction, mode: int) -> Resampler:
    """Give the resampler of a ratio and a mode; all items that share them share it, since it keeps no state."""
    return Resampler(ratio, mode)


class Resampler:
    """Reads a source at a steady ratio.

    Parameters
    ----------
    ratio
        Source frames an output frame (in/out); a `Fraction` is kept without rounding.
    mode
        REAPER's resample mode (first field of RENDER_RESAMPLE).
    """

    def __init__(self, ratio: Fraction, mode: int = EXACT_MODE) -> None:
        self.ratio = ratio
        self._table = sinc_table(taps_of(mode), cutoff_of(float(ratio)))
        self._narrow_table = self._table.astype(np.float32)
        self._taps = self._table.shape[1]
        self._before = self._taps // 2 - 1
        step, period = ratio.numerator, ratio.denominator
        self._periodic = period <= _MAX_PERIOD
        repeat = max(1, math.ceil(_GROUP / period))
        self._step, self._period = step * repeat, period * repeat
        self._groups = self._make_groups() if self._periodic else []

    def span(self, first: int, count: int) -> tuple[int, int]:
        """Say which source frames (start, count) outputs `first` … `first + count` need."""
        if self._periodic:
            start = first // self._period * self._step
            end = -(-(first + count) // self._period) * self._step
        else:
            start = int(first * self.ratio // 1)
            end = int((first + count) * self.ratio // 1) + 1
        return start - self._before, end - start + self._taps + 1

    def process(self, source: Signal, first: int, count: int) -> Signal:
        """Compute outputs `first` … `first + count` from the source frames that `span` asked for.

        Returns
        -------
        shape (channels, count)
        """
        return self._by_period(source, first, count) if self._periodic else self._by_phase(source, first, count)

    def _make_groups(self) -> list[tuple[int, int, Signal]]:
        """For each run of outputs in a period: where its window starts, its first column, its coefficients."""
        groups = []
        for column in range(0, self._period, _GROUP):
            columns = range(column, min(column + _GROUP, self._period))
            starts = [(c * self._step) // self._period for c in columns]
            matrix = np.zeros((starts[-1] - starts[0] + self._taps, len(columns)))
            for j, c in enumerate(columns):
                at = starts[j] - starts[0]
                matrix[at : at + self._taps, j] = self._coefficients(Fraction(c * self._step, self._period) % 1)
            groups.append((starts[0], column, matrix))
        return groups

    def _coefficients(self, fraction: Fraction) -> Signal:
        phase = fraction * PHASES
        row, weight = int(phase), float(phase % 1)
        pair = self._table[row : row + 2]
        return np.asarray((1.0 - weight) * pair[0] + weight * pair[1])

    def _by_period(self, source: Signal, first: int, count: int) -> Signal:
        channels = source.shape[0]
        first_period = first // self._period
        periods = -(-(first + count) // self._period) - first_period
        out = np.empty((channels, periods, self._period))
        largest = max(matrix.size for _, _, matrix in self._groups)
        batch = max(1, _UNTHREADED // (largest * channels))
        for done in range(0, periods, batch):
            self._periods(source[:, done * self._step :], out[:, done : done + batch])
        skip = first - first_period * self._period
        return out.reshape(channels, -1)[:, skip : skip + count]

    def _periods(self, source: Signal, out: Signal) -> None:
        """Compute whole periods of outputs; `out` has shape (channels, periods, outputs a period)."""
        channels, periods, _ = out.shape
        row, item = source.strides
        for start, column, matrix in self._groups:
            shape = (channels, periods, matrix.shape[0])
            windows = as_strided(source[:, start:], shape, (row, item * self._step, item), writeable=False)
            flat = np.ascontiguousarray(windows).reshape(channels * periods, matrix.shape[0])
            out[:, :, column : column + matrix.shape[1]] = (flat @ matrix).reshape(channels, periods, -1)

    def _by_phase(self, source: Signal, first: int, count: int) -> Signal:
        out = np.empty((source.shape[0], count))
        offset = float(first * self.ratio % 1)
        narrow = source.astype(np.float32)
        for done in range(0, count, _GATHER):
            positions = offset + np.arange(done, min(done + _GATHER, count)) * float(self.ratio)
            out[:, done : done + len(positions)] = self._gather(narrow, positions)
        return out

    def _gather(self, source: Signal, position: Signal) -> Signal:
        """Compute outputs at rising positions, those of one phase together.

        In single precision (noise at -135 dB): moving the windows costs more than the sums, and no play rate that
        comes here was ever compared with REAPER.
        """
        whole = np.floor(position)
        phase = (position - whole) * PHASES
        row = phase.astype(np.uint8)
        weight = phase - row
        order = np.argsort(row, kind="stable")
        edges = np.searchsorted(row[order], np.arange(PHASES + 1))
        starts = whole.astype(np.int64)
        windows = np.lib.stride_tricks.sliding_window_view(source, self._taps, axis=1)
        out = np.empty((source.shape[0], len(position)))
        for p in range(PHASES):
            chosen = order[edges[p] : edges[p + 1]]
            if len(chosen):
                pair = windows[:, starts[chosen]] @ self._narrow_table[p : p + 2].T
                out[:, chosen] = pair[..., 0] + weight[chosen] * (pair[..., 1] - pair[..., 0])
        return out
