"""Lengths that a Fourier transform likes, and spectra in single precision."""

from __future__ import annotations

import numpy as np
import pytest

from stemkit.audio.fourier import fast_size, real_spectrum


@pytest.mark.parametrize(("least", "size"), [(1, 1), (7, 8), (44100, 45000), (48000, 48000), (88200, 90000)])
def test_fast_sizes_are_the_next_without_a_large_prime(least: int, size: int) -> None:
    assert fast_size(least) == size


def test_spectra_stay_in_single_precision() -> None:
    signal = np.random.default_rng(1).standard_normal((2, 60)).astype(np.float32)
    found = real_spectrum(signal, 64)
    assert found.dtype == np.complex64
    assert np.allclose(found, np.fft.rfft(np.pad(signal.astype(np.float64), ((0, 0), (0, 4)))), atol=1e-4)
