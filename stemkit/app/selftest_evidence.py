"""What the self-test saw, and the form of what it answers."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

__all__ = ["Answer", "Evidence", "NotAskedError"]

Verdict = Literal["confirmed", "contradicted", "could not be asked"]


@dataclass(frozen=True, slots=True)
class Answer:
    """One assumption and what this REAPER says to it."""

    name: str
    verdict: Verdict
    found: str


@dataclass(slots=True)
class Evidence:
    """What was seen; what is missing was not reached, for the reason in `stopped`."""

    seen: dict[str, Any] = field(default_factory=dict)
    renders: dict[str, dict[str, Any]] = field(default_factory=dict)
    stopped: str = ""

    def status(self, probe: str) -> dict[str, Any]:
        """Return what became of a render.

        Raises
        ------
        NotAskedError
            It was not reached.
        """
        if probe not in self.renders:
            raise NotAskedError(self.stopped or f"the render {probe!r} could not be set up")
        return self.renders[probe]

    def file(self, probe: str, key: str) -> Path:
        """Return a file that a render gave.

        Raises
        ------
        NotAskedError
            The render failed, or was not reached.
        """
        status = self.status(probe)
        if status["failure"] is not None:
            raise NotAskedError(f"the render {probe!r} failed: {status['failure'][1]}")
        return Path(status["files"][probe][key])


class NotAskedError(Exception):
    """The evidence is missing; the message says why."""
