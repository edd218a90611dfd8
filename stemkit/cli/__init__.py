"""The `stemkit` command: parse, call `app`, print."""

from __future__ import annotations


def main() -> None:
    """Run the command line."""
