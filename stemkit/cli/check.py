"""`stemkit check`: verify files that any DAW rendered."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from stemkit.cli import options as o

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stemkit.app.executor import Pool
    from stemkit.model.report import Report

_Paths = Annotated[
    list[str], typer.Argument(help="Folders of stems, files, or one URL.", metavar="PATH", show_default=False)
]
_Mix = Annotated[str | None, typer.Option("--mix", metavar="FILE", help="The rough mix that the stems must add up to.")]
_References = Annotated[
    list[str] | None, typer.Option("--reference", metavar="FILE", help="A reference track.", show_default=False)
]
_ProjectOption = Annotated[
    Path | None, typer.Option("--project", metavar="PROJECT", help="The REAPER project that the files came from.")
]
_Plot = Annotated[bool, typer.Option("--plot", help="Also draw a peak bar and a waveform for each file.")]
_Jobs = Annotated[
    int | None,
    typer.Option(
        "--jobs",
        min=1,
        metavar="NUMBER",
        help="Files measured at the same time; default: one for each processor, or one where no kernel was compiled.",
    ),
]
_Hash = Annotated[bool, typer.Option("--hash", help="Also take a fingerprint (SHA-256) of each file and of its audio.")]
_Each = Annotated[
    bool, typer.Option("--each", help="Every sub-folder is a delivery of its own; ends with one summary.")
]
_Executor = Annotated[
    str | None, typer.Option("--executor", metavar="dask://HOST:PORT", help="Measure on the machines of a cluster.")
]
_NoCache = Annotated[
    bool, typer.Option("--no-cache", help="Measure again what an earlier run measured and nobody changed.")
]
_VerifyCache = Annotated[
    bool, typer.Option("--verify-cache", help="Measure everything, and say where an earlier run's figures differ.")
]


def check(
    paths: _Paths,
    mix: _Mix = None,
    reference: _References = None,
    project: _ProjectOption = None,
    hashes: _Hash = False,
    plot: _Plot = False,
    each: _Each = False,
    jobs: _Jobs = None,
    executor: _Executor = None,
    no_cache: _NoCache = False,
    verify_cache: _VerifyCache = False,
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
    from stemkit.app.executor import default_jobs, open_pool
    from stemkit.cli.output import accepted
    from stemkit.errors import UsageError

    if no_cache and verify_cache:
        raise UsageError("--no-cache and --verify-cache ask for opposite things; give one of them.")
    asked: dict[str, Any] = {
        "profile": profile,
        "references": tuple(reference or ()),
        "select": o.prefixes(select),
        "ignore": o.prefixes(ignore),
        "accept": accepted(accept),
        "hashes": hashes,
    }
    with open_pool(executor, jobs=jobs or default_jobs()) as pool:
        if each:
            _refuse_with_each({"--mix": mix, "--project": project, "--report": page, "--plot": plot})
            asked |= {"cached": not no_cache, "verify_cache": verify_cache, "fail_on": fail_on.value}
            return _check_each(paths, asked, pool, output_format, quiet=quiet)
        asked |= {"mix": mix, "project": project, "pool": pool}
        report = _check_one(paths, asked, cached=not no_cache, verify=verify_cache, quiet=quiet)
    return _show(report, output_format, fail_on, page=page, plot=plot)


def _check_one(paths: list[str], asked: dict[str, Any], *, cached: bool, verify: bool, quiet: bool) -> Report:
    from stemkit.app import check as use_case
    from stemkit.app.cache import Cache
    from stemkit.app.cache_folder import cache_folder
    from stemkit.cli.output import progress_bar

    cache = Cache(folder=cache_folder(), verify=verify) if cached else None
    with progress_bar(quiet=quiet) as progress:
        report = use_case.check(paths, cache=cache, progress=progress, **asked)
    _say_stale(() if cache is None else cache.wrong)
    return report


def _show(report: Report, output_format: o.OutputFormat, fail_on: o.FailOn, *, page: Path | None, plot: bool) -> int:
    from stemkit.cli.output import emit, print_plot, say

    if plot and output_format is o.OutputFormat.text:
        print_plot(report)
    code = emit(report, output_format, fail_on, page=page)
    songs = {file.path.rpartition("/Stems/")[0] for file in report.files if "/Stems/" in file.path}
    if len(songs) > 1:
        say(f"There are {len(songs)} folders Stems; --each checks every sub-folder as a delivery of its own.", err=True)
    return code


def _refuse_with_each(given: dict[str, object]) -> None:
    from stemkit.errors import UsageError

    for flag, value in given.items():
        if value:
            raise UsageError(f"{flag} is about one delivery; leave it out, or check one delivery without --each.")


def _check_each(
    roots: list[str], asked: dict[str, Any], pool: Pool, output_format: o.OutputFormat, *, quiet: bool
) -> int:
    """Print one line a delivery, and return the worst of their exit codes."""
    from stemkit.app.each import EachOrder, check_each, find_deliveries
    from stemkit.cli.output import progress_bar, say
    from stemkit.errors import UsageError
    from stemkit.report.each import json_line, last_line, table_lines

    if output_format not in {o.OutputFormat.text, o.OutputFormat.json}:
        raise UsageError(f"--each prints a table or, with --format json, lines of JSON; not {output_format.value}.")
    as_json = output_format is o.OutputFormat.json
    deliveries = find_deliveries(roots)
    results = []
    with progress_bar(quiet=quiet) as progress:
        for result in check_each(deliveries, EachOrder(whole_reports=as_json, **asked), pool):
            results.append(replace(result, report=None))
            if as_json:
                typer.echo(json_line(result))
            if progress is not None:
                progress(len(results) / len(deliveries), result.path)
    _say_stale([place for result in results for place in result.stale])
    if not as_json:
        say("\n".join([*table_lines(results), "", last_line(results)]))
    return max(result.exit_code for result in results)


def _say_stale(places: Sequence[str]) -> None:
    """Say where the cache was wrong; what is printed and kept is the new measurement."""
    from stemkit.cli.output import say

    for place in places:
        say(f"The cache held other figures for {place}; they were replaced.", err=True)
