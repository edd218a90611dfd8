"""The parts of the proof by themselves: where the answer is known beforehand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stemkit.audio.proof.explain import lay_ground
from stemkit.audio.proof.lags import find_lag
from stemkit.audio.proof.master import fit_bus
from stemkit.audio.proof.nulls import nulls_somewhere
from stemkit.audio.proof.residual import bit_depth_floor, decibels
from stemkit.audio.proof.scan import FULL_SCALE, Scan, SpooledSum
from stemkit.audio.proof.verdict import grouped
from stemkit.audio.proof.views import Views, choose_windows, window_size

RATE = 48000


@pytest.mark.parametrize(
    ("stems", "mix", "expected_db"),
    [
        # step 2^-15: q²/4 = 2.33e-10; two files against a full-scale mean square of 1: 10·log10(4.66e-10)
        (["PCM_16"], "PCM_16", -93.3),
        (["PCM_24"], "PCM_24", -141.5),
        (["PCM_24"] * 3, "PCM_16", -96.3),
    ],
)
def test_what_bit_depth_explains(stems: list[str], mix: str, expected_db: float) -> None:
    assert bit_depth_floor(stems, mix, 1.0) == pytest.approx(expected_db, abs=0.1)


def test_a_copy_of_a_copy_belongs_to_the_group() -> None:
    alike = np.eye(6, dtype=bool)
    for one, other in ((0, 4), (4, 2), (1, 5)):
        alike[one, other] = alike[other, one] = True
    assert grouped(alike) == [[0, 2, 4], [1, 5]]


def test_silence_has_no_ratio() -> None:
    assert decibels(0.0, 1.0) is None
    assert decibels(1.0, 0.0) is None
    assert decibels(1.0, 10.0) == pytest.approx(-10.0)


@settings(max_examples=8, deadline=None)
@given(st.integers(-3000, 3000), st.sampled_from([1.0, -0.5]))
def test_a_lag_is_found_whatever_the_polarity(lag: int, gain: float) -> None:
    x = np.random.default_rng(3).standard_normal((40000, 2)).astype(np.float32)
    starts, size = [8000, 18000], 8192
    target = np.stack([x[s : s + size].T for s in starts])

    def delivered(start: int, frames: int) -> Any:
        return np.float32(gain) * x[start - lag : start - lag + frames].T

    assert find_lag(target, delivered, starts, 3500).samples == pytest.approx(lag, abs=0.01)


def test_a_spooled_sum_reads_back_what_was_written_and_zeros_around_it() -> None:
    spool = SpooledSum(2, exact=True)
    block = np.arange(20, dtype=np.int32).reshape(10, 2)
    spool.append(block[:6] / FULL_SCALE)
    spool.append(block[6:] / FULL_SCALE)
    assert np.array_equal(spool.read_raw(-2, 14), np.pad(block, ((2, 2), (0, 0))))
    spool.close()


def test_windows_of_a_long_song_show_a_stem_that_plays_once() -> None:
    frames = 400 * RATE
    energy = np.ones((4, 2, 400 * 20), np.float32)
    energy[2] = 0
    energy[2, :, 6000:6010] = 1e-6  # half a second at 300 s, far below the others
    spool = SpooledSum(2, exact=False)
    scan = Scan(total=spool, energy=energy, cell_frames=RATE // 20, frames=frames)
    starts = choose_windows(scan, RATE, np.ones((400, 2)), (0, frames))
    assert any(s <= 300.2 * RATE < s + window_size(RATE) for s in starts)
    assert len(starts) == len(set(starts)) <= 16
    spool.close()


@pytest.mark.parametrize("kind", ["filter", "dynamics", "curve"])
def test_a_bus_that_does_nothing_is_fitted_as_nothing(kind: Any) -> None:
    x = np.random.default_rng(5).standard_normal((2, 2, 65536)).astype(np.float32)
    bus = fit_bus(x, x, kind)
    assert float(np.mean((bus.predicted - x) ** 2)) < 1e-4


def test_a_static_curve_is_fitted() -> None:
    x = (0.3 * np.random.default_rng(6).standard_normal((3, 2, 65536))).astype(np.float32)
    mix = np.tanh(2 * x)
    left = {kind: float(np.mean((fit_bus(x, mix, kind).predicted - mix) ** 2)) for kind in ("filter", "curve")}
    assert left["curve"] < 0.02 * left["filter"]


def test_a_gain_that_rests_between_hits_is_a_bus_and_a_missing_band_is_none() -> None:
    size = window_size(RATE)
    x = (0.1 * np.random.default_rng(9).standard_normal((4, 2, size))).astype(np.float32)
    hits = (np.arange(size) // (size // 4)) % 2 == 0
    low = np.fft.rfft(x)
    low[..., 2000:] = 0
    band = np.fft.irfft(low, size).astype(np.float32)
    for mix, expected in ((x * np.where(hits, np.float32(0.9), np.float32(1))), False), (x + hits * band, True):
        views = Views(starts=(0, size, 2 * size, 3 * size), size=size, rate=RATE, total=x, mix=mix.astype(np.float32))
        assert nulls_somewhere(lay_ground(views, x, "plain", 1e-14)) is expected
