"""The public Python interface: the use cases of the command line, each returning a model of plain, frozen data.

Importing this costs next to nothing; a call loads what it needs. `stemkit` offers every name of this module.
"""

from stemkit.api.files import check, verify
from stemkit.api.projects import deliver, inspect, plan, render
from stemkit.errors import EngineError, InputError, StemkitError, UsageError

__all__ = [
    "EngineError",
    "InputError",
    "StemkitError",
    "UsageError",
    "check",
    "deliver",
    "inspect",
    "plan",
    "render",
    "verify",
]
