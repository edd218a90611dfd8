from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from scipy.signal import lfilter

from tests.audio.music import VOICES, play
from tests.audio.tones import RATES, Sound, facts, gain, noise, quantised, sine, stereo

if TYPE_CHECKING:
    from stemkit.model.audio import Encoding


def _pad(rate: int = 48_000, seconds: float = 3.0) -> Sound:
    """A held chord with a little breath: sound that goes on."""
    chord = sum(sine(hz, seconds, rate, -22, phase=hz) for hz in (110.3, 220.9, 277.7, 331.3, 662.1))
    return np.asarray(chord) + noise(seconds, rate, -62)


def _voice(rate: int = 48_000, seconds: float = 3.0) -> Sound:
    """A sung vowel: pulses of 190 Hz through two formants."""
    time = np.arange(round(seconds * rate))
    pitch = np.cumsum(190 + 4 * np.sin(2 * np.pi * 5 * time / rate)) / rate
    pulses = np.diff(np.floor(pitch), prepend=0.0)
    x = pulses + 0.01 * noise(seconds, rate, 0)
    for hz, width in ((700, 90), (1200, 110), (2600, 160)):
        r = np.exp(-np.pi * width / rate)
        x = lfilter([1 - r], [1, -2 * r * np.cos(2 * np.pi * hz / rate), r * r], x)
    return np.asarray(x / np.abs(x).max() * 0.4)


SOUNDS = {"pad": _pad, "voice": _voice}


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("frames", [10, 64, 480, 2000])
@pytest.mark.parametrize("channels", [1, 2])
def test_a_dropout_is_found_to_the_frame(rate: int, frames: int, channels: int) -> None:
    x = _pad(rate)
    at = int(np.abs(x[rate : rate + 300]).argmax()) + rate
    y = stereo(x) if channels == 2 else x[:, None].copy()
    y[at : at + frames, -1] = 0
    (run,) = facts(y, rate).dropouts
    assert run.channel == channels - 1
    assert (run.start_frame, run.end_frame) == pytest.approx((at, at + frames), abs=1)


@pytest.mark.parametrize("at", [47_500, 47_990, 48_000, 44_100, 44_200, 91_000, 96_000 - 4_000])
def test_a_dropout_is_found_once_wherever_the_chunks_end(at: int) -> None:
    x = _pad()
    at += int(np.abs(x[at : at + 200]).argmax())
    x[at : at + 100] = 0
    assert facts(x).dropout_count == 1


