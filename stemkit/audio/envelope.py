"""The outline of a file for drawing, of bounded size whatever the length."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, overload

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from stemkit.audio.chunks import Cells

__all__ = ["MAX_COLUMNS", "Columns", "Envelope"]

MAX_COLUMNS = 12_000
_PAIR = struct.Struct("<2f")


@dataclass(frozen=True, slots=True)
class Columns(Sequence[tuple[float, float]]):
    """(lowest, highest) of each column, kept as float32: as tuples, sixty files would hold 70 MB for their drawings."""

    packed: bytes

    def __len__(self) -> int:
        return len(self.packed) // _PAIR.size

    def __iter__(self) -> Iterator[tuple[float, float]]:
        return iter(_PAIR.iter_unpack(self.packed))

    @overload
    def __getitem__(self, index: int) -> tuple[float, float]: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[tuple[float, float]]: ...
    def __getitem__(self, index: int | slice) -> tuple[float, float] | Sequence[tuple[float, float]]:
        if isinstance(index, slice):
            pairs = np.frombuffer(self.packed, "<f4").reshape(-1, 2)[index]
            return Columns(pairs.tobytes())
        low, high = _PAIR.unpack_from(self.packed, range(len(self))[index] * _PAIR.size)
        return low, high


class Envelope:
    """Lowest and highest sample, over all channels, of equal stretches of time.

    The length need not be known: when there are too many columns, each pair becomes one and the stretch doubles.
    Rows of the arrays are (negated lowest, highest), so that both merge by maximum.
    """

    def __init__(self) -> None:
        self._columns: list[NDArray[np.float32]] = []
        self._count = 0
        self._rest: NDArray[np.float32] = np.zeros((2, 0), np.float32)  # cells that fill no column yet
        self._cells_a_column = 1
        self._cell_frames = 0

    def feed(self, next_cells: Cells) -> None:
        """Take the cells of the next chunks."""
        self._cell_frames = next_cells.cell_frames
        used = next_cells.used_cells
        extremes = np.stack([-next_cells.lowest[:, :used].min(axis=0), next_cells.highest[:, :used].max(axis=0)])
        cells = np.concatenate([self._rest, extremes], axis=1)
        width = self._cells_a_column
        whole = cells.shape[1] // width * width
        self._columns.append(cells[:, :whole].reshape(2, -1, width).max(axis=2))
        self._rest = cells[:, whole:]
        self._count += whole // width
        if self._count > MAX_COLUMNS:
            self._halve()

    def _halve(self) -> None:
        columns = np.concatenate(self._columns, axis=1)
        paired = columns.shape[1] // 2 * 2
        odd = np.repeat(columns[:, paired:], self._cells_a_column, axis=1)
        self._rest = np.concatenate([odd, self._rest], axis=1)
        self._columns = [columns[:, :paired].reshape(2, -1, 2).max(axis=2)]
        self._count = paired // 2
        self._cells_a_column *= 2

    def result(self) -> tuple[Sequence[tuple[float, float]], int]:
        """Return the (lowest, highest) of each column and the frames a column; the last column may be shorter."""
        columns = self._columns
        if self._rest.size:
            columns = [*columns, self._rest.max(axis=1, keepdims=True)]
        if not columns:
            return (), 0
        pairs = np.concatenate(columns, axis=1).T * np.array([-1, 1], "<f4") + np.float32(0)  # no -0
        return Columns(pairs.tobytes()), self._cells_a_column * self._cell_frames
