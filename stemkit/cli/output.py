"""Results on stdout, progress on stderr; colour and bars only where somebody looks."""

from __future__ import annotations

import shutil
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from stemkit.cli.options import FailOn, OutputFormat
    from stemkit.model.report import Report

__all__ = ["accepted", "emit", "progress_bar", "terminal_width"]

_PIPE_WIDTH = 120


def terminal_width() -> int:
    """Return the columns of the terminal, or a fixed width where there is none, so that files come out alike."""
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else _PIPE_WIDTH


def emit(report: Report, output_format: OutputFormat, fail_on: FailOn) -> int:
    """Print a report and return the exit code that its findings ask for."""
    from stemkit.report import exit_code, render

    text = render(report, output_format.value, width=terminal_width(), color=sys.stdout.isatty())
    typer.echo(text.rstrip("\n"))
    return exit_code(report, fail_on.value)


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
            raise UsageError(f'--accept {entry} needs a reason: --accept {rule.strip()}="why it is meant so".')
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

    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.percentage:>3.0f} %"))
    with Progress(*columns, TimeRemainingColumn(), console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("starting", total=1.0)
        yield lambda fraction, doing: bar.update(task, completed=fraction, description=doing[:40])
