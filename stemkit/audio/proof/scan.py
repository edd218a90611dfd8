"""The one pass over all stems: their sum, kept aside, and when each of them sounds."""

from __future__ import annotations

import tempfile
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from stemkit.audio.proof.adding import adding

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from stemkit.audio.proof.streams import Source

__all__ = ["CELLS_A_SECOND", "Scan", "SpooledSum", "scan_stems"]

CELLS_A_SECOND = 20
_CELLS_A_BLOCK = 24
_MAX_EXACT_STEMS = 127  # that many 24-bit stems at full scale still fit 32 bits
FULL_SCALE = 2.0**23


class SpooledSum:
    """The sum of the stems in a temporary file: memory stays that of a block, and no stem is read twice for it."""

    def __init__(self, channels: int, *, exact: bool) -> None:
        self.channels, self.exact, self.frames = channels, exact, 0
        self._dtype = np.dtype(np.int32 if exact else np.float32)
        self._file: Any = tempfile.TemporaryFile()  # noqa: SIM115  (lives as long as the proof; `close` ends it)

    def append(self, block: NDArray[Any]) -> None:
        """Add a block of shape (frames, channels), full scale at 1."""
        stored = (block * FULL_SCALE if self.exact else block).astype(self._dtype)
        try:
            self._file.write(np.ascontiguousarray(stored).data)
        except OSError:  # a full disk
            self.close()
            raise
        self.frames += len(block)

    def read_raw(self, start: int, frames: int) -> NDArray[Any]:
        """Return what was stored: 24-bit integers or floats, zeros outside."""
        out = np.zeros((frames, self.channels), self._dtype)
        first, last = max(start, 0), min(start + frames, self.frames)
        if last > first:
            self._file.seek(first * self.channels * self._dtype.itemsize)
            count = (last - first) * self.channels
            out[first - start : last - start] = np.frombuffer(
                self._file.read(count * self._dtype.itemsize), self._dtype
            ).reshape(-1, self.channels)
        return out

    def read(self, start: int, frames: int) -> NDArray[np.float32]:
        """Return the sum with full scale at 1."""
        block = self.read_raw(start, frames)
        if self.exact:
            return np.asarray(block * (1 / FULL_SCALE), np.float32)
        return np.asarray(block, np.float32)

    def close(self) -> None:
        """Remove the temporary file."""
        with suppress(OSError):  # what a full disk did not take is not wanted any more
            self._file.close()


@dataclass(frozen=True, slots=True, kw_only=True)
class Scan:
    """What the pass over the stems leaves.

    Attributes
    ----------
    energy
        Sum of squares a cell, shape (stems, channels, cells); mono stems stand in both channels.
    cell_frames
        Frames a cell.
    peak
        Sample peak of the sum of the files as they are, trims not undone; full scale is 1.
    """

    total: SpooledSum
    energy: NDArray[np.float32]
    cell_frames: int
    frames: int
    peak: float = 0.0


def scan_stems(sources: Sequence[Source], frames: int, *, progress: Callable[[float], None] | None = None) -> Scan:
    """Read every stem once.

    Parameters
    ----------
    sources
        The stems, all at one rate.
    frames
        Length of the longest one.
    progress
        Called with the part done, 0…1.
    """
    rate = sources[0].rate
    cell = rate // CELLS_A_SECOND
    block = cell * _CELLS_A_BLOCK
    exact = all(s.exact for s in sources) and len(sources) <= _MAX_EXACT_STEMS
    total = SpooledSum(2, exact=exact)
    cells = -(-frames // cell)
    trimmed, peak = any(s.gain != 1.0 for s in sources), 0.0
    energy = np.zeros((len(sources), 2, cells), np.float32)
    with ExitStack() as stack:
        adds = [adding(source, stack) for source in sources]
        for start in range(0, frames, block):
            size = min(block, frames - start)
            # Doubles hold the sum of so many integers of 24 bits exactly.
            accumulated = np.zeros((size, 2))
            as_delivered = np.zeros((size, 2)) if trimmed else None
            first = start // cell
            for index, (source, add) in enumerate(zip(sources, adds, strict=True)):
                if start < source.frames:
                    found = add(start, accumulated, as_delivered, cell)
                    energy[index, :, first : first + found.shape[1]] = found
            peak = max(peak, float(np.abs(accumulated if as_delivered is None else as_delivered).max()))
            total.append(accumulated)
            if progress is not None:
                progress(min(1.0, (start + size) / frames))
    return Scan(total=total, energy=energy, cell_frames=cell, frames=frames, peak=peak)
