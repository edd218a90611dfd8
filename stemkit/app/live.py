"""The project that is open in REAPER, as every use case on a project begins."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from stemkit.model.session import Session

__all__ = ["UNSAVED_NAME", "find_interrupted", "read_open_project", "restore_interrupted"]

UNSAVED_NAME = "Untitled.rpp"  # what a project without a file is called, in the folder where the user stands


def read_open_project() -> tuple[Session, Path, int | None]:
    """Read the open project, unsaved edits included.

    Returns
    -------
    tuple
        The session, the project's path (a made-up one for a project that was never saved), and the rate of the audio
        device in Hz, which is the project's own where the project forces none.

    Raises
    ------
    LinkError
        REAPER cannot be reached.
    """
    from stemkit.app.stamp import say_if_untested
    from stemkit.reaper.link import open_link
    from stemkit.reaper.live import device_rate, session_from_snapshot

    with open_link() as link:
        link.shake_hands()
        snapshot = link.ask("snapshot")
    say_if_untested(snapshot["reaper"])
    session = session_from_snapshot(snapshot)
    path = Path(session.path) if session.path is not None else Path.cwd() / UNSAVED_NAME
    return session, path, None if session.sample_rate_forced else device_rate(snapshot)


def find_interrupted() -> bool:
    """Tell whether an interrupted render left its journal, by which the project can be put back.

    Raises
    ------
    LinkError
        REAPER cannot be reached.
    """
    from stemkit.reaper.link import open_link
    from stemkit.reaper.live_state import is_interrupted

    with open_link() as link:
        return is_interrupted(link.shake_hands())


def restore_interrupted(*, forget: bool = False) -> tuple[bool, list[str]]:
    """Put a project back that an interrupted render left changed.

    Parameters
    ----------
    forget
        Give the journal up instead.

    Returns
    -------
    tuple
        Whether there was anything to restore, and what could not be restored, in words.

    Raises
    ------
    LinkError
        REAPER cannot be reached, or another project is open.
    """
    from stemkit.reaper.link import open_link

    with open_link() as link:
        link.shake_hands()
        if forget:
            link.ask("forget")
            return False, []
        answer = link.ask("restore")
    return answer["found"], answer["not_restored"]
