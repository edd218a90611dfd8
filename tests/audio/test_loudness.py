from __future__ import annotations

import warnings

import numpy as np
import pyebur128
import pyloudnorm
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.signal import sosfilt

from stemkit.audio.chunks import CELLS, cell_frames_of
from stemkit.audio.k_filter import KFilter, k_filter_sections
from stemkit.audio.loudness import channel_weights, loudness_of_cells
from tests.audio.tones import RATES, Sound, facts, gain, noise, silence, sine, stereo

# ITU-R BS.1770-5 (11/2023), annex 1, tables 1 and 2: b0 b1 b2 a1 a2 at 48 kHz.
SHELF = (1.53512485958697, -2.69169618940638, 1.19839281085285, -1.69065929318241, 0.73248077421585)
HIGHPASS = (1.0, -2.0, 1.0, -1.99004745483398, 0.99007225036621)

MODE_M, MODE_S, MODE_I, MODE_LRA = 1, 3, 5, 11  # libebur128's ebur128.h


def _programme(seconds: float, rate: int, seed: int = 3) -> Sound:
    """Noise and tones that swell and pause, different on both sides."""
    time = np.arange(round(seconds * rate)) / rate
    swell = 0.5 + 0.5 * np.sin(2 * np.pi * 0.23 * time + seed)
    left = noise(seconds, rate, -26, seed) * swell + sine(110, seconds, rate, -24) * (1 - swell)
    right = noise(seconds, rate, -28, seed + 1) * swell**2 + sine(3000, seconds, rate, -34)
    pause = slice(round(0.6 * seconds * rate), round(0.7 * seconds * rate))
    both = stereo(left, right)
    both[pause] *= gain(-60)
    return both


def test_the_coefficients_are_the_standards() -> None:
    shelf, highpass = k_filter_sections(48_000)
    assert shelf == pytest.approx(SHELF, abs=1e-11)
    assert highpass == pytest.approx(HIGHPASS, abs=1e-11)


@pytest.mark.parametrize("rate", [8_000, 22_050, 44_099, 44_100, 48_000, 96_000, 192_000])
def test_the_matrices_are_the_recursive_filter(rate: int) -> None:
    length = CELLS * cell_frames_of(rate)
    x = noise(3 * length / rate, rate, -12).reshape(1, -1)[:, : 3 * length] + 0.3
    filtered = KFilter(1, rate)
    ours = np.concatenate([filtered.run(x[:, i * length :][:, :length].astype(np.float32)) for i in range(3)], axis=1)
    sections = [[s.b0, s.b1, s.b2, 1.0, s.a1, s.a2] for s in k_filter_sections(rate)]
    assert np.abs(ours - sosfilt(sections, x)).max() < 1e-5


def test_full_scale_at_997_hz_in_one_channel_reads_minus_3() -> None:
    assert facts(stereo(sine(997, 5), silence(5))).integrated_lufs == pytest.approx(-3.01, abs=0.005)


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("channels", [1, 2])
def test_agrees_with_libebur128(rate: int, channels: int) -> None:
    x = _programme(12, rate)[:, :channels].astype(np.float32)
    state = pyebur128.R128State(channels, rate, MODE_M | MODE_S | MODE_I)
    momentary, short_term = [], []
    step = rate // 10
    for at in range(0, len(x), step):
        state.add_frames(np.ascontiguousarray(x[at : at + step]).reshape(-1), len(x[at : at + step]))
        momentary.append(pyebur128.get_loudness_momentary(state))
        if at >= 29 * step:
            short_term.append(pyebur128.get_loudness_shortterm(state))
    measured = facts(x, rate)
    assert measured.integrated_lufs == pytest.approx(pyebur128.get_loudness_global(state), abs=0.01)
    # Its maxima are sampled every 100 ms, ours every 10 ms: never lower, and on this slow swell hardly higher.
    assert measured.max_momentary_lufs is not None
    assert measured.max_short_term_lufs is not None
    assert -0.001 <= measured.max_momentary_lufs - max(momentary) <= 0.2
    assert -0.001 <= measured.max_short_term_lufs - max(short_term) <= 0.01


def test_loudness_range_agrees_with_libebur128() -> None:
    x = _programme(60, 48_000).astype(np.float32)
    state = pyebur128.R128State(2, 48_000, MODE_LRA)
    state.add_frames(x.reshape(-1), len(x))
    measured = facts(x)
    assert measured.loudness_range_lu == pytest.approx(pyebur128.get_loudness_range(state), abs=0.3)


@pytest.mark.parametrize("rate", RATES)
def test_agrees_with_pyloudnorm(rate: int) -> None:
    x = _programme(10, rate)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # possible clipping, says its normaliser
        expected = pyloudnorm.Meter(rate, filter_class="DeMan").integrated_loudness(x)
    assert facts(x, rate).integrated_lufs == pytest.approx(expected, abs=0.03)


@settings(max_examples=6, deadline=None)
@given(db=st.floats(-12, 12))
def test_gain_moves_every_level_by_itself(db: float) -> None:
    x = _programme(3.2, 48_000)
    before, after = facts(x), facts(x * gain(db))
    for name in ("sample_peak_dbfs", "true_peak_dbtp", "rms_dbfs", "integrated_lufs", "max_momentary_lufs"):
        assert getattr(after, name) - getattr(before, name) == pytest.approx(db, abs=1e-3), name
    assert after.loudness_range_lu == pytest.approx(before.loudness_range_lu, abs=1e-3)
    assert after.crest_db == pytest.approx(before.crest_db, abs=1e-3)


def test_silence_and_too_short_files_have_no_loudness() -> None:
    assert facts(silence(5)).integrated_lufs is None
    assert facts(sine(1000, 0.39)).integrated_lufs is None
    assert facts(sine(1000, 0.41)).integrated_lufs is not None
    assert facts(sine(1000, 0.41)).max_short_term_lufs is None


def test_below_the_absolute_gate_there_is_no_integrated_loudness() -> None:
    quiet = facts(sine(1000, 5, dbfs=-72))
    assert quiet.integrated_lufs is None
    assert quiet.loudness_range_lu is None
    assert quiet.max_momentary_lufs == pytest.approx(-75, abs=0.1)


def test_silence_after_sound_leaves_no_residue() -> None:
    sound = np.random.default_rng(5).uniform(0.1, 0.5, 1000)
    result = loudness_of_cells(np.concatenate([sound, np.zeros(1000)]))
    assert loudness_of_cells(np.concatenate([sound, np.zeros(9000)])) == result


@pytest.mark.parametrize(
    ("channels", "weights"),
    [(1, [1]), (2, [1, 1]), (3, [1, 1, 1]), (5, [1, 1, 1, 1.41, 1.41]), (6, [1, 1, 1, 0, 1.41, 1.41])],
)
def test_channel_weights(channels: int, weights: list[float]) -> None:
    assert channel_weights(channels).tolist() == weights


def test_an_odd_rate_is_measured_and_a_very_low_one_is_not() -> None:
    assert facts(sine(997, 3, 44_099), 44_099).integrated_lufs == pytest.approx(-3.01, abs=0.01)
    low = facts(sine(100, 3, 4_000), 4_000)
    assert low.integrated_lufs is None
    assert low.sample_peak_dbfs == pytest.approx(0, abs=0.01)
