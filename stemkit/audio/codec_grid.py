"""The frame grid that a lossy codec leaves in the samples.

A transform codec cuts the sound into frames and rounds the spectrum of each. Decoded audio, analysed with the same
transform at the same frame borders, falls back onto the rounded values, and many lines are nearly zero. One sample
beside the border they are not. So the mean logarithm of the lines, taken at every possible border, has a sharp dip
at one of them when the sound went through that codec, and none when it did not: a low-pass, a resampler, a gate
or a denoiser knows no border that matters to one sample. Gain does not hide the grid; resampling and mixing with
other sounds do. The idea is that of the inverse decoder (Herre and Schug, AES 109, 2000).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from math import gcd
from typing import TYPE_CHECKING, Literal

import numpy as np

from stemkit.audio.mpeg_filterbank import GRANULE_SAMPLES, layer3_vectors

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

__all__ = ["GRIDS", "Grid", "GridTrace", "find_grid", "resampled"]

LINES = 40  # spectral lines looked at, spread over the band that sounds
FLOOR = 3e-8  # the rounding of 24 bits in one line; below it a logarithm says nothing
EDGE = 256  # frames at either end of a converted stretch that still hear the cut
NEIGHBOURS = 12  # samples on either side of a border that it is held against


@dataclass(frozen=True, slots=True)
class Grid:
    """A codec's frames: `hop` samples apart, analysed with `window` (`layer3` is a filter bank of its own)."""

    codec: str
    hop: int
    window: Literal["layer3", "sine", "kbd", "vorbis"]


GRIDS = (
    Grid("MP3", GRANULE_SAMPLES, "layer3"),
    Grid("AAC", 1024, "kbd"),
    Grid("AAC", 1024, "sine"),
    Grid("Vorbis", 1024, "vorbis"),
)


@dataclass(frozen=True, slots=True)
class GridTrace:
    """How far one frame border stands out. `depth` is in decades, `score` in standard deviations of all borders."""

    grid: Grid
    offset: int
    depth: float
    score: float


def find_grid(
    grid: Grid, stretches: Iterable[tuple[int, NDArray[np.float32]]], band: tuple[float, float]
) -> GridTrace | None:
    """Look for one codec's frame grid.

    Parameters
    ----------
    grid
        The codec.
    stretches
        Pairs of the first frame's number in the file and float32 [frames]; all of the same length.
    band
        Lower and upper edge of what sounds, as shares of the sample rate (0…0.5).

    Returns
    -------
    GridTrace or None
        The border that stands out most; None where there was nothing to look at.
    """
    from scipy import fft  # noqa: PLC0415  (scipy costs time to import)

    total, count = np.zeros(grid.hop), np.zeros(grid.hop)
    low, high = (round(edge * 100) for edge in band)
    for start, samples in stretches:
        size = fft.next_fast_len(samples.size, real=True)
        bank, taps = _bank(grid, size, low, high)
        lines = fft.irfft(fft.rfft(samples, size) * bank, size, axis=1)[:, : samples.size - taps + 1]
        means = np.log10(np.abs(lines) + np.float32(FLOOR)).mean(axis=0, dtype=np.float64)
        whole = means.size // grid.hop * grid.hop
        total += np.roll(means[:whole].reshape(-1, grid.hop).sum(axis=0), start % grid.hop)
        count += whole // grid.hop
    if not count.all():
        return None
    return _stand_out(grid, total / count)


def resampled(stretch: tuple[int, NDArray[np.float32]], from_hz: int, to_hz: int) -> tuple[int, NDArray[np.float32]]:
    """Bring a stretch back to a lower rate, so that its samples fall where they fell before it was raised.

    Parameters
    ----------
    stretch
        First frame's number in the file and float32 [frames].
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
    size = (samples.size - step_from) // step_from * step_from
    converted = np.asarray(soxr.resample(samples[skip : skip + size], from_hz, to_hz, "VHQ"), dtype=np.float32)
    first = (start + skip) // step_from * step_to
    kept = size // step_from * step_to - 2 * EDGE
    return first + EDGE, converted[EDGE : EDGE + kept]


def _stand_out(grid: Grid, means: NDArray[np.float64]) -> GridTrace | None:
    around = np.concatenate([means[-NEIGHBOURS:], means, means[:NEIGHBOURS]])
    local = np.median(np.lib.stride_tricks.sliding_window_view(around, 2 * NEIGHBOURS + 1), axis=1)
    dips = local - means
    spread = 1.4826 * float(np.median(np.abs(dips)))
    if spread <= 0:
        return None
    offset = int(np.argmax(dips))
    return GridTrace(grid, offset, float(dips[offset]), float(dips[offset]) / spread)


@lru_cache(maxsize=16)
def _bank(grid: Grid, size: int, low: int, high: int) -> tuple[NDArray[np.complex64], int]:
    """Return the conjugate spectra [LINES, size // 2 + 1] of the analysis vectors and their length in samples."""
    lines = np.unique(np.linspace(low / 50 * grid.hop, high / 50 * grid.hop - 2, LINES).astype(int))
    vectors = layer3_vectors(lines.tolist()) if grid.window == "layer3" else _mdct_vectors(lines, grid)
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
