"""The report as a short, polite text that can be pasted into a mail."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from stemkit.report.findings import SEVERITIES, about_its_subject, places
from stemkit.report.layout import clock, paragraph, printable
from stemkit.report.rule_pages import rule_parts
from stemkit.rules.contexts import SET_SUBJECT, of_role
from stemkit.rules.session_context import PROJECT

if TYPE_CHECKING:
    from stemkit.model.plan import RenderPlan
    from stemkit.model.report import Finding, Report

__all__ = ["render", "render_message"]

_WIDTH = 76  # what mail programs show without wrapping again
_MOST_NAMES = 6
_ASKED = ("error", "warning")
_ASK = ("muted", "folder_muted", "fader_down", "main_send_off", "hardware_only", "no_route", "excluded_by_user")


def render(report: Report, *, width: int = _WIDTH, color: bool = False) -> str:  # noqa: ARG001  (every format's shape)
    """Render any report as a message; it has its own width."""
    return render_message(report)


def render_message(report: Report) -> str:
    """Write the message, without jargon: what needs a hand and how, and what is worth a look.

    About files it speaks to whoever rendered them; about a project to whoever renders it next; a plan is put to the
    engineer as a question.
    """
    if report.kind == "plan" and report.plan is not None:
        return _proposal(report.plan)
    by_rule: dict[str, list[Finding]] = defaultdict(list)
    for finding in report.open_findings:
        by_rule[finding.rule].append(finding)
    ranked = sorted(by_rule.values(), key=lambda found: (_worst(found), found[0].rule))
    wishes = [found for found in ranked if SEVERITIES[_worst(found)] in _ASKED]
    remarks = [found for found in ranked if SEVERITIES[_worst(found)] not in _ASKED]
    before = report.kind == "inspect"
    lines = ["Hello,", "", *(_before_rendering(report, wishes) if before else _opening(report, wishes))]
    for number, found in enumerate(wishes, start=1):
        lines += ["", *_wish(f"{number}. ", found, "fix in reaper" if before else "fix in any daw")]
    if remarks:
        lines += ["", "Only for your information, nothing has to be done:"]
        lines += [paragraph(_told(found), _WIDTH, label="- ") for found in remarks]
    if before:
        lines += ["", "Good luck with the render!"]
    else:
        lines += ["", "Thank you!" if wishes else "Thank you, that was good work."]
    return "\n".join(lines) + "\n"


def _before_rendering(report: Report, wishes: list[list[Finding]]) -> list[str]:
    name = printable(report.subject.replace("\\", "/").rpartition("/")[2])
    looked = f"I have looked through {name} before the stems are rendered."
    stems = 0 if report.plan is None else len(report.plan.stems)
    gives = f" It gives {_counted(stems, 'stem')}." if stems else ""
    if not wishes:
        return [paragraph(f"{looked}{gives} Nothing has to be changed first.", _WIDTH)]
    points = _counted(len(wishes), "point")
    if report.verdict == "fail":
        return [paragraph(f"{looked} Rendered now, the stems would be wrong: {points} first, please.", _WIDTH)]
    return [paragraph(f"{looked}{gives} It can be rendered, but please look at {points} first.", _WIDTH)]


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _proposal(plan: RenderPlan) -> str:
    """Put a plan to the engineer: what would be sent, and whether that is what is wanted."""
    length = clock(plan.bounds.frames / plan.sample_rate)
    kind = "each track by itself" if plan.by == "track" else "in groups"
    encoding = {"pcm24": "24-bit", "float32": "32-bit float"}[plan.encoding]
    intro = (
        f"this is what I would send you of {plan.project}: {_counted(len(plan.stems), 'file')}, {kind}, all of "
        f"{length} length, as {encoding} WAV at {plan.sample_rate} Hz."
    )
    lines = ["Hello,", "", paragraph(printable(intro), _WIDTH), ""]
    lines += [f"  {printable(stem.file_name)}" for stem in plan.stems]
    if not plan.adds_up.possible:
        lines += ["", "Added up they are not exactly the mix, because:"]
        lines += [paragraph(printable(f"{obstacle}."), _WIDTH, label="- ") for obstacle in plan.adds_up.obstacles]
    out = [
        f"{track.name or f'Track {track.index + 1}'}: {track.reason}." for track in plan.excluded if track.code in _ASK
    ]
    if out:
        lines += ["", "These tracks would not come along:"]
        lines += [paragraph(printable(text), _WIDTH, label="- ") for text in out]
    lines += ["", "Is that what you need, or would you rather have it cut in another way?"]
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


def _wish(label: str, found: list[Finding], part: str) -> list[str]:
    lines = [paragraph(_told(found), _WIDTH, label=label)]
    cure = rule_parts(found[0].rule).get(part, "")
    cure = cure[:1].upper() + cure[1:]
    return lines + ([paragraph(cure, _WIDTH, indent=" " * len(label))] if cure else [])


def _told(found: list[Finding]) -> str:
    """Say what is wrong in one sentence: with its figures for one file, with the names for several."""
    whole = [finding for finding in found if finding.subject == PROJECT]
    if whole and len(whole) < len(found):
        rest = len({finding.subject for finding in found}) - 1
        return f"{_told(whole)} Concerned: {_counted(rest, 'track')}."
    if len({finding.subject for finding in found}) > 1:
        names = list(dict.fromkeys(printable(finding.subject) for finding in found))
        rest = len(names) - _MOST_NAMES
        listed = ", ".join(names[:_MOST_NAMES]) + (f" and {rest} more" if rest > 0 else "")
        told = list(dict.fromkeys(printable(finding.message) for finding in found))
        return f"{listed}: {told[0]}" if len(told) == 1 else f"{listed}. In the first of them: {_lower_first(told[0])}"
    where = places(found[0].where, most=3)
    at = f" (at {where})" if where else ""
    first, *others = found
    sentences = [first.message if first.subject in (SET_SUBJECT, PROJECT) else about_its_subject(first)]
    sentences += [finding.message for finding in others]
    return " ".join(map(printable, sentences)) + at


def _lower_first(text: str) -> str:
    return text[:1].lower() + text[1:]
