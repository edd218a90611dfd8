from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from stemkit.errors import UsageError
from stemkit.model.delivery import Choices
from stemkit.model.session import Master, RenderSettings
from stemkit.render.planner import make_plan
from tests.session.made_sessions import OFF, chain, effect, folder, item, made, notes, send, synth, track

if TYPE_CHECKING:
    from stemkit.model.plan import RenderPlan
    from stemkit.model.session import Session


def planned(session: Session, **choices: Any) -> RenderPlan:
    return make_plan(session, Choices(**choices), project_name="Song")


def span(plan: RenderPlan) -> tuple[float, float]:
    return plan.bounds.start_s, plan.bounds.end_s


def test_from_bar_one_to_the_last_sounding_item() -> None:
    session = made(
        track("A", item(4.0, 2.0), item(9.0, 3.0, mute=True)),
        track("Muted", item(0.0, 50.0), mute=True),
        track("Scratch", item(0.0, 60.0), main_send=OFF),
    )
    plan = planned(session)
    assert span(plan) == (0.0, 6.0)
    assert (plan.bounds.start_frame, plan.bounds.frames) == (0, 6 * 48000)
    assert plan.bounds.explanation == (
        "From bar 1 beat 1 to the end of the last sounding item at 6.000 s, and no tail, since no effect is running."
    )


def test_what_the_user_left_out_does_not_make_the_files_longer() -> None:
    assert span(planned(made(track("A", item(0, 2)), track("Click", item(0, 90))), exclude=("Click",))) == (0.0, 2.0)


def test_a_count_in_before_bar_one_is_left_out_when_nothing_sounds_there() -> None:
    plan = planned(made(track("A", item(4.0, 2.0)), measure_offset=-2))
    assert span(plan) == (4.0, 6.0)
    assert plan.bounds.start_frame == 4 * 48000


def test_sound_before_bar_one_moves_the_start_to_the_bar_line_before_it() -> None:
    plan = planned(made(track("A", item(3.5, 2.0)), measure_offset=-2))
    assert span(plan) == (2.0, 5.5)  # the ruler's bar 0
    assert plan.notes == (
        "Sound begins at 3.500 s, before bar 1 beat 1, so all files start at the bar line before it: bar 0.",
    )
    assert planned(made(track("A", item(2.0, 2.0)), measure_offset=-2)).bounds.start_s == 2.0


def test_a_project_that_begins_behind_bar_one_starts_at_its_own_start() -> None:
    plan = planned(made(track("A", item(1.0, 2.0)), measure_offset=8))
    assert span(plan) == (0.0, 3.0)
    assert plan.bounds.explanation.startswith("From the start of the project, bar 9 beat 1 to")


def test_sound_before_project_zero_has_negative_frames() -> None:
    plan = planned(made(track("A", item(-0.5, 2.0))))
    assert span(plan) == (-2.0, 1.5)
    assert plan.bounds.start_frame == -96000


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        ("3", None, (4.0, 10.0)),
        ("2:3", "4:1", (3.0, 6.0)),
        ("1.5s", "0:02.5", (1.5, 2.5)),
    ],
)
def test_asked_for_places(start: str, end: str | None, expected: tuple[float, float]) -> None:
    plan = planned(made(track("A", item(0.0, 10.0))), start=start, end=end)
    assert span(plan) == expected
    assert any("cut by it" in note for note in plan.notes)


def test_an_asked_end_has_a_tail_only_when_that_is_asked_for_too() -> None:
    session = made(track("A", item(0.0, 10.0), fx=["ReaVerbate"]))
    assert planned(session, end="5.0s").bounds.end_s == 5.0
    plan = planned(session, end="5.0s", tail="2")
    assert (plan.bounds.end_s, plan.bounds.tail_s) == (7.0, 2.0)


def test_an_end_before_the_start_is_an_error() -> None:
    with pytest.raises(UsageError, match="does not lie behind the start"):
        planned(made(track("A", item())), start="5", end="2")


@pytest.mark.parametrize("tail", ["long", "-1", "inf", "nan", ""])
def test_a_tail_that_is_none_is_an_error(tail: str) -> None:
    with pytest.raises(UsageError, match="is no length"):
        planned(made(track("A", item())), tail=tail)


