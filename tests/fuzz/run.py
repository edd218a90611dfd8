"""Fuzz one target: ``python -m tests.fuzz.run TARGET --seconds N``.

Guided by coverage where `atheris` is installed, with the same harms drawn blindly where it is not. A find is made small
and laid down under `--finds`, one for each place in the code, and the run goes on. Exit code 1 says that there are some.
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import shutil
import sys
import tempfile
import time
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

from tests.fuzz.finds import Finds, broken_by

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.fuzz.target import Target

__all__ = ["all_targets", "main", "run_blindly"]

_MODULES = ("audio_targets", "project_targets", "delivery_targets", "link_targets", "report_targets")
_SEED = 20


def all_targets() -> dict[str, Target]:
    """Return every target by its name."""
    modules = (importlib.import_module(f"tests.fuzz.{name}") for name in _MODULES)
    return {target.name: target for module in modules for target in module.TARGETS}


def run_blindly(
    target: Target, folder: Path, goes_on: Callable[[int], bool], *, seed: int = _SEED
) -> tuple[int, dict[str, Path]]:
    """Try the seeds as they are, then harmed ones; the same seed gives the same inputs in the same order.

    Parameters
    ----------
    target
        What to try.
    folder
        Where finds are laid down.
    goes_on
        Asked with the number of inputs tried before each harmed one.
    seed
        Of the generator.

    Returns
    -------
    tuple of int and dict of str to Path
        Inputs tried, and the finds by where the code broke.
    """
    scratch = _scratch()
    try:
        one = target.open(scratch)
        seeds = list(target.seeds())
        finds, tried, random = Finds(folder, one), 0, Random(seed)
        one(seeds[0])  # what is imported late costs no input its time
        for data in seeds:
            tried += 1
            if error := broken_by(one, data):
                finds.take(data, error)
        while goes_on(tried):
            data = target.mutate(random.choice(seeds), random, seeds)
            tried += 1
            if error := broken_by(one, data):
                finds.take(data, error)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    return tried, finds.places


def _scratch() -> Path:
    memory = Path("/dev/shm")  # files that are written a thousand times a second need no disk
    return Path(tempfile.mkdtemp(prefix="stemkit-fuzz-", dir=memory if os.access(memory, os.W_OK) else None))


def _run_guided(name: str, folder: Path, seconds: float) -> tuple[int, dict[str, Path]]:
    """Let libFuzzer choose what to harm by what the code did; it ends the process when it is done."""
    atheris = importlib.import_module("atheris")  # has no types, and need not be installed

    with atheris.instrument_imports(include=["stemkit"]):
        target = all_targets()[name]
        scratch = _scratch()
        one = target.open(scratch)
        seeds = list(target.seeds())
        one(seeds[0])
        finds, tried = Finds(folder, one), 0
        for data in seeds:  # what is imported late is instrumented, too
            tried += 1
            if error := broken_by(one, data):
                finds.take(data, error)
    atheris.enabled_hooks.add("str")  # its hook of regular expressions breaks the standard library's own
    corpus = _scratch()
    for number, data in enumerate(seeds):
        (corpus / f"{number:04d}").write_bytes(data)

    def input_came(data: bytes) -> None:
        nonlocal tried
        tried += 1
        if (error := broken_by(one, data)) and (path := finds.take(data, error)):
            print(f"FIND {name}: {path}", flush=True)
        if time.monotonic() > deadline:
            print(_told(name, "guided", tried, seconds, finds.places), flush=True)
            for folder_used in (scratch, corpus):
                shutil.rmtree(folder_used, ignore_errors=True)
            os._exit(1 if finds.places else 0)  # libFuzzer has no other way to end well

    def harmed(data: bytes, most: int, seed: int) -> bytes:
        random = Random(seed)
        if random.random() < 0.5:
            return bytes(atheris.Mutate(data, most))
        return target.mutate(data, random, seeds)[:most]

    deadline = time.monotonic() + seconds
    # libFuzzer's own limit is of the clock, by which a busy machine hangs; ours is of the processor.
    options = [sys.argv[0], str(corpus), "-max_len=65536", f"-seed={_SEED}", "-timeout=3600", "-rss_limit_mb=4096"]
    atheris.Setup([*options, "-verbosity=0"], input_came, custom_mutator=harmed)
    atheris.Fuzz()
    return tried, finds.places


def _told(name: str, how: str, tried: int, seconds: float, places: dict[str, Path]) -> str:
    lines = [f"{name}: {tried:,} inputs, {how}, {seconds:.0f} s, {len(places)} finds"]
    return "\n".join([*lines, *(f"  {place}: {path}" for place, path in places.items())])


def main() -> int:
    """Run the command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("target", choices=sorted(all_targets()))
    parser.add_argument("--seconds", type=float, default=30.0)
    parser.add_argument("--finds", type=Path, default=Path("fuzz-finds"))
    parser.add_argument("--blind", action="store_true", help="never use atheris")
    chosen = parser.parse_args()
    folder = chosen.finds / chosen.target
    if not chosen.blind and importlib.util.find_spec("atheris") is not None:
        _forget_stemkit()
        _run_guided(chosen.target, folder, chosen.seconds)
    deadline = time.monotonic() + chosen.seconds
    tried, places = run_blindly(all_targets()[chosen.target], folder, lambda _: time.monotonic() < deadline)
    print(_told(chosen.target, "blind", tried, chosen.seconds, places))
    return 1 if places else 0


def _forget_stemkit() -> None:
    """Let what was imported for the list of targets be imported again, this time instrumented."""
    for name in [
        name for name in sys.modules if name.split(".")[0] in {"stemkit", "tests"} and name != "tests.fuzz.run"
    ]:
        del sys.modules[name]


if __name__ == "__main__":
    sys.exit(main())
