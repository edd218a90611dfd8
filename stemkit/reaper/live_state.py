"""Whether the open project is free to be worked on."""

from __future__ import annotations

from typing import Any

from stemkit.errors import EngineError

__all__ = ["is_interrupted", "require_idle"]


def is_interrupted(hello: dict[str, Any]) -> bool:
    """Tell whether a journal lies there that no render is working through; `hello` is the answer to that question."""
    return bool(hello["interrupted"] and not hello["rendering"])


def require_idle(hello: dict[str, Any]) -> None:
    """Refuse where the project's values are not its user's.

    Raises
    ------
    EngineError
        Another stemkit is rendering, or an earlier render was interrupted.
    """
    if hello["rendering"]:
        raise EngineError("Another stemkit is rendering in this REAPER; wait until it is done.")
    if hello["interrupted"]:
        raise EngineError(
            "An earlier render was interrupted and REAPER still has its settings; put the project back with stemkit "
            "doctor --restore, then try again."
        )
