"""`stemkit rules`: what is checked, why, and how to fix it."""

from __future__ import annotations

from typing import Annotated

import typer

from stemkit.cli import options as o

_Ids = Annotated[
    list[str] | None,
    typer.Argument(metavar="ID", help="SK301, or SK3 for a family; none lists all rules.", show_default=False),
]


def rules(ids: _Ids = None, debug: o.Debug = False) -> int:
    """List the rules, or explain some: what, why a mixing engineer cares, and how to fix it."""
    from stemkit.cli.output import terminal_width
    from stemkit.report.rule_pages import rule_list, rule_page
    from stemkit.rules.catalogue import all_rules, select

    if not ids:
        typer.echo(rule_list(all_rules(), width=terminal_width()))
        return 0
    typer.echo("\n\n".join(rule_page(rule, width=terminal_width()) for rule in select(ids)))
    return 0
