"""The `stemkit` command: parse, call `app`, print. Heavy imports happen inside the commands."""

from __future__ import annotations

import sys


def main() -> None:
    """Run the command line and end the process with the exit code of the design."""
    from stemkit.cli.entry import run

    sys.exit(run())
