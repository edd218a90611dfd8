"""Sounds that never saw a lossy codec, many of which look as if they had: dull, low-passed, gated, converted."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import soxr
from scipy.signal import butter, ellip, firwin, istft, lfilter, resample_poly, sosfilt, stft

from tests.audio.music import VOICES, play

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

    Sound = NDArray[np.float64]

SECONDS = 2.0


def _low_pass(x: Sound, rate: int, order: int, hertz: float) -> Sound:
    return np.asarray(sosfilt(butter(order, hertz, fs=rate, output="sos"), x, axis=0))


def _brick_wall(x: Sound, rate: int, hertz: float, taps: int = 511) -> Sound:
    return np.asarray(lfilter(firwin(taps, hertz, fs=rate, window=("kaiser", 9.0)), [1.0], x, axis=0))


def _elliptic(x: Sound, rate: int, hertz: float) -> Sound:
    return np.asarray(sosfilt(ellip(10, 0.1, 90, hertz, fs=rate, output="sos"), x, axis=0))


def _denoised(x: Sound, rate: int) -> Sound:
    """Spectral gate: bins below a threshold are set to zero, in frames of 2048 samples, as denoisers do."""
    _f, _t, bins = stft(x.T, rate, nperseg=2048)
    bins[np.abs(bins) < 3e-4] = 0
    return np.asarray(istft(bins, rate, nperseg=2048)[1].T[: len(x)])


def _gated(x: Sound, rate: int) -> Sound:
    level = lfilter([1 - 0.999], [1, -0.999], np.abs(x).max(axis=1))
    return np.asarray(x * (level > np.median(level))[:, None])


def _rounded(x: Sound, bits: int, *, dither: bool) -> Sound:
    step = 2.0 ** (1 - bits)
    noise = np.random.default_rng(3).random((2, *x.shape)).sum(axis=0) - 1 if dither else 0.0
    return np.asarray(np.round(x / step + noise) * step)


def _converted(x: Sound, from_hz: int, to_hz: int) -> Sound:
    return np.asarray(soxr.resample(x, from_hz, to_hz, "VHQ"))


def _saw(rate: int, hertz: float) -> Sound:
    t = np.arange(round(rate * SECONDS)) / rate
    count = int(0.5 * rate / hertz)
    x = np.sum([np.sin(2 * np.pi * k * hertz * t) / k for k in range(1, count)], axis=0)
    return np.stack([x, x], axis=1) * 0.3


def _sub(rate: int) -> Sound:
    t = np.arange(round(rate * SECONDS)) / rate
    x = 0.7 * np.sin(2 * np.pi * 45 * t) * (0.6 + 0.4 * np.sin(2 * np.pi * 0.7 * t))
    return np.stack([x, x], axis=1)


def _noise(rate: int, seed: int) -> Sound:
    return 0.1 * np.random.default_rng(seed).standard_normal((round(rate * SECONDS), 2))


def clean_sounds() -> Iterator[tuple[str, int, Callable[[], Sound]]]:
    """Yield name, sample rate and a function that makes the sound, float64 [frames, 2]."""
    for index, voice in enumerate(VOICES):
        rate = (44100, 48000)[index % 2]
        yield f"{voice} as it is", rate, lambda v=voice, r=rate: play(v, r, SECONDS, seed=40)  # type: ignore[misc]
    for voice in ("rock", "cymbals"):
        for order, hertz in ((1, 5000.0), (2, 8000.0), (4, 12000.0), (8, 16000.0)):
            yield (
                f"{voice} through a low-pass of order {order} at {hertz:.0f} Hz",
                44100,
                lambda v=voice, o=order, h=hertz: _low_pass(play(v, 44100, SECONDS), 44100, o, h),  # type: ignore[misc]
            )
    for hertz in (11000.0, 15000.0, 16000.0, 19000.0, 20000.0):
        yield f"brick wall at {hertz:.0f} Hz", 44100, lambda h=hertz: _brick_wall(play("mix", 44100, SECONDS), 44100, h)  # type: ignore[misc]
    yield "elliptic at 16 kHz", 48000, lambda: _elliptic(play("drums", 48000, SECONDS), 48000, 16000.0)
    yield "denoised", 44100, lambda: _denoised(play("vocals", 44100, SECONDS), 44100)
    yield "denoised drums", 48000, lambda: _denoised(play("drums", 48000, SECONDS), 48000)
    yield "gated", 44100, lambda: _gated(play("drums", 44100, SECONDS), 44100)
    yield "16 bits with dither", 44100, lambda: _rounded(play("piano", 44100, SECONDS), 16, dither=True)
    yield "16 bits without dither", 48000, lambda: _rounded(play("plucked", 48000, SECONDS), 16, dither=False)
    yield "12 bits without dither", 44100, lambda: _rounded(play("mix", 44100, SECONDS), 12, dither=False)
    yield "44.1 to 48 kHz", 48000, lambda: _converted(play("rock", 44100, SECONDS), 44100, 48000)
    yield "48 to 44.1 kHz", 44100, lambda: _converted(play("cymbals", 48000, SECONDS), 48000, 44100)
    yield "44.1 to 96 kHz", 96000, lambda: _converted(play("drums", 44100, SECONDS), 44100, 96000)
    yield "32 to 48 kHz", 48000, lambda: _converted(play("mix", 32000, SECONDS), 32000, 48000)
    yield "doubled by a polyphase filter", 96000, lambda: resample_poly(play("mix", 48000, SECONDS), 2, 1)
    yield "saw at 110 Hz", 44100, lambda: _saw(44100, 110.0)
    yield "saw at 1000 Hz", 48000, lambda: _saw(48000, 1000.0)
    yield "sub bass", 44100, lambda: _sub(44100)
    yield "clipped", 44100, lambda: np.clip(4 * play("mix", 44100, SECONDS), -1, 1)
    yield "white noise", 48000, lambda: _noise(48000, 5)
    yield "very quiet", 48000, lambda: 1e-4 * play("rock", 48000, SECONDS)
    yield "silence", 48000, lambda: np.zeros((round(48000 * SECONDS), 2))
