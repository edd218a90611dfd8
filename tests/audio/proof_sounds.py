"""What the songs of the proof are played with: drums, notes, a voice, guitars and pads, from a seed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

SECONDS = 20


class Desk:
    """A rate, a length and a random generator: what every sound below needs."""

    def __init__(self, rate: int, seed: int, seconds: float = SECONDS, take: int = 0) -> None:
        self.rate, self.n = rate, int(rate * seconds)
        self.seconds, self.take = seconds, take
        self.rng = np.random.default_rng([seed, take])

    def band(self, x: NDArray[Any], low_hz: float, high_hz: float, order: float = 2) -> NDArray[Any]:
        """Filter with smooth skirts in the frequency domain."""
        spectrum = np.fft.rfft(x, axis=0)
        hz = np.fft.rfftfreq(len(x), 1 / self.rate) + 1e-3
        gain = 1 / np.sqrt(1 + (low_hz / hz) ** (2 * order)) / np.sqrt(1 + (hz / high_hz) ** (2 * order))
        return np.asarray(np.fft.irfft(spectrum * gain.reshape(-1, *[1] * (x.ndim - 1)), len(x), axis=0))

    def noise(self, low_hz: float, high_hz: float) -> NDArray[Any]:
        x = self.band(self.rng.standard_normal(self.n), low_hz, high_hz)
        return np.asarray(x / x.std())

    def hits(
        self,
        times_s: NDArray[Any] | list[float],
        shape: Callable[[NDArray[Any], float], NDArray[Any]],
        length_s: float,
        jitter_s: float = 0.004,
    ) -> NDArray[Any]:
        """Place a sound at each time, played by a hand: never quite on the beat, never twice as loud."""
        out = np.zeros(self.n + int(length_s * self.rate) + 8)
        t = np.arange(int(length_s * self.rate)) / self.rate
        for at in times_s:
            start = int(max(0.0, at + jitter_s * self.rng.standard_normal()) * self.rate)
            velocity = 0.75 + 0.25 * self.rng.random()
            if start < self.n:
                out[start : start + len(t)] += velocity * shape(t, velocity)
        return out[: self.n]

    def times(self, beat_s: float, pattern: list[float], bars: int = 64) -> NDArray[Any]:
        every = np.array([4 * beat_s * bar + beat_s * p for bar in range(bars) for p in pattern])
        return np.asarray(every[every < self.seconds - 0.3])

    def reverb(self, x: NDArray[Any], decay_s: float) -> NDArray[Any]:
        """Two-channel reverb of a mono or stereo sound."""
        length = int(1.5 * decay_s * self.rate)
        tail = self.rng.standard_normal((length, 2)) * np.exp(-np.arange(length) / self.rate * 4.6 / decay_s)[:, None]
        tail[: int(0.012 * self.rate)] = 0
        mono = x if x.ndim == 1 else x.mean(axis=1)
        size = self.n + length
        wet = np.fft.irfft(np.fft.rfft(tail, size, axis=0) * np.fft.rfft(mono, size)[:, None], size, axis=0)[: self.n]
        return np.asarray(wet / np.abs(wet).max())


def play_notes(
    desk: Desk,
    times_s: NDArray[Any],
    midi: list[int],
    length_s: float,
    partials: int,
    falloff: float,
    decay_s: float,
    detune_cents: float = 0.0,
    jitter_s: float = 0.006,
) -> NDArray[Any]:
    out = np.zeros(desk.n + int(length_s * desk.rate) + 8)
    t = np.arange(int(length_s * desk.rate)) / desk.rate
    fade = np.minimum(1, t / 0.004) * np.minimum(1, (length_s - t) / 0.02) * np.exp(-t / decay_s)
    for index, at in enumerate(times_s):
        hz = 440 * 2 ** ((midi[index % len(midi)] - 69) / 12 + (detune_cents + 3 * desk.rng.standard_normal()) / 1200)
        start = int(max(0.0, at + jitter_s * desk.rng.standard_normal()) * desk.rate)
        if start >= desk.n:
            continue
        phase = 2 * np.pi * hz * t + desk.rng.random() * 6.28
        tone = sum(np.sin(p * phase + p * p) / p**falloff for p in range(1, partials + 1) if p * hz < 0.45 * desk.rate)
        out[start : start + len(t)] += (0.8 + 0.2 * desk.rng.random()) * tone * fade
    return out[: desk.n]


def play_kick(desk: Desk, beat_s: float, pattern: list[float], base_hz: float = 48.0) -> NDArray[Any]:
    def shape(t: NDArray[Any], velocity: float) -> NDArray[Any]:
        body = np.sin(2 * np.pi * (base_hz * t - 0.9 * np.exp(-t * 45))) * np.exp(-t * 9)
        return np.asarray(body + 0.35 * velocity * desk.rng.standard_normal(len(t)) * np.exp(-t * 400))

    return desk.hits(desk.times(beat_s, pattern), shape, 0.4)


def play_snare(desk: Desk, beat_s: float, pattern: list[float]) -> NDArray[Any]:
    def shape(t: NDArray[Any], velocity: float) -> NDArray[Any]:
        rattle = desk.rng.standard_normal(len(t)) * np.exp(-t * 18)
        return np.asarray(0.7 * np.sin(2 * np.pi * 192 * t) * np.exp(-t * 25) + 0.7 * velocity * rattle)

    return desk.band(desk.hits(desk.times(beat_s, pattern), shape, 0.35), 130, 9000)


def play_hats(desk: Desk, beat_s: float, step: float, decay: float = 60) -> NDArray[Any]:
    pattern = list(np.arange(0, 4, step))
    ticks = desk.hits(
        desk.times(beat_s, pattern), lambda t, v: desk.rng.standard_normal(len(t)) * np.exp(-t * decay * v), 0.2
    )
    return desk.band(ticks, 6000, 15000)


def sing(
    desk: Desk, phrases: list[tuple[float, float]], midi: list[int], seed: int, detune: float = 0.0
) -> NDArray[Any]:
    """Pulses with vibrato through three formants, breath noise, and silence between the phrases."""
    rng = np.random.default_rng([seed, desk.take])
    t = np.arange(desk.n) / desk.rate
    gate, pitch = np.zeros(desk.n), np.full(desk.n, 57.0)
    for phrase_start_s, end_s in phrases:
        start_s = phrase_start_s + 0.03 * rng.standard_normal()
        span = (t >= start_s) & (t < end_s)
        gate[span] = np.minimum(1, np.minimum(t[span] - start_s, end_s - t[span]) / 0.05)
        syllables = (2.7 * (t[span] - start_s)).astype(int)
        pitch[span] = np.array(midi)[(syllables + int(7 * start_s)) % len(midi)]
    vibrato = 0.25 * np.sin(2 * np.pi * (5.2 + 0.2 * rng.standard_normal()) * t + 6 * rng.random())
    wander = np.interp(t, np.linspace(0, desk.seconds, 90), 0.12 * rng.standard_normal(90))
    hz = 440 * 2 ** ((pitch - 69 + vibrato + wander + detune) / 12)
    phase = np.cumsum(hz) / desk.rate
    pulses = 2 * (phase % 1) - 1 + 0.12 * rng.standard_normal(desk.n)
    vowels = [desk.band(pulses, f - w, f + w, 1.5) for f, w in ((620, 90), (1250, 140), (2700, 250))]
    level = np.interp(t, np.linspace(0, desk.seconds, 160), 0.6 + 0.4 * rng.random(160))
    return np.asarray(gate * level * (vowels[0] + 0.6 * vowels[1] + 0.4 * vowels[2] + 0.05 * pulses))


def play_guitar(desk: Desk, beat_s: float, midi: list[int], drive: float, detune: float) -> NDArray[Any]:
    strum = desk.times(beat_s, list(np.arange(0, 4, 0.5)))
    root = play_notes(desk, strum, midi, 0.55 * beat_s + 0.2, 12, 0.9, 0.5, detune, 0.009)
    fifth = play_notes(desk, strum, [m + 7 for m in midi], 0.55 * beat_s + 0.2, 10, 0.9, 0.5, detune, 0.009)
    return desk.band(np.tanh(drive * (root + fifth)), 90, 5000)


def play_pad(desk: Desk, chords: list[list[int]], bar_s: float) -> NDArray[Any]:
    t = np.arange(desk.n) / desk.rate
    out = np.zeros((desk.n, 2))
    for voice in range(3):
        index = (t / bar_s).astype(int) % len(chords)
        midi = np.array([c[voice] for c in chords])[index]
        for channel in range(2):
            cents = desk.rng.uniform(-9, 9)
            phase = np.cumsum(440 * 2 ** ((midi - 69) / 12 + cents / 1200)) / desk.rate + desk.rng.random()
            out[:, channel] += 2 * (phase % 1) - 1
    swell = 0.6 + 0.4 * np.sin(2 * np.pi * t / (2.3 * bar_s))
    return desk.band(out * swell[:, None], 120, 2200)


def pan(x: NDArray[Any], position: float) -> NDArray[Any]:
    angle = (position + 1) * np.pi / 4
    return np.asarray(np.stack([x * np.cos(angle), x * np.sin(angle)], axis=1) * np.sqrt(2))
