"""The folder of the cache: where it lies, how large it grows, what is swept away, and who shares it."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from stemkit.app.cache import Cache, prune
from stemkit.app.cache_folder import cache_folder
from stemkit.app.check import check
from tests.app.cached_checks import LONG_AGO, as_json, entries, settle
from tests.app.dirty_stems import song

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def cache(tmp_path: Path) -> Cache:
    return Cache(folder=tmp_path / "cache")


@pytest.fixture
def delivery(tmp_path: Path) -> Path:
    return settle(song(tmp_path / "Song"))


def test_a_cache_that_cannot_be_written_stops_nothing(tmp_path: Path, delivery: Path) -> None:
    in_the_way = tmp_path / "file"
    in_the_way.write_text("no folder")
    assert as_json(check([delivery], cache=Cache(folder=in_the_way))) == as_json(check([delivery]))


def test_the_cache_stays_within_its_bound_and_keeps_what_is_used(cache: Cache, delivery: Path) -> None:
    check([delivery], cache=cache)
    all_entries = entries(cache)
    for age, entry in enumerate(all_entries):
        os.utime(entry, (LONG_AGO - age, LONG_AGO - age))
    check([delivery / "Stems" / "01_Kick.wav"], cache=cache)
    used = max(all_entries, key=lambda entry: entry.stat().st_mtime)
    total = sum(entry.stat().st_size for entry in all_entries)
    prune(cache, total)
    assert entries(cache) == all_entries
    prune(cache, total - 1)
    left = entries(cache)
    assert used in left
    assert 0 < len(left) < len(all_entries)
    assert sum(entry.stat().st_size for entry in left) <= 0.8 * total
    prune(cache, 0)
    assert entries(cache) == []


def test_what_a_killed_run_left_is_swept_away(cache: Cache, delivery: Path) -> None:
    check([delivery], cache=cache)
    entry = entries(cache)[0]
    left = entry.with_name(f"{entry.name}.123-0123abcd.part")
    left.write_text("half")
    prune(cache)
    assert left.exists()
    os.utime(left, (LONG_AGO, LONG_AGO))
    prune(cache)
    assert not left.exists()


def test_runs_at_the_same_time_share_the_cache(delivery: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "stemkit", "check", str(delivery), "--format", "json", "--jobs", "2"]
    env = {**os.environ, "STEMKIT_CACHE_DIR": str(tmp_path / "shared")}
    runs = [subprocess.Popen(command, stdout=subprocess.PIPE, env=env) for _ in range(3)]
    told = [run.communicate(timeout=120)[0] for run in runs]
    assert [run.returncode for run in runs] == [0, 0, 0]
    alone = subprocess.run([*command, "--no-cache"], capture_output=True, env=env, check=True).stdout
    assert {alone} == set(told)
    assert len(entries(Cache(folder=tmp_path / "shared"))) == 5


def test_the_users_folder_is_taken_unless_another_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("STEMKIT_CACHE_DIR", str(tmp_path))
    assert cache_folder() == tmp_path
    monkeypatch.delenv("STEMKIT_CACHE_DIR")
    assert cache_folder().name == "stemkit" or "stemkit" in cache_folder().parts


def test_what_is_no_entry_is_never_pruned(tmp_path: Path) -> None:
    """The user may give the cache a folder that holds other things."""
    folder = tmp_path / "measured" / "takes" / "ab"
    folder.mkdir(parents=True)
    mine, entry = folder / "Vox.wav", folder / ("0" * 62)
    for path in (mine, entry):
        path.write_bytes(b"1234")
    prune(Cache(folder=tmp_path), max_bytes=1)
    assert mine.exists()
    assert not entry.exists()
