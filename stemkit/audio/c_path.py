"""Paths for libraries in C, which take the system's own bytes."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["c_path"]


def c_path(path: Path | str) -> str | bytes:
    """Return a path as libsndfile takes it, also where its name is no text: an old disk may hold such names.

    Python keeps bytes that are no UTF-8 as halves of characters, which `soundfile` cannot encode.
    """
    return str(path) if os.name == "nt" else os.fsencode(path)
