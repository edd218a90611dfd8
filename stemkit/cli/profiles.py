"""`stemkit profiles`: what receivers ask for."""

from __future__ import annotations

from typing import Annotated

import typer

from stemkit.cli import options as o

_Name = Annotated[
    str | None, typer.Argument(metavar="NAME", help="A profile to print; none lists all.", show_default=False)
]


def profiles(name: _Name = None, debug: o.Debug = False) -> int:
    """List the profiles, or print one as a starting point for your own."""
    from stemkit.rules.profiles import load_profile, profile_names, profile_text

    if name is not None:
        typer.echo(profile_text(name).rstrip("\n"))
        return 0
    for known in profile_names():
        typer.echo(f"{known:<24} {load_profile(known).title}")
    return 0
