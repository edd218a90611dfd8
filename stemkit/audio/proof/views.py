"""The windows in which stems and mix are held against each other: loud ones, and some in which each stem plays."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from stemkit.audio.proof.residual import AlignedMix
    from stemkit.audio.proof.scan import Scan
    from stemkit.audio.proof.streams import Source

    Audio = NDArray[np.float32]

__all__ = ["Views", "choose_windows", "open_views", "read_windows"]

_MAX_WINDOWS = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Views:
    """Sum and mix in the chosen windows.

    Attributes
    ----------
    starts
        First frame of each window.
    size
        Frames a window; a power of two of about 1.4 s.
    total, mix
        Shape (windows, channels, frames).
    """

    starts: tuple[int, ...]
    size: int
    rate: int
    total: Audio
    mix: Audio


def window_size(rate: int) -> int:
    """Return the window length in frames: the power of two nearest to 1.4 s."""
    return 1 << round(float(np.log2(1.4 * rate)))


def choose_windows(
    scan: Scan, rate: int, residual_per_second: NDArray[np.float64], span: tuple[int, int]
) -> tuple[int, ...]:
    """Choose windows so that each stem is seen where it plays, and the residual where it is largest.

    A short song is seen whole. Otherwise windows are taken one by one: each time the one that adds most, where a
    stem's window counts by its share of that stem's energy and less with every window that already has it.
    """
    size = window_size(rate)
    first, last = span
    count = max(1, -(-(last - first) // size))
    starts = first + np.arange(count) * size
    if count > 1:
        starts[-1] = last - size
    if count <= _MAX_WINDOWS:
        return tuple(int(s) for s in starts)
    cells = np.clip((np.arange(scan.energy.shape[2]) * scan.cell_frames - first) // size, 0, count - 1)
    per_window = np.zeros((scan.energy.shape[0] + 1, count))
    for index, energy in enumerate(scan.energy.sum(axis=1)):
        per_window[index] = np.bincount(cells, energy, count)
    seconds = np.clip((np.arange(len(residual_per_second)) * rate - first) // size, 0, count - 1)
    per_window[-1] = np.bincount(seconds, residual_per_second[:, 0], count)
    share = per_window / np.maximum(per_window.max(axis=1, keepdims=True), 1e-30)
    seen = np.zeros(len(share))
    chosen: list[int] = []
    for _ in range(_MAX_WINDOWS):
        worth = (share / (0.2 + seen[:, None]) ** 1.5).sum(axis=0)
        worth[chosen] = -1
        best = int(np.argmax(worth))
        chosen.append(best)
        seen += share[:, best]
    return tuple(int(starts[i]) for i in sorted(chosen))


def read_windows(source: Source | AlignedMix, starts: tuple[int, ...], size: int, *, fold: bool = False) -> Audio:
    """Read windows of one file, shape (windows, 2, frames); mono stands in both channels."""
    out = np.empty((len(starts), 2, size), np.float32)
    for index, start in enumerate(starts):
        block = source.read(start, size)
        out[index] = block.mean(axis=1) if fold else block.T
    return out


def open_views(scan: Scan, mix: AlignedMix, starts: tuple[int, ...], rate: int) -> Views:
    """Read sum and mix in the chosen windows."""
    size = window_size(rate)
    fold = mix.alignment.fold
    total = np.empty((len(starts), 2, size), np.float32)
    for index, start in enumerate(starts):
        block = scan.total.read(start, size)
        total[index] = block.mean(axis=1) if fold else block.T
    return Views(starts=starts, size=size, rate=rate, total=total, mix=read_windows(mix, starts, size))
