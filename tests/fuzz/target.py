"""What a target is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path
    from random import Random

    from stemkit.errors import StemkitError

__all__ = ["Target", "demand_one_line"]


def demand_one_line(error: StemkitError) -> None:
    """Hold what stemkit says on purpose to its promise: one sentence."""
    assert error.message.strip()
    assert "\n" not in error.message, error.message


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """One door through which strangers' bytes come in.

    `open` gets a scratch folder and returns what is called with each input: it may raise nothing at all, for the
    errors that stemkit raises on purpose are taken for an answer inside. `seeds` are inputs that are understood.
    """

    name: str
    seeds: Callable[[], Sequence[bytes]]
    open: Callable[[Path], Callable[[bytes], None]]
    mutate: Callable[[bytes, Random, Sequence[bytes]], bytes]
