"""Where sum and mix null by themselves: proof that nothing between them touches the sound there."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from stemkit.audio.proof.explain import Ground

__all__ = ["nulls_mostly", "nulls_somewhere"]

_HEARD = 0.05  # of the residual's loudest moment
_NULLS = 0.1
_NULL = 10**-5.5


def nulls_mostly(ground: Ground) -> bool:
    """Tell whether at least half of the moments with sound null below -55 dB.

    That proves that there is no bus where no bus explains the rest: one that sleeps at times is seen when it works.
    """
    error, level = (cells.sum(axis=(1, 3)) for cells in (ground.error, ground.level))
    sounds = level > 1e-4 * level.max()
    return bool((error[sounds] < _NULL * level[sounds]).mean() >= 0.5)


def nulls_somewhere(ground: Ground) -> bool:
    """Tell whether, where the residual is heard, at least a tenth of the loud cells null below -55 dB.

    A stem's fault leaves the bands alone in which that stem does not sound; a limiter or compressor at work moves all
    of them. What nulls at other moments proves nothing: the limiter sleeps there.
    """
    moments = ground.error.sum(axis=(1, 3))
    heard = moments >= _HEARD * moments.max()
    loud = (ground.level > 1e-5 * ground.level.max()) & heard[:, None, :, None]
    return bool(loud.any() and (ground.error[loud] < _NULL * ground.level[loud]).mean() > _NULLS)
