"""`stemkit verify`: the receiver's side."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from stemkit.cli import options as o

_Package = Annotated[Path, typer.Argument(metavar="PACKAGE", help="Its folder or its zip.", show_default=False)]
_Profile = Annotated[
    str | None, typer.Option("--profile", help="Default: the profile of the sender.", metavar="NAME|FILE.toml")
]


def verify(
    package: _Package,
    profile: _Profile = None,
    select: o.Select = "",
    ignore: o.Ignore = "",
    accept: o.Accept = None,
    output_format: o.Format = o.OutputFormat.text,
    page: o.ReportFile = None,
    fail_on: o.FailOnOption = o.FailOn.error,
    quiet: o.Quiet = False,
    debug: o.Debug = False,
) -> int:
    """Tell whether a package is what was sent, file by file, and whether its stems still hold and add up."""
    from stemkit.app.verify import verify_package
    from stemkit.cli.output import accepted, emit, progress_bar

    with progress_bar(quiet=quiet) as progress:
        report = verify_package(
            package,
            profile=profile,
            select=o.prefixes(select),
            ignore=o.prefixes(ignore),
            accept=accepted(accept),
            progress=progress,
        )
    return emit(report, output_format, fail_on, page=page)
