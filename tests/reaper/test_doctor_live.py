"""`stemkit doctor` with a REAPER that answers: the table, the questions, and the restore after an interrupted render."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from stemkit.app.selftest import session_differences
from stemkit.cli.entry import run
from stemkit.reaper.project_file import load_project
from stemkit.reaper.resource_paths import RESOURCE_VARIABLE
from tests.fakereaper.running import RunningReaper, running_reaper
from tests.fakereaper.songs import write_song

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="module")
def reaper(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningReaper]:
    folder = tmp_path_factory.mktemp("doctor")
    with running_reaper(write_song(folder / "song"), folder / "resource") as running:
        yield running


@pytest.fixture(autouse=True)
def _here(reaper: RunningReaper, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(RESOURCE_VARIABLE, str(reaper.resource))


def test_the_table_says_that_it_answers_and_that_it_is_untested(capsys: pytest.CaptureFixture[str]) -> None:
    run(["doctor"])
    told = capsys.readouterr().out
    assert "✓ Link to REAPER           REAPER 7.78/linux-x86_64 answers" in told
    assert "~ This REAPER              untested" in told


def test_the_questions_find_a_changed_project(reaper: RunningReaper, capsys: pytest.CaptureFixture[str]) -> None:
    run(["doctor", "--selftest"])
    assert "snapshot-is-file     holds" in capsys.readouterr().out
    reaper.order("set", track=2, key="D_VOL", value=0.1)
    assert run(["doctor", "--selftest"]) == 1
    assert "1 fields differ (unsaved edits do so too): .tracks[2].volume" in capsys.readouterr().out
    reaper.order("set", track=2, key="D_VOL", value=1.0)


def test_nothing_to_restore_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["doctor", "--restore"]) == 0
    assert "Nothing to put back" in capsys.readouterr().out


def test_an_interrupted_render_is_put_back(reaper: RunningReaper, capsys: pytest.CaptureFixture[str]) -> None:
    """A render of which REAPER's script died: its values stand, and so does the journal."""
    from stemkit.reaper.link import open_link

    with open_link() as link:
        path = link.ask("snapshot")["path"]
    song = load_project(Path(path))
    reaper.order("set", track=0, key="I_SELECTED", value=1.0)
    reaper.journal.parent.mkdir(exist_ok=True)
    values = [[["track", song.tracks[0].guid, "I_SELECTED"], 0.0]]
    reaper.journal.write_text(json.dumps({"project": {"path": path, "tracks": []}, "values": values}))
    assert run(["doctor", "--restore"]) == 0
    assert "every value was read back" in capsys.readouterr().out
    assert not reaper.journal.exists()
    with open_link() as link:
        assert link.ask("snapshot")["tracks"][0]["values"]["I_SELECTED"] == 0.0


def test_giving_up_on_it(reaper: RunningReaper) -> None:
    reaper.journal.write_text('{"project": {"path": "elsewhere", "tracks": []}, "values": []}')
    assert run(["doctor", "--restore"]) == 3
    assert reaper.journal.exists()
    assert run(["doctor", "--forget"]) == 0
    assert not reaper.journal.exists()


def test_differences_are_named_without_their_values(tmp_path: Path) -> None:
    session = load_project(write_song(tmp_path / "song"))
    other = replace(session, title="secret", tracks=(*session.tracks[:-1], replace(session.tracks[-1], name="secret")))
    assert session_differences(session, session) == []
    assert session_differences(session, other) == [".title", ".tracks[6].name"]
    assert session_differences(session, replace(session, tracks=())) == [".tracks (count)"]
