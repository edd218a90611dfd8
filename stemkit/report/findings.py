"""Findings as text for people: grouped by subject, worst first, with place, reason and cure."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING

from stemkit.report.layout import clock, paint, paragraph, printable
from stemkit.report.rule_pages import rule_parts
from stemkit.rules.contexts import SET_SUBJECT

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from stemkit.model.report import Finding, Report, Severity, Skip, Where

__all__ = [
    "SEVERITIES",
    "about_its_subject",
    "counts",
    "explained_lines",
    "finding_lines",
    "first_sentence",
    "places",
    "skipped_lines",
]

SEVERITIES: tuple[Severity, ...] = ("error", "warning", "note")
_INDENT = " " * 11  # under the message, behind the longest severity
_MOST_PLACES = 5
_MOST_SKIPS = 12
_FEW_SUBJECTS = 3  # more than these share one paragraph
_CHANNELS = ("left", "right")


def counts(report: Report) -> str:
    """Return the open findings as words: ``2 errors, 1 note``."""
    words = []
    for severity in SEVERITIES:
        number = report.count(severity)
        if number:
            words.append(f"{number} {severity}{'' if number == 1 else 's'}")
    return ", ".join(words) or "nothing to object to"


def finding_lines(
    findings: Iterable[Finding], width: int, *, color: bool, order: Sequence[str] = (), stems: Collection[str] = ()
) -> list[str]:
    """Lay out findings by subject, the subject with the worst finding first.

    The first finding of a rule carries the whole explanation, the later ones its first sentence. What a rule says of
    many subjects alike, and is no error, is said once for all of them: where no file has a number in front, thirty
    paragraphs would hide the one that matters.

    Parameters
    ----------
    findings
        Those to show.
    width
        Columns.
    color
        With colour codes.
    order
        Subjects in the order in which equally bad ones are shown.
    stems
        All subjects of which many may share a finding; without them nothing is put together.
    """
    findings = list(findings)
    alike = _shared(findings) if stems else {}
    by_subject: dict[str, list[Finding]] = defaultdict(list)
    for finding in findings:
        if (finding.rule, finding.severity) not in alike:
            by_subject[finding.subject].append(finding)
    rank = {subject: number for number, subject in enumerate(order)}

    def worst_first(subject: str) -> tuple[int, bool, int, str]:
        worst = min(SEVERITIES.index(f.severity) for f in by_subject[subject])
        return worst, subject != SET_SUBJECT, rank.get(subject, len(rank)), subject

    explained: set[str] = set()
    lines: list[str] = []
    for subject in sorted(by_subject, key=worst_first):
        if alike and worst_first(subject)[0] > 0:
            lines += _shared_lines(alike, width, stems, color=color)
            explained |= {rule for rule, _ in alike}
            alike = {}
        title = "The set" if subject == SET_SUBJECT else printable(subject)
        lines += ["", paint(title, "bold", color=color)]
        for finding in sorted(by_subject[subject], key=lambda f: (SEVERITIES.index(f.severity), f.rule)):
            lines += _one(finding, width, color=color, full=finding.rule not in explained)
            explained.add(finding.rule)
    return lines + (_shared_lines(alike, width, stems, color=color) if alike else [])


def _shared(findings: Iterable[Finding]) -> dict[tuple[str, Severity], list[Finding]]:
    """Gather the findings, none of them errors, that one rule has on many subjects."""
    by_rule: dict[tuple[str, Severity], list[Finding]] = defaultdict(list)
    for finding in findings:
        if finding.severity != "error" and finding.subject != SET_SUBJECT:
            by_rule[finding.rule, finding.severity].append(finding)
    return {key: found for key, found in by_rule.items() if len({f.subject for f in found}) > _FEW_SUBJECTS}


def _shared_lines(
    alike: Mapping[tuple[str, Severity], list[Finding]], width: int, stems: Collection[str], *, color: bool
) -> list[str]:
    lines = ["", paint("Many files", "bold", color=color)]
    for rule, severity in sorted(alike, key=lambda key: (SEVERITIES.index(key[1]), key[0])):
        found = alike[rule, severity]
        everywhere = set(stems) <= {f.subject for f in found}
        head = _one(_summary(found, everywhere=everywhere), width, color=color, full=True)
        lines += [head[0], *_each(found, width, everywhere=everywhere), *head[1:]]
    return lines


def _summary(found: Sequence[Finding], *, everywhere: bool) -> Finding:
    """Return one finding for all: what they say alike, or else only how many they are."""
    first, count = found[0], len({f.subject for f in found})
    many = f"All {count} stems." if everywhere else f"{count} files."
    same_fix = all(f.fix == first.fix for f in found)
    message = f"{many} {first.message}" if _says_the_same(found) else many
    return replace(first, message=message, where=(), fix=first.fix if same_fix else None)


def _says_the_same(found: Iterable[Finding]) -> bool:
    """Tell whether findings without a place differ in nothing but the name of their file."""
    texts = {f.message.replace(f.subject.rpartition("/")[2].rpartition(".")[0], "") for f in found}
    return len(texts) == 1 and not any(f.where for f in found)


def _each(found: Sequence[Finding], width: int, *, everywhere: bool) -> list[str]:
    """List the subjects of findings: in a row, or each with what is said of it and where."""
    if _says_the_same(found):
        if everywhere:
            return []
        names = printable(", ".join(dict.fromkeys(f.subject for f in found)))
        return [paragraph(names, width, indent=_INDENT, label="on: ")]
    lines = []
    for finding in found:
        where = places(finding.where)
        text = about_its_subject(finding) + (f" At {where}." if where else "")
        lines.append(paragraph(printable(text), width, indent=_INDENT, label="- "))
    return lines


def _one(finding: Finding, width: int, *, color: bool, full: bool) -> list[str]:
    severity = f"  {finding.severity:<9}"
    text = f"{finding.rule} {finding.name}: {printable(finding.message)}"
    head = paragraph(text, width, indent=severity)
    painted = severity.replace(finding.severity, paint(finding.severity, finding.severity, color=color))
    lines = [painted + head[len(severity) :]]
    where = places(finding.where)
    page = rule_parts(finding.rule)
    why = page.get("why", "")
    details = [("at", where), ("why", why if full else first_sentence(why))]
    if finding.fix is not None:
        details.append(("fix", f"{finding.fix.summary[:1].upper()}{finding.fix.summary[1:]}."))
    if full:
        details += [("in REAPER", page.get("fix in reaper", "")), ("in any DAW", page.get("fix in any daw", ""))]
    return lines + [paragraph(printable(t), width, indent=_INDENT, label=f"{name}: ") for name, t in details if t]


def about_its_subject(finding: Finding) -> str:
    """Return what is wrong behind the name of what it is wrong with, which the message may begin with itself."""
    begins = finding.message.startswith(f"{finding.subject} ")
    return finding.message if begins else f"{finding.subject}: {finding.message}"


def first_sentence(text: str) -> str:
    """Return a text up to its first full stop."""
    head, stop, _ = text.partition(". ")
    return head + "." if stop else text


def places(where: Sequence[Where], most: int = _MOST_PLACES) -> str:
    """Return places as ``0:12.345 to 0:12.900 (left), 0:14.000 and 3 more``."""
    told = _both_channels(where)
    shown = [_place(place) for place in told[:most]]
    rest = len(told) - most
    return ", ".join(shown) + (f" and {rest} more" if rest > 0 else "")


def _both_channels(where: Sequence[Where]) -> list[Where]:
    """Join what happens in several channels at once, as clocks show it."""
    joined: dict[str, Where] = {}
    for place in where:
        at = clock(place.start_s)
        known = joined.get(at)
        if known is None:
            joined[at] = place
        else:
            channel = known.channel if known.channel == place.channel else None
            joined[at] = replace(known, end_s=max(known.end_s, place.end_s), channel=channel)
    return list(joined.values())


def _place(place: Where) -> str:
    start, end = clock(place.start_s), clock(place.end_s)
    channel = "" if place.channel is None else f" ({_channel(place.channel)})"
    return (start if start == end or place.end_s - place.start_s < 0.01 else f"{start} to {end}") + channel


def _channel(channel: int) -> str:
    return _CHANNELS[channel] if channel < len(_CHANNELS) else f"channel {channel + 1}"


def explained_lines(findings: Iterable[Finding], width: int) -> list[str]:
    """List the findings that do not count, and why they do not."""
    lines = []
    for finding in findings:
        reason = finding.handled if finding.handled is not None else f"accepted: {finding.accepted}"
        text = f"{finding.rule} {finding.name} on {finding.subject}: {reason}"
        lines.append(paragraph(printable(text), width, indent="  "))
    return lines


def skipped_lines(skipped: Iterable[Skip], width: int) -> list[str]:
    """Summarise the rules that could not judge: those with one reason and one subject share a line."""
    rules_of: dict[tuple[str, str], list[str]] = defaultdict(list)
    for skip in skipped:
        rules_of[skip.reason, skip.subject].append(skip.rule)
    subjects_of: dict[tuple[str, tuple[str, ...]], list[str]] = defaultdict(list)
    for (reason, subject), rules in rules_of.items():
        subjects_of[reason, tuple(sorted(set(rules)))].append(subject)
    lines = [
        paragraph(printable(f"{_few(rules)} on {_few(subjects)}: {reason}"), width, indent="  ")
        for (reason, rules), subjects in list(subjects_of.items())[:_MOST_SKIPS]
    ]
    if len(subjects_of) > _MOST_SKIPS:
        rest = Counter(rule for (_, rules) in list(subjects_of)[_MOST_SKIPS:] for rule in rules)
        lines.append(paragraph(f"and {rest.total()} more; --format json lists every one", width, indent="  "))
    return lines


def _few(names: Sequence[str], most: int = 4) -> str:
    return ", ".join(names[:most]) + (f" and {len(names) - most} more" if len(names) > most else "")
