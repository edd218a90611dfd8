"""The one way from stemkit's code inside REAPER to REAPER's functions.

Like every `inside*` module this runs in the Python that REAPER loads: standard library and reapy only, no syntax or
method newer than Python 3.8. The modules import each other as siblings, so that the link script can load them from
their folder without stemkit's own requirements being installed for REAPER's Python.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from .inside_record import Recorder

__all__ = ["BUFFER_BYTES", "NULL_SUFFIX", "Recording", "api", "functions", "has", "is_null", "pointer", "text_or_none"]

BUFFER_BYTES = 4 * 1024 * 1024 - 1  # what REAPER's binding really allocates for each text, whatever is asked for
NULL_SUFFIX = "0x0000000000000000"


class Recording:
    """What stands before REAPER's functions while every call is noted."""

    recorder: Recorder | None = None


def functions() -> Any:
    """Return reapy's raw functions; imported late, since outside REAPER the import itself would open a connection."""
    from reapy import reascript_api  # noqa: PLC0415  (see above)

    return reascript_api


def api() -> Any:
    """Return REAPER's functions, by way of the recorder if there is one."""
    return functions() if Recording.recorder is None else Recording.recorder


def has(name: str) -> bool:
    """Tell whether this REAPER has a function and its Python binding offers it."""
    rpr = api()
    return hasattr(rpr, name) and bool(rpr.APIExists(name))


def is_null(reference: str) -> bool:
    """Tell a pointer that points nowhere; REAPER hands pointers over as text."""
    return not reference or reference.endswith(NULL_SUFFIX)


def pointer(kind: str, address: float) -> str:
    """Turn a pointer that REAPER hands over as a number into its text form."""
    return f"({kind})0x{int(address):016X}"


def text_or_none(call: Callable[[], Any], index: int) -> str | None:
    """Take one text out of an answer; None where it is no UTF-8 or REAPER has none.

    The binding decodes strictly and stumbles over a missing text, and one odd name must not cost the whole answer.
    """
    try:
        return str(call()[index])
    except (UnicodeDecodeError, AttributeError):
        return None
