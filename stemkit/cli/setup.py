"""`stemkit setup`: install into REAPER."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from stemkit.cli import options as o

_Resource = Annotated[
    Path | None,
    typer.Option("--resource", metavar="FOLDER", help="REAPER's folder of settings, for a portable REAPER."),
]
_Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]
_Start = Annotated[
    bool | None, typer.Option("--start-link/--no-start-link", help="Let stemkit's link start together with REAPER.")
]
_Undo = Annotated[bool, typer.Option("--undo", help="Take everything out of REAPER again but its Python settings.")]
_Dry = Annotated[bool, typer.Option("--dry-run", help="Show what would change, and change nothing.")]


def setup(
    resource: _Resource = None,
    start_link: _Start = None,
    dry_run: _Dry = False,
    yes: _Yes = False,
    undo: _Undo = False,
    debug: o.Debug = False,
) -> int:
    """Add stemkit's actions to REAPER, switch Python scripts on, and show every change before it is made."""
    from stemkit.app.setup import apply_setup, plan_setup, undo_setup

    if undo:
        changed = undo_setup(resource)
        typer.echo("\n".join(f"Taken back: {path}" for path in changed) or "Nothing of stemkit is in REAPER.")
        return 0
    plan = plan_setup(resource, start_with_reaper=bool(start_link))  # where there is no REAPER, nothing is asked
    if start_link is None and not yes and not dry_run:
        start_link = typer.confirm("Start stemkit's link together with REAPER, each time?", default=False)
        plan = plan_setup(resource, start_with_reaper=start_link)
    for note in plan.notes:
        typer.echo(f"Note: {note}", err=True)
    if not plan.changes:
        typer.echo(f"Nothing to change in {plan.resource}.")
        return 0
    typer.echo(plan.diff)
    if dry_run or not (yes or typer.confirm("Make these changes?", default=False)):
        return 0
    for backup in apply_setup(plan):
        typer.echo(f"Backup: {backup}")
    typer.echo('Done. Start REAPER; the actions are in its list under "Stemkit".')
    return 0
