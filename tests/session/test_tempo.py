from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stemkit.errors import UsageError
from stemkit.model.session import Session, TempoPoint
from stemkit.session.position import parse_position
from stemkit.session.tempo import TempoMap, bar_at, bar_line_before, time_of


def session(*points: TempoPoint, bpm: float = 120.0, **facts: Any) -> Session:
    return Session(source="made", tempo_bpm=bpm, tempo_points=points, **facts)


def test_steady_tempo_counts_bars_from_one() -> None:
    plain = session()
    assert time_of(plain, 1) == 0.0
    assert time_of(plain, 2) == 2.0
    assert time_of(plain, 2, 3) == 3.0
    assert bar_at(plain, 3.0) == (2, 3.0)
    assert bar_line_before(plain, 3.9) == 2.0
    assert bar_line_before(plain, 4.0) == 4.0


def test_an_eighth_note_meter_halves_the_beat_since_tempo_counts_quarters() -> None:
    six_eight = session(meter=(6, 8))
    assert time_of(six_eight, 2) == pytest.approx(1.5)
    assert time_of(six_eight, 1, 4) == pytest.approx(0.75)


def test_measure_offset_shifts_only_the_numbers() -> None:
    count_in = session(measure_offset=-2)  # the ruler shows bar -1 at project zero
    assert bar_at(count_in, 0.0) == (-1, 1.0)
    assert time_of(count_in, 1) == 4.0
    late = session(measure_offset=4)
    assert time_of(late, 5) == 0.0
    assert time_of(late, 1) == -8.0


def test_a_linear_ramp_changes_the_tempo_evenly_over_time() -> None:
    # From 60 to 120 bpm over 8 s: the mean is 90 bpm, so 12 quarters pass, and t(q) solves 60t + 3.75t² = 60q.
    ramp = session(TempoPoint(time_s=0, bpm=60, linear=True), TempoPoint(time_s=8, bpm=120))
    assert TempoMap.of(ramp).quarters_at(8.0) == pytest.approx(12.0)
    assert time_of(ramp, 4) == pytest.approx(8.0)
    four_quarters = (-60 + (60**2 + 4 * 3.75 * 240) ** 0.5) / 7.5
    assert time_of(ramp, 2) == pytest.approx(four_quarters)
    assert time_of(ramp, 5) == pytest.approx(10.0)


def test_a_falling_ramp_is_inverted_as_well() -> None:
    ramp = session(TempoPoint(time_s=0, bpm=120, linear=True), TempoPoint(time_s=6, bpm=40))
    assert TempoMap.of(ramp).quarters_at(6.0) == pytest.approx(8.0)
    assert time_of(ramp, 3) == pytest.approx(6.0)


def test_a_meter_begins_a_new_bar_even_inside_one() -> None:
    changed = session(
        TempoPoint(time_s=0, bpm=120, numerator=4, denominator=4),
        TempoPoint(time_s=3, bpm=120, numerator=3, denominator=4),
    )
    assert time_of(changed, 3) == pytest.approx(3.0)  # bar 2 has only two beats
    assert time_of(changed, 4) == pytest.approx(4.5)
    bar, beat = bar_at(changed, 2.5)
    assert (bar, round(beat, 9)) == (2, 2.0)
    assert TempoMap.of(changed).beats_in(2) == 4
    assert TempoMap.of(changed).beats_in(3) == 3


def test_a_tempo_without_meter_goes_on_counting_inside_the_bar() -> None:
    faster = session(TempoPoint(time_s=0, bpm=120), TempoPoint(time_s=1, bpm=240))
    assert time_of(faster, 2) == pytest.approx(1.5)  # two beats at 120, two at 240
    assert time_of(faster, 1, 4) == pytest.approx(1.25)
    assert time_of(faster, 3) == pytest.approx(2.5)


def test_points_behind_zero_leave_the_project_tempo_in_front() -> None:
    assert time_of(session(TempoPoint(time_s=4, bpm=60), bpm=120), 4) == pytest.approx(8.0)


def test_nonsense_tempi_do_not_divide_by_zero() -> None:
    assert time_of(session(TempoPoint(time_s=1, bpm=0), bpm=0), 2) == 2.0


points = st.lists(
    st.builds(
        TempoPoint,
        time_s=st.floats(0, 300),
        bpm=st.floats(20, 300),
        numerator=st.sampled_from([None, 2, 3, 4, 5, 7]),
        denominator=st.just(4),
        linear=st.booleans(),
    ),
    max_size=8,
    unique_by=lambda p: round(p.time_s),
)


@given(points, st.integers(-5, 5), st.floats(0, 400))
def test_time_and_position_are_inverse(found: list[TempoPoint], offset: int, time_s: float) -> None:
    tempo = TempoMap.of(session(*found, measure_offset=offset))
    bar, beat = tempo.position(time_s)
    assert tempo.time_of(bar, beat) == pytest.approx(time_s, abs=1e-4)


@given(points, st.integers(1, 120))
def test_bars_rise(found: list[TempoPoint], bar: int) -> None:
    tempo = TempoMap.of(session(*found))
    assert tempo.time_of(bar + 1) > tempo.time_of(bar)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("17", 32.0),
        ("17:1", 32.0),
        ("17:3", 33.0),
        (" 2:1 ", 2.0),
        ("17.3.50", 33.25),
        ("12.5", 12.5),
        ("12.5s", 12.5),
        ("12s", 12.0),
        ("0:12.5", 12.5),
        ("1:23.5", 83.5),
        ("1:23s", 83.0),
        ("1:02:03", 3723.0),
        ("-2.5s", -2.5),
        ("0:1", None),
        ("17:5", None),
        ("1:75.0", None),
        ("chorus", None),
        ("", None),
        ("1:2:3:4", None),
    ],
)
def test_positions_as_typed(text: str, seconds: float | None) -> None:
    if seconds is None:
        if text == "0:1":
            assert parse_position(text, session()) == -2.0  # bar 0 lies before bar 1
            return
        with pytest.raises(UsageError, match=r"17:1|12\.5s"):
            parse_position(text, session())
    else:
        assert parse_position(text, session()) == pytest.approx(seconds)


def test_typed_times_are_what_the_ruler_shows() -> None:
    shown = session(time_offset_s=3600.0, measure_offset=-1)
    assert parse_position("1:00:12.5", shown) == pytest.approx(12.5)
    assert parse_position("1:1", shown) == 2.0
