"""`stemkit doctor` with a REAPER that answers: the table, the questions, and the restore after an interrupted render."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from stemkit.app.session_compare import session_differences
from stemkit.app.stamp import DATA_VARIABLE
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


def test_a_self_test_from_the_command_line_leaves_a_stamp(
    reaper: RunningReaper, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The whole way through the socket: before it this REAPER is untested, after it the table says it is good."""
    monkeypatch.setenv(DATA_VARIABLE, str(tmp_path / "data"))
    run(["doctor"])
    told = capsys.readouterr().out
    assert "✓ Link to REAPER           REAPER 7.78/stand-in answers" in told
    assert "~ This REAPER              untested" in told
    assert run(["doctor", "--selftest", "--record", str(tmp_path / "calls.jsonl")]) == 0
    told = capsys.readouterr().out
    assert "self-test of REAPER 7.78/stand-in" in told
    assert "This is a stand-in and no REAPER" in told
    assert "contradicted: 0" in told
    assert json.loads((tmp_path / "calls.jsonl").read_text().splitlines()[0]) == {"question": "snapshot"}
    run(["doctor"])
    assert "✓ This REAPER" in capsys.readouterr().out
    assert not reaper.journal.exists()


def test_a_record_without_a_self_test_is_wrong_use(tmp_path: Path) -> None:
    assert run(["doctor", "--record", str(tmp_path / "x")]) == 2


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


@pytest.mark.parametrize("answer", ["y", "n"])
def test_on_a_terminal_a_command_offers_to_restore(
    answer: str, reaper: RunningReaper, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from stemkit.reaper.link import open_link

    with open_link() as link:
        path = link.ask("snapshot")["path"]
    reaper.order("set", track=0, key="I_SELECTED", value=1.0)
    values = [[["track", load_project(Path(path)).tracks[0].guid, "I_SELECTED"], 0.0]]
    reaper.journal.write_text(json.dumps({"project": {"path": path, "tracks": []}, "values": values}))

    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    monkeypatch.setattr("sys.stdin", Terminal(answer + "\n"))
    monkeypatch.setattr("sys.stderr", Terminal())
    assert run(["plan", "--live"]) == 0
    with open_link() as link:
        selected = link.ask("snapshot")["tracks"][0]["values"]["I_SELECTED"]
    assert (selected, reaper.journal.exists()) == ((0.0, False) if answer == "y" else (1.0, True))
    reaper.journal.unlink(missing_ok=True)
    reaper.order("set", track=0, key="I_SELECTED", value=0.0)


def test_without_a_terminal_nothing_is_asked(reaper: RunningReaper, monkeypatch: pytest.MonkeyPatch) -> None:
    reaper.journal.write_text('{"project": {"path": "elsewhere", "tracks": []}, "values": []}')
    monkeypatch.setattr("sys.stdin", io.StringIO())
    assert run(["plan", "--live"]) == 0
    assert reaper.journal.exists()
    reaper.journal.unlink()


def test_giving_up_on_it(reaper: RunningReaper) -> None:
    reaper.journal.write_text('{"project": {"path": "elsewhere", "tracks": []}, "values": []}')
    assert run(["doctor", "--restore"]) == 3
    assert reaper.journal.exists()
    assert run(["doctor", "--forget"]) == 0
    assert not reaper.journal.exists()


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b'{"project": {"pa',
        b"\xff\xfe",
        b"[" * 100_000,
        b"[]",
        b'{"project": 1, "values": []}',
        b'{"project": {"path": "x", "tracks": []}, "values": [1]}',
        b'{"project": {"path": "x", "tracks": []}, "values": [[[], 0]]}',
    ],
    ids=["empty", "cut", "no text", "deep", "list", "no project", "no pairs", "no name"],
)
def test_a_damaged_journal_is_told_and_can_be_given_up(
    text: bytes, reaper: RunningReaper, capsys: pytest.CaptureFixture[str]
) -> None:
    reaper.journal.parent.mkdir(exist_ok=True)
    reaper.journal.write_bytes(text)
    assert run(["doctor", "--restore"]) == 3
    told = capsys.readouterr().err
    assert "is damaged" in told
    assert "stemkit doctor --forget" in told
    assert "fault in stemkit" not in told
    assert reaper.journal.exists()
    assert run(["render", "--live", "-o", str(reaper.journal.parent / "out")]) == 3
    assert "An earlier render was interrupted" in capsys.readouterr().err
    assert run(["doctor", "--forget"]) == 0
    assert not reaper.journal.exists()


def test_differences_are_named_without_their_values(tmp_path: Path) -> None:
    session = load_project(write_song(tmp_path / "song"))
    other = replace(session, title="secret", tracks=(*session.tracks[:-1], replace(session.tracks[-1], name="secret")))
    assert session_differences(session, session) == []
    assert session_differences(session, other) == [".title", ".tracks[6].name"]
    assert session_differences(session, replace(session, tracks=())) == [".tracks (count)"]
