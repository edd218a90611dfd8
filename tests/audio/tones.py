"""Small generated sounds for the tests of the measurement, float64 ``(frames,)`` or ``(frames, channels)``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import soundfile

from stemkit.audio.measure import measure, measure_blocks

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from numpy.typing import NDArray

    from stemkit.model.audio import AudioFacts, Encoding

Sound = Any  # NDArray[np.float64] of one or two dimensions
RATES = (44_100, 48_000, 96_000)
SUBTYPES: dict[Encoding, str] = {"pcm16": "PCM_16", "pcm24": "PCM_24", "pcm32": "PCM_32", "float32": "FLOAT"}


def gain(db: float) -> float:
    return float(10 ** (db / 20))


def sine(hz: float, seconds: float, rate: int = 48_000, dbfs: float = 0.0, phase: float = 0.0) -> NDArray[np.float64]:
    """A sine whose peak lies at `dbfs`; `phase` in radians."""
    return gain(dbfs) * np.sin(2 * np.pi * hz * np.arange(round(seconds * rate)) / rate + phase)


def noise(seconds: float, rate: int = 48_000, dbfs: float = -20.0, seed: int = 1) -> NDArray[np.float64]:
    """White noise whose RMS lies at `dbfs`."""
    return gain(dbfs) * np.random.default_rng(seed).standard_normal(round(seconds * rate))


def silence(seconds: float, rate: int = 48_000) -> NDArray[np.float64]:
    return np.zeros(round(seconds * rate))


def stereo(left: Sound, right: Sound | None = None) -> NDArray[np.float64]:
    return np.stack([left, left if right is None else right], axis=1)


def quantised(x: Sound, bits: int) -> NDArray[np.float64]:
    """Round to `bits` and clip as an encoder does."""
    scale = 2.0 ** (bits - 1)
    return np.asarray(np.clip(np.rint(x * scale), -scale, scale - 1) / scale)


def in_blocks(x: Sound, sizes: list[int]) -> Iterator[NDArray[np.float64]]:
    """Cut into blocks of these sizes, over and over."""
    at = turn = 0
    while at < len(x):
        size = sizes[turn % len(sizes)]
        yield x[at : at + size]
        at, turn = at + size, turn + 1


def facts(x: Sound, rate: int = 48_000, encoding: Encoding = "float32") -> AudioFacts:
    return measure_blocks([x], rate, encoding=encoding)


def file_facts(path: Path, x: Sound, rate: int = 48_000, encoding: Encoding = "pcm24") -> AudioFacts:
    """Write a file with libsndfile and measure it."""
    soundfile.write(path, x, rate, SUBTYPES[encoding])
    return measure(path)
