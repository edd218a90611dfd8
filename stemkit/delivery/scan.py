"""Finding the files of a delivery on disk, without following anything that could lead out or never end."""

from __future__ import annotations

import os
import re
import stat
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from stemkit.delivery.roles import ignored_because, looks_like_audio
from stemkit.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = ["Scan", "is_magic", "natural_order", "scan"]

_MAGIC_BYTES = 12
_ZIP = b"PK\x03\x04"
_MAGIC = (b"RF64", b"BW64", b"RIFX", b"FORM", b"fLaC", b"OggS", b"ID3", b"caff")


@dataclass(slots=True)
class Scan:
    """What lies in a delivery: audio by its relative path, other files, and what was not looked into."""

    root: Path
    audio: dict[str, Path] = field(default_factory=dict)
    others: list[str] = field(default_factory=list)
    unread: list[tuple[str, str]] = field(default_factory=list)  # (relative path, reason)

    def label(self, path: Path) -> str:
        """Return a path relative to the delivery, or as it was given where it lies elsewhere.

        First by its letters, so that a link keeps its own name, then by where it really lies.
        """
        for settle in (os.path.abspath, os.path.realpath):
            inner, root = Path(settle(path)), Path(settle(self.root))
            if inner.is_relative_to(root):
                return inner.relative_to(root).as_posix()
        return path.as_posix()


def scan(paths: Sequence[Path], extra: Iterable[Path] = ()) -> Scan:
    """Find the audio files below some paths.

    Parameters
    ----------
    paths
        Folders and files. A file that is named itself is taken for audio whatever its name says.
    extra
        Files that belong to the delivery and may lie elsewhere: the mix, the references.

    Raises
    ------
    InputError
        A path does not exist or is neither a file nor a folder, or there is no audio at all.
    """
    for path in (*paths, *extra):
        _demand(path)
    found = Scan(root=_root(paths))
    for path in paths:
        if path.is_dir():
            _walk(path, found)
        else:
            found.audio[found.label(path)] = path
    if not found.audio:
        places = " or ".join(str(path) for path in paths)
        raise InputError(f"There is no audio file in {places}; give the folder that holds the stems.")
    for path in extra:
        found.audio.setdefault(found.label(path), path)
    found.audio = dict(sorted(found.audio.items(), key=lambda entry: natural_order(entry[0])))
    found.others.sort(key=natural_order)
    return found


def _demand(path: Path) -> None:
    try:
        mode = path.stat().st_mode
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "the path makes no sense"
        raise InputError(f"{path} cannot be opened ({reason}); check its path.") from None
    if not stat.S_ISREG(mode) and not stat.S_ISDIR(mode):
        raise InputError(f"{path} is neither a file nor a folder; give the folder that holds the stems.")
    if stat.S_ISREG(mode) and _head(path).startswith(_ZIP):
        raise InputError(f"{path} is a zip archive; unpack it and give the folder.")


def _root(paths: Sequence[Path]) -> Path:
    folders = [path if path.is_dir() else path.parent for path in paths]
    if len(folders) == 1:
        return folders[0]
    try:
        return Path(os.path.commonpath([folder.absolute() for folder in folders]))
    except ValueError:  # two drives of Windows
        return folders[0]


def natural_order(path: str) -> tuple[tuple[int, int, str], ...]:
    """Sort 2 before 10, and files of one folder together."""
    return tuple(
        (0, int(part), part) if part.isascii() and part.isdigit() else (1, 0, part.casefold())
        for part in re.split(r"(\d+)", path)
        if part
    )


def _walk(folder: Path, found: Scan) -> None:
    def refused(error: OSError) -> None:
        found.unread.append((found.label(Path(error.filename or folder)), error.strerror or "cannot be opened"))

    for here, folders, names in os.walk(folder, onerror=refused, followlinks=False):
        for name in list(folders):
            inner = Path(here, name)
            if ignored_because(name) is not None:
                folders.remove(name)
            elif inner.is_symlink():
                found.unread.append((found.label(inner), "a link to a folder is not followed"))
        for name in names:
            if ignored_because(name) is None:
                _add(Path(here, name), found)


def _add(path: Path, found: Scan) -> None:
    label = found.label(path)
    if looks_like_audio(path.name):
        found.audio[label] = path  # also a link that leads nowhere: that stem is missing, and the walker says so
        return
    try:
        regular = stat.S_ISREG(path.stat().st_mode)
    except OSError as error:
        found.unread.append((label, error.strerror or "cannot be opened"))
        return
    if not regular:
        found.unread.append((label, "this is no ordinary file"))
    elif is_magic(_head(path)):
        found.audio[label] = path
    else:
        found.others.append(label)


def is_magic(head: bytes) -> bool:
    """Tell by the first bytes whether a file is audio whatever its name says."""
    return head.startswith(_MAGIC) or (head.startswith(b"RIFF") and head[8:12] == b"WAVE")


def _head(path: Path) -> bytes:
    """Return the first bytes of a regular file, none where the system refuses: whoever needs more will say so."""
    try:
        with path.open("rb") as stream:
            return stream.read(_MAGIC_BYTES)
    except OSError:
        return b""
