"""The trim that a file was given, written into its `bext` description so that it travels with the file. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from stemkit.model.audio import Bext

__all__ = ["ORIGINATOR", "trim_from", "trim_note"]

ORIGINATOR = "stemkit"
_TRIM = re.compile(r"stemkit trim ([+-]\d+\.\d+) dB")


def trim_note(trim_db: float) -> str:
    """Write a trim to a millionth of a decibel, so that undoing it errs by less than -138 dB of the stem."""
    return f"stemkit trim {trim_db:+.6f} dB"


def trim_from(bext: Bext | None) -> float | None:
    """Read the trim back; None where another program wrote the file."""
    if bext is None or bext.originator != ORIGINATOR:
        return None
    found = _TRIM.search(bext.description)
    return None if found is None else float(found[1])
