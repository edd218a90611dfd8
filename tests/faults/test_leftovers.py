"""What a run that was ended leaves behind, and what the next run makes of it."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import psutil
import pytest

from stemkit.delivery import building
from stemkit.delivery.building import building_folder, publish
from stemkit.errors import InputError
from stemkit.render.atomic import part_file, staging_folder, start_of, sweep, this_computer

DEAD = 2**22 + 1  # above the highest number that Linux gives


def test_a_part_of_a_dead_run_is_swept_where_the_next_file_appears(tmp_path: Path) -> None:
    left = tmp_path / f".stemkit-{this_computer()}-{DEAD}-01234567-part"
    left.write_bytes(b"half")
    with part_file(tmp_path / "report.html") as stream:
        stream.write(b"whole")
    assert [path.name for path in tmp_path.iterdir()] == ["report.html"]


def test_what_an_earlier_process_of_the_same_number_left_is_swept(tmp_path: Path) -> None:
    """In a container every run may have the number 1."""
    (tmp_path / f".stemkit-{this_computer()}-{os.getpid()}-01234567-staging").mkdir()
    with staging_folder(tmp_path) as own:
        assert list(tmp_path.iterdir()) == [own]
        assert sweep(tmp_path) == []


def test_what_another_computer_left_is_not_swept(tmp_path: Path) -> None:
    """In a shared folder the processes of other computers cannot be seen, and theirs may still be running."""
    (tmp_path / f".stemkit-00000000-{DEAD}-01234567-staging").mkdir()
    (tmp_path / f".stemkit-00000000-{DEAD}-01234567-part").write_bytes(b"half")
    assert sweep(tmp_path) == []
    assert len(list(tmp_path.iterdir())) == 2


def test_nobody_else_can_look_into_a_staging_folder(tmp_path: Path) -> None:
    if os.name == "nt":
        pytest.skip("Windows has no such modes")
    with staging_folder(tmp_path) as folder:
        assert folder.stat().st_mode & 0o077 == 0


def test_what_cannot_be_swept_stops_nobody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    left = tmp_path / f".stemkit-{this_computer()}-{DEAD}-01234567-part"
    left.write_bytes(b"half")

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(Path, "unlink", refuse)
    assert sweep(tmp_path) == []


def _state(tmp_path: Path, **facts: object) -> Path:
    hidden = tmp_path / ".Song.stemkit-part"
    hidden.mkdir()
    (hidden / ".stemkit-state.json").write_text(json.dumps({"fingerprint": "a", "rendered": None, **facts}))
    return tmp_path / "Song"


def test_a_package_of_a_live_run_is_left_to_it(tmp_path: Path) -> None:
    parent = psutil.Process().parent()
    assert parent is not None
    target = _state(tmp_path, pid=parent.pid, start=start_of(parent.pid))
    with pytest.raises(InputError, match="another run right now"), building_folder(target, "a"):
        pass


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the beginning of a process does not follow the clock")
def test_a_clock_that_is_set_frees_no_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    parent = psutil.Process().parent()
    assert parent is not None
    target = _state(tmp_path, pid=parent.pid, start=start_of(parent.pid))
    monkeypatch.setattr(psutil.Process, "create_time", lambda _: 3600.0)
    with pytest.raises(InputError, match="another run right now"), building_folder(target, "a"):
        pass


def test_a_package_that_another_computer_builds_is_left_to_it(tmp_path: Path) -> None:
    target = _state(tmp_path, host="00000000", pid=DEAD, start="0 1")
    with (
        pytest.raises(InputError, match=r"on another computer.* or remove .*\.Song\.stemkit-part"),
        building_folder(target, "a"),
    ):
        pass
    assert (tmp_path / ".Song.stemkit-part" / ".stemkit-state.json").is_file()


@pytest.mark.parametrize("pid", [DEAD, 0, -1, 10**30, "x", None], ids=str)
def test_a_state_of_nobody_is_no_lock(pid: object, tmp_path: Path) -> None:
    with building_folder(_state(tmp_path, pid=pid), "a"):
        pass


def test_a_number_that_was_given_again_is_no_lock(tmp_path: Path) -> None:
    """After a restart of the machine another program may have the number of the run that was killed."""
    parent = psutil.Process().parent()
    assert parent is not None
    with building_folder(_state(tmp_path, pid=parent.pid, start="0 1234"), "a") as got:
        assert got.folder.is_dir()


def test_an_earlier_package_gets_its_name_back(tmp_path: Path) -> None:
    """The run was ended between putting the earlier package aside and naming the new one."""
    (tmp_path / ".Song.stemkit-old").mkdir()
    (tmp_path / ".Song.stemkit-old" / "manifest.json").write_text("earlier")
    with pytest.raises(ZeroDivisionError), building_folder(tmp_path / "Song", "a"):
        raise ZeroDivisionError
    assert (tmp_path / "Song" / "manifest.json").read_text() == "earlier"
    with building_folder(tmp_path / "Song", "a") as got:
        (got.folder / "manifest.json").write_text("new")
        publish(got, tmp_path / "Song", overwrite=True)
    assert (tmp_path / "Song" / "manifest.json").read_text() == "new"
    assert [path.name for path in tmp_path.iterdir()] == ["Song"]


def test_of_two_that_begin_at_one_time_one_gets_the_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both looked and saw nobody; the other one was quicker to put its folder there."""
    parent = psutil.Process().parent()
    assert parent is not None
    looked = building._state

    def slow(folder: Path) -> dict[str, object] | None:
        seen = looked(folder)
        if not folder.exists():
            _state(tmp_path, pid=parent.pid, start=start_of(parent.pid))
            (folder / "theirs.wav").write_bytes(b"theirs")
        return seen

    monkeypatch.setattr(building, "_state", slow)
    with pytest.raises(InputError, match="by another run right now"), building_folder(tmp_path / "Song", "a"):
        pass
    assert sorted(path.name for path in tmp_path.rglob("*")) == [
        ".Song.stemkit-part", ".stemkit-state.json", "theirs.wav",
    ]  # fmt: skip


@pytest.mark.parametrize("taken", [True, False])
def test_what_a_dead_run_left_goes_to_one_run_only(
    taken: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = _state(tmp_path, pid=DEAD, start="0 1")
    looked, calls = building._state, []

    def slow(folder: Path) -> dict[str, object] | None:
        seen = looked(folder)
        calls.append(folder)
        if taken and len(calls) == 1:  # between the first look and the move, the other run takes it
            (folder / ".stemkit-state.json").write_text(json.dumps({"pid": DEAD, "start": "0 2"}))
        return seen

    monkeypatch.setattr(building, "_state", slow)
    if taken:
        with pytest.raises(InputError, match="by another run right now"), building_folder(target, "a"):
            pass
        assert (tmp_path / ".Song.stemkit-part").is_dir()
    else:
        with building_folder(target, "a") as got:
            assert looked(got.folder) == {"fingerprint": "a", **building._this_process(), "rendered": None}


def test_a_package_that_cannot_get_its_name_leaves_the_earlier_one(tmp_path: Path) -> None:
    (tmp_path / "Song").mkdir()
    (tmp_path / "Song" / "manifest.json").write_text("earlier")
    with pytest.raises(FileNotFoundError), building_folder(tmp_path / "Song", "a") as got:
        got.folder.rename(tmp_path / "elsewhere")
        publish(got, tmp_path / "Song", overwrite=True)
    assert (tmp_path / "Song" / "manifest.json").read_text() == "earlier"
