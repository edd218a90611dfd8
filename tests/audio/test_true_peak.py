from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stemkit.audio.chunks import read_chunks
from stemkit.audio.source import block_source
from stemkit.audio.true_peak import (
    TAPS,
    TruePeakMeter,
    interpolator,
    outer_taps,
    oversampling,
    paired_taps,
    phase_gain,
)
from tests.audio.tones import Sound, facts, gain, noise, sine, stereo

# ITU-R BS.1770-5 (11/2023), annex 2: the 4-phase, 48-tap interpolating FIR that the standard gives as a guide.
_PHASES_0_1 = """
 0.0017089843750  0.0109863281250 -0.0196533203125  0.0332031250000 -0.0594482421875  0.1373291015625
 0.9721679687500 -0.1022949218750  0.0476074218750 -0.0266113281250  0.0148925781250 -0.0083007812500
-0.0291748046875  0.0292968750000 -0.0517578125000  0.0891113281250 -0.1665039062500  0.4650878906250
 0.7797851562500 -0.2003173828125  0.1015625000000 -0.0582275390625  0.0330810546875 -0.0189208984375
"""
_HALF = np.array(_PHASES_0_1.split(), float).reshape(2, 12)
ANNEX_2 = np.concatenate([_HALF, _HALF[::-1, ::-1]])  # phases 2 and 3 mirror 1 and 0


def _meter(x: Sound, rate: int = 48_000) -> float:
    source = block_source(iter([x]), rate, encoding="float32")
    assert source is not None
    meter = TruePeakMeter(source.channels, rate)
    for chunk in read_chunks(source):
        meter.feed(chunk)
    return meter.result()


def _plain(x: Sound, rate: int = 48_000) -> float:
    """The definition: every phase over every gap, nothing skipped."""
    x = x.astype(np.float32).astype(float)
    phases = interpolator(oversampling(rate))
    return float(max(np.abs(x).max(), *(np.abs(np.convolve(x, phase[::-1])).max() for phase in phases)))


def _db(amplitude: float) -> float:
    return float(20 * np.log10(amplitude))


def test_the_annex_2_table_is_typed_right() -> None:
    assert ANNEX_2.sum(axis=1) == pytest.approx([1.0016, 0.9730, 0.9730, 1.0016], abs=1e-4)


@pytest.mark.parametrize("share", [0.02, 1 / 10, 1 / 6, 1 / 4, 0.35])
def test_agrees_with_the_annex_2_filter(share: float) -> None:
    # Higher up the guide reads too much and any 4x grid too little, so that nothing is learnt.
    rng = np.random.default_rng(7)
    for phase in rng.uniform(0, 2 * np.pi, 4):
        x = 0.5 * np.hanning(4800) * np.sin(2 * np.pi * share * np.arange(4800) + phase)
        guide = max(np.abs(np.convolve(x, fir)).max() for fir in ANNEX_2)
        assert _db(_meter(x)) == pytest.approx(_db(guide), abs=0.35)


@pytest.mark.parametrize("share", [1 / 10, 1 / 4, 0.35, 0.40, 0.45])
def test_a_sine_reads_its_amplitude(share: float) -> None:
    """Within the under-read of any 4x grid, 20 log10 cos(pi f / 4), and 0.1 dB of filter."""
    x = np.hanning(48_000) * np.sin(2 * np.pi * share * np.arange(48_000) + 0.3)
    assert _db(np.cos(np.pi * share / 4)) - 0.1 <= _db(_meter(x)) <= 0.1


DENSE = {
    "white noise": noise(1.5, dbfs=-12),
    "clipped noise": np.clip(noise(1.5, dbfs=-3), -0.5, 0.5),
    "steady sine": sine(997, 1.5, dbfs=-1),
    "quarter rate": sine(12_000, 1.5, dbfs=-1, phase=0.8),
    "sparse": np.where(np.arange(72_000) % 9000 == 5, 0.7, 0.0) + noise(1.5, dbfs=-50),
    "loud end": np.linspace(0, 1, 72_000) ** 4 * noise(1.5, dbfs=-12),
}


@pytest.mark.parametrize("rate", [44_100, 48_000, 192_000])
@pytest.mark.parametrize("name", DENSE)
def test_skipping_changes_nothing(name: str, rate: int) -> None:
    assert _meter(DENSE[name], rate) == pytest.approx(_plain(DENSE[name], rate), rel=1e-6)


