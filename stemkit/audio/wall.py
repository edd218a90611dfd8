"""Where a spectrum ends: the band that sounds, walls in it, and the sample rate that a wall gives away."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from stemkit.audio.quantiles import quantiles

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

__all__ = ["find_wall", "mean_spectrum_db", "sounding_band", "upsampled_from"]

FFT_FRAMES = 2048
EMPTY_DB = -95.0  # of one bin: well above the rounding of 24 bits (about -150), below any sound worth having
WALL_DROP_DB = 45.0
LOWER_RATES_HZ = (8000, 11025, 16000, 22050, 24000, 32000, 44100, 48000, 88200, 96000)
FALL_OFF_DB = 12.0  # what a sound may lose from 0.75 to 0.85 of a wall's frequency
LAST_SOUND = 0.965  # of the old Nyquist frequency: up to here a good converter leaves something,
REMAINS_DB = 28.0  # at least this much above nothing; a wall that is done before is some filter's
BEND_DB = 6.0  # an interpolating filter is half way down at the old Nyquist frequency
HIGH_RATE_HZ = 88200  # nobody filters music at 22 or 24 kHz on purpose, so a softer wall will do there
LOWEST_SOFT_HZ = 44100
HIGHEST_WALL = 0.94  # of half the sample rate: what ends above is the converter's own filter
TOO_CLOSE = 0.95  # a lower rate must be below this share of the file's own


def mean_spectrum_db(stretches: Sequence[NDArray[np.float32]]) -> NDArray[np.float64]:
    """Return the mean power of stretches in dBFS a bin, float64 [1025]; a full-scale sine reads about -3."""
    window = np.hanning(FFT_FRAMES).astype(np.float32)
    power = np.zeros(FFT_FRAMES // 2 + 1)
    for samples in stretches:
        frames = samples[: samples.size // FFT_FRAMES * FFT_FRAMES].reshape(-1, FFT_FRAMES) * window
        spectra = np.fft.rfft(frames, axis=1)
        power += (spectra.real**2 + spectra.imag**2).mean(axis=0, dtype=np.float64)
    scale = 2 / float(window.sum()) ** 2
    return 10 * np.log10(power * scale / len(stretches) + 1e-20)


def _smooth(spectrum: NDArray[np.float64], bins: int = 9) -> NDArray[np.float64]:
    """Median over neighbouring bins, which no single whistle can lift."""
    padded = np.pad(spectrum, bins // 2, mode="edge")
    windows = np.lib.stride_tricks.sliding_window_view(padded, bins)
    return np.partition(windows, bins // 2, axis=1)[:, bins // 2]  # an odd number: three times as fast as np.median


def sounding_band(spectrum: NDArray[np.float64]) -> tuple[float, float] | None:
    """Return the upper part of the band that sounds, as shares of the sample rate; None for silence and hum.

    There codecs round most coarsely, so their traces are plainest.
    """
    sounding = np.flatnonzero(_smooth(spectrum) > EMPTY_DB)
    if sounding.size == 0:
        return None
    high = float(sounding[-1]) / FFT_FRAMES
    return (0.6 * high, high) if high > 0.02 else None


def find_wall(spectrum: NDArray[np.float64], sample_rate: int) -> float | None:
    """Find a brick wall: sound right below it, nothing from there up.

    Parameters
    ----------
    spectrum
        From `mean_spectrum_db`.
    sample_rate
        Frames a second.

    Returns
    -------
    float or None
        The frequency in Hz where the level falls by more than 45 dB within a tenth of an octave and stays down.
    """
    level = _smooth(spectrum)
    bins = np.arange(200, int(HIGHEST_WALL * (level.size - 1)))
    before = level[(bins * 0.96).astype(int)]
    after = level[np.minimum((bins * 1.03).astype(int), level.size - 1)]
    loudest_above = np.maximum.accumulate(level[::-1])[::-1][np.minimum((bins * 1.03).astype(int), level.size - 1)]
    drops = np.where(loudest_above <= before - WALL_DROP_DB, before - after, 0.0)
    best = int(np.argmax(drops))
    if drops[best] < WALL_DROP_DB:
        return None
    return float(bins[best] * sample_rate / FFT_FRAMES)


def upsampled_from(spectrum: NDArray[np.float64], sample_rate: int) -> int | None:
    """Find the lower sample rate that a file was converted from.

    Parameters
    ----------
    spectrum
        From `mean_spectrum_db`.
    sample_rate
        The file's own rate in Hz.

    Returns
    -------
    int or None
        A usual rate in Hz at half of which the sound ends in a wall, None where there is no such wall.
    """
    level = _smooth(spectrum, 5)
    hertz = np.arange(level.size) * sample_rate / FFT_FRAMES
    rates = [rate for rate in LOWER_RATES_HZ if rate < TOO_CLOSE * sample_rate]
    sharp = next((rate for rate in rates if _ends_at(level, hertz, rate / 2)), None)
    if sharp is not None or sample_rate < HIGH_RATE_HZ:
        return sharp
    bends = {rate: _bend_db(level, hertz, rate / 2) for rate in rates if rate >= LOWEST_SOFT_HZ}
    soft = {rate: abs(bend - BEND_DB) for rate, bend in bends.items() if bend is not None}
    return min(soft, key=lambda rate: soft[rate]) if soft else None


def _plateau_db(level: NDArray[np.float64], hertz: NDArray[np.float64], nyquist: float) -> float | None:
    """Return the level below a wall at `nyquist`, None where the sound falls off before it."""
    lower = level[(hertz > 0.70 * nyquist) & (hertz < 0.80 * nyquist)]
    upper = level[(hertz > 0.80 * nyquist) & (hertz < 0.90 * nyquist)]
    if not lower.size or not upper.size:
        return None
    below, above = float(quantiles(lower, 0.5)), float(quantiles(upper, 0.5))
    return above if above >= below - FALL_OFF_DB else None


def _highest_db(level: NDArray[np.float64], hertz: NDArray[np.float64], above_hz: float) -> float | None:
    rest = level[(hertz > above_hz) & (hertz < 0.995 * hertz[-1])]
    return float(np.max(rest)) if rest.size else None


def _ends_at(level: NDArray[np.float64], hertz: NDArray[np.float64], nyquist: float) -> bool:
    """Tell whether all is gone right above `nyquist`: what a good converter leaves, and a filter there does not."""
    rest = _highest_db(level, hertz, 1.012 * nyquist)
    if rest is None or float(level.max()) - rest < WALL_DROP_DB:  # as most do, and quickly told
        return False
    plateau = _plateau_db(level, hertz, nyquist)
    if plateau is None or plateau - rest < WALL_DROP_DB:
        return False
    return float(np.interp(LAST_SOUND * nyquist, hertz, level)) > rest + REMAINS_DB


def _bend_db(level: NDArray[np.float64], hertz: NDArray[np.float64], nyquist: float) -> float | None:
    """Return how far the level has fallen at `nyquist` where it falls around it, as cheap converters make it."""
    plateau, rest = _plateau_db(level, hertz, nyquist), _highest_db(level, hertz, 1.25 * nyquist)
    if plateau is None or rest is None or plateau - rest < WALL_DROP_DB:
        return None
    bend = plateau - float(np.interp(nyquist, hertz, level))
    return bend if 0 < bend < 2.5 * BEND_DB else None
