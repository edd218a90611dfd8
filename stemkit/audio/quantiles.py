"""Quantiles. `np.percentile` and `np.median` load `numpy.ma`, which takes as long as measuring half a minute."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

__all__ = ["quantiles"]


def quantiles(values: NDArray[np.floating], shares: ArrayLike) -> NDArray[np.float64]:
    """Return the values below which the given shares (0…1) of all lie, by straight lines between neighbours.

    Values of any shape; they must be finite, and at least one.
    """
    ordered = np.sort(values, axis=None)
    return np.interp(np.multiply(shares, len(ordered) - 1), np.arange(len(ordered)), ordered)
