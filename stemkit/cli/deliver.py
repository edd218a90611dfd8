"""`stemkit deliver`: from a project to the package that is sent."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from stemkit.cli import options as o
from stemkit.cli.plan_options import overrides

if TYPE_CHECKING:
    from stemkit.app.deliver import DeliverResult
    from stemkit.app.many import Job

_Output = Annotated[
    Path, typer.Option("--output", "-o", metavar="FOLDER", help="Folder for the packages.", show_default=False)
]
_Brief = Annotated[
    Path | None, typer.Option("--brief", metavar="FILE", help="The brief; default: brief.toml beside the project.")
]
_References = Annotated[
    list[Path] | None, typer.Option("--reference", metavar="FILE", help="A reference track.", show_default=False)
]
_RoughMix = Annotated[
    Path | None, typer.Option("--rough-mix", metavar="FILE", help="Your own bounce, instead of a rendered one.")
]
_Zip = Annotated[bool, typer.Option("--zip", help="Also write the package as one zip.")]
_Force = Annotated[bool, typer.Option("--force", help="Render although the inspection found errors.")]
_Skip = Annotated[
    bool, typer.Option("--skip-impossible", help="Leave out, and name, the stems that only REAPER can render.")
]
_Overwrite = Annotated[bool, typer.Option("--overwrite", help="Replace an earlier package of the same name.")]


def deliver(
    context: typer.Context,
    output: _Output,
    projects: o.ProjectsOrLive = None,
    live: o.Live = False,
    archive: _Zip = False,
    brief: _Brief = None,
    reference: _References = None,
    rough_mix: _RoughMix = None,
    force: _Force = False,
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
    """Inspect, render, check and package a project: stems, mixes, session files, brief, report, checksums."""
    from stemkit.app.deliver import deliver_project
    from stemkit.cli.jobs import are_many, run_and_report
    from stemkit.cli.output import accepted, emit, progress_bar, say

    wish = partial(
        deliver_project,
        output=output,
        profile=profile,
        overrides=overrides(context.params),
        brief=brief,
        references=tuple(reference or ()),
        rough_mix=rough_mix,
        engine=engine,
        reaper=reaper,
        skip_impossible=skip_impossible,
        force=force,
        archive=archive,
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
            show=lambda result: say(_summary(result)),
        )
    project = projects[0] if projects else None
    with progress_bar(quiet=quiet) as progress:
        result = wish(o.source(project, live=live), overwrite=overwrite, progress=progress)
    if output_format is o.OutputFormat.text:
        say(_summary(result))
    return max(emit(result.report, output_format, fail_on, page=page), int(result.package is None))


def _jobs(projects: list[Path], output: Path, wish: partial[DeliverResult], *, overwrite: bool) -> list[Job]:
    from stemkit.app.brief import references_of
    from stemkit.app.many import Job, find_projects
    from stemkit.cli.jobs import named_files

    return [
        Job(
            project=project,
            call=partial(wish, project, overwrite=overwrite),
            redo=partial(_again, wish, project, overwrite=overwrite),
            settings=repr(wish.keywords),
            files_of=_files_of,
            inputs=(
                *named_files(
                    *(wish.keywords[key] for key in ("profile", "brief", "rough_mix")), *wish.keywords["references"]
                ),
                *references_of(project, wish.keywords["brief"]),
            ),
        )
        for project in find_projects(projects, output=output)
    ]


def _again(wish: partial[DeliverResult], project: Path, earlier: list[Path], *, overwrite: bool) -> DeliverResult:
    return wish(project, overwrite=overwrite, earlier=earlier)


def _files_of(result: DeliverResult) -> list[Path]:
    return sorted(path for path in result.package.rglob("*") if path.is_file()) if result.package else []


def _summary(result: DeliverResult) -> str:
    if result.package is None:
        return (
            "Nothing was rendered: the project has errors that no plan takes care of. Mend them, accept them with "
            '--accept RULE "why", or say --force.\n'
        )
    lines = [f"Package: {result.package}"]
    if result.archive is not None:
        lines.append(f"Zip: {result.archive}")
    if result.rendered is not None:
        lines.append(f"Engine: {result.rendered.engine}, {result.rendered.engine_reason}.")
        lines += [f"Note: {remark}." for remark in result.rendered.remarks]
        lines += [f"Left out: {entry.told}." for entry in result.rendered.left_out]
    if result.resumed:
        lines.append("The audio is that of the interrupted run before.")
    return "\n".join([*lines, result.gain, ""])
