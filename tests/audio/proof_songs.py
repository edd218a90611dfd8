"""Synthesised songs for the proof: stems that are as awkward as real ones, from seeds.

Each song is a dict of name → float32 array [frames, channels]. They hold what makes the question hard: stems that
share their sound (bleed, two microphones, a DI and its amp, double tracking), stems that rarely play, stems far
below the others, a sub bass that is almost one sine, effect returns made from other stems, and mono beside stereo.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

Audio: TypeAlias = "NDArray[np.float32]"
Song: TypeAlias = "dict[str, Audio]"

SECONDS = 20
RATES = {"band": 44100, "electronic": 48000, "ballad": 48000, "hiphop": 44100, "metal": 48000, "ambient": 44100}


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


def _notes(
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


def _kick(desk: Desk, beat_s: float, pattern: list[float], base_hz: float = 48.0) -> NDArray[Any]:
    def shape(t: NDArray[Any], velocity: float) -> NDArray[Any]:
        body = np.sin(2 * np.pi * (base_hz * t - 0.9 * np.exp(-t * 45))) * np.exp(-t * 9)
        return np.asarray(body + 0.35 * velocity * desk.rng.standard_normal(len(t)) * np.exp(-t * 400))

    return desk.hits(desk.times(beat_s, pattern), shape, 0.4)


def _snare(desk: Desk, beat_s: float, pattern: list[float]) -> NDArray[Any]:
    def shape(t: NDArray[Any], velocity: float) -> NDArray[Any]:
        rattle = desk.rng.standard_normal(len(t)) * np.exp(-t * 18)
        return np.asarray(0.7 * np.sin(2 * np.pi * 192 * t) * np.exp(-t * 25) + 0.7 * velocity * rattle)

    return desk.band(desk.hits(desk.times(beat_s, pattern), shape, 0.35), 130, 9000)


def _hats(desk: Desk, beat_s: float, step: float, decay: float = 60) -> NDArray[Any]:
    pattern = list(np.arange(0, 4, step))
    ticks = desk.hits(
        desk.times(beat_s, pattern), lambda t, v: desk.rng.standard_normal(len(t)) * np.exp(-t * decay * v), 0.2
    )
    return desk.band(ticks, 6000, 15000)


def _voice(
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


def _guitar(desk: Desk, beat_s: float, midi: list[int], drive: float, detune: float) -> NDArray[Any]:
    strum = desk.times(beat_s, list(np.arange(0, 4, 0.5)))
    root = _notes(desk, strum, midi, 0.55 * beat_s + 0.2, 12, 0.9, 0.5, detune, 0.009)
    fifth = _notes(desk, strum, [m + 7 for m in midi], 0.55 * beat_s + 0.2, 10, 0.9, 0.5, detune, 0.009)
    return desk.band(np.tanh(drive * (root + fifth)), 90, 5000)


def _pad(desk: Desk, chords: list[list[int]], bar_s: float) -> NDArray[Any]:
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


def _pan(x: NDArray[Any], position: float) -> NDArray[Any]:
    angle = (position + 1) * np.pi / 4
    return np.asarray(np.stack([x * np.cos(angle), x * np.sin(angle)], axis=1) * np.sqrt(2))


def _finish(stems: dict[str, tuple[NDArray[Any], float]]) -> Song:
    """Set each stem's peak (dBFS)."""
    out: Song = {}
    for number, (name, (x, peak_dbfs)) in enumerate(stems.items(), 1):
        y = x[:, None] if x.ndim == 1 else x
        out[f"{number:02d}_{name}"] = (y / np.abs(y).max() * 10 ** (peak_dbfs / 20)).astype(np.float32)
    return out


