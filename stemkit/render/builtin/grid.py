"""The sample grid: how seconds become frames, and the block of the timeline that is being mixed."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Block", "Moving", "Signal", "blocks", "to_frame"]

Signal: TypeAlias = NDArray[np.floating[Any]]  # shape (channels, frames), or (frames,) for a curve
Moving: TypeAlias = "float | NDArray[np.floating[Any]]"  # constant through a block, or one value a frame


def to_frame(seconds: float, rate: float) -> int:
    """Round to the nearest frame, halves up (sheet section 0, item start and end: GOLD, [M])."""
    return math.floor(seconds * rate + 0.5)


@dataclass(frozen=True, slots=True)
class Block:
    """Frames `start` up to `end` (exclusive) of the timeline, counted from project zero."""

    start: int
    end: int
    rate: int

    @property
    def frames(self) -> int:
        """How many frames the block has."""
        return self.end - self.start


def blocks(start: int, frames: int, rate: int, size: int) -> Iterator[Block]:
    """Cut the timeline from `start` into blocks of at most `size` frames."""
    for first in range(start, start + frames, size):
        yield Block(first, min(first + size, start + frames), rate)
