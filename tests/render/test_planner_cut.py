from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from stemkit.model.session import ChannelRange, HardwareOut
from tests.render.cut_plans import codes, planned, shape
from tests.session.made_sessions import OFF, SIDECHAIN, folder, item, made, notes, send, synth, track

if TYPE_CHECKING:
    from stemkit.model.session import Session


def test_tracks_that_sound_are_stems_in_project_order() -> None:
    plan = planned(made(track("Kick", item()), track("Bass", item()), track("Empty")))
    assert shape(plan) == [("Kick", "track", "items", ()), ("Bass", "track", "items", ())]
    assert [stem.file_name for stem in plan.stems] == ["01_Kick", "02_Bass"]
    assert codes(plan) == {"Empty": "empty"}
    assert plan.adds_up.possible


def test_a_folder_that_only_passes_on_is_part_of_the_way() -> None:
    plan = planned(made(*folder(track("Drums", volume=0.5, pan=0.3), track("Kick", item()), track("Snare", item()))))
    assert shape(plan) == [("Kick", "track", "items", ("Drums",)), ("Snare", "track", "items", ("Drums",))]
    assert codes(plan) == {"Drums": "processing_only"}
    assert plan.adds_up.possible  # gain and pan are linear, a pan that mixes left and right included


def test_what_is_no_stem_says_whether_it_processes_or_passes_on() -> None:
    def reason(session: Session, **choices: Any) -> str:
        return next(track.reason for track in planned(session, **choices).excluded if track.name == "Drums")

    with_effect = made(*folder(track("Drums", fx=["ReaComp"]), track("Kick", item())))
    assert reason(with_effect) == "a folder that only processes other tracks with 'ReaComp'"
    passes = "a folder that only passes other tracks on; its gain and pan are part of their stems"
    assert reason(with_effect, bypass_fx=True) == passes
    assert reason(made(*folder(track("Drums"), track("Kick", item())))) == passes


def test_a_track_that_closes_more_folders_than_are_open_closes_all() -> None:
    session = made(
        track("Outer", depth_change=1),
        track("Inner", depth_change=1),
        track("Kick", item(), depth_change=-4),
        track("Bass", item()),
    )
    assert shape(planned(session)) == [("Kick", "track", "items", ("Inner", "Outer")), ("Bass", "track", "items", ())]


def test_effects_on_a_folder_stand_in_between() -> None:
    plan = planned(made(*folder(track("Drums", fx=["ReaComp"]), track("Kick", item()), track("Snare", item()))))
    assert not plan.adds_up.possible
    assert plan.adds_up.obstacles == ("'ReaComp' on 'Drums' works on 2 stems on the way to the master",)


@pytest.mark.parametrize(
    "harmless",
    [
        {"fx": ["SPAN"]},
        {"fx": ()},
    ],
)
def test_a_meter_on_a_folder_changes_nothing(harmless: dict[str, Any]) -> None:
    assert planned(made(*folder(track("Drums", **harmless), track("Kick", item())))).adds_up.possible


def test_a_folder_parent_with_items_gives_a_stem_of_those_alone() -> None:
    plan = planned(made(*folder(track("Drums", item()), track("Kick", item()))))
    assert shape(plan) == [("Drums", "track", "items", ()), ("Kick", "track", "items", ("Drums",))]
    assert plan.stops == frozenset()
    assert plan.stems[0].tracks == ("{Drums}",)


def outputs(host: str, *names: str, first: int = 2) -> list[Any]:
    return [
        send(host, name, source_channels=ChannelRange(first=first + 2 * n, count=2)) for n, name in enumerate(names)
    ]


def test_the_outputs_of_an_instrument_are_the_stems() -> None:
    session = made(
        track("Drums VI", notes(), fx=[synth("Superior Drummer")], channels=6, main_send=OFF),
        track("Kick"), track("Snare"), track("Rest"),
        sends=outputs("Drums VI", "Kick", "Snare", "Rest", first=0),
    )  # fmt: skip
    plan = planned(session)
    assert [s[:3] for s in shape(plan)] == [
        ("Kick", "instrument", "all"),
        ("Snare", "instrument", "all"),
        ("Rest", "instrument", "all"),
    ]
    assert codes(plan) == {"Drums VI": "contained"}
    assert plan.adds_up.possible


