"""Stretches of consecutive samples for which something holds, also across the borders of chunks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from stemkit.model.audio import Run

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["MAX_LISTED", "RunCollector", "find_runs"]

MAX_LISTED = 100  # positions that a list keeps; counts go on


def find_runs(mask: NDArray[np.bool_]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return the starts and (exclusive) ends of the runs of True."""
    edges = np.flatnonzero(mask[1:] != mask[:-1]) + 1
    if len(mask) and mask[0]:
        edges = np.concatenate([[0], edges])
    if len(mask) and mask[-1]:
        edges = np.concatenate([edges, [len(mask)]])
    return edges[::2], edges[1::2]


class RunCollector:
    """Counts runs of at least `shortest` frames in one channel and lists the first ones."""

    def __init__(self, channel: int, shortest: int) -> None:
        self._channel = channel
        self._shortest = shortest
        self._open: tuple[int, int, float] | None = None  # start, end so far, level
        self.count = 0
        self.listed: list[Run] = []

    def feed(self, start: int, mask: NDArray[np.bool_], samples: NDArray[np.float32]) -> None:
        """Take the mask of the frames that begin at `start`."""
        for first, end in zip(*(edges.tolist() for edges in find_runs(mask)), strict=True):
            if self._open is not None and self._open[1] == start + first:
                self._open = (self._open[0], start + end, self._open[2])
            else:
                self.close()
                self._open = (start + first, start + end, abs(float(samples[first])))

    def close(self) -> None:
        """End the run that is still open."""
        if self._open is None:
            return
        start, end, level = self._open
        self._open = None
        if end - start < self._shortest:
            return
        self.count += 1
        if len(self.listed) < MAX_LISTED:
            self.listed.append(Run(start_frame=start, end_frame=end, channel=self._channel, level=level))
