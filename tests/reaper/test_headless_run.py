"""Running a program: limits, what is left of it, and a project that changes meanwhile."""

from __future__ import annotations

import errno
import os
import sys
from pathlib import Path
from typing import Any

import psutil
import pytest

from stemkit.errors import EngineError
from stemkit.reaper import headless_clean, headless_run
from stemkit.reaper.headless_clean import pass_file, sweep_passes
from stemkit.reaper.headless_run import Limits, end_tree, run_reaper
from stemkit.render.atomic import this_computer
from tests.fakereaper.songs import write_song
from tests.reaper.headless_songs import engine, planned

LIMITS = Limits(start_s=10.0, stall_s=5.0, slowest=2.0)
needs_shell = pytest.mark.skipif(os.name != "posix", reason="the programs of these tests are shell scripts")


@pytest.mark.parametrize(
    ("size", "still_s", "running_s", "end"),
    [
        (0, 9.0, 9.0, None),
        (0, 11.0, 11.0, "no start"),
        (1, 4.0, 60.0, None),
        (1, 6.0, 20.0, "stall"),
        (1, 0.1, 69.0, None),  # 10 s to start, and twice the song of 30 s
        (1, 0.1, 71.0, "too long"),
    ],
)
def test_when_it_is_too_late(size: int, still_s: float, running_s: float, end: str | None) -> None:
    watch = headless_run._Watch(None, Path(), LIMITS, 30.0, lambda: False, lambda _: None)  # type: ignore[arg-type]
    assert watch._too_late(size, still_s, running_s) == end


def ran(command: list[str], folder: Path, **options: Any) -> headless_run.Outcome:
    folder.mkdir()
    settings: dict[str, Any] = {
        "limits": LIMITS, "length_s": 1.0, "is_complete": lambda: False, "on_bytes": lambda _: None
    }  # fmt: skip
    return run_reaper(command, folder, **(settings | options))


@needs_shell
def test_what_a_program_says_and_returns_is_kept(tmp_path: Path) -> None:
    outcome = ran(["/bin/sh", "-c", "echo first; echo cannot open display >&2; echo; exit 7"], tmp_path / "out")
    assert (outcome.end, outcome.code, outcome.said) == ("exit", 7, "cannot open display")


def test_a_program_that_cannot_be_started(tmp_path: Path) -> None:
    with pytest.raises(EngineError, match="cannot be started"):
        ran([str(tmp_path / "none")], tmp_path / "out")


@needs_shell
def test_bytes_are_counted_and_a_stall_ends_the_program_and_its_children(tmp_path: Path) -> None:
    pids = tmp_path / "pids"
    script = (
        f"trap '' TERM; sleep 300 & echo $! $$ > {pids}; printf abc > {tmp_path / 'out' / 'a.wav'}; wait; sleep 300"
    )
    seen: list[int] = []
    outcome = ran(
        ["/bin/sh", "-c", script], tmp_path / "out", limits=Limits(start_s=60.0, stall_s=0.3), on_bytes=seen.append
    )
    assert (outcome.end, outcome.code, seen[-1]) == ("stall", None, 3)
    left = [int(pid) for pid in pids.read_text().split()]
    assert [pid for pid in left if psutil.pid_exists(pid) and psutil.Process(pid).status() != "zombie"] == []


@needs_shell
def test_what_is_complete_is_no_stall(tmp_path: Path) -> None:
    script = f"printf abc > {tmp_path / 'out' / 'a.wav'}; sleep 300"
    limits = Limits(start_s=60.0, stall_s=0.3)
    outcome = ran(["/bin/sh", "-c", script], tmp_path / "out", limits=limits, is_complete=lambda: True)
    assert (outcome.end, outcome.code) == ("exit", None)


def test_a_process_that_is_gone_is_ended_already() -> None:
    process = psutil.Popen([sys.executable, "-c", ""])
    process.wait(60)
    end_tree(process.pid)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return write_song(tmp_path / "song")


