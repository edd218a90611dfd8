"""Reading a stem where it should have been: shifted by parts of a sample, or at a speed that is not quite its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from stemkit.audio.proof.streams import Source

    Audio = NDArray[np.float32]

__all__ = ["read_warped"]

_HALF = 32  # taps to each side
_MARGIN = 2048  # frames: soxr's filter is shorter


def _taps(fraction: float) -> NDArray[np.float32]:
    """Return the interpolator that reads `fraction` of a frame later."""
    t = np.arange(-_HALF, _HALF + 1) - fraction
    taps = np.sinc(t) * np.kaiser(2 * _HALF + 1, 9.0)
    return np.asarray((taps / taps.sum())[::-1], np.float32)


def read_warped(
    source: Source, starts: Sequence[int], size: int, *, lag: float, drift: float = 0.0, middle: float = 0.0
) -> Audio:
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
    out = np.empty((len(starts), 2, size), np.float32)
    for index, start in enumerate(starts):
        place = start + lag + drift * (start - middle)
        if drift:
            out[index] = _at_speed(source, place, size, 1 + drift).T
        else:
            out[index] = _between(source, place, size).T
    return out


def _between(source: Source, place: float, frames: int) -> Audio:
    """Read from a place between two frames."""
    whole = int(np.floor(place + 0.5))
    if abs(place - whole) < 1e-4:
        return source.read(whole, frames)
    wide, taps = source.read(whole - _HALF, frames + 2 * _HALF), _taps(place - whole)
    return np.stack([np.convolve(wide[:, c], taps, "valid") for c in range(wide.shape[1])], axis=1)


def _at_speed(source: Source, place: float, frames: int, speed: float) -> Audio:
    import soxr  # noqa: PLC0415  (only drifting stems need it)

    wide = _between(source, place - _MARGIN * speed, int((frames + 2 * _MARGIN) * speed) + 1)
    resampled = soxr.resample(wide, source.rate * speed, source.rate, "VHQ")
    return np.asarray(resampled[_MARGIN : _MARGIN + frames], np.float32)
