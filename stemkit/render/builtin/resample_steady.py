"""Resampling at a ratio whose pattern of phases repeats soon: every coefficient is known beforehand."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np
from numpy.lib.stride_tricks import as_strided

if TYPE_CHECKING:
    from stemkit.render.builtin.grid import Signal

__all__ = ["UNTHREADED", "SteadyResampler"]

_GROUP = 32  # outputs a matrix product: wide enough for BLAS, narrow enough to waste few taps
# Multiplications a matrix product: OpenBLAS starts threads above 4 · 65,536, and on a busy machine they wait for each
# other, which was measured to cost up to a hundred times the work.
UNTHREADED = 1 << 18
_NOTHING = 1e-12  # of a coefficient: rounding of the sine


class SteadyResampler:
    """Whole periods of outputs as matrix products, in double precision.

    Parameters
    ----------
    ratio
        Source frames an output frame.
    table
        Filter phases, shape (phases + 1, taps).
    """

    def __init__(self, ratio: Fraction, table: Signal) -> None:
        self._table = table
        self._taps = table.shape[1]
        self._before = self._taps // 2 - 1
        repeat = max(1, math.ceil(_GROUP / ratio.denominator))
        self._ratio = ratio
        self._step, self._period = ratio.numerator * repeat, ratio.denominator * repeat
        # Going up, an output on a source sample is that sample: the sinc is zero at all others.
        rest = np.delete(table[0], self._before)
        self._copied = float(table[0, self._before]) if np.abs(rest).max(initial=0.0) < _NOTHING else None
        self._groups = self._make_groups()

    def span(self, first: int, count: int) -> tuple[int, int]:
        """See `Resampler.span`."""
        start = first // self._period * self._step
        end = -(-(first + count) // self._period) * self._step
        return start - self._before, end - start + self._taps + 1

    def process(self, source: Signal, first: int, count: int) -> Signal:
        """See `Resampler.process`."""
        first_period = first // self._period
        periods = -(-(first + count) // self._period) - first_period
        out = np.empty((source.shape[0], periods, self._period))
        for start, columns, matrix in self._groups:
            _product(source[:, start:], self._step, matrix, out, columns)
        flat = out.reshape(source.shape[0], -1)
        if self._copied is not None:
            same = flat[:, :: self._ratio.denominator]
            same[...] = source[:, self._before :: self._ratio.numerator][:, : same.shape[1]]
            same *= self._copied
        skip = first - first_period * self._period
        return flat[:, skip : skip + count]

    def _make_groups(self) -> list[tuple[int, slice | list[int], Signal]]:
        """For each group of outputs in a period: where its window starts, its columns, its coefficients."""
        groups: list[tuple[int, slice | list[int], Signal]] = []
        between = [c for c in range(self._period) if self._copied is None or c % self._ratio.denominator]
        for first in range(0, len(between), _GROUP):
            columns = between[first : first + _GROUP]
            starts = [(c * self._step) // self._period for c in columns]
            matrix = np.zeros((starts[-1] - starts[0] + self._taps, len(columns)))
            for j, c in enumerate(columns):
                at = starts[j] - starts[0]
                matrix[at : at + self._taps, j] = self._coefficients(Fraction(c * self._step, self._period) % 1)
            groups.append((starts[0], _evenly(columns), matrix))
        return groups

    def _coefficients(self, fraction: Fraction) -> Signal:
        phase = fraction * (len(self._table) - 1)
        row, weight = int(phase), float(phase % 1)
        pair = self._table[row : row + 2]
        return np.asarray((1.0 - weight) * pair[0] + weight * pair[1])


def _evenly(columns: list[int]) -> slice | list[int]:
    """Give columns as a slice where they are evenly spaced, which costs less to write."""
    steps = set(np.diff(columns).tolist()) or {1}
    return slice(columns[0], columns[-1] + 1, steps.pop()) if len(steps) == 1 else columns


def _product(source: Signal, step: int, matrix: Signal, out: Signal, columns: slice | list[int]) -> None:
    """Fill columns of `out`, shape (channels, windows, outputs), from the windows that start every `step` frames.

    Windows overlap, and BLAS takes only rows that do not: every n-th window is far enough from the one before to be
    read where it lies, without a copy.
    """
    size = matrix.shape[0]
    apart = -(-size // step)
    rows = max(1, UNTHREADED // matrix.size)
    row_bytes, item_bytes = source.strides
    strides = (row_bytes, item_bytes * step * apart * rows, item_bytes * step * apart, item_bytes)
    for k in range(apart):
        wanted = out[:, k::apart]
        count = wanted.shape[1]
        whole = count // rows
        for first, shape in ((0, (whole, rows)), (whole * rows, (1, count - whole * rows))):
            frames = shape[0] * shape[1]
            if frames:
                begin = source[:, (k + first * apart) * step :]
                part = as_strided(begin, (len(out), *shape, size), strides, writeable=False) @ matrix
                wanted[:, first : first + frames, columns] = part.reshape(len(out), frames, -1)
