from __future__ import annotations

import pytest

from tests.rules.projects import chain, changed, fx, item, judged, song, track

SYNTH = "VSTi: ReaSynth (Cockos)"
NOTE = "E 0 90 3c 60\n        E 480 80 3c 00"  # note on, note off
CONTROLLER = "E 0 b0 7b 00"  # what REAPER ends every MIDI item with: all notes off


def midi(events: str = NOTE) -> str:
    # HASDATA on ticks QN, then E delta status data data (CHUNK in reaper-facts.md)
    return (
        "    <ITEM\n      POSITION 0\n      LENGTH 2\n      <SOURCE MIDI\n        HASDATA 1 960 QN\n"
        f"        {events}\n      >\n    >\n"
    )


def envelope(tag: str, *points: str, act: int = 1, extra: str = "") -> str:
    # ACT on; PT time value shape (reaper-facts.md 5.4)
    body = "".join(f"      PT {point}\n" for point in points)
    return f"    <{tag}\n      ACT {act} -1\n      ARM 0\n{extra}{body}    >\n"


@pytest.mark.parametrize(
    ("block", "said"),
    [
        (envelope("VOLENV2", "0 1 0", "4 0.5 0"), "volume moves between -6.0 dB and +0.0 dB"),
        (envelope("PANENV2", "0 1 0", "4 -1 0"), "pan moves between 100% right and 100% left"),
        (envelope("MUTEENV", "0 1 1", "4 0 1"), "mute switches on and off"),
        (envelope("VOLENV3", "0 1 0", "4 2 0"), "volume (trim) moves"),
        (envelope("VOLENV", "0 1 0", "4 2 0"), "volume (pre-FX) moves"),
        (envelope("VOLENV2", "0 0.707945784 0", "4 0.707945784 0"), "volume holds -3.0 dB"),  # flat: no automation
        (envelope("PANENV2", "0 0.5 0"), "pan holds 50% left"),  # a single point
        (envelope("MUTEENV", "0 0 1"), "mute holds muted"),
    ],
)
def test_what_an_envelope_does_is_told(block: str, said: str) -> None:
    found = judged(song(track("Vox", item(), block)), "SK110")
    assert [f.severity for f in found] == ["note"]
    assert said in found[0].message


@pytest.mark.parametrize(
    "block",
    [
        envelope("VOLENV2", "0 1 0", "4 0.5 0", act=0),  # switched off
        envelope("VOLENV2", "0 1 0", "4 1 0"),  # flat at 0 dB
        envelope("PANENV2", "0 0 0"),
        envelope("MUTEENV", "0 1 1", "9 1 1"),
        envelope("VOLENV2"),
    ],
)
def test_an_envelope_without_effect_passes(block: str) -> None:
    assert judged(song(track("Vox", item(), block)), "SK110") == []


def test_in_read_mode_an_envelope_stands_in_the_faders_place() -> None:
    # AUTOMODE 1: the envelope replaces the fader; flat at the fader's own value it changes nothing (mixing-math 3)
    flat = envelope("VOLENV2", "0 0.5 0", "4 0.5 0")
    assert judged(song(track("Vox", item(), flat, AUTOMODE="1", VOLPAN="0.5 0 -1 -1 1")), "SK110") == []
    assert len(judged(song(track("Vox", item(), flat, AUTOMODE="0", VOLPAN="0.5 0 -1 -1 1")), "SK110")) == 1


@pytest.mark.parametrize(("mode", "name"), [(2, "Touch"), (3, "Write"), (4, "Latch"), (5, "Latch Preview")])
def test_armed_modes_are_warnings(mode: int, name: str) -> None:
    found = judged(song(track("Vox", item(), AUTOMODE=str(mode))), "SK110")
    assert [(f.severity, f.measured) for f in found] == [("warning", name)]


@pytest.mark.parametrize("mode", [0, 1])
def test_trim_and_read_pass(mode: int) -> None:
    assert judged(song(track("Vox", item(), AUTOMODE=str(mode))), "SK110") == []


def test_a_global_override_is_a_warning() -> None:
    found = judged(song(track("Vox", item()), header=changed("GLOBAL_AUTO -1", "GLOBAL_AUTO 3")), "SK110")
    assert [(f.subject, f.severity) for f in found] == [("Project", "warning")]


