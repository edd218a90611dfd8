"""Energies in cells of time and frequency: the common currency in which explanations are compared."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from stemkit.audio.fourier import real_spectrum

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Audio = NDArray[np.float32]

__all__ = ["band_edges_hz", "cell_energy", "cell_product", "pattern", "spectra"]

_PARTS = 4  # a window of 1.4 s is looked at in quarters
_BANDS_AN_OCTAVE = 2
_LOWEST_HZ = 25.0
_HIGHEST_HZ = 20000.0


@lru_cache(maxsize=8)
def band_edges_hz(rate: int) -> tuple[float, ...]:
    """Return the edges of half-octave bands from 25 Hz to 20 kHz or to just below half the rate."""
    top = min(_HIGHEST_HZ, 0.45 * rate)
    count = int(_BANDS_AN_OCTAVE * np.log2(top / _LOWEST_HZ))
    return (0.0, *(float(_LOWEST_HZ * 2 ** (i / _BANDS_AN_OCTAVE)) for i in range(1, count)), top)


@lru_cache(maxsize=8)
def _edges(size: int, rate: int) -> NDArray[np.intp]:
    bins = np.round(np.array(band_edges_hz(rate)) * size / rate).astype(np.intp)
    return np.maximum.accumulate(np.maximum(bins, np.arange(len(bins))))


def spectra(signal: Audio) -> NDArray[np.complex64]:
    """Return tapered spectra of each quarter, shape (windows, channels, quarters, bins)."""
    windows, channels, frames = signal.shape
    part = frames // _PARTS
    taper = np.hanning(part + 1)[:-1].astype(np.float32)
    return real_spectrum(signal.reshape(windows, channels, _PARTS, part) * taper)


def _pool(values: NDArray[Any], rate: int) -> NDArray[Any]:
    edges = _edges(2 * (values.shape[-1] - 1), rate)
    return np.add.reduceat(values[..., : edges[-1]], edges[:-1], axis=-1)


def cell_energy(spectrum: NDArray[np.complex64], rate: int) -> NDArray[np.float32]:
    """Return energies, shape (windows, channels, quarters, bands)."""
    return np.asarray(_pool(spectrum.real**2 + spectrum.imag**2, rate), np.float32)


def cell_product(a: NDArray[np.complex64], b: NDArray[np.complex64], rate: int) -> NDArray[np.float32]:
    """Return the real inner product of two signals a cell."""
    return np.asarray(_pool(a.real * b.real + a.imag * b.imag, rate), np.float32)


def pattern(a: NDArray[Any], b: NDArray[Any]) -> float:
    """Return how alike two patterns of energies are, 0…1, by their square roots."""
    x, y = np.sqrt(a).ravel(), np.sqrt(b).ravel()
    return float(x @ y / max(np.sqrt((x @ x) * (y @ y)), 1e-30))
