from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from stemkit.app.check import check
from stemkit.app.executor import as_done, default_jobs, in_order, open_pool
from stemkit.cli.entry import run
from stemkit.errors import EngineError, UsageError
from stemkit.report import render
from tests.app.dirty_stems import song, tone, write

if TYPE_CHECKING:
    from collections.abc import Iterator

HERE = Path(__file__).resolve().parent
PATIENT = {  # a busy machine is no reason to give up on a worker
    "DASK_DISTRIBUTED__WORKER__MEMORY__TERMINATE": "false",
    "DASK_DISTRIBUTED__COMM__TIMEOUTS__CONNECT": "60s",  # so long, somebody may try to reach the worker that died
    "DASK_DISTRIBUTED__COMM__TIMEOUTS__TCP": "240s",
}


def square(number: int) -> int:
    return number * number


def refuse_three(number: int) -> int:
    if number == 3:
        raise EngineError("three")
    return number


@pytest.mark.parametrize("jobs", [1, 2, 5])
def test_every_item_is_done_once(jobs: int) -> None:
    with open_pool(jobs=jobs) as pool:
        assert sorted(as_done(pool, square, range(20))) == [(n, n * n) for n in range(20)]
        assert list(in_order(pool, square, range(20))) == [n * n for n in range(20)]
        assert list(as_done(pool, square, [])) == []
        assert list(in_order(pool, square, [])) == []


@pytest.mark.parametrize("jobs", [1, 3])
def test_no_more_than_the_window_is_under_way(jobs: int) -> None:
    begun: list[int] = []

    def items() -> Iterator[int]:
        for number in range(50):
            begun.append(number)
            yield number

    with open_pool(jobs=jobs) as pool:
        for taken, _ in enumerate(in_order(pool, square, items()), start=1):
            assert len(begun) <= taken + pool.window


def test_threads_really_work_at_the_same_time() -> None:
    meeting = threading.Barrier(2, timeout=30)
    with open_pool(jobs=2) as pool:
        assert sorted(place for place, _ in as_done(pool, lambda _item: meeting.wait(), [0, 1])) == [0, 1]


@pytest.mark.parametrize("jobs", [1, 2])
def test_an_error_ends_the_work_and_is_raised(jobs: int) -> None:
    with open_pool(jobs=jobs) as pool:
        with pytest.raises(EngineError, match="three"):
            list(as_done(pool, refuse_three, range(10)))
        with pytest.raises(EngineError, match="three"):
            list(in_order(pool, refuse_three, range(10)))


def test_largest_files_are_begun_first(tmp_path: Path) -> None:
    for name, seconds in (("01_A", 0.3), ("02_B", 0.9), ("03_C", 0.6)):
        write(tmp_path / f"{name}.wav", tone(seconds))
    seen: list[str] = []
    report = check([tmp_path], progress=lambda _fraction, doing: seen.append(doing))
    assert seen == ["02_B.wav", "03_C.wav", "01_A.wav"]
    assert [file.path for file in report.files] == ["01_A.wav", "02_B.wav", "03_C.wav"]


def test_threads_find_what_one_finds_to_the_byte(tmp_path: Path) -> None:
    folder = song(tmp_path)
    alone = render(check([folder]), "json")
    assert render(check([folder], jobs=3), "json") == alone
    with open_pool(jobs=2) as pool:
        assert render(check([folder], pool=pool), "json") == alone


def test_the_default_is_a_thread_a_processor_and_one_without_the_kernel(monkeypatch: pytest.MonkeyPatch) -> None:
    assert 1 <= default_jobs() <= (os.cpu_count() or 1)
    monkeypatch.setattr(os, "sched_getaffinity", lambda _process: range(6), raising=False)
    monkeypatch.setattr("stemkit.audio.kernel.kernel_in_use", lambda: True)
    assert default_jobs() == 6
    monkeypatch.setattr("stemkit.audio.kernel.kernel_in_use", lambda: False)
    assert default_jobs() == 1


@pytest.mark.parametrize("address", ["dask://", "dask://host", "dask://host:port", "tcp://host:1", "host:1", ""])
def test_an_address_that_makes_no_sense_is_one_sentence(address: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="dask://HOST:PORT"), open_pool(address):
        pass
    if address:
        write(tmp_path / "01_A.wav", tone(0.2))
        assert run(["check", str(tmp_path), "--executor", address]) == 2


def test_without_dask_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(UsageError, match=r"stemkit\[dask\]"), open_pool("dask://127.0.0.1:1"):
        pass


def test_a_cluster_that_loses_a_worker_finds_what_this_machine_finds(tmp_path: Path) -> None:
    pytest.importorskip("distributed", reason="the extra stemkit[dask] is not installed")
    folder = tmp_path / "Song"
    for number in range(1, 15):
        write(folder / f"{number:02}_Tone.wav", tone(1.5, hz=60.0 * number, peak=0.3 + 0.05 * number))
    root = tmp_path / "All"
    song(root / "A")
    write(root / "B" / "01_Silent.wav", tone(0.5) * 0)
    (root / "Empty").mkdir()
    done = subprocess.run(
        [sys.executable, "-m", "tests.app.dask_cluster", str(folder), str(root)],
        cwd=HERE.parents[1],
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
        env={**os.environ, **PATIENT},
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {"killed": 1, "same_check": True, "same_each": True, "lines": 3}
