"""The report for people: a table of the files, the findings, and in the last line the verdict."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from stemkit.report.findings import SEVERITIES, counts, explained_lines, finding_lines, skipped_lines
from stemkit.report.layout import Column, clock, paint, paragraph, printable, table
from stemkit.report.proof_text import proof_lines
from stemkit.rules.contexts import of_role

if TYPE_CHECKING:
    from stemkit.model.audio import FileFacts
    from stemkit.model.report import Finding, Report
    from stemkit.report.layout import Style

__all__ = ["render", "verdict_line"]

_MARKS: dict[str | None, str] = {"error": "x", "warning": "!", "note": "-"}
_ROLES = {"stem": "stem", "rough_mix": "mix", "proof_mix": "proof", "reference": "ref", "other": "other"}
_STYLES: dict[str, Style] = {"pass": "good", "warn": "warning", "fail": "error"}
_COLUMNS = (
    Column(title=""),
    Column(title="File", stretch=True),
    Column(title="Role"),
    Column(title="kHz", right=True),
    Column(title="Format"),
    Column(title="Ch", right=True),
    Column(title="Length", right=True),
    Column(title="Peak", right=True),
    Column(title="dBTP", right=True, from_width=100),
    Column(title="LUFS", right=True, from_width=90),
    Column(title="Faults"),
)
_MOST_FAULTS = 2


def render(report: Report, *, width: int, color: bool) -> str:
    """Render a report on files."""
    lines = [
        paint(printable(f"stemkit {report.kind}: {report.subject}"), "bold", color=color),
        paragraph(printable(f"Profile {report.profile_id}: {report.profile_title}"), width),
        "",
        *_file_table(report, width, color=color),
        *_role_lines(report, width),
        *(["", *proof_lines(report.sum, width)] if report.sum is not None else []),
        *finding_lines(
            report.open_findings,
            width,
            color=color,
            order=[file.path for file in report.files],
            stems=[file.path for file in of_role(report.files, "stem")],
        ),
    ]
    explained = [f for f in report.findings if f.handled is not None or f.accepted is not None]
    if explained:
        lines += ["", "Explained, so not counted:", *explained_lines(explained, width)]
    if report.skipped:
        lines += ["", "Not judged:", *skipped_lines(report.skipped, width)]
    lines += ["", paint(paragraph(verdict_line(report), width), _STYLES[report.verdict], color=color)]
    return "\n".join(lines) + "\n"


def _file_table(report: Report, width: int, *, color: bool) -> list[str]:
    if not report.files:
        return []
    faults: dict[str, list[Finding]] = defaultdict(list)
    for finding in report.open_findings:
        faults[finding.subject].append(finding)
    rows = [_row(file, faults[file.path]) for file in report.files]
    head, *body = table(_COLUMNS, rows, width)
    return [paint(head, "faint", color=color)] + [
        paint(line, _worst(faults[file.path]), color=color) for line, file in zip(body, report.files, strict=True)
    ]


def _worst(findings: list[Finding]) -> Style | None:
    return min((f.severity for f in findings), key=SEVERITIES.index, default=None)


def _row(file: FileFacts, findings: list[Finding]) -> tuple[str, ...]:
    header, audio = file.container, file.audio
    rate, worst = header.sample_rate, _worst(findings)
    frames = audio.frames if audio is not None else header.frames
    role = file.variant if file.role == "stem" and file.variant not in (None, "stem") else _ROLES[file.role]
    rules = list(dict.fromkeys(f.rule for f in sorted(findings, key=lambda f: SEVERITIES.index(f.severity))))
    more = f" +{len(rules) - _MOST_FAULTS}" if len(rules) > _MOST_FAULTS else ""
    return (
        _MARKS.get(worst, ""),
        printable(file.path),
        str(role),
        f"{rate / 1000:g}" if rate else "?",
        printable(header.encoding or header.container),
        str(header.channels or "?"),
        clock(frames / rate) if frames is not None and rate else "?",
        _figure(audio.sample_peak_dbfs, 2) if audio is not None else "?",
        _figure(audio.true_peak_dbtp, 2) if audio is not None else "?",
        _figure(audio.integrated_lufs, 1) if audio is not None else "?",
        " ".join(rules[:_MOST_FAULTS]) + more,
    )


def _figure(value: float | None, digits: int) -> str:
    """Return a level; silence has none."""
    return "silent" if value is None else f"{value:.{digits}f}"


def _role_lines(report: Report, width: int) -> list[str]:
    """Say what was taken for what, wherever it is not simply a stem."""
    told = [f for f in report.files if f.role != "stem" or f.variant in ("dry", "wet")]
    names = {**_ROLES, "rough_mix": "the rough mix", "proof_mix": "the proof mix", "reference": "a reference"}
    lines = []
    for file in told:
        what = f"a {file.variant} version" if file.role == "stem" else names[file.role]
        lines.append(paragraph(printable(f"{file.path} is taken for {what}: {file.role_reason}."), width, indent="  "))
    return ["", *lines] if lines else []


def verdict_line(report: Report) -> str:
    """Return the verdict in plain words."""
    stems = len(of_role(report.files, "stem"))
    of_what = f"{stems} stem{'' if stems == 1 else 's'}"
    found = counts(report)
    if report.verdict == "fail":
        return f"NOT READY: {found} in {of_what}. What is marked as an error must be mended before the files go out."
    if report.verdict == "warn":
        return f"ALMOST READY: {found} in {of_what}. The files can be used, but the engineer will ask."
    return f"READY: {of_what}, {found}."
