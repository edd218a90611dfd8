"""Where REAPER keeps its settings, on three systems, standard and portable."""

from __future__ import annotations

import os
import sys
from pathlib import Path

__all__ = ["RESOURCE_VARIABLE", "home_folder", "resource_paths", "standard_resource_path"]

RESOURCE_VARIABLE = "STEMKIT_REAPER_RESOURCE"  # for portable installations and for tests


def standard_resource_path(platform: str = sys.platform, home: Path | None = None) -> Path:
    """Return where an ordinary installation keeps its settings.

    Parameters
    ----------
    platform
        As `sys.platform` names it.
    home
        The user's folder; None asks the system.
    """
    base = home or Path.home()
    if platform == "win32":
        return Path(os.environ.get("APPDATA", str(base / "AppData" / "Roaming"))) / "REAPER"
    if platform == "darwin":
        return base / "Library" / "Application Support" / "REAPER"
    return base / ".config" / "REAPER"


def resource_paths() -> list[Path]:
    """Return the folders of settings to look at: the one that the environment names, else the standard one.

    A portable installation keeps its `reaper.ini` beside the program, anywhere; only the user can name it.
    """
    named = os.environ.get(RESOURCE_VARIABLE)
    return [Path(named)] if named else [standard_resource_path()]


def home_folder(resource: Path) -> Path:
    """Return stemkit's own folder among REAPER's settings."""
    return resource / "stemkit"
