"""Buses and returns: which sends carry a track to the master, which add to it, and what adds up then."""

from __future__ import annotations

from pathlib import Path

import pytest

from stemkit.model.session import ChannelRange, MainSend
from tests.render.cut_plans import codes, planned, shape
from tests.session.made_sessions import OFF, SIDECHAIN, folder, item, made, send, track

SHARED = Path(__file__).resolve().parents[2].parent / "shared"


def test_a_bus_fed_only_by_sends_is_no_stem() -> None:
    session = made(
        track("Kick", item(), main_send=OFF),
        track("Snare", item(), main_send=OFF),
        track("Drum Bus"),
        sends=[send("Kick", "Drum Bus"), send("Snare", "Drum Bus")],
    )
    plan = planned(session)
    assert shape(plan) == [("Kick", "track", "items", ("Drum Bus",)), ("Snare", "track", "items", ("Drum Bus",))]
    assert codes(plan) == {"Drum Bus": "processing_only"}


def test_a_parallel_bus_is_a_return() -> None:
    session = made(
        track("Kick", item()), track("Snare", item()), track("Crush", fx=["ReaComp"]),
        sends=[send("Kick", "Crush"), send("Snare", "Crush", mode=1)],
    )  # fmt: skip
    plan = planned(session)
    assert shape(plan) == [
        ("Kick", "track", "items", ()),
        ("Snare", "track", "items", ()),
        ("Crush", "return", "all", ()),
    ]
    assert plan.stops == {"{Crush}"}
    assert plan.stems[2].tracks == ("{Kick}", "{Snare}")
    assert "'Kick' and 'Snare'" in plan.stems[2].reason
    assert plan.adds_up.possible


def test_a_return_fed_by_a_return() -> None:
    session = made(
        track("Vox", item()), track("Delay", fx=["ReaDelay"]), track("Verb", fx=["ReaVerbate"]),
        sends=[send("Vox", "Delay"), send("Vox", "Verb"), send("Delay", "Verb")],
    )  # fmt: skip
    plan = planned(session)
    assert [s[:3] for s in shape(plan)] == [
        ("Vox", "track", "items"),
        ("Delay", "return", "all"),
        ("Verb", "return", "all"),
    ]
    assert plan.adds_up.possible


def test_a_return_that_ends_in_another_one_is_part_of_it() -> None:
    session = made(
        track("Vox", item()), track("Delay", fx=["ReaDelay"], main_send=OFF), track("Verb", fx=["ReaVerbate"]),
        sends=[send("Vox", "Delay"), send("Delay", "Verb")],
    )  # fmt: skip
    plan = planned(session)
    assert [s[:3] for s in shape(plan)] == [("Vox", "track", "items"), ("Verb", "return", "all")]
    assert codes(plan) == {"Delay": "contained"}
    assert plan.adds_up.possible


def test_a_bus_by_sends_beside_a_return_by_sends() -> None:
    """Main sends off everywhere, as on a console: the bus is the way, the reverb is the addition."""
    session = made(
        track("Vox", item(), main_send=OFF), track("Dbl", item(), main_send=OFF),
        track("Verb", fx=["ReaVerbate"]), track("Vox Bus"),
        sends=[send("Vox", "Verb"), send("Vox", "Vox Bus"), send("Dbl", "Vox Bus"), send("Dbl", "Verb")],
    )  # fmt: skip
    plan = planned(session)
    assert shape(plan) == [
        ("Vox", "track", "items", ("Vox Bus",)),
        ("Dbl", "track", "items", ("Vox Bus",)),
        ("Verb", "return", "all", ()),
    ]
    assert plan.adds_up.possible


def test_two_plain_buses_are_ways_and_no_returns() -> None:
    session = made(
        track("Kick", item(), main_send=OFF), track("Clean"), track("Loud"),
        sends=[send("Kick", "Clean"), send("Kick", "Loud")],
    )  # fmt: skip
    plan = planned(session)
    assert shape(plan) == [("Kick", "track", "items", ("Clean", "Loud"))]
    assert plan.adds_up.possible