def test_ctrl_c_leaves_nothing(project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FAKEREAPER_TRAP", "overwrite")  # writes a byte and waits
    session, plan = planned(project)
    before = {path.name for path in project.parent.iterdir()}
    others = {child.pid for child in psutil.Process().children(recursive=True)}  # of other tests
    started: list[psutil.Process] = []

    def interrupt(_: float, doing: str) -> None:
        assert doing == "REAPER renders proof mix"
        started.extend(child for child in psutil.Process().children(recursive=True) if child.pid not in others)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        engine(tmp_path / "reaper").render(session, plan, tmp_path / "staging", progress=interrupt)
    assert {path.name for path in project.parent.iterdir()} == before
    assert started
    assert psutil.wait_procs(started, timeout=30)[1] == []


def test_a_project_that_changes_meanwhile_is_told(project: Path, tmp_path: Path) -> None:
    session, plan = planned(project)

    def save(_: float, __: str) -> None:
        with project.open("ab") as stream:
            stream.write(b"\r\n")

    with pytest.raises(EngineError, match=r"Song\.rpp was changed while it was rendered"):
        engine(tmp_path / "reaper").render(
            session, plan, tmp_path / "staging", keys=frozenset({"proof_mix"}), progress=save
        )


def test_a_project_that_changed_since_it_was_planned_is_told(project: Path, tmp_path: Path) -> None:
    session, plan = planned(project)
    project.write_bytes(project.read_bytes().replace(b"NAME Kick", b"NAME Kack"))
    with pytest.raises(EngineError, match="changed since it was planned"):
        engine(tmp_path / "reaper").render(session, plan, tmp_path / "staging")


@pytest.mark.parametrize("number", [errno.EACCES, errno.EROFS])
def test_a_folder_that_takes_no_copy_is_named(
    number: int, project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    session, plan = planned(project)

    def refuse(path: str, _: int) -> int:
        raise OSError(number, os.strerror(number), path)

    monkeypatch.setattr(headless_clean, "_private", refuse)
    with pytest.raises(EngineError, match=r"a temporary copy of Song\.rpp in its folder, where nobody may write"):
        engine(tmp_path / "reaper").render(session, plan, tmp_path / "staging")


@needs_shell
def test_what_outlives_the_program_is_ended(tmp_path: Path) -> None:
    """A REAPER that crashes leaves the bridges of its plug-ins, which then have another parent."""
    pid = tmp_path / "pid"
    assert ran(["/bin/sh", "-c", f"sleep 300 & echo $! > {pid}; exit 1"], tmp_path / "out").code == 1
    left = int(pid.read_text())
    assert not psutil.pid_exists(left) or psutil.Process(left).status() == "zombie"


@needs_shell
def test_a_program_that_ended_is_not_ended_by_its_number(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ended: list[int] = []
    monkeypatch.setattr(headless_run, "end_tree", ended.append)
    assert ran(["/bin/sh", "-c", "exit 3"], tmp_path / "out").code == 3
    assert ended == []


@needs_shell
def test_a_pass_is_private_and_its_owners_only(tmp_path: Path) -> None:
    with pass_file(tmp_path / "Song.rpp", b"lines") as path:
        assert path.stat().st_mode & 0o077 == 0
        assert sweep_passes(tmp_path) == []
        assert path.read_bytes() == b"lines"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the beginning of a process does not follow the clock")
@pytest.mark.parametrize("hours", [-24, 24])
def test_a_clock_that_is_set_makes_no_run_dead(hours: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """On Linux psutil adds up the clock's time of the machine's start, which moves when the clock is set."""
    before = psutil.Process.create_time
    with pass_file(tmp_path / "Song.rpp", b"lines") as path:
        monkeypatch.setattr(psutil.Process, "create_time", lambda process: before(process) + 3600 * hours)
        assert sweep_passes(tmp_path) == []
        assert path.is_file()


@needs_shell
def test_a_number_that_was_given_again_protects_no_pass(tmp_path: Path) -> None:
    left = tmp_path / f".stemkit-pass-{this_computer()}-{os.getppid()}-{'0' * 16}.rpp"
    left.write_bytes(b"of an earlier process")
    assert sweep_passes(tmp_path) == [left]


@needs_shell
def test_what_another_user_left_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    left = tmp_path / f".stemkit-pass-{this_computer()}-{2**22 + 1}-0123456789abcdef.rpp"
    left.write_bytes(b"theirs")
    mine = os.getuid()
    monkeypatch.setattr(os, "getuid", lambda: mine + 1)
    assert sweep_passes(tmp_path) == []
    assert left.exists()
    monkeypatch.setattr(os, "getuid", lambda: mine)
    assert sweep_passes(tmp_path) == [left]
