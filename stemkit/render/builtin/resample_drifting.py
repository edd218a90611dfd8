"""Resampling at a ratio whose pattern of phases does not repeat, such as that of a play rate of one semitone.

After some hundreds of outputs such a pattern nearly repeats. Those outputs make a row; from row to row each column's
phase drifts by the same little step. The filter is straight between two phases of its table, so a column is known for
all rows from the sound filtered by one phase, by the slope behind it and, where it drifts past the next phase, by the
bend there. All three are the same for all rows, and that is a matrix product.
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
_Narrow = NDArray[np.float32]
_ROW_FRAMES = (256, 4096)  # source frames a row spans, at least and at most
_ROWS = 128  # at most, computed with one set of matrices
_COLUMNS = 1024  # likewise, so that what is between stays in the cache
_MOST_DRIFT = 0.5  # phases, over the rows that share their matrices: a column that passes a phase costs more
_GROUP = 16  # columns that share a matrix, about
_REACH = (8, 64)  # source frames that a group's columns lie in, at least and at most
_BLOCK = 65_536  # outputs that are asked for at a time, about
_MATRIX_COST = 8.0  # of one more filter, against its product with the windows of one row


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
        self._columns, self._step, self._rows = _nearly_repeating(float(ratio), self._phases)
        self._drift = float(self._columns * ratio - self._step)  # frames from row to row
        self._reach = min(max(_REACH[0], round(_GROUP * float(ratio))), _REACH[1])
        self._filters = self._shifted(table)

    def _shifted(self, table: Signal) -> _Narrow:
        """View phases, slopes and bends, each so many frames late: shape (3 · phases + 1, reach, frames of a window).

        The last is a filter that lets nothing through.
        """
        further = np.pad(table, ((0, 0), (0, 1)))
        further = np.concatenate([further, np.roll(further[1:2], 1, axis=1)])  # the second phase, one frame on
        kinds = [further[:-2], np.diff(further, axis=0)[:-1], np.diff(further, n=2, axis=0), np.zeros_like(further[:1])]
        room = self._reach - 1
        padded = np.pad(np.concatenate(kinds), ((0, 0), (room, room))).astype(np.float32)
        return sliding_window_view(padded, self._taps + 1 + room, axis=1)[:, ::-1]

    def span(self, first: int, count: int) -> tuple[int, int]:
        """See `Resampler.span`; a row may begin a frame early."""
        start = int(first * self._ratio // 1) - 1
        reach = -(-count // self._columns) * self._step
        return start - (self._taps // 2 - 1), reach + self._taps + 2 * self._reach

    def process(self, source: Signal, first: int, count: int) -> Signal:
        """See `Resampler.process`."""
        narrow = source.astype(np.float32)
        position = 1.0 + float(first * self._ratio % 1)  # of the first output, in frames from where `span` begins
        columns = min(self._columns, count)
        rows = -(-count // self._columns)
        out = np.empty((source.shape[0], rows, columns))
        for row in range(0, rows, self._rows):
            some = out[:, row : row + self._rows]
            for column in range(0, columns, _COLUMNS):
                at = position + row * self._drift + column * float(self._ratio)
                self._fill(narrow[:, row * self._step :], at, some[:, :, column : column + _COLUMNS])
        return out.reshape(source.shape[0], -1)[:, :count]

    def _fill(self, source: _Narrow, position: float, out: Signal) -> None:
        """Compute rows of outputs, shape (channels, rows, columns), from where the first of them lies."""
        rows, columns = out.shape[1:]
        drift = np.arange(rows) * (self._drift * self._phases)
        place = (position + np.arange(columns) * float(self._ratio)) * self._phases  # of the first row, in phases
        lowest = np.floor(place + min(0.0, drift[-1])).astype(np.int64)
        crossed = np.flatnonzero(place + max(0.0, drift[-1]) >= lowest + 1)
        frame, phase = np.divmod(lowest, self._phases)
        group, late = np.divmod(frame - frame[0], self._reach)
        slot, width = _slots(group)
        bend_slot, bend_width = _slots(group[crossed])
        which = np.full((2, int(group[-1]) + 1, 2 * width + bend_width), 3 * self._phases)
        which[1] = 0
        which[:, group, slot] = phase, late
        which[:, group, width + slot] = self._phases + phase, late
        which[:, group[crossed], 2 * width + bend_slot] = 2 * self._phases + phase[crossed], late[crossed]
        filtered = self._filtered(source[:, int(frame[0]) :], self._filters[which[0], which[1]], rows)
        past = ((place - lowest)[None, :] + drift[:, None]).astype(np.float32)  # phases past the lowest one
        at = group * which.shape[2] + slot
        result = filtered.take(at + width, axis=2)
        result *= past
        result += filtered.take(at, axis=2)
        out[...] = result
        if len(crossed):
            bends = filtered.take(group[crossed] * which.shape[2] + 2 * width + bend_slot, axis=2)
            out[:, :, crossed] += bends * np.maximum(0.0, past[:, crossed] - 1)

    def _filtered(self, source: _Narrow, filters: _Narrow, rows: int) -> _Narrow:
        """Filter the source for all rows, shape (channels, rows, groups · filters of a group)."""
        channels, (groups, width, frames) = len(source), filters.shape
        row_bytes, item_bytes = source.strides
        strides = (row_bytes, item_bytes * self._reach, item_bytes * self._step, item_bytes)
        windows = as_strided(source, (channels, groups, rows, frames), strides, writeable=False)
        filtered = np.empty((channels, rows, groups, width), dtype=np.float32)
        into = filtered.transpose(0, 2, 1, 3)
        few = math.ceil(rows / math.ceil(rows * width * frames / UNTHREADED))
        for row in range(0, rows, few):
            some = slice(row, row + few)
            np.matmul(windows[:, :, some], filters.transpose(0, 2, 1), out=into[:, :, some])
        return filtered.reshape(channels, rows, -1)


def _slots(group: _Indices) -> tuple[_Indices, int]:
    """Count the members of each group, which come in order: the number of each in its group, and the most of any."""
    if not len(group):
        return group, 0
    sizes = np.bincount(group)
    return np.arange(len(group)) - np.repeat(np.cumsum(sizes) - sizes, sizes), int(sizes.max())


def _nearly_repeating(ratio: float, phases: int) -> tuple[int, int, int]:
    """Find after how many outputs, and source frames, the phases nearly come back, and how many rows may share that.

    Of all rows that are neither too short nor too long, those that cost the least.
    """
    least, most = (max(1, math.ceil(frames / ratio)) for frames in _ROW_FRAMES)
    outputs = np.arange(least, max(most, least + 1))
    frames = outputs * ratio
    drift = np.abs(frames - np.rint(frames)) * phases
    rows = np.maximum(1, np.minimum(np.minimum(_ROWS, _MOST_DRIFT / (drift + 1e-9)), _BLOCK / outputs) // 1)
    best = int(np.argmin((2 + rows * drift) * (1 + _MATRIX_COST / rows)))
    return int(outputs[best]), round(float(frames[best])), int(rows[best])
