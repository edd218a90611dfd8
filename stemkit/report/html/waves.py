"""Waveforms for the page: a small drawing that needs no script, and packed peaks for the one that zooms. Pure."""

from __future__ import annotations

import base64
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["DRAWING_HEIGHT", "DRAWING_WIDTH", "packed_peaks", "wave_path"]

DRAWING_WIDTH = 600  # units of the drawing's own coordinates
DRAWING_HEIGHT = 60
_COLUMNS = 300
_STEPS = 127  # peaks are sent as signed bytes
_MAX_PEAKS = 12_000


def _folded(envelope: Sequence[tuple[float, float]], columns: int) -> list[tuple[float, float]]:
    """Merge neighbouring (min, max) columns until no more than `columns` are left."""
    if len(envelope) <= columns:
        return list(envelope)
    edges = [round(index * len(envelope) / columns) for index in range(columns + 1)]
    return [(min(low for low, _ in envelope[a:b]), max(high for _, high in envelope[a:b])) for a, b in pairwise(edges)]


def _clipped(value: float) -> float:
    return max(-1.0, min(1.0, value))


def wave_path(envelope: Sequence[tuple[float, float]], share: float = 1.0) -> str:
    """Draw an envelope as an SVG path.

    Parameters
    ----------
    envelope
        (min, max) a column, full scale = 1.
    share
        How much of the drawing's width the file takes: its length over the longest file's.

    Returns
    -------
    str
        The ``d`` of a closed path in a box of `DRAWING_WIDTH` x `DRAWING_HEIGHT`; empty for no envelope.
    """
    columns = _folded(envelope, max(2, round(_COLUMNS * share)))
    if not columns:
        return ""
    step = DRAWING_WIDTH * share / len(columns)
    middle = DRAWING_HEIGHT / 2

    def point(index: int, value: float) -> str:
        return f"{index * step:.0f} {middle - _clipped(value) * middle:.1f}"

    upper = [point(index, high) for index, (_, high) in enumerate(columns)]
    lower = [point(index, low) for index, (low, _) in reversed(list(enumerate(columns)))]
    return f"M{'L'.join(upper + lower)}Z"


def packed_peaks(envelope: Sequence[tuple[float, float]]) -> str:
    """Pack an envelope as base64 of signed bytes: min, max, min, max … of up to 12,000 columns.

    A peak that is not silent never becomes 0, so that a single click stays visible.
    """

    def step(value: float) -> int:
        scaled = round(_clipped(value) * _STEPS)
        return scaled or (1 if value > 0 else -1 if value < 0 else 0)

    data = bytes(step(value) & 0xFF for pair in _folded(envelope, _MAX_PEAKS) for value in pair)
    return base64.b64encode(data).decode()
