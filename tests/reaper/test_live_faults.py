"""A live render that goes wrong, from outside: killed, blocked, filled or changed in every state, the project is as it was."""

from __future__ import annotations

import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from stemkit.errors import EngineError
from stemkit.reaper.link import LinkError, open_link
from stemkit.reaper.live import session_from_snapshot
from stemkit.reaper.live_engine import LiveEngine
from stemkit.reaper.resource_paths import RESOURCE_VARIABLE
from tests.fakereaper.running import RunningReaper, running_reaper
from tests.fakereaper.songs import write_song
from tests.reaper.live_clients import STATES, Client, held_client, planned, told

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="module")
def reaper(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningReaper]:
    folder = tmp_path_factory.mktemp("live")
    with running_reaper(write_song(folder / "song"), folder / "resource") as running:
        yield running


@pytest.fixture(autouse=True)
def _here(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if "reaper" in request.fixturenames:
        monkeypatch.setenv(RESOURCE_VARIABLE, str(request.getfixturevalue("reaper").resource))


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        ("cancel", "wrote no file"),
        ("drop", "left out 1 of"),
        ("short", "instead of 24000"),
    ],
)
def test_a_failed_render_is_named_and_restored(fault: str, message: str, reaper: RunningReaper, tmp_path: Path) -> None:
    before = told()
    session = session_from_snapshot(before)
    reaper.order("on_render", faults=[fault])
    with pytest.raises(EngineError, match=message) as caught:
        LiveEngine().render(session, planned(session), tmp_path / "live")
    reaper.order("on_render", faults=[])
    if fault != "drop":
        assert "The project is as it was" in str(caught.value)
    assert told() == before


def test_a_dialog_is_told_and_the_project_restored_once_it_is_closed(reaper: RunningReaper, tmp_path: Path) -> None:
    before = told()
    session = session_from_snapshot(before)
    reaper.order("on_render", faults=["dialog: plug-in wants to be registered"])
    with pytest.raises(LinkError, match="dialog is probably open"):
        LiveEngine(stall_s=3.0, heartbeat_s=3.0).render(session, planned(session), tmp_path / "live")
    assert reaper.journal.exists()
    reaper.close_dialog()
    reaper.wait_for(lambda: not reaper.journal.exists(), "the restore")
    assert told() == before


def test_two_at_once_the_second_is_turned_away(reaper: RunningReaper, tmp_path: Path) -> None:
    before = told()
    session = session_from_snapshot(before)
    plan = planned(session)  # before the first one renders, which does not take for ever
    reaper.order("on_render", faults=["slow 1.5"] * 3)
    renders = reaper.log().count("render\n")
    client = Client(reaper, tmp_path / "first")
    reaper.wait_for(lambda: reaper.log().count("render\n") > renders, "the first render")
    (tmp_path / "second").mkdir()
    with pytest.raises(EngineError, match="Another stemkit is rendering"):
        LiveEngine().render(session, plan, tmp_path / "second")
    assert client.process.wait(60) == 0, client.errors()
    assert told() == before


@pytest.mark.parametrize("state", STATES)
def test_a_client_killed_in_any_state_costs_nothing(state: str, reaper: RunningReaper, tmp_path: Path) -> None:
    """kill -9, in the state; REAPER misses the signs of life and puts everything back by itself."""
    before = told()
    client = held_client(reaper, tmp_path / "live", state, heartbeat_s=2.0)
    client.process.kill()
    assert client.process.wait(60) == -signal.SIGKILL
    assert reaper.journal.exists()
    reaper.order("hold", state="")
    with open_link() as link:
        reaper.wait_for(lambda: not link.ask("hello")["rendering"], "the end of the render")
    assert not reaper.journal.exists()
    assert told() == before


