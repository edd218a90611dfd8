"""Deliveries that lie behind a URL: listed and identified there, read through local copies."""

from __future__ import annotations

import hashlib
from contextlib import ExitStack, contextmanager
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from stemkit.app.cache_folder import cache_folder
from stemkit.errors import InputError, UsageError
from stemkit.model.identity import Identity

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["at_hand", "copies_folder", "is_url", "list_files", "list_folders", "read_head", "remote_identity"]

_END_BYTES = 16 << 10
_SAME_IN_EVERY_STATE = frozenset({"name", "size", "type", "url", "mimetype", "partial"})


def is_url(place: str) -> bool:
    """Tell a URL from a path; a drive letter is none."""
    scheme, separator, _rest = place.partition("://")
    return bool(separator) and len(scheme) > 1 and scheme.replace("+", "").replace("-", "").isalnum()


def _open(url: str) -> tuple[Any, str]:
    """Return the file system of a URL and the path in it."""
    try:
        from fsspec.core import url_to_fs
    except ImportError:
        raise UsageError(f"{url} is a URL; reading it needs: pip install 'stemkit[remote]'.") from None
    try:
        system, path = url_to_fs(url)
    except (ImportError, ValueError) as error:
        raise UsageError(f"{url} cannot be opened: {error}.") from error
    return system, str(path)


def list_files(url: str) -> list[tuple[str, str]]:
    """List what lies below a URL: relative path (the name alone, for a file) and its own URL.

    Raises
    ------
    InputError
        There is nothing, or the store refuses.
    UsageError
        The URL needs something that is not installed.
    """
    system, root = _open(url)
    try:
        found: list[str] = system.find(root)
    except (OSError, PermissionError) as error:
        raise _refused(url, error) from error
    if not found:
        raise InputError(f"{url} cannot be opened: there is nothing; check the address.")
    top = PurePosixPath(root)
    listed = []
    for path in sorted(found):
        inner = PurePosixPath(path)
        label = inner.name if inner == top else inner.relative_to(top).as_posix()
        listed.append((label, system.unstrip_protocol(path)))
    return listed


def list_folders(url: str) -> list[str]:
    """List the URLs of the folders right below a URL; raises as `list_files` does."""
    system, root = _open(url)
    try:
        found = system.ls(root, detail=True)
    except (OSError, PermissionError) as error:
        raise _refused(url, error) from error
    return sorted(system.unstrip_protocol(told["name"].rstrip("/")) for told in found if told["type"] == "directory")


def _refused(url: str, error: Exception) -> InputError:
    reason = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return InputError(f"{url} cannot be opened: {reason}.")


def read_head(url: str, count: int) -> bytes:
    """Return the first bytes of a file; raises as `list_files` does."""
    system, path = _open(url)
    try:
        head: bytes = system.cat_file(path, start=0, end=count)
    except (OSError, PermissionError) as error:
        raise _refused(url, error) from error
    return head


def remote_identity(url: str) -> Identity | None:
    """Tell this state of a remote file from every other; None where the store refuses, or knows no state of it.

    Some stores take every file for unchanging: over HTTP, only what the server says of it tells its states apart.
    """
    system, path = _open(url)
    try:
        size = int(system.size(path) or 0)
        ends = system.cat_file(path, start=0, end=min(size, _END_BYTES))
        ends += system.cat_file(path, start=max(0, size - _END_BYTES), end=size)
        told = system.info(path)
        state = {key: str(told[key]) for key in sorted(told) if key not in _SAME_IN_EVERY_STATE}
        tag = f"{system.ukey(path)} {state}"
    except (OSError, PermissionError):
        return None
    if not state:
        return None
    sha256 = hashlib.sha256(ends).hexdigest()
    times = {"modified_ns": 0, "changed_ns": 0, "inode": 0, "seen_ns": 1 << 62}  # the store's tag stands for them
    return Identity(place=url, size_bytes=size, ends_sha256=sha256, tag=tag, **times)


@contextmanager
def copies_folder() -> Iterator[Path]:
    """Give a folder for local copies that is gone when the block ends, also of runs that were killed."""
    from stemkit.render.atomic import staging_folder

    with staging_folder(cache_folder() / "remote") as folder:
        yield folder


@contextmanager
def at_hand(place: str, copies: Path | None = None) -> Iterator[Path]:
    """Give a file of this machine: the place itself, or a copy of what lies behind its URL.

    Parameters
    ----------
    place
        A path or a URL.
    copies
        Where the copy stays for whoever needs it next; without it, the copy goes when the block ends.

    Raises
    ------
    InputError
        It cannot be fetched.
    """
    if not is_url(place):
        yield Path(place)
        return
    with ExitStack() as stack:
        folder = copies or stack.enter_context(copies_folder())
        yield _fetched(place, folder)


def _fetched(url: str, folder: Path) -> Path:
    target = folder / hashlib.sha256(url.encode()).hexdigest()[:32] / PurePosixPath(url).name
    if target.exists():
        return target
    system, path = _open(url)
    part = target.with_name(f"{target.name}.part")
    part.parent.mkdir(parents=True, exist_ok=True)
    try:
        system.get_file(path, str(part))
    except (OSError, PermissionError) as error:
        raise _refused(url, error) from error
    part.replace(target)
    return target
