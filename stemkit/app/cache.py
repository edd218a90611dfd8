"""Measurements of earlier runs, so that an unchanged file is not measured twice.

An entry answers only for the very file it was made of: its place, size, times, inode, and a hash of its head and
tail, under a version that changes with stemkit and with every module that measures. Entries are replaced whole, so
runs may share them; one that is damaged in any way counts as none.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import secrets
import time
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from stemkit._version import __version__
from stemkit.app.cache_codec import decode_facts, encode_facts
from stemkit.app.remote import is_url, remote_identity
from stemkit.model.identity import Identity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stemkit.model.audio import FileFacts

__all__ = ["Cache", "identify", "keep", "look_up", "prune"]

MAX_BYTES = 256 << 20  # of all entries; one takes about 30 KB
_LAYOUT = 1  # of an entry
_PRUNED = 0.8  # of the bound, so that not every run has to prune
_END_BYTES = 16 << 10  # of head and tail
_PART = ".part"
_ENTRY_NAME = re.compile(r"[0-9a-f]{62}(\.\d+-[0-9a-f]{8}\.part)?")
_PART_LEFT_S = 3600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Cache:
    """Where entries lie, and whether they are held against a new measurement instead of believed."""

    folder: Path
    verify: bool = False
    wrong: list[str] = field(default_factory=list)  # places whose entries a new measurement did not bear out


def identify(place: str) -> Identity | None:
    """Look at a file, by its path or URL; None where the system refuses."""
    if is_url(place):
        return remote_identity(place)
    try:
        if not Path(place).is_file():  # opening a pipe would wait for ever
            return None
        with Path(place).open("rb") as stream:
            seen_ns = time.time_ns()
            status = os.fstat(stream.fileno())
            ends = hashlib.sha256(stream.read(_END_BYTES))
            stream.seek(max(_END_BYTES, status.st_size - _END_BYTES))
            ends.update(stream.read(_END_BYTES))
    except OSError:
        return None
    return Identity(
        place=str(Path(place).absolute()),
        size_bytes=status.st_size,
        modified_ns=status.st_mtime_ns,
        changed_ns=status.st_ctime_ns,
        inode=status.st_ino,
        ends_sha256=ends.hexdigest(),
        seen_ns=seen_ns,
    )


def look_up(cache: Cache, file: FileFacts, identity: Identity) -> FileFacts | None:
    """Return the file with what an earlier run measured; None where no entry answers for it."""
    body = _read(cache, identity)
    if body is None:
        return None
    from stemkit.audio.trim import trim_from

    try:
        container, audio = decode_facts(body)
    except (ValueError, TypeError, KeyError):  # an entry that holds together, but of another layout
        return None
    return replace(file, container=container, audio=audio, trim_db=trim_from(container.bext))


def keep(cache: Cache, file: FileFacts, identity: Identity) -> None:
    """Keep what was measured, where nothing can have changed the file meanwhile.

    Where entries are being verified, one that says something else is noted in `cache.wrong`, and replaced.
    """
    now = identify(identity.place)
    if file.audio is None or now is None or _key(now) != _key(identity) or not identity.settled:
        return
    body = encode_facts(file.container, file.audio)
    if cache.verify:
        kept = _read(cache, identity)
        if kept is not None and kept != body:
            cache.wrong.append(identity.place)
    entry = _entry(cache, identity)
    part = entry.with_name(f"{entry.name}.{os.getpid()}-{secrets.token_hex(4)}{_PART}")
    with suppress(OSError):  # a full disk or a folder without rights costs only the time to measure again
        entry.parent.mkdir(parents=True, exist_ok=True)
        try:
            part.write_text(f"{_seal(identity, body)}\n{body}", encoding="utf-8")
            part.replace(entry)
        finally:
            part.unlink(missing_ok=True)


def prune(cache: Cache, max_bytes: int = MAX_BYTES) -> None:
    """Remove what was not used for longest, until all entries of all versions fit into `max_bytes`."""
    entries = sorted(_entries(cache.folder))
    total = sum(size for _used, size, _path in entries)
    allowed = max_bytes if total <= max_bytes else _PRUNED * max_bytes
    for used, size, path in entries:
        if total > allowed or (path.name.endswith(_PART) and used < time.time() - _PART_LEFT_S):
            path.unlink(missing_ok=True)
            total -= size


def _entries(folder: Path) -> Iterator[tuple[float, int, Path]]:
    for path in folder.glob("measured/*/??/*"):
        if _ENTRY_NAME.fullmatch(path.name) is None:  # the user may name any folder for the cache
            continue
        with suppress(FileNotFoundError):  # another run pruned it
            status = path.stat()
            yield status.st_mtime, status.st_size, path


def _entry(cache: Cache, identity: Identity) -> Path:
    name = hashlib.sha256(identity.place.encode("utf-8", "surrogateescape")).hexdigest()
    return cache.folder / "measured" / _version() / name[:2] / name[2:]


def _read(cache: Cache, identity: Identity) -> str | None:
    entry = _entry(cache, identity)
    try:
        seal, _, body = entry.read_text(encoding="utf-8").partition("\n")
        if seal != _seal(identity, body):
            return None
        os.utime(entry)  # so that what is used stays
    except (OSError, UnicodeDecodeError):
        return None
    return body


def _seal(identity: Identity, body: str) -> str:
    """Sign an entry for one state of one file; a damaged or foreign one does not carry it."""
    return hashlib.sha256(f"{_key(identity)}\n{body}".encode()).hexdigest()


def _key(identity: Identity) -> str:
    return json.dumps(asdict(replace(identity, seen_ns=0)))


@lru_cache(maxsize=1)
def _version() -> str:
    """Tell one way of measuring from every other: the release, the kernel, and the measuring modules themselves."""
    import stemkit.audio
    from stemkit.audio.kernel import kernel_state

    told = hashlib.sha256(f"{os.environ.get('STEMKIT_KERNEL')} {kernel_state()}\n".encode())
    for path in sorted(Path(stemkit.audio.__file__).parent.iterdir()):
        if path.is_file():
            status = path.stat()
            told.update(f"{path.name} {status.st_size} {status.st_mtime_ns}\n".encode())
    return f"{__version__}-{_LAYOUT}-{told.hexdigest()[:12]}"
