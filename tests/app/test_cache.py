from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from stemkit.app import cache as cache_module
from stemkit.app import facts
from stemkit.app.cache import Cache, identify
from stemkit.app.check import check
from stemkit.cli.entry import run
from stemkit.report import render
from tests.app.cached_checks import LONG_AGO, as_json, entries, settle
from tests.app.dirty_stems import song, tone, write

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.fixture
def cache(tmp_path: Path) -> Cache:
    return Cache(folder=tmp_path / "cache")


@pytest.fixture
def delivery(tmp_path: Path) -> Path:
    return settle(song(tmp_path / "Song"))


@pytest.fixture
def measured(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Names of the files whose samples were measured."""
    import stemkit.audio.measure as measuring

    names: list[str] = []

    def counted(original: Callable[..., Any]) -> Callable[..., Any]:
        def measure(path: Path, *rest: Any) -> Any:
            names.append(path.name)
            return original(path, *rest)

        return measure

    monkeypatch.setattr(measuring, "measure", counted(measuring.measure))
    monkeypatch.setattr(measuring, "measure_and_hash", counted(measuring.measure_and_hash))
    return names


def test_the_second_check_measures_nothing_and_says_the_same(cache: Cache, delivery: Path, measured: list[str]) -> None:
    plain = check([delivery])
    first = check([delivery], cache=cache)
    measured.clear()
    second = check([delivery], cache=cache)
    assert measured == []
    assert as_json(plain) == as_json(first) == as_json(second)
    for fmt in ("text", "junit", "github", "message"):
        assert render(plain, fmt) == render(second, fmt)
    for one, other in zip(plain.files, second.files, strict=True):
        assert one.container == other.container
        assert one.audio is not None
        assert other.audio is not None
        assert list(one.audio.envelope) == list(other.audio.envelope)
        assert one.trim_db == other.trim_db


def change_middle(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 0x55
    path.write_bytes(content)


def change_middle_and_forge_the_time(path: Path) -> None:
    change_middle(path)
    os.utime(path, (LONG_AGO, LONG_AGO))


def replace_by_another(path: Path) -> None:
    other = write(path.with_name("other.wav"), tone(hz=77.0))
    os.utime(other, (LONG_AGO, LONG_AGO))
    other.replace(path)


@pytest.mark.skipif(os.name == "nt", reason="Windows has no time of change that a program cannot set")
@pytest.mark.parametrize("change", [change_middle, change_middle_and_forge_the_time, replace_by_another])
def test_a_changed_file_is_measured_anew(
    cache: Cache, delivery: Path, measured: list[str], change: Callable[[Path], None]
) -> None:
    check([delivery], cache=cache)
    change(delivery / "Stems" / "02_Bass.wav")
    measured.clear()
    report = check([delivery], cache=cache)
    assert measured == ["02_Bass.wav"]
    assert as_json(report) == as_json(check([delivery]))


def test_a_file_that_was_just_written_is_not_trusted(cache: Cache, tmp_path: Path, measured: list[str]) -> None:
    write(tmp_path / "Song" / "01_A.wav", tone())
    check([tmp_path / "Song"], cache=cache)
    assert entries(cache) == []
    check([tmp_path / "Song"], cache=cache)
    assert measured == ["01_A.wav", "01_A.wav"]


def test_a_file_that_changes_while_it_is_measured_is_not_kept(
    cache: Cache, delivery: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    original = facts.measure_file

    def disturbed(file: Any, **rest: Any) -> Any:
        found = original(file, **rest)
        change_middle(delivery / "Stems" / "01_Kick.wav")
        return found

    monkeypatch.setattr(facts, "measure_file", disturbed)
    check([delivery / "Stems" / "01_Kick.wav"], cache=cache)
    assert entries(cache) == []


def cut(entry: Path) -> None:
    entry.write_bytes(entry.read_bytes()[:-7])


def flip(entry: Path) -> None:
    content = bytearray(entry.read_bytes())
    content[len(content) // 2] ^= 1
    entry.write_bytes(content)


def empty(entry: Path) -> None:
    entry.write_bytes(b"")


def binary(entry: Path) -> None:
    entry.write_bytes(b"\xff\xfe\x00" * 1000)


def folder_instead(entry: Path) -> None:
    entry.unlink()
    entry.mkdir()


@pytest.mark.parametrize("damage", [cut, flip, empty, binary, folder_instead])
def test_a_damaged_entry_counts_as_none(
    cache: Cache, delivery: Path, measured: list[str], damage: Callable[[Path], None]
) -> None:
    plain = as_json(check([delivery], cache=cache))
    for entry in entries(cache):
        damage(entry)
    measured.clear()
    assert as_json(check([delivery], cache=cache)) == plain
    assert len(measured) == 5


def test_an_entry_of_another_layout_counts_as_none(
    cache: Cache, delivery: Path, measured: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cache_module, "encode_facts", lambda *_: '{"audio": {"rate": 1}, "envelope": ""}')
    check([delivery], cache=cache)
    monkeypatch.undo()
    assert entries(cache)
    assert check([delivery], cache=cache).files[0].audio is not None


def test_another_kernel_does_not_answer(
    cache: Cache, delivery: Path, measured: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    check([delivery], cache=cache)
    measured.clear()
    cache_module._version.cache_clear()
    monkeypatch.setenv("STEMKIT_KERNEL", "another")
    try:
        check([delivery], cache=cache)
    finally:
        cache_module._version.cache_clear()
    assert len(measured) == 5


def test_hashes_are_never_taken_from_the_cache(cache: Cache, delivery: Path, measured: list[str]) -> None:
    check([delivery], cache=cache)
    measured.clear()
    hashed = check([delivery], hashes=True, cache=cache)
    assert measured == []
    assert as_json(hashed) == as_json(check([delivery], hashes=True))


def test_verifying_measures_everything_and_names_what_was_wrong(
    cache: Cache, delivery: Path, measured: list[str]
) -> None:
    check([delivery], cache=cache)
    verifying = Cache(folder=cache.folder, verify=True)
    measured.clear()
    check([delivery], cache=verifying)
    assert len(measured) == 5
    assert verifying.wrong == []
    kick = delivery / "Stems" / "01_Kick.wav"
    identity = identify(str(kick))
    assert identity is not None
    entry = cache_module._entry(cache, identity)
    told = json.loads(entry.read_text().partition("\n")[2])
    told["audio"]["sample_peak_dbfs"] = -77.0
    body = json.dumps(told)
    entry.write_text(f"{cache_module._seal(identity, body)}\n{body}")
    lied = check([kick], cache=cache).files[0].audio
    assert lied is not None
    assert lied.sample_peak_dbfs == -77.0  # so the lie would be believed
    check([delivery], cache=verifying)
    assert verifying.wrong == [str(kick)]
    assert as_json(check([delivery], cache=cache)) == as_json(check([delivery]))


def test_unreadable_files_are_not_kept(cache: Cache, tmp_path: Path) -> None:
    write(tmp_path / "Song" / "01_A.wav", tone())
    (tmp_path / "Song" / "02_B.wav").write_bytes(b"RIFF")
    settle(tmp_path / "Song")
    report = check([tmp_path / "Song"], cache=cache)
    assert as_json(report) == as_json(check([tmp_path / "Song"], cache=cache))
    assert len(entries(cache)) == 1


def test_the_options_of_the_command(
    delivery: Path, measured: list[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: Any
) -> None:
    monkeypatch.setenv("STEMKIT_CACHE_DIR", str(tmp_path / "mine"))
    asked = ["check", str(delivery), "--format", "json", "--quiet"]
    counts, told = [], set()
    for extra in ([], [], ["--no-cache"], ["--verify-cache"], []):
        measured.clear()
        assert run([*asked, *extra]) == 0
        counts.append(len(measured))
        told.add(capsys.readouterr().out)
    assert counts == [5, 0, 5, 5, 0]
    assert len(told) == 1
    assert run([*asked, "--no-cache", "--verify-cache"]) == 2
    assert "opposite" in capsys.readouterr().err


def test_the_proof_reads_the_audio_whatever_the_cache_says(cache: Cache, delivery: Path) -> None:
    report = check([delivery], cache=cache)
    assert report.sum is not None
    assert report.sum.adds_up
    identities = {path: identify(str(path)) for path in (delivery / "Stems").iterdir()}
    assert all(identities.values())
    kick = delivery / "Stems" / "01_Kick.wav"
    wave = tone(hz=61.0, peak=0.6)
    write(kick, np.asarray(wave))
    again = check([delivery], cache=cache)
    assert again.sum is not None
    assert not again.sum.adds_up
