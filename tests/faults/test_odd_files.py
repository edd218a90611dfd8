"""Files that are no ordinary files, where only ordinary ones belong."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from stemkit.cli.entry import run
from tests.faults.songs import hashes, song, write_stems
from tests.fuzz.delivery_targets import TARGETS


@pytest.mark.parametrize("name", ["SHA256SUMS", "manifest.json"])
def test_a_pipe_in_a_package_is_not_waited_for(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    if not hasattr(os, "mkfifo"):
        pytest.skip("this system has no named pipes")
    package = tmp_path / "Song"
    package.mkdir()
    manifest = next(target for target in TARGETS if target.name == "manifest").seeds()[1]
    (package / "manifest.json").write_bytes(manifest)
    (package / "SHA256SUMS").write_text("")
    (package / name).unlink()
    os.mkfifo(package / name)
    assert run(["verify", str(package), "--quiet"]) in {1, 2}
    assert "Traceback" not in capsys.readouterr().err


def test_what_appeared_during_a_render_is_not_replaced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Another run wrote the same names while this one rendered, and nobody said --overwrite."""
    from stemkit.app import render as module

    finish = module._finish_all
    theirs = tmp_path / "out" / "Stems" / "01_Kick.wav"

    def slow(*arguments: Any, **known: Any) -> Any:
        theirs.parent.mkdir(parents=True)
        theirs.write_bytes(b"theirs")
        return finish(*arguments, **known)

    monkeypatch.setattr(module, "_finish_all", slow)
    assert run(["render", str(song(tmp_path / "in")), "-o", str(tmp_path / "out"), "--quiet"]) == 2
    assert "already holds 01_Kick.wav" in capsys.readouterr().err
    assert hashes(tmp_path / "out").keys() == {"Stems/01_Kick.wav"}
    assert theirs.read_bytes() == b"theirs"


def test_a_copy_that_appeared_during_a_fix_is_not_replaced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from stemkit.delivery import fix_copy as module

    look = module.stamps

    def slow(source: Path) -> dict[str, tuple[int, int]]:
        (tmp_path / "out").mkdir(exist_ok=True)
        (tmp_path / "out" / "theirs.wav").write_bytes(b"theirs")
        return look(source)

    monkeypatch.setattr(module, "stamps", slow)
    assert run(["fix", str(write_stems(tmp_path / "stems")), "-o", str(tmp_path / "out"), "--quiet"]) == 2
    assert "exists already" in capsys.readouterr().err
    assert hashes(tmp_path / "out").keys() == {"theirs.wav"}


@pytest.mark.parametrize(
    "kind", ["pipe", "pipe without an ending", "link to nowhere", "loop", "link to a device", "folder"]
)
@pytest.mark.parametrize("command", ["check", "fix"])
def test_odd_things_among_the_stems(
    command: str, kind: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    stems = write_stems(tmp_path / "stems")
    odd = stems / ("03_Odd" if kind == "pipe without an ending" else "03_Odd.wav")
    if kind.startswith("pipe"):
        os.mkfifo(odd)
    elif kind == "folder":
        odd.mkdir()
    else:
        odd.symlink_to({"link to nowhere": stems / "gone", "loop": odd, "link to a device": Path("/dev/zero")}[kind])
    arguments = [command, str(stems), *(["-o", str(tmp_path / "out")] if command == "fix" else []), "--quiet"]
    assert run(arguments) in {0, 1}
    shown = capsys.readouterr()
    assert "a fault in stemkit itself" not in shown.err
    silent = kind == "folder" or (command, kind) == ("fix", "pipe without an ending")  # no stem, so nothing to fix
    assert "03_Odd" in shown.out or silent


NAMES = [
    "\N{FAMILY}\N{ZERO WIDTH JOINER}.wav",
    "\u202egnp.wav",
    "a\nb.wav",
    "n" * 251 + ".wav",
    "\udcff\udcfe.wav",
    "ﷺ.WAV",
    "e\u0301.wav",
]


def test_odd_names_among_the_stems(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    stems = write_stems(tmp_path / "stems")
    kick = (stems / "01_Kick.wav").read_bytes()
    for name in NAMES:
        (stems / name).write_bytes(kick)
    assert run(["check", str(stems), "--report", str(tmp_path / "page.html"), "--quiet"]) in {0, 1}
    assert run(["fix", str(stems), "-o", str(tmp_path / "out"), "--fix", "rename", "--quiet"]) in {0, 1}
    assert "a fault in stemkit itself" not in capsys.readouterr().err
    assert len(hashes(tmp_path / "out")) == len(hashes(stems))


def test_a_deep_folder_is_no_fault(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    deep = tmp_path.joinpath(*["d" * 60] * 40)
    deep.mkdir(parents=True)
    stems = shutil.copytree(write_stems(tmp_path / "near"), deep / "stems")  # libsndfile stops at 1,024 bytes of path
    assert run(["check", str(stems), "--quiet"]) in {0, 1}
    assert run(["fix", str(stems), "-o", str(deep / "out"), "--quiet"]) in {0, 1}
    assert "a fault in stemkit itself" not in capsys.readouterr().err


@pytest.mark.parametrize("gone", ["HOME", "PATH", "LANG", "TMPDIR"])
def test_a_bare_environment_is_no_fault(gone: str, tmp_path: Path) -> None:
    environment = {key: value for key, value in os.environ.items() if key != gone and not key.startswith("LC_")}
    if gone == "LANG":
        environment |= {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    if gone == "HOME":
        environment |= {"HOME": str(tmp_path / "nowhere"), "XDG_CACHE_HOME": str(tmp_path / "nowhere" / "cache")}
    stems = write_stems(tmp_path / "Stücke \N{CAT}")
    command = [sys.executable, "-m", "stemkit", "check", str(stems)]
    done = subprocess.run(command, env=environment, capture_output=True, check=False, timeout=300)
    assert done.returncode in {0, 1}, done.stderr
    assert b"Traceback" not in done.stderr


def test_a_closed_stdout_is_no_fault(tmp_path: Path) -> None:
    stems = write_stems(tmp_path / "stems")
    command = f'"{sys.executable}" -m stemkit check "{stems}" >&-'
    done = subprocess.run(["sh", "-c", command], capture_output=True, check=False, timeout=300)
    assert done.returncode in {0, 1, 2}, done.stderr
    assert b"Traceback" not in done.stderr
