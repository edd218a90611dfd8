from __future__ import annotations

import pytest

from stemkit.model.delivery import Choices
from stemkit.model.session import Session, Track
from stemkit.render.planner import make_plan
from tests.rules.projects import HEADER, chain, changed, fx, item, judged, song, track

REVERB = "VST: ReaVerbate (Cockos)"
TAKES = "TAKE\n      NAME two\n      <SOURCE CLICK\n      >\n      TAKE SEL\n      NAME three"  # extra takes (reaper-facts.md 5.3)


def test_a_muted_track_and_a_muted_folder() -> None:
    # MUTESOLO mute solo solodefeat; ISBUS 1 1 opens a folder, 2 -1 closes it (reaper-facts.md 5.2)
    session = song(
        track("Kick", item()),
        track("Old", item(), MUTESOLO="1 0 0"),
        track("Drums", MUTESOLO="1 0 0", ISBUS="1 1"),
        track("Snare", item(), ISBUS="2 -1"),
    )
    found = judged(session, "SK105")
    assert [(f.subject, f.message) for f in found] == [
        ("Old", "The track is muted."),
        ("Drums", "The folder is muted, and 1 track in it."),
    ]


def test_muted_items_of_a_track_are_one_finding() -> None:
    session = song(track("Vox", *(item(n, mute=int(n % 2 == 0)) for n in range(20))), track("Bass", item()))
    found = judged(session, "SK106")
    assert [(f.subject, f.measured, len(f.where)) for f in found] == [("Vox", 10, 5)]
    assert found[0].where[1].start_s == 2
    assert found[0].handled is not None


def test_empty_tracks_and_returns_without_a_send() -> None:
    # AUXRECV source mode vol pan mute …: field 5 mutes the send (reaper-facts.md 5.2)
    session = song(
        track("Kick", item()),
        track("Empty"),
        track("Idle EQ", chain(fx("VST: ReaEQ (Cockos)"))),
        track("Reverb", chain(fx(REVERB))),
        track("Muted send", chain(fx(REVERB)), AUXRECV="0 0 1 0 1 0 0 0 0 -1:U 0 -1 ''"),
        track("Fed", chain(fx(REVERB)), AUXRECV="0 0 1 0 0 0 0 0 0 -1:U 0 -1 ''"),
        track("Synth", chain(fx("VSTi: ReaSynth (Cockos)"))),
        track("Folder", ISBUS="1 1"),
        track("Child", item(), ISBUS="2 -1"),
        track("Gone", MUTESOLO="1 0 0"),  # SK105 asks about it already
    )
    assert [(f.subject, f.message) for f in judged(session, "SK107")] == [
        ("Empty", "The track is empty."),
        ("Idle EQ", "The track is empty: effects, but nothing to play."),
        ("Reverb", "An effect return without use: nothing is sent to it."),
        ("Muted send", "An effect return without use: every send to it is muted."),
    ]


def test_solo_on_tracks_items_and_master() -> None:
    session = song(
        track("Kick", item(), MUTESOLO="0 1 0"),
        track("Snare", item()),
        track("Vox", item(0, solo=-1), item(2, solo=1)),  # MUTE mute solostate: -1 soloed (reaper-facts.md 5.3)
        header=changed("MASTERMUTESOLO 0", "MASTERMUTESOLO 2"),
    )
    found = judged(session, "SK108")
    assert [(f.subject, f.severity) for f in found] == [("Project", "warning"), ("Vox", "warning"), ("Master", "note")]
    assert found[0].message == "Solo is on for Kick, which silences 2 other tracks."


def test_a_plan_takes_no_notice_of_solo_but_the_rough_mix_does() -> None:
    session = song(track("Kick", item(), MUTESOLO="0 1 0"), track("Snare", item()), track("Empty"))
    plan = make_plan(session, Choices(), project_name="song")
    stems, rough = judged(session, "SK108", plan=plan)
    assert stems.handled == "the stems are made as if nothing were soloed"
    assert rough.handled is None
    assert "without the 1 silenced track" in rough.message
    assert [f.handled for f in judged(session, "SK108", plan=plan, as_is=True)] == [None]


def test_a_solo_that_silences_nothing_is_wholly_taken_care_of() -> None:
    session = song(track("Kick", item(), MUTESOLO="0 1 0"), track("Empty"))
    plan = make_plan(session, Choices(), project_name="song")
    assert [bool(f.handled) for f in judged(session, "SK108", plan=plan)] == [True]


def test_nothing_muted_or_soloed_passes() -> None:
    session = song(track("Kick", item()))
    for rule in ("SK105", "SK106", "SK107", "SK108", "SK119", "SK121"):
        assert judged(session, rule) == [], rule


def test_spare_takes_are_counted_unless_all_play() -> None:
    session = song(
        track("Comp", item(more=TAKES), item(5)),
        track("All", item(more="ALLTAKES 1\n      " + TAKES)),
    )
    found = judged(session, "SK119")
    assert [(f.subject, f.message) for f in found] == [("Comp", "2 takes in 1 item not playing.")]


@pytest.mark.parametrize(
    ("free_mode", "playing", "said"), [(2, 0b001, "2 of 3 lanes not playing."), (2, 0b111, None), (0, 0b001, None)]
)
def test_lanes_that_do_not_play_are_counted(free_mode: int, playing: int, said: str | None) -> None:
    # FREEMODE 2: fixed lanes, of which some may not play (reaper-facts.md 5.2)
    lanes = Track(guid="{L}", index=0, name="Lanes", free_mode=free_mode, lane_count=3, lanes_playing=playing)
    found = judged(Session(source="made", tracks=(lanes,)), "SK119")
    assert [f.message for f in found] == ([said] if said else [])


def test_a_hidden_track_that_is_heard_is_noted() -> None:
    # SHOWINMIX: field 1 mixer, field 4 arrange view (1 shown)
    hidden = "0 0.6667 0.5 0 0.5 0 0 0"
    session = song(
        track("Ghost", item(), SHOWINMIX=hidden),
        track("Empty ghost", SHOWINMIX=hidden),
        track("Seen", item(), SHOWINMIX="1 0.6667 0.5 1 0.5 0 0 0"),
    )
    assert [f.subject for f in judged(session, "SK121")] == ["Ghost"]


def test_header_is_a_faultless_project() -> None:
    assert judged(song(header=HEADER), "SK107") == []
