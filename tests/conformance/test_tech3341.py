"""EBU Tech 3341 (version 4, 2023), table 1: the minimum requirements of an "EBU Mode" meter.

Cases 7 and 8 are real programmes that only the EBU hands out. Levels are peaks of the sine in dBFS. Loudness may be
off by 0.1 LU, true peak by +0.2 and -0.4 dB.
"""

from __future__ import annotations

import numpy as np
import pytest
from scipy.signal import firwin

from stemkit.audio.measure import measure_blocks
from tests.conformance.tech_signals import SILENT, Segment, levels_over_time, listen, tone

RATES = (44_100, 48_000, 96_000)
TOLERANCE_LU = 0.1
MOMENTARY, SHORT_TERM = 40, 300  # cells of 10 ms

pytestmark = pytest.mark.parametrize("rate", RATES)

INTEGRATED: dict[int, list[Segment]] = {
    1: [(-23.0, 20)],
    2: [(-33.0, 20)],
    3: [(-36.0, 10), (-23.0, 60), (-36.0, 10)],
    4: [(-72.0, 10), (-36.0, 10), (-23.0, 60), (-36.0, 10), (-72.0, 10)],
    5: [(-26.0, 20), (-20.0, 20.1), (-26.0, 20)],
}
EXPECTED = {1: -23.0, 2: -33.0, 3: -23.0, 4: -23.0, 5: -23.0}


@pytest.mark.parametrize("case", INTEGRATED)
def test_integrated_loudness(case: int, rate: int) -> None:
    result, _cells = listen(tone(INTEGRATED[case], rate), rate)
    assert result.integrated_lufs == pytest.approx(EXPECTED[case], abs=TOLERANCE_LU)


@pytest.mark.parametrize("case", [1, 2])
def test_momentary_and_short_term_stand_still_on_a_steady_tone(case: int, rate: int) -> None:
    result, cells = listen(tone(INTEGRATED[case], rate), rate)
    for width, highest in ((MOMENTARY, result.max_momentary_lufs), (SHORT_TERM, result.max_short_term_lufs)):
        assert highest == pytest.approx(EXPECTED[case], abs=TOLERANCE_LU)
        assert levels_over_time(cells, width) == pytest.approx(EXPECTED[case], abs=TOLERANCE_LU)


def test_case_1_through_the_whole_measurement(rate: int) -> None:
    facts = measure_blocks(tone(INTEGRATED[1], rate), rate)
    for level in (facts.integrated_lufs, facts.max_momentary_lufs, facts.max_short_term_lufs):
        assert level == pytest.approx(-23.0, abs=TOLERANCE_LU)


@pytest.mark.parametrize("layout", ["5.0", "5.1"])
def test_case_6_surround_weights(layout: str, rate: int) -> None:
    levels = [-28.0, -28.0, -24.0, -30.0, -30.0]  # L R C Ls Rs
    channels = [10 ** (level / 20) for level in levels]
    if layout == "5.1":
        channels.insert(3, 0.5)  # the LFE counts for nothing
    wave = np.sin(2 * np.pi * 1000 * np.arange(20 * rate) / rate)
    result, _cells = listen([wave[:, None] * np.array(channels)], rate)
    assert result.integrated_lufs == pytest.approx(-23.0, abs=TOLERANCE_LU)


def test_case_9_short_term_averages_three_seconds(rate: int) -> None:
    _result, cells = listen(tone([(-20.0, 1.34), (-30.0, 1.66)] * 5, rate), rate)
    assert levels_over_time(cells, SHORT_TERM) == pytest.approx(-23.0, abs=TOLERANCE_LU)


def test_case_10_short_term_catches_three_seconds_anywhere(rate: int) -> None:
    for i in range(20):
        result, _cells = listen(tone([(SILENT, i * 0.15), (-23.0, 3), (SILENT, 1)], rate), rate)
        assert result.max_short_term_lufs == pytest.approx(-23.0, abs=TOLERANCE_LU), i


