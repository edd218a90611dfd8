"""Faults of the world around, in every command: one sentence, the right exit code, sources as they were, nothing half."""

from __future__ import annotations

import errno
import os
import resource
import shutil
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from stemkit.cli.entry import run
from tests.faults.songs import COMMANDS, demand_whole, song, unchanged, write_stems

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

WRITING = ("render", "deliver", "fix")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A song, a folder of stems and a package, made once; every test takes a copy."""
    folder = tmp_path_factory.mktemp("made")
    assert run(["deliver", str(song(folder / "song")), "-o", str(folder / "packages"), "--force", "--quiet"]) in {0, 1}
    write_stems(folder / "stems")
    return folder


@pytest.fixture
def place(made: Path, tmp_path: Path) -> Path:
    shutil.copytree(made, tmp_path / "in")
    return tmp_path


def _arguments(command: str, place: Path, out: Path | None = None) -> list[str]:
    inner = place / "in"
    places = {
        "song": inner / "song" / "Song.rpp",
        "stems": inner / "stems",
        "package": inner / "packages" / "Song",
        "out": place / "out" if out is None else out,
    }
    return [*(argument.format(**places) for argument in COMMANDS[command]), "--quiet"]


def _demand_calm(code: int, errors: str, *allowed: int) -> None:
    assert code in allowed, errors
    assert "Traceback" not in errors
    assert "a fault in stemkit itself" not in errors
    if code >= 2:
        assert len([line for line in errors.splitlines() if line.strip()]) == 1, errors


class _Harm:
    """Does something to a file when it is opened for the n-th time, by whatever in this process opens it."""

    watching: _Harm | None = None

    def __init__(self, path: Path, nth: int, do: Callable[[Path], None]) -> None:
        self._path, self._nth, self._do = str(path), nth, do
        self.opened = 0

    def saw(self, path: Any) -> None:
        if isinstance(path, (str, os.PathLike)) and os.fspath(path) == self._path:
            self.opened += 1
            if self.opened == self._nth:
                type(self).watching = None
                self._do(Path(self._path))


def _hook(event: str, arguments: tuple[Any, ...]) -> None:
    if event == "open" and _Harm.watching is not None:
        _Harm.watching.saw(arguments[0])


sys.addaudithook(_hook)  # there is no way to take it away; it does nothing while nobody watches


@contextmanager
def harmed(path: Path, nth: int, do: Callable[[Path], None]) -> Iterator[_Harm]:
    harm = _Harm(path, nth, do)
    _Harm.watching = harm
    try:
        yield harm
    finally:
        _Harm.watching = None


def _cut(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 3)


def _empty(path: Path) -> None:
    os.truncate(path, 0)


def _grow(path: Path) -> None:
    with path.open("ab") as stream:
        stream.write(bytes(5000))


def _become_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def _become_text(path: Path) -> None:
    path.write_bytes(b"not what it was\n" * 50)


HARMS: dict[str, Callable[[Path], None]] = {
    "vanishes": Path.unlink,
    "is cut short": _cut,
    "is emptied": _empty,
    "grows": _grow,
    "becomes a folder": _become_folder,
    "becomes text": _become_text,
}
VICTIMS = {
    "render": "song/media/a.wav",
    "deliver": "song/media/b.wav",
    "check": "stems/02_Bass.wav",
    "fix": "stems/01_Kick.wav",
    "verify": "packages/Song/Stems/01_Kick.wav",
}


@pytest.mark.parametrize("harm", HARMS)
@pytest.mark.parametrize("command", VICTIMS)
def test_a_file_that_changes_while_it_is_read(
    command: str, harm: str, place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    victim = place / "in" / VICTIMS[command]
    for nth in (1, 3):
        shutil.rmtree(place / "out", ignore_errors=True)
        before = victim.read_bytes()
        with harmed(victim, nth, HARMS[harm]) as seen:
            code = run(_arguments(command, place))
        _demand_calm(code, capsys.readouterr().err, 0, 1, 2, 3)
        if seen.opened < nth:
            assert nth > 1, "the command never opened the file"
            break
        demand_whole(place / "out")
        if victim.is_dir():
            victim.rmdir()
        victim.write_bytes(before)


@contextmanager
def _limited_files(most: int) -> Iterator[None]:
    """Let no file grow beyond a size, as a full disk would: every write after that fails, in C as in Python."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (most, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.mark.parametrize("most", [0, 5000, 200_000])
@pytest.mark.parametrize("command", WRITING)
def test_a_disk_that_takes_no_more(command: str, most: int, place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with unchanged(place / "in"):
        with _limited_files(most):
            code = run(_arguments(command, place))
        _demand_calm(code, capsys.readouterr().err, 2, 3)
    assert [path for path in (place / "out").rglob("*") if path.is_file()] == []
    assert run(_arguments(command, place)) in {0, 1}  # the same call does its work once there is room
    demand_whole(place / "out")
    assert [path.name for path in place.rglob(".stemkit*")] == []
    assert [path.name for path in place.rglob(".*stemkit-part")] == []


@pytest.mark.parametrize("command", WRITING)
def test_a_disk_that_refuses_the_last_step(
    command: str, place: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with unchanged(place / "in"):
        with monkeypatch.context() as patched:
            patched.setattr(Path, "replace", full)
            code = run(_arguments(command, place))
        _demand_calm(code, capsys.readouterr().err, 2, 3)
    demand_whole(place / "out")


def _no_place(place: Path, kind: str) -> Path:
    if kind == "a file is in the way":
        (place / "file").write_text("mine")
        return place / "file" / "out"
    if kind == "the path is too long":
        return place / "/".join(["d" * 200] * 25)
    if kind == "the name is too long":
        return place / ("n" * 300)
    if kind == "a loop of links":
        (place / "loop").symlink_to(place / "loop")
        return place / "loop" / "out"
    return Path("/sys/stemkit-test/out")  # where even root may not make a folder


@pytest.mark.parametrize(
    "kind",
    ["a file is in the way", "the path is too long", "the name is too long", "a loop of links", "nobody may write"],
)
@pytest.mark.parametrize("command", WRITING)
def test_a_place_where_nothing_can_be_written(
    command: str, kind: str, place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    if kind == "nobody may write" and not Path("/sys").is_dir():
        pytest.skip("this system has no folder that nobody may write to")
    out = _no_place(place, kind)
    with unchanged(place / "in"):
        code = run(_arguments(command, place, out))
    _demand_calm(code, capsys.readouterr().err, 2, 3)


@pytest.mark.parametrize("now", [-1e9, 0.0, 1e9, 4.5e9, 2e10], ids=["1938", "1970", "2001", "2112", "2603"])
def test_a_clock_that_is_wrong(
    now: float, place: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with unchanged(place / "in"), monkeypatch.context() as patched:
        patched.setattr(time, "time", lambda: now)
        code = run(_arguments("deliver", place))
        _demand_calm(code, capsys.readouterr().err, 0, 1)
        assert run(["verify", str(place / "out" / "Song.zip"), "--quiet"]) in {0, 1}
    demand_whole(place / "out")


@pytest.mark.parametrize("told", ["99999999999999999999", "4354819200", "0", "²", "-5", "x"])
def test_a_fixed_time_that_makes_no_sense(
    told: str, place: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", told)
    code = run(_arguments("deliver", place))
    _demand_calm(code, capsys.readouterr().err, 0, 1)
