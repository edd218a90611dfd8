"""Flat tops: peaks cut off at one level below full scale, by a limiter or by clipping that was turned down later."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from stemkit.audio.clipping import NEAR_FULL_SCALE
from stemkit.audio.runs import MAX_LISTED, first_runs
from stemkit.audio.source import bits_of
from stemkit.audio.units import amplitude_db
from stemkit.model.audio import Run

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from stemkit.audio.chunks import Chunk
    from stemkit.model.audio import Encoding

__all__ = ["FlatTopMeter", "FlatTops"]

SHORTEST_RUN = 3
FEWEST_A_SECOND = 3  # plateaus at one level within one second, channel and polarity
LOWEST_LEVEL = 10 ** (-48 / 20)
LOWEST_STEPS = 200  # quantisation makes plateaus of its own on anything smaller
LONGEST_S = 0.02
SLACK = 1e-6  # of the level; and at least
SLACK_STEPS = 2.1  # so that dither on top does not hide a plateau
LEAST_CUT = 0.005  # of the level; what must have been cut off, and at least
LEAST_CUT_STEPS = 10
SHOULDER = 0.3  # of the level: how high the sample before and after a plateau must stand


@dataclass(frozen=True, slots=True, kw_only=True)
class FlatTops:
    """The first plateaus, how many there are, and the level that most of them share."""

    runs: tuple[Run, ...]
    count: int
    level_dbfs: float | None


class FlatTopMeter:
    """Looks for plateaus at the highest and lowest level of each second.

    A plateau is three or more samples within the slack of that level. A slow sine has such plateaus from rounding
    alone, so the curve must have been cut: a parabola through the slopes on both sides would have risen above the
    plateau by ``slope * length / 4``, and that must be well above the rounding. A square wave or a synthetic pulse
    comes from the other polarity or from zero in one step, so both shoulders must stand at a third of the level and
    still rise towards it.
    """

    def __init__(self, sample_rate: int, encoding: Encoding) -> None:
        bits = bits_of(encoding)
        self._step = 0.0 if bits is None else 2.0 ** (1 - bits)
        self._integer = bits is not None
        self._longest = max(SHORTEST_RUN, round(LONGEST_S * sample_rate))
        self._runs: list[Run] = []
        self._count = 0
        self._levels: list[tuple[int, float]] = []  # most plateaus a second so far, their level

    def feed(self, chunk: Chunk) -> None:
        """Take the next chunk."""
        for channel in range(len(chunk.buffer)):
            self._look(chunk, channel, chunk.highest[channel], 1)
            self._look(chunk, channel, -chunk.lowest[channel], -1)

    def _look(self, chunk: Chunk, channel: int, tops: NDArray[np.float32], sign: int) -> None:
        level = float(tops.max())
        full_scale = self._integer and level >= NEAR_FULL_SCALE  # that is clipping, and told as such
        if full_scale or level < max(LOWEST_LEVEL, LOWEST_STEPS * self._step):
            return
        floor = np.float32(level - max(SLACK * level, SLACK_STEPS * self._step))
        cells = np.flatnonzero(tops >= floor)
        cut = chunk.samples[channel].reshape(-1, chunk.cell_frames)[cells] * np.float32(sign)
        rows, columns = np.nonzero(cut >= floor)
        if len(rows) < SHORTEST_RUN * FEWEST_A_SECOND:
            return
        frames = cells[rows] * chunk.cell_frames + columns
        breaks = np.flatnonzero(np.diff(frames) != 1) + 1
        starts = frames[np.concatenate([[0], breaks])]
        lengths = np.diff(np.concatenate([[0], breaks, [len(frames)]]))
        inside = (lengths >= SHORTEST_RUN) & (lengths <= self._longest)
        inside &= starts + lengths + 1 < chunk.frames
        starts, lengths = starts[inside], lengths[inside]
        real = self._was_cut(chunk.buffer[channel] * np.float32(sign), chunk.history + starts, lengths, level)
        if np.count_nonzero(real) >= FEWEST_A_SECOND:
            self._note(chunk.start + starts[real], lengths[real], channel, level)

    def _was_cut(
        self, samples: NDArray[np.float32], starts: NDArray[np.intp], lengths: NDArray[np.intp], level: float
    ) -> NDArray[np.bool_]:
        ends = starts + lengths
        before, earlier, after, later = samples[starts - 1], samples[starts - 2], samples[ends], samples[ends + 1]
        slope = np.minimum(before - earlier, after - later)
        shoulders = np.minimum(np.minimum(before, after) - SHOULDER * level, np.minimum(earlier, later))
        risen = slope * lengths / 4
        enough = risen >= max(LEAST_CUT * level, LEAST_CUT_STEPS * self._step)
        return np.asarray(enough & (shoulders >= 0))

    def _note(self, starts: NDArray[np.intp], lengths: NDArray[np.intp], channel: int, level: float) -> None:
        self._count += len(starts)
        self._levels = [max([*self._levels, (len(starts), level)])]
        for start, length in zip(starts.tolist(), lengths.tolist(), strict=True):
            if len(self._runs) >= MAX_LISTED:
                return
            self._runs.append(Run(start_frame=start, end_frame=start + length, channel=channel, level=level))

    def result(self) -> FlatTops:
        """Return what was found, in the order of time."""
        level = amplitude_db(self._levels[0][1]) if self._levels else None
        return FlatTops(runs=first_runs(self._runs), count=self._count, level_dbfs=level)
