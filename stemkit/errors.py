"""Everything stemkit says when it cannot go on; each kind knows its exit code.

The message is one sentence for a musician: what is wrong, with which file or track, and what to do.
"""

from __future__ import annotations

__all__ = ["EngineError", "InputError", "StemkitError", "UsageError"]


class StemkitError(Exception):
    """Root of every error that stemkit raises on purpose.

    Parameters
    ----------
    message
        One sentence: what, which file or track, what to do.
    """

    exit_code: int = 2

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class UsageError(StemkitError):
    """The command was asked for something that makes no sense."""


class InputError(StemkitError):
    """A file that was given cannot be read or is not what it should be."""


class EngineError(StemkitError):
    """REAPER or another engine could not deliver what was planned."""

    exit_code = 3
