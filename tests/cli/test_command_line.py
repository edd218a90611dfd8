"""A reason as a word of its own, and wrong use in one sentence."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest
import typer.main

from stemkit.app.demo_song import write_demo_project
from stemkit.cli.command_line import with_reasons
from stemkit.cli.entry import app, run
from tests.app.dirty_stems import song


@pytest.mark.parametrize(
    ("words", "joined"),
    [
        (["--accept", "SK109", "as it is meant"], ["--accept", "SK109=as it is meant"]),
        (["--accept", "sk1", "meant"], ["--accept", "sk1=meant"]),
        (["--accept", "SK109", "- so it is meant"], ["--accept", "SK109=- so it is meant"]),
        (["--accept", "SK109=meant", "Stems"], ["--accept", "SK109=meant", "Stems"]),
        (["--accept", "SK109", "--quiet"], ["--accept", "SK109", "--quiet"]),
        (["--accept", "SK109", "."], ["--accept", "SK109", "."]),
        (["--accept", "SK109"], ["--accept", "SK109"]),
        (["--accept", "SK109", "a", "--accept", "SK110", "b"], ["--accept", "SK109=a", "--accept", "SK110=b"]),
        (["--select", "SK109", "meant"], ["--select", "SK109", "meant"]),
    ],
)
def test_a_reason_may_be_a_word_of_its_own(words: list[str], joined: list[str]) -> None:
    assert with_reasons(["check", *words]) == ["check", *joined]


def test_a_finding_is_accepted_in_two_words(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    project = str(write_demo_project(tmp_path))
    assert run(["inspect", project, "--no-media", "--accept", "SK110", "the ride is meant"]) == 0
    assert "(accepted: the ride is meant)" in " ".join(capsys.readouterr().out.split())


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("check", "PATH is missing. `stemkit check --help` lists what there is."),
        ("check x --jobs none", "--jobs: a whole number is needed."),
        ("check x --jobs 0", "--jobs: at least 1 is needed."),
        ("check x --format xml", "--format: 'xml' is not one of 'text', 'json', 'junit', 'github', 'message'."),
        ("render song.rpp", "Say with -o where the new files go. `stemkit render --help`"),
        ("plan My Song.rpp", 'Song.rpp: a word too many; a name with spaces stands in "quotes".'),
        ("inspect song.rpp --report song.rpp", "--report: song.rpp is no web page by its name; call it song.html."),
        ("chek x", "No such command 'chek'"),
        ("brief ini", "No such command 'ini'"),
        ("check x --fromat json", "--fromat"),
    ],
)
def test_wrong_use_is_told_in_one_sentence(line: str, said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(shlex.split(line)) == 2
    told = capsys.readouterr().err
    assert told.startswith("stemkit: ")
    assert said in told
    assert len(told.splitlines()) == 1
    for word in ("Value error", "Input should", "Invalid value", "Error:"):
        assert word not in told


def test_a_project_is_never_replaced_by_a_page(tmp_path: Path) -> None:
    project = write_demo_project(tmp_path)
    before = project.read_bytes()
    assert run(["inspect", str(project), "--no-media", "--report", str(project)]) == 2
    assert project.read_bytes() == before


def test_check_sends_a_project_to_the_command_for_projects(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["check", str(write_demo_project(tmp_path))]) == 2
    assert "is a REAPER project; stemkit inspect judges it" in capsys.readouterr().err


def test_a_file_in_the_way_of_the_demo_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "song").write_text("mine")
    assert run(["demo", str(tmp_path / "song"), "--quiet"]) == 2
    assert (
        "cannot be made a folder (a file of that name is in the way); name another folder." in capsys.readouterr().err
    )


def test_the_example_of_every_help_page_has_words_that_exist() -> None:
    top = typer.main.get_command(app)
    for name, command in top.commands.items():  # type: ignore[attr-defined]
        for leaf in getattr(command, "commands", {"": command}).values():
            words = shlex.split(str(leaf.epilog))
            assert words[:3] == ["Example:", "stemkit", name]
            known = {option for parameter in leaf.params for option in parameter.opts}
            assert {word for word in words if word.startswith("-")} <= known


def test_several_deliveries_in_a_folder_are_noticed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("One", "Two"):
        song(tmp_path / name)
    run(["check", str(tmp_path / "One"), "--no-cache"])
    assert "--each" not in capsys.readouterr().err
    run(["check", str(tmp_path), "--no-cache", "--format", "json"])
    told = capsys.readouterr()
    assert "There are 2 folders Stems; --each checks every sub-folder" in told.err
    assert "--each" not in told.out
