"""Stems that differ from the mix by something that does not repeat: a chorus, a random sampler, a moving filter.

Such a stem is rendered anew each time, and no two renders null. It plays the right notes at the right moments, so
its envelope is that of the mix's own version; another take is never that exact.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from stemkit.audio.proof.cells import cell_energy, spectra
from stemkit.audio.proof.views import read_windows

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from stemkit.audio.proof.explain import Ground
    from stemkit.audio.proof.streams import Source
    from stemkit.audio.proof.suspects import Relations

__all__ = ["envelope", "find_unrepeatable", "likeness"]

_STEP_S = 0.005
_SAME_ENVELOPE = 0.95
_SAME_PLACES = 0.8


def find_unrepeatable(sources: Sequence[Source], ground: Ground, relations: Relations) -> tuple[int, ...]:
    """Return the stems whose residual is their own sound in other phases, best first; usually none.

    Parameters
    ----------
    sources
        The stems.
    ground
        Where the investigation ended.
    relations
        How the stems relate to what is left.
    """
    gains, spread = relations.gains(), relations.spread()
    found: list[tuple[float, int]] = []
    # A render that differs only in phase takes part of the stem's share away, or all of it.
    for k in np.flatnonzero((gains < -0.03) & (gains > -1.2) & (np.abs(gains) > 4 * spread))[:6]:
        own = read_windows(sources[k], ground.views.starts, ground.views.size)
        cells = cell_energy(spectra(own), ground.views.rate)
        about = cells > 1e-3 * cells.max()
        alike = likeness(np.sqrt(cells[about]), np.sqrt(ground.rest_cells[about]))
        target = ground.bus.undone - ground.total + own
        step = int(_STEP_S * ground.views.rate)
        same = likeness(envelope(own, step), envelope(target, step))
        inside = float(ground.rest_cells[about].sum() / max(float(ground.rest_cells.sum()), 1e-30))
        if alike > _SAME_PLACES and same > _SAME_ENVELOPE and inside > 0.9:
            found.append((same, int(k)))
    return tuple(k for _, k in sorted(found, reverse=True))


def envelope(signal: NDArray[Any], step: int) -> NDArray[np.float64]:
    """Return the level every `step` frames, all windows in a row."""
    windows, channels, frames = signal.shape
    whole = frames // step
    parts = signal[..., : whole * step].reshape(windows, channels, whole, step)
    return np.asarray(np.sqrt(np.einsum("wcsf,wcsf->ws", parts, parts)), np.float64).ravel()


def likeness(a: NDArray[Any], b: NDArray[Any]) -> float:
    """Return the correlation of two patterns about their means."""
    x, y = a - a.mean(), b - b.mean()
    return float(x @ y / max(float(np.sqrt((x @ x) * (y @ y))), 1e-30))
