"""Small words for sentences about tracks."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["counted", "listed"]

_NAMED = 3  # more names than this and nobody reads them


def listed(labels: Sequence[str]) -> str:
    """Return names in quotation marks, the first few of many: ``'Kick', 'Snare' and 4 others``."""
    shown = [f"'{label}'" for label in labels[:_NAMED]]
    rest = len(labels) - len(shown)
    if rest:
        shown.append(f"{rest} other{'s' if rest > 1 else ''}")
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} and {shown[-1]}" if shown else "nothing"


def counted(number: int, noun: str) -> str:
    """Return a number with its noun: ``1 track``, ``2 tracks``."""
    return f"{number} {noun}{'' if number == 1 else 's'}"
