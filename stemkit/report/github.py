"""The report as GitHub workflow commands, which become annotations on a run."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from stemkit.report.findings import about_its_subject, places
from stemkit.report.layout import printable
from stemkit.report.text import verdict_line

if TYPE_CHECKING:
    from stemkit.model.report import Finding, Report

__all__ = ["render"]

_COMMANDS = {"error": "error", "warning": "warning", "note": "notice"}
_IN_DATA = {"%": "%25", "\r": "%0D", "\n": "%0A"}
_IN_PROPERTY = {**_IN_DATA, ":": "%3A", ",": "%2C"}


def render(report: Report, *, width: int = 0, color: bool = False) -> str:  # noqa: ARG001  (every format's shape)
    """Render any report: one command a finding that counts, then the verdict as a plain line."""
    on_disk = {file.path: file.absolute_path for file in report.files}
    lines = [_command(finding, on_disk.get(finding.subject)) for finding in report.open_findings]
    # A line of plain text that begins with two colons would be a command.
    return "\n".join([*lines, _escape(verdict_line(report), _IN_DATA).lstrip(":"), ""])


def _command(finding: Finding, absolute_path: str | None) -> str:
    where = places(finding.where)
    message = about_its_subject(finding) + (f" At {where}." if where else "")
    properties = {"title": f"{finding.rule} {finding.name}"}
    if absolute_path:
        properties = {"file": _in_workspace(absolute_path), **properties}
    said = ",".join(f"{name}={_escape(printable(text), _IN_PROPERTY)}" for name, text in properties.items())
    return f"::{_COMMANDS[finding.severity]} {said}::{_escape(printable(message), _IN_DATA)}"


def _in_workspace(absolute_path: str) -> str:
    """Return a path relative to the working folder, which on GitHub is the checkout, where it lies inside."""
    path = Path(absolute_path)
    return path.relative_to(Path.cwd()).as_posix() if path.is_relative_to(Path.cwd()) else path.as_posix()


def _escape(text: str, table: dict[str, str]) -> str:
    return "".join(table.get(character, character) for character in text)
