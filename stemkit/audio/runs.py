"""Stretches of consecutive samples for which something holds, also across the borders of chunks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from stemkit.model.audio import Run

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

__all__ = ["MAX_LISTED", "RunCollector", "find_runs", "first_runs"]

MAX_LISTED = 100  # positions that a list keeps; counts go on


def find_runs(mask: NDArray[np.bool_]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return the starts and (exclusive) ends of the runs of True."""
    edges = np.flatnonzero(mask[1:] != mask[:-1]) + 1
    if len(mask) and mask[0]:
        edges = np.concatenate([[0], edges])
    if len(mask) and mask[-1]:
        edges = np.concatenate([edges, [len(mask)]])
    return edges[::2], edges[1::2]


def first_runs(runs: Iterable[Run]) -> tuple[Run, ...]:
    """Return as many runs as a list keeps, in the order of time."""
    return tuple(sorted(runs, key=lambda run: (run.start_frame, run.channel))[:MAX_LISTED])


class RunCollector:
    """Counts runs of at least `shortest` frames in one channel and lists the first ones."""

    def __init__(self, channel: int, shortest: int) -> None:
        self._channel = channel
        self._shortest = shortest
        self._open: tuple[int, int, float] | None = None  # start, end so far, level of the last run
        self.count = 0
        self.listed: list[Run] = []

    def feed(self, start: int, mask: NDArray[np.bool_], samples: NDArray[np.float32]) -> None:
        """Take the mask of the frames that begin at `start`."""
        starts, ends = find_runs(mask)
        if not len(starts):
            return
        levels = np.abs(samples[starts])
        starts, ends = starts + start, ends + start
        if self._open is not None:
            if self._open[1] == starts[0]:  # it goes on over the border
                starts[0], levels[0] = self._open[0], self._open[2]
            else:
                self.close()
        self._open = (int(starts[-1]), int(ends[-1]), float(levels[-1]))
        self._take(starts[:-1], ends[:-1], levels[:-1])

    def close(self) -> None:
        """End the run that is still open."""
        if self._open is not None:
            start, end, level = self._open
            self._take(np.array([start]), np.array([end]), np.array([level], np.float32))
        self._open = None

    def _take(self, starts: NDArray[np.intp], ends: NDArray[np.intp], levels: NDArray[np.float32]) -> None:
        long = np.flatnonzero(ends - starts >= self._shortest)
        self.count += len(long)
        self.listed += [
            Run(start_frame=int(starts[i]), end_frame=int(ends[i]), channel=self._channel, level=float(levels[i]))
            for i in long[: MAX_LISTED - len(self.listed)]
        ]
