"""A project tab of stemkit's own in the running REAPER, for the self-test. Runs inside REAPER (see `inside_api`).

The user's project stays open in its tab and is only read: a copy of it is saved under another name.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from . import inside_api
from .inside_render import RenderError, open_projects

__all__ = ["close_tab", "open_tab", "save_copy", "shapes"]

NEW_TAB, CLOSE_TAB = 40859, 40860  # new and close project tab, by a list of actions of REAPER 5.94


def _current(rpr: Any) -> tuple[str, str]:
    project, _, path, _ = rpr.EnumProjects(-1, "", inside_api.BUFFER_BYTES)
    return project, path


def _is_file(name: str, path: str) -> bool:
    """Tell whether REAPER's name for a project stands for a file; it may have followed a link on the way."""
    return name == path or (Path(name).is_file() and Path(path).is_file() and Path(name).samefile(path))


def open_tab(path: str) -> dict[str, Any]:
    """Open a project in a new tab.

    Parameters
    ----------
    path
        The project, which is stemkit's own.

    Raises
    ------
    RenderError
        There is no new tab, or another project is in it.
    """
    rpr = inside_api.api()
    before, _ = _current(rpr)
    rpr.Main_OnCommandEx(NEW_TAB, 0, before)
    tab, _ = _current(rpr)
    if tab == before:
        raise RenderError("no_tab", "REAPER made no new project tab; the open project was left alone.")
    rpr.Main_openProject("noprompt:" + path)
    opened, name = _current(rpr)
    if opened == before or not _is_file(name, path):
        raise RenderError("no_tab", "REAPER did not open the test project in its new tab; close that tab.")
    return {"before": before, "tracks": rpr.CountTracks(opened)}


def close_tab(path: str, before: str) -> dict[str, Any]:
    """Close the tab that `open_tab` made and show the tab that was open before.

    Raises
    ------
    RenderError
        The project is open no more.
    """
    rpr = inside_api.api()
    tab = next((project for project, name in open_projects() if _is_file(name, path)), None)
    if tab is None:
        raise RenderError("no_tab", "The test project is no longer open.")
    rpr.SelectProjectInstance(tab)
    if _current(rpr)[0] != tab:
        raise RenderError("no_tab", "REAPER does not show the test project; close its tab.")
    rpr.Main_SaveProject(tab, False)  # or REAPER would ask whether to save it
    rpr.Main_OnCommandEx(CLOSE_TAB, 0, tab)
    if before in [project for project, _ in open_projects()]:
        rpr.SelectProjectInstance(before)
    closed = not any(_is_file(name, path) for _, name in open_projects())
    return {"closed": closed, "back": _current(rpr)[0] == before}


def save_copy(path: str) -> dict[str, Any]:
    """Save the open project under another name, as which it is not known afterwards.

    Raises
    ------
    RenderError
        The file exists, about which REAPER would ask.
    """
    if Path(path).exists():
        raise RenderError("target_exists", f"{path} exists already.")
    rpr = inside_api.api()
    project, before = _current(rpr)
    unsaved = rpr.IsProjectDirty(project)
    rpr.Main_SaveProjectEx(project, path, 0)
    if unsaved and not rpr.IsProjectDirty(project):
        rpr.MarkProjectDirty(project)  # or REAPER would let the user quit without asking about the edits
    return {"written": Path(path).is_file(), "same_name": _current(rpr) == (project, before)}


def shapes(action: str) -> dict[str, Any]:
    """Tell what the binding's answers look like, for what has no other trace.

    Parameters
    ----------
    action
        Command id of one of stemkit's actions.
    """
    rpr = inside_api.api()
    project = _current(rpr)[0]
    track = rpr.GetTrack(project, 0)
    named = rpr.GetSetMediaTrackInfo_String(track, "P_NAME", "", False)
    tempo = rpr.TimeMap_GetTimeSigAtTime(project, 0.0, 0, 0, 0.0)
    marker = rpr.EnumProjectMarkers3(project, 0, 0, 0.0, 0.0, "", 0, 0)
    return {
        "project": project[:12],
        "track": track[:14],
        "lengths": [len(rpr.EnumProjects(-1, "", 64)), len(named), len(tempo), len(marker)],
        "flag": repr(named[0]),
        "marker_name": str(marker[6]),
        "action": rpr.NamedCommandLookup("_" + action),
    }
