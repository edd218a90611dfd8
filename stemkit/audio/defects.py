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
CONTEXT_CELLS = 2  # 20 ms on either side whose level says whether the sound goes on
GOES_ON_RATIO = 4.0  # power of the quieter side against the louder: 6 dB
MOST_A_SECOND = 10  # more is a pattern that somebody made

SHORTEST_DROPOUT = 8  # frames
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
FEW_STEEP = 4  # a click has no more steep steps than this; a struck drum has many


def _power(samples: NDArray[np.float32]) -> float:
    return float(np.dot(samples, samples)) / max(1, len(samples))


class DefectMeter:
    """Looks for digital zeros and for isolated steps inside sound, and would rather miss one than invent one.

    A *dropout* is 8 frames to 50 ms of exact zeros with a broken edge, and sound of the same level on both sides.
    A *click* is a step of one or a few samples at least six times as steep as anything within 60 ms before and
    after, in a sound that goes on at the same level: the onset of a drum stays steep for longer and gets louder,
    the edges of a square wave come again. The last 80 ms of a file are judged only as far as they have a future.
    """

    def __init__(self) -> None:
        self.dropouts: list[Run] = []
        self.dropout_count = 0
        self.clicks: list[Run] = []
        self.click_count = 0

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
        found = [
            (int(start), int(end))
            for start, end in zip(starts[mine], ends[mine], strict=True)
            if _is_broken(samples, int(start), int(end), CONTEXT_CELLS * chunk.cell_frames)
        ]
        if len(found) > MOST_A_SECOND:
            return
        self.dropout_count += len(found)
        offset = chunk.start - chunk.history
        room = MAX_LISTED - len(self.dropouts)
        self.dropouts += [Run(start_frame=offset + s, end_frame=offset + e, channel=channel) for s, e in found[:room]]

    def _find_clicks(self, chunk: Chunk, channel: int, samples: NDArray[np.float32]) -> None:
        cell = chunk.cell_frames
        steps = np.empty_like(samples)
        steps[0] = 0
        np.subtract(samples[1:], samples[:-1], out=steps[1:])
        cells = steps.reshape(-1, cell)
        steepest = np.maximum(cells.max(axis=1), -cells.min(axis=1))
        lowest = max(CLICK_STEP, float(steepest.min()) * ISOLATION)
        history = chunk.history // cell
        window = slice(history - AHEAD_CELLS, len(steepest) - AHEAD_CELLS)
        for at in np.flatnonzero(steepest[window] >= lowest) + window.start:
            around = np.concatenate(
                [steepest[at - ISOLATION_CELLS : at - 1], steepest[at + 2 : at + 1 + ISOLATION_CELLS]]
            )
            if steepest[at] < ISOLATION * around.max():
                continue
            frame = int(at) * cell + int(np.abs(cells[at]).argmax())
            if _is_click(samples, steps, frame, cell):
                self._note_click(chunk.start - chunk.history + frame, channel, float(steepest[at]))

    def _note_click(self, frame: int, channel: int, step: float) -> None:
        self.click_count += 1
        if len(self.clicks) < MAX_LISTED:
            self.clicks.append(Run(start_frame=frame, end_frame=frame + 1, channel=channel, level=step))


def _is_broken(samples: NDArray[np.float32], start: int, end: int, context: int) -> bool:
    before, after = _power(samples[start - context : start]), _power(samples[end : end + context])
    quieter, louder = sorted((before, after))
    if quieter < DROPOUT_LEVEL**2 or louder > GOES_ON_RATIO * quieter:
        return False
    # A pulse wave that rests at zero comes from a plateau; a sound that breaks off does not.
    if np.ptp(samples[start - 3 : start]) == 0 or np.ptp(samples[end : end + 3]) == 0:
        return False
    edges = sorted((abs(float(samples[start - 1])) / before**0.5, abs(float(samples[end])) / after**0.5))
    return edges[0] >= OTHER_EDGE and edges[1] >= BROKEN_EDGE


def _is_click(samples: NDArray[np.float32], steps: NDArray[np.float32], frame: int, cell: int) -> bool:
    step = abs(float(steps[frame]))
    near = np.abs(steps[frame - cell : frame + cell + 1])
    core = near[cell - CLICK_WIDTH : cell + CLICK_WIDTH + 1]
    outside = max(float(near[: cell - CLICK_WIDTH].max()), float(near[cell + CLICK_WIDTH + 1 :].max()))
    if step < ISOLATION * outside or np.count_nonzero(core >= STEEP * step) > FEW_STEEP:
        return False
    context = CONTEXT_CELLS * cell
    before = _power(samples[frame - CLICK_WIDTH - context : frame - CLICK_WIDTH])
    after = _power(samples[frame + CLICK_WIDTH : frame + CLICK_WIDTH + context])
    quieter, louder = sorted((before, after))
    return bool(quieter >= CLICK_LEVEL**2 and louder <= GOES_ON_RATIO * quieter and step >= CLICK_SHARE * louder**0.5)
