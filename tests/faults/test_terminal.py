"""Names from strangers on a terminal: no command of the terminal's language, no markup, and never a second line."""

from __future__ import annotations

import io
import sys

import pytest

from stemkit.cli.entry import run
from stemkit.cli.output import progress_bar
from stemkit.report.layout import printable


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_an_error_about_a_hostile_name_is_one_printable_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["check", "no\x1b[2J\x1b]0;owned\x07\u202e\nwhere"]) == 2
    shown = capsys.readouterr().err
    assert shown.count("\n") == 1
    assert all(character.isprintable() for character in shown.rstrip("\n"))


def test_a_name_is_no_markup_to_the_progress_bar(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("[/x].wav", "[bold]01[/bold].wav", "\x1b]0;owned\x07.wav", "[link=http://x]"):
        terminal = _Terminal()
        monkeypatch.setattr(sys, "stderr", terminal)
        with progress_bar(quiet=False) as progress:  # a bar draws the last name only
            assert progress is not None
            progress(0.5, name)
        assert printable(name) in terminal.getvalue()
        assert "\x1b]0;owned" not in terminal.getvalue()
