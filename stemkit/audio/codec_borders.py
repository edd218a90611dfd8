"""Where the frames of a lossy codec would begin.

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
from math import exp, log
from typing import TYPE_CHECKING

import numpy as np

from stemkit.audio.codec_grid import FLOOR, analysis_vectors

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from stemkit.audio.codec_grid import Grid
    from stemkit.audio.kernel import Library

__all__ = ["GridTrace", "find_grid"]

LINES = 32  # spectral lines looked at, spread over the band that sounds; `_borders.c` takes so many at a time
LANES = LINES // 2
RUNG = 0.1  # edges of bands are moved by up to half a tenth, since what belongs to one takes time to make
LOWEST_EDGE = 0.01  # of the sample rate
# Scores after so many stretches below which no frames will show: three of four clean sounds end there. Of the coded
# ones of tests/audio/test_lossy_codecs.py in which rounded values are found, the lowest have 3.7 and 5.5 after three
# and six. Above the other score, more stretches will not move the border.
HOPELESS = {3: 3.6, 4: 4.2, 5: 4.7, 6: 5.2, 8: 5.5, 12: 5.5}
PLENTY = 12.0
NEIGHBOURS = 12  # samples on either side of a border that it is held against
MOST = 8.0  # deviations that one stretch may add: a click in it makes a hundred, frames make twenty in every stretch
LEAST = -1.0  # and that one may take away: transients are coded in short frames, which rise where long ones dip


@dataclass(frozen=True, slots=True)
class GridTrace:
    """How far one frame border stands out, in standard deviations of all borders."""

    grid: Grid
    offset: int
    score: float


def find_grid(
    grid: Grid,
    stretches: Sequence[tuple[int, NDArray[np.float32]]],
    band: tuple[float, float],
    library: Library | None = None,
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
    library
        The compiled kernel; without it, numpy does the same.

    Returns
    -------
    GridTrace or None
        The border on which most stretches agree; None where there was nothing to look at.
    """
    count, total = 0, np.zeros(grid.hop)
    for count, (start, samples) in enumerate(stretches, start=1):
        means = _line_means(grid, samples[:, 0], band, library)
        if means.size < grid.hop:
            return None
        folded = means[: means.size // grid.hop * grid.hop].reshape(-1, grid.hop).mean(axis=0)
        total += np.roll(_dips(folded, library), start % grid.hop)
        score = float(total.max()) / count**0.5
        if score < HOPELESS.get(count, 0.0) or score >= PLENTY:
            break
    offset = int(np.argmax(total))
    return GridTrace(grid, offset, float(total[offset]) / max(1, count) ** 0.5)


def _line_means(
    grid: Grid, samples: NDArray[np.float32], band: tuple[float, float], library: Library | None
) -> NDArray[np.float64]:
    """Return the mean logarithm of the lines of a frame that begins at each sample."""
    size = max(1024, 1 << (samples.size - 1).bit_length())
    peak = float(np.abs(samples).max())
    spectrum = np.fft.rfft(samples / np.float32(peak) if peak > 1 else samples, size).astype(np.complex64, copy=False)
    low, high = (round(log(2 * max(edge, LOWEST_EDGE)) / RUNG) for edge in band)
    if library:
        products = _compiled_products(library, spectrum, _bank(grid, size, low, high))
    else:
        products = _products(spectrum, _spectra(grid, size, low, high))
    return np.asarray(np.log10(products[: max(0, samples.size - grid.taps + 1)]) / LINES)


def _products(spectrum: NDArray[np.complex64], lines: NDArray[np.complex64]) -> NDArray[np.float64]:
    """Multiply the magnitudes of all lines at each sample; 32 of the least magnitude stay within a double's range."""
    found = np.abs(np.fft.irfft(spectrum * lines, axis=1)) + np.float32(FLOOR)
    return np.asarray(found.prod(axis=0, dtype=np.float64))


def _compiled_products(
    library: Library, spectrum: NDArray[np.complex64], bank: NDArray[np.float32]
) -> NDArray[np.float64]:
    ffi, size = library.ffi, 2 * (spectrum.size - 1)
    work, out = np.empty((size, 2, LANES), np.float32), np.empty(size)
    inputs = [ffi.from_buffer("float[]", array) for array in (spectrum, bank, _circle(size), work)]
    borders = ffi.new("kernel_borders *", (size, FLOOR, *inputs, ffi.from_buffer("double[]", out)))
    library.lib.kernel_line_products(borders)
    steps = size.bit_length() - 1
    digits = [4] * (steps // 2) + [2] * (steps % 2)
    return out.reshape(digits).transpose(*reversed(range(len(digits)))).ravel()


def _dips(means: NDArray[np.float64], library: Library | None) -> NDArray[np.float64]:
    """Return how far each border lies below its neighbours, in deviations."""
    dips = _medians(means, library) - means
    middle = dips.size // 2
    spread = max(1e-12, 1.4826 * float(np.partition(np.abs(dips), middle)[middle]))  # three times as fast as np.median
    return np.asarray(np.clip(dips / spread, LEAST, MOST))


def _medians(means: NDArray[np.float64], library: Library | None) -> NDArray[np.float64]:
    """Return the median of each value and its neighbours; the first follows on the last."""
    if library:
        out = np.empty(means.size)
        held = (library.ffi.from_buffer("double[]", array) for array in (means, out))
        library.lib.kernel_medians(next(held), means.size, NEIGHBOURS, next(held))
        return out
    around = np.concatenate([means[-NEIGHBOURS:], means, means[:NEIGHBOURS]])
    windows = np.lib.stride_tricks.sliding_window_view(around, 2 * NEIGHBOURS + 1)
    return np.partition(windows, NEIGHBOURS, axis=1)[:, NEIGHBOURS]  # six times as fast as np.median


def _conjugate_spectra(grid: Grid, size: int, low: int, high: int) -> NDArray[np.complex64]:
    """Return those of the analysis vectors [LINES, size // 2 + 1] between two rungs, the edges of a band."""
    first, last = (grid.hop * exp(RUNG * rung) for rung in (low, high))
    lines = np.linspace(first, last - 2, LINES).astype(int)
    return np.asarray(np.fft.rfft(analysis_vectors(grid, lines).astype(np.float32), size, axis=1).conj(), np.complex64)


_spectra = lru_cache(maxsize=8)(_conjugate_spectra)


@lru_cache(maxsize=16)  # of a megabyte each: four kinds of frames, and as many bands
def _bank(grid: Grid, size: int, low: int, high: int) -> NDArray[np.float32]:
    """Return the same as `_borders.c` takes it: [size // 2 + 1, 4, LANES], over the size.

    They come in parts, real and imaginary of one half of the lines and of the other.
    """
    spectra = _conjugate_spectra(grid, size, low, high).T.reshape(-1, 2, LANES)
    parts = np.stack([spectra.real, spectra.imag], axis=2) / np.float32(size)
    return np.ascontiguousarray(parts.reshape(-1, 4, LANES))


@lru_cache(maxsize=4)
def _circle(size: int) -> NDArray[np.complex64]:
    return np.asarray(np.exp(2j * np.pi / size * np.arange(size)), np.complex64)
