from __future__ import annotations

import io
import shutil
import stat
import struct
import zipfile
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stemkit.delivery import zip_reader
from stemkit.delivery.zip_names import folded, name_problem, safe_name
from stemkit.delivery.zip_reader import unpack
from stemkit.errors import InputError


def packed(path: Path, *names: str, content: bytes = b"x") -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in names:
            archive.writestr(name, content)
    return path


def entry(name: str, mode: int = stat.S_IFREG | 0o644) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name)
    info.create_system = 3
    info.external_attr = mode << 16
    return info


def refused(archive: Path, tmp_path: Path, why: str) -> None:
    target = tmp_path / "inside"
    target.mkdir()
    with pytest.raises(InputError, match=why):
        unpack(archive, target)
    assert [p.name for p in tmp_path.iterdir() if p not in (archive, target)] == []


def test_an_honest_zip_comes_out_as_it_went_in(tmp_path: Path) -> None:
    archive = packed(tmp_path / "a.zip", "Song/Stems/01_Kick.wav", "Song/Brief.md", content=bytes(10_000))
    target = tmp_path / "inside"
    target.mkdir()
    unpack(archive, target)
    assert sorted(p.relative_to(target).as_posix() for p in target.rglob("*") if p.is_file()) == [
        "Song/Brief.md",
        "Song/Stems/01_Kick.wav",
    ]
    assert (target / "Song/Brief.md").read_bytes() == bytes(10_000)


@pytest.mark.parametrize(
    "name",
    ["../evil", "a/../../evil", "/etc/passwd", "C:/evil", "a\\..\\evil", "a//b", "./a", "CON", "Stems/aux.wav",
     "Stems/com1", "a.", "a ", "a\x07", "Stems/LPT9.txt", "a/" * 12 + "b", "x" * 300, "a:b", 'a"b'],
)  # fmt: skip
def test_a_name_that_leads_out_or_cannot_be_written_is_refused(name: str, tmp_path: Path) -> None:
    refused(packed(tmp_path / "a.zip", name), tmp_path, "was not unpacked")


@pytest.mark.parametrize("kind", [stat.S_IFLNK, stat.S_IFIFO, stat.S_IFCHR, stat.S_IFSOCK])
def test_links_and_special_files_are_refused(kind: int, tmp_path: Path) -> None:
    archive = tmp_path / "a.zip"
    with zipfile.ZipFile(archive, "w") as opened:
        opened.writestr(entry("Song/link", kind | 0o777), "/etc/passwd")
    refused(archive, tmp_path, "is a link or another special file")


@pytest.mark.parametrize(
    "names",
    [("a/b", "a/b"), ("a/B", "a/b"), ("Stems/x", "stems/y"), ("a", "a/b"), ("a/b", "a"), ("é", "e\u0301")],
)
@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_two_files_of_one_name_are_refused(names: tuple[str, ...], tmp_path: Path) -> None:
    refused(packed(tmp_path / "a.zip", *names), tmp_path, "twice, or as a file and as a folder")


def test_a_bomb_is_refused_before_it_grows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zip_reader, "MIN_BOMB_BYTES", 1 << 20)
    refused(packed(tmp_path / "a.zip", "a", content=bytes(4 << 20)), tmp_path, "would grow to 4,194,304")


def test_silence_that_packs_well_is_no_bomb(tmp_path: Path) -> None:
    archive, target = packed(tmp_path / "a.zip", "a", content=bytes(4 << 20)), tmp_path / "inside"
    target.mkdir()
    unpack(archive, target)
    assert (target / "a").stat().st_size == 4 << 20


def test_too_many_files_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zip_reader, "MAX_FILES", 3)
    refused(packed(tmp_path / "a.zip", *"abcd"), tmp_path, "it holds 4 files")


def test_more_than_the_disk_holds_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = shutil.disk_usage(tmp_path)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage._replace(free=10))
    refused(packed(tmp_path / "a.zip", "a", content=bytes(100)), tmp_path, "are free")


def central(data: bytearray, field: int, value: int, form: str = "<I", which: int = 0) -> None:
    at = -1
    for _ in range(which + 1):
        at = data.index(b"PK\x01\x02", at + 1)
    struct.pack_into(form, data, at + field, value)


def test_entries_that_share_bytes_are_refused(tmp_path: Path) -> None:
    data = bytearray(packed(tmp_path / "a.zip", "a", "b", content=bytes(100)).read_bytes())
    central(data, 42, 0, which=1)  # the second entry's local header is said to lie where the first one's does
    (tmp_path / "a.zip").write_bytes(data)
    refused(tmp_path / "a.zip", tmp_path, "share the same bytes|damaged")


def test_an_entry_that_is_longer_than_it_says_is_refused(tmp_path: Path) -> None:
    data = bytearray(packed(tmp_path / "a.zip", "a", content=bytes(1000)).read_bytes())
    central(data, 24, 10)
    (tmp_path / "a.zip").write_bytes(data)
    refused(tmp_path / "a.zip", tmp_path, "longer than it says|damaged")


@pytest.mark.parametrize(("field", "value", "form"), [(8, 1, "<H"), (10, 12, "<H"), (10, 99, "<H")])
def test_encrypted_and_oddly_packed_entries_are_refused(field: int, value: int, form: str, tmp_path: Path) -> None:
    data = bytearray(packed(tmp_path / "a.zip", "a").read_bytes())
    central(data, field, value, form)
    (tmp_path / "a.zip").write_bytes(data)
    refused(tmp_path / "a.zip", tmp_path, "is encrypted|in an unusual way")


def test_a_damaged_zip_is_named(tmp_path: Path) -> None:
    data = bytearray(packed(tmp_path / "a.zip", "a", content=bytes(range(256)) * 40).read_bytes())
    data[60] ^= 0xFF
    (tmp_path / "a.zip").write_bytes(data)
    refused(tmp_path / "a.zip", tmp_path, "no zip or is damaged")


@given(data=st.binary(max_size=400), at=st.integers(0, 200))
def test_no_bytes_bring_anything_but_a_refusal_or_files_inside(
    data: bytes, at: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("Song/a", b"hello")
    spoiled = bytearray(stream.getvalue())
    spoiled[at : at + len(data)] = data
    folder = tmp_path_factory.mktemp("any")
    (folder / "a.zip").write_bytes(spoiled)
    (folder / "inside").mkdir()
    with suppress(InputError):
        unpack(folder / "a.zip", folder / "inside")
    assert {p.name for p in folder.iterdir()} == {"a.zip", "inside"}


@given(st.text(max_size=200))
def test_a_safe_name_is_always_safe_and_stays_when_made_safe_again(text: str) -> None:
    name = safe_name(text)
    assert name_problem(name) is None
    assert "/" not in name
    assert safe_name(name) == name


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("AC/DC: Live?", "AC DC Live"),
        ("Ночь", "Ночь"),
        ("..", "Song"),
        ("con", "con_"),
        ("a" * 200, "a" * 80),
        ("", "Song"),
    ],
)
def test_titles_become_names(text: str, name: str) -> None:
    assert safe_name(text) == name


def test_names_are_compared_as_the_least_careful_system_does() -> None:
    assert folded("Stems/É.wav") == folded("stems/e\u0301.WAV")
