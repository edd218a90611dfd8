"""Cut a stream into chunks of one second, whatever blocks it arrives in, with the sums that many figures share.

A chunk holds 100 cells of (nearly) 10 ms. Since the cuts never depend on how the audio was delivered, neither
does any figure. Each chunk carries the 160 ms before it, so that detectors see across the border.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from stemkit.audio.source import Source

__all__ = ["CELLS", "HISTORY_CELLS", "Cells", "Chunk", "cell_frames_of", "read_chunks"]

CELLS = 100  # cells a chunk
HISTORY_CELLS = 16  # cells of the past that a chunk carries
CELLS_A_SECOND = 100


def cell_frames_of(sample_rate: int) -> int:
    """Frames of a cell: 10 ms, rounded (exact at every rate that is a multiple of 100 Hz)."""
    return max(1, round(sample_rate / CELLS_A_SECOND))


@dataclass(frozen=True, slots=True, kw_only=True)
class Cells:
    """What is known of the cells of one or more chunks; the arrays are ``(channels, cells)``."""

    frames: int  # how many samples belong to the file; the rest of the last chunk is padding
    cell_frames: int
    lowest: NDArray[np.float32]
    highest: NDArray[np.float32]
    total: NDArray[np.float32]  # sum of the samples of each cell
    energy: NDArray[np.float64]  # sum of their squares

    @property
    def magnitude(self) -> NDArray[np.float32]:
        """Highest absolute sample of each cell."""
        return np.maximum(self.highest, -self.lowest)

    @property
    def full_cells(self) -> int:
        """Cells that lie in the file whole."""
        return self.frames // self.cell_frames

    @property
    def used_cells(self) -> int:
        """Cells that hold at least one frame of the file."""
        return -(-self.frames // self.cell_frames)


@dataclass(frozen=True, slots=True, kw_only=True)
class Chunk(Cells):
    """One second of audio, planar, padded with zeros behind the end of the file.

    `buffer` is ``(channels, history + samples)`` and is reused for the next chunk: keep copies, not views.
    """

    buffer: NDArray[np.float32]
    exact: NDArray[Any]  # the samples alone, in a type that holds them exactly
    start: int  # frame in the file of the first sample
    non_finite: int
    non_finite_at: int | None

    @property
    def history(self) -> int:
        """Frames of the past at the head of `buffer`."""
        return HISTORY_CELLS * self.cell_frames

    @property
    def samples(self) -> NDArray[np.float32]:
        """``(channels, 100 * cell_frames)``."""
        return self.buffer[:, self.history :]


def _silence_non_finite(samples: NDArray[Any], frames: int) -> tuple[int, int | None]:
    """Set NaN and Inf to zero in place; return how many samples and the first frame."""
    bad = ~np.isfinite(samples[:, :frames])
    count = int(np.count_nonzero(bad))
    if not count:
        return 0, None
    samples[:, :frames][bad] = 0
    return count, int(np.flatnonzero(bad.any(axis=0))[0])


def read_chunks(source: Source) -> Iterator[Chunk]:
    """Yield the source's chunks; every one but the last is full. An empty source yields none."""
    cell = cell_frames_of(source.sample_rate)
    length, history = CELLS * cell, HISTORY_CELLS * cell
    buffer = np.zeros((source.channels, history + length), np.float32)
    samples = buffer[:, history:]
    wide = source.dtype is np.float64
    exact: NDArray[Any] = np.zeros((source.channels, length), np.float64) if wide else samples
    start = 0
    while frames := source.read(exact):
        exact[:, frames:] = 0
        cells = (source.channels, CELLS, cell)
        view = exact.reshape(cells)
        energy = np.einsum("ijk,ijk->ij", view, view).astype(np.float64)
        non_finite, where = (0, None) if np.isfinite(energy).all() else _silence_non_finite(exact, frames)
        if non_finite:
            energy = np.einsum("ijk,ijk->ij", view, view).astype(np.float64)
        if wide:
            np.copyto(samples, exact, casting="same_kind")
        cut = samples.reshape(cells)
        yield Chunk(
            buffer=buffer,
            exact=exact,
            start=start,
            frames=frames,
            cell_frames=cell,
            lowest=np.minimum.reduce(cut, axis=2),
            highest=np.maximum.reduce(cut, axis=2),
            total=np.add.reduce(cut, axis=2),
            energy=energy,
            non_finite=non_finite,
            non_finite_at=None if where is None else start + where,
        )
        start += frames
        buffer[:, :history] = buffer[:, length:]
