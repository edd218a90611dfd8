"""What is left when the sum is taken from the mix: overall, per second, per octave band."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from stemkit.audio.fourier import fast_size, real_spectrum
from stemkit.audio.proof.scan import FULL_SCALE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from stemkit.audio.proof.scan import SpooledSum
    from stemkit.audio.proof.streams import Source

__all__ = ["AlignedMix", "Alignment", "Null", "bit_depth_floor", "decibels", "is_shaped_dither", "measure_null"]

OCTAVES_HZ = (31.25, 62.5, 125.0, 250.0, 500.0, 1000.0, 2000.0, 4000.0, 8000.0, 16000.0)
_SINC_HALF = 48
_SHAPED_DB = 35.0
_HIGH_BANDS = 2
_NEARLY_ALL = 0.9
_STEADY = 1.3


@dataclass(frozen=True, slots=True, kw_only=True)
class Alignment:
    """How the mix lies against the sum: mix(t + offset) = gain * sum(t)."""

    offset_samples: float = 0.0
    gain: float = 1.0
    fold: bool = False  # compare in mono
    confidence: float = 1.0


class AlignedMix:
    """The mix on the time line of the stems, at their rate, gain undone, always two channels (or one, folded)."""

    def __init__(self, source: Source, alignment: Alignment) -> None:
        self.source, self.alignment = source, alignment
        self.shift = round(alignment.offset_samples)
        fraction = alignment.offset_samples - self.shift
        self._taps = _sinc(fraction) if abs(fraction) > 1e-3 else None

    @property
    def exact(self) -> bool:
        """True when the mix is integer and nothing was done to it."""
        return self.source.exact and self._taps is None and self.alignment.gain == 1.0 and not self.alignment.fold

    def read_integers(self, start: int, frames: int) -> NDArray[np.int32]:
        """Return 24-bit integers, shape (frames, 1 or 2)."""
        return self.source.read_integers(start + self.shift, frames)

    def read(self, start: int, frames: int) -> NDArray[np.float32]:
        """Return floats, shape (frames, 2)."""
        if self._taps is None:
            block = self.source.read(start + self.shift, frames)
        else:
            wide = self.source.read(start + self.shift - _SINC_HALF, frames + 2 * _SINC_HALF)
            block = np.stack([np.convolve(wide[:, c], self._taps, "valid") for c in range(wide.shape[1])], 1)
        if self.alignment.fold:
            block = block.mean(axis=1, keepdims=True)
        if self.alignment.gain != 1.0:
            block = block * np.float32(1 / self.alignment.gain)
        return np.broadcast_to(block, (len(block), 2)).astype(np.float32, copy=False)


def _sinc(fraction: float) -> NDArray[np.float32]:
    """Return an interpolator that reads `fraction` of a sample later."""
    t = np.arange(-_SINC_HALF, _SINC_HALF + 1)
    taps = np.sinc(t - fraction) * np.kaiser(len(t), 10.0)
    return np.asarray((taps / taps.sum())[::-1], np.float32)


@dataclass(frozen=True, slots=True, kw_only=True)
class Null:
    """Residual and mix energy. Bands are octaves around `OCTAVES_HZ`."""

    residual: float
    mix: float
    exact_zero: bool
    per_second: NDArray[np.float64]  # (seconds, 2): residual, mix
    per_band: NDArray[np.float64]  # (bands, 2)

    @property
    def db(self) -> float | None:
        """Residual over mix; None when either is digital silence."""
        return decibels(self.residual, self.mix)


def decibels(energy: float, reference: float) -> float | None:
    """Return the ratio of two energies in dB; None when either is nothing."""
    if energy <= 0 or reference <= 0:
        return None
    return float(10 * np.log10(energy / reference))


def bit_depth_floor(subtypes: Sequence[str], mix_subtype: str, mix_energy_mean: float) -> float | None:
    """Return the null depth, in dB, that rounding each file once can explain, with flat dither.

    A rounding step q leaves q²/12 of noise; triangular dither of one step either way makes it q²/4.
    Float files are taken as 25 bits: their own rounding lies below that of any integer file beside them.
    """
    bits = {"PCM_U8": 8, "PCM_S8": 8, "PCM_16": 16, "PCM_24": 24}
    noise = sum((2.0 ** (1 - bits.get(s, 25))) ** 2 / 4 for s in (*subtypes, mix_subtype))
    return decibels(noise, mix_energy_mean)


def is_shaped_dither(null: Null, mix_subtype: str, floor_db: float | None) -> bool:
    """Tell whether the residual is the dither of a mix of 16 bits, its noise moved to where it is hardly heard.

    Such noise lies up to 35 dB above flat dither, nearly all of it above 5.6 kHz, and never changes.
    """
    if mix_subtype != "PCM_16" or null.db is None or floor_db is None or null.db > floor_db + _SHAPED_DB:
        return False
    bands, seconds = null.per_band[:, 0], null.per_second[1:-1, 0]
    high = bands[-_HIGH_BANDS:].sum() > _NEARLY_ALL * bands.sum()
    return len(seconds) > 1 and bool(high and seconds.max() < _STEADY * seconds.min())


def measure_null(total: SpooledSum, mix: AlignedMix, span: tuple[int, int], rate: int) -> Null:
    """Subtract the sum from the mix, second by second.

    Parameters
    ----------
    total
        The sum of the stems.
    mix
        The mix on the stems' time line.
    span
        First frame, and one past the last, on the stems' time line.
    rate
        In Hz.
    """
    exact = total.exact and mix.exact
    seconds = -(-span[1] // rate)
    per_second = np.zeros((seconds, 2))
    per_band = np.zeros((len(OCTAVES_HZ), 2))
    size = fast_size(rate)
    edges = [round(hz * 2**-0.5 * size / rate) for hz in OCTAVES_HZ] + [min(size // 2, round(22627 * size / rate))]
    edges = [min(e, size // 2) for e in edges]
    taper = np.hanning(rate).astype(np.float32)
    zero = True
    for index in range(seconds):
        start = max(index * rate, span[0])
        block = min((index + 1) * rate, span[1]) - start
        if block <= 0:
            continue
        reference = mix.read(start, block)
        if exact:
            difference: NDArray[Any] = mix.read_integers(start, block) - total.read_raw(start, block)
            residual: NDArray[Any] = difference / FULL_SCALE
        else:
            stems = total.read(start, block)
            if mix.alignment.fold:
                stems = np.broadcast_to(stems.mean(axis=1, keepdims=True), stems.shape)
            residual = reference - stems
        nothing_left = not residual.any()
        zero = zero and nothing_left
        per_second[index] = np.vdot(residual, residual), np.vdot(reference, reference)
        if block == rate:
            signals: tuple[NDArray[Any] | None, NDArray[Any]] = (None if nothing_left else residual, reference)
            for column, signal in enumerate(signals):
                if signal is not None:
                    spectrum = real_spectrum(np.asarray(signal.T * taper, np.float32), size)
                    power = spectrum.real**2 + spectrum.imag**2
                    per_band[:, column] += [power[:, a:b].sum() for a, b in pairwise(edges)]
    return Null(
        residual=float(per_second[:, 0].sum()),
        mix=float(per_second[:, 1].sum()),
        exact_zero=zero,
        per_second=per_second,
        per_band=per_band,
    )
