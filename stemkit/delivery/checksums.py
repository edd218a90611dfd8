"""`SHA256SUMS`, which `sha256sum -c` reads. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["CHECKSUMS_NAME", "MANIFEST_NAME", "checksum_lines", "listed_paths"]

CHECKSUMS_NAME = "SHA256SUMS"
MANIFEST_NAME = "manifest.json"


def checksum_lines(hashes: Mapping[str, str]) -> str:
    """Write one line a file: 64 hex digits, two spaces, the path; sorted by path.

    Parameters
    ----------
    hashes
        SHA-256 in hex by path, relative to the package, with forward slashes.
    """
    return "".join(f"{hashes[path]}  {path}\n" for path in sorted(hashes))


def listed_paths(text: str) -> frozenset[str]:
    """Return the paths that lines of `checksum_lines` name; other lines name nothing."""
    return frozenset(path for _, mark, path in (line.partition("  ") for line in text.splitlines()) if mark)
