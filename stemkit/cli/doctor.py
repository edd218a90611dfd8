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
_Selftest = Annotated[
    bool, typer.Option("--selftest", help="Ask the running REAPER about what stemkit assumes; nothing is changed.")
]
_SIGNS = {"ok": "✓", "missing": "✗", "note": "~"}


def doctor(
    resource: _Resource = None,
    selftest: _Selftest = False,
    restore: _Restore = False,
    forget: _Forget = False,
    debug: o.Debug = False,
) -> int:
    """Say in a table what is right and what is missing, and what to do about it."""
    from stemkit.app.doctor import examine

    if restore or forget:
        return _restore(forget=forget)
    if selftest:
        return _ask_reaper()
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


def _ask_reaper() -> int:
    from stemkit._version import __version__
    from stemkit.app.selftest import run_selftest

    test = run_selftest()
    typer.echo(f"stemkit {__version__}, REAPER {test.reaper}")
    for answer in test.answers:
        typer.echo(f"{answer.name:<20} {answer.verdict:<12} {answer.found}")
    typer.echo("What needs a render is not asked yet; see docs/reaper-matrix.md.")
    return int(any(answer.verdict == "fails" for answer in test.answers))
