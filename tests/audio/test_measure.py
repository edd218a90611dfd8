from __future__ import annotations

import pickle
import tracemalloc
from typing import TYPE_CHECKING

import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st

from stemkit.audio.envelope import MAX_COLUMNS
from stemkit.audio.measure import measure, measure_blocks
from tests.audio.tones import (
    RATES,
    SUBTYPES,
    facts,
    file_facts,
    gain,
    in_blocks,
    noise,
    quantised,
    silence,
    sine,
    stereo,
)

if TYPE_CHECKING:
    from pathlib import Path

    from stemkit.model.audio import Encoding


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize("encoding", SUBTYPES)
def test_a_sine_in_every_encoding(tmp_path: Path, encoding: Encoding, channels: int, rate: int) -> None:
    x = sine(1000, 0.7, rate, dbfs=-6)
    y = stereo(x, x * 0.5) if channels == 2 else x
    measured = file_facts(tmp_path / "sine.wav", y, rate, encoding)
    assert (measured.sample_rate, measured.channels, measured.frames) == (rate, channels, len(x))
    assert measured.sample_peak_dbfs == pytest.approx(-6, abs=0.01)
    assert measured.sample_peak_channel == 0
    assert measured.true_peak_dbtp == pytest.approx(-6, abs=0.02)
    mean = 0.5 * gain(-12) * (1 if channels == 1 else (1 + 0.25) / 2)
    assert measured.rms_dbfs == pytest.approx(10 * np.log10(mean), abs=0.01)
    assert measured.crest_db == pytest.approx(measured.sample_peak_dbfs - measured.rms_dbfs)  # type: ignore[operator]
    assert measured.effective_bits == {"pcm16": 16, "pcm24": 24, "pcm32": 32, "float32": 32}[encoding]
    assert measured.image == ("stereo" if channels == 2 else "mono")
    assert measured.clipped_run_count == measured.flat_top_count == measured.over_full_scale == 0


@settings(max_examples=15, deadline=None)
@given(sizes=st.lists(st.integers(1, 60_000), min_size=1, max_size=5), rate=st.sampled_from([8_000, 11_025, 44_100]))
def test_no_figure_depends_on_the_blocks(sizes: list[int], rate: int) -> None:
    x = stereo(noise(2.3, rate, -30), np.clip(sine(90, 2.3, rate, 3), -0.6, 0.6))
    x[rate : rate + 900] = 0
    sizes[0] += 500  # keeps the number of blocks small
    assert measure_blocks(in_blocks(x, sizes), rate) == facts(x, rate)


def test_the_pass_is_the_same_for_a_file_and_for_its_samples(tmp_path: Path) -> None:
    x = quantised(stereo(noise(3.1), sine(300, 3.1, dbfs=-9)), 24)
    assert file_facts(tmp_path / "x.wav", x) == facts(x, encoding="pcm24")


def test_peak_position_and_channel() -> None:
    x = stereo(noise(3, dbfs=-30))
    x[100_001, 1] = -0.9
    measured = facts(x)
    assert (measured.sample_peak_frame, measured.sample_peak_channel) == (100_001, 1)
    assert measured.channel_peaks_dbfs[1] == pytest.approx(20 * np.log10(0.9))


def test_the_first_of_equal_peaks_is_told() -> None:
    x = np.zeros(150_000)
    x[[777, 60_000, 140_000]] = (0.5, -0.5, 0.5)
    assert facts(x).sample_peak_frame == 777


def test_dc_is_per_channel_and_signed() -> None:
    x = stereo(sine(100, 2, dbfs=-20) + 0.02, sine(100, 2, dbfs=-20) - 0.003)
    assert facts(x).dc_offset == pytest.approx((0.02, -0.003), abs=1e-6)


@pytest.mark.parametrize(("lead", "tail"), [(0, 0), (1, 1), (479, 480), (48_000, 100_001), (123_456, 7)])
def test_silence_at_both_ends_to_the_sample(lead: int, tail: int) -> None:
    x = stereo(np.concatenate([np.zeros(lead), np.full(5_000, 1e-6), np.zeros(tail)]), np.zeros(lead + 5_000 + tail))
    measured = facts(x)
    assert (measured.lead_silence_frames, measured.tail_silence_frames) == (lead, tail)


def test_a_silent_file_is_silent_from_both_ends() -> None:
    measured = facts(stereo(silence(2.5)))
    assert (measured.lead_silence_frames, measured.tail_silence_frames) == (120_000, 120_000)
    assert measured.image == "silent"
    for name in ("sample_peak_dbfs", "true_peak_dbtp", "rms_dbfs", "crest_db", "integrated_lufs", "effective_bits"):
        assert getattr(measured, name) is None, name
    assert (measured.tail_cut, measured.subsonic_db, measured.sample_peak_frame) == (None, None, None)
    assert measured.gaps == ()