@settings(max_examples=25, deadline=None)
@given(
    seed=st.integers(0, 999),
    frames=st.integers(1, 20_000),
    at=st.floats(0, 1),
    rate=st.sampled_from([1_000, 8_000, 44_099]),
)
def test_skipping_changes_nothing_wherever_the_burst_is(seed: int, frames: int, at: float, rate: int) -> None:
    rng = np.random.default_rng(seed)
    x = 0.05 * rng.standard_normal(frames)
    place = int(at * (frames - 1))
    x[place : place + 5] += rng.uniform(-1, 1, len(x[place : place + 5]))
    assert _meter(x, rate) == pytest.approx(_plain(x, rate), rel=1e-6)


def test_a_jump_at_the_very_end_is_interpolated_into_the_silence_behind_it() -> None:
    x = np.zeros(48_000)
    x[-3:] = (0.5, 0.9, 0.9)
    assert _meter(x) == pytest.approx(_plain(x), rel=1e-6)
    assert _meter(x) > 0.95


def test_never_below_the_sample_peak() -> None:
    x = np.zeros(4800)
    x[2000] = 0.8  # between the samples a single one is lower
    measured = facts(x)
    assert measured.true_peak_dbtp == measured.sample_peak_dbfs == pytest.approx(_db(0.8))


def test_the_louder_channel_decides() -> None:
    quarter = sine(12_000, 0.5, phase=np.pi / 4)
    x = stereo(quarter * gain(-12), quarter * gain(-3))
    measured = facts(x * np.hanning(len(x))[:, None])
    assert measured.sample_peak_channel == 1
    assert measured.true_peak_dbtp == pytest.approx(-3.0, abs=0.05)


def test_phases_sum_to_one_and_mirror() -> None:
    phases = interpolator(4)
    assert phases.shape == (3, TAPS)
    assert phases.sum(axis=1) == pytest.approx(1.0)
    assert phases[0] == pytest.approx(phases[2][::-1])
    assert interpolator(2) == pytest.approx(phases[1:2])


@pytest.mark.parametrize("factor", [2, 4])
def test_sums_and_differences_of_pairs_give_what_the_phases_give(factor: int) -> None:
    phases = interpolator(factor)
    middle, even, odd = paired_taps(phases)
    x = np.random.default_rng(3).standard_normal(TAPS)
    before, after = x[TAPS // 2 - 1 :: -1], x[TAPS // 2 :]
    both, apart = even @ (before + after), odd @ (before - after)
    values = [both + apart, middle @ (before + after), both - apart] if factor == 4 else [middle @ (before + after)]
    assert values == pytest.approx((phases @ x).tolist())
    assert factor == 4 or not (even.any() or odd.any())


@given(seed=st.integers(0, 1000), level=st.sampled_from([0.1, 1.0, 8.0]), factor=st.sampled_from([2, 4]))
def test_outer_taps_add_no_more_than_their_gain(seed: int, level: float, factor: int) -> None:
    phases = interpolator(factor)
    outer = outer_taps(phases, 4)
    x = np.clip(level * np.random.default_rng(seed).standard_normal(TAPS), -1, 1)
    assert np.abs(outer @ x).max() <= phase_gain(outer) * np.abs(x).max()
    assert phase_gain(outer) < 0.17 * phase_gain(phases)


@pytest.mark.parametrize("rate", [48_000, 192_000])
def test_a_peak_that_only_the_outer_taps_make_is_found(rate: int) -> None:
    """Around one gap, the near samples give less than the highest one does, and all others push in one direction."""
    phases = interpolator(oversampling(rate))
    halfway = phases[len(phases) // 2]
    x = np.zeros(4000)
    x[2000 - TAPS // 2 : 2000 + TAPS // 2] = 0.5 * np.sign(halfway)
    x[1996:2004] *= 0.9
    x[100] = 0.9  # what there is to beat before that gap is looked at: the inner taps alone do not
    inner = np.abs((halfway - outer_taps(phases, 4)[len(phases) // 2]) @ x[1984:2016])
    expected = _plain(x, rate)
    assert inner < 0.98 < expected
    assert _meter(x, rate) == pytest.approx(expected, rel=1e-5)
    assert facts(x, rate).true_peak_dbtp == pytest.approx(_db(expected), abs=1e-4)


def test_silence_has_no_true_peak() -> None:
    assert facts(np.zeros(1000)).true_peak_dbtp is None
