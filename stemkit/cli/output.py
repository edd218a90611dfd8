"""Results on stdout, progress on stderr; colour and bars only where somebody looks."""

from __future__ import annotations

import shutil
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from stemkit.app.render import RenderResult
    from stemkit.cli.options import FailOn, OutputFormat
    from stemkit.model.report import Report

__all__ = ["accepted", "emit", "print_plot", "print_render_summary", "progress_bar", "say", "terminal_width"]

_PIPE_WIDTH = 120


def terminal_width() -> int:
    """Return the columns of the terminal, or a fixed width where there is none, so that files come out alike."""
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else _PIPE_WIDTH


def say(text: str, *, err: bool = False) -> None:
    """Print text with names in it: nothing but its line ends can steer the terminal, whose width it keeps to."""
    from stemkit.report.layout import printable

    typer.echo("\n".join(_fitted(printable(line)) for line in text.split("\n")), err=err)


def _fitted(line: str) -> str:
    """Wrap a line that is too long for the terminal; in a pipe it stays one line, since a path may be in it."""
    from stemkit.report.layout import cells, paragraph

    if not sys.stdout.isatty() or cells(line) <= terminal_width():
        return line
    words = line.lstrip(" ")
    return paragraph(words, terminal_width(), indent=line[: -len(words)])


def emit(report: Report, output_format: OutputFormat, fail_on: FailOn, *, page: Path | None = None) -> int:
    """Print a report, write its page if asked for, and return the exit code that its findings ask for."""
    from stemkit.report import exit_code, render

    if page is not None:
        _write_page(report, page)
    text = render(report, output_format.value, width=terminal_width(), color=sys.stdout.isatty())
    typer.echo(text.rstrip("\n"))
    return exit_code(report, fail_on.value)


def _write_page(report: Report, page: Path) -> None:
    from stemkit.render.atomic import part_file
    from stemkit.report.html import render_html

    with part_file(page, overwrite=True) as stream:  # a report is made anew each time; it is nobody's work
        stream.write(render_html(report).encode())
    say(f"Report: {page}", err=True)


def print_plot(report: Report) -> None:
    """Draw a peak bar from -24 to 0 dBFS and a waveform a file."""
    from stemkit.report.plot import plot_lines

    typer.echo("\n".join([*plot_lines(report, terminal_width()), ""]))


def print_render_summary(result: RenderResult) -> None:
    """Say what made the audio, what was written, how true it is, and what was left out."""
    plan = result.prepared.plan
    seconds = plan.bounds.frames / plan.sample_rate
    say(f"Engine: {result.engine}, {result.engine_reason}.")
    say(f"Written: {len(result.written)} files of {seconds:.1f} s at {plan.sample_rate} Hz.")
    for remark in result.remarks:
        say(f"Note: {remark}.")
    for reason, keys in _by_reason(result).items():
        say(f"Approximate: {', '.join(keys)}: {reason}.")
    for entry in result.left_out:
        say(f"Left out: {entry.told}.")
    typer.echo("")


def _by_reason(result: RenderResult) -> dict[str, list[str]]:
    """Group the files that are only approximate by why they are."""
    grouped: dict[str, list[str]] = {}
    for file in result.written:
        for reason in file.fidelity.reasons if file.fidelity.level == "approximate" else ():
            grouped.setdefault(reason, []).append(file.path.stem)
    return grouped


def accepted(entries: list[str] | None) -> dict[str, str]:
    """Turn ``SK109=why`` entries into a mapping.

    Raises
    ------
    UsageError
        An entry has no reason.
    """
    from stemkit.errors import UsageError

    result = {}
    for entry in entries or ():
        rule, separator, why = entry.partition("=")
        if not separator or not why.strip():
            raise UsageError(f'--accept {entry} needs a reason: --accept {rule.strip()} "why it is meant so".')
        result[rule.strip().upper()] = why.strip()
    return result


@contextmanager
def progress_bar(*, quiet: bool) -> Iterator[Callable[[float, str], None] | None]:
    """Give a callback that draws a bar on stderr, or None where nobody watches."""
    if quiet or not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    from stemkit.report.layout import printable

    columns = (TextColumn("{task.description}", markup=False), BarColumn(), TextColumn("{task.percentage:>3.0f} %"))
    with Progress(*columns, TimeRemainingColumn(), console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("starting", total=1.0)
        yield lambda fraction, doing: bar.update(task, completed=fraction, description=printable(doing)[:40])
