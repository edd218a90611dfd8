from __future__ import annotations

import json
import zipfile
from pathlib import Path

import pytest

from stemkit.cli.entry import app, run
from tests.app.demo_package import copy_of, song

PAGES = [*((command.name,) for command in app.registered_commands), ("brief",), ("brief", "init"), ("brief", "check")]


@pytest.mark.parametrize("arguments", PAGES, ids="-".join)
def test_every_command_has_a_help_page_without_types_of_python(
    arguments: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run([*arguments, "--help"]) == 0
    told = capsys.readouterr().out
    assert "Usage" in told
    assert not [word for word in ("<path>", "<str>", "list[") if word in told]


def test_deliver_then_verify_as_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["deliver", str(song()), "-o", str(tmp_path), "--zip", "--format", "json", "--quiet"]) == 0
    delivered = json.loads(capsys.readouterr().out)
    assert (delivered["subject"]["kind"], delivered["subject"]["path"]) == ("deliver", "The Makers - Night Bus")
    archive = tmp_path / "The Makers - Night Bus.zip"
    assert zipfile.is_zipfile(archive)
    assert run(["verify", str(archive), "--format", "json", "--quiet"]) == 0
    assert json.loads(capsys.readouterr().out)["subject"]["kind"] == "verify"


def test_verify_ends_with_1_where_something_changed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    package = copy_of(tmp_path)
    with (package / "Brief.md").open("a") as brief:
        brief.write("PS")
    assert run(["verify", str(package), "--select", "SK705", "--quiet"]) == 1
    assert "Brief.md is not the file that was sent" in capsys.readouterr().out


def test_deliver_says_in_the_summary_where_the_package_is_and_how_it_was_levelled(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert (
        run(["deliver", str(song()), "-o", str(tmp_path), "--profile", "stem-mastering", "--fail-on", "never", "-q"])
        == 0
    )
    out = capsys.readouterr().out
    assert f"Package: {tmp_path / 'The Makers - Night Bus'}" in out
    assert "All stems were changed by the same" in out or "No stem was made louder" in out


def test_a_stopped_delivery_ends_with_1_and_says_what_to_do(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    project = tmp_path / "song.rpp"
    text = song().read_text().replace("media/kick.wav", "media/nowhere.wav")
    project.write_text(text)
    assert run(["deliver", str(project), "-o", str(tmp_path / "out"), "--quiet"]) == 1
    out = capsys.readouterr().out
    assert "Nothing was rendered" in out
    assert "SK113" in out
    assert not (tmp_path / "out").exists()


def test_brief_init_and_check(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    brief = tmp_path / "brief.toml"
    assert run(["brief", "init", str(song()), "-o", str(brief)]) == 0
    assert "Still to fill in: artist, genre" in capsys.readouterr().out
    assert run(["brief", "check", str(brief), "--project", str(song())]) == 1
    assert "Missing: genre." in capsys.readouterr().out
    assert run(["brief", "check", str(song())]) == 0


def test_fix_shows_its_plan_first_and_writes_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["fix", str(song()), "--dry-run"]) == 0
    out = capsys.readouterr().out
    assert "rename_tracks: Snare (top): becomes 02_Snare_Top" in out
    assert "take them with --fix KIND" in out
    assert run(["fix", str(song())]) == 2
    assert "Say where the copy goes" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["verify", "nowhere.zip"], "cannot be opened"),
        (["fix", "nowhere", "--dry-run"], "is neither a folder nor a REAPER project"),
        (["deliver", "nowhere.rpp", "-o", "out"], "nowhere.rpp does not exist"),
        (["brief", "check", "nowhere.toml"], "cannot be read as a brief"),
    ],
)
def test_mistakes_end_in_one_sentence(arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(arguments) == 2
    captured = capsys.readouterr()
    assert said in captured.err
    assert captured.err.count("\n") == 1
    assert not captured.out
