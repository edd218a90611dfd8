"""Gaps: where nothing plays, whether that is digital zero or noise, and how loud the noise is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from stemkit.audio.chunks import CELLS
from stemkit.audio.noise import Quality, judge_quality
from stemkit.audio.quantiles import quantiles
from stemkit.audio.runs import find_runs
from stemkit.audio.units import power_db
from stemkit.model.audio import Gap

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from stemkit.audio.chunks import Cells, Chunk

__all__ = ["GapMeter"]

SHORTEST_CELLS = 50  # 0.5 s
WINDOW_CELLS = 50  # whose spectrum is looked at
MOST_WINDOWS = 5  # of a long gap, spread over it
LOUD_SHARE = 0.1  # cells down to 10 dB below the mean power make up the playing level
BELOW_PLAYING = 2.5e-3  # 26 dB below it nothing plays …
HIGHEST_NOISE = 1e-4  # … nor above -40 dBFS does noise count as silence
GROUP_CELLS = 5  # 50 ms: noise is found and its level compared in steps that average its ripple
SHORTEST_GROUPS = SHORTEST_CELLS // GROUP_CELLS
SMOOTHING_GROUPS = 5  # rumble ripples even then
MOST_RIPPLE = 8.0  # power of the louder groups against the quieter; ticks in silence have more
STEADY_DB = 4.0  # noise stays this close to its own level


class GapMeter:
    """Keeps the power of each 10 ms cell and looks at the spectrum of half seconds that may be noise.

    Where the stream can go back, only those are looked at that the end shows to lie in steady quiet; else all that
    are quiet, as they pass. The verdict is the same.

    A gap lasts half a second or more. *Digital*: exact zeros between the first and the last sound. *Noise*: 26 dB
    below the level at which the file plays and below -40 dBFS, steady (a reverb tail falls, and is none), and
    either noise-like in its spectrum or mains hum: a quiet held chord is neither. Noise before the first and after
    the last note counts, digital zero there does not. A file that never plays louder than its noise has no gaps.
    """

    def __init__(self, sample_rate: int, look_back: Callable[[int, int], NDArray[np.float32]] | None = None) -> None:
        self._rate = sample_rate
        self._look_back = look_back
        self._cells: list[NDArray[np.float32]] = []
        self._loudest: list[NDArray[np.intp]] = []  # channel of each chunk
        self._qualities: dict[int, Quality] = {}  # of windows, as far as they were looked at
        self._cell_frames = 1
        self._frames = 0

    def feed(self, chunk: Chunk) -> None:
        """Take the next chunk."""
        if self._look_back is None:
            self.listen(chunk)
        self.take(chunk)

    def take(self, cells: Cells) -> None:
        """Take the cells of the next chunks."""
        self._cell_frames = cells.cell_frames
        self._frames += cells.frames
        self._cells.append(_power_of(cells)[: cells.used_cells])
        self._loudest.append(_loudest_of(cells))

    def listen(self, chunk: Chunk) -> None:
        """Look at the next chunk's quiet windows now, since it will not come again."""
        power, loudest = _power_of(chunk), int(_loudest_of(chunk)[0])
        for begin in range(0, chunk.full_cells - WINDOW_CELLS + 1, WINDOW_CELLS):
            if _may_be_noise(power[begin : begin + WINDOW_CELLS]):
                edges = slice(begin * chunk.cell_frames, (begin + WINDOW_CELLS) * chunk.cell_frames)
                window = (chunk.start // chunk.cell_frames + begin) // WINDOW_CELLS
                self._qualities[window] = judge_quality(chunk.samples[loudest, edges], self._rate)

    def result(self) -> tuple[Gap, ...]:
        """Return the gaps in the order of time."""
        cells = np.concatenate(self._cells) if self._cells else np.zeros(0, np.float32)
        self._cells = [cells]
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
        """Return what most of some windows that touch the stretch by at least half say."""
        windows = range(round(start / WINDOW_CELLS), round(end / WINDOW_CELLS))
        some = windows[:: -(-len(windows) // MOST_WINDOWS)] if windows else windows
        told = [quality for quality in map(self._quality, some) if quality is not None]
        if not told:
            return None
        hums = [q.hum_hz for q in told if q.hum_hz is not None]
        return Quality(
            noisy=2 * sum(q.noisy for q in told) > len(told),
            hum_hz=max(set(hums), key=hums.count) if 2 * len(hums) > len(told) else None,
        )

    def _quality(self, window: int) -> Quality | None:
        cells = self._cells[0][window * WINDOW_CELLS : (window + 1) * WINDOW_CELLS]
        frames = WINDOW_CELLS * self._cell_frames
        if self._look_back is None or (window + 1) * frames > self._frames or not _may_be_noise(cells):
            return self._qualities.get(window)
        loudest = np.concatenate(self._loudest)[window * WINDOW_CELLS // CELLS]
        return judge_quality(self._look_back(window * frames, frames)[loudest], self._rate)


def _power_of(cells: Cells) -> NDArray[np.float32]:
    """Mean square of each cell of the louder channel."""
    return np.asarray(cells.energy.max(axis=0) / cells.cell_frames, np.float32)


def _loudest_of(cells: Cells) -> NDArray[np.intp]:
    """Loudest channel of each chunk."""
    return np.asarray(cells.energy.reshape(len(cells.energy), -1, CELLS).sum(axis=2).argmax(axis=0))


def _may_be_noise(power: NDArray[np.float32]) -> bool:
    return bool(power.all()) and float(power.mean(dtype=np.float64)) < HIGHEST_NOISE


def _steady_part(power: NDArray[np.float64], start: int, end: int) -> tuple[int, int] | None:
    """Return the longest part of the groups whose level stays near that of the quieter ones, if that is a gap."""
    if end - start < SHORTEST_GROUPS:
        return None
    here = power[start:end]
    weights = np.convolve(np.ones(len(here)), np.ones(SMOOTHING_GROUPS), "same")
    levels = 10 * np.log10(np.convolve(here, np.ones(SMOOTHING_GROUPS), "same") / weights)
    starts, ends = find_runs(np.abs(levels - quantiles(levels, 0.30)) <= STEADY_DB)
    if not len(starts):
        return None
    longest = int((ends - starts).argmax())
    first, last = start + int(starts[longest]), start + int(ends[longest])
    if last - first < SHORTEST_GROUPS:
        return None
    quieter, louder = quantiles(power[first:last], [0.10, 0.90])
    return (first, last) if louder <= MOST_RIPPLE * quieter else None
