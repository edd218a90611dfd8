"""The frames of lossy codecs: how long they are, and the transform that gives the spectral lines of one."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from math import gcd
from typing import TYPE_CHECKING, Literal

import numpy as np

from stemkit.audio.mpeg_filterbank import GRANULE_SAMPLES, LAYER3_TAPS, layer3_vectors
from stemkit.audio.products import product_by_columns

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["FLOOR", "GRIDS", "Grid", "analysis_vectors", "frame_lines", "resampled"]

FLOOR = 3e-8  # the rounding of 24 bits in one line; below it a logarithm says nothing
EDGE = 256  # frames at either end of a converted stretch that still hear the cut


@dataclass(frozen=True, slots=True)
class Grid:
    """A codec's frames: `hop` samples apart, analysed with `window` (`layer3` is a filter bank of its own).

    A line is stored as a whole number, which stands for a step times that number to the `power`.
    """

    codec: str
    hop: int
    window: Literal["layer3", "sine", "kbd", "vorbis"]
    power: float = 4 / 3

    @property
    def taps(self) -> int:
        """Samples that one frame is computed from."""
        return LAYER3_TAPS if self.window == "layer3" else 2 * self.hop


GRIDS = (
    Grid("MP3", GRANULE_SAMPLES, "layer3"),
    Grid("AAC", 1024, "kbd"),
    Grid("AAC", 1024, "sine"),
    Grid("Vorbis", 1024, "vorbis", power=1.0),
)


def resampled(stretch: tuple[int, NDArray[np.float32]], from_hz: int, to_hz: int) -> tuple[int, NDArray[np.float32]]:
    """Bring a stretch back to a lower rate, so that its samples fall where they fell before it was raised.

    Parameters
    ----------
    stretch
        First frame's number in the file and float32 [frames, channels].
    from_hz, to_hz
        The file's rate, and the lower one.

    Returns
    -------
    tuple of int and ndarray
        The same at `to_hz`; it begins where both rates have a sample at the same time, and without the edges that
        the conversion has spoilt.
    """
    import soxr  # noqa: PLC0415  (needed for converted files only)

    start, samples = stretch
    divisor = gcd(from_hz, to_hz)
    step_from, step_to = from_hz // divisor, to_hz // divisor
    skip = -start % step_from
    size = (len(samples) - step_from) // step_from * step_from
    converted = np.asarray(soxr.resample(samples[skip : skip + size], from_hz, to_hz, "VHQ"), dtype=np.float32)
    first = (start + skip) // step_from * step_to
    kept = size // step_from * step_to - 2 * EDGE
    return first + EDGE, converted[EDGE : EDGE + kept]


def analysis_vectors(grid: Grid, lines: NDArray[np.int64]) -> NDArray[np.float64]:
    """Build what a codec's spectral lines are measured with.

    Parameters
    ----------
    grid
        The codec.
    lines
        Numbers of spectral lines, 0…hop-1.

    Returns
    -------
    ndarray [len(lines), taps]
        Vectors of unit norm. The sound against one of them, from the border of a frame on, is that line's value.
    """
    return layer3_vectors(lines) if grid.window == "layer3" else _mdct_vectors(lines, grid)


def frame_lines(grid: Grid, frames: NDArray[np.float32]) -> NDArray[np.float32]:
    """Compute all spectral lines of frames.

    Parameters
    ----------
    grid
        The codec.
    frames : ndarray [shape=(n, grid.taps)]
        Each from the border of a frame on.

    Returns
    -------
    ndarray [shape=(n, grid.hop)]
        The same as the products with `analysis_vectors`.
    """
    if grid.window == "layer3":
        return product_by_columns(frames, _all_layer3_vectors().astype(np.float32).T)
    before, after = _twiddles(grid)
    return np.asarray((np.fft.fft(frames * before, axis=1)[:, : grid.hop] * after).real, np.float32)


@lru_cache(maxsize=4)
def _twiddles(grid: Grid) -> tuple[NDArray[np.complex64], NDArray[np.complex64]]:
    """Factors that make a Fourier transform an MDCT: on the samples, window included, and on its bins."""
    half, lines = np.pi / grid.hop, np.arange(grid.hop) + 0.5
    before = _window(grid) * np.exp(-0.5j * half * np.arange(grid.taps))
    after = np.exp(-1j * half * (0.5 + grid.hop / 2) * lines) * (2 / grid.hop) ** 0.5
    return before.astype(np.complex64), after.astype(np.complex64)


@lru_cache(maxsize=1)
def _all_layer3_vectors() -> NDArray[np.float64]:
    return layer3_vectors(np.arange(GRANULE_SAMPLES))


def _mdct_vectors(lines: NDArray[np.int64], grid: Grid) -> NDArray[np.float64]:
    n = np.arange(2 * grid.hop)
    phase = np.pi / grid.hop * (n + 0.5 + grid.hop / 2)
    vectors: NDArray[np.float64] = _window(grid) * np.cos(phase * (lines[:, None] + 0.5))
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors


def _window(grid: Grid) -> NDArray[np.float64]:
    sine: NDArray[np.float64] = np.sin(np.pi / (2 * grid.hop) * (np.arange(2 * grid.hop) + 0.5))
    if grid.window == "sine":
        return sine
    if grid.window == "vorbis":  # Vorbis I specification, section 1.3.2
        return np.asarray(np.sin(np.pi / 2 * sine**2))
    kaiser = np.cumsum(np.kaiser(grid.hop + 1, 4 * np.pi))  # alpha 4 for long blocks, ISO/IEC 14496-3
    half = np.sqrt(kaiser[:-1] / kaiser[-1])
    return np.concatenate([half, half[::-1]])
