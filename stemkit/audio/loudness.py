"""Loudness of ITU-R BS.1770-5 with the meters of EBU Tech 3341 and the range of EBU Tech 3342."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from stemkit.audio.chunks import CELLS
from stemkit.audio.k_filter import KFilter
from stemkit.audio.quantiles import quantiles
from stemkit.audio.units import power_db

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from stemkit.audio.chunks import Cells, Chunk

__all__ = ["LOWEST_RATE", "Loudness", "LoudnessMeter", "channel_weights", "loudness_of_cells"]

OFFSET_LU = -0.691  # BS.1770-5 annex 1: 0 dBFS at 997 Hz in one channel reads -3.01
ABSOLUTE_GATE_LUFS = -70.0
RELATIVE_GATE_LU = -10.0
RANGE_GATE_LU = -20.0  # Tech 3342
HOP_CELLS = 10  # 100 ms, which is 75 % overlap of the gating blocks
MOMENTARY_CELLS = 40
SHORT_TERM_CELLS = 300
LOWEST_RATE = 8000  # below, the shelf's corner nears the Nyquist frequency

# BS.1770-5 table 4 on the channel order of WAVE: loudspeakers at the side weigh 1.41, the LFE nothing.
_WEIGHTS: dict[int, tuple[float, ...]] = {
    4: (1.0, 1.0, 1.41, 1.41),
    5: (1.0, 1.0, 1.0, 1.41, 1.41),
    6: (1.0, 1.0, 1.0, 0.0, 1.41, 1.41),
    8: (1.0, 1.0, 1.0, 0.0, 1.0, 1.0, 1.41, 1.41),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Loudness:
    """Programme figures; None where nothing passed the gates or the file is shorter than the window."""

    integrated_lufs: float | None
    max_momentary_lufs: float | None
    max_short_term_lufs: float | None
    loudness_range_lu: float | None


def channel_weights(channels: int) -> NDArray[np.float64]:
    """Weights in WAVE order (L R C LFE Ls Rs …); 1 for layouts that the standard does not name."""
    return np.array(_WEIGHTS.get(channels, (1.0,) * channels))


def _lufs(power: float) -> float | None:
    level = power_db(power)
    return None if level is None else OFFSET_LU + level


def _power(lufs: float) -> float:
    return float(10 ** ((lufs - OFFSET_LU) / 10))


def _windows(cells: NDArray[np.float64], width: int) -> NDArray[np.float64]:
    """Mean of every window of `width` cells, a multiple of 10, one cell apart.

    Sums of ten are added up; a running sum would leave residue in silence.
    """
    if len(cells) < width:
        return np.zeros(0)
    tens = _sums(cells, HOP_CELLS, 1)
    return _sums(tens, width // HOP_CELLS, HOP_CELLS) / width


def _sums(values: NDArray[np.float64], count: int, apart: int) -> NDArray[np.float64]:
    """Sum of `count` values, `apart` from each other, from each value on."""
    length = len(values) - (count - 1) * apart
    total = values[:length].copy()
    for at in range(apart, count * apart, apart):
        total += values[at : at + length]
    return total


def _gated(blocks: NDArray[np.float64], relative_lu: float) -> NDArray[np.float64]:
    """Blocks above the absolute gate and above the gate relative to the mean of those."""
    gate = _power(ABSOLUTE_GATE_LUFS)
    loud = blocks[blocks > gate]
    if len(loud):
        gate = max(gate, float(loud.mean()) * 10 ** (relative_lu / 10))
    return np.compress(blocks > gate, blocks)


def loudness_of_cells(cells: NDArray[np.float64]) -> Loudness:
    """Compute programme loudness.

    Parameters
    ----------
    cells : ndarray [shape=(n,)]
        K-weighted mean square of each 10 ms, channels weighted and added. Tech 3341 case 13 needs windows that
        start every 10 ms; gating blocks and the range step by 100 ms.

    Returns
    -------
    Loudness
        Figures in LUFS and LU.
    """
    momentary = _windows(cells, MOMENTARY_CELLS)
    short_term = _windows(cells, SHORT_TERM_CELLS)
    gated = _gated(momentary[::HOP_CELLS], RELATIVE_GATE_LU)
    ranged = _gated(short_term[::HOP_CELLS], RANGE_GATE_LU)
    loudness_range = None
    if len(ranged):
        low, high = quantiles(ranged, [0.10, 0.95])
        loudness_range = float(10 * np.log10(high / low))
    return Loudness(
        integrated_lufs=_lufs(float(gated.mean())) if len(gated) else None,
        max_momentary_lufs=_lufs(float(momentary.max())) if len(momentary) else None,
        max_short_term_lufs=_lufs(float(short_term.max())) if len(short_term) else None,
        loudness_range_lu=loudness_range,
    )


class LoudnessMeter:
    """Collects K-weighted energy in cells of 10 ms, 400 bytes a second of audio."""

    def __init__(self, channels: int, sample_rate: int) -> None:
        self._weights = channel_weights(channels)
        self._sample_rate = sample_rate
        self._filter: KFilter | None = None  # made when it is needed
        self._cells: list[NDArray[np.float32]] = []

    def feed(self, chunk: Chunk) -> None:
        """Take the next chunk."""
        if self._sample_rate < LOWEST_RATE:
            return
        if self._filter is None:
            self._filter = KFilter(len(self._weights), self._sample_rate)
        filtered = self._filter.run(chunk.samples).reshape(len(self._weights), CELLS, chunk.cell_frames)
        self.take(np.einsum("ijk,ijk->ij", filtered, filtered), chunk)

    def take(self, energy: NDArray[np.floating], cells: Cells) -> None:
        """Take the energy ``(channels, cells)`` behind the filter where somebody else has filtered."""
        power = (self._weights @ energy) / cells.cell_frames
        self._cells.append(power[: cells.full_cells].astype(np.float32))

    def result(self) -> Loudness:
        """Return the figures; all None below 8 kHz."""
        cells = np.concatenate(self._cells) if self._cells else np.zeros(0)
        return loudness_of_cells(cells.astype(np.float64))
