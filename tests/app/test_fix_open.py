"""Fixes of the open project: nothing is ticked, only what is ticked happens, and each is one undo point."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from stemkit.app.fix_open import fix_open_project, open_fixes
from stemkit.app.prepare import prepare
from stemkit.cli.entry import run
from stemkit.reaper import inside, inside_api, inside_journal
from stemkit.reaper.inside_state import Desk
from stemkit.reaper.link import LinkError
from stemkit.reaper.live import session_from_snapshot
from tests.fakereaper.process import open_here
from tests.fakereaper.songs import write_song
from tests.reaper.live_jobs import facts
from tests.reaper.near_link import connect_here

if TYPE_CHECKING:
    from tests.fakereaper.api import FakeApi

SOLO = "MUTESOLO 0 1 0"
VOLUME = "<VOLENV2\nEGUID {E0000000-0000-0000-0000-000000000001}\nACT 1 -1\nPT 0 0.5 0\n>"
MUTED_ITEM = "<ITEM\nPOSITION 0\nLENGTH 0.1\nMUTE 1 0\nIGUID {A0000000-0000-0000-0000-000000000009}\n>"
RETURN_FX = '<FXCHAIN\nBYPASS 0 0 0\n<JS stemkit_gain_-3 ""\n>\nFXID {F0000000-0000-0000-0000-000000000009}\n>'
EXTRA = {"Vox": f"{SOLO}\n{VOLUME}", "Dub": MUTED_ITEM, "Echo": RETURN_FX}


@pytest.fixture
def reaper(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FakeApi:
    song = write_song(tmp_path / "song", extra=EXTRA)
    text = song.read_text().replace("SAMPLERATE 48000 1", "SAMPLERATE 48000 0")
    song.write_text(text[: text.rindex(">")] + "<TRACK {00000000-0000-0000-0000-000000000099}\nNAME Empty\n>\n>\n")
    api = open_here(song, tmp_path / "resource", monkeypatch)
    connect_here(api, monkeypatch)
    return api


def kinds() -> list[str]:
    return [fix.kind for fix in open_fixes(prepare(None))]


def ticks(api: FakeApi, *numbers: int) -> None:
    """Type y into these fields, counted from 1 over all pages."""
    count = len(kinds())
    fields = ["y" if number in numbers else "" for number in range(1, count + 1)]
    api.answers = [",".join(fields[start : start + 12]) for start in range(0, count, 12)]


def test_what_can_be_fixed_is_listed_and_nothing_is_done(reaper: FakeApi) -> None:
    before = facts()
    result = fix_open_project(dry_run=True)
    assert {fix.kind for fix in result.offered} == {
        "rename_tracks", "clear_solo", "force_rate", "bypass_master_fx", "bypass_returns", "switch_off_automation",
        "delete_muted_items", "delete_unused_tracks",
    }  # fmt: skip
    assert result.done == ()
    assert facts() == before


def test_nothing_is_ticked_by_default(reaper: FakeApi) -> None:
    before = facts()
    ticks(reaper)
    result = fix_open_project()
    assert result.done == ()
    assert facts() == before
    assert reaper.undo_points == []
    dialog = reaper.console.splitlines()[0]
    assert "tick with y" in dialog
    assert set(dialog.rsplit(": ", 1)[1].strip("'")) == {","}  # every field is empty


def test_a_cancelled_dialog_does_nothing(reaper: FakeApi) -> None:
    before = facts()
    reaper.answers = []
    assert fix_open_project().cancelled
    assert facts() == before


def test_each_kind_is_done_verified_and_one_undo_point(reaper: FakeApi) -> None:
    listed = kinds()
    ticks(reaper, *range(1, len(listed) + 1))
    result = fix_open_project()
    assert [fix.kind for fix in result.done] == listed
    assert reaper.undo_points == [f"Stemkit: {fix.line}" for fix in result.done]
    session = session_from_snapshot(facts())
    assert [track.name for track in session.tracks][:3] == ["01_Drums", "02_Kick", "03_Snare"]
    assert len(session.tracks) == 7
    assert not any(track.solo for track in session.tracks)
    assert session.sample_rate_forced
    assert not session.master.fx.enabled
    assert not session.tracks[5].fx.enabled
    assert not any(envelope.active for envelope in session.tracks[3].envelopes)
    assert len(session.tracks[4].items) == 1
    assert not (reaper.resource_path / "stemkit" / "journal.json").exists()
    assert set(kinds()) <= {"rename_tracks"}  # nothing else is left


def test_only_what_is_ticked_is_done(reaper: FakeApi) -> None:
    before = session_from_snapshot(facts())
    place = kinds().index("clear_solo") + 1
    ticks(reaper, place)
    (done,) = fix_open_project().done
    assert done.kind == "clear_solo"
    after = session_from_snapshot(facts())
    assert after.tracks[3].solo == 0
    assert replace(after, tracks=before.tracks) == before


def test_what_reaper_does_not_take_is_told_and_put_back(reaper: FakeApi) -> None:
    before = facts()
    reaper.deaf = frozenset({"PROJECT_SRATE_USE"})
    ticks(reaper, kinds().index("force_rate") + 1)
    result = fix_open_project()
    assert result.done == ()
    ((_, why),) = result.refused
    assert "PROJECT_SRATE_USE" in why
    assert facts() == before


def test_another_project_is_left_alone(reaper: FakeApi) -> None:
    payload = {"project": "/elsewhere.rpp", "label": "x", "values": [], "items": [], "tracks": []}
    answer = json.loads(inside.dispatch("change", json.dumps(payload)))
    assert answer["code"] == "other_project"


def test_a_track_that_is_gone_stops_before_anything_changes(reaper: FakeApi) -> None:
    before = facts()
    payload: dict[str, Any] = {
        "project": reaper.project.path,
        "label": "x",
        "values": [[["track", "master", "I_FXEN"], 0.0]],
        "items": [],
        "tracks": ["{gone}"],
    }
    assert not json.loads(inside.dispatch("change", json.dumps(payload)))["ok"]
    assert facts() == before


def test_the_command_says_what_was_done(reaper: FakeApi, capsys: pytest.CaptureFixture[str]) -> None:
    ticks(reaper, kinds().index("bypass_master_fx") + 1)
    assert run(["fix", "--live"]) == 0
    told = capsys.readouterr().out
    assert "Done: Master: bypass" in told
    assert "Fixed: 1 of" in told
    assert run(["fix", "--live", "-o", "x.rpp"]) == 2


def test_a_comma_in_a_field_ticks_no_other_line(reaper: FakeApi) -> None:
    """Behind it, every answer would count for the line below its own."""
    before = facts()
    ticks(reaper, kinds().index("clear_solo") + 1)
    reaper.answers = [f"n,{page}" for page in reaper.answers]
    with pytest.raises(LinkError, match="cannot be told apart"):
        fix_open_project()
    assert facts() == before


def change_of(reaper: FakeApi, *values: Any) -> dict[str, Any]:
    payload = {"project": reaper.project.path, "label": "x", "values": values, "items": [], "tracks": []}
    answer: dict[str, Any] = json.loads(inside.dispatch("change", json.dumps(payload)))
    return answer


def test_a_change_while_a_render_holds_the_project_leaves_its_journal_alone(
    reaper: FakeApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = facts()
    journal = inside_journal.home() / "journal.json"
    journal.write_text("of the render")
    monkeypatch.setattr(inside._Current, "machine", SimpleNamespace(over=False, busy=False))
    for answer in (
        change_of(reaper, [["track", "master", "I_FXEN"], 0.0]),
        json.loads(inside.dispatch("forget", "{}")),
    ):
        assert answer["code"] == "rendering"
    assert journal.read_text() == "of the render"
    assert facts() == before


def test_a_change_after_an_interrupted_render_leaves_its_journal_alone(reaper: FakeApi) -> None:
    journal = inside_journal.home() / "journal.json"
    journal.write_text('{"project": {}, "values": []}')
    assert change_of(reaper, [["track", "master", "I_FXEN"], 0.0])["code"] == "interrupted"
    assert journal.read_text() == '{"project": {}, "values": []}'


def test_a_change_that_breaks_off_in_the_middle_is_put_back(reaper: FakeApi, monkeypatch: pytest.MonkeyPatch) -> None:
    before = facts()
    original = Desk.write

    def crashing(self: Desk, name: list[Any], value: Any) -> None:
        if name[0] == "project_number" and value == 48000.0:
            raise OSError("the link broke")
        original(self, name, value)

    monkeypatch.setattr(Desk, "write", crashing)
    answer = change_of(reaper, [["track", "master", "I_FXEN"], 0.0], [["project_number", "PROJECT_SRATE"], 48000.0])
    assert not answer["ok"]
    assert facts() == before
    assert not (reaper.resource_path / "stemkit" / "journal.json").exists()


def test_an_item_that_reaper_keeps_is_told(reaper: FakeApi, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inside_api.functions(), "DeleteTrackMediaItem", lambda *_: False)
    ticks(reaper, kinds().index("delete_muted_items") + 1)
    result = fix_open_project()
    assert result.done == ()
    assert [why for _, why in result.refused] == ["Stemkit: Dub: delete 1 muted item: REAPER kept it."]
