"""Files that a cache may trust, what it keeps of them, and reports to compare."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from stemkit.report import render

if TYPE_CHECKING:
    from pathlib import Path

    from stemkit.app.cache import Cache
    from stemkit.model.report import Report

LONG_AGO = 1_600_000_000


def settle(folder: Path) -> Path:
    """Make files look old enough that a later change must show in their times."""
    for path in folder.rglob("*"):
        if path.is_file():
            os.utime(path, (LONG_AGO, LONG_AGO))
    return folder


def entries(cache: Cache) -> list[Path]:
    return sorted(path for path in cache.folder.rglob("*") if path.is_file())


def as_json(report: Report) -> str:
    return render(report, "json")
