"""Before work on the open project: offer to put back what an interrupted render left, where somebody can answer."""

from __future__ import annotations

import sys

import typer

__all__ = ["offer_restore"]


def offer_restore() -> None:
    """Ask on a terminal whether to restore; elsewhere the render itself refuses and names the command.

    Raises
    ------
    LinkError
        REAPER cannot be reached, or another project is open.
    """
    from stemkit.app.live import find_interrupted, restore_interrupted

    if not (sys.stdin.isatty() and sys.stderr.isatty()) or not find_interrupted():
        return
    typer.echo("An earlier render was interrupted, and REAPER still has its settings.", err=True)
    if not typer.confirm("Put the project back as it was before?", default=True, err=True):
        return
    _, failed = restore_interrupted()
    typer.echo("Put back but for: " + "; ".join(failed) if failed else "The project is as it was.", err=True)
