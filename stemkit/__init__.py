"""stemkit: stems that are proven right before they leave."""

from __future__ import annotations

import sys
from types import ModuleType
from typing import TYPE_CHECKING, Any

import stemkit.render  # noqa: F401  (bound first, so that the import system never puts it over what stands below)
from stemkit import api
from stemkit._version import __version__
from stemkit.api import EngineError, InputError, StemkitError, UsageError, check, deliver, inspect, plan, verify

if TYPE_CHECKING:
    from stemkit.api import render  # noqa: TC004  (at run time the room of this name takes its place, below)

__all__ = [
    "EngineError",
    "InputError",
    "StemkitError",
    "UsageError",
    "__version__",
    "api",
    "check",
    "deliver",
    "inspect",
    "plan",
    "render",
    "verify",
]


class _Room(ModuleType):
    """The room `stemkit.render`, which can be called like the use case of the same name."""

    def __call__(self, *args: Any, **options: Any) -> Any:
        return api.render(*args, **options)


sys.modules["stemkit.render"].__class__ = _Room
