"""What was found in a project, as text: by guide step, with the fix in REAPER's own menu words, then the plan."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

from stemkit.report.plan_table import plan_lines
from stemkit.rules.registry import all_rules

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from stemkit.model.report import Finding, Report, Severity, Skip, StemLevel
    from stemkit.rules.registry import Rule

__all__ = ["fix_in_reaper", "message", "render"]

_STEPS: Mapping[str, str] = {
    "G1": "Gain staging",
    "G2": "Export settings and time line",
    "G3": "Clean-up",
    "G4": "Names",
    "G5": "References",
    "G6": "Brief",
}
_SIGNS: Mapping[Severity, str] = {"error": "✗", "warning": "!", "note": "i"}
_COLORS: Mapping[Severity, str] = {"error": "31", "warning": "33", "note": "36"}
_GOOD, _BOLD, _DIM = "32", "1", "2"
_SUBJECTS = 6  # how many subjects a line names
_LINES = 8  # how many different messages a rule shows
_RANK: Mapping[Severity, int] = {"error": 0, "warning": 1, "note": 2}


def _paint(text: str, code: str, *, color: bool) -> str:
    return f"\x1b[{code}m{text}\x1b[0m" if color else text


def _wrap(text: str, width: int, indent: str, hanging: str | None = None) -> list[str]:
    return textwrap.wrap(
        text, max(width, 40), initial_indent=indent, subsequent_indent=hanging or indent, break_long_words=False
    )


def fix_in_reaper(rule: Rule) -> str:
    """Return the part of a rule's docstring that says what to do in REAPER; empty where it has none."""
    return _section(rule.judge.__doc__ or "", "Fix in REAPER:")


def _section(doc: str, title: str) -> str:
    for paragraph in doc.split("\n\n"):
        text = " ".join(paragraph.split())
        if text.startswith(title):
            return text.removeprefix(title).strip()
    return ""


def _names(subjects: Sequence[str]) -> str:
    more = len(subjects) - _SUBJECTS
    return ", ".join(subjects[:_SUBJECTS]) + (f" and {more} more" if more > 0 else "")


def _merged(findings: Iterable[Finding]) -> list[tuple[Severity, list[str], str, str | None]]:
    """Put findings that say the same about several tracks into one row, the gravest first."""
    rows: dict[tuple[Severity, str, str | None], list[str]] = {}
    for finding in findings:
        key = (finding.severity, finding.message, finding.handled or finding.accepted)
        rows.setdefault(key, []).append(finding.subject)
    ordered = sorted(rows.items(), key=lambda row: _RANK[row[0][0]])
    return [(severity, subjects, message, reason) for (severity, message, reason), subjects in ordered]


def _open_rule(rule: Rule, findings: Sequence[Finding], width: int, *, color: bool) -> Iterator[str]:
    rows = _merged(findings)
    worst = rows[0][0]
    head = f"  {_SIGNS[worst]} {rule.id} {rule.name}"
    yield f"{_paint(head, _COLORS[worst], color=color)}"
    for _, subjects, text, _reason in rows[:_LINES]:
        yield from _wrap(f"{_names(subjects)}: {text}", width, "      ", "        ")
    if len(rows) > _LINES:
        yield f"      … and {len(rows) - _LINES} more like these"
    fix = fix_in_reaper(rule)
    if fix:
        lines = _wrap(f"In REAPER: {fix}", width, "      ", "        ")
        yield from (_paint(line, _DIM, color=color) for line in lines)


def _settled(rule: Rule, findings: Sequence[Finding], width: int, *, color: bool) -> Iterator[str]:
    by_reason: dict[str, list[str]] = {}
    for finding in findings:
        by_reason.setdefault(finding.handled or f"accepted: {finding.accepted}", []).append(finding.subject)
    told = "; ".join(f"{_names(list(dict.fromkeys(names)))}: {why}" for why, names in list(by_reason.items())[:_LINES])
    lines = _wrap(f"{rule.id} {rule.name}, taken care of: {told}", width, "  · ", "      ")
    yield from (_paint(line, _DIM, color=color) for line in lines)


