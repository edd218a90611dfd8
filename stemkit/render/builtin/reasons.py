"""Collects why a stem is not exact; reasons of one kind are counted, not repeated."""

from __future__ import annotations

from stemkit.model.plan import Fidelity

__all__ = ["Reasons", "counted"]


class Reasons:
    """Reasons against exactness, worst first in the verdict."""

    def __init__(self) -> None:
        self._impossible: dict[str, None] = {}
        self._approximate: dict[str, None] = {}
        self._counts: dict[str, int] = {}
        self._bypassed = 0

    def impossible(self, reason: str) -> None:
        """Add a reason for which only REAPER can render."""
        self._impossible[reason] = None

    def approximate(self, reason: str) -> None:
        """Add a reason for which the audio may differ a little from REAPER's."""
        self._approximate[reason] = None

    def tally(self, reason: str) -> None:
        """Add an approximate reason whose ``{n}`` becomes the number of times it was added, as in "2 items"."""
        self._approximate[reason] = None
        self._counts[reason] = self._counts.get(reason, 0) + 1

    def bypass(self, effects: int) -> None:
        """Count effects that a dry render leaves out."""
        self._bypassed += effects

    def verdict(self) -> Fidelity:
        """Sum up."""
        approximate = tuple(
            r.replace("{n}", counted(self._counts[r], "item")) if r in self._counts else r for r in self._approximate
        )
        if self._bypassed:
            approximate = (f"dry: {counted(self._bypassed, 'effect')} bypassed", *approximate)
        if self._impossible:
            return Fidelity(level="impossible", reasons=tuple(self._impossible))
        return Fidelity(level="approximate" if approximate else "exact", reasons=approximate)


def counted(number: int, thing: str) -> str:
    """Say a number of things: "1 item", "2 items"."""
    return f"{number} {thing}" + ("" if number == 1 else "s")
