"""Energy below hearing, which eats headroom."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from stemkit.audio.chunks import CELLS
from stemkit.audio.products import product

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from stemkit.audio.chunks import Cells, Chunk

__all__ = ["AVERAGES", "SubsonicMeter"]

BELOW_HZ = 20.0
ABOVE_HZ = 1.5  # slower than this is drift or DC, which has its own figure
AVERAGES = 1000  # a chunk: means of 1 ms


class SubsonicMeter:
    """Compares the energy from 1.5 to 20 Hz with the energy of everything.

    Means of 1 ms make a 1 kHz stream (boxcar: what could fold onto 20 Hz is 34 dB down); half-overlapping windows
    of one second, shaped by a sine, whose squares add up to one, give its spectrum.
    """

    def __init__(self, channels: int) -> None:
        self._past: NDArray[np.float32] = np.zeros((channels, AVERAGES // 2), np.float32)
        self._low = 0.0
        self._all = 0.0
        self._frames_each = 1.0

    def feed(self, chunk: Chunk) -> None:
        """Take the next chunk."""
        fine = chunk.cell_frames * CELLS // AVERAGES
        if fine * AVERAGES == chunk.samples.shape[1]:
            stretches = chunk.samples.reshape(-1, fine)
            means = product(stretches, np.full((fine, 1), 1 / fine, np.float32)).reshape(-1, AVERAGES)
        else:
            means = _uneven_means(chunk.samples)
        self.take(means, chunk)

    def take(self, means: NDArray[np.float32], cells: Cells) -> None:
        """Take the means ``(channels, 1000 a chunk)`` of the next chunks."""
        self._all += float(cells.energy.sum())
        self._frames_each = cells.energy.shape[1] * cells.cell_frames / means.shape[1]
        both = np.concatenate([self._past, means], axis=1)
        self._add(both[:, : -(AVERAGES // 2)].reshape(-1, AVERAGES))
        self._add(means.reshape(-1, AVERAGES))
        self._past = means[:, -(AVERAGES // 2) :]

    def _add(self, means: NDArray[np.float32]) -> None:
        self._low += 2 * float(np.square(product(means, _waves())).sum()) / AVERAGES

    def result(self) -> float | None:
        """Return the share in dB, None for silence."""
        self._add(np.concatenate([self._past, np.zeros_like(self._past)], axis=1))
        share = self._low * self._frames_each / self._all if self._all > 0 else 0.0
        return 10 * math.log10(min(share, 1.0)) if 0 < share < math.inf else None


@lru_cache(maxsize=1)
def _waves() -> NDArray[np.float32]:
    """Return what a window is held against for the few bins that are wanted, [AVERAGES, 2 * bins]."""
    time = (np.arange(AVERAGES) + 0.5) / AVERAGES
    turns = np.exp(-2j * math.pi * np.outer(time, np.arange(math.ceil(ABOVE_HZ), math.ceil(BELOW_HZ))))
    waves = turns * np.sin(math.pi * time)[:, None]
    return np.concatenate([waves.real, waves.imag], axis=1).astype(np.float32)


def _uneven_means(samples: NDArray[np.float32]) -> NDArray[np.float32]:
    """Means of stretches that differ by one frame, for rates like 44.1 kHz."""
    edges = np.arange(AVERAGES) * samples.shape[1] // AVERAGES
    lengths = np.diff(np.append(edges, samples.shape[1])).astype(np.float32)
    return (np.add.reduceat(samples, edges, axis=1) / lengths).astype(np.float32)
