"""The register of rules: what a rule is, and how rules are run. `stemkit.rules.catalogue` knows and chooses them.

A rule is a generator that takes its subject and a context and yields a `Problem` for each thing that is wrong
and an `Unknown` where a fact is missing. The register adds id, name, severity and guide step, so a rule holds
nothing but its judgement. The scope says what the subject is:

========= ============================== =====================
scope     subject                        called
========= ============================== =====================
session   `stemkit.model.session.Session` once a project
file      `stemkit.model.audio.FileFacts` once a file
set       ``tuple[FileFacts, ...]``      once a delivery
========= ============================== =====================
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, get_args

from stemkit.model.report import Finding, Fix, Guide, Severity, Skip, Where

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

__all__ = ["RETIRED", "Outcome", "Problem", "Rule", "Unknown", "matches", "registered", "rule", "run_rules"]

Scope = Literal["session", "file", "set"]
Family = Literal["session", "format", "level", "timeline", "content", "naming", "package", "set"]
FAMILY_DIGIT: Mapping[Family, str] = {
    "session": "1",
    "format": "2",
    "level": "3",
    "timeline": "4",
    "content": "5",
    "naming": "6",
    "package": "7",
    "set": "8",
}
RETIRED: frozenset[str] = frozenset()  # ids are for ever: a rule that goes leaves its id here
_SEVERITIES: tuple[Severity, ...] = get_args(Severity)


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """What a rule found. `severity` may only soften the rule's own; `handled` says how the plan deals with it."""

    subject: str
    message: str
    measured: float | str | None = None
    expected: str | None = None
    unit: str | None = None
    where: tuple[Where, ...] = ()
    fix: Fix | None = None
    severity: Severity | None = None
    handled: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Unknown:
    """A rule could not judge `subject`; `reason` is for people."""

    subject: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A rule's metadata and its judgement."""

    id: str
    name: str
    severity: Severity
    family: Family
    scope: Scope
    guide: Guide | None
    judge: Callable[[Any, Any], Iterator[Problem | Unknown]]
    needs: tuple[str, ...] = ()  # ids of rules of the same scope that must hold for the subject first
    summary: str = ""


@dataclass(slots=True)
class Outcome:
    """What a run of rules gave."""

    findings: list[Finding] = field(default_factory=list)
    skipped: list[Skip] = field(default_factory=list)
    checked: set[str] = field(default_factory=set)


_RULES: dict[str, Rule] = {}


def rule(
    rule_id: str,
    name: str,
    *,
    severity: Severity,
    scope: Scope,
    guide: Guide | None = None,
    needs: Iterable[str] = (),
) -> Callable[[Callable[[Any, Any], Iterator[Problem | Unknown]]], Callable[[Any, Any], Iterator[Problem | Unknown]]]:
    """Register the decorated generator as a rule.

    The docstring has five parts: the first line (what), then paragraphs that begin with ``Why:``,
    ``Fix in REAPER:``, ``Fix in any DAW:`` and ``Source:``.
    """
    family = next((f for f, digit in FAMILY_DIGIT.items() if rule_id[2:3] == digit), None)
    if family is None or not rule_id.startswith("SK"):
        raise ValueError(f"{rule_id} belongs to no family")

    def register(
        judge: Callable[[Any, Any], Iterator[Problem | Unknown]],
    ) -> Callable[[Any, Any], Iterator[Problem | Unknown]]:
        if rule_id in _RULES or rule_id in RETIRED:
            raise ValueError(f"{rule_id} is taken")
        summary = (judge.__doc__ or "").strip().split("\n", 1)[0]
        _RULES[rule_id] = Rule(
            id=rule_id,
            name=name,
            severity=severity,
            family=family,
            scope=scope,
            guide=guide,
            judge=judge,
            needs=tuple(needs),
            summary=summary,
        )
        return judge

    return register


def registered() -> tuple[Rule, ...]:
    """Return the rules that were registered so far, by id; `stemkit.rules.catalogue` knows them all."""
    return tuple(_RULES[key] for key in sorted(_RULES))


def matches(rule_id: str, prefixes: Iterable[str]) -> bool:
    """Tell whether a rule id starts with one of the prefixes (``SK3``, ``SK501``), without regard to case."""
    return any(rule_id.startswith(prefix.strip().upper()) for prefix in prefixes)


def _softer(rule_severity: Severity, problem_severity: Severity | None) -> Severity:
    if problem_severity is None:
        return rule_severity
    return max(rule_severity, problem_severity, key=_SEVERITIES.index)


def _in_order(rules: Iterable[Rule]) -> list[Rule]:
    """Put each rule behind the ones it needs, else by id."""
    from graphlib import TopologicalSorter  # noqa: PLC0415  (a few ms that `--help` need not pay)

    by_id = {r.id: r for r in sorted(rules, key=lambda r: r.id)}
    sorter = TopologicalSorter({r.id: [n for n in r.needs if n in by_id] for r in by_id.values()})
    return [by_id[key] for key in sorter.static_order()]


def run_rules(
    rules: Iterable[Rule],
    subject: object,
    label: str,
    context: object,
    *,
    severities: Mapping[str, Severity | Literal["off"]] | None = None,
    outcome: Outcome | None = None,
) -> Outcome:
    """Run rules of one scope on one subject.

    Parameters
    ----------
    rules
        Rules whose scope fits the subject.
    subject
        What the rules judge.
    label
        The subject's name for people; a rule whose prerequisite failed is skipped for it.
    context
        Handed to each rule as its second argument.
    severities
        The profile's severity a rule id; ``"off"`` leaves the rule out. A rule id that is absent keeps the
        rule's own. A problem may be milder than this, never harsher.
    outcome
        Collects over several calls.

    Returns
    -------
    Outcome
        Findings, skips and the ids of the rules that judged something.
    """
    outcome = outcome if outcome is not None else Outcome()
    severities = severities or {}
    failed: dict[str, str] = {}  # rule id → why its dependants cannot judge
    for candidate in _in_order(rules):
        severity = severities.get(candidate.id, candidate.severity)
        if severity == "off":
            continue
        broken = next((n for n in candidate.needs if n in failed), None)
        if broken is not None:
            outcome.skipped.append(Skip(rule=candidate.id, subject=label, reason=failed[broken]))
            failed[candidate.id] = failed[broken]
            continue
        judged = True
        for result in candidate.judge(subject, context):
            if isinstance(result, Unknown):
                judged = False
                outcome.skipped.append(Skip(rule=candidate.id, subject=result.subject, reason=result.reason))
                if result.subject == label:
                    failed[candidate.id] = f"{candidate.id} could not judge: {result.reason}"
                continue
            judged = True
            finding_severity = _softer(severity, result.severity)
            outcome.findings.append(
                Finding(
                    rule=candidate.id,
                    name=candidate.name,
                    severity=finding_severity,
                    subject=result.subject,
                    message=result.message,
                    measured=result.measured,
                    expected=result.expected,
                    unit=result.unit,
                    where=result.where,
                    guide=candidate.guide,
                    fix=result.fix,
                    handled=result.handled,
                )
            )
            if finding_severity == "error" and result.subject == label:
                failed[candidate.id] = f"{candidate.id} {candidate.name} failed"
        if judged:
            outcome.checked.add(candidate.id)
    return outcome
