"""The same input gives the same bytes, whoever runs it, where, and in what order the disk lists the files."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from stemkit.app.many import RECORD_NAME
from tests.faults.songs import hashes, song, write_stems

ROOT = Path(__file__).resolve().parents[2]
SHUFFLED = "STEMKIT_TEST_SHUFFLED"  # the seed of the order in which folders are listed

# What is run, in this order, each in a process of its own state but the disk's; what it prints is kept as a file.
COMMANDS: dict[str, list[str]] = {
    "inspect.json": ["inspect", "in/songs/One/Song.rpp", "--format", "json"],
    "inspect.txt": ["inspect", "in/songs/One/Song.rpp"],
    "plan.json": ["plan", "in/songs/One/Song.rpp", "--format", "json"],
    "render.json": ["render", "in/songs/One/Song.rpp", "-o", "out/rendered", "--format", "json"],
    "deliver.json": ["deliver", "in/songs", "-o", "out", "--force", "--zip", "--format", "json", "--jobs", "{jobs}"],
    "verify.json": ["verify", "out/We - One.zip", "--format", "json"],
    "check.json": ["check", "in/stems", "--hash", "--format", "json", "--jobs", "{jobs}", "--report", "out/page.html"],
    "again.json": ["check", "in/stems", "--hash", "--format", "json", "--jobs", "{jobs}"],  # from the cache
    "check.txt": ["check", "in/stems", "--plot", "--no-cache", "--jobs", "{jobs}"],
    "check.xml": ["check", "in/stems", "--format", "junit", "--no-cache", "--jobs", "{jobs}"],
    "check.github": ["check", "in/stems", "--format", "github", "--jobs", "{jobs}"],
    "check.message": ["check", "in/stems", "--format", "message", "--jobs", "{jobs}"],
    "each.json": ["check", "in/deliveries", "--each", "--format", "json", "--jobs", "{jobs}"],
    "fix.txt": ["fix", "in/stems", "-o", "out/fixed"],
}
# Lists folders in another order, in every process of a run: Python loads a module of this name when it starts.
_SITE = """
import os, random

if seed := os.environ.get("STEMKIT_TEST_SHUFFLED"):
    draw, listed, scanned = random.Random(int(seed)), os.listdir, os.scandir

    class List:  # no function: Python 3.10 keeps it in a class, where that would become a method
        def __call__(self, path="."):
            names = listed(path)
            draw.shuffle(names)
            return names

    class Scan:
        def __init__(self, path="."):
            with scanned(path) as entries:
                found = list(entries)
            draw.shuffle(found)
            self._left = iter(found)
        def __iter__(self): return self
        def __next__(self): return next(self._left)
        def __enter__(self): return self
        def __exit__(self, *_): pass
        def close(self): pass

    os.listdir, os.scandir = List(), Scan
"""
_RUN = """
import contextlib, io, json, sys
from pathlib import Path
from stemkit.cli.entry import run

if __name__ == "__main__":
    commands, jobs = json.loads(sys.argv[1]), sys.argv[2]
    for name, words in commands.items():
        told = io.StringIO()
        quiet = ["--quiet"] if words[0] != "plan" else []
        with contextlib.redirect_stdout(told):
            code = run([word.format(jobs=jobs) for word in words] + quiet)
        assert code in (0, 1), (name, code, told.getvalue())
        Path("told", name).write_bytes(told.getvalue().encode("utf-8", "surrogateescape"))
"""
WAYS: dict[str, tuple[str, dict[str, str]]] = {
    "two at a time, listed in another order": ("2", {SHUFFLED: "1", "PYTHONHASHSEED": "3"}),
    "elsewhere": ("1", {SHUFFLED: "2", "PYTHONHASHSEED": "random", "TZ": "Asia/Kathmandu", "LC_ALL": "C"}),
}


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two songs, a folder of stems with faults, and two deliveries; made once, in one place."""
    folder = tmp_path_factory.mktemp("determinism") / "house"
    for name in ("One", "Two"):
        path = song(folder / "in" / "songs" / name, names=("Kick", "Bäß – Ünder"), media=("a.wav", "b.wav"))
        path.write_text(
            path.read_text(encoding="utf-8").replace("  SAMPLERATE", f"  TITLE {name}\n  AUTHOR We\n  SAMPLERATE")
        )
        (path.parent / "brief.toml").write_text(f'title = "{name}"\n[[references]]\nfile = "Like.wav"\n')
    (folder / "site").mkdir()
    (folder / "site" / "sitecustomize.py").write_text(_SITE)
    stems = write_stems(folder / "in" / "stems")
    for name in ("05_Šnare.wav", "3_lead vox.wav", "03_Lead Vox.wav", "Drums.wav"):
        shutil.copy(stems / "01_Kick.wav", stems / name)
    (stems / "07_Broken.wav").write_bytes((stems / "01_Kick.wav").read_bytes()[:5000])
    (stems / "notes.txt").write_text("x")
    for name in ("b", "a"):
        write_stems(folder / "in" / "deliveries" / name)
    return folder


def made(house: Path, jobs: str, settings: dict[str, str]) -> dict[str, str]:
    """Run everything anew in the same place, and return the SHA-256 of every file that came of it."""
    import json

    for name in ("out", "told", "cache"):
        shutil.rmtree(house / name, ignore_errors=True)
        (house / name).mkdir()
    environment = os.environ | {
        "PYTHONPATH": os.pathsep.join((str(house / "site"), str(ROOT))),
        "PYTHONHASHSEED": "0",
        "SOURCE_DATE_EPOCH": "1700000000",
        "STEMKIT_CACHE_DIR": str(house / "cache"),
        **settings,
    }
    ran = subprocess.run(
        [sys.executable, "-c", _RUN, json.dumps(COMMANDS), jobs],
        cwd=house,
        env=environment,
        check=False,
        capture_output=True,
        text=True,
    )
    assert ran.returncode == 0, ran.stderr
    (house / "out" / RECORD_NAME).unlink()  # what it is for is to hold the times of files
    return {f"{name}/{path}": told for name in ("out", "told") for path, told in hashes(house / name).items()}


@pytest.fixture(scope="module")
def first(house: Path) -> dict[str, str]:
    return made(house, "1", {})


def test_there_is_one_of_each_kind(first: dict[str, str]) -> None:
    """A sweep over nothing would show nothing."""
    kinds = {Path(path).suffix for path in first}
    assert {".json", ".html", ".rpp", ".dawproject", ".md", ".zip", ".mid", ".wav", ".xml", ".message"} <= kinds
    assert any(path.endswith("SHA256SUMS") for path in first)


@pytest.mark.parametrize("way", WAYS)
def test_the_bytes_are_the_same(way: str, house: Path, first: dict[str, str]) -> None:
    jobs, settings = WAYS[way]
    again = made(house, jobs, settings)
    assert sorted(again) == sorted(first)
    assert [path for path in first if first[path] != again[path]] == []
