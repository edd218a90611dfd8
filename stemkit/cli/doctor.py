"""`stemkit doctor`: what is right and what is missing for working with REAPER."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from stemkit.cli import options as o

_Resource = Annotated[
    Path | None, typer.Option("--resource", help="REAPER's folder of settings, for a portable REAPER.")
]
_Restore = Annotated[bool, typer.Option("--restore", help="Put the project back after an interrupted render.")]
_Forget = Annotated[bool, typer.Option("--forget", help="Give up on an interrupted render; nothing is put back.")]
_SIGNS = {"ok": "✓", "missing": "✗", "note": "~"}


def doctor(
    resource: _Resource = None, restore: _Restore = False, forget: _Forget = False, debug: o.Debug = False
) -> int:
    """Say in a table what is right and what is missing, and what to do about it."""
    from stemkit.app.doctor import examine

    if restore or forget:
        return _restore(forget=forget)
    checks = examine(resource)
    for check in checks:
        typer.echo(f"{_SIGNS[check.verdict]} {check.name:<24} {check.found}")
        if check.advice:
            typer.echo(f"  {'':<24} {check.advice}")
    return int(any(check.verdict == "missing" for check in checks))


def _restore(*, forget: bool) -> int:
    from stemkit.app.live import restore_interrupted

    found, failed = restore_interrupted(forget=forget)
    if forget:
        typer.echo("The interrupted render is forgotten.")
    elif not found:
        typer.echo("Nothing to put back: no render was interrupted.")
    elif failed:
        typer.echo("Put back but for: " + "; ".join(failed))
    else:
        typer.echo("The project is as it was before the interrupted render; every value was read back.")
    return int(bool(failed))
