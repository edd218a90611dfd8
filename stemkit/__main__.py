"""``python -m stemkit`` is the `stemkit` command."""

from stemkit.cli import main

main()
