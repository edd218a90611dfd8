"""Many projects in one command: a folder each, a table at the end, one failure stops no other, and --resume."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from stemkit.app.many import RECORD_NAME, Job, find_projects, run_jobs, targets_for
from stemkit.cli.entry import run
from stemkit.errors import InputError, UsageError
from stemkit.rules import profiles
from tests.fakereaper.command import install
from tests.fakereaper.songs import write_song
from tests.reaper.headless_songs import add_scripts

if TYPE_CHECKING:
    from collections.abc import Callable

QUIET = ["--tail", "none", "--ignore", "SK206,SK4", "--quiet", "--include", "Kick"]


def songs(folder: Path, *names: str) -> list[Path]:
    """Songs beside each other, each with its own media."""
    found = []
    for name in names:
        path = write_song(folder / name)
        found.append(path.rename(path.with_name(f"{name}.rpp")))
    return found


def render(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> tuple[int, Any]:
    code = run(["render", *arguments, *QUIET, "--bypass-fx", "--format", "json"])
    return code, json.loads(capsys.readouterr().out)


def test_one_failure_stops_no_other(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    one, two, three = songs(tmp_path / "songs", "One", "Two", "Three")
    two.write_text("<REAPER_PROJECT 0.1")
    out = tmp_path / "out"
    code = run(["render", *map(str, (one, two, three)), "-o", str(out), *QUIET, "--bypass-fx"])
    told = capsys.readouterr()
    assert code == 2
    table = told.out[told.out.rindex("Project") :].splitlines()
    assert [line.split()[:3] for line in table[1:]] == [
        ["One.rpp", "done", "0"],
        ["Two.rpp", "FAILED", "2"],
        ["Three.rpp", "done", "0"],
    ]
    assert "the file ends inside" in table[2]
    assert "Two.rpp" in told.err
    written = sorted(path.relative_to(out).as_posix() for path in out.rglob("*.wav") if "Stems" in path.parts)
    assert written == ["One/Stems/01_Kick.wav", "Three/Stems/01_Kick.wav"]


def test_resume_leaves_alone_what_is_done_and_unchanged(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    one, two = songs(tmp_path / "songs", "One", "Two")
    out = ["-o", str(tmp_path / "out")]
    folder = str(tmp_path / "songs")
    code, first = render([folder, *out], capsys)
    assert (code, [p["state"] for p in first["projects"]]) == (0, ["done", "done"])
    assert [p["report"]["subject"]["kind"] for p in first["projects"]] == ["render", "render"]
    code, again = render([folder, *out, "--resume"], capsys)
    assert (code, [p["state"] for p in again["projects"]]) == (0, ["unchanged", "unchanged"])
    sound = one.parent / "Kick.wav"
    sound.write_bytes(sound.read_bytes()[:-2] + b"\1\0")
    (tmp_path / "out" / "Two" / "Stems" / "01_Kick.wav").unlink()
    _, third = render([folder, *out, "--resume"], capsys)
    assert [p["state"] for p in third["projects"]] == ["done", "done"]
    two.write_bytes(two.read_bytes().replace(b"VOLPAN 0.8 0", b"VOLPAN 0.7 0"))
    _, fourth = render([folder, *out, "--resume"], capsys)
    assert [p["state"] for p in fourth["projects"]] == ["unchanged", "done"]
    _, other = render([folder, *out, "--resume", "--gain", "none"], capsys)
    assert [p["state"] for p in other["projects"]] == ["done", "done"]


def test_what_nobody_recorded_is_not_replaced(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (one,) = songs(tmp_path / "songs", "One")
    mine = tmp_path / "out" / "One" / "Stems" / "01_Kick.wav"
    mine.parent.mkdir(parents=True)
    mine.write_bytes(b"mine")
    code, told = render([str(one), "-o", str(tmp_path / "out"), "--resume"], capsys)
    assert (code, told["projects"][0]["state"]) == (2, "failed")
    assert "already holds" in told["projects"][0]["message"]
    assert mine.read_bytes() == b"mine"


def test_two_at_a_time_through_reaper(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    songs(tmp_path / "songs", "One", "Two")
    program = install(tmp_path / "reaper")
    add_scripts(tmp_path / "reaper")
    monkeypatch.setenv("STEMKIT_REAPER", str(program))
    arguments = [str(tmp_path / "songs"), "-o", str(tmp_path / "out"), *QUIET, "--jobs", "2"]
    code = run(["render", *arguments])
    told = capsys.readouterr().out
    assert code == 0
    assert told.count(f"Engine: reaper, it is installed: REAPER at {program}.") == 2
    assert len(list((tmp_path / "out").rglob("01_Kick.wav"))) == 2
    assert not list((tmp_path / "songs").rglob(".*"))


def test_deliver_takes_a_folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    one, two = songs(tmp_path / "songs", "One", "Two")
    for path, title in ((one, "Rain"), (two, "Snow")):
        path.write_bytes(
            path.read_bytes().replace(b"SAMPLERATE", f"TITLE {title}\r\n  AUTHOR Us\r\n  SAMPLERATE".encode())
        )
    arguments = ["deliver", str(tmp_path / "songs"), "-o", str(tmp_path / "songs" / "out"), *QUIET]
    arguments += ["--bypass-fx", "--force", "--resume", "--format", "json"]
    run(arguments)
    first = json.loads(capsys.readouterr().out)
    assert [p["state"] for p in first["projects"]] == ["done", "done"]
    folders = {path.name for path in (tmp_path / "songs" / "out").iterdir() if path.is_dir()}
    assert folders == {"Us - Rain", "Us - Snow"}
    run(arguments)
    assert [p["state"] for p in json.loads(capsys.readouterr().out)["projects"]] == ["unchanged", "unchanged"]


def titled(path: Path, title: str) -> None:
    lines = [line for line in path.read_bytes().split(b"\r\n") if not line.startswith((b"  TITLE", b"  AUTHOR"))]
    lines.insert(1, f"  TITLE {title}\r\n  AUTHOR Us".encode())
    path.write_bytes(b"\r\n".join(lines))


def deliver(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> tuple[int, list[Any]]:
    code = run(["deliver", *arguments, *QUIET, "--bypass-fx", "--force", "--resume", "--format", "json"])
    return code, json.loads(capsys.readouterr().out)["projects"]


def test_a_retitled_project_replaces_no_package_of_another(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    one, two = songs(tmp_path / "songs", "One", "Two")
    out = tmp_path / "out"
    arguments = [str(tmp_path / "songs"), "-o", str(out)]
    titled(one, "Rain")
    titled(two, "Snow")
    assert [p["state"] for p in deliver(arguments, capsys)[1]] == ["done", "done"]
    before = (out / "Us - Rain" / "manifest.json").read_bytes()
    titled(two, "Rain")
    code, told = deliver(arguments, capsys)
    assert (code, [p["state"] for p in told]) == (2, ["unchanged", "failed"])
    assert "Us - Rain exists already" in told[1]["message"]
    assert (out / "Us - Rain" / "manifest.json").read_bytes() == before
    titled(two, "Snow")
    one.write_bytes(one.read_bytes().replace(b"VOLPAN 0.8 0", b"VOLPAN 0.7 0"))
    assert [p["state"] for p in deliver(arguments, capsys)[1]] == ["done", "unchanged"]  # its own it may replace
    assert (out / "Us - Rain" / "manifest.json").read_bytes() != before


def test_a_song_of_the_same_file_name_replaces_no_stems_of_another(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Given alone, each would get the folder that is called like its file."""
    one, other = (write_song(tmp_path / name) for name in ("a", "b"))
    out = ["-o", str(tmp_path / "out")]
    assert render([str(one), str(other), *out, "--resume"], capsys)[0] == 0
    assert {path.name for path in (tmp_path / "out").iterdir() if path.is_dir()} == {"a - Song", "b - Song"}
    assert render([str(one), *out, "--resume"], capsys)[1]["projects"][0]["state"] == "done"
    stem = tmp_path / "out" / "Song" / "Stems" / "01_Kick.wav"
    before = stem.read_bytes()
    code, told = render([str(other), *out, "--resume"], capsys)
    assert (code, told["projects"][0]["state"]) == (2, "failed")
    assert stem.read_bytes() == before


