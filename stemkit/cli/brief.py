"""`stemkit brief`: write and check what cannot be heard in the files."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from stemkit.cli import options as o
from stemkit.cli.output import say
from stemkit.cli.plain_help import PlainCommand

app = typer.Typer(
    help="The brief: what cannot be heard in the files.",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)

_Output = Annotated[
    Path | None, typer.Option("--output", "-o", metavar="FILE", help="Default: brief.toml beside the project.")
]
_Overwrite = Annotated[bool, typer.Option("--overwrite", help="Replace a brief that is there.")]
_Brief = Annotated[
    Path, typer.Argument(metavar="BRIEF", help="A brief.toml, or the project that it lies beside.", show_default=False)
]
_ProjectOption = Annotated[
    Path | None, typer.Option("--project", metavar="PROJECT", help="The project that the notes are about.")
]


@app.command(
    "init",
    cls=PlainCommand,
    short_help="Write brief.toml, filled in from the project.",
    epilog='Example: stemkit brief init "My Song.rpp"',
)
def init(
    project: o.Project,
    output: _Output = None,
    overwrite: _Overwrite = False,
    profile: o.ProfileName = "mix-prep",
    debug: o.Debug = False,
) -> int:
    """Write brief.toml, filled in from the project; on a terminal, ask for what only you know."""
    from stemkit.app.brief import init_brief
    from stemkit.delivery.brief import missing_parts

    asks = sys.stdin.isatty() and sys.stdout.isatty()
    path, brief = init_brief(project, output, profile=profile, overwrite=overwrite, ask=_ask if asks else None)
    say(f"Written: {path}")
    if missing := missing_parts(brief):
        say(f"Still to fill in: {', '.join(missing)}.")
    return 0


def _ask(question: str, known: str) -> str:
    return str(typer.prompt(question, default=known, show_default=bool(known))).strip()


@app.command(
    "check",
    cls=PlainCommand,
    short_help="Name what the brief does not say.",
    epilog='Example: stemkit brief check "My Song.rpp"',
)
def check(
    brief: _Brief, project: _ProjectOption = None, profile: o.ProfileName = "mix-prep", debug: o.Debug = False
) -> int:
    """Name each missing part, each note for a stem that does not exist, each reference that is not there."""
    from stemkit.app.brief import check_brief
    from stemkit.delivery.brief import BRIEF_FILE

    if brief.suffix.lower() == ".rpp":
        brief, project = brief.parent / BRIEF_FILE, project or brief
    found = check_brief(brief, project, profile=profile)
    for part in found.missing:
        say(f"Missing: {part}.")
    for name in found.unknown_stems:
        say(f'No stem: the brief speaks of "{name}", and no stem has that name.')
    for name in found.missing_references:
        say(f'No file: the reference "{name}" is not there.')
    say("The brief is complete." if found.complete else f"{brief} is not complete.")
    return 0 if found.complete else 1
