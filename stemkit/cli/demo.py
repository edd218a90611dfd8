"""`stemkit demo`: the whole job on an example song."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from stemkit.cli import options as o

_Folder = Annotated[
    Path | None,
    typer.Argument(metavar="FOLDER", help="Where to put the example; default: ./stemkit-demo.", show_default=False),
]


def demo(folder: _Folder = None, quiet: o.Quiet = False, debug: o.Debug = False) -> int:
    """Build an example song with the usual mistakes, and show the whole job on it."""
    from stemkit.app.demo import run_demo
    from stemkit.cli.output import progress_bar, terminal_width

    with progress_bar(quiet=quiet) as progress:
        result = run_demo(folder, width=terminal_width(), progress=progress)
    typer.echo(result.text)
    return 0 if result.as_planted else 1
