"""Stems that stop where the mix goes on with their sound."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from stemkit.audio.proof.cells import cell_energy, pattern, spectra
from stemkit.audio.proof.views import read_windows
from stemkit.audio.quantiles import quantiles

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from stemkit.audio.proof.explain import Ground
    from stemkit.audio.proof.scan import Scan
    from stemkit.audio.proof.streams import Source

__all__ = ["cut_tails"]

_ABRUPT = 0.02  # of the stem's usual loudness, in its last two cells
_OWN_BANDS = 0.1
_RISE_DB = 6.0
_NULL = 1e-6
_ALIKE = 0.8  # measured: 0.97 and more for the stem that was cut
_ALIKE_AT_THE_END = 0.65  # another note may follow
_MOMENT_S = 0.01
_SILENT = 1e-4
_MANY_PAUSES = 4


def cut_tails(sources: Sequence[Source], scan: Scan, ground: Ground) -> list[tuple[int, float, int]]:
    """Find stems after whose end the mix has more of their own bands than the sum does.

    Returns
    -------
    list
        Stem, likeness of its spectrum to what is missing (0…1), and the frame at which it stops.
    """
    views = ground.views
    quarter = views.size // 4
    begins = (np.array(views.starts)[:, None] + quarter * np.arange(4)).ravel()
    error, level = _by_quarter(ground.error), _by_quarter(ground.level)
    found = []
    for k, source in enumerate(sources):
        end = _abrupt_end(scan, k)
        if end is None:
            continue
        own = _by_quarter(cell_energy(spectra(read_windows(source, views.starts, views.size)), views.rate)).sum(axis=0)
        bands = own > _OWN_BANDS * own.max()
        left = error[:, bands].sum(axis=1) / np.maximum(level[:, bands].sum(axis=1), 1e-30)
        sounds = level[:, bands].sum(axis=1) > 1e-6 * level[:, bands].sum(axis=1).max()
        before, after = sounds & (begins + quarter <= end), sounds & (begins >= end - quarter // 2)
        if not before.any() or not after.any():
            continue
        usual = float(left[before].max())
        # Where all nulls before the end, one quarter says enough; a short tail has no more.
        loudest = np.sort(left[after])[-1 if usual < _NULL else -2 :][0]
        if loudest < usual * 10 ** (_RISE_DB / 10) or not (error[after] > 100 * ground.floor.min()).any():
            continue
        more = after & (left > 2 * usual)
        if begins[more].min() > end + quarter + 2 * _usual_pause(scan, k):
            continue
        alike = pattern(own, error[more].sum(axis=0))
        if alike > (_ALIKE_AT_THE_END if usual < _NULL and _begins_there(ground, source, end, scan) else _ALIKE):
            found.append((k, alike, end))
    return found


def _begins_there(ground: Ground, source: Source, end: int, scan: Scan) -> bool:
    """Tell whether what the mix has more begins with the very frame at which a stem stops."""
    views, step = ground.views, round(_MOMENT_S * ground.views.rate)
    sounding = np.flatnonzero(np.abs(source.read(end - scan.cell_frames, scan.cell_frames)).max(axis=1))
    last = end - scan.cell_frames + int(sounding[-1]) + 1 if len(sounding) else end
    for w, start in enumerate(views.starts):
        at = last - start
        if step <= at <= views.size - step:
            rest = ground.bus.undone[w] - ground.total[w]
            before, after = (float(np.vdot(part, part)) for part in (rest[:, at - step : at], rest[:, at : at + step]))
            return after > 0 and before < _SILENT * after
    return False


def _by_quarter(cells: NDArray[Any]) -> NDArray[np.float64]:
    """Return energies a quarter window, both channels together, shape (quarters of all windows, bands)."""
    return np.asarray(cells.sum(axis=1, dtype=np.float64).reshape(-1, cells.shape[-1]))


def _abrupt_end(scan: Scan, stem: int) -> int | None:
    """Return the frame at which a stem stops while it sounds, None where it fades or lasts to the end."""
    energy = scan.energy[stem].sum(axis=0)
    sounding = np.flatnonzero(energy > 0)
    if not len(sounding):
        return None
    last = int(sounding[-1])
    end = (last + 1) * scan.cell_frames
    usual = float(quantiles(energy[sounding[energy[sounding] > 1e-4 * energy.max()]], 0.5))
    fades = energy[max(0, last - 1) : last + 1].max() < _ABRUPT * usual
    return None if fades or end > scan.frames - 2 * scan.cell_frames else end


def _usual_pause(scan: Scan, stem: int) -> int:
    """Return how long a stem of many hits pauses between them, in frames; 0 for any other."""
    energy = scan.energy[stem].sum(axis=0)
    sounding = np.flatnonzero(energy > 1e-3 * energy.max())
    pauses = np.diff(sounding)
    pauses = pauses[pauses > 1]
    return int(quantiles(pauses, 0.5)) * scan.cell_frames if len(pauses) >= _MANY_PAUSES else 0
