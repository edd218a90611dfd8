"""From a report to what the template prints: strings and numbers, no markup. Pure."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from stemkit._version import __version__
from stemkit.report.html.lanes import lanes_view
from stemkit.report.html.tracks import tracks_view
from stemkit.report.html.words import BEFORE_RENDERING, GUIDE_STEPS, SEVERITY_SIGNS, VERDICTS, clock, decibels, seconds
from stemkit.report.json import report_dict
from stemkit.report.message import render_message
from stemkit.report.rule_pages import rule_parts
from stemkit.rules.catalogue import all_rules

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from stemkit.model.audio import FileFacts
    from stemkit.model.report import Finding, Report

__all__ = ["page_view"]

BAR_WIDTH = 60  # units of the little peak bars, whose left end is BAR_DB below full scale
BAR_DB = 24.0


def _embedded_json(value: object) -> str:
    """Return JSON that can stand inside a script element: no ``<`` that could end it."""
    text = json.dumps(value, ensure_ascii=True, sort_keys=True, allow_nan=False)
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def _common(values: Iterable[object]) -> str:
    """Return the one value that all share, ``mixed`` where they do not, ``–`` where there is none."""
    known = {str(value) for value in values if value is not None}
    return known.pop() if len(known) == 1 else "mixed" if known else "–"


def _figures(report: Report) -> list[tuple[str, str]]:
    stems = [file for file in report.files if file.role == "stem"]
    rates = [f.container.sample_rate for f in stems]
    figures: list[tuple[str, str]] = []
    if stems:
        figures = [
            ("stems", str(len(stems))),
            ("sample rate", f"{_common(rates)} Hz"),
            ("format", _common(f.container.encoding for f in stems)),
            ("length", _common(clock(f.audio.frames / f.audio.sample_rate) for f in stems if f.audio)),
        ]
    elif report.plan is not None:
        figures = [
            ("stems planned", str(len([s for s in report.plan.stems if s.variant == "stem"]))),
            ("sample rate", f"{report.plan.sample_rate} Hz"),
            ("length", clock(report.plan.bounds.frames / report.plan.sample_rate)),
        ]
    if report.session is not None:
        numerator, denominator = report.session.meter
        changes = " and changes" if report.session.tempo_points else ""
        figures.append(("tempo", f"{report.session.tempo_bpm:g} bpm, {numerator}/{denominator}{changes}"))
    return figures


def _proof(report: Report) -> str:
    if report.sum is None:
        return ""
    return report.sum.cannot_tell or report.sum.verdict


def _finding_view(finding: Finding, number: int) -> dict[str, Any]:
    parts = rule_parts(finding.rule)
    return {
        "number": number,
        "rule": finding.rule,
        "name": finding.name,
        "severity": finding.severity,
        "sign": SEVERITY_SIGNS[finding.severity],
        "subject": finding.subject,
        "message": finding.message,
        "settled": finding.handled or (f"accepted: {finding.accepted}" if finding.accepted else ""),
        "places": [
            {"start_s": w.start_s, "end_s": w.end_s, "text": f"{seconds(w.start_s)} – {seconds(w.end_s)}"}
            for w in finding.where[:12]
        ],
        "more_places": max(0, len(finding.where) - 12),
        "why": parts.get("why", ""),
        "fix_reaper": parts.get("fix in reaper", ""),
        "fix_any": parts.get("fix in any daw", ""),
    }


def _steps_view(report: Report) -> list[dict[str, Any]]:
    """Group findings by the guide's steps, steps with an error first; a step without findings says that it is fine."""
    order = {"error": 0, "warning": 1, "note": 2}
    ranked = sorted(
        report.findings, key=lambda f: (bool(f.handled or f.accepted), order[f.severity], f.rule, f.subject)
    )
    numbered = list(enumerate(ranked))
    guides = {rule.id: rule.guide for rule in all_rules()}
    judged = {guides.get(rule_id) for rule_id in report.checked}
    steps = []
    for step, title in (*GUIDE_STEPS.items(), (None, "Beyond the guide")):
        found = [_finding_view(f, n) for n, f in numbered if f.guide == step]
        if found or step is not None:
            steps.append({"step": step or "", "title": title, "findings": found, "judged": step in judged})
    return sorted(steps, key=lambda group: not any(_is_error(found) for found in group["findings"]))


def _is_error(found: Mapping[str, Any]) -> bool:
    return found["severity"] == "error" and not found["settled"]


def _file_view(file: FileFacts, open_findings: int, worst: str) -> dict[str, Any]:
    audio, container = file.audio, file.container
    duration = None if audio is None else audio.frames / audio.sample_rate
    peak = None if audio is None else audio.sample_peak_dbfs
    return {
        "path": file.path,
        "role": file.role.replace("_", " ") + (f", {file.variant}" if file.variant and file.variant != "stem" else ""),
        "peak": decibels(peak),
        "peak_sort": -999.0 if peak is None else peak,
        "bar": 0.0 if peak is None else round(min(BAR_WIDTH, max(0.0, BAR_WIDTH * (1 + peak / BAR_DB))), 1),
        "true_peak": decibels(None if audio is None else audio.true_peak_dbtp),
        "loudness": decibels(None if audio is None else audio.integrated_lufs),
        "crest": decibels(None if audio is None else audio.crest_db),
        "image": "–" if audio is None else audio.image.replace("_", " "),
        "depth": container.encoding or container.codec or "–",
        "length": "–" if duration is None else clock(duration),
        "trim": decibels(file.trim_db, signed=True),
        "findings": open_findings,
        "worst": worst,
        "unreadable": file.unreadable or "",
    }


def _files_view(report: Report) -> list[dict[str, Any]]:
    views = []
    for file in report.files:
        own = [f for f in report.open_findings if f.subject == file.path]
        worst = next((s for s in ("error", "warning", "note") if any(f.severity == s for f in own)), "")
        views.append(_file_view(file, len(own), worst))
    return views


def _verdict(report: Report) -> dict[str, str]:
    words = VERDICTS[report.verdict] | {"key": report.verdict}
    before = report.kind in {"inspect", "plan"}
    return words | {"word": BEFORE_RENDERING[report.verdict]} if before else words


def page_view(report: Report) -> dict[str, Any]:
    """Return everything that the template prints.

    Parameters
    ----------
    report
        Of any kind.

    Returns
    -------
    dict
        Plain strings, numbers, lists and dicts. Strings are not escaped: the template does that.
    """
    lanes = lanes_view(report)
    found = {f.rule for f in report.findings}
    return {
        "title": report.subject.replace("\\", "/").rstrip("/").rsplit("/", 1)[-1] or report.subject,
        "kind": report.kind,
        "version": __version__,
        "verdict": _verdict(report),
        "counts": {s: report.count(s) for s in ("error", "warning", "note")},
        "profile": report.profile_title,
        "figures": _figures(report),
        "proof": _proof(report),
        "accepted": [(f.rule, f.subject, f.accepted) for f in report.findings if f.accepted],
        "steps": _steps_view(report),
        "clean": [f"{rule.id} {rule.name}" for rule in all_rules() if rule.id in set(report.checked) - found],
        "skipped": [(s.rule, s.subject, s.reason) for s in report.skipped],
        "files": _files_view(report),
        "lanes": lanes,
        "lanes_json": _embedded_json(lanes["data"]),
        "report_json": _embedded_json(report_dict(report)),
        "message": render_message(report),
        "tracks": tracks_view(report),
    }
