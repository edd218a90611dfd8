"""Every trap of an unattended REAPER ends in a message that names it, with exit code 3 and nothing left behind."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil
import pytest

from stemkit.cli.entry import run
from stemkit.reaper.headless_clean import pass_file, sweep_passes
from stemkit.reaper.headless_run import LIMIT_VARIABLES
from tests.fakereaper.command import install
from tests.fakereaper.running import ROOT
from tests.fakereaper.songs import write_song
from tests.reaper.headless_songs import add_scripts

if TYPE_CHECKING:
    from collections.abc import Iterator


class Box:
    """A song, a pretend REAPER, and the state of both before."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.project = write_song(folder / "song")
        self.program = install(folder / "reaper")
        add_scripts(folder / "reaper")
        self.out, self.log = folder / "out", folder / "log.jsonl"
        self._monkeypatch = monkeypatch
        self.set(FAKEREAPER_LOG=str(self.log))
        self.limits()
        self.before = self.song()

    def set(self, **variables: str) -> None:
        for name, value in variables.items():
            self._monkeypatch.setenv(name, value)

    def limits(self, *, start_s: float = 120.0, stall_s: float = 120.0) -> None:
        self.set(**{LIMIT_VARIABLES["start_s"]: str(start_s), LIMIT_VARIABLES["stall_s"]: str(stall_s)})

    def song(self) -> dict[str, bytes]:
        return {path.name: path.read_bytes() for path in self.project.parent.iterdir()}

    def arguments(self, *more: str) -> list[str]:
        head = ["render", str(self.project), "-o", str(self.out), "--engine", "reaper", "--reaper", str(self.program)]
        return [*head, "--tail", "none", "--ignore", "SK206,SK4", "--quiet", *more]

    def events(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.log.read_text().splitlines()] if self.log.exists() else []

    def assert_nothing_left(self) -> None:
        assert [pid for pid in {event["pid"] for event in self.events()} if is_alive(pid)] == []
        assert self.song() == self.before
        assert not list(self.out.rglob("*") if self.out.exists() else [])


def is_alive(pid: int) -> bool:
    try:
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