@pytest.mark.parametrize("encoding", ["pcm16", "pcm24", "float32"])
@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("name", SOUNDS)
@pytest.mark.parametrize("kind", ["spike", "splice"])
def test_a_click_is_found_to_the_frame(name: str, kind: str, rate: int, encoding: Encoding) -> None:
    x = SOUNDS[name](rate)
    at = round(1.37 * rate)
    if kind == "spike":
        x[at] += 0.8 * (-1 if x[at] > 0 else 1)
    else:  # some milliseconds are missing, from a crest to a trough
        at += int(x[at : at + rate // 100].argmax())
        missing = rate // 100 + int(x[at + rate // 100 : at + rate // 50].argmin())
        x = np.concatenate([x[: at + 1], x[at + missing :]])
    if encoding != "float32":
        x = quantised(x, 16 if encoding == "pcm16" else 24)
    measured = facts(x, rate, encoding)
    if name == "voice" and kind == "splice":
        assert measured.click_count <= 1  # its own pulses are as steep: may be missed, must not multiply
        return
    (run,) = measured.clicks
    assert run.start_frame == pytest.approx(at, abs=2)
    assert run.level is not None
    assert run.level > 0.1


def _decay(seconds: float, rate: int, half_life_s: float) -> Sound:
    return 0.5 ** (np.arange(round(seconds * rate)) / rate / half_life_s)


def _hits(hit: Sound, every_s: float, rate: int, seconds: float = 4.0) -> Sound:
    x = np.zeros(round(seconds * rate) + len(hit))
    for start in range(0, round(seconds * rate), round(every_s * rate)):
        x[start : start + len(hit)] += hit
    return x


def _notes(wave: str, rate: int, seconds: float = 4.0) -> Sound:
    """A naive synth: each note starts at any phase while the last one still sounds."""
    rng = np.random.default_rng(11)
    x = np.zeros(round((seconds + 1) * rate))
    for start in range(0, round(seconds * rate), rate // 4):
        hz = 55 * 2 ** (rng.integers(0, 24) / 12)
        phase = (np.arange(rate) * hz / rate + rng.random()) % 1
        shape = {
            "square": np.where(phase < 0.5, 1.0, -1.0),
            "saw": 2 * phase - 1,
            "pulse": np.where(phase < 0.1, 1.0, 0.0),
            "sine": np.sin(2 * np.pi * phase),
        }[wave]
        x[start : start + rate] += 0.25 * rng.uniform(0.3, 1) * shape * _decay(1, rate, 0.12)
    return x


def _clean(rate: int) -> dict[str, Sound]:
    fall = _decay(0.4, rate, 0.03)
    snare = (noise(0.4, rate, -12, 3) + 0.4 * sine(190, 0.4, rate)) * fall
    sweep = np.sin(2 * np.pi * np.cumsum(50 + 200 * _decay(0.4, rate, 0.01)) / rate)
    kick = 0.8 * sweep * _decay(0.4, rate, 0.08)
    hat = np.diff(noise(0.1, rate, -20, 4), prepend=0.0) * _decay(0.1, rate, 0.01)
    rim = sine(1700, 0.05, rate, -6) * _decay(0.05, rate, 0.004)
    loops = {"snare": _hits(snare, 0.5, rate), "kick": _hits(kick, 0.5, rate), "hat": _hits(hat, 0.125, rate)}
    metronome = np.where(np.arange(4 * rate) % (rate // 2) < 2, 0.7, 0.0)
    return {
        **loops,
        "rim shots over a pad": _hits(rim, 0.5, rate, 3)[: 3 * rate] + 0.5 * _pad(rate),
        "drums over bass": loops["snare"] + loops["kick"] + 0.2 * sine(55, 4.4, rate),
        "metronome": metronome,
        "white noise": noise(3, rate, -15),
        "voice": _voice(rate),
        "pad": _pad(rate),
        "low square": np.where(np.arange(3 * rate) * 30 / rate % 1 < 0.5, 0.4, -0.4),
        "square": np.where(np.arange(3 * rate) * 220 / rate % 1 < 0.5, 0.4, -0.4),
        "low saw": 0.8 * (np.arange(3 * rate) * 24 / rate % 1) - 0.4,
        "pulse from zero": np.where(np.arange(3 * rate) * 55 / rate % 1 < 0.1, 0.4, 0.0),
        "tremolo down to zero": sine(440, 3, rate, -6)
        * np.maximum(0, np.sin(2 * np.pi * 14 * np.arange(3 * rate) / rate)),
        "gated noise": noise(3, rate, -15) * (np.arange(3 * rate) % (rate // 16) < rate // 32),
        "square notes": _notes("square", rate),
        "saw notes": _notes("saw", rate),
        "pulse notes": _notes("pulse", rate),
        "silence": np.zeros(2 * rate),
        "faint 16 bits": quantised(sine(100, 3, rate, -85), 16),
        "hard clipped": np.clip(4 * _pad(rate), -0.5, 0.5),
    }


@pytest.mark.parametrize(("rate", "encoding"), [(44_100, "float32"), (48_000, "pcm16"), (96_000, "float32")])
def test_music_has_no_defects(rate: int, encoding: Encoding) -> None:
    for name, x in _clean(rate).items():
        measured = facts(quantised(x, 16) if encoding == "pcm16" else x, rate, encoding)
        assert (measured.dropouts, measured.clicks) == ((), ()), name


def test_hard_starts_of_a_naive_sine_are_rarely_taken_for_clicks() -> None:
    """They are steps in a sound that goes on; only a new spectrum or level tells that somebody meant them."""
    assert facts(_notes("sine", 48_000, 8.0)).click_count <= 2


def test_many_zero_runs_a_second_are_a_pattern() -> None:
    x = _pad()
    for start in range(0, len(x), 3000):
        x[start : start + 100] = 0
    assert facts(x).dropout_count == 0


@pytest.mark.parametrize("level", [-55, -70])
def test_next_to_nothing_is_not_judged(level: float) -> None:
    x = _pad() * gain(level + 12)
    x[60_000:60_200] = 0
    x[90_000] += 0.004
    measured = facts(x)
    assert (measured.dropout_count, measured.click_count) == (0, 0)


@pytest.mark.parametrize("name", VOICES)
def test_played_music_is_not_accused(name: str) -> None:
    measured = facts(quantised(play(name, 44_100, 4.0, 5), 24), 44_100, "pcm24")
    assert (measured.dropouts, measured.clicks, measured.gaps) == ((), (), ())
    assert (measured.flat_top_count, measured.clipped_run_count) == (0, 0)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_bit_crusher_rounds_to_zero_and_breaks_nothing(seed: int) -> None:
    crushed = np.repeat(np.round(play("pad", 48_000, 6.0, seed)[::6] * 64) / 64, 6, axis=0)
    faded = crushed * np.linspace(1, 0, len(crushed))[:, None]
    assert facts(faded).dropout_count == 0
