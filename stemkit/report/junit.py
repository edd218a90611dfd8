"""The report as JUnit XML: a suite a file, a case a finding; what is an error fails."""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.sax.saxutils import quoteattr

from stemkit.report.findings import places
from stemkit.report.layout import printable
from stemkit.report.rule_pages import rule_parts

if TYPE_CHECKING:
    from collections.abc import Iterable

    from stemkit.model.report import Finding, Report, Skip

__all__ = ["render"]


def render(report: Report, *, width: int = 0, color: bool = False) -> str:  # noqa: ARG001  (every format's shape)
    """Render any report as JUnit XML."""
    subjects = dict.fromkeys(
        (*(f.path for f in report.files), *(f.subject for f in report.findings), *(s.subject for s in report.skipped))
    )
    suites: list[str] = []
    for subject in subjects:
        findings = [f for f in report.findings if f.subject == subject]
        skips = [s for s in report.skipped if s.subject == subject]
        suites += _suite(subject, findings, skips)
    attributes = _attributes(
        name=f"stemkit {report.kind}",
        tests=sum(suite.startswith("    <testcase") for suite in suites),
        failures=report.count("error"),
        skipped=len(report.skipped),
    )
    return "\n".join(
        ['<?xml version="1.0" encoding="UTF-8"?>', f"<testsuites {attributes}>", *suites, "</testsuites>", ""]
    )


def _suite(subject: str, findings: list[Finding], skips: list[Skip]) -> Iterable[str]:
    cases = [_case(finding) for finding in findings]
    cases += [_skipped_case(skip) for skip in skips]
    if not findings:
        cases.append(f"    <testcase {_attributes(classname=subject, name='every rule that could judge')}/>")
    counts = _attributes(
        name=subject, tests=len(cases), failures=sum("<failure" in case for case in cases), skipped=len(skips)
    )
    return [f"  <testsuite {counts}>", *cases, "  </testsuite>"]


def _case(finding: Finding) -> str:
    head = f"    <testcase {_attributes(classname=finding.subject, name=f'{finding.rule} {finding.name}')}>"
    where = places(finding.where)
    settled = finding.handled or finding.accepted
    details = "\n".join(
        line
        for line in (
            finding.message,
            f"at {where}" if where else "",
            f"explained: {settled}" if settled else "",
            rule_parts(finding.rule).get("why", ""),
            f"fix: {finding.fix.summary}" if finding.fix else "",
        )
        if line
    )
    if finding.severity == "error" and settled is None:
        inner = f"<failure {_attributes(type=finding.severity, message=finding.message)}>{_text(details)}</failure>"
    else:
        inner = f"<system-out>{_text(f'{finding.severity}: {details}')}</system-out>"
    return f"{head}{inner}</testcase>"


def _skipped_case(skip: Skip) -> str:
    head = _attributes(classname=skip.subject, name=skip.rule)
    return f"    <testcase {head}><skipped {_attributes(message=skip.reason)}/></testcase>"


def _attributes(**values: object) -> str:
    return " ".join(f"{name}={quoteattr(printable(str(value)))}" for name, value in values.items())


def _text(text: str) -> str:
    """Escape text for XML; characters that XML cannot hold are written out."""
    lines = (printable(line) for line in text.split("\n"))
    return "\n".join(lines).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
