"""The frame grid that a lossy codec leaves in the samples.

A transform codec cuts the sound into frames and rounds the spectrum of each. Decoded audio, analysed with the same
transform at the same frame borders, falls back onto the rounded values, and many lines are nearly zero. One sample
beside the border they are not. So the mean logarithm of the lines, taken at every possible border, has a sharp dip
at one of them when the sound went through that codec. Gain does not hide the grid; resampling and mixing with other
sounds do. The idea is that of the inverse decoder (Herre and Schug, AES 109, 2000).

A dip alone proves nothing. A click between two silences makes one too: where a frame begins right at the click, the
frame before it is empty. So does a gain that moves in blocks of 1024 samples. The border found here is therefore
only where `codec_lattice` looks for the rounded values themselves.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from math import gcd
from typing import TYPE_CHECKING, Literal

import numpy as np

from stemkit.audio.mpeg_filterbank import GRANULE_SAMPLES, LAYER3_TAPS, layer3_vectors
from stemkit.audio.products import product_by_columns

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

__all__ = ["FLOOR", "GRIDS", "Grid", "GridTrace", "analysis_vectors", "find_grid", "frame_lines", "resampled"]

LINES = 40  # spectral lines looked at, spread over the band that sounds
FLOOR = 3e-8  # the rounding of 24 bits in one line; below it a logarithm says nothing
EDGE = 256  # frames at either end of a converted stretch that still hear the cut
# Scores after so many stretches below which no frames will show: three of four clean sounds end there. Of the coded
# ones of tests/audio/test_lossy_codecs.py in which rounded values are found, the lowest have 3.7 and 5.5.
HOPELESS = {3: 3.6, 6: 5.2}
NEIGHBOURS = 12  # samples on either side of a border that it is held against
MOST = 8.0  # deviations that one stretch may add: a click in it makes a hundred, frames make twenty in every stretch
LEAST = -1.0  # and that one may take away: transients are coded in short frames, which rise where long ones dip


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


@dataclass(frozen=True, slots=True)
class GridTrace:
    """How far one frame border stands out, in standard deviations of all borders."""

    grid: Grid
    offset: int
    score: float


def find_grid(
    grid: Grid, stretches: Sequence[tuple[int, NDArray[np.float32]]], band: tuple[float, float]
) -> GridTrace | None:
    """Look for the border at which one codec's frames would begin.

    Parameters
    ----------
    grid
        The codec.
    stretches
        Pairs of the first frame's number in the file and float32 [frames, channels]; the first channel is looked at.
    band
        Lower and upper edge of what sounds, as shares of the sample rate (0…0.5).

    Returns
    -------
    GridTrace or None
        The border on which most stretches agree; None where there was nothing to look at.
    """
    count, total = 0, np.zeros(grid.hop)
    for count, (start, samples) in enumerate(stretches, start=1):
        means = _line_means(grid, samples[:, 0], band)
        if means.size < grid.hop:
            return None
        folded = means[: means.size // grid.hop * grid.hop].reshape(-1, grid.hop).mean(axis=0)
        total += np.roll(_dips(folded), start % grid.hop)
        if float(total.max()) < HOPELESS.get(count, 0.0) * count**0.5:
            break
    offset = int(np.argmax(total))
    return GridTrace(grid, offset, float(total[offset]) / max(1, count) ** 0.5)


def _line_means(grid: Grid, samples: NDArray[np.float32], band: tuple[float, float]) -> NDArray[np.float64]:
    """Return the mean logarithm of the lines of a frame that begins at each sample."""
    low, high = (round(edge * 100) for edge in band)
    size = _fast_size(samples.size)
    bank, taps = _bank(grid, size, low, high)
    lines = np.fft.irfft(np.fft.rfft(samples, size) * bank, size, axis=1)[:, : max(0, samples.size - taps + 1)]
    return np.asarray(np.log10(np.abs(lines) + np.float32(FLOOR)).mean(axis=0, dtype=np.float64))


def _fast_size(size: int) -> int:
    """Return a length from `size` on that a Fourier transform likes: a power of two, or 3, 5 or 9 times one."""
    return min(odd << max(0, (-(-size // odd) - 1).bit_length()) for odd in (1, 3, 5, 9))


def _dips(means: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return how far each border lies below its neighbours, in deviations."""
    around = np.concatenate([means[-NEIGHBOURS:], means, means[:NEIGHBOURS]])
    windows = np.lib.stride_tricks.sliding_window_view(around, 2 * NEIGHBOURS + 1)
    local = np.partition(windows, NEIGHBOURS, axis=1)[:, NEIGHBOURS]  # the median, six times as fast as np.median
    dips = local - means
    spread = max(1e-12, 1.4826 * float(np.median(np.abs(dips))))
    return np.asarray(np.clip(dips / spread, LEAST, MOST))


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
    return _all_layer3_vectors()[lines] if grid.window == "layer3" else _mdct_vectors(lines, grid)


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
    return layer3_vectors()


@lru_cache(maxsize=16)
def _bank(grid: Grid, size: int, low: int, high: int) -> tuple[NDArray[np.complex64], int]:
    """Return the conjugate spectra [LINES, size // 2 + 1] of the analysis vectors and their length in samples."""
    lines = np.unique(np.linspace(low / 50 * grid.hop, high / 50 * grid.hop - 2, LINES).astype(int))
    vectors = analysis_vectors(grid, lines)
    return np.conj(np.fft.rfft(vectors, size, axis=1)).astype(np.complex64), vectors.shape[1]


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
