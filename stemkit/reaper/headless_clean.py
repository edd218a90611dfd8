"""Names of temporary projects, and what of dead runs is swept away: by name and owner, nothing else.

REAPER resolves relative media against the project, so a pass lies beside the original while it is rendered. Its name
tells computer and process; two computers may share a folder. What belongs to another user of this computer stays.
"""

from __future__ import annotations

import errno
import hashlib
import os
import re
import secrets
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from stemkit.errors import EngineError
from stemkit.reaper.headless_run import end_tree
from stemkit.render.atomic import start_of, this_computer

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["demand_unchanged", "file_hash", "pass_file", "sweep_passes"]

_OWNED = re.compile(r"\.stemkit-pass-(?P<host>[0-9a-f]{8})-(?P<pid>\d+)-(?P<start>[0-9a-f]{8})[0-9a-f]{8}\.rpp(-bak)?")
_NOBODY_MAY_WRITE = frozenset({errno.EACCES, errno.EPERM, errno.EROFS})


@contextmanager
def pass_file(beside: Path, content: bytes) -> Iterator[Path]:
    """Give a temporary project beside the user's, gone when the block ends.

    Parameters
    ----------
    beside
        The user's project.
    content
        What it holds.

    Raises
    ------
    EngineError
        Nobody may write there.
    """
    owner = f"{this_computer()}-{os.getpid()}-{_mark(start_of(os.getpid()))}"
    path = beside.parent / f".stemkit-pass-{owner}{secrets.token_hex(4)}.rpp"
    try:
        with open(path, "xb", opener=_private) as stream:
            stream.write(content)
        yield path
    except OSError as error:
        if error.errno not in _NOBODY_MAY_WRITE or error.filename != str(path):
            raise
        raise EngineError(
            f"REAPER needs a temporary copy of {beside.name} in its folder, where nobody may write; copy the project "
            "with its media to another folder."
        ) from error
    finally:
        for leaving in (path, path.with_name(path.name + "-bak")):
            with suppress(FileNotFoundError):
                leaving.unlink()


def _mark(start: str | None) -> str:
    return hashlib.sha256(str(start).encode()).hexdigest()[:8]


def _private(path: str, flags: int) -> int:
    """Open a new file that only its owner may read, as the project may be."""
    return os.open(path, flags, 0o600)


def sweep_passes(folder: Path) -> list[Path]:
    """Remove temporary projects that dead runs on this computer left, end the REAPER that renders one, and return them.

    Parameters
    ----------
    folder
        Where a project lies.
    """
    left = [path for path in _files(folder) if (match := _OWNED.fullmatch(path.name)) and _is_dead(path, match)]
    if left:
        _end_orphans({str(path) for path in left})
    return [path for path in left if _is_removed(path)]


def _is_removed(path: Path) -> bool:
    with suppress(OSError):  # what cannot be removed stays, and stops nobody
        path.unlink(missing_ok=True)
    return not path.exists()


def _files(folder: Path) -> list[Path]:
    try:
        return sorted(path for path in folder.iterdir() if path.is_file() and not path.is_symlink())
    except OSError:
        return []


def _is_dead(path: Path, match: re.Match[str]) -> bool:
    import psutil  # noqa: PLC0415  (only where something lies there)

    if match["host"] != this_computer():
        return False
    try:
        status = path.stat()
    except OSError:
        return False
    if hasattr(os, "getuid") and status.st_uid != os.getuid():
        return False
    try:
        start = start_of(int(match["pid"]))
    except psutil.AccessDenied:
        return False
    return start is None or _mark(start) != match["start"]  # the number went to another process


def _end_orphans(projects: set[str]) -> None:
    """End what a dead run started: the processes whose command line names one of its own projects."""
    import psutil  # noqa: PLC0415  (as above)

    for process in psutil.process_iter(["cmdline"]):
        words = process.info["cmdline"] or ()
        if "-renderproject" in words and projects.intersection(words):
            end_tree(process.pid)


def file_hash(path: Path) -> str:
    """Return the SHA-256 of a file.

    Raises
    ------
    EngineError
        It cannot be read.
    """
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as error:
        raise EngineError(f"{path} cannot be read any more ({error.strerror or error}).") from error


def demand_unchanged(path: Path, before: str) -> None:
    """Refuse a project whose file is another than it was.

    Raises
    ------
    EngineError
        Somebody saved it meanwhile.
    """
    if file_hash(path) != before:
        raise EngineError(f"{path.name} was changed while it was rendered, so nothing was kept; run again.")
