"""End commands at random moments: ``python -m tests.soak.kills [--rounds N] [--seed S]``.

After each end the sources must be the bytes that they were, and what stands under a final name must be whole. Then the
same call, left alone, must succeed and leave no temporary behind; a check must say the same from what the cache kept.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import shutil
import signal
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from random import Random

from tests.faults.songs import demand_whole, hashes
from tests.soak.running import house, leftovers, printed, started, waited_for, warm

__all__ = ["main"]

COMMANDS: dict[str, list[str]] = {
    "render": ["render", "{song}", "-o", "{out}", "--overwrite"],
    "deliver": ["deliver", "{song}", "-o", "{out}", "--force", "--zip", "--overwrite"],
    "fix": ["fix", "{stems}", "-o", "{out}/fixed"],
    "check": ["check", "{stems}", "--report", "{out}/report.html"],
}
_JSON = ["check", "--hash", "--format", "json"]
SIGNALS = (signal.SIGKILL, signal.SIGINT, signal.SIGTERM)
GOOD = {0, 1}


def _allowed(number: signal.Signals) -> set[int]:
    """Exit codes after a signal: done before it came, ended politely, or hit before anything had begun."""
    return GOOD | ({-9} if number is signal.SIGKILL else {128 + number, -number})


def _round(
    name: str, places: dict[str, str], random: Random, length_s: float, inputs: dict[str, str]
) -> tuple[str, str]:
    """Return what happened, and what is wrong with it (nothing, mostly)."""
    root = Path(places["out"]).parent
    out = Path(places["out"])
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir()
    if random.random() < 0.5:
        shutil.rmtree(root / "cache", ignore_errors=True)
    arguments = [argument.format(**places) for argument in COMMANDS[name]]
    if random.random() < 0.3:
        waited_for(started(arguments))  # something is there already, and is replaced where that is asked for
        if name == "fix":
            shutil.rmtree(out / "fixed")
    number = random.choice(SIGNALS)
    pid = started(arguments)
    time.sleep(random.uniform(0, length_s))
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, number)
    code = waited_for(pid)
    what = f"{name} {number.name}"
    wrong = [] if code in _allowed(number) else [f"exit code {code}"]
    if hashes(root / "in") != inputs:
        wrong.append("a source was changed")
    try:
        demand_whole(out)
    except (AssertionError, ValueError, OSError) as error:
        wrong.append(f"not whole: {error}")
    if not (name == "fix" and (out / "fixed").exists()) and waited_for(started(arguments)) not in GOOD:
        wrong.append("the next run failed")
    try:
        demand_whole(out)
    except (AssertionError, ValueError, OSError) as error:
        wrong.append(f"not whole after the next run: {error}")
    if name == "check" and printed([*_JSON, places["stems"]]) != printed([*_JSON, "--no-cache", places["stems"]]):
        wrong.append("the cache says something else")
    if left := [name for folder in (out, root / "tmp") for name in leftovers(folder)]:
        wrong.append(f"left behind: {', '.join(left)}")
    return f"{what} -> {code}", "; ".join(wrong)


def main() -> int:
    """Run the command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args()
    random, seen, bad = Random(chosen.seed), Counter[str](), 0
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background job and its children ignore it
    with tempfile.TemporaryDirectory() as folder:
        places = house(Path(folder))
        warm(places)
        inputs = hashes(Path(folder) / "in")
        lengths: dict[str, float] = {}
        for name, arguments in COMMANDS.items():
            began = time.monotonic()
            assert waited_for(started([argument.format(**places) for argument in arguments])) in GOOD, name
            lengths[name] = 1.2 * (time.monotonic() - began)
            shutil.rmtree(places["out"], ignore_errors=True)
        for number in range(chosen.rounds):
            name = tuple(COMMANDS)[number % len(COMMANDS)]
            what, wrong = _round(name, places, random, lengths[name], inputs)
            seen[what] += 1
            if wrong:
                bad += 1
                print(f"round {number}: {what}: {wrong}", flush=True)
    for what, count in sorted(seen.items()):
        print(f"{count:5d}  {what}")
    print(f"{chosen.rounds} rounds, seed {chosen.seed}: {bad} wrong")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
