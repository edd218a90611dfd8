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

__all__ = ["attacks_apart_s", "envelope", "find_unrepeatable", "likeness"]

_STEP_S = 0.005
_SAME_ENVELOPE = 0.95
_SAME_PLACES = 0.8
_ATTACK_STEP_S = 0.001
_RISE = 5  # steps that an attack is seen to rise in
_RISES = 1.4  # in nepers of energy, 6 dB
_PAUSE, _REACH = 60, 40  # steps between attacks, and how far off one is looked for
_SAME_ATTACK = 0.75
_FEWEST_ATTACKS = 3


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


def attacks_apart_s(own: NDArray[Any], other: NDArray[Any], rate: int) -> float | None:
    """Return by how much attacks lie apart in two versions, their common offset aside; None where too few are clear.

    Parameters
    ----------
    own, other
        Shape (windows, channels, frames).
    rate
        In Hz.

    Returns
    -------
    float or None
        Standard deviation in seconds.
    """
    step = round(_ATTACK_STEP_S * rate)
    mine, theirs = (_rises(signal, step) for signal in (own, other))
    lags = []
    for a, b in zip(mine, theirs, strict=True):
        last = -_PAUSE
        for at in np.flatnonzero(a > _RISES).tolist():
            peak = a[max(0, at - _PAUSE // 2) : at + _PAUSE // 2].max()
            if at - last < _PAUSE or a[at] < peak or not _REACH + 20 <= at < len(a) - _REACH - 20:
                continue
            last = at
            shape = a[at - 20 : at + 20]
            places = np.lib.stride_tricks.sliding_window_view(b[at - 20 - _REACH : at + 20 + _REACH], 40)
            alike = places @ shape / np.maximum(np.sqrt((places**2).sum(axis=1) * (shape @ shape)), 1e-30)
            if alike.max() > _SAME_ATTACK:
                lags.append(int(np.argmax(alike)) - _REACH)
    return float(np.std(lags)) * _ATTACK_STEP_S if len(lags) >= _FEWEST_ATTACKS else None


def _rises(signal: NDArray[Any], step: int) -> NDArray[np.float64]:
    """Return how fast the level rises every `step` frames, shape (windows, steps); falls are nothing."""
    windows = len(signal)
    power = envelope(signal, step).reshape(windows, -1) ** 2
    level = np.log(power + 1e-4 * power.max() + 1e-30)
    total = np.cumsum(np.pad(level, ((0, 0), (1, 0))), axis=1)
    mean = (total[:, _RISE:] - total[:, :-_RISE]) / _RISE
    out = np.zeros_like(level)
    out[:, _RISE:-_RISE] = (mean[:, _RISE:] - mean[:, :-_RISE])[:, :-1]
    return np.asarray(np.maximum(out, 0))


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
