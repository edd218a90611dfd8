"""Much of everything: ``python -m tests.soak.load [NAME…]``. Prints processor seconds and the most memory of each.

Each case runs in a process of its own and has a bound that it must keep.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import os
import resource
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import soundfile

from stemkit.cli.entry import run
from tests.audio.wav_bytes import fmt

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["CASES", "main"]

RATE = 48_000


def _track(number: int, notes: int = 0) -> str:
    guid = f"{{00000000-0000-4000-8000-{number:012d}}}"
    extra = "".join(f"    <NOTES\n      |{'x' * 1000}\n    >\n" for _ in range(notes))
    item = (
        f"    <ITEM\n      POSITION {number % 60}\n      LENGTH 1\n      NAME t\n      VOLPAN 1 0 1 -1\n      SOFFS 0\n"
        '      PLAYRATE 1 1 0 -1 0 0.0025\n      <SOURCE WAVE\n        FILE "a.wav"\n      >\n    >\n'
    )
    return f'  <TRACK {guid}\n    NAME "Part {number}"\n    NCHAN 2\n    MAINSEND 1 0\n{extra}{item}  >\n'


def _project(folder: Path, tracks: int, notes: int = 0) -> Path:
    soundfile.write(folder / "a.wav", np.ones(RATE) * 0.1, RATE)
    path = folder / "Song.rpp"
    with path.open("w", encoding="utf-8") as stream:
        stream.write('<REAPER_PROJECT 0.1 "7.0" 1\n  SAMPLERATE 48000 1 0\n  TEMPO 120 4 4\n')
        for number in range(tracks):
            stream.write(_track(number, notes))
        stream.write(">\n")
    return path


def _stems(folder: Path, count: int, frames: int = RATE) -> Path:
    noise = np.random.default_rng(1).standard_normal(frames) * 0.1
    for number in range(count):
        soundfile.write(
            folder / f"{number + 1:04d}_Part{number}.wav", np.roll(noise, number * 37), RATE, subtype="PCM_24"
        )
    return folder


def _many_tracks(folder: Path) -> list[str]:
    return ["inspect", str(_project(folder, 10_000)), "--no-media", "--quiet"]


def _large_project(folder: Path) -> list[str]:
    path = _project(folder, 1000, notes=100)
    print(f"    {path.stat().st_size / 1e6:.0f} MB", file=sys.stderr)
    return ["plan", str(path)]


def _many_stems(folder: Path) -> list[str]:
    return ["check", str(_stems(folder, 1000)), "--quiet"]


def _many_files(folder: Path) -> list[str]:
    for number in range(10_000):
        (folder / f"note {number}.txt").write_text("x")
    return ["check", str(_stems(folder, 2)), "--quiet"]


def _many_deliveries(folder: Path) -> list[str]:
    for number in range(2000):
        (folder / f"Artist {number % 50}" / f"Song {number}").mkdir(parents=True)
        _stems(folder / f"Artist {number % 50}" / f"Song {number}", 2, RATE // 2)
    return ["check", str(folder), "--each", "--no-cache", "--quiet"]


def _long_rf64(folder: Path) -> list[str]:
    """Lay out six hours of eight channels at 96 kHz, 49.8 GB of nothing but zeros, in a file with a hole."""
    frames, block = 6 * 3600 * 96_000, 24
    data = frames * block
    head = fmt(channels=8, rate=96_000, bits=24)
    sizes = b"ds64" + (28).to_bytes(4, "little") + b"".join(n.to_bytes(8, "little") for n in (72 + data, data, frames))
    body = b"RF64\xff\xff\xff\xffWAVE" + sizes + bytes(4) + head + b"data\xff\xff\xff\xff"
    path = folder / "01_Atmos.wav"
    with path.open("wb") as stream:
        stream.write(body)
        stream.truncate(len(body) + data)
    return ["check", str(path), "--quiet"]


@dataclass(frozen=True, slots=True)
class Case:
    """What is laid out and called, and how much memory it may take at the most, in bytes above the idle process."""

    prepare: Callable[[Path], list[str]]
    most_bytes: int
    by_default: bool = True


CASES: dict[str, Case] = {
    "10,000 tracks": Case(_many_tracks, 1500 << 20),
    "100 MB project": Case(_large_project, 1500 << 20),
    "1,000 stems": Case(_many_stems, 700 << 20),
    "10,000 other files": Case(_many_files, 500 << 20),
    "2,000 deliveries": Case(_many_deliveries, 700 << 20, by_default=False),
    "six hours of RF64": Case(_long_rf64, 500 << 20, by_default=False),
}


def _run(case: Case) -> tuple[int, float, int]:
    """Run one case in a child; return exit code, processor seconds and the most memory in bytes."""
    reading, writing = os.pipe()
    with tempfile.TemporaryDirectory() as folder:
        arguments = case.prepare(Path(folder))
        pid = os.fork()
        if not pid:
            code = 70
            try:
                before = resource.getrusage(resource.RUSAGE_SELF)
                with contextlib.redirect_stdout(io.StringIO()):
                    code = run(arguments)
                after = resource.getrusage(resource.RUSAGE_SELF)
                seconds = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
                os.write(writing, f"{seconds} {after.ru_maxrss * 1024}".encode())
            finally:
                os._exit(code)
        os.close(writing)
        told = os.read(reading, 100).decode().split() or ["0", "0"]
        os.close(reading)
        _, status = os.waitpid(pid, 0)
    return os.waitstatus_to_exitcode(status), float(told[0]), int(told[1])


def main() -> int:
    """Run the command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", default=[name for name, case in CASES.items() if case.by_default])
    bad = 0
    for name in parser.parse_args().names:
        code, seconds, memory = _run(CASES[name])
        wrong = code not in {0, 1} or memory > CASES[name].most_bytes
        bad += wrong
        print(
            f"{name}: exit code {code}, {seconds:.1f} s, {memory / 1e6:.0f} MB{' WRONG' if wrong else ''}", flush=True
        )
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
