from __future__ import annotations

from tests.rules.projects import chain, fx, item, judged, song, track

REVERB = "VST: ReaVerbate (Cockos)"
COMP = "VST: ReaComp (Cockos)"


def receive(source: int, *, mode: int = 0, destination: int = 0) -> str:
    # AUXRECV srcTrackIdx mode vol pan mute mono polarity srcchan dstchan panlaw midi automode (reaper-facts.md 5.2)
    return f"{source} {mode} 1 0 0 0 0 0 {destination} -1:U 0 -1 ''"


def test_a_return_is_named_with_what_feeds_it() -> None:
    session = song(
        track("Vox", item()),
        track("Reverb", chain(fx(REVERB)), AUXRECV=receive(0)),
        track("Bus", AUXRECV=receive(3)),  # fed by a track with no other way: a bus
        track("Gtr", item(), MAINSEND="0 0"),
    )
    found = judged(session, "SK109")
    assert [(f.subject, f.message) for f in found] == [
        ("Reverb", "Fed by sends of Vox, beside their own way to the master.")
    ]


def test_a_project_without_sends_passes() -> None:
    assert judged(song(track("Vox", item())), "SK109") == []


def test_a_folder_that_compresses_and_one_that_does_not() -> None:
    session = song(
        track("Drums", chain(fx(COMP)), ISBUS="1 1"),
        track("Kick", item(), ISBUS="2 -1"),
        track("Guitars", chain(fx("VST3: SPAN (Voxengo)")), ISBUS="1 1"),
        track("Gtr", item(), ISBUS="2 -1"),
        track("Empty folder", chain(fx(COMP)), ISBUS="1 1"),
        track("Child", ISBUS="2 -1"),
    )
    found = judged(session, "SK116")
    assert [(f.subject, f.severity) for f in found] == [("Drums", "warning")]
    assert found[0].message == "The folder processes all its tracks: ReaComp (Cockos) (compressor)."


def test_a_track_that_only_a_hardware_output_carries() -> None:
    # MAINSEND 0: no parent send; HWOUT out mode vol pan mute … (reaper-facts.md 5.2)
    session = song(
        track("Cue", item(), MAINSEND="0 0", HWOUT="2 0 1 0 0 0 0 -1:U -1"),
        track("Lost", item(), MAINSEND="0 0"),
        track("Main and cue", item(), HWOUT="2 0 1 0 0 0 0 -1:U -1"),
        track("Muted", item(), MAINSEND="0 0", MUTESOLO="1 0 0"),
    )
    found = judged(session, "SK117")
    assert [f.subject for f in found] == ["Cue", "Lost"]
    assert "hardware output alone" in found[0].message
    assert "parent send is off" in found[1].message


def test_a_folder_that_only_a_hardware_output_carries() -> None:
    # ISBUS 1 1 opens a folder, 2 -1 closes it (reaper-facts.md 5.2)
    session = song(
        track("Cue bus", ISBUS="1 1", MAINSEND="0 0", HWOUT="2 0 1 0 0 0 0 -1:U -1"),
        track("Click", item(), ISBUS="2 -1"),
        track("Idle bus", MAINSEND="0 0", HWOUT="4 0 1 0 0 0 0 -1:U -1"),
    )
    assert [f.subject for f in judged(session, "SK117")] == ["Cue bus"]


def test_a_sidechain_is_a_note_on_what_it_steers() -> None:
    session = song(
        track("Kick", item()),
        track("Bass", item(), chain(fx(COMP)), NCHAN="4", AUXRECV=receive(0, destination=2)),
    )
    found = judged(session, "SK117")
    assert [(f.subject, f.severity) for f in found] == [("Bass", "note")]
    assert "steered by Kick" in found[0].message


def test_a_key_track_that_is_not_heard_itself() -> None:
    session = song(
        track("Key", item(), MAINSEND="0 0"),
        track("Bass", item(), chain(fx(COMP)), NCHAN="4", AUXRECV=receive(0, destination=2)),
    )
    assert ["only steers" in f.message for f in judged(session, "SK117") if f.subject == "Key"] == [True]


def test_a_loop_is_named_once() -> None:
    session = song(track("A", item(), AUXRECV=receive(1)), track("B", item(), AUXRECV=receive(0)))
    found = judged(session, "SK117")
    assert [f.message for f in found] == ["The routing goes round in a circle: A > B > A."]


def test_plain_routing_passes() -> None:
    session = song(track("A", item()), track("Bus", AUXRECV=receive(0)))
    assert judged(session, "SK117") == []
    assert judged(session, "SK116") == []