def test_references_that_the_brief_names_count(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (one,) = songs(tmp_path / "songs", "One")
    reference = one.parent / "Like.wav"
    shutil.copy(one.parent / "Kick.wav", reference)
    (one.parent / "brief.toml").write_text('[[references]]\nfile = "Like.wav"\n')
    arguments = [str(one), "-o", str(tmp_path / "out")]
    states = [deliver(arguments, capsys)[1][0]["state"] for _ in range(2)]
    reference.write_bytes(reference.read_bytes()[:-2] + b"\1\0")
    states += [deliver(arguments, capsys)[1][0]["state"] for _ in range(2)]
    assert states == ["done", "unchanged", "done", "unchanged"]
    (sent,) = (tmp_path / "out").rglob("References/*.wav")
    assert sent.read_bytes() == reference.read_bytes()


def test_a_page_is_for_one_project(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    names = [str(path) for path in songs(tmp_path / "songs", "One", "Two")]
    assert run(["render", *names, "-o", str(tmp_path / "out"), "--report", str(tmp_path / "page.html")]) == 2
    assert "--report writes the page of one project" in capsys.readouterr().err


def test_projects_in_folders(tmp_path: Path) -> None:
    one, two = songs(tmp_path / "songs", "One", "Two")
    package = tmp_path / "songs" / "sent"
    package.mkdir()
    (package / "manifest.json").touch()
    shutil.copy(one, package / "Session.rpp")
    shutil.copy(one, one.with_name(".stemkit-pass-00000000-1-0000000000000000.rpp"))
    out = tmp_path / "songs" / "out"
    out.mkdir()
    shutil.copy(one, out)
    assert find_projects([tmp_path / "songs"], output=out) == [one, two]
    assert find_projects([two, tmp_path / "songs"], output=out) == [two, one]
    with pytest.raises(InputError, match="holds no REAPER project"):
        find_projects([out], output=out)


def test_a_folder_for_each(tmp_path: Path) -> None:
    paths = [tmp_path / "a" / "Song.rpp", tmp_path / "b" / "song.RPP", tmp_path / "b" / "Other.rpp"]
    targets = targets_for(paths, Path("out"))
    assert list(targets.values()) == [Path("out/a - Song"), Path("out/b - song"), Path("out/Other")]
    with pytest.raises(UsageError, match="Two projects are called"):
        targets_for([*paths, tmp_path / "c" / "a" / "Song.rpp"], Path("out"))


def job(call: Callable[[], Any]) -> Job:
    return Job(project=Path("Song.rpp"), call=call, redo=lambda _: call(), settings="", files_of=lambda _: [])


def test_a_bug_in_one_is_a_failure_of_one(tmp_path: Path) -> None:
    def broken() -> None:
        raise ZeroDivisionError("no")

    (result,) = run_jobs([job(broken)], workers=1, output=tmp_path, resume=False)
    assert (result.state, result.exit_code) == ("failed", 3)
    assert result.message == "internal error: ZeroDivisionError: no"


def test_a_broken_record_is_no_record(tmp_path: Path) -> None:
    (tmp_path / RECORD_NAME).write_text("{")
    (result,) = run_jobs([job(int)], workers=1, output=tmp_path, resume=True)
    assert result.state == "done"


@pytest.mark.parametrize("text", ["[1]", '{"Song.rpp": 1}', '{"Song.rpp": {"fingerprint": "x"}}'])
def test_a_record_of_another_kind_is_no_record(text: str, tmp_path: Path) -> None:
    (tmp_path / RECORD_NAME).write_text(text.replace("Song.rpp", str(Path("Song.rpp").absolute())))
    (result,) = run_jobs([job(int)], workers=1, output=tmp_path, resume=True)
    assert result.state == "done"


def test_what_changes_while_it_is_rendered_is_rendered_again(tmp_path: Path) -> None:
    """The files are of the project as it was, not as it is by the time of the record."""
    (one,) = songs(tmp_path / "songs", "One")
    made = tmp_path / "stem.wav"

    def saves() -> Any:
        made.write_bytes(b"sound")
        one.write_bytes(one.read_bytes().replace(b"VOLPAN 0.8 0", b"VOLPAN 0.7 0"))
        return SimpleNamespace(report=SimpleNamespace(count=lambda _: 0))

    work = Job(project=one, call=saves, redo=lambda _: saves(), settings="", files_of=lambda _: [made])
    states = [run_jobs([work], workers=1, output=tmp_path, resume=resume)[0].state for resume in (False, True, True)]
    assert states == ["done", "done", "unchanged"]


def test_the_content_of_files_that_options_name_counts(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (one,) = songs(tmp_path / "songs", "One")
    profile = tmp_path / "mine.toml"
    shutil.copy(Path(profiles.__file__).with_name("mix-prep.toml"), profile)
    arguments = [str(one), "-o", str(tmp_path / "out"), "--profile", str(profile), "--resume"]
    states = []
    for text in ("", "", "# another"):
        profile.write_text(profile.read_text() + text)
        states.append(render(arguments, capsys)[1]["projects"][0]["state"])
    assert states == ["done", "unchanged", "done"]


def test_what_is_unchanged_fails_on_the_severity_that_is_asked_for_now(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (one,) = songs(tmp_path / "songs", "One")
    arguments = [str(one), "-o", str(tmp_path / "out"), "--resume"]
    codes = {level: render([*arguments, "--fail-on", level], capsys) for level in ("note", "error", "never")}
    assert [told["projects"][0]["state"] for _, told in codes.values()] == ["done", "unchanged", "unchanged"]
    counts = codes["note"][1]["projects"][0]["report"]["counts"]
    assert counts["note"] + counts["warning"] > 0
    assert [code for code, _ in codes.values()] == [1, int(counts["error"] > 0), 0]
    assert render([*arguments, "--fail-on", "note"], capsys)[0] == 1


def test_a_link_that_leads_back_is_not_followed(tmp_path: Path) -> None:
    (one,) = songs(tmp_path / "songs", "One")
    (tmp_path / "songs" / "again").symlink_to(tmp_path / "songs")
    assert find_projects([tmp_path / "songs"], output=tmp_path / "out") == [one]