def test_the_first_output_of_an_instrument_is_a_stem_where_it_reaches_the_master() -> None:
    session = made(
        track("Drums VI", notes(), fx=[synth()], channels=6), track("Kick"), track("Snare"),
        sends=outputs("Drums VI", "Kick", "Snare"),
    )  # fmt: skip
    plan = planned(session)
    assert [s[:3] for s in shape(plan)] == [
        ("Drums_VI", "instrument", "items"),
        ("Kick", "instrument", "all"),
        ("Snare", "instrument", "all"),
    ]


def test_children_of_a_muted_folder_are_muted() -> None:
    plan = planned(
        made(*folder(track("Drums", mute=True), track("Kick", item()), track("Snare", item())), track("Bass", item()))
    )
    assert [s[0] for s in shape(plan)] == ["Bass"]
    assert codes(plan) == {"Drums": "muted", "Kick": "folder_muted", "Snare": "folder_muted"}
    assert plan.adds_up.possible


def test_a_track_that_reaches_nothing_is_left_out() -> None:
    plan = planned(made(track("Scratch", item(), main_send=OFF), track("Bass", item())))
    assert codes(plan) == {"Scratch": "main_send_off"}
    assert plan.adds_up.possible


def test_hidden_and_frozen_tracks_are_stems() -> None:
    hidden = track("Hidden", item(), visible_in_arrange=False, visible_in_mixer=False)
    frozen = track("Frozen", item(), freeze_count=1)
    assert [s[0] for s in shape(planned(made(hidden, frozen)))] == ["Hidden", "Frozen"]


def test_solo_changes_nothing_but_is_said() -> None:
    plan = planned(made(track("Kick", item()), track("Bass", item(), solo=1)))
    assert [s[0] for s in shape(plan)] == ["Kick", "Bass"]
    assert plan.notes == ("'Bass' is soloed; stems are made as if nothing were.",)


def test_a_steered_track_keeps_what_steers_it() -> None:
    session = made(
        track("Kick", item()),
        track("Bass", item(), fx=["ReaComp"], channels=4),
        sends=[send("Kick", "Bass", **SIDECHAIN)],
    )
    plan = planned(session)
    assert [s[:3] for s in shape(plan)] == [("Kick", "track", "items"), ("Bass", "track", "all")]
    assert plan.stems[1].tracks == ("{Bass}",)
    assert plan.stems[1].notes == ("Printed with an effect that 'Kick' steers by a sidechain.",)
    assert plan.adds_up.possible


def test_a_steered_effect_on_the_way_names_what_steers_it() -> None:
    session = made(
        track("Kick", item()),
        *folder(track("Music", fx=["ReaComp"], channels=4), track("Pad", item())),
        sends=[send("Kick", "Music", **SIDECHAIN)],
    )
    (obstacle,) = planned(session).adds_up.obstacles
    assert obstacle == "'ReaComp' on 'Music', steered by 'Kick', works on 1 stem on the way to the master"


def test_what_goes_to_a_hardware_output_alone_is_left_out_as_that() -> None:
    out = HardwareOut(output=2)
    session = made(track("Cue", item(), main_send=OFF, hardware_outs=(out,)), track("Lost", item(), main_send=OFF))
    assert codes(planned(session)) == {"Cue": "hardware_only", "Lost": "main_send_off"}


def test_the_players_of_an_instrument_are_left_out_with_the_reason() -> None:
    session = made(
        track("Player", notes(), main_send=OFF), track("Synth", fx=[synth()]), track("Idle", fx=[synth()]),
        sends=[send("Player", "Synth", source_channels=None)],
    )  # fmt: skip
    plan = planned(session)
    assert codes(plan) == {"Player": "midi_only", "Idle": "silent"}
    assert plan.stems[0].kind == "instrument"


def test_bypassed_effects_leave_no_obstacle_and_no_instrument() -> None:
    session = made(
        *folder(track("Drums", fx=["ReaComp"]), track("Kick", item())), track("Synth", notes(), fx=[synth()])
    )
    plan = planned(session, bypass_fx=True)
    assert [s[0] for s in shape(plan)] == ["Kick"]
    assert codes(plan) == {"Drums": "processing_only", "Synth": "instrument_bypassed"}
    assert plan.adds_up.possible
    assert plan.bounds.tail_s == 0.0


def test_nothing_that_sounds_is_a_plan_too() -> None:
    plan = planned(made(track("Empty"), track("Muted", item(), mute=True)))
    assert plan.stems == ()
    assert plan.bounds.frames == 0
    assert not plan.rough_mix
    assert plan.notes == ("Nothing in this project sounds and reaches the master, so there is nothing to render.",)
    assert planned(made()).stems == ()
