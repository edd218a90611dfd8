"""SHA-256 of a file and of its audio alone, which stays the same when only metadata change."""

from __future__ import annotations

import hashlib
import mmap
from typing import TYPE_CHECKING

from stemkit.errors import InputError

if TYPE_CHECKING:
    from io import FileIO
    from pathlib import Path

    from stemkit.model.audio import ContainerFacts

__all__ = ["FileHasher", "hash_file"]

_BLOCK_BYTES = 1 << 20


def hash_file(path: Path, container: ContainerFacts) -> tuple[str, str | None]:
    """Hash a file in one read.

    Parameters
    ----------
    path
        The file.
    container
        Its container, for the place of the audio.

    Returns
    -------
    tuple of str and str or None
        SHA-256 of the whole file, and of the bytes of its audio data; None where the container does not tell where
        those lie.

    Raises
    ------
    InputError
        The file cannot be read.
    """
    hasher = FileHasher(path, container)
    buffer = mmap.mmap(-1, _BLOCK_BYTES)  # page-aligned: reading into it costs a quarter
    view = memoryview(buffer)
    left = 0 if container.data_offset is None else container.data_bytes or 0
    try:
        with path.open("rb", buffering=0) as file:
            file.seek(container.data_offset or 0)
            while count := _read(file, view[: min(left, _BLOCK_BYTES)]):
                hasher.feed(view[:count])
                left -= count
    except OSError as error:
        raise _unreadable(path, error) from error
    return hasher.result()


class FileHasher:
    """Hashes a file whose audio somebody else reads and feeds; it reads the rest itself."""

    def __init__(self, path: Path, container: ContainerFacts) -> None:
        self._path = path
        self._whole, self._audio = hashlib.sha256(), hashlib.sha256()
        self._has_audio = container.data_offset is not None and container.data_bytes is not None
        self._position = 0
        self._read_on(container.data_offset if self._has_audio else None)

    def feed(self, data: memoryview) -> None:
        """Take the next bytes of the audio."""
        self._whole.update(data)
        self._audio.update(data)
        self._position += len(data)

    def result(self) -> tuple[str, str | None]:
        """Read what lies behind the audio and return both hashes."""
        self._read_on(None)
        return self._whole.hexdigest(), self._audio.hexdigest() if self._has_audio else None

    def _read_on(self, end: int | None) -> None:
        try:
            with self._path.open("rb") as file:
                file.seek(self._position)
                while block := file.read(_BLOCK_BYTES if end is None else min(_BLOCK_BYTES, end - self._position)):
                    self._whole.update(block)
                    self._position += len(block)
        except OSError as error:
            raise _unreadable(self._path, error) from error


def _read(file: FileIO, view: memoryview) -> int:
    return file.readinto(view) or 0


def _unreadable(path: Path, error: OSError) -> InputError:
    return InputError(f"{path.name} cannot be read ({error.strerror}); check the disk and try again.")