@pytest.mark.parametrize("frames", [1, 2, 100, 479, 480, 481, 47_999, 48_000, 48_001])
def test_any_length_is_measured(frames: int) -> None:
    x = np.full(frames, 0.25)
    measured = facts(x)
    assert measured.frames == frames
    assert measured.sample_peak_dbfs == pytest.approx(20 * np.log10(0.25))
    assert measured.rms_dbfs == pytest.approx(measured.sample_peak_dbfs)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("encoding", ["FLOAT", "DOUBLE"])
def test_non_finite_samples_are_counted_and_left_out(tmp_path: Path, bad: float, encoding: str) -> None:
    path = tmp_path / "x.wav"
    x = stereo(sine(1000, 3, dbfs=-12))
    clean = facts(x)
    x[70_000, 1] = bad
    x[70_001:70_003] = bad
    soundfile.write(path, x, 48_000, encoding)
    measured = measure(path)
    assert (measured.non_finite, measured.non_finite_at_frame) == (5, 70_000)
    assert measured.sample_peak_dbfs == pytest.approx(clean.sample_peak_dbfs, abs=1e-6)
    assert measured.integrated_lufs == pytest.approx(clean.integrated_lufs, abs=0.02)


def test_absurd_floats_end_without_a_warning() -> None:
    x = sine(100, 1)
    x[10_000] = 3e38
    measured = facts(x)
    assert measured.sample_peak_dbfs == pytest.approx(20 * np.log10(3e38), abs=1e-4)
    assert measured.non_finite == 0


def test_float_beyond_full_scale_is_counted_and_is_no_clip() -> None:
    x = sine(100, 1, dbfs=6)
    measured = facts(x)
    assert measured.over_full_scale == np.count_nonzero(np.abs(x.astype(np.float32)) > 1)
    assert measured.clipped_run_count == 0
    assert measured.sample_peak_dbfs == pytest.approx(6, abs=1e-3)


@pytest.mark.parametrize(
    ("bits", "encoding", "expected"),
    [
        *((16, "pcm24", 16), (20, "pcm24", 20), (24, "pcm32", 24), (16, "float32", 16), (24, "float32", 24)),
        *((8, "pcm16", 8), (16, "pcm16", 16), (24, "pcm24", 24)),
    ],
)
def test_effective_bits(tmp_path: Path, bits: int, encoding: Encoding, expected: int) -> None:
    x = quantised(stereo(noise(1.2, dbfs=-18)), bits)
    assert file_facts(tmp_path / "x.wav", x, encoding=encoding).effective_bits == expected


def test_one_wide_sample_makes_the_file_wide() -> None:
    x = quantised(noise(2, dbfs=-18), 16)
    x[-1] = 2**-22
    assert facts(x, encoding="pcm24").effective_bits == 23


def test_gained_float_is_genuine_float() -> None:
    assert facts(quantised(noise(1), 16) * 0.7).effective_bits == 32
    assert facts(noise(1), encoding="float64").effective_bits == 64


def test_the_envelope_bounds_the_samples() -> None:
    x = noise(3, dbfs=-15)
    measured = facts(x)
    assert measured.envelope_frames == 480
    assert len(measured.envelope) == 300
    low, high = measured.envelope[17]
    cell = x[17 * 480 : 18 * 480].astype(np.float32)
    assert (low, high) == (cell.min(), cell.max())


def test_the_envelope_of_a_long_file_stays_small() -> None:
    seconds, rate = 301, 1_000
    x = np.random.default_rng(1).uniform(-1, 1, seconds * rate)
    measured = facts(x, rate)
    assert len(measured.envelope) <= MAX_COLUMNS
    assert measured.envelope_frames == 40
    expected = x.astype(np.float32).reshape(-1, 40)
    columns = list(zip(expected.min(axis=1).tolist(), expected.max(axis=1).tolist(), strict=True))
    assert list(measured.envelope) == columns
    assert list(measured.envelope[5:9]) == columns[5:9]
    assert (measured.envelope[0], measured.envelope[-1]) == (columns[0], columns[-1])
    with pytest.raises(IndexError):
        measured.envelope[len(columns)]
    assert len(pickle.dumps(measured)) < 12 * len(columns)  # 8 bytes a column: sixty files stay small


def test_subsonic_energy_is_a_share() -> None:
    rumble, music = sine(9, 6, dbfs=-20), sine(200, 6, dbfs=-10)
    assert facts(rumble + music).subsonic_db == pytest.approx(10 * np.log10(0.1 / 1.1), abs=0.2)
    assert facts(rumble).subsonic_db == pytest.approx(0, abs=0.2)


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("hz", [31, 41.2, 90, 980, 5000])
def test_bass_is_not_subsonic(hz: float, rate: int) -> None:
    measured = facts(sine(hz, 4, rate) + 0.1, rate)  # nor is DC
    assert measured.subsonic_db is None or measured.subsonic_db < -25


def test_memory_does_not_grow_with_length() -> None:
    rate = 8_000
    second = noise(1, rate)

    def peak_bytes(seconds: int) -> int:
        tracemalloc.start()
        measure_blocks((second for _ in range(seconds)), rate)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return peak

    peak_bytes(2)  # what is cached once
    audio_bytes = 400 * rate * 4
    assert peak_bytes(500) - peak_bytes(100) < audio_bytes / 4
