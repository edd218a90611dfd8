"""Dry and wet versions of one sound: do they lie together, do they differ, and which one rings on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from stemkit.audio.proof.lags import correlate
from stemkit.audio.proof.streams import Source
from stemkit.errors import InputError
from stemkit.model.audio import PairFacts

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    Audio = NDArray[np.float32]

__all__ = ["relate_pair"]

_BLOCK_CELLS = 32
_CELL_S = 0.05
_WINDOW = 65536
_WINDOWS = 6
_REACH_S = 0.25
_AGREE = 2  # samples within which windows mean the same lag
_CLEAR = 12.0  # a peak's height over the RMS of everything else
_DIRECT = 0.3  # of the highest peak: a sound at lag 0 that is at least this strong is the direct one
_SAME = 1e-12  # of the wet file's energy: the arithmetic's own rounding
_HEARD = 1e-6  # of the loudest cell


def relate_pair(dry: Path, wet: Path, *, labels: tuple[str, str]) -> PairFacts | None:
    """Compare a dry and a wet version in one streamed pass and a look at the loudest windows.

    Parameters
    ----------
    dry, wet
        The two files, at any trim.
    labels
        Their names for people.

    Returns
    -------
    PairFacts or None
        None where the two cannot be compared: one cannot be read, has more than two channels or another rate.
    """
    try:
        first = Source(dry, labels[0])
    except InputError:
        return None
    try:
        second = Source(wet, labels[1])
    except InputError:
        first.close()
        return None
    try:
        if first.file_rate != second.file_rate:
            return None
        return _compare(first, second)
    finally:
        first.close()
        second.close()


def _compare(dry: Source, wet: Source) -> PairFacts:
    cell = int(_CELL_S * dry.rate)
    products, levels = _stream(dry, wet, cell)
    own, both, other = products
    left = other - both**2 / own if own > 0 else other
    residual = 10 * float(np.log10(left / other)) if other > 0 and left > _SAME * other else None
    ends = [_end_s(track, cell / dry.rate) for track in levels]
    sounding = own > 0 and other > 0
    return PairFacts(
        dry=dry.label,
        wet=wet.label,
        lag_samples=_lag(dry, wet, levels[0], cell) if sounding else None,
        residual_db=residual,
        dry_end_s=ends[0],
        wet_end_s=ends[1],
    )


def _two(block: Audio) -> Audio:
    return np.broadcast_to(block, (len(block), 2))


def _stream(dry: Source, wet: Source, cell: int) -> tuple[tuple[float, float, float], list[NDArray[np.float64]]]:
    """Return the energies dry, dry times wet, wet; and the energy a cell of each."""
    totals = np.zeros(3)
    levels: list[list[NDArray[Any]]] = [[], []]
    size = _BLOCK_CELLS * cell
    for start in range(0, max(dry.frames, wet.frames), size):
        x, y = (_two(source.read(start, size)).astype(np.float64) for source in (dry, wet))
        totals += (np.vdot(x, x), np.vdot(x, y), np.vdot(y, y))
        for track, block in zip(levels, (x, y), strict=True):
            track.append((block**2).reshape(_BLOCK_CELLS, -1).sum(axis=1))
    own, both, other = totals.tolist()
    return (own, both, other), [np.concatenate(track) if track else np.zeros(1) for track in levels]


def _end_s(track: NDArray[np.float64], cell_s: float) -> float | None:
    heard = np.flatnonzero(track > _HEARD * track.max())
    return float((heard[-1] + 1) * cell_s) if len(heard) else None


def _lag(dry: Source, wet: Source, levels: NDArray[np.float64], cell: int) -> float | None:
    """Return how late the wet sound lies, where at least half of the loud windows clearly agree on it."""
    reach = int(_REACH_S * dry.rate)
    count = max(1, dry.frames // _WINDOW)
    index = np.minimum(np.arange(len(levels)) * cell // _WINDOW, count - 1)
    energy = np.bincount(index, levels, count)
    loudest = [int(i) for i in np.argsort(-energy)[:_WINDOWS] if energy[i] > 1e-3 * energy.max()]
    found = []
    for window in loudest:
        start = window * _WINDOW
        target = _two(dry.read(start, _WINDOW)).T[None]
        wide = _two(wet.read(start - reach, _WINDOW + 2 * reach)).T[None]
        curve = np.abs(correlate(target, wide, reach)[0][0])
        peak = int(np.argmax(curve))
        far = np.abs(np.arange(len(curve)) - peak) > 64
        if curve[peak] > _CLEAR * float(np.sqrt(np.mean(curve[far] ** 2))):
            direct = float(curve[reach - 1 : reach + 2].max()) >= _DIRECT * curve[peak]
            found.append(0 if direct else peak - reach)
    for lag in found:
        if 2 * sum(abs(other - lag) <= _AGREE for other in found) > len(loudest):
            return float(lag)
    return None
