from __future__ import annotations

import pytest

from stemkit.model.plan import Bounds, PlannedStem, RenderPlan
from stemkit.model.report import StemLevel
from tests.rules.projects import item, judged, outcome_of, song, track


def plan_of(*stems: tuple[str, str, str]) -> RenderPlan:
    """A plan of (track, stem's name, file name)."""
    planned = tuple(
        PlannedStem(
            number=n, name=name, file_name=file, kind="track", cut_guid=f"{{{guid.replace(' ', '')}}}", inputs="items"
        )
        for n, (guid, name, file) in enumerate(stems, start=1)
    )
    return RenderPlan(
        project="song", by="track", stems=planned, excluded=(), stops=frozenset(), sample_rate=48000, sample_rate_reason="",
        bounds=Bounds(start_s=0, end_s=1, start_frame=0, frames=48000), gain="window",
    )  # fmt: skip


@pytest.mark.parametrize(
    "name",
    [
        "Track 3",
        "Audio_01",
        "audio 1-2",
        "Track",
        "New Track 7",
        "Inst 4",
        "12",
        "untitled",
        "MIDI",
        "Bus 2",
        "Rec.003",
    ],
)
def test_names_that_say_nothing(name: str) -> None:
    found = judged(song(track(name, item())), "SK114")
    assert [f.severity for f in found] == ["warning"]
    assert "says nothing" in found[0].message


@pytest.mark.parametrize("name", ["Kick", "Bass DI", "Audio FX", "Tracking vox", "Mono room", "Vocals_Lead", "Gtr 2"])
def test_names_that_say_something_pass(name: str) -> None:
    assert judged(song(track(name, item())), "SK114") == []


def test_unnamed_duplicate_and_impossible_names() -> None:
    session = song(
        track("", item()),
        track("Gtr", item()),
        f"  <TRACK {{second}}\n    NAME gtr\n{item()}  >\n",
        track("AC/DC: live?", item()),
        track("", MUTESOLO="1 0 0"),  # makes no sound, so becomes no file
    )
    assert [(f.subject, f.severity, f.message) for f in judged(session, "SK114")] == [
        ("Track 1 (no name)", "warning", "The track has no name."),
        ("Gtr", "note", "2 tracks are named 'Gtr'."),
        ("gtr", "note", "2 tracks are named 'gtr'."),
        ("AC/DC: live?", "warning", "The name holds / : ?, which file names cannot."),
    ]


def test_the_plan_takes_care_of_signs_and_of_names_that_were_chosen() -> None:
    session = song(track("AC/DC", item()), track("Track 2", item()), track("Track 3", item()))
    plan = plan_of(
        ("AC/DC", "AC/DC", "01_AC_DC"), ("Track 2", "Snare", "02_Snare"), ("Track 3", "Track 3", "03_Track_3")
    )
    handled = {f.subject: f.handled for f in judged(session, "SK114", plan=plan)}
    assert handled == {"AC/DC": "the file is 01_AC_DC", "Track 2": "the file is 02_Snare", "Track 3": None}


def test_stems_outside_the_window_and_the_fader_move() -> None:
    levels = (
        StemLevel(stem="01_Hot", subject="Hot", peak_dbfs=-0.5),
        StemLevel(stem="02_Fine", subject="Fine", peak_dbfs=-4.0),
        StemLevel(stem="03_Low", subject="Low", peak_dbfs=-12.0),
        StemLevel(stem="04_Faint", subject="Faint", peak_dbfs=-40.0),
        StemLevel(stem="05_None", subject="None"),
        StemLevel(stem="06_Synth", subject="Synth", unknown="an instrument plays"),
    )
    result = outcome_of(song(), "SK125", levels=levels, plan=plan_of())
    assert [(f.subject, f.severity, f.handled is not None) for f in result.findings] == [
        ("Hot", "warning", True),
        ("Low", "note", True),
        ("Faint", "note", False),  # more than the profile lets a stem be raised
        ("None", "warning", False),
    ]
    assert "-0.5 dBFS; move its fader by -2.6 dB" in result.findings[0].message
    assert [(s.subject, s.reason) for s in result.skipped] == [("Synth", "an instrument plays")]


def test_levels_that_were_not_asked_for_are_skipped() -> None:
    assert [s.rule for s in outcome_of(song(), "SK125").skipped] == ["SK125"]
