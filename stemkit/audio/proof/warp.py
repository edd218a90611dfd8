"""Reading a stem where it should have been: shifted by parts of a sample, or at a speed that is not quite its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from stemkit.audio.proof.streams import Source

    Audio = NDArray[np.float32]

__all__ = ["read_warped"]

_HALF = 24  # taps to each side
_PHASES = 512


def _table() -> NDArray[np.float32]:
    fractions = np.arange(_PHASES + 1) / _PHASES
    t = np.arange(-_HALF + 1, _HALF + 1)[None, :] - fractions[:, None]
    taps = np.sinc(t) * np.i0(9.0 * np.sqrt(np.maximum(0, 1 - (t / _HALF) ** 2))) / np.i0(9.0)
    return np.asarray(taps / taps.sum(axis=1, keepdims=True), np.float32)


def read_warped(source: Source, starts: Sequence[int], size: int, *, lag: float, drift: float = 0.0,
                middle: float = 0.0) -> Audio:
    """Read windows of a stem, each frame from where it was moved to.

    Parameters
    ----------
    source
        The stem.
    starts, size
        The windows.
    lag
        Frames by which the stem is late at frame `middle`.
    drift
        How much later it gets, in frames a frame.

    Returns
    -------
    ndarray
        Shape (windows, 2, size).
    """
    table = _table()
    out = np.empty((len(starts), 2, size), np.float32)
    for index, start in enumerate(starts):
        frame = np.arange(size)
        place = start + frame + lag + drift * (start + frame - middle)
        first = int(np.floor(place[0])) - _HALF
        wide = source.read(first, int(np.ceil(place[-1])) - first + 2 * _HALF)
        out[index] = _interpolate(wide, place - first, table).T
    return out


def _interpolate(wide: Audio, place: NDArray[Any], table: NDArray[np.float32]) -> Audio:
    whole = np.floor(place).astype(np.intp)
    fraction = (place - whole) * _PHASES
    phase = fraction.astype(np.intp)
    if np.ptp(fraction) < 1e-6 and abs(fraction[0] - phase[0]) < 1e-6 and phase[0] == 0:
        return np.asarray(wide[whole], np.float32)
    rest = (fraction - phase).astype(np.float32)[:, None]
    out = np.zeros((len(place), wide.shape[1]), np.float32)
    for tap in range(2 * _HALF):
        taps = table[phase, tap][:, None] * (1 - rest) + table[phase + 1, tap][:, None] * rest
        out += taps * wide[whole + tap - _HALF + 1]
    return out
