"""The report as a short, polite text that can be pasted into a mail to whoever rendered the files."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from stemkit.report.findings import SEVERITIES, places
from stemkit.report.layout import paragraph, printable
from stemkit.report.rule_pages import rule_parts
from stemkit.rules.contexts import SET_SUBJECT, of_role

if TYPE_CHECKING:
    from stemkit.model.report import Finding, Report

__all__ = ["render", "render_message"]

_WIDTH = 76  # what mail programs show without wrapping again
_MOST_NAMES = 6
_ASKED = ("error", "warning")


def render(report: Report, *, width: int = _WIDTH, color: bool = False) -> str:  # noqa: ARG001  (every format's shape)
    """Render any report as a message; it has its own width."""
    return render_message(report)


def render_message(report: Report) -> str:
    """Write the message: thanks, what needs another export and how, what is worth a look, and no jargon."""
    by_rule: dict[str, list[Finding]] = defaultdict(list)
    for finding in report.open_findings:
        by_rule[finding.rule].append(finding)
    ranked = sorted(by_rule.values(), key=lambda found: (_worst(found), found[0].rule))
    wishes = [found for found in ranked if SEVERITIES[_worst(found)] in _ASKED]
    remarks = [found for found in ranked if SEVERITIES[_worst(found)] not in _ASKED]
    lines = ["Hello,", "", *_opening(report, wishes)]
    for number, found in enumerate(wishes, start=1):
        lines += ["", *_wish(f"{number}. ", found)]
    if remarks:
        lines += ["", "Only for your information, nothing has to be done:"]
        lines += [paragraph(_told(found), _WIDTH, label="- ") for found in remarks]
    lines += ["", "Thank you!" if wishes else "Thank you, that was good work."]
    return "\n".join(lines) + "\n"


def _worst(findings: list[Finding]) -> int:
    return min(SEVERITIES.index(finding.severity) for finding in findings)


def _opening(report: Report, wishes: list[list[Finding]]) -> list[str]:
    stems = len(of_role(report.files, "stem"))
    thanks = f"thank you for the {'stem' if stems == 1 else f'{stems} stems'}." if stems else "thank you."
    if not wishes:
        return [paragraph(f"{thanks} I have checked everything and can start with it as it is.", _WIDTH)]
    points = "one point" if len(wishes) == 1 else f"{len(wishes)} points"
    if report.verdict == "fail":
        return [paragraph(f"{thanks} Before I can use everything, could you have a look at {points}?", _WIDTH)]
    return [paragraph(f"{thanks} They can be used. Could you still have a look at {points}?", _WIDTH)]


def _wish(label: str, found: list[Finding]) -> list[str]:
    lines = [paragraph(_told(found), _WIDTH, label=label)]
    cure = rule_parts(found[0].rule).get("fix in any daw", "")
    return lines + ([paragraph(cure, _WIDTH, indent=" " * len(label))] if cure else [])


def _told(found: list[Finding]) -> str:
    """Say what is wrong in one sentence: with its figures for one file, with the names for several."""
    if len({finding.subject for finding in found}) > 1:
        names = list(dict.fromkeys(printable(finding.subject) for finding in found))
        rest = len(names) - _MOST_NAMES
        listed = ", ".join(names[:_MOST_NAMES]) + (f" and {rest} more" if rest > 0 else "")
        told = list(dict.fromkeys(printable(finding.message) for finding in found))
        return f"{listed}: {told[0]}" if len(told) == 1 else f"{listed}. In the first of them: {_lower_first(told[0])}"
    where = places(found[0].where, most=3)
    at = f" (at {where})" if where else ""
    sentences = " ".join(printable(finding.message) for finding in found)
    return f"{sentences}{at}" if found[0].subject == SET_SUBJECT else f"{printable(found[0].subject)}: {sentences}{at}"


def _lower_first(text: str) -> str:
    return text[:1].lower() + text[1:]
