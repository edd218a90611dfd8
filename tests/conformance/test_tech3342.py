"""EBU Tech 3342 (2023), table 1: loudness range, within 1 LU. Cases 5 and 6 are the EBU's own programmes."""

from __future__ import annotations

import pytest

from tests.conformance.tech_signals import SILENT, Segment, listen, tone

CASES: dict[int, tuple[list[float], float]] = {
    1: ([-20.0, -30.0], 10.0),
    2: ([-20.0, -15.0], 5.0),
    3: ([-40.0, -20.0], 20.0),
    4: ([-50.0, -35.0, -20.0, -35.0, -50.0], 15.0),
}


def _segments(levels: list[float]) -> list[Segment]:
    return [(level, 20.0) for level in levels]


@pytest.mark.parametrize("rate", [44_100, 48_000, 96_000])
@pytest.mark.parametrize("case", CASES)
def test_loudness_range(case: int, rate: int) -> None:
    levels, expected = CASES[case]
    result, _cells = listen(tone([*_segments(levels), (SILENT, 1.5)], rate), rate)
    assert result.loudness_range_lu == pytest.approx(expected, abs=1.0)


@pytest.mark.parametrize("case", CASES)
def test_repeating_the_signal_does_not_change_its_range(case: int) -> None:
    levels, expected = CASES[case]
    result, _cells = listen(tone([*_segments(levels) * 2, (SILENT, 1.5)], 48_000), 48_000)
    assert result.loudness_range_lu == pytest.approx(expected, abs=1.0)