def band(seconds: float = SECONDS, take: int = 0) -> Song:
    """Drum microphones that hear each other, bass DI and amp, two guitars, a singer and her reverb."""
    d = Desk(RATES["band"], 1, seconds, take)
    beat = 60 / 112
    kick, snare, hats = _kick(d, beat, [0, 1.5, 2]), _snare(d, beat, [1, 3]), _hats(d, beat, 0.5)
    bass = _notes(d, d.times(beat, [0, 0.5, 1.5, 2, 3]), [33, 33, 36, 31, 38], 0.5, 9, 1.4, 0.7)
    voice = _voice(d, [(3, 7.5), (9, 13), (15, 20)], [57, 59, 60, 62, 64], 11)
    overheads = _pan(0.35 * np.roll(kick, 130) + 0.6 * np.roll(snare, 150), 0.1) + _pan(hats, 0.45)
    return _finish(
        {
            "Kick_In": (d.band(kick, 35, 7000) + 0.01 * snare, -9),
            "Kick_Out": (d.band(np.roll(kick, 35), 30, 900) + 0.03 * snare, -10),
            "Snare": (snare + 0.05 * np.roll(kick, 40) + 0.05 * hats, -9),
            "Overheads": (overheads, -14),
            "Room": (d.reverb(kick + snare + 0.4 * hats, 0.5), -18),
            "Bass_DI": (bass, -11),
            "Bass_Amp": (d.band(np.tanh(2.5 * bass), 60, 2500), -13),
            "Guitar_L": (_pan(_guitar(d, beat, [45, 45, 48, 43, 50], 3, -3), -1), -14),
            "Guitar_R": (_pan(_guitar(d, beat, [45, 45, 48, 43, 50], 3, 3), 1), -14),
            "Vocals_Lead": (voice, -9),
            "Vocals_Reverb": (d.reverb(voice, 1.8), -22),
            "Crash": (
                _pan(
                    d.band(
                        d.hits([0.0, 8.57, 17.14], lambda t, _v: d.rng.standard_normal(len(t)) * np.exp(-t * 2.2), 2.5),
                        2500,
                        14000,
                    ),
                    -0.4,
                ),
                -17,
            ),
        }
    )


def electronic(seconds: float = SECONDS, take: int = 0) -> Song:
    """Club track: a sub that is nearly a sine, layered claps, wide pads, a riser that plays once."""
    d = Desk(RATES["electronic"], 2, seconds, take)
    beat = 60 / 126
    t = np.arange(d.n) / d.rate
    duck = 1 - 0.7 * np.exp(-((t % beat) / 0.12))
    sub = np.sin(2 * np.pi * np.cumsum(np.array([43.65, 43.65, 51.9, 38.9])[(t / (4 * beat)).astype(int) % 4]) / d.rate)
    clap = d.band(_snare(d, beat, [1, 3]), 700, 7000)
    riser = (
        d.band(d.rng.standard_normal((d.n, 2)), 1000, 12000) * (np.clip((t - 11) / 4, 0, 1) * (t < 15))[:, None] ** 2
    )
    return _finish(
        {
            "Kick": (_kick(d, beat, [0, 1, 2, 3], 50), -6),
            "Sub": (sub * duck, -10),
            "Clap": (clap, -12),
            "Clap_Layer": (d.band(np.roll(clap, 90), 400, 4000) + 0.02 * d.noise(2000, 8000) * np.abs(clap), -15),
            "Hats": (_pan(_hats(d, beat, 0.25, 90), 0.2), -18),
            "Bass": (_notes(d, d.times(beat, [0.5, 1.5, 2.5, 3.5]), [41, 41, 44, 39], 0.3, 14, 1.0, 0.3), -11),
            "Pad": (_pad(d, [[53, 56, 60], [53, 56, 60], [56, 60, 63], [51, 55, 58]], 4 * beat), -15),
            "Arp": (
                _pan(
                    _notes(
                        d, d.times(beat, list(np.arange(0, 4, 0.25))), [65, 68, 72, 77, 75], 0.2, 6, 1.2, 0.12, 0, 0
                    ),
                    -0.5,
                ),
                -16,
            ),
            "Lead": (_notes(d, d.times(beat, [0, 1.5, 2.75])[12:], [72, 75, 77, 80, 79], 0.6, 12, 1.1, 0.5), -13),
            "Riser": (riser, -16),
            "Shaker": (_pan(_hats(d, beat, 0.5, 40), -0.7), -38),
        }
    )


