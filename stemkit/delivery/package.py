"""The folder that is sent: its name, its files with their hashes, its zip, and how it appears all at once."""

from __future__ import annotations

import os
import shutil
import stat
import zipfile
from typing import TYPE_CHECKING

from stemkit.audio.hashing import hash_file
from stemkit.audio.wav import walk
from stemkit.delivery.changes import FoundFile
from stemkit.delivery.role_words import IGNORED_EXTENSIONS, IGNORED_NAMES
from stemkit.delivery.zip_names import safe_name
from stemkit.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime
    from pathlib import Path

__all__ = ["find_package", "found_files", "package_files", "package_name", "write_zip"]

_OLDEST_ZIP_YEAR = 1980
_FILE_MODE = stat.S_IFREG | 0o644
_BLOCK_BYTES = 1 << 20


def package_name(artist: str, title: str) -> str:
    """Return the name of the package's folder: ``Artist - Song``, or the song alone."""
    song = safe_name(title)
    return f"{safe_name(artist)} - {song}" if artist.strip() else song


def find_package(path: Path, manifest_name: str) -> Path:
    """Return the folder with the manifest: the one that was given, or the only package in it.

    Raises
    ------
    InputError
        There is none, or more than one.
    """
    if (path / manifest_name).is_file():
        return path
    inside = sorted(folder for folder in path.iterdir() if (folder / manifest_name).is_file())
    if len(inside) == 1:
        return inside[0]
    if inside:
        raise InputError(f"{path} holds several packages; give one of them.")
    raise InputError(
        f"{path} has no {manifest_name}; give a whole package that stemkit deliver made, or judge other folders with "
        "stemkit check."
    )


def _is_leaving(name: str) -> bool:
    """Tell what systems and DAWs leave in folders that they open; it is no part of a package."""
    lower = name.lower()
    left = lower in IGNORED_NAMES or lower == ".ds_store" or lower.startswith("._")
    return left or lower.rpartition(".")[2] in IGNORED_EXTENSIONS


def package_files(root: Path) -> Iterator[tuple[str, Path, str | None]]:
    """Walk a package without following a link.

    Yields
    ------
    tuple of str, Path and str or None
        Path relative to the package, path on disk, and what makes it no ordinary file.
    """
    for here, folders, names in os.walk(root, followlinks=False):
        folders[:] = sorted(name for name in folders if not _is_leaving(name))
        place = root.__class__(here)
        links = [name for name in folders if (place / name).is_symlink()]
        for name in sorted([*links, *(name for name in names if not _is_leaving(name))]):
            path = place / name
            label = path.relative_to(root).as_posix()
            ordinary = stat.S_ISREG(path.lstat().st_mode)
            yield label, path, None if ordinary else f"{label} is a link or another special file."


def found_files(root: Path, progress: Callable[[float, str], None] | None = None) -> dict[str, FoundFile]:
    """Hash every file of a package.

    Raises
    ------
    InputError
        A file cannot be read.
    """
    entries = list(package_files(root))
    found = {}
    for number, (label, path, odd) in enumerate(entries, start=1):
        if odd is not None:
            found[label] = FoundFile(path=label, size_bytes=0, sha256="", odd=odd)
            continue
        whole, audio = hash_file(path, walk(path))
        found[label] = FoundFile(path=label, size_bytes=path.stat().st_size, sha256=whole, audio_sha256=audio)
        if progress is not None:
            progress(number / len(entries), label)
    return found


def write_zip(folder: Path, target: Path, *, made_at: datetime) -> None:
    """Pack a folder; the same files and time give the same bytes.

    Parameters
    ----------
    folder
        The package; the zip holds it under its own name.
    target
        The zip, which must not exist.
    made_at
        The time that every file gets, because the true ones would differ from run to run.
    """
    year = max(_OLDEST_ZIP_YEAR, made_at.year)
    date = (year, made_at.month, made_at.day, made_at.hour, made_at.minute, made_at.second // 2 * 2)
    with target.open("xb") as stream, zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as packed:
        for label, path, odd in package_files(folder):
            if odd is not None:
                raise InputError(odd)
            entry = zipfile.ZipInfo(f"{folder.name}/{label}", date)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.create_system = 3  # Unix, whose modes say that these are plain files
            entry.external_attr = _FILE_MODE << 16
            entry.file_size = path.stat().st_size
            with path.open("rb") as source, packed.open(entry, "w") as inside:
                shutil.copyfileobj(source, inside, _BLOCK_BYTES)
