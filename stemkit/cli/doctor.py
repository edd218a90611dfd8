"""`stemkit doctor`: what is right and what is missing for working with REAPER."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from stemkit.cli import options as o

_Resource = Annotated[
    Path | None,
    typer.Option("--resource", metavar="FOLDER", help="REAPER's folder of settings, for a portable REAPER."),
]
_Restore = Annotated[bool, typer.Option("--restore", help="Put the project back after an interrupted render.")]
_Forget = Annotated[bool, typer.Option("--forget", help="Give up on an interrupted render; nothing is put back.")]
_Selftest = Annotated[
    bool,
    typer.Option("--selftest", help="Render a test song in a new tab of the running REAPER, and ask what is assumed."),
]
_Record = Annotated[
    Path | None,
    typer.Option(
        "--record", metavar="FILE", help="With --selftest: write every call to REAPER and its answer, without names."
    ),
]
_SIGNS = {"ok": "✓", "missing": "✗", "note": "~"}


def doctor(
    resource: _Resource = None,
    selftest: _Selftest = False,
    restore: _Restore = False,
    forget: _Forget = False,
    record: _Record = None,
    quiet: o.Quiet = False,
    debug: o.Debug = False,
) -> int:
    """Say in a table what is right and what is missing, and what to do about it."""
    from stemkit.app.doctor import examine
    from stemkit.cli.output import terminal_width
    from stemkit.errors import UsageError
    from stemkit.report.layout import paragraph

    if record is not None and not selftest:
        raise UsageError("--record goes with --selftest.")
    if restore or forget:
        return _restore(forget=forget)
    if selftest:
        return _ask_reaper(record, quiet=quiet)
    checks = examine(resource)
    for check in checks:
        typer.echo(f"{_SIGNS[check.verdict]} {check.name:<24} {check.found}")
        if check.advice:
            typer.echo(paragraph(check.advice, terminal_width(), indent=" " * 27))
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


def _ask_reaper(record: Path | None, *, quiet: bool) -> int:
    from stemkit.app.selftest import run_selftest
    from stemkit.app.selftest_report import selftest_text
    from stemkit.app.stamp import is_good, store_stamp
    from stemkit.cli.output import progress_bar
    from stemkit.errors import InputError
    from stemkit.render.atomic import part_file

    if record is not None and record.exists():  # told before REAPER is busy for a while, not after
        raise InputError(f"{record} exists already; give --record another name.")
    with progress_bar(quiet=quiet) as progress:
        test = run_selftest(record=record is not None, progress=progress)
    typer.echo(selftest_text(test))
    typer.echo(f"Kept for this version of REAPER: {store_stamp(test)}", err=True)
    if record is not None:
        with part_file(record) as stream:
            stream.write("".join(line + "\n" for line in test.record).encode())
        typer.echo(f"Calls: {record}", err=True)
    return int(not is_good(test))
