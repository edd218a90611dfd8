"""What the fuzzer found: told apart by where it broke, made small, and laid down as files."""

from __future__ import annotations

import traceback
from hashlib import sha256
from typing import TYPE_CHECKING

from tests.fuzz.limits import TooSlowError, limited

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

__all__ = ["Finds", "broken_by"]

_TRIES, _SLOW_TRIES = 400, 30


def broken_by(one: Callable[[bytes], None], data: bytes) -> BaseException | None:
    """Return what an input raises, a breach of the limits among it; None where all is well."""
    try:
        with limited():
            one(data)
    except Exception as error:
        return error
    return None


def _place(error: BaseException) -> str:
    """Name the kind of an error and where it was raised: the deepest line of our own code."""
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if "/stemkit/" in frame.filename] or list(frames)
    where = f"{own[-1].filename.rsplit('/', 1)[-1]}:{own[-1].lineno}" if own else "nowhere"
    return f"{type(error).__name__} {where}"


class Finds:
    """The finds of one target; each place counts once."""

    def __init__(self, folder: Path, one: Callable[[bytes], None]) -> None:
        self._folder = folder
        self._one = one
        self.places: dict[str, Path] = {}

    def take(self, data: bytes, error: BaseException) -> Path | None:
        """Write down a find; None where the place is known already."""
        place = _place(error)
        if place in self.places:
            return None
        small = self._small(data, place, _SLOW_TRIES if isinstance(error, TooSlowError) else _TRIES)
        self._folder.mkdir(parents=True, exist_ok=True)
        path = self._folder / f"{sha256(small).hexdigest()[:12]}.bin"
        path.write_bytes(small)
        told = "".join(traceback.format_exception(error))
        path.with_suffix(".txt").write_text(f"{place}\n\n{told}", encoding="utf-8", errors="backslashreplace")
        self.places[place] = path
        return path

    def _small(self, data: bytes, place: str, most: int) -> bytes:
        """Take pieces away, ever smaller ones, as long as the same place breaks."""
        size, tries = max(1, len(data) // 2), 0
        while size and tries < most:
            at = 0
            while at < len(data) and tries < most:
                shorter = data[:at] + data[at + size :]
                tries += 1
                error = broken_by(self._one, shorter)
                if error is not None and _place(error) == place:
                    data = shorter
                else:
                    at += size
            size //= 2
        return data
