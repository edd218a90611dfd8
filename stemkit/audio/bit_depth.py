"""How many bits the samples really use, whatever the file says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from stemkit.audio.chunks import Chunk
    from stemkit.model.audio import Encoding

__all__ = ["BitDepthMeter", "effective_bits", "grid_bits"]

_GRIDS = {"pcm8": 8, "pcm16": 16, "pcm24": 24, "pcm32": 32, "float32": 24, "float64": 32}
_FLOAT_BITS = {"float32": 32, "float64": 64}


def grid_bits(encoding: Encoding) -> int | None:
    """Bits of the whole numbers that samples are held against; None for codecs."""
    return _GRIDS.get(encoding)


class BitDepthMeter:
    """Collects every bit that any sample sets: the lowest one set is the effective depth.

    Integers are looked at on their own grid. Float audio that lies on the grid of 24-bit integers (32-bit for
    float64) was made from them and reads the depth found there; as soon as one sample lies off the grid, or
    beyond full scale, it is genuine float: 32 or 64. Silence has no depth.
    """

    def __init__(self, encoding: Encoding) -> None:
        self._encoding = encoding
        self._grid = grid_bits(encoding)
        self._float_bits = _FLOAT_BITS.get(encoding)
        self._bits = 0
        self._off_grid = False

    def feed(self, chunk: Chunk) -> None:
        """Take the next chunk."""
        if self._grid is None or self._off_grid or self._bits & 1:
            return  # nothing more to learn
        scaled = chunk.exact * chunk.exact.dtype.type(2 ** (self._grid - 1))
        if self._float_bits and self._leaves_grid(scaled):
            self._off_grid = True
            return
        whole = scaled.astype(np.int64 if self._grid > 24 else np.int32)
        self._bits |= int(np.bitwise_or.reduce(whole, axis=None))

    def _leaves_grid(self, scaled: NDArray[Any]) -> bool:
        assert self._grid is not None
        limit = 2.0 ** (self._grid - 1)
        return bool(np.abs(scaled).max() > limit) or not np.array_equal(np.rint(scaled), scaled)

    def result(self) -> int | None:
        """Return the effective bits."""
        return effective_bits(self._encoding, self._bits, off_grid=self._off_grid)


def effective_bits(encoding: Encoding, bits: int, *, off_grid: bool) -> int | None:
    """Return the depth; None for silence and for codecs, which have none.

    Parameters
    ----------
    encoding
        How the samples are stored.
    bits
        Every bit that any of them sets on the grid of `grid_bits`.
    off_grid
        Whether one lies beside it.
    """
    grid, float_bits = _GRIDS.get(encoding), _FLOAT_BITS.get(encoding)
    if grid is None:
        return None
    if off_grid:
        return float_bits
    if not bits:
        return None
    return grid - ((bits & -bits).bit_length() - 1)
