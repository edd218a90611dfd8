"""Decibels, with silence as None."""

from __future__ import annotations

import math

__all__ = ["amplitude_db", "power_db"]


def amplitude_db(amplitude: float) -> float | None:
    """20·log10 of a linear amplitude; None for zero and for what is no number."""
    return 20 * math.log10(amplitude) if 0 < amplitude < math.inf else None


def power_db(power: float) -> float | None:
    """10·log10 of a mean square; None for zero and for what is no number."""
    return 10 * math.log10(power) if 0 < power < math.inf else None