def _step(report: Report, rules: Sequence[Rule], width: int, *, color: bool) -> Iterator[str]:
    by_rule: dict[str, list[Finding]] = {}
    for finding in report.findings:
        by_rule.setdefault(finding.rule, []).append(finding)
    unknown = {skip.rule for skip in report.skipped}
    for rule in rules:
        open_ones = [f for f in by_rule.get(rule.id, ()) if f.handled is None and f.accepted is None]
        if open_ones:
            yield from _open_rule(rule, open_ones, width, color=color)
    for rule in rules:
        settled = [f for f in by_rule.get(rule.id, ()) if f.handled is not None or f.accepted is not None]
        if settled:
            yield from _settled(rule, settled, width, color=color)
    for rule in rules:
        if rule.id in report.checked and rule.id not in by_rule and rule.id not in unknown:
            yield _paint(f"  ✓ {rule.summary}", _GOOD, color=color)


def _levels(levels: Sequence[StemLevel], width: int) -> Iterator[str]:
    for level in levels:
        if level.unknown is not None:
            yield from _wrap(f"{level.stem}: only REAPER can tell ({level.unknown})", width, "  ", "      ")
            continue
        peak = "silent" if level.peak_dbfs is None else f"{level.peak_dbfs:6.1f} dBFS"
        hint = f"  (about: {'; '.join(level.approximate)})" if level.approximate else ""
        yield from _wrap(f"{peak}  {level.stem}{hint}", width, "  ", "      ")


def _skips(skipped: Sequence[Skip], width: int) -> Iterator[str]:
    rows: dict[tuple[str, str], list[str]] = {}
    for skip in skipped:
        rows.setdefault((skip.rule, skip.reason), []).append(skip.subject)
    for (rule, reason), subjects in rows.items():
        yield from _wrap(f"{rule} for {_names(subjects)}: {reason}", width, "  ? ", "      ")


def _summary(report: Report) -> str:
    counts = ", ".join(
        f"{report.count(severity)} {severity}{'' if report.count(severity) == 1 else 's'}" for severity in _SIGNS
    )
    settled = len(report.findings) - len(report.open_findings)
    return f"{counts}" + (f"; {settled} taken care of" if settled else "")


def render(report: Report, width: int = 100, *, color: bool = False) -> str:
    """Write an inspection, or a plan, as text.

    Parameters
    ----------
    report
        Of kind ``inspect`` or ``plan``.
    width
        Columns of the terminal.
    color
        Colour with ANSI codes.

    Returns
    -------
    str
        Lines with a newline at the end.
    """
    lines = [_paint(report.subject, _BOLD, color=color), f"{report.profile_title} ({report.profile_id})"]
    if report.kind == "inspect":
        lines.append(_summary(report))
        rules = [rule for rule in all_rules() if rule.scope == "session"]
        for step, title in _STEPS.items():
            body = list(_step(report, [r for r in rules if r.guide == step], width, color=color))
            if body:
                lines += ["", _paint(f"{step}  {title}", _BOLD, color=color), *body]
    for title, more in (
        ("Levels as they would be printed", list(_levels(report.levels, width))),
        ("Plan", list(plan_lines(report, width)) if report.plan is not None else []),
        ("Not judged", list(_skips(report.skipped, width))),
    ):
        if more:
            lines += ["", _paint(title, _BOLD, color=color), *more]
    return "\n".join(lines) + "\n"


def message(report: Report) -> str:
    """Write a short, polite text about what is open, to paste into a mail to the producer."""
    name = report.subject.replace("\\", "/").rsplit("/", 1)[-1]
    asked = [f for f in report.open_findings if f.severity != "note"]
    if not asked:
        return f"Hi,\n\nI had a look at {name}, and it is ready to be rendered as stems. Nothing to do on your side.\n"
    lines = ["Hi,", "", f"I had a look at {name}. Before the stems are rendered, could you please check:", ""]
    for severity, subjects, text, _ in _merged(asked):
        lines += _wrap(f"{'(important) ' if severity == 'error' else ''}{_names(subjects)}: {text}", 78, "- ", "  ")
    notes = report.count("note")
    if notes:
        lines += ["", f"There are also {notes} small things that may well be meant; the full report lists them."]
    return "\n".join([*lines, "", "Thank you!", ""])
