"""How a file ends: faded, or cut while it still sounds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from stemkit.audio.units import power_db

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from stemkit.audio.chunks import Chunk
    from stemkit.model.audio import Gap

__all__ = ["Tail", "TailMeter"]

LEVEL_S = 0.010
END_S = 0.002
BEFORE_S = 0.050
SOUNDING_DBFS = -60.0
FADED_DB = 10.0  # even a fade of 4 ms leaves its last 2 ms this far below
ABOVE_NOISE_DB = 6.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Tail:
    """`cut` is None where there is too little audio, or nothing but silence, to tell."""

    level_dbfs: float | None
    cut: bool | None


class TailMeter:
    """Keeps the last 50 ms of the louder channel of what was heard so far."""

    def __init__(self, sample_rate: int) -> None:
        self._rate = sample_rate
        self._last: NDArray[np.float32] | None = None

    def feed(self, chunk: Chunk) -> None:
        """Take the next chunk."""
        end = chunk.history + chunk.frames
        length = min(round(BEFORE_S * self._rate), chunk.start + chunk.frames)
        self._last = chunk.buffer[:, end - length : end].copy()

    def _level(self, seconds: float) -> float | None:
        assert self._last is not None
        part = self._last[:, -max(1, round(seconds * self._rate)) :]
        return power_db(float(np.square(part, dtype=np.float64).mean(axis=1).max()))

    def result(self, gaps: tuple[Gap, ...], *, silent: bool) -> Tail:
        """Judge the end.

        Parameters
        ----------
        gaps
            The file's gaps: an end that is no louder than its noise is not a cut sound.
        silent
            Whether the file holds no sound at all.
        """
        if self._last is None or not self._last.size:
            return Tail(level_dbfs=None, cut=None)
        level = self._level(LEVEL_S)
        if silent or self._last.shape[1] < round(BEFORE_S * self._rate):
            return Tail(level_dbfs=level, cut=None)
        end, before = self._level(END_S), self._level(BEFORE_S)
        noise = max((g.noise_dbfs for g in gaps if g.noise_dbfs is not None), default=SOUNDING_DBFS - ABOVE_NOISE_DB)
        sounding = level is not None and level > max(SOUNDING_DBFS, noise + ABOVE_NOISE_DB)
        faded = end is None or before is None or end < before - FADED_DB
        return Tail(level_dbfs=level, cut=sounding and not faded)