@pytest.mark.parametrize("state", STATES)
def test_reaper_killed_in_any_state_leaves_a_project_that_is_as_it_was(
    state: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """REAPER dies with the changes in it, and starts again with the project as it lies on the disk."""
    song, resource = write_song(tmp_path / "song"), tmp_path / "resource"
    monkeypatch.setenv(RESOURCE_VARIABLE, str(resource))
    with running_reaper(song, resource) as first:
        before = told()
        client = held_client(first, tmp_path / "live", state)
        first.kill()
        assert client.process.wait(60) == 3
        assert "REAPER" in client.errors()
        assert first.journal.exists()
    with running_reaper(song, resource):
        with open_link() as link:
            assert link.ask("hello")["interrupted"] is True
            assert link.ask("restore") == {"found": True, "not_restored": []}
        assert told() == before
        assert not (resource / "stemkit" / "journal.json").exists()


@pytest.mark.parametrize("fault", ["die", "crash"])
def test_a_plug_in_that_takes_reaper_with_it(fault: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    song, resource = write_song(tmp_path / "song"), tmp_path / "resource"
    monkeypatch.setenv(RESOURCE_VARIABLE, str(resource))
    with running_reaper(song, resource) as first:
        before = told()
        first.order("on_render", faults=[fault])
        session = session_from_snapshot(before)
        with pytest.raises(LinkError, match="REAPER ended the connection"):
            LiveEngine().render(session, planned(session), tmp_path / "live")
        assert first.journal.exists()
    with running_reaper(song, resource):
        (tmp_path / "again").mkdir()
        with pytest.raises(EngineError, match="doctor --restore"):
            LiveEngine().render(session, planned(session), tmp_path / "again")
        with open_link() as link:
            assert link.ask("restore")["not_restored"] == []
        assert told() == before


def test_a_script_that_is_stopped_restores_on_its_way_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    song, resource = write_song(tmp_path / "song"), tmp_path / "resource"
    monkeypatch.setenv(RESOURCE_VARIABLE, str(resource))
    with running_reaper(song, resource) as running:
        client = held_client(running, tmp_path / "live", "armed")
        assert running.journal.exists()
        running.order("stop_scripts")
        assert not running.journal.exists()
        assert not (resource / "stemkit" / "link.json").exists()
        assert client.process.wait(60) == 3, client.errors()


def first_folder(staging: Path) -> Path:
    return staging / "reaper-stems-1"


def go_on(reaper: RunningReaper, client: Client, *, says: str) -> None:
    """Let a held render go on to its named failure."""
    reaper.order("hold", state="")
    assert client.process.wait(60) == 3, client.errors()
    assert says in client.errors()
    assert "The project is as it was" in client.errors()
    assert not reaper.journal.exists()


def test_a_file_in_the_way_is_named(reaper: RunningReaper, tmp_path: Path) -> None:
    before = told()
    client = held_client(reaper, tmp_path / "live", "set_up")
    (first_folder(tmp_path / "live") / "sk_2.wav").touch()
    go_on(reaper, client, says="exists already")
    assert told() == before


def test_a_selection_that_changes_meanwhile_stops_the_render(reaper: RunningReaper, tmp_path: Path) -> None:
    before = told()
    client = held_client(reaper, tmp_path / "live", "armed")
    reaper.order("set", track=6, key="I_SELECTED", value=1)
    go_on(reaper, client, says="did not keep a setting")
    assert told() == before


def test_a_folder_that_goes_away_meanwhile_is_named(reaper: RunningReaper, tmp_path: Path) -> None:
    before = told()
    client = held_client(reaper, tmp_path / "live", "armed")
    first_folder(tmp_path / "live").rmdir()
    first_folder(tmp_path / "live").touch()
    go_on(reaper, client, says="reaper-stems-1")
    assert told() == before


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no limit for the size of files")
def test_a_disk_without_room_for_the_journal_is_named(reaper: RunningReaper, tmp_path: Path) -> None:
    """Before the first change. A disk that is full in the middle of a file gives a short one, as tested above."""
    before = told()
    session = session_from_snapshot(before)
    reaper.order("disk", bytes_a_file=0)
    try:
        with pytest.raises(EngineError, match=r"The disk: .* The project is as it was"):
            LiveEngine().render(session, planned(session), tmp_path / "live")
    finally:
        reaper.order("disk", bytes_a_file=-1)
    assert told() == before
    assert not reaper.journal.exists()
    assert not reaper.journal.with_suffix(".part").exists()


def test_a_folder_that_cannot_be_written_is_named(reaper: RunningReaper, tmp_path: Path) -> None:
    before = told()
    session = session_from_snapshot(before)
    (tmp_path / "file").touch()
    with pytest.raises((EngineError, OSError)):
        LiveEngine().render(session, planned(session), tmp_path / "file" / "staging")
    assert told() == before
