"""True peak: the highest value of the signal between its samples (ITU-R BS.1770-5 annex 2).

Annex 2 asks for oversampling to at least 176.4 kHz and gives a 12-tap filter as a guide, which errs by up to
0.7 dB near the Nyquist frequency. Here each gap between two samples is filled by a 32-tap Kaiser-windowed sinc.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from stemkit.audio.chunks import CELLS
from stemkit.audio.products import product

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from stemkit.audio.chunks import Chunk

__all__ = ["TAPS", "TruePeakMeter", "interpolator", "outer_taps", "oversampling", "paired_taps", "phase_gain"]

TAPS = 32
KAISER_BETA = 6.0
_STEP = 32  # gaps between samples that one row of the product fills
_ROW = _STEP + TAPS  # samples that a row sees; the last of them meets only zeros
_FIRST_ROWS = 64  # enough to raise the maximum early
_MORE_ROWS = 512
_ROUNDING = 1 + 1e-5  # the bound holds in exact arithmetic; single precision needs a little room


def oversampling(sample_rate: int) -> int:
    """Points a sample: 4, and 2 from 176.4 kHz on.

    Annex 2 is content with 2 at 96 kHz, but Tech 3341 cases 21 and 23, whose burst stands at a quarter of the rate,
    then read 0.46 dB low where 0.4 are allowed.
    """
    return 4 if sample_rate < 176_400 else 2


def interpolator(factor: int) -> NDArray[np.float64]:
    """FIR phases between two samples, shape ``(factor - 1, TAPS)``; phase 0 would be the sample itself.

    Row p weighs samples n - TAPS/2 + 1 … n + TAPS/2 for the time n + (p + 1) / factor. Each row sums to 1.
    """
    fraction = np.arange(1, factor)[:, None] / factor
    distance = np.arange(1 - TAPS // 2, TAPS // 2 + 1)[None, :] - fraction
    window = np.i0(KAISER_BETA * np.sqrt(np.maximum(0, 1 - (distance / (TAPS / 2)) ** 2)))
    phases = np.sinc(distance) * window
    return np.asarray(phases / phases.sum(axis=1, keepdims=True))


@lru_cache(maxsize=2)
def _bank(factor: int) -> tuple[NDArray[np.float32], float]:
    """Matrix ``(_ROW, _STEP * (factor - 1))`` that fills 32 gaps at once, and the greatest gain of any phase."""
    phases = interpolator(factor)
    bank = np.zeros((_ROW, _STEP, factor - 1), np.float32)
    for gap in range(_STEP):
        bank[gap : gap + TAPS, gap, :] = phases.T
    return bank.reshape(_ROW, -1), phase_gain(phases)


def phase_gain(phases: NDArray[np.float64]) -> float:
    """Greatest value that a phase can make of samples up to 1."""
    return float(np.abs(phases).sum(axis=1).max()) * _ROUNDING


def outer_taps(phases: NDArray[np.float64], inner_pairs: int) -> NDArray[np.float64]:
    """Return the phases without the taps of the pairs of samples that are nearest to the gap."""
    outer = phases.copy()
    outer[:, TAPS // 2 - inner_pairs : TAPS // 2 + inner_pairs] = 0
    return outer


def paired_taps(phases: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the same filters as weights of sums and differences of pairs of samples, the nearest first.

    Shape ``(3, TAPS / 2)``: what weighs the sums for the value halfway; for the values at one and three quarters, which
    mirror each other, what weighs the sums for both, and the differences, which count for one and against the other.
    """
    before, after = phases[:, TAPS // 2 - 1 :: -1], phases[:, TAPS // 2 :]
    pairs = np.zeros((3, TAPS // 2))
    pairs[0] = before[len(phases) // 2]
    if len(phases) > 1:
        pairs[1], pairs[2] = (before[0] + after[0]) / 2, (before[0] - after[0]) / 2
    return pairs


class TruePeakMeter:
    """Keeps the highest interpolated value of all channels.

    No value between samples can exceed the highest sample near it times the filter's L1 norm. Rows for which
    that bound does not beat the maximum so far are skipped, the most promising come first; where all of them might
    beat it, the work is that of the plain filter. The result is the same as without skipping.
    """

    def __init__(self, channels: int, sample_rate: int) -> None:
        self._bank, self._gain = _bank(oversampling(sample_rate))
        self._peak = 0.0
        self._unfilled = 0  # gaps of the past that made no whole row yet
        self._past = np.zeros((channels, CELLS), np.float32)  # magnitudes of the cells before the chunk
        self._tail = np.zeros((channels, TAPS), np.float32)

    def feed(self, chunk: Chunk) -> None:
        """Take the next chunk: the gaps that end `TAPS` samples before its end, since they need a future."""
        tail = TAPS + self._unfilled
        magnitudes = np.concatenate([self._past, chunk.magnitude], axis=1)
        loudest = float(magnitudes.max())
        self._peak = max(self._peak, loudest)
        if loudest * self._gain > self._peak:
            samples = chunk.buffer[:, chunk.history - tail :]
            starts = np.arange(0, samples.shape[1] - _ROW + 1, _STEP) - tail
            for channel in range(len(samples)):
                self._scan(samples[channel], self._bounds(magnitudes[channel], starts, chunk.cell_frames))
        self._unfilled = (chunk.samples.shape[1] + self._unfilled) % _STEP
        self._tail = chunk.buffer[:, -TAPS - self._unfilled :].copy()
        self._past = chunk.magnitude

    def _bounds(self, magnitudes: NDArray[np.float32], starts: NDArray[np.intp], cell: int) -> NDArray[np.float32]:
        """Return what no value of each row can exceed, from the cells that the row touches."""
        if cell < _ROW:  # rates below 6.4 kHz: a row may touch more cells than two
            return np.full(len(starts), magnitudes.max() * self._gain, np.float32)
        first, last = CELLS + starts // cell, CELLS + (starts + _ROW - 1) // cell
        return np.maximum(magnitudes[first], magnitudes[last]) * np.float32(self._gain)

    def _scan(self, samples: NDArray[np.float32], bounds: NDArray[np.float32]) -> None:
        rows = np.lib.stride_tricks.as_strided(samples, (len(bounds), _ROW), (_STEP * 4, 4), writeable=False)
        promising = np.flatnonzero(bounds > self._peak)
        promising = promising[np.argsort(bounds[promising], kind="stable")[::-1]]
        batch = _FIRST_ROWS
        while len(promising):
            values = product(rows[promising[:batch]], self._bank)
            self._peak = max(self._peak, float(values.max()), -float(values.min()))
            promising = promising[batch:]
            promising = promising[bounds[promising] > self._peak]
            batch = _MORE_ROWS

    def result(self) -> float:
        """Return the linear true peak; what lies behind the last sample counts as silence."""
        for tail in self._tail:
            samples = np.concatenate([tail, np.zeros(2 * TAPS, np.float32)])
            self._scan(samples, np.full((len(samples) - TAPS) // _STEP, np.inf, np.float32))
        return self._peak