@pytest.mark.parametrize(
    ("settings", "tail_s"),
    [
        (RenderSettings(), 8.0),
        (RenderSettings(bounds_flag=1, tail_flag=18, tail_ms=1000), 8.0),  # REAPER's default: nobody chose it
        (RenderSettings(bounds_flag=1, tail_flag=18, tail_ms=3500), 3.5),
        (RenderSettings(bounds_flag=2, tail_flag=18, tail_ms=3500), 8.0),  # not switched on for these bounds
        (RenderSettings(bounds_flag=2, tail_flag=4, tail_ms=3500), 3.5),
        (RenderSettings(bounds_flag=1, tail_flag=18, tail_ms=0), 8.0),
    ],
)
def test_effects_ring_on_for_the_projects_tail_or_8_s(settings: RenderSettings, tail_s: float) -> None:
    plan = planned(made(track("A", item(), fx=["ReaVerbate"]), render=settings))
    assert (plan.bounds.tail_s, plan.bounds.end_s) == (tail_s, 1.0 + tail_s)
    assert planned(made(track("A", item(), fx=["ReaVerbate"]), render=settings), tail="none").bounds.end_s == 1.0
    assert planned(made(track("A", item(), fx=["ReaVerbate"]), render=settings), tail="2.5").bounds.end_s == 3.5


@pytest.mark.parametrize(("bounds_flag", "bit"), [(0, 1), (1, 2), (2, 4), (3, 8), (4, 16), (5, 32), (6, 8), (7, 32)])
def test_each_kind_of_bounds_has_a_tail_of_its_own(bounds_flag: int, bit: int) -> None:
    for flags, tail_s in ((bit, 3.5), (63 & ~bit, 8.0)):
        settings = RenderSettings(bounds_flag=bounds_flag, tail_flag=flags, tail_ms=3500)
        assert planned(made(track("A", item(), fx=["ReaVerbate"]), render=settings)).bounds.tail_s == tail_s


def test_the_words_name_the_tail_that_is_taken() -> None:
    session = made(
        track("A", item(), fx=["ReaVerbate"]), render=RenderSettings(bounds_flag=1, tail_flag=2, tail_ms=3500)
    )
    assert planned(session).bounds.explanation.endswith("and the project's tail of 3.5 s.")
    assert planned(session, tail="0").bounds.explanation.endswith("and a tail of 0 s, as asked for.")


def test_what_a_group_holds_rings_on_in_it() -> None:
    plan = planned(made(*folder(track("Drums"), track("Kick", item(), fx=["ReaVerbate"]))), by="group")
    assert [stem.name for stem in plan.stems] == ["Drums"]
    assert plan.bounds.tail_s == 8.0


@pytest.mark.parametrize(
    ("session", "rings"),
    [
        (made(track("A", item(), fx=["SPAN"])), False),
        (made(track("A", item(), fx=[effect("ReaVerbate", enabled=False)])), False),
        (made(track("A", item()), track("Unused", fx=["ReaVerbate"])), False),
        (made(*folder(track("F", fx=["ReaEQ"]), track("A", item()))), True),
        (made(track("A", item()), track("V", fx=["ReaVerbate"]), sends=[send("A", "V")]), True),
        (made(track("A", notes(), fx=[synth()])), True),
        (made(track("A", item()), master=Master(fx=chain("ReaLimit"))), False),
        (made(track("A", item()), master=Master(fx=chain("ReaVerbate"))), True),
    ],
)
def test_only_live_effects_on_sounding_ways_ring(session: Session, rings: bool) -> None:
    assert (planned(session).bounds.tail_s > 0) == rings


def test_notes_say_when_an_instrument_sounds() -> None:
    session = made(
        track("Player", notes(2.0, 4.0), main_send=OFF), track("Synth", fx=[synth()]), track("Other", notes(0.0, 60.0)),
        sends=[send("Player", "Synth", source_channels=None)],
    )  # fmt: skip
    assert planned(session, tail="none").bounds.end_s == 6.0


@pytest.mark.parametrize(
    ("flags", "offset", "end_s"),
    [(0, 0.5, 3.5), (0, -0.5, 2.5), (2, 24000.0, 3.5), (1, 0.5, 3.0)],
)
def test_a_play_offset_moves_the_sound(flags: int, offset: float, end_s: float) -> None:
    session = made(track("A", item(1.0, 2.0), play_offset=offset, play_offset_flags=flags))
    assert planned(session).bounds.end_s == end_s


def test_frames_are_rounded_from_both_ends_as_reaper_does() -> None:
    session = made(track("A", item(0.0, 1.0)), sample_rate=44100, sample_rate_forced=True)
    plan = planned(session, start="0.10001s", end="0.90001s")
    assert plan.bounds.start_frame == 4410  # 4410.44
    assert plan.bounds.frames == 39690 - 4410  # 39690.44
