"""What the fuzzer begins with: files of the shared folder where they are there, and our own, which always are."""

from __future__ import annotations

from pathlib import Path

__all__ = ["REPOSITORY", "SHARED", "shared_files"]

REPOSITORY = Path(__file__).resolve().parents[2]
SHARED = REPOSITORY.parent / "shared"
_LARGEST = 200_000


def shared_files(folder: str, *suffixes: str, largest: int = _LARGEST) -> list[Path]:
    """Return files below a folder of the shared ones, in the order of their names; none where it is absent."""
    found = (SHARED / folder).rglob("*") if (SHARED / folder).is_dir() else ()
    return sorted(path for path in found if path.suffix.lower() in suffixes and path.stat().st_size <= largest)