def test_parameters_of_live_effects_count_and_those_of_bypassed_ones_do_not() -> None:
    # PARMENV index min max mid "name" (reaper-facts.md 5.4)
    parameter = '      <PARMENV 3 0 1 0.5 "Cutoff"\n        ACT 1 -1\n        PT 0 0.1 0\n        PT 4 0.9 0\n      >\n'
    live = track("Synth", item(), chain(fx("VST: ReaEQ (Cockos)"), parameter))
    dead = track("Dead", item(), chain(fx("VST: ReaEQ (Cockos)", bypassed=1), parameter))
    found = judged(song(live, dead), "SK110")
    assert [f.subject for f in found] == ["Synth"]
    assert "Cutoff of ReaEQ (Cockos) moves" in found[0].message


def test_an_automation_item_whose_pool_moves_is_automation() -> None:
    # POOLEDENVINST poolid pos len …; what the pool holds stands at the project's top (reaper-facts.md 5.4)
    instance = "      POOLEDENVINST 1 0 2 0 1 0 0 1 0 0 4 1 0 0 0\n"
    pool = "  <POOLEDENV\n    ID 1\n    SRCLEN 4\n    PPT 0 0.1 0\n    PPT 4 0.9 0\n  >\n"
    found = judged(song(track("Vox", item(), envelope("VOLENV2", "0 1 0", extra=instance)), pool), "SK110")
    assert [f.message for f in found] == ["Automation is printed: volume moves with automation items."]


def test_a_track_that_is_not_heard_is_not_judged() -> None:
    moving = envelope("VOLENV2", "0 1 0", "4 0.5 0")
    assert judged(song(track("Old", item(), moving, MUTESOLO="1 0 0")), "SK110") == []


def test_the_three_places_where_effects_are_off() -> None:
    effects = (
        fx("VST: ReaEQ (Cockos)"),
        fx("VST: ReaComp (Cockos)", bypassed=1),
        fx("VST: ReaDelay (Cockos)", offline=1),
    )
    session = song(
        track("Some", item(), chain(*effects)),
        track("Chain", item(), chain(fx("VST: ReaEQ (Cockos)")), FX="0"),  # FX 0: the chain's switch
        track("Fine", item(), chain(fx("VST: ReaEQ (Cockos)"))),
    )
    assert [(f.subject, f.severity, f.message) for f in judged(session, "SK112")] == [
        ("Some", "warning", "1 effect offline and not heard: ReaDelay (Cockos)."),
        ("Some", "note", "1 effect bypassed: ReaComp (Cockos)."),
        ("Chain", "note", "The whole effect chain is switched off, and with it ReaEQ (Cockos)."),
    ]


def test_an_instrument_that_is_off_leaves_its_notes_silent() -> None:
    session = song(
        track("Keys", midi(), chain(fx(SYNTH, offline=1))),
        track("No notes", midi(CONTROLLER), chain(fx(SYNTH, bypassed=1))),
    )
    found = judged(session, "SK112")
    assert [(f.subject, f.severity) for f in found] == [("Keys", "warning"), ("No notes", "note")]
    assert "its instrument is off" in found[0].message


def test_frozen_tracks_are_named() -> None:
    # FREEZE holds the chain and items as they were (reaper-facts.md 5.2)
    frozen = (
        '    <FREEZE 1\n      <FXCHAIN\n        BYPASS 0 0 0\n        <JS loser/3BandEQ ""\n        >\n      >\n    >\n'
    )
    session = song(track("Bass", item(), frozen), track("Kick", item()), track("Old", item(), frozen, MUTESOLO="1 0 0"))
    assert [f.subject for f in judged(session, "SK120")] == ["Bass"]


def test_instruments_and_midi_without_one() -> None:
    session = song(
        track("Keys", midi(), chain(fx(SYNTH))),
        track("Lost", midi()),
        track("Words", midi(CONTROLLER)),
        track("Audio", item()),
    )
    found = judged(session, "SK123")
    assert [f.subject for f in found] == ["Project", "Lost"]
    assert "Keys" in found[0].message
    assert judged(song(track("Audio", item())), "SK123") == []


def test_midi_that_is_sent_to_an_instrument_is_not_lost() -> None:
    # AUXRECV field 11 (after dstchan, panlaw) is midi: 0 all channels, -1 none… (reaper-facts.md 5.2)
    session = song(track("Notes", midi()), track("Synth", chain(fx(SYNTH)), AUXRECV="0 0 1 0 0 0 0 0 0 -1:U 0 -1 ''"))
    assert [f.subject for f in judged(session, "SK123")] == ["Project"]
