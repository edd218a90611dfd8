"""Several runs at one place at one time: ``python -m tests.soak.crowd [--rounds N]``.

Deliveries and renders into one folder: whoever comes second is refused with a sentence or replaces a whole package by a
whole one; nothing half ever stands there. Checks of one folder all say the same.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from collections import Counter
from pathlib import Path
from random import Random
from time import sleep

from tests.faults.songs import demand_whole, hashes
from tests.soak.running import house, leftovers, started, waited_for, warm

__all__ = ["main"]

RUNS = 4
COMMANDS: dict[str, list[str]] = {
    "deliver": ["deliver", "{song}", "-o", "{out}", "--force", "--zip"],
    "deliver over": ["deliver", "{song}", "-o", "{out}", "--force", "--zip", "--overwrite"],
    "render": ["render", "{song}", "-o", "{out}"],
    "render over": ["render", "{song}", "-o", "{out}", "--overwrite"],
    "check": ["check", "{stems}", "--report", "{out}/report.html"],
    "fix": ["fix", "{stems}", "-o", "{out}/fixed"],
}


def main() -> int:
    """Run the command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=10)
    rounds, bad, random = parser.parse_args().rounds, 0, Random(1)
    with tempfile.TemporaryDirectory() as folder:
        places = house(Path(folder))
        warm(places)
        inputs = hashes(Path(folder) / "in")
        for name, command in COMMANDS.items():
            codes = Counter[int]()
            for number in range(rounds):
                shutil.rmtree(places["out"], ignore_errors=True)
                Path(places["out"]).mkdir()
                pids = []
                for _ in range(RUNS):
                    pids.append(started([argument.format(**places) for argument in command]))
                    sleep(random.choice((0.0, 0.0, 0.05, 0.3)))
                ended = [waited_for(pid) for pid in pids]
                codes.update(ended)
                wrong = [] if any(code in {0, 1} for code in ended) else ["nobody succeeded"]
                wrong += [f"exit code {code}" for code in ended if code not in {0, 1, 2}]
                try:
                    demand_whole(Path(places["out"]))
                except (AssertionError, ValueError, OSError) as error:
                    wrong.append(f"not whole: {error}")
                wrong += [f"left behind: {left}" for left in leftovers(Path(folder))]
                if hashes(Path(folder) / "in") != inputs:
                    wrong.append("a source was changed")
                if wrong:
                    bad += 1
                    print(f"{name}, round {number}: {'; '.join(wrong)}", flush=True)
            print(f"{name:12} {rounds} rounds of {RUNS}: exit codes {dict(sorted(codes.items()))}", flush=True)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
