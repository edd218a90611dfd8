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

__all__ = ["hash_file"]

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
    whole, audio = hashlib.sha256(), hashlib.sha256()
    begin = container.data_offset
    end = None if begin is None or container.data_bytes is None else begin + container.data_bytes
    buffer = mmap.mmap(-1, _BLOCK_BYTES)  # page-aligned: reading into it costs a quarter
    view = memoryview(buffer)
    try:
        with path.open("rb", buffering=0) as file:
            position = 0
            while count := _read(file, view):
                whole.update(view[:count])
                if begin is not None and end is not None:
                    audio.update(view[min(max(begin - position, 0), count) : min(max(end - position, 0), count)])
                position += count
    except OSError as error:
        raise InputError(f"{path.name} cannot be read ({error.strerror}); check the disk and try again.") from error
    return whole.hexdigest(), None if end is None else audio.hexdigest()


def _read(file: FileIO, view: memoryview) -> int:
    return file.readinto(view) or 0
