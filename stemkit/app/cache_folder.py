"""Where stemkit keeps things for later runs."""

from __future__ import annotations

import os
from pathlib import Path

__all__ = ["FOLDER_VARIABLE", "cache_folder"]

FOLDER_VARIABLE = "STEMKIT_CACHE_DIR"


def cache_folder() -> Path:
    """Return the folder of all that stemkit keeps for later runs: ``STEMKIT_CACHE_DIR``, or the user's cache folder."""
    told = os.environ.get(FOLDER_VARIABLE)
    if told:
        return Path(told)
    from platformdirs import user_cache_path

    return user_cache_path("stemkit", appauthor=False)