def ballad(seconds: float = SECONDS, take: int = 0) -> Song:
    """Piano, strings, a voice with its return, an upright bass: few hits, much tail, one stem far below."""
    d = Desk(RATES["ballad"], 3, seconds, take)
    beat = 60 / 68
    voice = _voice(d, [(2, 6), (7.5, 11), (12.5, 16), (17.5, 21)], [60, 62, 64, 67, 65], 31)
    chord = [_notes(d, d.times(beat, [0, 1, 1.5, 2, 3]), [m, m + 5, m + 3], 1.6, 10, 1.3, 0.8) for m in (48, 60, 64)]
    piano = np.sum(chord, axis=0)
    return _finish(
        {
            "Piano": (_pan(piano, -0.15) + 0.1 * d.reverb(piano, 0.8), -8),
            "Bass_Upright": (_notes(d, d.times(beat, [0, 2]), [36, 41, 43, 38], 1.1, 6, 1.5, 0.6), -11),
            "Strings": (_pad(d, [[60, 64, 67], [65, 69, 72], [62, 67, 71], [60, 65, 69]], 4 * beat), -16),
            "Vocals_Lead": (voice, -8),
            "Vocals_Double": (
                np.roll(voice, 700) * 0.2 + _voice(d, [(7.5, 11), (17.5, 21)], [60, 62, 64, 67, 65], 33, 0.06),
                -17,
            ),
            "Vocals_Return": (d.reverb(voice, 2.4), -19),
            "Brushes": (
                _pan(d.noise(2500, 12000) * (0.5 + 0.5 * np.sin(2 * np.pi * np.arange(d.n) / d.rate / beat)), 0.3),
                -30,
            ),
            "Shaker": (_pan(_hats(d, beat, 0.5, 30), 0.6), -40),
            "Bells": (_notes(d, np.array([4.1, 12.3, 19.0]), [84, 91, 88], 1.8, 4, 1.0, 0.9), -18),
        }
    )


def hiphop(seconds: float = SECONDS, take: int = 0) -> Song:
    """An 808 that is most of the energy, a sample loop, a lead voice with two near-identical doubles."""
    d = Desk(RATES["hiphop"], 4, seconds, take)
    beat = 60 / 88
    lead = _voice(d, [(1, 9), (10, 20.5)], [50, 50, 52, 53, 48], 41)
    loop = _pad(d, [[57, 60, 64], [55, 59, 62]], 2 * beat) + _pan(
        _notes(d, d.times(beat, [0, 0.75, 2.25]), [69, 72, 76], 0.5, 8, 1.2, 0.4), 0.3
    )
    return _finish(
        {
            "808": (np.tanh(1.6 * _notes(d, d.times(beat, [0, 1.75, 2.5]), [29, 29, 32, 27], 0.95, 3, 1.8, 0.8)), -6),
            "Kick": (_kick(d, beat, [0, 1.75, 2.5], 55), -9),
            "Snare": (_snare(d, beat, [1, 3]), -10),
            "Hats": (_pan(_hats(d, beat, 0.25, 80), -0.2), -18),
            "Open_Hat": (_pan(d.band(_hats(d, beat, 2.0, 9), 5000, 14000), 0.2), -22),
            "Loop": (loop, -13),
            "Vocals_Lead": (lead, -8),
            "Vocals_Double_L": (
                _pan(np.roll(lead, 380) * 0.15 + _voice(d, [(1, 9), (10, 20.5)], [50, 50, 52, 53, 48], 42, 0.04), -0.8),
                -17,
            ),
            "Vocals_Double_R": (
                _pan(np.roll(lead, 520) * 0.15 + _voice(d, [(1, 9), (10, 20.5)], [50, 50, 52, 53, 48], 43, -0.05), 0.8),
                -17,
            ),
            "Adlibs": (_pan(_voice(d, [(5.2, 6.1), (13.4, 14.6)], [62, 65], 44), 0.5), -15),
            "Vinyl": (
                d.hits(
                    list(np.sort(d.rng.random(200) * seconds)),
                    lambda t, _v: d.rng.standard_normal(len(t)) * np.exp(-t * 900),
                    0.02,
                ),
                -34,
            ),
        }
    )


