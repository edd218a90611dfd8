"""What was found in a project, as text: by guide step, with the fix in REAPER's own menu words, then the plan."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stemkit.report.findings import SEVERITIES, counts, places, skipped_lines
from stemkit.report.layout import paint, paragraph, printable
from stemkit.report.plan_table import plan_lines
from stemkit.report.rule_pages import rule_parts
from stemkit.rules.catalogue import all_rules
from stemkit.session.own_render import own_render

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from stemkit.model.report import Finding, Report, StemLevel, Verdict
    from stemkit.report.layout import Style
    from stemkit.rules.registry import Rule

__all__ = ["render"]

_STEPS: Mapping[str, str] = {
    "G1": "Gain staging",
    "G2": "Export settings and time line",
    "G3": "Clean-up",
    "G4": "Names",
    "G5": "References",
    "G6": "Brief",
}
_MARKS: Mapping[str, str] = {"error": "x", "warning": "!", "note": "-"}
_VERDICTS: Mapping[Verdict, tuple[Style, str]] = {
    "pass": ("good", "READY to be rendered: {}."),
    "warn": ("warning", "ALMOST READY: {}. It can be rendered, but the engineer will ask."),
    "fail": ("error", "NOT READY: {}. Rendered like this, the stems would be wrong."),
}
_LEVEL_RULE = "SK125"  # its skips stand among the levels already
_MOST_SUBJECTS = 6
_MOST_MESSAGES = 8  # different things that one rule says
_INDENT = " " * 6


def render(report: Report, *, width: int = 100, color: bool = False) -> str:
    """Render an inspection or a plan.

    Parameters
    ----------
    report
        Of kind ``inspect`` or ``plan``.
    width
        Columns.
    color
        With colour codes.
    """
    lines = [
        paint(printable(f"stemkit {report.kind}: {report.subject}"), "bold", color=color),
        paragraph(printable(f"Profile {report.profile_id}: {report.profile_title}"), width),
    ]
    skipped = [skip for skip in report.skipped if not (report.levels and skip.rule == _LEVEL_RULE)]
    if report.kind == "inspect":
        lines += _steps(report, width, color=color)
    for title, body in (
        ("Levels as they would be printed", _levels(report.levels, width)),
        ("Plan", list(plan_lines(report, width))),
        ("Pressing Render in REAPER now", _own_render(report, width)),
        ("Not judged", skipped_lines(skipped, width)),
    ):
        if body:
            lines += ["", paint(title, "bold", color=color), *body]
    if report.kind == "inspect":
        style, verdict = _VERDICTS[report.verdict]
        lines += ["", paint(paragraph(verdict.format(counts(report)), width), style, color=color)]
    return "\n".join(lines) + "\n"


def _steps(report: Report, width: int, *, color: bool) -> list[str]:
    found: dict[str, list[Finding]] = {}
    for finding in report.findings:
        found.setdefault(finding.rule, []).append(finding)
    lines: list[str] = []
    for step, title in _STEPS.items():
        rules = [rule for rule in all_rules() if rule.scope == "session" and rule.guide == step]
        settled = [line for rule in rules for line in _settled(rule, found.get(rule.id, ()), width, color=color)]
        body = [
            *(line for rule in rules for line in _open(rule, found.get(rule.id, ()), width, color=color)),
            *(["  Taken care of:"] if settled else []),
            *settled,
            *(line for rule in rules if rule.id not in found for line in _fine(rule, report, width, color=color)),
        ]
        if body:
            lines += ["", paint(f"{step}  {title}", "bold", color=color), *body]
    return lines


def _counts(finding: Finding) -> bool:
    return finding.handled is None and finding.accepted is None


def _few(names: Sequence[str]) -> str:
    more = len(names) - _MOST_SUBJECTS
    return ", ".join(names[:_MOST_SUBJECTS]) + (f" and {more} more" if more > 0 else "")


def _merged(findings: Iterable[Finding]) -> list[str]:
    """Put findings that say the same about several tracks into one sentence, the gravest first."""
    rows: dict[str, list[Finding]] = {}
    for finding in sorted(findings, key=lambda f: SEVERITIES.index(f.severity)):
        rows.setdefault(finding.message, []).append(finding)
    sentences = []
    for message, alike in rows.items():
        at = places(alike[0].where, most=3) if len(alike) == 1 else ""
        sentences.append(printable(f"{_few([f.subject for f in alike])}: {message}{f' At {at}.' if at else ''}"))
    return sentences


def _open(rule: Rule, findings: Sequence[Finding], width: int, *, color: bool) -> Iterator[str]:
    counting = [finding for finding in findings if _counts(finding)]
    if not counting:
        return
    worst = min((finding.severity for finding in counting), key=SEVERITIES.index)
    yield paint(f"  {_MARKS[worst]} {rule.id} {rule.name}", worst, color=color)
    sentences = _merged(counting)
    for sentence in sentences[:_MOST_MESSAGES]:
        yield paragraph(sentence, width, indent=_INDENT)
    if len(sentences) > _MOST_MESSAGES:
        yield f"{_INDENT}and {len(sentences) - _MOST_MESSAGES} more like these"
    cure = rule_parts(rule.id).get("fix in reaper", "")
    if cure:
        yield paint(paragraph(f"In REAPER: {cure}", width, indent=_INDENT), "faint", color=color)


def _settled(rule: Rule, findings: Sequence[Finding], width: int, *, color: bool) -> Iterator[str]:
    reasons: dict[str, list[Finding]] = {}
    for finding in findings:
        if not _counts(finding):
            reason = f"accepted: {finding.accepted}" if finding.handled is None else finding.handled
            reasons.setdefault(reason, []).append(finding)
    if reasons:
        told = [_settled_for(alike, reason) for reason, alike in reasons.items()]
        more = f"; and {len(told) - _MOST_MESSAGES} more" if len(told) > _MOST_MESSAGES else ""
        text = f"{rule.id} {rule.name}: {'; '.join(told[:_MOST_MESSAGES])}{more}"
        yield paint(paragraph(printable(text), width, indent="  ", label="~ "), "faint", color=color)


def _settled_for(alike: Sequence[Finding], reason: str) -> str:
    """Say what is taken care of: in full for one finding, by the subjects for several."""
    if len(alike) == 1:
        return f"{alike[0].subject}: {alike[0].message.rstrip('.')} ({reason})"
    return f"{_few(list(dict.fromkeys(finding.subject for finding in alike)))} ({reason})"


def _fine(rule: Rule, report: Report, width: int, *, color: bool) -> Iterator[str]:
    if rule.id in report.checked and not any(skip.rule == rule.id for skip in report.skipped):
        yield paint(paragraph(rule.summary, width, indent="  ", label="✓ "), "good", color=color)


def _own_render(report: Report, width: int) -> list[str]:
    """Tell of the project's own render settings, where no plan takes their place."""
    if report.plan is not None or report.session is None:
        return []
    told = own_render(report.session)
    column = max(len(label) for label, _ in told)
    return [paragraph(printable(words), width, indent="  ", label=f"{label:{column}}  ") for label, words in told]


def _levels(levels: Sequence[StemLevel], width: int) -> list[str]:
    return [paragraph(printable(_level(level)), width, indent="  ") for level in levels]


def _level(level: StemLevel) -> str:
    if level.unknown is not None:
        first, *others = level.unknown.split("; ")
        more = f", and {len(others)} more reasons" if others else ""
        return f"{'REAPER':>11}  {level.stem}: only REAPER can tell ({first}{more})"
    peak = "silent" if level.peak_dbfs is None else f"{level.peak_dbfs:.1f} dBFS"
    hint = f" (about: {'; '.join(level.approximate)})" if level.approximate else ""
    return f"{peak:>11}  {level.stem}{hint}"
