from __future__ import annotations

from pathlib import Path

import pytest

from stemkit.app.demo import run_demo
from stemkit.app.demo_song import PLANTED, write_demo_project
from stemkit.errors import InputError


def test_the_demo_finds_exactly_what_it_planted(tmp_path: Path) -> None:
    result = run_demo(tmp_path / "demo")
    assert result.as_planted, result.text
    for rule, _, _ in PLANTED:
        assert f"found    {rule}" in result.text


def test_a_fault_less_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import stemkit.app.demo as demo

    monkeypatch.setattr(demo, "PLANTED", (*PLANTED, ("SK113", "kick", "a missing file")))
    result = run_demo(tmp_path / "demo")
    assert not result.as_planted
    assert "MISSED   SK113 a missing file" in result.text


def test_the_song_is_the_same_everywhere(tmp_path: Path) -> None:
    first, second = (write_demo_project(tmp_path / name) for name in "ab")
    assert first.read_bytes() == second.read_bytes()
    for file in (first.parent / "media").iterdir():
        assert file.read_bytes() == (second.parent / "media" / file.name).read_bytes()


def test_an_existing_example_is_kept(tmp_path: Path) -> None:
    write_demo_project(tmp_path)
    with pytest.raises(InputError, match="exists already"):
        write_demo_project(tmp_path)
