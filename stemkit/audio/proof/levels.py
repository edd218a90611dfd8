"""Many stems at another level than in the mix, as after each was normalised or printed under another pan law.

One stem after the other, none explains enough to be named; all gains fitted together explain everything or nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from stemkit.audio.proof.explain import Explanation, Ground, lay_ground
from stemkit.audio.proof.suspects import Relations, relate
from stemkit.audio.proof.views import read_windows

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from stemkit.audio.proof.streams import Source

__all__ = ["Levels", "fit_levels", "shared_gain"]

_MANY = 4  # fewer are found one by one
_MOVED = 0.02
_SURE = 4.0  # times the spread
_ROUNDS = 6
_LEAST_FALL_DB = 6.0  # a round, or else something other than levels is wrong
_EXPLAINED_DB = -60.0
_SAME = 2e-3

Levels = tuple[tuple[Explanation, ...], Ground, Relations]


def fit_levels(
    sources: Sequence[Source], start: Ground, first: Relations, noise: float, *, fold: bool
) -> Levels | None:
    """Fit the gains of all stems together.

    Parameters
    ----------
    sources
        The stems.
    start
        Sum and mix in windows, the mix bus doing nothing.
    first
        How the stems relate to the residual.
    noise
        Mean square of rounding noise a sample.
    fold
        Compare in mono.

    Returns
    -------
    tuple or None
        An explanation for each stem whose gain changes, and where they lead; None unless they explain the mix.
    """
    asked = np.abs(first.gains())
    if ((asked > _MOVED) & (asked > _SURE * first.spread())).sum() < _MANY:
        return None
    gains, ground, relations = np.ones(len(sources)), start, first
    for _ in range(_ROUNDS):
        gains = gains + relations.gains()
        total = start.total + _change(sources, start, gains - 1)
        after = lay_ground(start.views, total, "plain", noise)
        settled = after.depth_db > ground.depth_db - _LEAST_FALL_DB
        if settled and after.depth_db > _EXPLAINED_DB:
            return None
        ground = after
        relations = relate(sources, ground.bus.undone - total, ground.bus.undone, ground.views.starts, fold=fold)
        if settled:
            break
    if ground.depth_db > _EXPLAINED_DB:
        return None
    fall = start.depth_db - ground.depth_db
    found = tuple(
        Explanation(
            stem=k,
            fault="gain" if gain > 0 else "inverted",
            gain=float(gain),
            likelihood=fall,
            local_db=fall,
            cells=ground.error.size,
        )
        for k, gain in enumerate(gains)
        if abs(gain - 1) > _SAME
    )
    return found, ground, relations


def shared_gain(levels: Levels, stems: int) -> bool:
    """Tell whether most stems need no gain but the mix's own; else that one is nobody's, and each stem has its own."""
    return len(levels[0]) <= stems / 2


def _change(sources: Sequence[Source], ground: Ground, change: NDArray[np.float64]) -> NDArray[np.float32]:
    views = ground.views
    out = np.zeros_like(ground.total)
    for source, more in zip(sources, change, strict=True):
        if more:
            out += read_windows(source, views.starts, views.size) * np.float32(more)
    return out
