"""What commands on many projects share: running them, and the table at the end."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import typer

from stemkit.cli import options as o
from stemkit.cli.output import emit, say

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from stemkit.app.many import Job, JobResult

__all__ = ["are_many", "named_files", "run_and_report"]

_WORDS = {"done": "done", "failed": "FAILED", "unchanged": "unchanged"}


def are_many(projects: Sequence[Path] | None) -> bool:
    """Tell whether a command was given more than one project, or a folder of them."""
    return projects is not None and (len(projects) > 1 or any(path.is_dir() for path in projects))


def run_and_report(
    jobs: Sequence[Job],
    *,
    workers: int,
    output: Path,
    resume: bool,
    page: Path | None,
    output_format: o.OutputFormat,
    fail_on: o.FailOn,
    show: Callable[[Any], None],
) -> int:
    """Run the jobs, print what came of each and a table of all, and return the worst exit code.

    Parameters
    ----------
    jobs, workers, output, resume
        As for `stemkit.app.many.run_jobs`.
    page
        Of one report, which many projects do not have.
    output_format, fail_on
        Of the reports. JSON comes as one document for all.
    show
        Prints what a command says of a result beside its report.

    Raises
    ------
    UsageError
        A page was asked for.
    """
    from stemkit.app.many import run_jobs
    from stemkit.errors import UsageError

    if page is not None:
        raise UsageError("--report writes the page of one project; for several, say --format json.")
    codes: dict[Path, int] = {}
    as_json = output_format is o.OutputFormat.json

    def finished(result: JobResult) -> None:
        codes[result.project] = result.exit_code
        if result.state == "done":
            codes[result.project] = max(result.exit_code, _print_one(result, output_format, fail_on, show))
        else:
            say(f"{result.project}: {result.message or result.state}", err=True)

    results = run_jobs(jobs, workers=workers, output=output, resume=resume, fail_on=fail_on.value, finished=finished)
    if as_json:
        typer.echo(_as_json(results, codes))
    else:
        say(_table(results, codes), err=output_format is not o.OutputFormat.text)
    return max(codes.values(), default=0)


def named_files(profile: str, *paths: Path | None) -> tuple[Path, ...]:
    """Return the files that options name, on whose content a result hangs; a profile may be a file or a name."""
    from pathlib import Path

    return tuple(path for path in (Path(profile), *paths) if path is not None and path.is_file())


def _print_one(result: JobResult, output_format: o.OutputFormat, fail_on: o.FailOn, show: Callable[[Any], None]) -> int:
    from stemkit.report import exit_code

    if output_format is o.OutputFormat.json:
        return exit_code(result.result.report, fail_on.value)
    if output_format is o.OutputFormat.text:
        say(f"== {result.project} ==")
        show(result.result)
    return emit(result.result.report, output_format, fail_on)


def _as_json(results: Sequence[JobResult], codes: dict[Path, int]) -> str:
    from stemkit.report import render

    def report(result: JobResult) -> Any:
        return (
            None if result.result is None else json.loads(render(result.result.report, "json", width=80, color=False))
        )

    projects = [
        {
            "project": str(result.project),
            "state": result.state,
            "exit_code": codes[result.project],
            "message": result.message,
            "report": report(result),
        }
        for result in results
    ]
    return json.dumps({"schema": "stemkit.projects/1", "projects": projects}, indent=2)


def _table(results: Sequence[JobResult], codes: dict[Path, int]) -> str:
    widest = max(len(result.project.name) for result in results)
    lines = [f"{'Project':<{widest}}  {'State':<9}  Exit  {'Time':>7}  What"]
    for result in results:
        what = result.message or _verdict(result, codes[result.project])
        lines.append(
            f"{result.project.name:<{widest}}  {_WORDS[result.state]:<9}  {codes[result.project]:>4}  "
            f"{result.seconds:>5.0f} s  {what}"
        )
    return "\n".join(["", *lines])


def _verdict(result: JobResult, code: int) -> str:
    if result.state == "unchanged":
        return "delivered before, and nothing has changed"
    report = result.result.report
    counts = [f"{report.count(kind)} {kind}s" for kind in ("error", "warning") if report.count(kind)]
    return ", ".join(counts) or ("no findings" if code == 0 else "findings")
