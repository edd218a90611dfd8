"""The snapshot where REAPER is odd: other texts than UTF-8, missing functions, many tracks."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from stemkit.reaper import inside, inside_api
from stemkit.reaper.live import device_rate, session_from_snapshot
from tests.fakereaper.process import functions, open_here
from tests.fakereaper.songs import write_song
from tests.reaper.live_jobs import facts


def test_a_name_that_is_no_utf_8_costs_only_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    api = open_here(write_song(tmp_path / "song"), tmp_path / "resource", monkeypatch)
    api.project.tracks[1].name = b"Caf\xe9"
    tracks = session_from_snapshot(facts()).tracks
    assert [track.name for track in tracks[:3]] == ["Drums", "", "Snare"]


def test_a_project_that_was_never_saved_has_no_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    api = open_here(write_song(tmp_path / "song"), tmp_path / "resource", monkeypatch)
    api.project.path = ""
    assert session_from_snapshot(facts()).path is None


@pytest.mark.parametrize(("told", "rate"), [("48000", 48000), ("", None), ("0", None)])
def test_the_device_tells_its_rate(told: str, rate: int | None) -> None:
    assert device_rate({"device_rate": told}) == rate


def test_an_older_reaper_says_what_it_cannot(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    api = open_here(write_song(tmp_path / "song"), tmp_path / "resource", monkeypatch)
    api.lacking = frozenset({"set_config_var_string"})
    found = functions(api)
    monkeypatch.setattr(inside_api, "functions", lambda: found)
    assert json.loads(inside.dispatch("hello", "{}"))["value"]["can_set_config"] is False


def test_dispatch_never_raises(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    open_here(write_song(tmp_path / "song"), tmp_path / "resource", monkeypatch)
    for name, payload in (("snapshot", "no json"), ("nothing", "{}"), ("snapshot", '{"what": 1}'), ("", "")):
        answer = json.loads(inside.dispatch(name, payload))
        assert answer["ok"] is False
        assert answer["traceback"]
