"""The test signals of EBU Tech 3341 and 3342, made from the recipes in their tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from stemkit.audio.chunks import read_chunks
from stemkit.audio.loudness import LoudnessMeter, _windows
from stemkit.audio.source import block_source
from stemkit.audio.units import power_db

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from numpy.typing import NDArray

    from stemkit.audio.loudness import Loudness

SILENT = None
Segment = tuple[float | None, float]  # dBFS (peak of the sine) or silence, seconds


def tone(segments: Iterable[Segment], rate: int, channels: int = 2) -> Iterator[NDArray[np.float64]]:
    """1 kHz in phase on all channels, running through the segments without a break in phase."""
    at = 0
    for dbfs, seconds in segments:
        frames = round(seconds * rate)
        amplitude = 0.0 if dbfs is None else 10 ** (dbfs / 20)
        wave = amplitude * np.sin(2 * np.pi * 1000 * np.arange(at, at + frames) / rate)
        at += frames
        yield np.repeat(wave[:, None], channels, axis=1)


def listen(blocks: Iterable[NDArray[np.float64]], rate: int) -> tuple[Loudness, NDArray[np.float64]]:
    """Run the loudness meter alone; return its figures and its 10 ms cells."""
    source = block_source(iter(blocks), rate, encoding="float32")
    assert source is not None
    meter = LoudnessMeter(source.channels, rate)
    for chunk in read_chunks(source):
        meter.feed(chunk)
    return meter.result(), np.concatenate(meter._cells).astype(np.float64)


def levels_over_time(cells: NDArray[np.float64], width: int) -> NDArray[np.float64]:
    """Loudness of every window of `width` cells in LUFS."""
    return np.array([-0.691 + (power_db(float(power)) or -200.0) for power in _windows(cells, width)])
