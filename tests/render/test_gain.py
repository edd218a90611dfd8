from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stemkit.render.gain import trims_db

WINDOW: Any = {"low_dbfs": -6.0, "high_dbfs": -3.0, "max_raise_db": 12.0}


def linear(dbfs: float) -> float:
    return 10 ** (dbfs / 20)


@pytest.mark.parametrize(
    ("peak_dbfs", "expected_db"),
    [(0.0, -3.1), (-3.0, 0.0), (-4.5, 0.0), (-6.0, 0.0), (-7.0, 1.1), (-12.0, 6.1), (-30.0, 12.0)],
)
def test_window_moves_each_track_just_inside(peak_dbfs: float, expected_db: float) -> None:
    # a peak a hair off the border by the detour over linear stays where it is within 0.11 dB
    trim = trims_db({"a": linear(peak_dbfs)}, mode="window", **WINDOW)["a"]
    assert trim == pytest.approx(expected_db, abs=0.11)


@pytest.mark.parametrize(("low_dbfs", "high_dbfs"), [(0.0, 3.0), (-3.0, 0.0)])
def test_a_peak_on_the_border_stays(low_dbfs: float, high_dbfs: float) -> None:
    trims = trims_db({"a": 1.0}, mode="window", low_dbfs=low_dbfs, high_dbfs=high_dbfs, max_raise_db=12.0)
    assert trims == {"a": 0.0}


def test_window_never_raises_silence_or_noise_alone() -> None:
    peaks = {"silent": 0.0, "hiss": linear(-70)}
    assert trims_db(peaks, mode="window", noise_only=frozenset({"hiss"}), **WINDOW) == {"silent": 0.0, "hiss": 0.0}


def test_noise_alone_that_is_too_hot_is_still_lowered() -> None:
    assert trims_db({"hiss": 1.0}, mode="window", noise_only=frozenset({"hiss"}), **WINDOW)["hiss"] < 0


@given(st.dictionaries(st.text(min_size=1), st.floats(-60, 6), min_size=1))
def test_common_keeps_the_balance(levels: dict[str, float]) -> None:
    trims = trims_db({k: linear(v) for k, v in levels.items()}, mode="common", **WINDOW)
    assert len(set(trims.values())) == 1
    loudest = max(levels.values()) + next(iter(trims.values()))
    assert loudest <= -3.0 + 1e-9


@given(st.dictionaries(st.text(min_size=1), st.floats(-60, 6)))
def test_none_changes_nothing(levels: dict[str, float]) -> None:
    assert set(trims_db({k: linear(v) for k, v in levels.items()}, mode="none", **WINDOW).values()) <= {0.0}


def test_an_open_floor_raises_nothing() -> None:
    trims = trims_db({"a": linear(-40)}, mode="window", low_dbfs=None, high_dbfs=-3.0, max_raise_db=12)
    assert trims == {"a": 0.0}
    assert not math.isinf(trims["a"])
