from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from stemkit.audio.runs import MAX_LISTED
from tests.audio.tones import RATES, Sound, facts, file_facts, gain, noise, quantised, sine, stereo

if TYPE_CHECKING:
    from pathlib import Path

    from stemkit.model.audio import Encoding

BITS: dict[Encoding, int] = {"pcm16": 16, "pcm24": 24, "pcm32": 32}


def _planted(values: list[float], at: int = 10_000) -> Sound:
    x = noise(1, dbfs=-40)
    x[at : at + len(values)] = values
    return x


@pytest.mark.parametrize("encoding", BITS)
@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize("channels", [1, 2])
def test_three_samples_at_full_scale_are_a_clip(tmp_path: Path, encoding: Encoding, sign: int, channels: int) -> None:
    """A positive clip of 24 bits reads 0.9999999, a negative one -1.0."""
    x = _planted([sign * 1.5] * 3)
    y = stereo(noise(1, dbfs=-40, seed=8), x) if channels == 2 else x
    measured = file_facts(tmp_path / "x.wav", y, encoding=encoding)
    assert measured.clipped_run_count == 1
    (run,) = measured.clipped_runs
    assert (run.start_frame, run.end_frame, run.channel) == (10_000, 10_003, channels - 1)
    assert measured.flat_top_count == 0  # told once


@pytest.mark.parametrize("encoding", BITS)
@pytest.mark.parametrize("sign", [1, -1])
def test_two_samples_at_full_scale_are_none(encoding: Encoding, sign: int) -> None:
    x = quantised(_planted([sign * 1.5] * 2), BITS[encoding])
    assert facts(x, encoding=encoding).clipped_run_count == 0


def test_one_step_below_full_scale_is_no_clip() -> None:
    below = 1 - 2 * 2.0**-15
    assert facts(_planted([below] * 4), encoding="pcm16").clipped_run_count == 0


def test_clipped_16_bits_in_24_are_still_clips() -> None:
    x = quantised(_planted([1.5] * 5), 16)
    assert facts(x, encoding="pcm24").clipped_run_count == 1
    assert facts(x, encoding="float32").clipped_run_count == 1


def test_polarities_do_not_join() -> None:
    assert facts(quantised(_planted([1.5, 1.5, -1.5, -1.5]), 24), encoding="pcm24").clipped_run_count == 0


def test_a_run_over_the_border_of_two_chunks_is_one() -> None:
    x = np.concatenate([noise(1, dbfs=-40)[:47_800], np.full(400, 1.5), noise(1, dbfs=-40)])
    (run,) = facts(quantised(x, 24), encoding="pcm24").clipped_runs
    assert (run.start_frame, run.end_frame) == (47_800, 48_200)


@pytest.mark.parametrize("rate", RATES)
def test_an_overdriven_sine_clips_twice_a_period(rate: int) -> None:
    measured = facts(quantised(sine(100, 1, rate, dbfs=6), 24), rate, "pcm24")
    assert measured.clipped_run_count == 200
    assert len(measured.clipped_runs) == MAX_LISTED
    assert list(measured.clipped_runs) == sorted(measured.clipped_runs, key=lambda run: run.start_frame)


def _music(rate: int, seconds: float = 3.0) -> Sound:
    """Chords over a bass with a beating level: peaks of every height."""
    partials = [(55, -8.0), (220.3, -14.0), (277.9, -15.0), (331.1, -16.0), (1760.7, -24.0), (3111.1, -28.0)]
    time = np.arange(round(seconds * rate)) / rate
    return sum(sine(hz, seconds, rate, db, phase=hz) for hz, db in partials) * (0.7 + 0.3 * np.sin(5 * time))


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("encoding", ["pcm16", "pcm24", "float32"])
@pytest.mark.parametrize("ceiling_dbfs", [-0.5, -6.0, -14.0])
def test_clipping_that_was_turned_down_leaves_flat_tops(rate: int, encoding: Encoding, ceiling_dbfs: float) -> None:
    x = np.clip(_music(rate) * 3, -0.9, 0.9) / 0.9 * gain(ceiling_dbfs)
    if encoding in BITS:
        x = quantised(x, BITS[encoding])
    measured = facts(stereo(x), rate, encoding)
    assert measured.clipped_run_count == 0
    assert measured.flat_top_count >= 100
    assert measured.flat_top_level_dbfs == pytest.approx(ceiling_dbfs, abs=0.01)
    assert len(measured.flat_tops) == MAX_LISTED
    run = measured.flat_tops[0]
    assert np.ptp(x[run.start_frame : run.end_frame]) < 1e-4


def test_dither_on_top_does_not_hide_flat_tops() -> None:
    x = np.clip(_music(48_000) * 3, -0.5, 0.5)
    rng = np.random.default_rng(4)
    dithered = quantised(x + (rng.random(len(x)) - rng.random(len(x))) * 2.0**-15, 16)
    assert facts(dithered, encoding="pcm16").flat_top_count >= 50


def test_flat_float_runs_beyond_full_scale_are_flat_tops() -> None:
    measured = facts(np.clip(_music(48_000) * 6, -2, 2))
    assert measured.clipped_run_count == 0
    assert measured.flat_top_level_dbfs == pytest.approx(6.02, abs=0.01)


def _square(hz: float, rate: int, duty: float = 0.5) -> Sound:
    return np.where(np.arange(2 * rate) * hz / rate % 1 < duty, 0.5, -0.5)


CLEAN: dict[str, Sound] = {
    "music": _music(48_000),
    "slow sine": sine(40, 3, dbfs=-6),
    "faint slow sine": sine(40, 3, dbfs=-40),
    "bass": sine(55, 3, dbfs=-12) + sine(110, 3, dbfs=-20),
    "white noise": noise(3, dbfs=-18),
    "dither": noise(3, dbfs=-96),
    "dc": np.full(96_000, 0.3),
    "silence": np.zeros(96_000),
    "square": _square(110, 48_000),
    "pulse": _square(440, 48_000, 0.1),
    "unipolar pulse": _square(220, 48_000, 0.25) + 0.4,
    "band-limited square": sum(sine(220 * n, 2, dbfs=-10) / n for n in range(1, 90, 2)),
    "saw": (np.arange(96_000) * 110 / 48_000 % 1) - 0.5,
    "stairs": np.repeat(np.random.default_rng(2).uniform(-0.5, 0.5, 9_600), 10),
    "soft saturation": np.tanh(_music(48_000) * 2) * 0.5,
    "decaying drum": sine(60, 2) * np.exp(-np.arange(96_000) / 9_000),
    "uniform noise": np.random.default_rng(3).uniform(-0.5, 0.5, 96_000),
}


@pytest.mark.parametrize("encoding", ["pcm16", "pcm24", "float32"])
@pytest.mark.parametrize("name", CLEAN)
def test_clean_sounds_have_no_flat_tops(name: str, encoding: Encoding) -> None:
    x = quantised(CLEAN[name], BITS[encoding]) if encoding in BITS else CLEAN[name]
    measured = facts(x, encoding=encoding)
    assert (measured.flat_top_count, measured.clipped_run_count) == (0, 0)