def test_a_bus_that_one_track_needs_and_others_use_besides() -> None:
    plain = made(
        track("Only", item(), main_send=OFF), track("Also", item()), track("Bus"),
        sends=[send("Only", "Bus"), send("Also", "Bus")],
    )  # fmt: skip
    assert shape(planned(plain)) == [("Only", "track", "items", ("Bus",)), ("Also", "track", "items", ("Bus",))]
    verb = made(
        track("Only", item(), main_send=OFF), track("Also", item()), track("Third", item()), track("Verb", fx=["ReaVerbate"]),
        sends=[send("Only", "Verb"), send("Also", "Verb"), send("Third", "Verb")],
    )  # fmt: skip
    plan = planned(verb)
    assert [s[0] for s in shape(plan)] == ["Also", "Third", "Verb"]
    assert codes(plan) == {"Only": "contained"}
    assert plan.adds_up.possible
    drums = made(
        track("Kick", item(), main_send=OFF), track("Snare", item(), main_send=OFF), track("Bass", item()),
        track("Bus", fx=["ReaComp"]),
        sends=[send("Kick", "Bus"), send("Snare", "Bus"), send("Bass", "Bus")],
    )  # fmt: skip
    plan = planned(drums)
    assert [s[0] for s in shape(plan)] == ["Kick", "Snare", "Bass"]
    assert not plan.adds_up.possible


def test_a_dead_end_into_a_return_is_no_obstacle() -> None:
    session = made(
        track("Vox", item()), track("Pre", fx=["ReaEQ"], main_send=OFF), track("Gtr", item()), track("Verb", fx=["ReaVerbate"]),
        sends=[send("Vox", "Pre"), send("Pre", "Verb"), send("Gtr", "Verb")],
    )  # fmt: skip
    plan = planned(session)
    assert shape(plan)[0] == ("Vox", "track", "items", ())
    assert plan.adds_up.possible


def test_a_circle_is_named_and_nothing_adds_up() -> None:
    plan = planned(made(track("A", item()), track("B"), sends=[send("A", "B"), send("B", "A")]))
    assert not plan.adds_up.possible
    assert plan.adds_up.obstacles[-1] == "tracks feed each other in a circle: 'A' → 'B' → 'A'"


def test_a_64_channel_bus_that_is_folded_down_by_an_effect() -> None:
    """The shape of the EAR production suite: objects on single channels of a scene bus, a monitor decodes it."""
    wide = ChannelRange(first=0, count=64)
    session = made(
        track("Monitor", fx=["EAR Binaural Monitoring"], channels=64),
        track("Muted Monitor", fx=["EAR Monitoring"], channels=64, mute=True),
        track("Scene", fx=["EAR Scene"], channels=64, main_send=OFF),
        track("Object", item(), main_send=OFF),
        track("Bed", item(), main_send=OFF),
        sends=[
            send("Scene", "Monitor", source_channels=wide, destination_channels=wide),
            send("Scene", "Muted Monitor", source_channels=wide, destination_channels=wide),
            send("Object", "Scene", source_channels=ChannelRange(count=1), destination_channels=ChannelRange(count=1)),
            send("Bed", "Scene", **SIDECHAIN),
        ],
    )
    plan = planned(session)
    assert shape(plan) == [("Object", "track", "items", ()), ("Bed", "track", "items", ())]
    assert all(stem.direct for stem in plan.stems)
    assert not plan.adds_up.possible
    assert codes(plan) == {"Monitor": "processing_only", "Muted Monitor": "muted", "Scene": "processing_only"}
    dry = planned(session, bypass_fx=True)
    assert [s[3] for s in shape(dry)] == [("Scene", "Monitor")] * 2
    assert dry.adds_up.possible


def test_a_wide_bus_that_passes_the_main_pair_is_no_exception() -> None:
    session = made(
        *folder(track("Drums", fx=["ReaComp"], channels=4), track("Kick", item())),
        track("Key", item(), main_send=MainSend()),
    )
    assert not any(stem.direct for stem in planned(session).stems)


@pytest.mark.skipif(not SHARED.is_dir(), reason="the shared real projects are not beside the checkout")
def test_a_real_64_channel_project() -> None:
    from stemkit.reaper.project_file import load_project

    (path,) = (SHARED / "rpp/projects/ear-2obj-2bed-hoa").rglob("*.rpp")
    plan = planned(load_project(path))
    assert [stem.name for stem in plan.stems] == [
        "Mono_Object_1",
        "Mono_Object_2",
        "Stereo_Bed_1",
        "Stereo_Bed_2",
        "1st_Order_ambiX",
    ]
    assert all(stem.direct for stem in plan.stems)
