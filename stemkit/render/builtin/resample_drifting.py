"""Resampling at a ratio whose pattern of phases does not repeat, such as that of a play rate of one semitone.

After some hundreds of outputs such a pattern nearly repeats. Those outputs make a row; from row to row each column's
phase drifts by the same little step. The filter is straight between two phases of its table, so a column that drifts
past one phase is known for all rows from the sound filtered by three of them, and that is a matrix product.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.lib.stride_tricks import as_strided, sliding_window_view
from numpy.typing import NDArray

from stemkit.render.builtin.resample_steady import UNTHREADED

if TYPE_CHECKING:
    from fractions import Fraction

    from stemkit.render.builtin.grid import Signal

__all__ = ["DriftingResampler"]

_Indices = NDArray[np.integer[Any]]
_ROW_FRAMES = (256, 2048)  # source frames a row spans, at least and at most
_ROWS = 64  # at most, computed with one set of matrices
_MOST_DRIFT = 0.5  # phases, over the rows that share their matrices: the third phase of a column costs as well
_REACH = 8  # source frames whose filter positions share a matrix


class DriftingResampler:
    """Rows of outputs as matrix products, in single precision.

    Its noise lies at about -135 dB: no play rate that comes here was ever compared with REAPER.

    Parameters
    ----------
    ratio
        Source frames an output frame.
    table
        Filter phases, shape (phases + 1, taps); the last is the first, one frame on.
    """

    def __init__(self, ratio: Fraction, table: Signal) -> None:
        self._ratio = ratio
        self._phases, self._taps = len(table) - 1, table.shape[1]
        self._columns, self._step = _nearly_repeating(float(ratio))
        self._drift = float(self._columns * ratio - self._step)  # frames from row to row
        self._rows = int(min(_ROWS, max(1.0, _MOST_DRIFT / (self._phases * abs(self._drift) + 1e-9))))
        room = _REACH - 1
        padded = np.pad(table[:-1].astype(np.float32), ((0, 0), (room, room)))
        self._shifted = sliding_window_view(padded, self._taps + room, axis=1)

    def span(self, first: int, count: int) -> tuple[int, int]:
        """See `Resampler.span`; a row may begin a frame early."""
        start = int(first * self._ratio // 1) - 1
        reach = -(-count // self._columns) * self._step
        return start - (self._taps // 2 - 1), reach + self._taps + 2 * _REACH

    def process(self, source: Signal, first: int, count: int) -> Signal:
        """See `Resampler.process`."""
        narrow = source.astype(np.float32)
        position = 1.0 + float(first * self._ratio % 1)  # of the first output, in frames from where `span` begins
        columns = min(self._columns, count)
        rows = -(-count // self._columns)
        out = np.empty((source.shape[0], rows, columns))
        for row in range(0, rows, self._rows):
            some = out[:, row : row + self._rows]
            self._fill(narrow[:, row * self._step :], position + row * self._drift, some)
        return out.reshape(source.shape[0], -1)[:, :count]

    def _fill(self, source: Signal, position: float, out: Signal) -> None:
        """Compute rows of outputs, shape (channels, rows, columns), from where the first of them lies."""
        rows, columns = out.shape[1:]
        drift = np.arange(rows) * (self._drift * self._phases)
        phase = (position + np.arange(columns) * float(self._ratio)) * self._phases  # of the first row
        lowest = np.floor(phase + min(0.0, drift[-1])).astype(np.int64)
        crossed = np.flatnonzero(phase + max(0.0, drift[-1]) >= lowest + 1)
        steps = np.concatenate([lowest, lowest + 1, lowest[crossed] + 2])
        filtered, places = self._filtered(source, steps, rows)
        away = (phase - lowest)[None, :] + drift[:, None]
        np.multiply(filtered[:, :, places[:columns]], _nearness(away), out=out)
        out += filtered[:, :, places[columns : 2 * columns]] * _nearness(away - 1)
        out[:, :, crossed] += filtered[:, :, places[2 * columns :]] * _nearness(away[:, crossed] - 2)

    def _filtered(self, source: Signal, steps: _Indices, rows: int) -> tuple[Signal, _Indices]:
        """Filter the source at positions counted in phases, for all rows.

        Returns
        -------
        The results, shape (channels, rows, places), and each position's place among them.
        """
        frame, phase = np.divmod(steps, self._phases)
        group, offset = np.divmod(frame, _REACH)
        order = np.argsort(group, kind="stable")
        sizes = np.bincount(group)
        slot = np.empty_like(steps)
        slot[order] = np.arange(len(steps)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
        widest = int(sizes.max())
        matrices = np.zeros((len(sizes), widest, self._shifted.shape[2]), dtype=np.float32)
        matrices[group, slot] = self._shifted[phase, _REACH - 1 - offset]
        few = math.ceil(rows / math.ceil(rows * matrices[0].size / UNTHREADED))
        parts = [self._windows(source, a, min(few, rows - a), len(sizes)) for a in range(0, rows, few)]
        products = np.concatenate([part @ matrices.transpose(0, 2, 1) for part in parts], axis=2)
        flat = products.transpose(0, 2, 1, 3).reshape(source.shape[0], rows, -1)
        return flat, group * widest + slot

    def _windows(self, source: Signal, first_row: int, rows: int, groups: int) -> Signal:
        """View what each group of positions sees of the source, shape (channels, groups, rows, frames)."""
        shape = (source.shape[0], groups, rows, self._shifted.shape[2])
        row_bytes, item_bytes = source.strides
        strides = (row_bytes, item_bytes * _REACH, item_bytes * self._step, item_bytes)
        return as_strided(source[:, first_row * self._step :], shape, strides, writeable=False)


def _nearness(away: Signal) -> NDArray[np.float32]:
    """Weigh a phase of the table by how many phases it is away: straight lines between neighbours."""
    return np.maximum(0.0, 1.0 - np.abs(away)).astype(np.float32)


def _nearly_repeating(ratio: float) -> tuple[int, int]:
    """Find how many outputs, and source frames, it takes until the phases come back most nearly."""
    least, most = (max(1, math.ceil(frames / ratio)) for frames in _ROW_FRAMES)
    outputs = np.arange(least, max(most, least + 1))
    frames = outputs * ratio
    best = int(np.argmin(np.abs(frames - np.rint(frames))))
    return int(outputs[best]), round(float(frames[best]))
