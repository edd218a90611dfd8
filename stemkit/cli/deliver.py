"""`stemkit deliver`: from a project to the package that is sent."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from stemkit.cli import options as o
from stemkit.cli.plan_options import overrides

if TYPE_CHECKING:
    from stemkit.app.deliver import DeliverResult

_Projects = Annotated[
    list[Path] | None, typer.Argument(help="REAPER projects (.rpp); none with --live.", show_default=False)
]
_Output = Annotated[Path, typer.Option("--output", "-o", help="Folder for the packages.", show_default=False)]
_Engine = Annotated[str, typer.Option("--engine", metavar="ENGINE", help="What makes the audio: auto, or by name.")]
_Brief = Annotated[Path | None, typer.Option("--brief", help="Default: brief.toml beside the project.")]
_References = Annotated[list[Path] | None, typer.Option("--reference", help="A reference track.", show_default=False)]
_RoughMix = Annotated[Path | None, typer.Option("--rough-mix", help="Your own bounce, instead of a rendered one.")]
_Zip = Annotated[bool, typer.Option("--zip", help="Also write the package as one zip.")]
_Force = Annotated[bool, typer.Option("--force", help="Go on at errors of the inspection.")]
_Skip = Annotated[
    bool, typer.Option("--skip-impossible", help="Leave out, and name, the stems that only REAPER can render.")
]
_Overwrite = Annotated[bool, typer.Option("--overwrite", help="Replace an earlier package of the same name.")]


def deliver(
    context: typer.Context,
    output: _Output,
    projects: _Projects = None,
    live: o.Live = False,
    archive: _Zip = False,
    brief: _Brief = None,
    reference: _References = None,
    rough_mix: _RoughMix = None,
    force: _Force = False,
    engine: _Engine = "auto",
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
    """Inspect, render, check and package a project: stems, mixes, session files, brief, report, checksums."""
    from stemkit.app.deliver import deliver_project
    from stemkit.cli.output import accepted, emit, progress_bar

    wishes = overrides(context.params)
    worst = 0
    given: list[Path | None] = [*(projects or [])]
    for project in given or [None]:
        with progress_bar(quiet=quiet) as progress:
            result = deliver_project(
                o.source(project, live=live),
                output,
                profile=profile,
                overrides=wishes,
                brief=brief,
                references=tuple(reference or ()),
                rough_mix=rough_mix,
                engine=engine,
                skip_impossible=skip_impossible,
                force=force,
                overwrite=overwrite,
                archive=archive,
                select=o.prefixes(select),
                ignore=o.prefixes(ignore),
                accept=accepted(accept),
                progress=progress,
            )
        if output_format is o.OutputFormat.text:
            typer.echo(_summary(result))
        worst = max(worst, emit(result.report, output_format, fail_on, page=page), int(result.package is None))
    return worst


def _summary(result: DeliverResult) -> str:
    if result.package is None:
        return (
            "Nothing was rendered: the project has errors that no plan takes care of. Mend them, accept them with "
            '--accept RULE="why", or say --force.\n'
        )
    lines = [f"Package: {result.package}"]
    if result.archive is not None:
        lines.append(f"Zip: {result.archive}")
    if result.rendered is not None:
        lines.append(f"Engine: {result.rendered.engine}, {result.rendered.engine_reason}.")
        lines += [f"Left out: {entry.key}: {'; '.join(entry.reasons)}." for entry in result.rendered.left_out]
    if result.resumed:
        lines.append("The audio is that of the interrupted run before.")
    return "\n".join([*lines, result.gain, ""])
