"""Gaps: where nothing plays, whether that is digital zero or noise, and how loud the noise is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from stemkit.audio.chunks import CELLS
from stemkit.audio.noise import Quality, judge_quality
from stemkit.audio.runs import find_runs
from stemkit.audio.units import power_db
from stemkit.model.audio import Gap

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from stemkit.audio.chunks import Chunk

__all__ = ["GapMeter"]

SHORTEST_CELLS = 50  # 0.5 s
WINDOW_CELLS = 50  # whose spectrum is looked at
LOUD_SHARE = 0.1  # cells down to 10 dB below the mean power make up the playing level
BELOW_PLAYING = 2.5e-3  # 26 dB below it nothing plays …
HIGHEST_NOISE = 1e-4  # … nor above -40 dBFS does noise count as silence
GROUP_CELLS = 5  # 50 ms: noise is found and its level compared in steps that average its ripple
SHORTEST_GROUPS = SHORTEST_CELLS // GROUP_CELLS
SMOOTHING_GROUPS = 5  # rumble ripples even then
MOST_RIPPLE = 8.0  # power of the louder groups against the quieter; ticks in silence have more
STEADY_DB = 4.0  # noise stays this close to its own level


class GapMeter:
    """Keeps the power of each 10 ms cell and looks at the spectrum of quiet half seconds.

    A gap lasts half a second or more. *Digital*: exact zeros between the first and the last sound. *Noise*: 26 dB
    below the level at which the file plays and below -40 dBFS, steady (a reverb tail falls, and is none), and
    either noise-like in its spectrum or mains hum: a quiet held chord is neither. Noise before the first and after
    the last note counts, digital zero there does not. A file that never plays louder than its noise has no gaps.
    """

    def __init__(self, sample_rate: int) -> None:
        self._rate = sample_rate
        self._cells: list[NDArray[np.float32]] = []
        self._qualities: list[Quality | None] = []
        self._cell_frames = 1
        self._frames = 0

    def feed(self, chunk: Chunk) -> None:
        """Take the next chunk."""
        self._cell_frames = chunk.cell_frames
        self._frames += chunk.frames
        power = chunk.energy.max(axis=0) / chunk.cell_frames  # of the louder channel
        self._cells.append(power[: chunk.used_cells].astype(np.float32))
        loudest = chunk.energy.sum(axis=1).argmax()
        for begin in range(0, CELLS, WINDOW_CELLS):
            window = power[begin : begin + WINDOW_CELLS]
            whole = begin + WINDOW_CELLS <= chunk.full_cells
            if whole and window.all() and window.mean() < HIGHEST_NOISE:
                edges = slice(begin * chunk.cell_frames, (begin + WINDOW_CELLS) * chunk.cell_frames)
                self._qualities.append(judge_quality(chunk.samples[loudest, edges], self._rate))
            else:
                self._qualities.append(None)

    def result(self) -> tuple[Gap, ...]:
        """Return the gaps in the order of time."""
        cells = np.concatenate(self._cells) if self._cells else np.zeros(0, np.float32)
        if not cells.any():
            return ()
        return tuple(sorted([*self._digital(cells), *self._noise(cells)], key=lambda gap: gap.start_frame))

    def _gap(self, start: int, end: int, noise: float | None, hum_hz: float | None) -> Gap:
        return Gap(
            start_frame=start * self._cell_frames,
            end_frame=min(self._frames, end * self._cell_frames),
            digital=noise is None,
            noise_dbfs=None if noise is None else power_db(noise),
            hum_hz=hum_hz,
        )

    def _digital(self, cells: NDArray[np.float32]) -> list[Gap]:
        runs = zip(*find_runs(cells == 0), strict=True)
        inside = [(int(s), int(e)) for s, e in runs if s > 0 and e < len(cells) and e - s >= SHORTEST_CELLS]
        return [self._gap(start, end, None, None) for start, end in inside]

    def _noise(self, cells: NDArray[np.float32]) -> list[Gap]:
        playing = float(cells[cells >= LOUD_SHARE * cells.mean(dtype=np.float64)].mean(dtype=np.float64))
        threshold = min(HIGHEST_NOISE, BELOW_PLAYING * playing)
        groups = np.add.reduceat(cells, np.arange(0, len(cells), GROUP_CELLS), dtype=np.float64) / GROUP_CELLS
        found = []
        for first, last in zip(*find_runs((groups > 0) & (groups < threshold)), strict=True):
            steady = _steady_part(groups, int(first), int(last))
            if steady is None:
                continue
            start, end = steady[0] * GROUP_CELLS, min(steady[1] * GROUP_CELLS, len(cells))
            quality = self._quality_of(start, end)
            if quality is not None and (quality.noisy or quality.hum_hz is not None):
                found.append(self._gap(start, end, float(cells[start:end].mean(dtype=np.float64)), quality.hum_hz))
        return found

    def _quality_of(self, start: int, end: int) -> Quality | None:
        """Return what most windows that touch the stretch by at least half say."""
        windows = range(round(start / WINDOW_CELLS), round(end / WINDOW_CELLS))
        known = [self._qualities[w] for w in windows if w < len(self._qualities)]
        told = [q for q in known if q is not None]
        if not told:
            return None
        hums = [q.hum_hz for q in told if q.hum_hz is not None]
        return Quality(
            noisy=2 * sum(q.noisy for q in told) > len(told),
            hum_hz=max(set(hums), key=hums.count) if 2 * len(hums) > len(told) else None,
        )


def _steady_part(power: NDArray[np.float64], start: int, end: int) -> tuple[int, int] | None:
    """Return the longest part of the groups whose level stays near that of the quieter ones, if that is a gap."""
    if end - start < SHORTEST_GROUPS:
        return None
    here = power[start:end]
    weights = np.convolve(np.ones(len(here)), np.ones(SMOOTHING_GROUPS), "same")
    levels = 10 * np.log10(np.convolve(here, np.ones(SMOOTHING_GROUPS), "same") / weights)
    starts, ends = find_runs(np.abs(levels - np.percentile(levels, 30)) <= STEADY_DB)
    if not len(starts):
        return None
    longest = int((ends - starts).argmax())
    first, last = start + int(starts[longest]), start + int(ends[longest])
    if last - first < SHORTEST_GROUPS:
        return None
    quieter, louder = np.percentile(power[first:last], [10, 90])
    return (first, last) if louder <= MOST_RIPPLE * quieter else None
