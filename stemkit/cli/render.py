"""`stemkit render`: plan, render, finish and check."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from stemkit.cli import options as o
from stemkit.cli.plan_options import overrides

_Output = Annotated[Path, typer.Option("--output", "-o", help="Folder for the files.", show_default=False)]
_Engine = Annotated[str, typer.Option("--engine", metavar="auto|live|reaper|builtin", help="What makes the audio.")]
_Reaper = Annotated[
    Path | None, typer.Option("--reaper", help="The REAPER to start; default: an installed one.", show_default=False)
]
_Skip = Annotated[
    bool, typer.Option("--skip-impossible", help="Leave out, and name, the stems that only REAPER can render.")
]
_Overwrite = Annotated[bool, typer.Option("--overwrite", help="Replace files of the same names.")]


def render(
    context: typer.Context,
    output: _Output,
    project: o.ProjectOrLive = None,
    live: o.Live = False,
    engine: _Engine = "auto",
    reaper: _Reaper = None,
    skip_impossible: _Skip = False,
    overwrite: _Overwrite = False,
    by: o.ByOption = None,
    order: o.OrderOption = None,
    include: o.Include = None,
    exclude: o.Exclude = None,
    start: o.Start = None,
    end: o.End = None,
    tail: o.Tail = None,
    channels: o.ChannelsOption = None,
    gain: o.GainOption = None,
    encoding: o.EncodingOption = None,
    dry: o.Dry = None,
    wet: o.Wet = None,
    sample_rate: o.Rate = None,
    bypass_fx: o.BypassFx = False,
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
    """Render the project's stems and mixes, each from bar 1 with the same length, and check what was written."""
    from stemkit.app.render import render_project
    from stemkit.cli.output import accepted, emit, print_render_summary, progress_bar

    with progress_bar(quiet=quiet) as progress:
        result = render_project(
            o.source(project, live=live),
            output,
            profile=profile,
            overrides=overrides(context.params),
            engine=engine,
            reaper=reaper,
            skip_impossible=skip_impossible,
            overwrite=overwrite,
            select=o.prefixes(select),
            ignore=o.prefixes(ignore),
            accept=accepted(accept),
            progress=progress,
        )
    if output_format is o.OutputFormat.text:
        print_render_summary(result)
    return emit(result.report, output_format, fail_on, page=page)
