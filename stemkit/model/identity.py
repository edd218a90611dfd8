"""What tells one state of one file from every other."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Identity"]

_YOUNG_NS = 2_000_000_000  # a file system may tell times no finer than this, so a younger file may still change unseen


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """What tells one state of one file from every other. The times count in nanoseconds."""

    place: str
    size_bytes: int
    modified_ns: int
    changed_ns: int
    inode: int
    ends_sha256: str
    tag: str = ""  # what a remote store says instead of times and inode
    seen_ns: int = 0  # when this was looked at; no part of the identity

    @property
    def settled(self) -> bool:
        """True where any later change would show in the times."""
        return self.modified_ns < self.seen_ns - _YOUNG_NS
