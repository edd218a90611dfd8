"""`stemkit check`: verify files that any DAW rendered."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from stemkit.cli import options as o

_Paths = Annotated[list[Path], typer.Argument(help="Folders or files.", show_default=False)]
_Mix = Annotated[Path | None, typer.Option("--mix", help="The rough mix that the stems must add up to.")]
_References = Annotated[list[Path] | None, typer.Option("--reference", help="A reference track.", show_default=False)]
_ProjectOption = Annotated[Path | None, typer.Option("--project", help="The REAPER project the files came from.")]
_Plot = Annotated[bool, typer.Option("--plot", help="Also draw a peak bar and a waveform a file.")]
_Jobs = Annotated[int, typer.Option("--jobs", min=1, help="Files that are measured at the same time.")]
_Hash = Annotated[bool, typer.Option("--hash", help="Also compute SHA-256 of each file and of its audio.")]


def check(
    paths: _Paths,
    mix: _Mix = None,
    reference: _References = None,
    project: _ProjectOption = None,
    hashes: _Hash = False,
    plot: _Plot = False,
    jobs: _Jobs = 1,
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
    """Check stems from any DAW: format, level, start, length, content, names, and whether they add up to the mix."""
    from stemkit.app import check as use_case
    from stemkit.cli.output import accepted, emit, print_plot, progress_bar

    with progress_bar(quiet=quiet) as progress:
        report = use_case.check(
            paths,
            profile=profile,
            mix=mix,
            references=tuple(reference or ()),
            project=project,
            select=o.prefixes(select),
            ignore=o.prefixes(ignore),
            accept=accepted(accept),
            hashes=hashes,
            jobs=jobs,
            progress=progress,
        )
    if plot and output_format is o.OutputFormat.text:
        print_plot(report)
    return emit(report, output_format, fail_on, page=page)
