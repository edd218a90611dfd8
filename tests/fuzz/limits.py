"""What one input may cost: a second of the processor, and 200 MB above what the process has already."""

from __future__ import annotations

import os
import resource
import signal
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType

__all__ = ["MEMORY_BYTES", "SECONDS", "TooSlowError", "limited"]

SECONDS = 1.0
MEMORY_BYTES = 200 << 20
_STATM = Path("/proc/self/statm")


class TooSlowError(Exception):
    """An input took more than its share of the processor."""


def _stop(_signal: int, _frame: FrameType | None) -> None:
    raise TooSlowError(f"more than {SECONDS} s")


@contextmanager
def limited(seconds: float = SECONDS) -> Iterator[None]:
    """Hold what runs inside to both limits.

    Time is the processor's, so that a busy machine makes nothing slow. Whatever needs more memory gets Python's own
    `MemoryError`, which is a find like any other.

    Raises
    ------
    TooSlowError
        The time is over, or was when the work had ended.
    """
    before = resource.getrlimit(resource.RLIMIT_DATA)
    if _STATM.is_file():  # Linux
        used = int(_STATM.read_text().split()[5]) * os.sysconf("SC_PAGESIZE")
        resource.setrlimit(resource.RLIMIT_DATA, (used + MEMORY_BYTES, before[1]))
    old = signal.signal(signal.SIGVTALRM, _stop)
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds, 0.2)  # again and again: the first may be swallowed by a callback
    started = time.process_time()
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, old)
        resource.setrlimit(resource.RLIMIT_DATA, before)
    if time.process_time() - started > seconds:
        raise TooSlowError(f"{time.process_time() - started:.2f} s")
