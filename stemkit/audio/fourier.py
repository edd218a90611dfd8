"""Fourier transforms in single precision by numpy: those of scipy take half a second to import."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["fast_size", "real_spectrum"]


def real_spectrum(signal: NDArray[Any], size: int | None = None) -> NDArray[np.complex64]:
    """Transform real signals along their last axis, cut or padded with zeros to `size`."""
    return np.asarray(np.fft.rfft(signal, size), np.complex64)  # before version 2, numpy returns doubles


def fast_size(least: int) -> int:
    """Return the first length from `least` on with no prime factor above 5, which a Fourier transform likes."""
    odd: list[int] = [3**threes * 5**fives for threes in range(12) for fives in range(8)]
    return min(factor << (-(-least // factor) - 1).bit_length() for factor in odd)
