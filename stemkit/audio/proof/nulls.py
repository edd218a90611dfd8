"""Where sum and mix null by themselves: proof that nothing between them touches the sound there."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from stemkit.audio.quantiles import quantiles

if TYPE_CHECKING:
    from stemkit.audio.proof.explain import Ground

__all__ = ["clips", "nulls_mostly", "nulls_somewhere"]

_HEARD = 0.05  # of the residual's loudest moment
_NULLS = 0.1
_NULL = 10**-5.5
_FAINT_DB = -45.0  # a clipper that hardly works leaves so little, and cells that null beside it prove nothing
_ROUNDING = 100  # times the floor
_TOUCHED = 1e-2  # of the residual's peak
_FEW = 0.02  # of all samples
_CEILING = 0.8


def clips(ground: Ground) -> bool:
    """Tell whether sum and mix differ in a few samples only, where the mix is as loud as it ever gets."""
    mix, rest = np.abs(ground.views.mix), np.abs(ground.views.mix - ground.total)
    touched = rest > _TOUCHED * rest.max()
    if not rest.any() or touched.mean() > _FEW:
        return False
    return bool(quantiles(mix[touched], 0.05) > _CEILING * mix.max())


def nulls_mostly(ground: Ground) -> bool:
    """Tell whether at least half of the moments with sound null below -55 dB.

    That proves that there is no bus where no bus explains the rest: one that sleeps at times is seen when it works.
    """
    if ground.depth_db < _FAINT_DB:
        return False
    error, level = (cells.sum(axis=(1, 3)) for cells in (ground.error, ground.level))
    sounds = level > 1e-4 * level.max()
    return bool((error[sounds] < _NULL * level[sounds]).mean() >= 0.5)


def nulls_somewhere(ground: Ground) -> bool:
    """Tell whether, where the residual is heard, at least a tenth of the loud cells null below -55 dB.

    A stem's fault leaves the bands alone in which that stem does not sound; a limiter or compressor at work moves all
    of them. What nulls at other moments proves nothing: the limiter sleeps there. Where the whole residual is faint, a
    cell nulls only where nothing but rounding is left.
    """
    moments = ground.error.sum(axis=(1, 3))
    heard = moments >= _HEARD * moments.max()
    loud = (ground.level > 1e-5 * ground.level.max()) & heard[:, None, :, None]
    limit = _NULL * ground.level
    if ground.depth_db < _FAINT_DB:
        limit = np.minimum(limit, _ROUNDING * ground.floor)
    return bool(loud.any() and (ground.error[loud] < limit[loud]).mean() > _NULLS)
