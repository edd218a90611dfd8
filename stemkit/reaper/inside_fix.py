"""Changes that the user chose, each one undo point of its own. Runs inside REAPER (see `inside_api`)."""

from __future__ import annotations

from typing import Any

from . import inside_api, inside_journal
from .inside_render import RenderError
from .inside_state import Desk, same_value

__all__ = ["ask_user", "change"]

_TITLE = "Stemkit: tick with y what to fix"


def ask_user(captions: list[str]) -> list[bool] | None:
    """Show REAPER's own dialog with one empty field a line, and wait for the user.

    Parameters
    ----------
    captions
        At most 16, which is all that the dialog takes.

    Returns
    -------
    list of bool or None
        For each line whether something like "y" stands in it; None where the user cancelled.

    Raises
    ------
    RenderError
        A comma was typed, behind which nobody can tell which line an answer belongs to.
    """
    plain = ",".join(caption.replace(",", ";").replace("=", "-") for caption in captions)
    empty = "," * (len(captions) - 1)
    said, _, _, _, values, _ = inside_api.api().GetUserInputs(
        _TITLE, len(captions), plain + ",extrawidth=40", empty, inside_api.BUFFER_BYTES
    )
    if not said:
        return None
    typed = values.split(",")
    if len(typed) != len(captions):
        raise RenderError("ticks", "The dialog's lines cannot be told apart (was a comma typed?); nothing was changed.")
    return [text.strip().lower() in ("y", "yes", "x", "1") for text in typed]


def change(
    project: str,
    label: str,
    values: list[list[Any]],
    items: list[list[str]],
    tracks: list[str],
) -> None:
    """Make one change of the open project, whole or not at all.

    Parameters
    ----------
    project
        Path of the project for which it was planned.
    label
        Name of the undo point.
    values
        Pairs of a value's name (see `inside_state`) and what it has to become.
    items
        Pairs of the GUIDs of a track and of an item on it that goes.
    tracks
        GUIDs of tracks that go.

    Raises
    ------
    RenderError
        Another project is open, or REAPER did not take the change: values are as they were, and it is told what of
        the items stayed.
    """
    rpr = inside_api.api()
    current, _, path, _ = rpr.EnumProjects(-1, "", inside_api.BUFFER_BYTES)
    if path != project:
        raise RenderError("other_project", "Another project is open now; nothing was changed in it.")
    desk = Desk(current)
    gone = [_find_item(desk, *names) for names in items] + [(desk.track(guid), "") for guid in tracks]
    before = [[name, desk.read(name)] for name, _ in values]
    inside_journal.write({"project": inside_journal.identity(desk), "values": before})
    rpr.PreventUIRefresh(1)
    rpr.Undo_BeginBlock2(current)
    try:
        refused = _refused(desk, values, before)
        failed = inside_journal.restore(desk, before) if refused else []
        kept = 0 if refused else sum(not _remove(rpr, track, item) for track, item in gone)
    finally:
        rpr.Undo_EndBlock2(current, label, -1)
        rpr.PreventUIRefresh(-1)
        rpr.UpdateArrange()
    if failed:
        raise RenderError("not_restored", f"{label}: REAPER kept neither the old value nor the new: {failed[0]}.")
    inside_journal.drop()
    if refused:
        raise RenderError("not_taken", f"{label}: REAPER did not take {' '.join(map(str, refused[0]))}.")
    if kept:
        raise RenderError("not_taken", f"{label}: REAPER kept {'it' if len(gone) == 1 else f'{kept} of {len(gone)}'}.")


def _refused(desk: Desk, values: list[list[Any]], before: list[list[Any]]) -> list[list[Any]]:
    """Write the values and name those that REAPER did not take; where a call breaks off, all go back at once."""
    try:
        for name, value in values:
            desk.write(name, value)
        return [name for name, value in values if not same_value(desk.read(name), value)]
    except Exception:
        if not inside_journal.restore(desk, before):
            inside_journal.drop()  # else it stays, for stemkit doctor --restore
        raise


def _find_item(desk: Desk, guid: str, item: str) -> tuple[str, str]:
    rpr, track = desk.rpr, desk.track(guid)
    for index in range(rpr.CountTrackMediaItems(track)):
        found = rpr.GetTrackMediaItem(track, index)
        if rpr.GetSetMediaItemInfo_String(found, "GUID", "", False)[3] == item:
            return track, found
    raise LookupError(f"an item is gone ({item})")


def _remove(rpr: Any, track: str, item: str) -> bool:
    """Take an item off its track, or the track itself away; False where REAPER says that it did not."""
    if item:
        return bool(rpr.DeleteTrackMediaItem(track, item))
    rpr.DeleteTrack(track)
    return True