def metal(seconds: float = SECONDS, take: int = 0) -> Song:
    """Four rhythm guitars of the same riff, bass under them, a triggered kick beside the real one."""
    d = Desk(RATES["metal"], 5, seconds, take)
    beat = 60 / 150
    riff = [40, 40, 43, 40, 46, 45, 40, 38]
    kick = _kick(d, beat, [0, 0.5, 1, 2, 2.5, 3], 60)
    return _finish(
        {
            "Kick": (kick, -9),
            "Kick_Trigger": (d.band(kick, 60, 12000) + 0.25 * _kick(d, beat, [0, 0.5, 1, 2, 2.5, 3], 75), -11),
            "Snare": (_snare(d, beat, [1, 3]), -9),
            "Overheads": (_pan(_hats(d, beat, 0.5, 12), -0.3) + _pan(0.4 * _snare(d, beat, [1, 3]), 0.2), -15),
            "Bass": (
                np.tanh(
                    2 * _notes(d, d.times(beat, list(np.arange(0, 4, 0.5))), [m - 12 for m in riff], 0.25, 10, 1.1, 0.3)
                ),
                -11,
            ),
            "Guitar_L1": (_pan(_guitar(d, beat, riff, 6, -4), -1), -13),
            "Guitar_R1": (_pan(_guitar(d, beat, riff, 6, 4), 1), -13),
            "Guitar_L2": (_pan(_guitar(d, beat, riff, 4, 2), -0.8), -16),
            "Guitar_R2": (_pan(_guitar(d, beat, riff, 4, -2), 0.8), -16),
            "Solo": (_notes(d, d.times(beat, [0, 0.5, 1.25, 2, 3])[30:], [76, 79, 81, 83, 88], 0.4, 14, 0.8, 0.5), -13),
            "Scream": (np.tanh(3 * _voice(d, [(2, 5), (12, 15)], [45, 47], 51)), -14),
        }
    )


def ambient(seconds: float = SECONDS, take: int = 0) -> Song:
    """Drones without beats: hardly any attack to align by, wide, with rare bells and a quiet field recording."""
    d = Desk(RATES["ambient"], 6, seconds, take)
    t = np.arange(d.n) / d.rate
    bells = _notes(d, np.array([1.3, 5.9, 8.4, 13.8, 17.2]), [79, 86, 83, 91], 2.5, 5, 0.9, 1.2)
    field = np.stack([d.noise(200, 6000), d.noise(200, 6000)], 1) * (0.6 + 0.4 * np.sin(2 * np.pi * t / 9.0))[:, None]
    return _finish(
        {
            "Drone_Low": (_pad(d, [[36, 43, 48]], 8.0), -12),
            "Drone_High": (_pad(d, [[60, 67, 74], [62, 69, 74]], 6.0), -16),
            "Sub_Swell": (np.sin(2 * np.pi * 41.2 * t) * np.clip(np.sin(2 * np.pi * t / 11), 0, 1), -14),
            "Strings": (_pad(d, [[55, 62, 67], [57, 60, 69]], 4.0), -17),
            "Bells": (_pan(bells, 0.2), -14),
            "Bells_Delay": (_pan(0.6 * np.roll(bells, 17640) + 0.3 * np.roll(bells, 35280), -0.4), -22),
            "Field": (field, -28),
            "Whisper": (d.noise(1500, 7000) * np.abs(_voice(d, [(6, 8), (15, 18)], [50], 61)), -26),
            "Piano": (
                _notes(
                    d, np.array([2.0, 2.5, 4.0, 8.0, 9.5, 12.0, 14.0, 16.5, 18.0]), [60, 64, 67, 72], 2.0, 8, 1.3, 0.9
                ),
                -15,
            ),
        }
    )


SONGS: dict[str, Callable[..., Song]] = {
    "band": band,
    "electronic": electronic,
    "ballad": ballad,
    "hiphop": hiphop,
    "metal": metal,
    "ambient": ambient,
}
