"""Clipped samples: runs that stand at full scale."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from stemkit.audio.runs import RunCollector, first_runs
from stemkit.audio.source import bits_of

if TYPE_CHECKING:
    from stemkit.audio.chunks import Chunk
    from stemkit.model.audio import Encoding, Run

__all__ = ["NEAR_FULL_SCALE", "SHORTEST_RUN", "ClipMeter", "full_scale_of"]

SHORTEST_RUN = 3
NEAR_FULL_SCALE = 1 - 2**-15  # the positive end of 16 bits, also where 16 bits were padded to more


def full_scale_of(encoding: Encoding) -> float | None:
    """Return the positive end of an integer encoding; None for float, which has none."""
    bits = bits_of(encoding)
    return None if bits is None else float(np.float32(1 - 2.0 ** (1 - bits)))


class ClipMeter:
    """Finds runs of at least three samples at full scale, each polarity by itself.

    Full scale is ``|x| >= 1 - 2**(1 - bits)``, since the positive end of an integer encoding lies one step below
    1.0: a clipped 24-bit file reads 0.9999999 above and -1.0 below. Equal neighbours from `NEAR_FULL_SCALE` to 1.0
    count too, in any encoding: that is what clipped 16-bit audio looks like in a wider file. Float samples beyond
    1.0 are not clipped.
    """

    def __init__(self, channels: int, encoding: Encoding) -> None:
        self._full_scale = full_scale_of(encoding)
        self._near = min(NEAR_FULL_SCALE, 1.0 if self._full_scale is None else self._full_scale)
        self._collectors = [(RunCollector(c, SHORTEST_RUN), RunCollector(c, SHORTEST_RUN)) for c in range(channels)]

    def feed(self, chunk: Chunk) -> None:
        """Take the next chunk."""
        for channel, (above, below) in enumerate(self._collectors):
            if chunk.highest[channel].max() >= self._near:
                self._look(chunk, channel, 1, above)
            if chunk.lowest[channel].min() <= -self._near:
                self._look(chunk, channel, -1, below)

    def _look(self, chunk: Chunk, channel: int, sign: int, collector: RunCollector) -> None:
        with_past = chunk.buffer[channel, chunk.history - 1 :] * np.float32(sign)
        samples = with_past[1:]
        near = (samples >= self._near) & (samples <= 1)
        as_before = samples == with_past[:-1]
        clipped = near & as_before
        clipped[:-1] |= near[:-1] & as_before[1:]
        if self._full_scale is not None:
            clipped |= samples >= self._full_scale
        collector.feed(chunk.start, clipped, samples)

    def result(self) -> tuple[tuple[Run, ...], int]:
        """Return the first runs in the order of time, and how many there are."""
        collectors = [c for pair in self._collectors for c in pair]
        for collector in collectors:
            collector.close()
        return first_runs(r for c in collectors for r in c.listed), sum(c.count for c in collectors)
