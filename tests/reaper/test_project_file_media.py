"""Where media is looked for: paths of three systems, moved projects, other letter case."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from stemkit.reaper.media_paths import MediaFinder

pytestmark = pytest.mark.skipif(os.name == "nt", reason="written for systems where a backslash is a plain character")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("a.wav", "Audio/Kick.wav", "rec/take.wav", "rec/sub/deep.wav", "Caf\u00e9.wav"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    return tmp_path


@pytest.mark.parametrize(
    ("written", "found"),
    [
        ("a.wav", "a.wav"),
        ("./Audio/../a.wav", "a.wav"),
        ("Audio/Kick.wav", "Audio/Kick.wav"),
        ("Audio\\Kick.wav", "Audio/Kick.wav"),  # a project from Windows
        ("take.wav", "rec/take.wav"),  # below the recording folder
        ("sub\\deep.wav", "rec/sub/deep.wav"),
        ("D:\\Music\\Song\\a.wav", "a.wav"),  # moved here from another computer: by its bare name
        ("D:/Music/Song/take.wav", "rec/take.wav"),
        ("\\\\server\\share\\a.wav", "a.wav"),
        ("/Users/juha/Song/a.wav", "a.wav"),
        ("audio/KICK.WAV", "Audio/Kick.wav"),  # nothing else fits: letter case aside
        ("C:\\x\\TAKE.WAV", "rec/take.wav"),
        ("Cafe\u0301.wav", "Caf\u00e9.wav"),  # macOS writes the accent apart
    ],
)
def test_found(folder: Path, written: str, found: str) -> None:
    resolved, searched = MediaFinder(folder, "rec").find(written)
    assert resolved == str(folder / found)
    assert searched


def test_an_absolute_path_is_taken_as_written(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    other = tmp_path_factory.mktemp("other") / "a.wav"
    other.touch()
    assert MediaFinder(folder).find(str(other)) == (str(other), (str(other),))


@pytest.mark.parametrize("record_path", ["", "rec", "C:\\Recordings"])
def test_what_is_missing_lists_where_it_was_looked_for(folder: Path, record_path: str) -> None:
    resolved, searched = MediaFinder(folder, record_path).find("Audio\\Snare.wav")
    assert resolved is None
    assert str(folder / "Audio" / "Snare.wav") in searched
    assert str(folder / "Snare.wav") in searched
    assert (str(folder / "rec" / "Audio" / "Snare.wav") in searched) == (record_path == "rec")
    assert len(set(searched)) == len(searched)


def test_a_recording_folder_elsewhere(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    other = tmp_path_factory.mktemp("recordings")
    (other / "far.wav").touch()
    assert MediaFinder(folder, str(other)).find("far.wav")[0] == str(other / "far.wav")


@pytest.mark.parametrize("written", ["", "x" * 5000, "\udcff.wav", "a.wav/b.wav", ".", "Audio"])
def test_odd_names_are_not_found_and_do_no_harm(folder: Path, written: str) -> None:
    assert MediaFinder(folder, "rec").find(written)[0] is None


def test_no_file_is_opened(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("opened a file")

    monkeypatch.setattr("builtins.open", refuse)
    monkeypatch.setattr("os.open", refuse)
    assert MediaFinder(folder).find("AUDIO/kick.wav")[0] is not None
