"""Sounds that carry one figure each, chosen to lie at a rule's line: one function a figure, ``(setting, figure)``.

Most are shorter than the 0.17 s from which on a sound is searched for the traces of codecs, which costs the most.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
import soxr

from tests.audio.coded_sounds import rounded_in_frames
from tests.audio.music import play
from tests.audio.wav_bytes import bext
from tests.rules.line_files import Stored

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.rules.line_files import Setting, Sound


def amplitude(dbfs: float) -> float:
    return float(10 ** (dbfs / 20))


def tone(setting: Setting, seconds: float, hz: float = 220.0) -> Sound:
    """A steady tone of amplitude 1."""
    return np.asarray(np.sin(2 * np.pi * hz * np.arange(round(seconds * setting.rate)) / setting.rate))


def swell(setting: Setting, seconds: float = 0.15, *, hz: float = 220.0, peak: float = 0.5) -> Sound:
    """A tone that comes and goes inside the file, with its loudest sample exactly at `peak`."""
    wave = tone(setting, seconds, hz)
    wave *= np.sin(np.pi * np.arange(len(wave)) / len(wave)) ** 2
    return np.asarray(wave * (peak / np.abs(wave).max()))


def any_sound(setting: Setting) -> Sound:
    """Something short, where the samples do not matter."""
    return swell(setting, 0.01)


def beside(setting: Setting, wave: Sound, other: Sound) -> Sound:
    """Put a wave on the last channel and, where there are two, another one on the first."""
    return wave[:, None] if setting.channels == 1 else np.stack([other, wave], axis=1)


def on_grid(setting: Setting, bits: float) -> Sound:
    """A sound whose samples use so many bits."""
    wave = np.round(swell(setting) * 2 ** (bits - 1)) / 2 ** (bits - 1)
    return beside(setting, wave, wave[::-1])


def peaking_at(setting: Setting, dbfs: float) -> Sound:
    return swell(setting, peak=1.0) * amplitude(dbfs)


def at_full_scale(sign: int) -> Callable[[Setting, float], Sound]:
    """Return a maker of sounds with a run of so many samples at full scale, at the top or at the bottom."""

    def make(setting: Setting, samples: float) -> Sound:
        wave = swell(setting)
        middle = len(wave) // 2
        wave[middle : middle + int(samples)] = sign
        return wave

    return make


def flattened(setting: Setting, tops: float) -> Sound:
    """A tone of which so many tops are cut off at -8 dBFS and the rest stay below."""
    wave = 0.35 * tone(setting, 0.16, hz=100.0)
    period = setting.rate // 100
    wave[2 * period : (2 + int(tops)) * period] *= 2
    wave = np.minimum(wave, 0.4)
    return beside(setting, wave, swell(setting, 0.16, peak=0.3))


def between_samples(setting: Setting, dbtp: float) -> Sound:
    """A tone at a quarter of the rate whose samples all miss its tops by 3 dB (Tech 3341, cases 16 and 19)."""
    n = np.arange(setting.rate // 8)
    fade = np.clip(np.minimum(n, len(n) - 1 - n) / (len(n) / 4), 0, 1)
    return np.asarray(amplitude(dbtp) * np.sin(np.pi / 2 * n + np.pi / 4) * fade)


def with_dc(setting: Setting, dbfs: float) -> Sound:
    return 0.4 * tone(setting, 0.15) + amplitude(dbfs)


def summing_to(setting: Setting, dbfs: float) -> list[Stored]:
    """Two stems and their mix, which peaks at a level that neither of them has."""
    parts = [swell(setting, 0.5, hz=hz) for hz in (110.0, 330.0)]
    gain = amplitude(dbfs) / np.abs(parts[0] + parts[1]).max()
    waves = (gain * parts[0], gain * parts[1], gain * (parts[0] + parts[1]))
    names = ("Stems/01_Bass.wav", "Stems/02_Lead.wav", "Rough_Mix.wav")
    return [Stored(wave=wave, name=name) for wave, name in zip(waves, names, strict=True)]


def of_two_lengths(setting: Setting, frames: float) -> list[Stored]:
    """Two stems, one longer by so many frames."""
    wave = any_sound(setting)
    return [Stored(wave=wave), Stored(wave=np.append(wave, np.zeros(int(frames))), name="02_Snare.wav")]


def with_two_stamps(setting: Setting, frames: float) -> list[Stored]:
    """Two stems, one with a time reference that is later by so many frames."""
    stamps = (172_800_000, 172_800_000 + int(frames))
    return [
        Stored(wave=any_sound(setting), name=f"0{n}_Part.wav", chunks={b"bext": bext(time_reference=stamp)})
        for n, stamp in enumerate(stamps, 1)
    ]


def ending_at(setting: Setting, dbfs: float) -> Sound:
    """A sound that stops while a tone of this RMS is on."""
    held = amplitude(dbfs) * 2**0.5 * tone(setting, 0.1, hz=997.0)  # no whole number of samples a wave
    return np.concatenate([swell(setting), held])


def starting_late(setting: Setting, extra_frames: float) -> Sound:
    """A sound behind 0.1 s of digital silence and so many frames more."""
    silence = np.zeros(setting.rate // 10 + int(extra_frames))
    return np.concatenate([silence, swell(setting, 0.1)[setting.rate // 20 + 9 :]])


def with_a_faint_side(setting: Setting, dbfs: float) -> Sound:
    """A sound on one side, and on the other something that peaks at this level."""
    return beside(setting, swell(setting), peaking_at(setting, dbfs))


def nearly_twice(sign: int) -> Callable[[Setting, float], Sound]:
    """Return a maker of equal or opposite channels that differ by so many steps, once."""

    def make(setting: Setting, steps: float) -> Sound:
        left = np.round(swell(setting) / setting.step) * setting.step
        right = sign * left
        right[len(right) // 3] += steps * setting.step
        return beside(setting, right, left)

    return make


def folding_with_loss(setting: Setting, loss_db: float) -> Sound:
    """The same sound on both sides, the right one quieter and inverted: its fold to mono loses so many dB.

    With R = r·L the fold keeps (1 + r)² / 2(1 + r²) of the mean power.
    """
    kept = 1 - 2 * 10 ** (-loss_db / 10)
    ratio = (np.sqrt(1 - kept**2) - 1) / kept
    wave = swell(setting, 0.5)
    return beside(setting, ratio * wave, wave)


def noisy_gap(setting: Setting, rms_dbfs: float, seconds: float = 1.0) -> Sound:
    """Two notes with noise of this RMS between them."""
    noise = np.random.default_rng(1).standard_normal(round(seconds * setting.rate))
    noise *= amplitude(rms_dbfs) / np.sqrt(np.mean(noise**2))
    return np.concatenate([swell(setting, 0.5), noise, swell(setting, 0.5)])


def gap_of(setting: Setting, seconds: float) -> Sound:
    return noisy_gap(setting, -60.0, seconds)


def with_hole(setting: Setting, frames: float, seconds: float = 0.16) -> Sound:
    """A tone with so many samples of digital silence, from the top of a wave on."""
    wave = 0.4 * tone(setting, seconds, hz=231.0)
    top = round(setting.rate * (15.25 / 231.0))  # after 15 waves and a quarter
    wave[top : top + int(frames)] = 0
    return wave


def with_hole_of_ms(setting: Setting, milliseconds: float) -> Sound:
    return with_hole(setting, milliseconds * setting.rate / 1000, 0.3)


def with_click(setting: Setting, jump: float) -> Sound:
    """A deep soft tone with one sample that stands off by so much."""
    wave = 0.02 * tone(setting, 0.16, hz=60.0)
    wave[setting.rate * 7 // 100] += jump
    return beside(setting, wave, 0.02 * tone(setting, 0.16, hz=61.0))


def rumbling(setting: Setting, share_db: float) -> Sound:
    """Two tones, the one at 10 Hz with this share of the whole energy."""
    share = 10 ** (share_db / 10)
    low, high = tone(setting, 2.0, hz=10.0), tone(setting, 2.0, hz=440.0)
    return np.asarray(0.4 * (np.sqrt(share) * low + np.sqrt(1 - share) * high))


@lru_cache(maxsize=8)
def _music(rate: int, *, coded: bool) -> Sound:
    sound = play("rock", rate, 1.2)[:, 0]
    return rounded_in_frames(sound, 1024, 5e-3) if coded else sound


@lru_cache(maxsize=8)
def _at_high_rate(low: int, high: int, *, coded: bool) -> Sound:
    return np.asarray(soxr.resample(_music(low, coded=coded), low, high, "VHQ"))


def coded(setting: Setting, times: float) -> Sound:
    """Music that was stored with loss, or not; at high rates converted from there, as nobody codes at 96 kHz."""
    lossy = bool(times)
    if setting.rate > 48_000:
        wave = _at_high_rate(setting.rate // 2, setting.rate, coded=lossy)
    else:
        wave = _music(setting.rate, coded=lossy)
    return beside(setting, wave, wave)


@lru_cache(maxsize=8)
def _hiss(rate: int, from_hz: int) -> Sound:
    noise = 0.1 * np.random.default_rng(3).standard_normal(from_hz)
    return noise if from_hz == rate else np.asarray(soxr.resample(noise, from_hz, rate, "VHQ"))


def converted_up(setting: Setting, times: float) -> Sound:
    """Noise that was made at a lower rate, or at the file's own."""
    lower = {44_100: 32_000, 48_000: 44_100, 96_000: 48_000}[setting.rate]
    return _hiss(setting.rate, lower if times else setting.rate)
