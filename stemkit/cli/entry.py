"""All commands under one name, and what happens when one of them ends badly."""

from __future__ import annotations

import errno
import io
import os
import signal
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

# Files are measured side by side, and products stay in the thread that asks (`stemkit.audio.products`). Threads of
# OpenBLAS would only spin for a while when numpy is loaded, 25 ms of CPU each.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import typer

from stemkit._version import __version__
from stemkit.cli import brief, check, deliver, demo, doctor, fix, inspect, plan, profiles, render, rules, setup, verify
from stemkit.cli.command_line import told, with_reasons
from stemkit.cli.options import state
from stemkit.cli.plain_help import PlainCommand
from stemkit.errors import EngineError, InputError, StemkitError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType

app = typer.Typer(
    help="Stems from REAPER, or any DAW, to a mixing engineer: planned, rendered, checked, and proven to add up.",
    epilog="New here? stemkit demo makes an example song and shows the whole job on it.",
    no_args_is_help=True,
    rich_markup_mode=None,  # the plain help needs no rich, whose import costs more than everything else together
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


for _name, _command, _short, _example in (
    ("demo", demo.demo, "The whole job on an example song.", "demo"),
    ("inspect", inspect.inspect, "What in a project would spoil a delivery.", 'inspect "My Song.rpp"'),
    ("plan", plan.plan, "Which stems there will be, and why.", 'plan "My Song.rpp" --by group'),
    ("render", render.render, "Render stems and mixes, and check them.", 'render "My Song.rpp" -o Rendered'),
    (
        "check",
        check.check,
        "Verify files that any DAW rendered.",
        "check Stems --mix Rough_Mix.wav --report report.html",
    ),
    (
        "deliver",
        deliver.deliver,
        "From a project to the package that is sent.",
        'deliver "My Song.rpp" -o Packages --zip',
    ),
    ("verify", verify.verify, "Whether a package is what was sent.", 'verify "My Song.zip"'),
    ("fix", fix.fix, "Mend a copy of a folder or project.", "fix Stems -o Mended"),
    ("rules", rules.rules, "What is checked, why, and how to fix it.", "rules SK301"),
    ("profiles", profiles.profiles, "What different receivers ask for.", "profiles mix-prep > mine.toml"),
    ("setup", setup.setup, "Add stemkit to REAPER.", "setup --dry-run"),
    ("doctor", doctor.doctor, "What is right and what is missing for REAPER.", "doctor"),
):
    app.command(_name, cls=PlainCommand, short_help=_short, epilog=f"Example: stemkit {_example}")(_command)
app.add_typer(brief.app, name="brief", short_help="What cannot be heard in the files.")

# Newer versions of typer bring their own copy of click; this is the class of all its usage errors in either.
_ClickError: type[Any] = next(c for c in typer.BadParameter.__mro__ if c.__name__ == "ClickException")
_INTERRUPTED = 130  # what a shell expects of a program that Ctrl-C ended


_ADVICE = {
    errno.ENOSPC: "; make room there and run again",
    errno.EDQUOT: "; make room there and run again",
    errno.EACCES: "; look who may read and write there",
    errno.EPERM: "; look who may read and write there",
    errno.EROFS: "; write to another place",
    errno.EEXIST: "; choose another name",
    errno.ENOTDIR: "; a file is in the way of a folder, choose another name",
    errno.ENAMETOOLONG: "; choose a shorter name",
}
_STOPPED = "stemkit: stopped; nothing was left half-written."


class _Ended(BaseException):
    """Somebody asked the process to end; it tidies up on the way out, as after Ctrl-C."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.signal = number


@contextmanager
def _ended_politely(*, own_process: bool) -> Iterator[None]:
    """Let the signals that end a process, or close its terminal, go the way of an error."""

    def end(number: int, _frame: FrameType | None) -> None:
        raise _Ended(number)

    names = ("SIGTERM", "SIGHUP") if own_process else ()
    old = {name: signal.signal(getattr(signal, name), end) for name in names if hasattr(signal, name)}
    try:
        yield
    finally:
        for name, handler in old.items():
            signal.signal(getattr(signal, name), handler)


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"stemkit {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: bool = typer.Option(
        False, "--version", help="Show the version and stop.", callback=_print_version, is_eager=True
    ),
) -> None:
    """Stems from REAPER, or any DAW, to a mixing engineer: planned, rendered, checked, and proven to add up."""


def _open_closed_streams() -> None:
    """Give a process that was started without stdout or stderr somewhere to write, or its next file would be that."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, Path(os.devnull).open("w", encoding="utf-8"))  # noqa: SIM115  (as long as the process)


def run(arguments: list[str] | None = None) -> int:
    """Run the command line.

    Parameters
    ----------
    arguments
        Without the program's name; None takes the process's own.

    Returns
    -------
    int
        0 nothing at or above ``--fail-on``, 1 findings, 2 wrong use or unreadable input, 3 an engine failed.
    """
    state.debug = False
    _open_closed_streams()
    for stream in (sys.stdout, sys.stderr):  # a pipe on Windows may not know "−"; a question mark beats a crash
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    try:
        with _ended_politely(own_process=arguments is None):
            words = with_reasons(sys.argv[1:] if arguments is None else arguments)
            result = app(args=words, prog_name="stemkit", standalone_mode=False)
            sys.stdout.flush()
    except _Ended as ended:
        typer.echo(_STOPPED, err=True)
        return 128 + ended.signal
    except (KeyboardInterrupt, typer.Abort):
        result = _INTERRUPTED
    except BrokenPipeError:  # the reader of our output has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except _ClickError as error:
        return _misused(error)
    except Exception as error:
        if state.debug:
            raise
        message, code = _explained(error)
        typer.echo("stemkit: " + _one_line(message), err=True)
        return code
    if result == _INTERRUPTED:  # newer versions of typer turn Ctrl-C into this exit code themselves
        typer.echo(_STOPPED, err=True)
    return result if isinstance(result, int) else 0


def _misused(error: Any) -> int:
    if error.__class__.__name__ == "NoArgsIsHelpError":  # nothing was said, and what it shows is the help
        error.show()
    else:
        typer.echo("stemkit: " + _one_line(told(error)), err=True)
    return int(error.exit_code)


def _one_line(message: str) -> str:
    """Keep a message on one line and out of the terminal's own language: a file's name may hold anything."""
    from stemkit.report.layout import printable

    return printable(" ".join(message.splitlines()))


def _explained(error: Exception) -> tuple[str, int]:
    """Return one sentence for any error, and the exit code."""
    if isinstance(error, StemkitError):
        return error.message, error.exit_code
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        where = error.filename2 or error.filename  # a copy names its source first, whose disk is not the full one
        return f"The disk{f' of {where}' if where else ''} is full; make room and run again.", InputError.exit_code
    if isinstance(error, OSError):
        advice = _ADVICE.get(error.errno or 0, "")
        return f"{error.filename or 'the disk'}: {error.strerror or error}{advice}.", InputError.exit_code
    what = f"a fault in stemkit itself ({type(error).__name__}: {error}); nothing was left half-written."
    return f"{what} Run the same with --debug and report what it prints.", EngineError.exit_code
