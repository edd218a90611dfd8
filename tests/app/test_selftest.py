"""The self-test against a pretend REAPER: it comes to its end, and it fails where that REAPER is otherwise."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from stemkit.app.assumptions import ASSUMPTIONS
from stemkit.app.selftest import SelfTest, run_selftest
from stemkit.app.selftest_report import selftest_text
from stemkit.app.session_compare import session_differences
from stemkit.cli.entry import run
from stemkit.errors import EngineError
from stemkit.reaper import inside, inside_api
from stemkit.reaper.inside_record import Recorder
from stemkit.reaper.inside_snapshot import snapshot
from stemkit.reaper.link import LinkError
from stemkit.reaper.live import session_from_snapshot
from tests.fakereaper.process import open_here, renders
from tests.fakereaper.replay import Replay
from tests.fakereaper.running import ROOT
from tests.fakereaper.songs import write_song
from tests.reaper.near_link import connect_here

if TYPE_CHECKING:
    from pathlib import Path

    from tests.fakereaper.api import FakeApi

NEVER_ASKED = {
    "container", "kb-quotes", "startup-script", "exit-runs", "files-exist-dialog", "missing-media-dialog",
    "render-stats-renders", "dry-run-actions", "renderproject-stems", "exit-codes",
}  # fmt: skip


def opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *quirks: str) -> FakeApi:
    api = open_here(write_song(tmp_path / "song"), tmp_path / "resource", monkeypatch)
    api.quirks = frozenset(quirks)
    renders(api)
    connect_here(api, monkeypatch)
    return api


def named(test: SelfTest, verdict: str) -> set[str]:
    return {answer.name for answer in test.answers if answer.verdict == verdict}


def test_everything_that_can_be_asked_is_answered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    api = opened(tmp_path, monkeypatch)
    seen: list[float] = []
    test = run_selftest(progress=lambda part, _: seen.append(part))
    assert [answer.name for answer in test.answers] == list(ASSUMPTIONS)
    assert named(test, "contradicted") == set()
    assert named(test, "could not be asked") == NEVER_ASKED
    assert test.stopped == ""
    assert seen == sorted(seen)
    assert seen[-1] == 1.0
    assert len(api.tabs) == 1
    text = selftest_text(test)
    assert "This is a stand-in and no REAPER" in text
    assert str(tmp_path) not in text
    assert "Vox" not in text


def test_the_page_lists_every_assumption() -> None:
    page = (ROOT / "docs" / "reaper-matrix.md").read_text(encoding="utf-8")
    rows = [row.strip("| ").split(" | ") for row in page.splitlines() if row.startswith("| `")]
    assert rows == [[f"`{name}`", a.says, a.rests or "nothing"] for name, a in ASSUMPTIONS.items()]


# What a REAPER does otherwise, and what then has to be contradicted; more may be, as one thing rests on another.
OTHERWISE: dict[str, dict[str, str]] = {
    "the render": {
        "settings-2-is-stems": "settings-2-is-no-stems",
        "same-names": "track-names",
        "always-24-bit": "float-format",
        "truncates": "frame-rounding",
        "no-tail-with-custom-bounds": "tail-with-custom-bounds",
        "resets-source": "render-keeps-settings",
        "targets-leave-silent-out": "targets-list-silent",
        "tells-marker-names": "marker-names",
        "no-mono": "master-mono",
    },
    "the tracks": {
        "muted-is-heard": "muted-track-is-silent",
        "trim-is-read": "trim-read",
        "no-effects": "stem-has-effects",
        "main-send-ignored": "main-send-off-empties-folder",
    },
    "the mix": {
        "no-faders": "stem-has-fader",
        "muted-sends-heard": "muted-send-is-silent",
        "stale-copy": "snapshot-is-file",
        "copy-renames": "copy-keeps-name",
    },
    "the master": {
        "master-effects-stay": "master-effects-off",
        "envelopes-stay": "master-envelope-off",
    },
    "the way": {"returns-early": "render-blocks"},
}


@pytest.mark.parametrize("group", OTHERWISE)
def test_a_reaper_that_does_otherwise_is_found_out(group: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    quirks = OTHERWISE[group]
    opened(tmp_path, monkeypatch, *quirks)
    test = run_selftest()
    assert set(quirks.values()) <= named(test, "contradicted")
    assert "settings-read-back" in named(test, "confirmed")
    for answer in test.answers:
        if answer.verdict == "contradicted":
            assert f"- {answer.name}: " in selftest_text(test).split("CONFIRMED")[0]


def test_a_value_that_does_not_stick_is_found_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    api = opened(tmp_path, monkeypatch)
    api.deaf = frozenset({"RENDER_DITHER"})
    test = run_selftest()
    assert {"settings-read-back", "stems-add-up"} <= named(test, "contradicted")
    assert "stem-has-fader" in named(test, "could not be asked")


def test_timers_that_run_while_it_renders_are_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    api = opened(tmp_path, monkeypatch)
    api.while_rendering = inside.tick
    answer = next(answer for answer in run_selftest().answers if answer.name == "ticks-during-render")
    assert answer.verdict == "contradicted"
    assert int(answer.found.split()[0]) > 10


def test_without_a_new_tab_the_open_project_is_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    api = opened(tmp_path, monkeypatch, "no-tabs")
    before = json.dumps(snapshot())
    test = run_selftest()
    assert "left alone" in test.stopped
    assert named(test, "confirmed") <= {"snapshot-is-file", "copy-keeps-name"}
    assert json.dumps(snapshot()) == before
    assert api.undo_points == []


def test_unsaved_edits_are_in_the_copy_and_stay_unsaved(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    api = opened(tmp_path, monkeypatch, "copy-counts-as-saved")
    api.project.tracks[2].values["D_VOL"] = 0.123
    api.MarkProjectDirty(api.project)
    assert "snapshot-is-file" in named(run_selftest(), "confirmed")
    assert api.IsProjectDirty(api.project)


def test_a_reaper_that_leaves_is_told_and_nothing_is_held_against_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    api = opened(tmp_path, monkeypatch)
    near = connect_here(api, monkeypatch)
    ask, asked = near.ask, []

    def ask_until_it_leaves(name: str, **facts: Any) -> Any:
        asked.append(name)
        if asked.count("render_start") > 3:
            raise LinkError("lost", "REAPER ended the connection.")
        return ask(name, **facts)

    monkeypatch.setattr(near, "ask", ask_until_it_leaves)
    test = run_selftest()
    assert test.stopped == "REAPER ended the connection."
    assert named(test, "contradicted") == set()
    assert {"stem-has-fader", "mix-has-master"} <= named(test, "confirmed")
    left = {answer.name: answer.found for answer in test.answers if answer.verdict == "could not be asked"}
    assert left["tail-with-custom-bounds"] == "REAPER ended the connection."
    assert "came to no end" in selftest_text(test)


def test_a_project_that_was_never_saved_is_not_compared(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    api = opened(tmp_path, monkeypatch)
    api.project.path = ""
    found = {answer.name: answer for answer in run_selftest().answers}
    assert found["snapshot-is-file"].found == "the open project was never saved"
    assert found["project-untouched"].verdict == "confirmed"


def test_after_an_interrupted_render_it_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    api = opened(tmp_path, monkeypatch)
    journal = api.resource_path / "stemkit" / "journal.json"
    journal.parent.mkdir(parents=True)
    journal.write_text('{"project": {"path": "x", "tracks": []}, "values": []}')
    with pytest.raises(EngineError, match="doctor --restore"):
        run_selftest()
    assert len(api.tabs) == 1


@pytest.mark.parametrize("name", ["<3 Jane Doe", "{00000000-0000-0000-0000-000000000001} Jane Doe", "Jane Doe"])
def test_a_record_holds_no_name_whatever_it_looks_like(name: str) -> None:
    recorder = Recorder(SimpleNamespace(GetSetMediaTrackInfo_String=lambda *asked: (True, *asked[:2], name, False)))
    recorder.GetSetMediaTrackInfo_String("(MediaTrack*)0x0000000000000001", "P_NAME", "", False)
    (line,) = recorder.lines
    assert "P_NAME" in line
    assert "Jane" not in line


def test_a_record_replays_without_a_name_in_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened(tmp_path, monkeypatch)
    before = session_from_snapshot(json.loads(json.dumps(snapshot())))
    test = run_selftest(record=True)
    path = tmp_path / "calls.jsonl"
    path.write_text("\n".join(test.record), encoding="utf-8")
    text = path.read_text()
    for private in ("Drums", "Vox", "Song.rpp", "my $project", "old folder", str(tmp_path)):
        assert private not in text, private
    questions = [line["question"] for line in map(json.loads, test.record) if "question" in line]
    assert {"snapshot", "lab_open", "render_start", "save_copy", "lab_close"} <= set(questions)
    replay: Any = Replay(path, "snapshot")
    monkeypatch.setattr(inside_api, "functions", lambda: replay)
    again = session_from_snapshot(json.loads(json.dumps(snapshot())))
    assert replay.is_over()
    told = session_differences(before, again)
    endings = {name.rsplit(".", 1)[-1] for name in told}
    references = {"guid", "source_guid", "destination_guid", "resolved_path"}
    assert endings <= references | {"name", "alias", "file", "pattern"}, told
    assert len(again.tracks) == len(before.tracks)
    assert [t.volume for t in again.tracks] == [t.volume for t in before.tracks]
    (receiver,) = [track for track in again.tracks if track.receives]
    assert receiver.receives[0].source_guid in {track.guid for track in again.tracks}


def test_the_replay_stops_at_another_call(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened(tmp_path, monkeypatch)
    path = tmp_path / "calls.jsonl"
    path.write_text("\n".join(run_selftest(record=True).record), encoding="utf-8")
    with pytest.raises(AssertionError, match="was noted"):
        Replay(path, "snapshot").GetTrack("x", 0)


def test_nothing_is_noted_any_more_after_a_self_test_that_was_stopped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else REAPER would note every later call of every stemkit, for as long as it runs."""
    opened(tmp_path, monkeypatch)

    def stopped(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("stemkit.app.selftest._examine", stopped)
    with pytest.raises(KeyboardInterrupt):
        run_selftest(record=True)
    assert inside_api.Recording.recorder is None


def test_a_record_in_the_way_is_told_before_reaper_is_asked(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    mine = tmp_path / "calls.jsonl"
    mine.write_text("mine")
    assert run(["doctor", "--selftest", "--record", str(mine)]) == 2
    assert "exists already; give --record another name" in capsys.readouterr().err
    assert mine.read_text() == "mine"
