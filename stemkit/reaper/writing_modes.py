"""Automation modes in which a render could write automation into the project."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stemkit.errors import EngineError

if TYPE_CHECKING:
    from stemkit.model.session import Session

__all__ = ["demand_reading_modes"]

_WRITE_MODES = {2: "touch", 3: "write", 4: "latch", 5: "latch preview"}
_OVERRIDE_WRITE_MODES = frozenset({2, 3, 4})


def demand_reading_modes(session: Session) -> None:
    """Refuse a project in which a track, the master or the override would write.

    Raises
    ------
    EngineError
        With the track and what to do.
    """
    for track in session.tracks:
        if track.automation_mode in _WRITE_MODES:
            raise EngineError(
                f"Track {track.name or track.index + 1} is in {_WRITE_MODES[track.automation_mode]} mode, so that a "
                "render could write automation; set it to trim/read or read first."
            )
    if session.master.automation_mode in _WRITE_MODES:
        raise EngineError(
            f"The master is in {_WRITE_MODES[session.master.automation_mode]} mode, so that a render could write "
            "automation; set it to trim/read or read first."
        )
    if session.automation_override in _OVERRIDE_WRITE_MODES:
        raise EngineError("REAPER's automation override is set to a writing mode; switch it off first.")
