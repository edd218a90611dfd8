"""What is told about a project: its message, its JSON, and how it would be rendered as it stands."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from stemkit.model.audio import MediaInfo
from stemkit.model.delivery import Choices
from stemkit.model.plan import Fidelity
from stemkit.model.report import Report, StemLevel
from stemkit.model.session import RenderSettings, Session
from stemkit.render.planner import make_plan
from stemkit.report import render
from stemkit.session.own_render import own_render, sink_of
from tests.report.reports import finding, of
from tests.session.made_sessions import OFF, folder, item, made, track


def planned(session: Session, **facts: Any) -> Report:
    media = {"/media/a.wav": MediaInfo(sample_rate=48000, channels=1, frames=48000)}
    plan = make_plan(session, Choices(), media=media, project_name="Song")
    return of(kind="inspect", subject="C:\\songs\\Song.rpp", session=session, plan=plan, **facts)


def flat(text: str) -> str:
    return " ".join(text.split())


SESSION = made(*folder(track("Drums", fx=["ReaComp"]), track("Kick", item())), track("Cue", item(), main_send=OFF))


def test_before_rendering_the_message_speaks_to_the_producer_in_reapers_words() -> None:
    told = finding(rule="SK105", name="muted-track", severity="warning", subject="Cue", message="The track is muted.")
    text = flat(render(replace(planned(SESSION), findings=(told,)), "message"))
    assert "I have looked through Song.rpp before the stems are rendered. It gives 1 stem." in text
    assert "1. Cue: The track is muted. Delete the track (Track > Remove tracks)" in text
    assert "thank" not in text.lower()


def test_a_project_with_nothing_to_change_is_told_so() -> None:
    assert "Nothing has to be changed first." in render(planned(SESSION), "message")


def test_what_concerns_the_whole_project_stands_for_its_tracks() -> None:
    found = [
        finding(rule="SK113", name="missing-media", subject=who, message=what)
        for who, what in (("Project", "None of the 3 media files is there."), ("A", "Gone."), ("B", "Gone."))
    ]
    text = flat(render(replace(planned(SESSION), findings=tuple(found)), "message"))
    assert "1. None of the 3 media files is there. Concerned: 2 tracks." in text
    assert "Rendered now, the stems would be wrong: 1 point first, please." in text


def test_a_plan_is_put_to_the_engineer_as_a_question() -> None:
    text = flat(render(replace(planned(SESSION), kind="plan"), "message"))
    assert "this is what I would send you of Song: 1 file, each track by itself" in text
    assert "24-bit WAV at 48000 Hz" in text
    assert "01_Kick" in text
    assert "'ReaComp' on 'Drums' works on 1 stem" in text
    assert "Cue: its main send is off" in text
    assert text.endswith("or would you rather have it cut in another way?")


def test_json_holds_the_plan_its_fidelity_the_levels_and_the_tracks() -> None:
    levels = (StemLevel(stem="01_Kick", subject="Kick", peak_dbfs=float("-inf")),)
    fidelity = {"01_Kick": Fidelity(level="impossible", reasons=("it plays MIDI",))}
    told = json.loads(render(planned(SESSION, levels=levels, fidelity=fidelity), "json"))
    plan = told["plan"]
    assert [stem["file_name"] for stem in plan["stems"]] == ["01_Kick"]
    assert {track["name"]: track["code"] for track in plan["excluded"]} == {
        "Drums": "processing_only",
        "Cue": "main_send_off",
    }
    assert plan["bounds"]["frames"] == 9 * 48000
    assert plan["adds_up"]["possible"] is False
    assert plan["fidelity"] == {"01_Kick": {"level": "impossible", "reasons": ["it plays MIDI"]}}
    assert told["levels"][0]["peak_dbfs"] is None
    assert [track["guid"] for track in told["project"]["tracks"]] == ["{Drums}", "{Kick}", "{Cue}"]


def test_a_name_of_bytes_that_are_no_text_is_still_strict_json() -> None:
    text = render(planned(made(track("Gitarre \udce4", item()))), "json")
    text.encode().decode()
    assert "\\ud" not in text.lower()
    assert json.loads(text)["project"]["tracks"][0]["name"] == "Gitarre \ufffd"


def test_without_a_plan_the_text_tells_what_pressing_render_would_make() -> None:
    settings = RenderSettings(settings=3, bounds_flag=2, channels=1, sample_rate=44100, format="bDNwbQ==")
    session = replace(made(track("Kick", item(), selected=True), track("Bass", item())), render=settings)
    text = flat(render(replace(planned(session), plan=None), "text"))
    assert "Pressing Render in REAPER now Source stems of the selected tracks (Kick)" in text
    assert "Bounds the time selection, and there is none" in text
    assert "Format MP3, mono, 44100 Hz" in text
    assert "Stems/" not in text


@pytest.mark.parametrize(
    ("settings", "label", "words"),
    [
        # reaper-facts.md 1.1: 0 master mix, 1 with stems, 3 stems alone, 32 items, 128 tracks via master
        (RenderSettings(settings=0), "Source", "the master mix"),
        (RenderSettings(settings=1), "Source", "the master mix, and stems of the selected tracks (none is selected)"),
        (RenderSettings(settings=32), "Source", "the selected items"),
        (RenderSettings(settings=128), "Source", "the selected tracks through the master (none is selected)"),
        (RenderSettings(bounds_flag=0, start_s=1.0, end_s=2.5), "Bounds", "1.000 s to 2.500 s, set by hand"),
        (RenderSettings(bounds_flag=3), "Bounds", "all regions, a file each"),
        (RenderSettings(tail_flag=2, tail_ms=1500), "Tail", "1.5 s"),
        (RenderSettings(tail_flag=4, tail_ms=1500), "Tail", "none"),
        # reaper-facts.md 2.3: "evaw", then the depth
        (RenderSettings(format="ZXZhdxgAAQ=="), "Format", "WAV 24 bit, stereo, the rate of the device"),
        (RenderSettings(format="AAAA"), "Format", "a format that is not known, stereo, the rate of the device"),
        (RenderSettings(file="/out", pattern="$track"), "Files", "/out + $track"),
    ],
)
def test_each_render_setting_in_words(settings: RenderSettings, label: str, words: str) -> None:
    assert dict(own_render(Session(source="made", render=settings)))[label] == words


def test_a_wav_that_loses_quality() -> None:
    sink = sink_of("ZXZhdwIAAQ==")  # depth 2: ADPCM (reaper-facts.md 2.3)
    assert sink is not None
    assert sink.lossy == "WAV with ADPCM"
