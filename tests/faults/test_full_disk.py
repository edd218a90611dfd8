"""A disk that is really full: a small file system in memory, with too little room or too few files."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest

from stemkit.cli.entry import run
from tests.faults.songs import COMMANDS, demand_whole, song, unchanged, write_stems

if TYPE_CHECKING:
    from collections.abc import Iterator

WRITING = {
    **{name: COMMANDS[name] for name in ("render", "deliver", "fix")},
    "report": ["check", "{stems}", "--report", "{out}/page.html"],
}
# Each command writes between 0.3 and 6 MB here; the last one has room enough, but for four files and folders only.
DISKS = ("size=16k", "size=300k", "size=600k", "size=1m", "size=2m", "size=3m", "size=64m,nr_inodes=5")


@pytest.fixture(scope="module")
def inputs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("full")
    song(folder / "song")
    write_stems(folder / "stems")
    return folder


@pytest.fixture
def disk(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Path]:
    place = tmp_path / "disk"
    place.mkdir()
    if shutil.which("mount") is None or os.name != "posix":
        pytest.skip("this system mounts no file system in memory")
    made = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", request.param, "stemkit-test", place],
        check=False,
        capture_output=True,
        text=True,
    )
    if made.returncode:
        pytest.skip(f"nobody may mount a file system here ({made.stderr.strip()})")
    try:
        yield place
    finally:
        subprocess.run(["umount", place], check=True)


@pytest.mark.parametrize("foreseen", [True, False], ids=["foreseen", "filled meanwhile"])
@pytest.mark.parametrize("disk", DISKS, indirect=True)
@pytest.mark.parametrize("command", WRITING)
def test_a_full_disk(
    command: str,
    disk: Path,
    foreseen: bool,
    inputs: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """It fits, or the answer is a sentence; nothing half has a final name, and nothing hidden takes the room away."""
    if not foreseen:  # somebody else fills the disk after stemkit asked how much is free
        monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(total=1 << 40, used=0, free=1 << 40))
    places = {"song": inputs / "song" / "Song.rpp", "stems": inputs / "stems", "out": disk / "out"}
    with unchanged(inputs):
        code = run([*(word.format(**places) for word in WRITING[command]), "--quiet"])
    told = capsys.readouterr().err
    assert "Traceback" not in told
    assert "a fault in stemkit itself" not in told
    demand_whole(disk / "out")
    if code in {0, 1}:
        return
    assert code in {2, 3}, told
    assert len([line for line in told.splitlines() if line.strip()]) == 1, told
    assert re.search(r"is full|make room|has .* free|the disk has room", told), told
    left = [path.relative_to(disk).as_posix() for path in disk.rglob("*") if path.is_file()]
    if "was delivered and is whole, but its zip" in told:  # the package has room, and says that it is there
        assert "out/Song/SHA256SUMS" in left
        assert not any(path.endswith(".zip") or "stemkit" in path for path in left)
    else:
        assert left == []


def test_room_is_enough_in_one_and_not_in_another(
    inputs: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The sizes above lie on both sides of what a delivery needs."""
    out = tmp_path / "out"
    assert run(["render", str(inputs / "song" / "Song.rpp"), "-o", str(out), "--quiet"]) in {0, 1}
    needed = sum(path.stat().st_size for path in out.rglob("*") if path.is_file())
    assert 300 << 10 < needed < 3 << 20
