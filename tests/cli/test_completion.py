"""Completion of commands and options in the shells that are usual."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

SHELLS = {
    "bash": {"COMP_WORDS": "stemkit ins", "COMP_CWORD": "1"},
    "zsh": {"_TYPER_COMPLETE_ARGS": "stemkit ins"},
    "fish": {"_TYPER_COMPLETE_ARGS": "stemkit ins", "_TYPER_COMPLETE_FISH_ACTION": "get-args"},
}
RUN = "import sys; sys.argv[0] = 'stemkit'; from stemkit.cli import main; main()"


@pytest.mark.parametrize("shell", SHELLS)
def test_a_command_is_completed(shell: str) -> None:
    asked = {"_STEMKIT_COMPLETE": f"complete_{shell}", **SHELLS[shell]}
    done = subprocess.run(
        [sys.executable, "-c", RUN], env={**os.environ, **asked}, capture_output=True, text=True, check=False
    )
    assert "inspect" in done.stdout, done.stderr
    assert "verify" not in done.stdout
