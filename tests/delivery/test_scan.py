from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from stemkit.delivery.scan import scan
from stemkit.errors import InputError

WAV = b"RIFF\x24\x00\x00\x00WAVEfmt "


def put(folder: Path, *names: str, content: bytes = WAV) -> None:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)


def test_files_are_found_sorted_as_people_count(tmp_path: Path) -> None:
    put(tmp_path, "10_B.wav", "2_A.wav", "Sub/1_C.wav", ".DS_Store", "2_A.wav.reapeaks", "._2_A.wav")
    put(tmp_path, "Brief.md", content=b"# Brief")
    found = scan([tmp_path])
    assert list(found.audio) == ["2_A.wav", "10_B.wav", "Sub/1_C.wav"]
    assert found.others == ["Brief.md"]
    assert found.unread == []


def test_audio_without_an_audio_name_is_known_by_its_content(tmp_path: Path) -> None:
    put(tmp_path, "01_Kick", "02_Bass.bak")
    put(tmp_path, "03_Notes", content=b"RIFFxxxxAVI ")
    found = scan([tmp_path])
    assert list(found.audio) == ["01_Kick", "02_Bass.bak"]
    assert found.others == ["03_Notes"]


def test_a_file_that_is_named_itself_is_taken_whatever_its_name(tmp_path: Path) -> None:
    put(tmp_path, "notes.txt", content=b"hello")
    assert list(scan([tmp_path / "notes.txt"]).audio) == ["notes.txt"]


def test_several_folders_share_a_root(tmp_path: Path) -> None:
    put(tmp_path, "Stems/01_A.wav", "Mix/Mix.wav", "Elsewhere/x.wav")
    found = scan([tmp_path / "Stems", tmp_path / "Mix" / "Mix.wav"])
    assert list(found.audio) == ["Mix/Mix.wav", "Stems/01_A.wav"]


def test_a_mix_elsewhere_keeps_its_own_path_and_one_inside_is_not_listed_twice(tmp_path: Path) -> None:
    put(tmp_path, "Stems/01_A.wav", "Stems/Mix.wav", "Elsewhere/x.wav")
    outside, inside = tmp_path / "Elsewhere" / "x.wav", tmp_path / "Stems" / "Mix.wav"
    found = scan([tmp_path / "Stems"], [outside, inside])
    assert list(found.audio) == ["01_A.wav", outside.as_posix(), "Mix.wav"]


@pytest.mark.parametrize("name", ["nothing", "empty"])
def test_a_path_without_audio_is_told(tmp_path: Path, name: str) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match=name):
        scan([tmp_path / name])


def test_a_zip_says_what_to_do(tmp_path: Path) -> None:
    put(tmp_path, "Stems.zip", content=b"PK\x03\x04rest")
    with pytest.raises(InputError, match=r"Stems\.zip is a zip archive; unpack it"):
        scan([tmp_path / "Stems.zip"])


@pytest.mark.skipif(sys.platform == "win32", reason="needs links and pipes")
def test_loops_links_and_pipes_neither_hang_nor_vanish(tmp_path: Path) -> None:
    put(tmp_path, "01_A.wav", "Sub/02_B.wav")
    (tmp_path / "Sub" / "loop").symlink_to(tmp_path, target_is_directory=True)
    (tmp_path / "03_Gone.wav").symlink_to(tmp_path / "missing.wav")
    (tmp_path / "04_Link.wav").symlink_to(tmp_path / "01_A.wav")
    os.mkfifo(tmp_path / "05_Pipe.wav")
    os.mkfifo(tmp_path / "06_Pipe")
    found = scan([tmp_path])
    # What is named like audio is a stem that cannot be read, and must not vanish from the verdict.
    assert list(found.audio) == ["01_A.wav", "03_Gone.wav", "04_Link.wav", "05_Pipe.wav", "Sub/02_B.wav"]
    assert {path for path, _ in found.unread} == {"06_Pipe", "Sub/loop"}
    with pytest.raises(InputError, match="neither a file nor a folder"):
        scan([tmp_path / "05_Pipe.wav"])


@pytest.mark.skipif(sys.platform == "win32", reason="needs links")
def test_links_below_two_folders_given_from_the_working_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(tmp_path, "A/01_A.wav", "B/02_B.wav", "Far/03_C.wav")
    (tmp_path / "A" / "loop").symlink_to(tmp_path, target_is_directory=True)
    (tmp_path / "A" / "04_Link.wav").symlink_to(tmp_path / "Far" / "03_C.wav")
    monkeypatch.chdir(tmp_path)
    found = scan([Path("A"), Path("B/../B")])
    assert list(found.audio) == ["A/01_A.wav", "A/04_Link.wav", "B/02_B.wav"]
    assert found.unread == [("A/loop", "a link to a folder is not followed")]
    assert list(scan([Path("A"), Path("A/01_A.wav")]).audio) == ["01_A.wav", "04_Link.wav"]
