"""A short run of every target with one fixed seed, and every input that once broke something.

The inputs are the same in every run, so that a failure here is a fault in what was changed. Chance has its place in
``python -m tests.fuzz.run``.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from tests.fuzz.finds import broken_by
from tests.fuzz.limits import TooSlowError
from tests.fuzz.regressions import REGRESSIONS
from tests.fuzz.run import all_targets, run_blindly
from tests.fuzz.target import Target

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

TARGETS = all_targets()
# Inputs a target, about a second each; STEMKIT_FUZZ_FACTOR=20 makes half a minute of it.
INPUTS = {
    "wav": 2000,
    "check": 60,
    "rpp": 500,
    "project": 60,
    "choices": 100,
    "profile": 500,
    "zip": 1500,
    "names": 30,
    "server": 500,
    "client": 500,
}
OTHERS = 3000


@pytest.mark.parametrize("name", TARGETS)
def test_nothing_breaks(name: str, tmp_path: Path) -> None:
    wanted = INPUTS.get(name, OTHERS) * int(os.environ.get("STEMKIT_FUZZ_FACTOR", "1"))
    tried, finds = run_blindly(TARGETS[name], tmp_path / "finds", lambda tried: tried < wanted)
    assert tried >= wanted
    assert finds == {}, "\n\n".join(path.with_suffix(".txt").read_text() for path in finds.values())


@pytest.mark.parametrize(("name", "data"), [case[1:] for case in REGRESSIONS], ids=[case[0] for case in REGRESSIONS])
def test_what_broke_once_does_not_break_again(name: str, data: bytes, tmp_path: Path) -> None:
    one = TARGETS[name].open(tmp_path)
    one(TARGETS[name].seeds()[0])
    error = broken_by(one, data)
    if error is not None:
        raise error


def _spin(_scratch: Path) -> Callable[[bytes], None]:
    def one(data: bytes) -> None:
        while data == b"slow":
            pass
        if data == b"large":
            bytearray(300 << 20)
        if data.startswith(b"wrong"):
            raise KeyError(data)

    return one


@pytest.mark.parametrize(("data", "kind"), [(b"slow", TooSlowError), (b"large", MemoryError), (b"wrong", KeyError)])
def test_the_fuzzer_sees_a_hang_an_allocation_and_an_error(data: bytes, kind: type[Exception], tmp_path: Path) -> None:
    assert isinstance(broken_by(_spin(tmp_path), data), kind)


def test_a_find_is_made_small_and_counted_once(tmp_path: Path) -> None:
    target = Target(
        name="planted", seeds=lambda: [b"", b"wrong" + bytes(500)], open=_spin, mutate=lambda data, *_: data
    )
    _, finds = run_blindly(target, tmp_path, lambda tried: tried < 20)
    assert [path.read_bytes() for path in finds.values()] == [b"wrong"]
