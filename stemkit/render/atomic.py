"""New files appear whole or not at all.

A file is written beside its target under a name that tells its owner (this computer and process), flushed to the disk
and moved. What a killed run left is swept away by the next one: only names of this pattern, only of dead owners on the
same computer, as a folder may be shared with others whose processes cannot be seen.
"""

from __future__ import annotations

import hashlib
import os
import platform
import re
import secrets
import shutil
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from stemkit.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["part_file", "staging_folder", "start_of", "sweep", "this_computer"]

_mine: set[str] = set()  # names that this process has given; a container's next run may have the same number
_OWNED = re.compile(r"\.stemkit-(?P<host>[0-9a-f]{8})-(?P<pid>\d+)-[0-9a-f]{8}-(?:part|staging)")


def this_computer() -> str:
    """Return eight characters for this computer's name, which processes on others do not share."""
    return hashlib.sha256(platform.node().encode("utf-8", "surrogateescape")).hexdigest()[:8]


def start_of(pid: int) -> str | None:
    """Tell when a process began, so that another one that gets its number is told apart; None where there is none.

    On Linux it is counted from the start of the machine: psutil would add the clock, and a clock that is set would make
    a process another one. Other systems keep the time that the clock showed when the process began.

    Raises
    ------
    psutil.AccessDenied
        The process may not be looked at.
    """
    import psutil  # noqa: PLC0415  (as below)

    try:
        fields = Path(f"/proc/{pid}/stat").read_bytes().rpartition(b")")[2].split()  # names of programs hold anything
        return f"{Path('/proc/sys/kernel/random/boot_id').read_text().strip()} {int(fields[19])}"
    except (OSError, ValueError, IndexError):
        pass
    try:
        return str(psutil.Process(pid).create_time())
    except (psutil.NoSuchProcess, OverflowError, ValueError):
        return None


def _owned_name(kind: str) -> str:
    name = f".stemkit-{this_computer()}-{os.getpid()}-{secrets.token_hex(4)}-{kind}"
    _mine.add(name)
    return name


def _is_alive(name: str, pid: int) -> bool:
    import psutil  # noqa: PLC0415  (os.kill(pid, 0) would end the process on Windows)

    return name in _mine if pid == os.getpid() else bool(psutil.pid_exists(pid))


def sweep(folder: Path) -> list[Path]:
    """Remove what dead runs on this computer left in `folder`, and return it; what cannot be removed stays."""
    removed = []
    for entry in folder.iterdir() if folder.is_dir() else ():
        match = _OWNED.fullmatch(entry.name)
        if match is None or match["host"] != this_computer() or entry.is_symlink():
            continue
        if _is_alive(entry.name, int(match["pid"])):
            continue
        if entry.is_dir():
            shutil.rmtree(entry, ignore_errors=True)
        else:
            with suppress(OSError):
                entry.unlink()
        if not entry.exists():
            removed.append(entry)
    return removed


@contextmanager
def part_file(target: Path, *, overwrite: bool = False) -> Iterator[BinaryIO]:
    """Open a file that gets the name `target` only when the block ends without an error.

    Parameters
    ----------
    target
        The final name. Its folder is made.
    overwrite
        Whether an existing file may be replaced.

    Raises
    ------
    InputError
        `target` exists and may not be replaced.
    """
    if target.exists() and not overwrite:
        raise InputError(f"{target} exists already; choose another folder or say --overwrite.")
    target.parent.mkdir(parents=True, exist_ok=True)
    if not any(_OWNED.fullmatch(folder.name) for folder in target.parents):  # what lies in staging goes with it
        sweep(target.parent)
    part = target.parent / _owned_name("part")
    try:
        with part.open("xb") as stream:
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
        part.replace(target)
    finally:
        with suppress(FileNotFoundError):
            part.unlink()


@contextmanager
def staging_folder(beside: Path) -> Iterator[Path]:
    """Give a hidden folder in `beside` (made if need be) that is gone when the block ends."""
    beside.mkdir(parents=True, exist_ok=True)
    sweep(beside)
    folder = beside / _owned_name("staging")
    folder.mkdir(mode=0o700)  # in the system's folder for temporary files others could look in
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
