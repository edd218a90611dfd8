"""Synthetic music for tests: voices with the spectra of real ones, made from a seed.

Everything is float64 [frames, 2] within full scale. Nothing here is band-limited on purpose except by the sampling
itself, so that a wall in the spectrum can only come from what a test does with the sound.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Literal

import numpy as np
from scipy.signal import butter, lfilter, sosfilt

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Sound = NDArray[np.float64]
    Kind = Literal["lowpass", "highpass", "bandpass"]
    Voice = Callable[[int, float, np.random.Generator], Sound]

SCALE = (0, 3, 5, 7, 10, 12, 15, 17)


def _time(rate: int, seconds: float) -> Sound:
    return np.arange(round(rate * seconds)) / rate


def _filter(x: Sound, rate: int, kind: Kind, cutoff: float | tuple[float, float], order: int = 2) -> Sound:
    return np.asarray(sosfilt(butter(order, cutoff, kind, fs=rate, output="sos"), x, axis=0))


def _place(out: Sound, sound: Sound, start: int) -> None:
    end = min(len(out), start + len(sound))
    out[start:end] += sound[: end - start]


def _normal(x: Sound, peak: float = 0.6) -> Sound:
    return x * (peak / max(1e-9, float(np.max(np.abs(x)))))


def _wide(x: Sound, rng: np.random.Generator, rate: int) -> Sound:
    """Mono to stereo with early reflections that differ, as a room gives them."""
    out = np.stack([x, x], axis=1)
    for channel in (0, 1):
        for _ in range(6):
            lag = int(rng.uniform(0.003, 0.04) * rate)
            out[lag:, channel] += rng.uniform(0.05, 0.3) * x[:-lag]
    return _normal(out)


def kick(rate: int, rng: np.random.Generator) -> Sound:
    t = _time(rate, 0.4)
    body = np.sin(2 * np.pi * np.cumsum(48 + 150 * np.exp(-t * 35)) / rate) * np.exp(-t * 9)
    return body + 0.15 * rng.standard_normal(t.size) * np.exp(-t * 400)


def snare(rate: int, rng: np.random.Generator) -> Sound:
    t = _time(rate, 0.3)
    wires = _filter(rng.standard_normal(t.size), rate, "highpass", 1500.0)
    return 0.5 * np.sin(2 * np.pi * 190 * t) * np.exp(-t * 20) + 0.4 * wires * np.exp(-t * 16)


def hat(rate: int, rng: np.random.Generator, decay: float = 50.0) -> Sound:
    t = _time(rate, 0.3)
    metal = np.sum([np.sign(np.sin(2 * np.pi * f * t)) for f in (2053, 3071, 4187, 5431, 6173, 8219)], axis=0)
    return 0.12 * _filter(metal + 2 * rng.standard_normal(t.size), rate, "highpass", 6500.0, 4) * np.exp(-t * decay)


def drums(rate: int, seconds: float, rng: np.random.Generator) -> Sound:
    out = np.zeros(round(rate * seconds))
    step = 60 / rng.uniform(90, 140) / 2
    for index in range(int(seconds / step)):
        start = int(index * step * rate)
        _place(out, rng.uniform(0.5, 1.0) * hat(rate, rng, 12.0 if index % 8 == 7 else 50.0), start)
        if index % 4 in (0, 3):
            _place(out, kick(rate, rng), start)
        if index % 4 == 2:
            _place(out, snare(rate, rng), start)
    return _wide(out, rng, rate)


def cymbals(rate: int, seconds: float, rng: np.random.Generator) -> Sound:
    out = np.zeros(round(rate * seconds))
    t = _time(rate, 2.0)
    partials, phases = rng.uniform(400, 0.48 * rate, 60), rng.uniform(0, 6.28, 60)
    ring = np.sum([np.sin(2 * np.pi * f * t + p) for f, p in zip(partials, phases, strict=True)], axis=0) / 8
    for start in np.arange(0.1, seconds, 1.3):
        wash = _filter(rng.standard_normal(t.size), rate, "highpass", 3000.0)
        _place(out, (ring + wash) * np.exp(-t * 1.8), int(start * rate))
    return _wide(out, rng, rate)


def plucked(rate: int, seconds: float, rng: np.random.Generator) -> Sound:
    """Karplus-Strong strings."""
    out = np.zeros(round(rate * seconds))
    for start in np.arange(0, seconds, 0.28):
        hertz = 110 * 2 ** (rng.choice(SCALE) / 12)
        period = int(rate / hertz)
        excite = np.zeros(int(1.2 * rate))
        excite[:period] = rng.uniform(-1, 1, period)
        loop = np.zeros(period + 2)
        loop[0], loop[period], loop[period + 1] = 1.0, -0.4975, -0.4975
        _place(out, lfilter([1.0], loop, excite) * 0.4, int(start * rate))
    return _wide(out, rng, rate)


def _formants(x: Sound, rate: int, centres: tuple[float, ...]) -> Sound:
    bands = [_filter(x, rate, "bandpass", (f * 0.93, f * 1.07), 1) / (1 + i) for i, f in enumerate(centres)]
    return np.asarray(np.sum(bands, axis=0))


def vocals(rate: int, seconds: float, rng: np.random.Generator) -> Sound:
    """A glottal buzz with vibrato through moving formants, breath and sibilants."""
    t = _time(rate, seconds)
    note = 140 * 2 ** (np.repeat(rng.choice(SCALE, int(seconds * 2) + 1), rate // 2)[: t.size] / 12)
    hertz = note * (1 + 0.012 * np.sin(2 * np.pi * 5.4 * t))
    phase = np.cumsum(hertz) / rate % 1
    buzz = (1 - phase) ** 3 - 0.25
    vowels = ((730, 1090, 2440, 3400), (270, 2290, 3010, 3700), (570, 840, 2410, 3300))
    voiced = np.zeros(t.size)
    for index, vowel in enumerate(vowels):
        gate = np.clip(np.sin(2 * np.pi * (0.7 * t + index / 3)), 0, 1)
        voiced += gate * _formants(buzz, rate, vowel)
    breath = 0.01 * rng.standard_normal(t.size)
    sibilant = _filter(rng.standard_normal(t.size), rate, "highpass", 5500.0)
    sibilant *= 0.12 * (np.sin(2 * np.pi * 1.1 * t) > 0.93)
    return _wide(voiced + breath + sibilant, rng, rate)


def pad(rate: int, seconds: float, rng: np.random.Generator) -> Sound:
    t = _time(rate, seconds)
    out = np.zeros((t.size, 2))
    for semitone in (0, 7, 12, 15, 19):
        for channel in (0, 1):
            hertz = 110 * 2 ** (semitone / 12) * (1 + 0.003 * rng.standard_normal())
            angle = 2 * np.pi * hertz * t + rng.uniform(0, 6.28)
            before, now, turn = np.zeros(t.size), np.sin(angle), 2 * np.cos(angle)
            for k in range(1, min(int(0.49 * rate / hertz), 60)):  # sin(k x) from the two before it
                out[:, channel] += now / k
                before, now = now, turn * now - before
    return _normal(_filter(out, rate, "lowpass", 6000.0, 1) + 0.002 * rng.standard_normal(out.shape))


def piano(rate: int, seconds: float, rng: np.random.Generator) -> Sound:
    out = np.zeros(round(rate * seconds))
    t = _time(rate, 1.2)
    for start in np.arange(0, seconds, 0.4):
        hertz = 131 * 2 ** (rng.choice(SCALE) / 12)
        for k in range(1, 24):
            partial = hertz * k * np.sqrt(1 + 0.0004 * k * k)
            if partial < 0.49 * rate:
                out_k = np.sin(2 * np.pi * partial * t) * np.exp(-t * (0.8 + 0.25 * k)) / k**1.2
                _place(out, 0.3 * out_k, int(start * rate))
        hammer = _filter(rng.standard_normal(t.size), rate, "lowpass", 5000.0) * np.exp(-t * 150)
        _place(out, 0.1 * hammer, int(start * rate))
    return _wide(out + 1e-4 * rng.standard_normal(out.size), rng, rate)


def distorted(rate: int, seconds: float, rng: np.random.Generator) -> Sound:
    """Power chords through a clipping amplifier and a cabinet."""
    x = plucked(rate, seconds, rng)
    return _normal(_filter(np.tanh(12 * x), rate, "lowpass", 9000.0, 1) + 2e-4 * rng.standard_normal(x.shape))


def shaker(rate: int, seconds: float, rng: np.random.Generator) -> Sound:
    t = _time(rate, seconds)
    grain = _filter(rng.standard_normal(t.size), rate, "bandpass", (3000.0, 15000.0), 1)
    return _wide(grain * (0.02 + np.abs(np.sin(2 * np.pi * 4 * t)) ** 6), rng, rate)


def bass(rate: int, seconds: float, rng: np.random.Generator) -> Sound:
    t = _time(rate, seconds)
    hertz = 41 * 2 ** (np.repeat(rng.choice(SCALE, int(seconds * 2) + 1), rate // 2)[: t.size] / 12)
    phase = 2 * np.pi * np.cumsum(hertz) / rate
    x = np.sin(phase) + 0.4 * np.sin(2 * phase) + 0.2 * np.sin(3 * phase)
    return _normal(np.stack([x, x], axis=1))


def mix(rate: int, seconds: float, rng: np.random.Generator) -> Sound:
    voices = (drums, plucked, vocals, pad, bass)
    return _normal(np.sum([rng.uniform(0.4, 1) * voice(rate, seconds, rng) for voice in voices], axis=0), 0.9)


def rock(rate: int, seconds: float, rng: np.random.Generator) -> Sound:
    voices = (drums, distorted, bass, cymbals)
    return _normal(np.sum([rng.uniform(0.4, 1) * voice(rate, seconds, rng) for voice in voices], axis=0), 0.9)


VOICES: dict[str, Voice] = {
    "drums": drums,
    "cymbals": cymbals,
    "plucked": plucked,
    "vocals": vocals,
    "pad": pad,
    "piano": piano,
    "distorted": distorted,
    "shaker": shaker,
    "mix": mix,
    "rock": rock,
}


def play(name: str, rate: int, seconds: float = 6.0, seed: int = 1) -> Sound:
    """Make `seconds` of the voice `name` at `rate` Hz as float64 [frames, 2]."""
    return _played(name, rate, seconds, seed).copy()


@lru_cache(maxsize=48)
def _played(name: str, rate: int, seconds: float, seed: int) -> Sound:
    return VOICES[name](rate, seconds, np.random.default_rng(seed))