@pytest.fixture
def box(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Box:
    return Box(tmp_path, monkeypatch)


HANGS = [  # trap, what the message has to say
    ("missing media", "missing media"),
    ("nothing to render", '"Nothing to render!"'),
    ("slow start", "slow start"),
]
ENDS = [
    ("crash", "crashed half-way (SIGSEGV"),
    ("truncated", "truncated"),
    ("exit 0 on failure", "ended with code 0, which says nothing, and wrote no file"),
]


@pytest.mark.parametrize(("trap", "message"), HANGS)
def test_what_hangs_before_the_first_byte(
    trap: str, message: str, box: Box, capsys: pytest.CaptureFixture[str]
) -> None:
    box.set(FAKEREAPER_TRAP=trap)
    box.limits(start_s=1.0)
    assert run(box.arguments()) == 3
    told = capsys.readouterr().err
    assert message in told
    assert re.search(r"it wrote nothing for \d+ s and was ended", told)
    assert "LF line ends" not in told
    assert "evaluation" not in told  # there is a licence
    box.assert_nothing_left()


def test_the_evaluation_reminder(box: Box, capsys: pytest.CaptureFixture[str]) -> None:
    (box.program.parent / "reaper-license.rk").unlink()
    box.set(FAKEREAPER_TRAP="nag")
    box.limits(start_s=1.0)
    assert run(box.arguments()) == 3
    told = capsys.readouterr().err
    assert "likeliest first: no licence (reaper-license.rk) lies in" in told
    assert "evaluation reminder" in told
    assert box.events()[-1]["text"] == "About REAPER: still evaluating"
    box.assert_nothing_left()


def test_a_project_with_lf_line_ends(box: Box, capsys: pytest.CaptureFixture[str]) -> None:
    box.project.write_bytes(box.project.read_bytes().replace(b"\r\n", b"\n"))
    box.before = box.song()
    box.set(FAKEREAPER_TRAP="lf")
    box.limits(start_s=1.0)
    assert run(box.arguments()) == 3
    told = capsys.readouterr().err
    assert "likeliest first: the project has LF line ends, at which REAPER on macOS was seen to stall" in told
    box.assert_nothing_left()


def test_a_modal_about_files_that_exist(box: Box, capsys: pytest.CaptureFixture[str]) -> None:
    box.set(FAKEREAPER_TRAP="overwrite")
    box.limits(stall_s=1.0)
    assert run(box.arguments()) == 3
    assert '"Files already exist"' in capsys.readouterr().err
    assert box.events()[-1]["text"] == "Files already exist"
    box.assert_nothing_left()


@pytest.mark.parametrize(("trap", "message"), ENDS)
def test_what_ends_without_its_files(trap: str, message: str, box: Box, capsys: pytest.CaptureFixture[str]) -> None:
    box.set(FAKEREAPER_TRAP=trap)
    assert run(box.arguments()) == 3
    assert message in capsys.readouterr().err
    box.assert_nothing_left()


def test_exit_code_1_on_success_and_a_slow_start_are_no_failure(box: Box) -> None:
    box.set(FAKEREAPER_TRAP="exit 1 on success", FAKEREAPER_DELAY_S="0.5")
    assert run(box.arguments("--include", "Kick")) in {0, 1}
    assert [path.name for path in (box.out / "Stems").iterdir()] == ["01_Kick.wav"]
    assert box.song() == box.before


def test_a_reaper_that_does_not_end_after_its_files_is_ended(box: Box, capsys: pytest.CaptureFixture[str]) -> None:
    box.set(FAKEREAPER_TRAP="never ends")
    box.limits(stall_s=4.0)
    (box.project.parent / "stemkit.toml").write_text("")
    box.before = box.song()
    code = run(box.arguments("--include", "Kick"))
    assert code in {0, 1}, capsys.readouterr().err
    assert not any(is_alive(event["pid"]) for event in box.events())


def test_missing_media_is_found_before_the_start(box: Box, capsys: pytest.CaptureFixture[str]) -> None:
    (box.project.parent / "Kick.wav").unlink()
    box.before = box.song()
    assert run(box.arguments()) == 3
    told = capsys.readouterr().err
    assert "02_Kick (media is missing: Kick.wav)" in told
    assert box.events() == []
    box.assert_nothing_left()


def test_what_is_missing_is_left_out_on_request_and_reaper_is_not_asked_for_it(
    box: Box, capsys: pytest.CaptureFixture[str]
) -> None:
    """The item is empty in the copy, or the stand-in would open its dialog; no mix is whole without it."""
    (box.project.parent / "Kick.wav").unlink()
    box.before = box.song()
    code = run(box.arguments("--skip-impossible", "--include", "Kick", "--include", "Vox", "--bypass-fx"))
    told = capsys.readouterr()
    assert code in {0, 1}, told.err
    assert "Left out: 01_Kick: media is missing: Kick.wav." in told.out
    assert "Approximate: 02_Vox: dry: 1 effect bypassed." in told.out
    assert [path.name for path in box.out.rglob("*.wav")] == ["02_Vox.wav"]
    assert "dialog" not in {event["event"] for event in box.events()}
    assert box.song() == box.before


def test_a_missing_plug_in_is_found_before_the_start(box: Box, capsys: pytest.CaptureFixture[str]) -> None:
    (box.program.parent / "Effects" / "stemkit_gain_-12").unlink()
    assert run(box.arguments()) == 3
    told = capsys.readouterr().err
    assert "this REAPER does not have stemkit_gain_-12" in told
    assert box.events() == []
    box.assert_nothing_left()


def test_a_writing_track_is_refused(box: Box, capsys: pytest.CaptureFixture[str]) -> None:
    box.project.write_bytes(box.project.read_bytes().replace(b"NAME Vox", b"NAME Vox\r\nAUTOMODE 4"))
    box.before = box.song()
    assert run(box.arguments()) == 3
    assert "Vox is in latch mode" in capsys.readouterr().err
    assert box.events() == []
    box.assert_nothing_left()


def test_no_reaper_at_the_named_place(box: Box, capsys: pytest.CaptureFixture[str]) -> None:
    box.program = box.program.with_name("nothing")
    assert run(box.arguments()) == 3
    assert "is no REAPER; give --reaper" in capsys.readouterr().err


@pytest.fixture
def killed(box: Box) -> Iterator[tuple[Box, int]]:
    """A stemkit that was killed in the middle, and the number of the REAPER that it left running."""
    box.set(FAKEREAPER_TRAP="slow start")
    script = "import sys; from stemkit.cli.entry import run; sys.exit(run(sys.argv[1:]))"
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    with subprocess.Popen([sys.executable, "-c", script, *box.arguments()], env=environment) as process:
        end = time.monotonic() + 60
        while not box.events():
            assert time.monotonic() < end
            time.sleep(0.02)
        process.kill()
        assert process.wait(10) == -signal.SIGKILL
    box.set(FAKEREAPER_TRAP="")
    pid = box.events()[0]["pid"]
    yield box, pid
    if is_alive(pid):
        psutil.Process(pid).kill()


def test_after_kill_9_the_next_run_cleans_by_name_and_owner(killed: tuple[Box, int]) -> None:
    box, pid = killed
    folder = box.project.parent
    (left,) = folder.glob(".stemkit-pass-*.rpp")
    assert is_alive(pid)
    assert any(path.name.startswith(".stemkit-") for path in box.out.iterdir())
    host, number, token = left.stem.removeprefix(".stemkit-pass-").split("-")
    with pass_file(box.project, b"") as own:
        mine = own.name
    others = [
        mine,  # of a run that goes on
        f".stemkit-pass-{'0' * 8}-{number}-{token}.rpp",  # of another computer
        f"stemkit-pass-{host}-{number}-{token}.rpp",
        ".stemkit-pass-notes.rpp",
    ]
    for name in others:
        (folder / name).write_text("somebody's")
    assert run(box.arguments("--include", "Kick")) in {0, 1}
    assert {path.name for path in folder.iterdir()} == {*box.before, *others}
    assert not is_alive(pid)
    assert sorted(path.name for path in box.out.iterdir()) == ["Mix", "Stems"]
    assert sweep_passes(folder) == []
