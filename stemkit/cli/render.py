"""`stemkit render`: plan, render, finish and check."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from stemkit.cli import options as o
from stemkit.cli.plan_options import overrides

if TYPE_CHECKING:
    from stemkit.app.many import Job
    from stemkit.app.render import RenderResult

_Output = Annotated[
    Path, typer.Option("--output", "-o", metavar="FOLDER", help="Folder for the files.", show_default=False)
]
_Skip = Annotated[
    bool, typer.Option("--skip-impossible", help="Leave out, and name, the stems that only REAPER can render.")
]
_Overwrite = Annotated[bool, typer.Option("--overwrite", help="Replace files of the same names.")]


def render(
    context: typer.Context,
    output: _Output,
    projects: o.ProjectsOrLive = None,
    live: o.Live = False,
    engine: o.Engine = "auto",
    reaper: o.Reaper = None,
    jobs: o.Jobs = 1,
    resume: o.Resume = False,
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
    """Render projects' stems and mixes, each from bar 1 with the same length, and check what was written.

    Several projects, or a folder of them, get a folder each below the output.
    """
    from stemkit.app.render import render_project
    from stemkit.cli.jobs import are_many, run_and_report
    from stemkit.cli.output import accepted, emit, print_render_summary, progress_bar

    wish = partial(
        render_project,
        profile=profile,
        overrides=overrides(context.params),
        engine=engine,
        reaper=reaper,
        skip_impossible=skip_impossible,
        select=o.prefixes(select),
        ignore=o.prefixes(ignore),
        accept=accepted(accept),
    )
    if projects and not live and (are_many(projects) or resume):
        return run_and_report(
            _jobs(projects, output, wish, overwrite=overwrite),
            workers=jobs,
            output=output,
            resume=resume,
            page=page,
            output_format=output_format,
            fail_on=fail_on,
            show=print_render_summary,
        )
    project = projects[0] if projects else None
    with progress_bar(quiet=quiet) as progress:
        result = wish(o.source(project, live=live), output, overwrite=overwrite, progress=progress)
    if output_format is o.OutputFormat.text:
        print_render_summary(result)
    return emit(result.report, output_format, fail_on, page=page)


def _jobs(projects: list[Path], output: Path, wish: partial[RenderResult], *, overwrite: bool) -> list[Job]:
    from stemkit.app.many import Job, find_projects, targets_for
    from stemkit.cli.jobs import named_files

    return [
        Job(
            project=project,
            call=partial(wish, project, target, overwrite=overwrite),
            redo=partial(_again, wish, project, target, overwrite=overwrite),
            settings=repr((str(target), wish.keywords)),
            files_of=_files_of,
            inputs=named_files(wish.keywords["profile"]),
        )
        for project, target in targets_for(find_projects(projects, output=output), output).items()
    ]


def _again(
    wish: partial[RenderResult], project: Path, target: Path, earlier: list[Path], *, overwrite: bool
) -> RenderResult:
    """Replace what was made of this project; what another one left under the same name stays."""
    own = any(target.absolute() in file.parents for file in earlier)
    return wish(project, target, overwrite=overwrite or own)


def _files_of(result: RenderResult) -> list[Path]:
    return [file.path for file in result.written]
