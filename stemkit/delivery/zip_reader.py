"""Unpacking a package that somebody sent: nothing in the zip is believed before it is checked."""

from __future__ import annotations

import shutil
import stat
import zipfile
import zlib
from typing import TYPE_CHECKING

from stemkit.delivery.zip_names import folded, name_problem
from stemkit.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

__all__ = ["unpack"]

MAX_FILES = 20_000  # ours: far above any delivery
MAX_RATIO = 200  # ours: silence alone packs better, so this only counts above MIN_BOMB_BYTES
MIN_BOMB_BYTES = 4 << 30
_BLOCK_BYTES = 1 << 20
_METHODS = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}
_ENCRYPTED = 0x1
_UNIX = 3
_LOCAL_HEADER_BYTES = 30


def unpack(archive: Path, target: Path) -> None:
    """Unpack a zip into an empty folder.

    Parameters
    ----------
    archive
        The zip.
    target
        An existing folder; nothing is written outside it.

    Raises
    ------
    InputError
        The file is no zip or damaged, holds links or other special files, names that lead out or that some system
        cannot write, two files with one name, overlapping contents, or more bytes than it says or the disk has.
    """
    try:
        with zipfile.ZipFile(archive) as opened:
            entries = opened.infolist()
            _check(archive, entries, shutil.disk_usage(target).free)
            for entry in entries:
                _write(opened, entry, target, archive)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, UnicodeDecodeError) as error:
        raise InputError(f"{archive.name} is no zip or is damaged ({error}); ask for it again.") from error


def _refuse(archive: Path, why: str) -> InputError:
    return InputError(f"{archive.name} was not unpacked: {why}; do not trust it, and ask for it again.")


def _check(archive: Path, entries: list[zipfile.ZipInfo], free_bytes: int) -> None:
    if len(entries) > MAX_FILES:
        raise _refuse(archive, f"it holds {len(entries):,} files")
    for entry in entries:
        if problem := _entry_problem(entry):
            raise _refuse(archive, f"{entry.orig_filename!r} {problem}")
    if clash := _clash(entries):
        raise _refuse(archive, f"{clash!r} is in it twice, or as a file and as a folder")
    if _overlap(entries):
        raise _refuse(archive, "two of its files share the same bytes")
    total = sum(entry.file_size for entry in entries)
    packed = max(1, archive.stat().st_size)
    if total > MIN_BOMB_BYTES and total > MAX_RATIO * packed:
        raise _refuse(archive, f"{packed:,} bytes would grow to {total:,}")
    if total > free_bytes:
        raise InputError(
            f"{archive.name} needs {total / 1e9:.1f} GB and {free_bytes / 1e9:.1f} GB are free; make room first."
        )


def _entry_problem(entry: zipfile.ZipInfo) -> str | None:
    if not entry.filename:  # of which `is_dir` would ask for the last letter
        return "has no name"
    mode = entry.external_attr >> 16 if entry.create_system == _UNIX else 0
    kind = stat.S_IFMT(mode)
    if kind and not stat.S_ISREG(mode) and not stat.S_ISDIR(mode):
        return "is a link or another special file"
    if entry.flag_bits & _ENCRYPTED:
        return "is encrypted"
    if entry.compress_type not in _METHODS:
        return "is packed in an unusual way"
    if "\0" in entry.orig_filename or "\\" in entry.orig_filename:
        return "has characters that no file may have on every system"
    return name_problem(entry.filename.removesuffix("/") if entry.is_dir() else entry.filename)


def _clash(entries: Iterable[zipfile.ZipInfo]) -> str | None:
    files: set[str] = set()
    folders: set[str] = set()
    spelled: dict[str, str] = {}
    for entry in entries:
        path = entry.filename.rstrip("/")
        parts = path.split("/")
        above = ["/".join(parts[: n + 1]) for n in range(len(parts) - (0 if entry.is_dir() else 1))]
        for name in (*above, path):
            if spelled.setdefault(folded(name), name) != name:
                return name
        folders.update(map(folded, above))
        if entry.is_dir():
            continue
        if folded(path) in files:
            return path
        files.add(folded(path))
    return next(iter(files & folders), None)


def _overlap(entries: Iterable[zipfile.ZipInfo]) -> bool:
    """Tell whether two entries read the same bytes, as the bombs do that no ratio of a single file shows."""
    end = 0
    for entry in sorted(entries, key=lambda e: e.header_offset):
        if entry.header_offset < end:
            return True
        end = entry.header_offset + _LOCAL_HEADER_BYTES + entry.compress_size
    return False


def _write(opened: zipfile.ZipFile, entry: zipfile.ZipInfo, target: Path, archive: Path) -> None:
    path = target.joinpath(*entry.filename.rstrip("/").split("/"))
    if entry.is_dir():
        path.mkdir(parents=True, exist_ok=True)
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    left = entry.file_size
    with opened.open(entry) as packed, path.open("xb") as stream:
        while block := packed.read(_BLOCK_BYTES):
            left -= len(block)
            if left < 0:
                raise _refuse(archive, f"{entry.filename!r} is longer than it says")
            stream.write(block)
    if left:
        raise _refuse(archive, f"{entry.filename!r} is shorter than it says")
