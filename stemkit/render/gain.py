"""How far each stem is raised or lowered before the one quantisation. Pure."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from stemkit.model.plan import GainMode

__all__ = ["trims_db"]

_INSIDE_DB = 0.1  # where a trim aims: this far inside the window, so that rounding cannot leave it


def _window_trim_db(peak_dbfs: float, low: float, high: float, max_raise_db: float) -> float:
    if peak_dbfs > high:
        return (high - _INSIDE_DB) - peak_dbfs
    if peak_dbfs < low:
        return min((low + _INSIDE_DB) - peak_dbfs, max_raise_db)
    return 0.0


def trims_db(
    peaks: Mapping[str, float],
    *,
    mode: GainMode,
    low_dbfs: float | None,
    high_dbfs: float | None,
    max_raise_db: float,
    noise_only: frozenset[str] = frozenset(),
) -> dict[str, float]:
    """Compute one trim for each track.

    Parameters
    ----------
    peaks
        Linear peak of each track, the highest of its variants, so that variants keep their balance.
    mode
        ``window`` moves each track into the window by itself; ``common`` lowers all by the same amount until
        the loudest fits, or raises all until it does; ``none`` leaves all as they are.
    low_dbfs, high_dbfs
        The profile's window; None leaves that side open.
    max_raise_db
        The most that anything is raised.
    noise_only
        Tracks that hold nothing but noise and are never raised.

    Returns
    -------
    dict
        Decibels for each key of `peaks`; silence gets 0.
    """
    low = -math.inf if low_dbfs is None else low_dbfs
    high = math.inf if high_dbfs is None else high_dbfs
    heard = {key: 20 * math.log10(peak) for key, peak in peaks.items() if peak > 0}
    if mode == "none" or not heard:
        return dict.fromkeys(peaks, 0.0)
    if mode == "common":
        common = _window_trim_db(max(heard.values()), low, high, max_raise_db)
        return {key: common if key in heard else 0.0 for key in peaks}
    trims = {key: _window_trim_db(level, low, high, max_raise_db) for key, level in heard.items()}
    return {key: min(trims.get(key, 0.0), 0.0) if key in noise_only else trims.get(key, 0.0) for key in peaks}
