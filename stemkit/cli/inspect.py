"""`stemkit inspect`: findings on a project before anything is rendered."""

from __future__ import annotations

from typing import Annotated

import typer

from stemkit.cli import options as o

_Levels = Annotated[bool, typer.Option("--levels", help="Also say how loud each stem would be rendered.")]
_NoMedia = Annotated[bool, typer.Option("--no-media", help="Do not listen to the media (faster).")]
_AsIs = Annotated[
    bool,
    typer.Option(
        "--as-is", help="What would go wrong if you pressed Render in REAPER now, with the project's own settings."
    ),
]


def inspect(
    project: o.ProjectOrLive = None,
    live: o.Live = False,
    levels: _Levels = False,
    no_media: _NoMedia = False,
    as_is: _AsIs = False,
    profile: o.ProfileName = "mix-prep",
    select: o.Select = "",
    ignore: o.Ignore = "",
    accept: o.Accept = None,
    output_format: o.Format = o.OutputFormat.text,
    page: o.ReportFile = None,
    fail_on: o.FailOnOption = o.FailOn.error,
    quiet: o.Quiet = False,
    debug: o.Debug = False,
) -> int:
    """Say what in a project would spoil a delivery, before anything is rendered."""
    from stemkit.app.inspect import inspect_project
    from stemkit.cli.output import accepted, emit, progress_bar

    with progress_bar(quiet=quiet) as progress:
        report = inspect_project(
            o.source(project, live=live),
            profile=profile,
            levels=levels,
            media=not no_media,
            as_is=as_is,
            select=o.prefixes(select),
            ignore=o.prefixes(ignore),
            accept=accepted(accept),
            progress=progress,
        )
    return emit(report, output_format, fail_on, page=page)
