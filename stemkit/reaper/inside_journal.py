"""The journal: what a render will touch, on disk before the first change. Runs inside REAPER.

Whatever dies after that, the values before stand in the file, and the next stemkit puts them back.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from . import inside_api
from .inside_state import Desk, same_value

__all__ = ["JOURNAL_NAME", "drop", "home", "identity", "is_same_project", "is_there", "load", "restore", "write"]

JOURNAL_NAME = "journal.json"


def home() -> Path:
    """Return stemkit's folder among REAPER's own settings, which only the user can enter."""
    folder = Path(inside_api.api().GetResourcePath()) / "stemkit"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def _path() -> Path:
    return home() / JOURNAL_NAME


def identity(desk: Desk) -> dict[str, Any]:
    """Tell a project apart from others: its path and its tracks."""
    return {"path": desk.rpr.EnumProjects(-1, "", inside_api.BUFFER_BYTES)[2], "tracks": sorted(desk.tracks())}


def is_same_project(one: dict[str, Any], other: dict[str, Any]) -> bool:
    """Tell whether two identities are one project's: its path counts, and the tracks where it was never saved."""
    return bool(one["path"] == other["path"] and (one["path"] or one["tracks"] == other["tracks"]))


def write(record: dict[str, Any]) -> None:
    """Put the journal on disk, whole or not at all."""
    part = _path().with_suffix(".part")
    try:
        with part.open("w", encoding="utf-8") as stream:
            json.dump(record, stream)
            stream.flush()
            os.fsync(stream.fileno())
        part.replace(_path())
    except OSError:
        if part.exists():
            part.unlink()
        raise


def is_there() -> bool:
    """Tell whether an interrupted render left its journal, readable or not."""
    return _path().exists()


def load() -> dict[str, Any] | None:
    """Return the journal of an interrupted render, or None.

    Raises
    ------
    ValueError
        A journal is there and is damaged: it was changed, for it is written whole or not at all.
    """
    try:
        found = json.loads(_path().read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error
    if not _is_journal(found):
        raise ValueError("it holds something else")
    journal: dict[str, Any] = found
    return journal


def _is_journal(found: Any) -> bool:
    if not isinstance(found, dict) or not isinstance(project := found.get("project"), dict):
        return False
    values = found.get("values")
    return (
        isinstance(project.get("path"), str)
        and isinstance(project.get("tracks"), list)
        and isinstance(values, list)
        and all(isinstance(pair, list) and len(pair) == 2 and _is_name(pair[0]) for pair in values)
    )


def _is_name(name: Any) -> bool:
    return isinstance(name, list) and bool(name) and all(isinstance(part, (str, int)) for part in name)


def drop() -> None:
    """Remove the journal, once everything in it is verified."""
    _path().unlink()


def restore(desk: Desk, values: list[list[Any]]) -> list[str]:
    """Write back every value in reverse, then read each one.

    Parameters
    ----------
    values
        Pairs of a value's name and what it was.

    Returns
    -------
    list of str
        What could not be restored, in words; empty when all is as it was.
    """
    failed = [told for name, value in reversed(values) if (told := _put_back(desk, name, value))]
    return failed + [told for name, value in values if (told := _difference(desk, name, value))]


def _put_back(desk: Desk, name: list[Any], value: Any) -> str:
    try:
        if not same_value(desk.read(name), value):
            desk.write(name, value)
    except LookupError as error:
        return str(error)
    return ""


def _difference(desk: Desk, name: list[Any], value: Any) -> str:
    try:
        now = desk.read(name)
    except LookupError:
        return ""  # told when it could not be put back
    return "" if same_value(now, value) else f"{' '.join(map(str, name))} is {now!r} and was {value!r}"
