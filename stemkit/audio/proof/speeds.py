"""Files whose header says another sample rate than their sound has: they play at the wrong speed and pitch."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from stemkit.audio.proof.lags import find_lag, whole_offset
from stemkit.audio.proof.warp import read_warped

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from stemkit.audio.proof.scan import Scan
    from stemkit.audio.proof.streams import Source

    Audio = NDArray[np.float32]

__all__ = ["Replay", "mix_rate", "other_rates", "replays"]

_RATES = (32000, 44100, 48000, 88200, 96000, 176400, 192000)
_MOST_TIMES = 2.2  # a header is off by a family (44.1 for 48 kHz) or an octave, hardly by more
_REACH_S = 0.05  # such a file begins where all others begin
_WINDOWS = 8
_LEAST_SCORE = 15.0
_LEAST_HEIGHT = 25.0  # of the whole mix's correlation; another song reaches about 6
_LONGEST_S = 120


@dataclass(frozen=True, slots=True, kw_only=True)
class Replay:
    """A stem read as if its header said another rate. `audio` has shape (windows, 2, frames)."""

    file_rate: int
    lag: float
    score: float
    audio: Audio


def other_rates(file_rate: int) -> tuple[int, ...]:
    """Return the standard rates that a file's header may stand for."""
    return tuple(r for r in _RATES if r != file_rate and 1 / _MOST_TIMES < r / file_rate < _MOST_TIMES)


def replays(source: Source, target: Audio, starts: Sequence[int]) -> list[Replay]:
    """Read a stem at other rates: where it begins with the others, and where `target` wants it.

    Parameters
    ----------
    source
        The stem.
    target
        What the mix holds in the stem's place, shape (windows, 2, frames).
    starts
        First frame of each window.
    """
    found = []
    picked = sorted(int(i) for i in np.argsort(-np.einsum("wcf,wcf->w", target, target))[:_WINDOWS])
    begins, reach = [starts[i] for i in picked], int(_REACH_S * source.rate)
    for rate in other_rates(source.file_rate):
        with closing(source.relabelled(rate)) as other:
            lag = find_lag(target[picked], partial(_read_two, other), begins, reach)
            # A sound of few partials has no sharp peak, and most such files lie where they should, but for the speed.
            for whole in {0.0, float(round(lag.samples))} if lag.score > _LEAST_SCORE else {0.0}:
                audio = read_warped(other, starts, target.shape[-1], lag=whole)
                found.append(Replay(file_rate=rate, lag=whole, score=lag.score, audio=audio))
    return found


def mix_rate(mix: Source, scan: Scan) -> int | None:
    """Return the rate at which the mix would have to be read to be like the sum of the stems, None where none is."""
    frames = min(scan.frames, _LONGEST_S * mix.rate)
    best: tuple[float, int] | None = None
    for rate in other_rates(mix.file_rate):
        with closing(mix.relabelled(rate)) as other:
            _, height = whole_offset(scan.total.read, other.read, (frames, frames), mix.rate)
        if height > _LEAST_HEIGHT and (best is None or height > best[0]):
            best = height, rate
    return best[1] if best else None


def _read_two(source: Source, start: int, frames: int) -> Audio:
    return np.broadcast_to(source.read(start, frames).T, (2, frames))
