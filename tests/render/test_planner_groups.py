from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from stemkit.errors import UsageError
from stemkit.model.delivery import Choices
from stemkit.render.planner import make_plan
from tests.session.made_sessions import OFF, folder, item, made, notes, send, synth, track

if TYPE_CHECKING:
    from stemkit.model.plan import RenderPlan
    from stemkit.model.session import Session


def grouped(session: Session, **choices: Any) -> RenderPlan:
    return make_plan(session, Choices(by="group", **choices), project_name="Song")


def shape(plan: RenderPlan) -> list[tuple[str, str, list[tuple[str, str]]]]:
    return [(s.name, s.kind, [(guid.strip("{}"), inputs) for guid, inputs in s.cuts]) for s in plan.stems]


DRUMS = folder(track("Drums", fx=["ReaComp"]), track("Kick", item()), *folder(track("Snares"), track("Top", item())))


def test_folders_and_buses_are_groups_with_their_processing() -> None:
    session = made(
        *DRUMS,
        track("Vox 1", item(), main_send=OFF),
        track("Vox Bus", fx=["ReaEQ"]),
        track("Bass", item()),
        track("Synth", notes(), fx=[synth()]),
        track("Verb", fx=["ReaVerbate"]),
        sends=[send("Vox 1", "Vox Bus"), send("Bass", "Verb"), send("Kick", "Verb")],
    )
    plan = grouped(session)
    assert shape(plan) == [
        ("Drums", "folder", [("Drums", "all")]),
        ("Vox_Bus", "bus", [("Vox Bus", "all")]),
        ("Bass", "track", [("Bass", "all")]),
        ("Synth", "instrument", [("Synth", "all")]),
        ("Verb", "return", [("Verb", "all")]),
    ]
    assert plan.adds_up.possible
    assert all(stem.through == () for stem in plan.stems)
    assert plan.stems[0].tracks == ("{Kick}", "{Top}")
    assert {t.name: (t.code, t.reason) for t in plan.excluded}["Top"] == ("contained", "it is part of 'Drums'")


def test_without_folders_the_names_of_instruments_group() -> None:
    session = made(
        track("Vox", item()), track("Kick", item()), track("Snare", item()), track("Thing", item()),
        track("Room", fx=["ReaVerbate"]), sends=[send("Vox", "Room")],
    )  # fmt: skip
    plan = grouped(session)
    assert shape(plan) == [
        ("Drums", "group", [("Kick", "items"), ("Snare", "items"), ("Room", "all")]),
        ("Vocals", "group", [("Vox", "items")]),
        ("Other", "group", [("Thing", "items")]),
    ]
    assert plan.adds_up.possible


def test_a_named_group_takes_whole_folders() -> None:
    plan = grouped(made(*DRUMS, track("Loop", item()), track("Bass", item())), groups=(("Beat", ("Drums", "Loop")),))
    assert shape(plan) == [
        ("Bass", "track", [("Bass", "all")]),
        ("Beat", "group", [("Drums", "all"), ("Loop", "all")]),
    ]
    assert plan.adds_up.possible


def test_a_named_group_takes_a_folder_apart_and_pays_for_it() -> None:
    plan = grouped(made(*DRUMS, track("Bass", item())), groups=(("Kicks", ("Kick",)),))
    assert shape(plan) == [
        ("Bass", "track", [("Bass", "all")]),
        ("Kicks", "group", [("Kick", "items")]),
        ("Drums", "group", [("Top", "items")]),
    ]
    assert plan.adds_up.obstacles == ("'ReaComp' on 'Drums' works on 2 stems on the way to the master",)


def test_a_group_can_name_a_folder_inside() -> None:
    plan = grouped(made(*DRUMS), groups=(("Snare", ("Snares",)),))
    assert shape(plan) == [("Drums", "group", [("Kick", "items")]), ("Snare", "group", [("Top", "items")])]


def test_a_group_that_fits_no_track_is_an_error() -> None:
    with pytest.raises(UsageError, match=r"group 'Drums': 'Kik' fits no track; did you mean 'Kick'\?"):
        grouped(made(*DRUMS), groups=(("Drums", ("Kik",)),))
