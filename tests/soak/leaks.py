"""The same work again and again in one process: ``python -m tests.soak.leaks [--rounds N]``.

Memory, open files and threads must not grow: the last quarter is held against the second one.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import os
import shutil
import statistics
import sys
import tempfile
from pathlib import Path

import psutil

from stemkit.cli.entry import run
from tests.soak.running import house

__all__ = ["main"]

MOST_GROWTH_BYTES = 4 << 20
WORK: dict[str, list[str]] = {
    "check": ["check", "{stems}", "--format", "json"],
    "inspect": ["inspect", "{song}"],
    "render": ["render", "{song}", "-o", "{out}"],
    "deliver": ["deliver", "{song}", "-o", "{out}", "--force", "--zip"],
    "fix": ["fix", "{stems}", "-o", "{out}"],
}


def _open_files() -> int:
    return len(os.listdir("/proc/self/fd")) if Path("/proc/self/fd").is_dir() else psutil.Process().num_fds()  # noqa: PTH208  (no Path for each)


def _grown(values: list[int]) -> float:
    quarter = max(1, len(values) // 4)
    return statistics.median(values[-quarter:]) - statistics.median(values[quarter : 2 * quarter])


def main() -> int:
    """Run the command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=100)
    rounds, bad = parser.parse_args().rounds, 0
    process = psutil.Process()
    with tempfile.TemporaryDirectory() as folder:
        places = house(Path(folder))
        for name, arguments in WORK.items():
            memory, files, threads = [], [], []
            for _ in range(rounds):
                shutil.rmtree(places["out"], ignore_errors=True)
                with contextlib.redirect_stdout(io.StringIO()):
                    assert run([*(argument.format(**places) for argument in arguments), "--quiet"]) in {0, 1}
                memory.append(process.memory_info().rss)
                files.append(_open_files())
                threads.append(process.num_threads())
            growth = _grown(memory)
            leaks = (
                growth > MOST_GROWTH_BYTES
                or files[-1] > files[len(files) // 4]
                or threads[-1] > threads[len(threads) // 4]
            )
            bad += leaks
            print(
                f"{name:8} {rounds} times: memory {memory[-1] / 1e6:.1f} MB ({growth / 1e6:+.2f} MB from the second quarter"
                f" to the last), files {files[0]} -> {files[-1]}, threads {threads[0]} -> {threads[-1]}"
                f"{' LEAKS' if leaks else ''}",
                flush=True,
            )
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
