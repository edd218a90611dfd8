"""Synthesised songs for the proof: stems that are as awkward as real ones, from seeds.

Each song is a dict of name → float32 array [frames, channels]. They hold what makes the question hard: stems that
share their sound (bleed, two microphones, a DI and its amp, double tracking), stems that rarely play, stems far
below the others, a sub bass that is almost one sine, effect returns made from other stems, and mono beside stereo.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from tests.audio.proof_sounds import (
    SECONDS,
    Desk,
    pan,
    play_guitar,
    play_hats,
    play_kick,
    play_notes,
    play_pad,
    play_snare,
    sing,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

Audio: TypeAlias = "NDArray[np.float32]"
Song: TypeAlias = "dict[str, Audio]"

RATES = {"band": 44100, "electronic": 48000, "ballad": 48000, "hiphop": 44100, "metal": 48000, "ambient": 44100}


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
    kick, snare, hats = play_kick(d, beat, [0, 1.5, 2]), play_snare(d, beat, [1, 3]), play_hats(d, beat, 0.5)
    bass = play_notes(d, d.times(beat, [0, 0.5, 1.5, 2, 3]), [33, 33, 36, 31, 38], 0.5, 9, 1.4, 0.7)
    voice = sing(d, [(3, 7.5), (9, 13), (15, 20)], [57, 59, 60, 62, 64], 11)
    overheads = pan(0.35 * np.roll(kick, 130) + 0.6 * np.roll(snare, 150), 0.1) + pan(hats, 0.45)
    return _finish(
        {
            "Kick_In": (d.band(kick, 35, 7000) + 0.01 * snare, -9),
            "Kick_Out": (d.band(np.roll(kick, 35), 30, 900) + 0.03 * snare, -10),
            "Snare": (snare + 0.05 * np.roll(kick, 40) + 0.05 * hats, -9),
            "Overheads": (overheads, -14),
            "Room": (d.reverb(kick + snare + 0.4 * hats, 0.5), -18),
            "Bass_DI": (bass, -11),
            "Bass_Amp": (d.band(np.tanh(2.5 * bass), 60, 2500), -13),
            "Guitar_L": (pan(play_guitar(d, beat, [45, 45, 48, 43, 50], 3, -3), -1), -14),
            "Guitar_R": (pan(play_guitar(d, beat, [45, 45, 48, 43, 50], 3, 3), 1), -14),
            "Vocals_Lead": (voice, -9),
            "Vocals_Reverb": (d.reverb(voice, 1.8), -22),
            "Crash": (
                pan(
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
    clap = d.band(play_snare(d, beat, [1, 3]), 700, 7000)
    riser = (
        d.band(d.rng.standard_normal((d.n, 2)), 1000, 12000) * (np.clip((t - 11) / 4, 0, 1) * (t < 15))[:, None] ** 2
    )
    return _finish(
        {
            "Kick": (play_kick(d, beat, [0, 1, 2, 3], 50), -6),
            "Sub": (sub * duck, -10),
            "Clap": (clap, -12),
            "Clap_Layer": (d.band(np.roll(clap, 90), 400, 4000) + 0.02 * d.noise(2000, 8000) * np.abs(clap), -15),
            "Hats": (pan(play_hats(d, beat, 0.25, 90), 0.2), -18),
            "Bass": (play_notes(d, d.times(beat, [0.5, 1.5, 2.5, 3.5]), [41, 41, 44, 39], 0.3, 14, 1.0, 0.3), -11),
            "Pad": (play_pad(d, [[53, 56, 60], [53, 56, 60], [56, 60, 63], [51, 55, 58]], 4 * beat), -15),
            "Arp": (
                pan(
                    play_notes(
                        d, d.times(beat, list(np.arange(0, 4, 0.25))), [65, 68, 72, 77, 75], 0.2, 6, 1.2, 0.12, 0, 0
                    ),
                    -0.5,
                ),
                -16,
            ),
            "Lead": (play_notes(d, d.times(beat, [0, 1.5, 2.75])[12:], [72, 75, 77, 80, 79], 0.6, 12, 1.1, 0.5), -13),
            "Riser": (riser, -16),
            "Shaker": (pan(play_hats(d, beat, 0.5, 40), -0.7), -38),
        }
    )


def ballad(seconds: float = SECONDS, take: int = 0) -> Song:
    """Piano, strings, a voice with its return, an upright bass: few hits, much tail, one stem far below."""
    d = Desk(RATES["ballad"], 3, seconds, take)
    beat = 60 / 68
    voice = sing(d, [(2, 6), (7.5, 11), (12.5, 16), (17.5, 21)], [60, 62, 64, 67, 65], 31)
    chord = [
        play_notes(d, d.times(beat, [0, 1, 1.5, 2, 3]), [m, m + 5, m + 3], 1.6, 10, 1.3, 0.8) for m in (48, 60, 64)
    ]
    piano = np.sum(chord, axis=0)
    return _finish(
        {
            "Piano": (pan(piano, -0.15) + 0.1 * d.reverb(piano, 0.8), -8),
            "Bass_Upright": (play_notes(d, d.times(beat, [0, 2]), [36, 41, 43, 38], 1.1, 6, 1.5, 0.6), -11),
            "Strings": (play_pad(d, [[60, 64, 67], [65, 69, 72], [62, 67, 71], [60, 65, 69]], 4 * beat), -16),
            "Vocals_Lead": (voice, -8),
            "Vocals_Double": (
                np.roll(voice, 700) * 0.2 + sing(d, [(7.5, 11), (17.5, 21)], [60, 62, 64, 67, 65], 33, 0.06),
                -17,
            ),
            "Vocals_Return": (d.reverb(voice, 2.4), -19),
            "Brushes": (
                pan(d.noise(2500, 12000) * (0.5 + 0.5 * np.sin(2 * np.pi * np.arange(d.n) / d.rate / beat)), 0.3),
                -30,
            ),
            "Shaker": (pan(play_hats(d, beat, 0.5, 30), 0.6), -40),
            "Bells": (play_notes(d, np.array([4.1, 12.3, 19.0]), [84, 91, 88], 1.8, 4, 1.0, 0.9), -18),
        }
    )


def hiphop(seconds: float = SECONDS, take: int = 0) -> Song:
    """An 808 that is most of the energy, a sample loop, a lead voice with two near-identical doubles."""
    d = Desk(RATES["hiphop"], 4, seconds, take)
    beat = 60 / 88
    lead = sing(d, [(1, 9), (10, 20.5)], [50, 50, 52, 53, 48], 41)
    loop = play_pad(d, [[57, 60, 64], [55, 59, 62]], 2 * beat) + pan(
        play_notes(d, d.times(beat, [0, 0.75, 2.25]), [69, 72, 76], 0.5, 8, 1.2, 0.4), 0.3
    )
    return _finish(
        {
            "808": (
                np.tanh(1.6 * play_notes(d, d.times(beat, [0, 1.75, 2.5]), [29, 29, 32, 27], 0.95, 3, 1.8, 0.8)),
                -6,
            ),
            "Kick": (play_kick(d, beat, [0, 1.75, 2.5], 55), -9),
            "Snare": (play_snare(d, beat, [1, 3]), -10),
            "Hats": (pan(play_hats(d, beat, 0.25, 80), -0.2), -18),
            "Open_Hat": (pan(d.band(play_hats(d, beat, 2.0, 9), 5000, 14000), 0.2), -22),
            "Loop": (loop, -13),
            "Vocals_Lead": (lead, -8),
            "Vocals_Double_L": (
                pan(np.roll(lead, 380) * 0.15 + sing(d, [(1, 9), (10, 20.5)], [50, 50, 52, 53, 48], 42, 0.04), -0.8),
                -17,
            ),
            "Vocals_Double_R": (
                pan(np.roll(lead, 520) * 0.15 + sing(d, [(1, 9), (10, 20.5)], [50, 50, 52, 53, 48], 43, -0.05), 0.8),
                -17,
            ),
            "Adlibs": (pan(sing(d, [(5.2, 6.1), (13.4, 14.6)], [62, 65], 44), 0.5), -15),
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
    kick = play_kick(d, beat, [0, 0.5, 1, 2, 2.5, 3], 60)
    return _finish(
        {
            "Kick": (kick, -9),
            "Kick_Trigger": (d.band(kick, 60, 12000) + 0.25 * play_kick(d, beat, [0, 0.5, 1, 2, 2.5, 3], 75), -11),
            "Snare": (play_snare(d, beat, [1, 3]), -9),
            "Overheads": (pan(play_hats(d, beat, 0.5, 12), -0.3) + pan(0.4 * play_snare(d, beat, [1, 3]), 0.2), -15),
            "Bass": (
                np.tanh(
                    2
                    * play_notes(
                        d, d.times(beat, list(np.arange(0, 4, 0.5))), [m - 12 for m in riff], 0.25, 10, 1.1, 0.3
                    )
                ),
                -11,
            ),
            "Guitar_L1": (pan(play_guitar(d, beat, riff, 6, -4), -1), -13),
            "Guitar_R1": (pan(play_guitar(d, beat, riff, 6, 4), 1), -13),
            "Guitar_L2": (pan(play_guitar(d, beat, riff, 4, 2), -0.8), -16),
            "Guitar_R2": (pan(play_guitar(d, beat, riff, 4, -2), 0.8), -16),
            "Solo": (
                play_notes(d, d.times(beat, [0, 0.5, 1.25, 2, 3])[30:], [76, 79, 81, 83, 88], 0.4, 14, 0.8, 0.5),
                -13,
            ),
            "Scream": (np.tanh(3 * sing(d, [(2, 5), (12, 15)], [45, 47], 51)), -14),
        }
    )


def ambient(seconds: float = SECONDS, take: int = 0) -> Song:
    """Drones without beats: hardly any attack to align by, wide, with rare bells and a quiet field recording."""
    d = Desk(RATES["ambient"], 6, seconds, take)
    t = np.arange(d.n) / d.rate
    bells = play_notes(d, np.array([1.3, 5.9, 8.4, 13.8, 17.2]), [79, 86, 83, 91], 2.5, 5, 0.9, 1.2)
    field = np.stack([d.noise(200, 6000), d.noise(200, 6000)], 1) * (0.6 + 0.4 * np.sin(2 * np.pi * t / 9.0))[:, None]
    return _finish(
        {
            "Drone_Low": (play_pad(d, [[36, 43, 48]], 8.0), -12),
            "Drone_High": (play_pad(d, [[60, 67, 74], [62, 69, 74]], 6.0), -16),
            "Sub_Swell": (np.sin(2 * np.pi * 41.2 * t) * np.clip(np.sin(2 * np.pi * t / 11), 0, 1), -14),
            "Strings": (play_pad(d, [[55, 62, 67], [57, 60, 69]], 4.0), -17),
            "Bells": (pan(bells, 0.2), -14),
            "Bells_Delay": (pan(0.6 * np.roll(bells, 17640) + 0.3 * np.roll(bells, 35280), -0.4), -22),
            "Field": (field, -28),
            "Whisper": (d.noise(1500, 7000) * np.abs(sing(d, [(6, 8), (15, 18)], [50], 61)), -26),
            "Piano": (
                play_notes(
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