def test_case_11_short_term_maximum_follows_the_steps(rate: int) -> None:
    segments: list[Segment] = []
    for i in range(20):
        segments += [(SILENT, i * 0.15), (-38.0 + i, 3), (SILENT, 3 - i * 0.15)]
        if i % 5 == 4:  # the running maximum, looked at four times
            result, _cells = listen(tone(segments, rate), rate)
            assert result.max_short_term_lufs == pytest.approx(-38.0 + i, abs=TOLERANCE_LU)


def test_case_12_momentary_averages_400_ms(rate: int) -> None:
    _result, cells = listen(tone([(-20.0, 0.18), (-30.0, 0.22)] * 25, rate), rate)
    after_one_second = levels_over_time(cells, MOMENTARY)[100 - MOMENTARY :]
    assert after_one_second == pytest.approx(-23.0, abs=TOLERANCE_LU)


def test_case_13_momentary_catches_400_ms_anywhere(rate: int) -> None:
    for i in range(20):
        result, _cells = listen(tone([(SILENT, i * 0.02), (-23.0, 0.4), (SILENT, 1)], rate), rate)
        assert result.max_momentary_lufs == pytest.approx(-23.0, abs=TOLERANCE_LU), i


def test_case_14_momentary_maximum_follows_the_steps(rate: int) -> None:
    segments: list[Segment] = []
    for i in range(20):
        segments += [(SILENT, i * 0.02), (-38.0 + i, 0.4), (SILENT, 0.4 - i * 0.02)]
        result, _cells = listen(tone(segments, rate), rate)
        assert result.max_momentary_lufs == pytest.approx(-38.0 + i, abs=TOLERANCE_LU), i


# frequency as a share of the rate, amplitude, phase in degrees, expected dBTP
TRUE_PEAK = {
    15: (1 / 4, 0.50, 0.0, -6.0),
    16: (1 / 4, 0.50, 45.0, -6.0),
    17: (1 / 6, 0.50, 60.0, -6.0),
    18: (1 / 8, 0.50, 67.5, -6.0),
    19: (1 / 4, 1.41, 45.0, 3.0),
}


def _faded(x: np.ndarray, rate: int) -> np.ndarray:
    fade = np.sin(np.linspace(0, np.pi / 2, rate // 100)) ** 2
    x[: len(fade)] *= fade
    x[-len(fade) :] *= fade[::-1]
    return x


def _assert_true_peak(measured: float | None, expected: float) -> None:
    assert measured is not None
    assert expected - 0.4 <= measured <= expected + 0.2


@pytest.mark.parametrize("case", TRUE_PEAK)
def test_true_peak_of_steady_tones(case: int, rate: int) -> None:
    share, amplitude, degrees, expected = TRUE_PEAK[case]
    x = amplitude * np.sin(2 * np.pi * share * np.arange(rate) + np.radians(degrees))
    facts = measure_blocks([_faded(x, rate)], rate)
    _assert_true_peak(facts.true_peak_dbtp, expected)


@pytest.mark.parametrize("offset", [0, 1, 2, 3])
def test_cases_20_to_23_true_peak_of_a_burst(offset: int, rate: int) -> None:
    """At four times the rate: fs/6 at 0.5, with one period of fs/4 at 1.0 in it; low-passed, every fourth sample."""
    around = 0.5 * np.sin(2 * np.pi * np.arange(24) / 24)
    burst = np.sin(2 * np.pi * np.arange(16) / 16)
    side = np.tile(around, rate // 6 // 4)
    x = _faded(np.concatenate([side, burst, side]), 4 * rate)
    x = np.convolve(x, firwin(301, 0.25, window=("kaiser", 9.0)), "same")
    facts = measure_blocks([x[offset::4]], rate)
    _assert_true_peak(facts.true_peak_dbtp, 0.0)
