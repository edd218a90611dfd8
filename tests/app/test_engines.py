"""Which engine makes the audio, and the reason that is printed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from stemkit.app.engines import choose_engine
from stemkit.app.prepare import prepare
from stemkit.cli.entry import run
from stemkit.errors import EngineError, UsageError
from tests.fakereaper.command import install
from tests.fakereaper.songs import write_song

if TYPE_CHECKING:
    from stemkit.app.prepare import Prepared


@pytest.fixture
def song(tmp_path: Path) -> Prepared:
    return prepare(write_song(tmp_path / "song"))


@pytest.fixture
def live(song: Prepared) -> Prepared:
    return replace(song, session=replace(song.session, source="live"))


def test_without_reaper_the_built_in_engine(song: Prepared) -> None:
    engine, reason = choose_engine("auto", song)
    assert (engine.name, reason) == ("builtin", "no REAPER was found, and this one needs none")
    with pytest.raises(EngineError, match="No REAPER was found; name the program with --reaper or STEMKIT_REAPER"):
        choose_engine("reaper", song)


def test_an_installed_reaper_for_a_file(song: Prepared, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = install(tmp_path / "reaper")
    (program.parent / "reaper-license.rk").unlink()
    monkeypatch.setenv("STEMKIT_REAPER", str(program))
    told: list[str] = []
    engine, reason = choose_engine("auto", song, tell=told.append)
    assert (engine.name, reason) == ("reaper", f"it is installed: REAPER at {program}")
    assert "no licence" in told[0]
    assert choose_engine("reaper", song)[1].startswith("as asked for: REAPER at")
    engine, reason = choose_engine("builtin", song)
    assert (engine.name, reason) == ("builtin", "as asked for")


def test_the_open_reaper_for_the_open_project(live: Prepared) -> None:
    engine, reason = choose_engine("auto", live)
    assert (engine.name, reason) == ("live", "REAPER has the project open")


def test_what_does_not_fit_is_refused(song: Prepared, live: Prepared) -> None:
    for wish, project, message in (
        ("live", song, "say --live instead of a file"),
        ("reaper", live, "give the file instead of --live"),
        ("cubase", song, "choose auto, live, reaper or builtin"),
    ):
        with pytest.raises(UsageError, match=message):
            choose_engine(wish, project)


def test_the_reason_is_printed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    project = write_song(tmp_path / "song")
    run(["render", str(project), "-o", str(tmp_path / "out"), "--include", "Kick", "--bypass-fx", "--tail", "none"])
    assert "Engine: builtin, no REAPER was found, and this one needs none." in capsys.readouterr().out
