"""Dropouts and clicks: what breaks a sound that otherwise goes on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from stemkit.audio.runs import MAX_LISTED, find_runs
from stemkit.model.audio import Run

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from stemkit.audio.chunks import Chunk

__all__ = ["DefectMeter"]

AHEAD_CELLS = 8  # 80 ms: events are judged when this much of their future is known
CONTEXT_CELLS = 4  # 40 ms on either side that say whether the sound goes on
GOES_ON_RATIO = 2.0  # power of the louder side against the quieter: 3 dB
LIKENESS = 0.95  # cosine between the magnitude spectra of both sides
MOST_A_SECOND = 10  # more zero runs are a pattern that somebody made

SHORTEST_DROPOUT = 8  # frames
COARSE = 0.05  # of the RMS: where nothing smaller occurs but zero, a bit crusher rounds to it
LONGEST_DROPOUT_CELLS = 5
DROPOUT_LEVEL = 10 ** (-50 / 20)
BROKEN_EDGE = 0.5  # of the RMS: the step on the steeper side
OTHER_EDGE = 0.02

CLICK_STEP = 0.01  # linear: smaller steps are not judged
CLICK_LEVEL = 10 ** (-60 / 20)
CLICK_SHARE = 0.3  # of the RMS around it
ISOLATION = 6.0  # a click's step against the steepest step around it
ISOLATION_CELLS = 6  # 60 ms on either side without anything like it: edges of waves down to 17 Hz have neighbours
CLICK_WIDTH = 16  # frames on either side that a band-limited click may take
STEEP = 0.3  # of the click's step
SPIKE_JUMP = 0.3  # of the step: a spike comes back to where it left; anything else is a splice,
SPLICE_RATIO = 1.4  # and must keep its level within 1.5 dB: the hard start of a note often looks like one
FEW_STEEP = 4  # a click has no more steep steps than this; a struck drum has many


def _power(samples: NDArray[np.float32]) -> float:
    return float(np.dot(samples, samples)) / max(1, len(samples))


class DefectMeter:
    """Looks for digital zeros and for isolated steps inside sound, and would rather miss one than invent one.

    A *dropout* is 8 frames to 50 ms of exact zeros with a broken edge, and sound of the same level on both sides.
    A *click* is a step of one or a few samples at least six times as steep as anything within 60 ms before and
    after, in a sound that goes on at the same level: the onset of a drum stays steep for longer and gets louder,
    the edges of a square wave come again. Where the sound goes on from another place than before, its spectrum must
    be the same on both sides, or a new note has begun. The last 80 ms of a file have no future and are not judged.
    """

    def __init__(self) -> None:
        self.dropouts: list[Run] = []
        self.dropout_count = 0
        self.clicks: list[Run] = []
        self.click_count = 0
        self._steps: NDArray[np.float32] = np.zeros(0, np.float32)  # room for the steps of a row

    def feed(self, chunk: Chunk) -> None:
        """Take the next chunk."""
        loud = chunk.magnitude.max(axis=1)
        for channel in range(len(chunk.buffer)):
            samples = chunk.buffer[channel]
            if loud[channel] >= DROPOUT_LEVEL or samples[: chunk.history].any():
                self._find_dropouts(chunk, channel, samples)
                self._find_clicks(chunk, channel, samples)

    def _find_dropouts(self, chunk: Chunk, channel: int, samples: NDArray[np.float32]) -> None:
        zero = samples == 0
        if not zero.any():
            return
        starts, ends = find_runs(zero)
        first = chunk.history - AHEAD_CELLS * chunk.cell_frames
        mine = (starts >= first) & (starts < len(samples) - AHEAD_CELLS * chunk.cell_frames)
        lengths = ends - starts
        mine &= (lengths >= SHORTEST_DROPOUT) & (lengths <= LONGEST_DROPOUT_CELLS * chunk.cell_frames)
        if np.count_nonzero(mine) > MOST_A_SECOND:
            return
        for start, end in zip(starts[mine].tolist(), ends[mine].tolist(), strict=True):
            self.judge_zeros(chunk, channel, start, end)

    def judge_zeros(self, chunk: Chunk, channel: int, start: int, end: int) -> None:
        """Note a run of zeros if it breaks a sound; `start` and `end` count from the start of the buffer."""
        if not _is_broken(chunk.buffer[channel], start, end, CONTEXT_CELLS * chunk.cell_frames):
            return
        self.dropout_count += 1
        if len(self.dropouts) < MAX_LISTED:
            offset = chunk.start - chunk.history
            self.dropouts.append(Run(start_frame=offset + start, end_frame=offset + end, channel=channel))

    def _find_clicks(self, chunk: Chunk, channel: int, samples: NDArray[np.float32]) -> None:
        cell = chunk.cell_frames
        steps = self._steps if len(self._steps) == len(samples) else np.zeros_like(samples)
        self._steps = steps
        np.subtract(samples[1:], samples[:-1], out=steps[1:])
        cells = steps.reshape(-1, cell)
        steepest = np.maximum(cells.max(axis=1), -cells.min(axis=1))
        first = chunk.history // cell - AHEAD_CELLS
        around = np.lib.stride_tricks.sliding_window_view(steepest, 2 * ISOLATION_CELLS + 1)
        others = np.maximum(around[:, : ISOLATION_CELLS - 1].max(axis=1), around[:, ISOLATION_CELLS + 2 :].max(axis=1))
        mine = slice(first, len(steepest) - AHEAD_CELLS)
        bound = np.maximum(CLICK_STEP, ISOLATION * others[first - ISOLATION_CELLS :][: mine.stop - first])
        for at in (np.flatnonzero(steepest[mine] >= bound) + first).tolist():
            self.judge_step(chunk, channel, at)

    def judge_step(self, chunk: Chunk, channel: int, cell: int) -> None:
        """Note the steepest step of a cell of the buffer if it is a click."""
        if chunk.cell_frames <= CLICK_WIDTH:  # below 1.7 kHz a click is as long as what surrounds it
            return
        samples, begin = chunk.buffer[channel], cell * chunk.cell_frames
        steps = np.abs(np.diff(samples[begin - 1 : begin + chunk.cell_frames]))
        within = int(steps.argmax())
        if not _is_click(samples, begin + within, chunk.cell_frames):
            return
        self.click_count += 1
        if len(self.clicks) < MAX_LISTED:
            frame = chunk.start - chunk.history + begin + within
            level = float(steps[within])
            self.clicks.append(Run(start_frame=frame, end_frame=frame + 1, channel=channel, level=level))


def _sounds_alike(before: NDArray[np.float32], after: NDArray[np.float32]) -> bool:
    """Whether both sides hold the same sound: a new note has another spectrum."""
    window = np.hanning(len(before))
    one, other = (np.abs(np.fft.rfft(side * window)) for side in (before, after))
    return float(np.dot(one, other)) >= LIKENESS * float(np.sqrt(np.dot(one, one) * np.dot(other, other)))


def _is_broken(samples: NDArray[np.float32], start: int, end: int, context: int) -> bool:
    before, after = _power(samples[start - context : start]), _power(samples[end : end + context])
    quieter, louder = sorted((before, after))
    if quieter < DROPOUT_LEVEL**2 or louder > GOES_ON_RATIO * quieter:
        return False
    around = np.abs(np.concatenate([samples[start - context : start], samples[end : end + context]]))
    if float(around[around > 0].min()) > COARSE * quieter**0.5:
        return False
    # A pulse wave that rests at zero comes from a plateau; a sound that breaks off does not.
    if np.ptp(samples[start - 3 : start]) == 0 or np.ptp(samples[end : end + 3]) == 0:
        return False
    edges = sorted((abs(float(samples[start - 1])) / before**0.5, abs(float(samples[end])) / after**0.5))
    return bool(edges[0] >= OTHER_EDGE and edges[1] >= BROKEN_EDGE)


def _is_click(samples: NDArray[np.float32], frame: int, cell: int) -> bool:
    near = np.abs(np.diff(samples[frame - cell - 1 : frame + cell + 1]))
    step = float(near[cell])
    core = near[cell - CLICK_WIDTH : cell + CLICK_WIDTH + 1]
    outside = max(float(near[: cell - CLICK_WIDTH].max()), float(near[cell + CLICK_WIDTH + 1 :].max()))
    if step < ISOLATION * outside or np.count_nonzero(core >= STEEP * step) > FEW_STEEP:
        return False
    context = CONTEXT_CELLS * cell
    before = samples[frame - CLICK_WIDTH - context : frame - CLICK_WIDTH]
    after = samples[frame + CLICK_WIDTH : frame + CLICK_WIDTH + context]
    quieter, louder = sorted((_power(before), _power(after)))
    if quieter < CLICK_LEVEL**2 or louder > GOES_ON_RATIO * quieter or step < CLICK_SHARE * louder**0.5:
        return False
    if abs(float(samples[frame + FEW_STEEP] - samples[frame - FEW_STEEP - 1])) <= SPIKE_JUMP * step:
        return True
    return louder <= SPLICE_RATIO * quieter and step >= louder**0.5 and _sounds_alike(before, after)
