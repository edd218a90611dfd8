"""Tell noise and mains hum from quiet music, by the spectrum of half a second."""

from __future__ import annotations

from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Quality", "judge_quality"]

LOWEST_HZ = 40.0
HIGHEST_HZ = 16_000.0
BANDS_AN_OCTAVE = 3
FEWEST_BINS = 6
NOISY_FLATNESS = 0.3
MAINS_HZ = (50.0, 60.0)
HARMONICS = 8
HUM_WIDTH_HZ = 4.0
HUM_SHARE = 0.7


class Quality(NamedTuple):
    """What half a second of quiet sounds like."""

    noisy: bool
    hum_hz: float | None


@lru_cache(maxsize=2)
def _window(frames: int) -> NDArray[np.float32]:
    return np.hanning(frames).astype(np.float32)


def _flatness(power: NDArray[np.float64], resolution_hz: float) -> float:
    """Spectral flatness in bands, weighted by the energy of each band.

    In a band of noise of any colour, powers scatter like an exponential distribution: their geometric mean is
    exp(-0.577) = 0.56 of the arithmetic one. A band that holds a tone lies far below.
    """
    edges = LOWEST_HZ * 2 ** (np.arange(0, 40) / BANDS_AN_OCTAVE)
    bins = sorted({int(edge / resolution_hz) for edge in edges if edge <= HIGHEST_HZ})
    weighted = total = 0.0
    for low, high in pairwise(at for at in bins if at < len(power)):
        band = power[low:high]
        mean = float(band.mean())
        if high - low < FEWEST_BINS or mean <= 0:
            continue
        flat = float(np.exp(np.log(band + 1e-12 * mean).mean())) / mean
        weighted += flat * mean * (high - low)
        total += mean * (high - low)
    return weighted / total if total else 0.0


def judge_quality(samples: NDArray[np.float32], sample_rate: int) -> Quality:
    """Judge a quiet stretch.

    Parameters
    ----------
    samples : ndarray [shape=(n,)]
        Half a second of one channel.
    sample_rate
        In Hz.

    Returns
    -------
    Quality
        `hum_hz` is 50 or 60 where harmonics of the mains hold most of the energy.
    """
    spectrum = np.fft.rfft(samples * _window(len(samples)))
    power = (spectrum.real**2 + spectrum.imag**2).astype(np.float64)
    resolution = sample_rate / len(samples)
    audible = float(power[int(LOWEST_HZ / resolution) :].sum())
    shares = []
    for mains in MAINS_HZ:
        centres = mains * np.arange(1, HARMONICS + 1)
        near = [power[int((c - HUM_WIDTH_HZ) / resolution) : int((c + HUM_WIDTH_HZ) / resolution) + 1] for c in centres]
        shares.append(float(sum(part.sum() for part in near)) / audible if audible > 0 else 0.0)
    best = int(np.argmax(shares))
    return Quality(
        noisy=_flatness(power, resolution) >= NOISY_FLATNESS,
        hum_hz=MAINS_HZ[best] if shares[best] >= HUM_SHARE else None,
    )
