"""The report as strict JSON, schema ``stemkit.report/1``: the same input gives the same bytes, silence is null.

Every report has what `report_dict` names first. ``set.sum`` (null without a mix) holds the fields of
`stemkit.model.proof.SumFacts` as they are: ``null_db``, the RMS of the residual over the RMS of the mix, is null
where ``exact`` is true (the residual is zero to the last bit, and zero has no decibels) and where one of the two is
silent; ``adds_up`` is null where ``cannot_tell`` says why; ``explained_by`` has one sentence for each of
``accusations[]`` and of ``bus[]``; ``missing[]``, ``unrepeatable[]``, ``duplicates[]``, ``shares[]`` (a stem each),
``per_second_db`` and ``per_band_db`` stand beside them; ``shared_dips`` is null where it was not measured.

What is about a project (``inspect``, ``plan``, ``render``) adds:

``project``
    ``reaper_version``, ``tempo_bpm``, ``meter``, ``sample_rate`` and whether it is forced, ``tracks`` (``guid``,
    ``index``, ``name``, ``depth_change``, ``mute``, ``color``) so that the GUIDs of the plan can be told apart, and
    ``own_render``: what REAPER's Render window stands on.
``plan`` (not with ``inspect --as-is``, which has no plan)
    The fields of `stemkit.model.plan.RenderPlan` as they are: ``stems[]`` (``number``, ``file_name``, ``variant``,
    ``kind``, ``cut_guid``, ``inputs``, ``more_cuts``, ``through``, ``tracks``, ``channels``, ``bypassed``, ``reason``,
    ``notes``), ``excluded[]`` (``guid``, ``index``, ``name``, ``reason``, ``code``), ``bounds`` (``start_s``,
    ``end_s``, ``start_frame``, ``frames``, ``tail_s``, ``explanation``), ``sample_rate`` and its reason,
    ``encoding``, ``gain``, ``channels``, ``adds_up`` (``possible``, ``obstacles``), ``notes``; and ``fidelity``, by
    ``file_name``, ``rough_mix`` and ``proof_mix``: ``level`` and ``reasons``, how true the built-in engine would be.
``levels[]`` (with ``inspect --levels``)
    ``stem``, ``subject``, ``peak_dbfs`` (null: silent or unknown), ``unknown`` (why), ``approximate``.
"""

from __future__ import annotations

import dataclasses
import json
import math
from typing import TYPE_CHECKING, Any

from stemkit._version import __version__
from stemkit.session.own_render import own_render

if TYPE_CHECKING:
    from collections.abc import Iterable

    from stemkit.model.audio import FileFacts, Gap, Run
    from stemkit.model.report import Finding, Report, Skip, Where
    from stemkit.model.session import Session

__all__ = ["SCHEMA", "render", "report_dict"]

SCHEMA = "stemkit.report/1"
_DIGITS = 9  # significant: far beyond any meter, short of the last bits in which machines differ


def render(report: Report, *, width: int = 0, color: bool = False) -> str:  # noqa: ARG001  (every format's shape)
    """Render any report as JSON."""
    return json.dumps(report_dict(report), indent=2, allow_nan=False) + "\n"


def report_dict(report: Report) -> dict[str, Any]:
    """Return the report as plain dicts and lists, as ``stemkit.report/1`` fixes them."""
    found: dict[str, Any] = {
        "schema": SCHEMA,
        "stemkit": __version__,
        "profile": {"id": report.profile_id, "title": report.profile_title},
        "subject": {"kind": report.kind, "path": report.subject},
        "verdict": report.verdict,
        "counts": {severity: report.count(severity) for severity in ("error", "warning", "note")},
        "files": [_file(file) for file in report.files],
        "set": {
            "sum": report.sum and dataclasses.asdict(report.sum),
            "duplicates": [list(paths) for paths in report.duplicates],
        },
        "findings": [_finding(finding) for finding in report.findings],
        "skipped": [_skip(skip) for skip in report.skipped],
    }
    if report.session is not None:
        found["project"] = _project(report.session)
    if report.plan is not None:
        fidelity = {key: dataclasses.asdict(told) for key, told in report.fidelity.items()}
        found["plan"] = {**dataclasses.asdict(report.plan), "fidelity": fidelity}
    if report.levels:
        found["levels"] = [dataclasses.asdict(level) for level in report.levels]
    return _strict(found)  # type: ignore[no-any-return]  # a dict in gives a dict out


def _project(session: Session) -> dict[str, Any]:
    tracks = ("guid", "index", "name", "depth_change", "mute", "color")
    return {
        "reaper_version": session.reaper_version,
        "tempo_bpm": session.tempo_bpm,
        "meter": session.meter,
        "sample_rate": session.sample_rate,
        "sample_rate_forced": session.sample_rate_forced,
        "own_render": {label.lower(): words for label, words in own_render(session)},
        "tracks": [{name: getattr(track, name) for name in tracks} for track in session.tracks],
    }


def _file(file: FileFacts) -> dict[str, Any]:
    header, audio = file.container, file.audio
    rate = header.sample_rate or (audio.sample_rate if audio else None)
    frames = audio.frames if audio else header.frames
    measured = {
        name: getattr(audio, name, None)
        for name in (
            *("sample_peak_dbfs", "true_peak_dbtp", "integrated_lufs", "max_momentary_lufs", "max_short_term_lufs"),
            *("loudness_range_lu", "rms_dbfs", "crest_db", "dc_offset", "effective_bits", "image"),
        )
    }
    return {
        "path": file.path,
        "role": file.role,
        "role_reason": file.role_reason,
        "variant": file.variant,
        "partner": file.partner,
        "trim_db": file.trim_db,
        "container": header.container,
        "encoding": header.encoding,
        "sample_rate": rate,
        "channels": header.channels or (audio.channels if audio else None),
        "frames": frames,
        "duration_s": _seconds(frames, rate),
        "sample_peak_at_s": _seconds(audio.sample_peak_frame, rate) if audio else None,
        **measured,
        "lead_silence_s": _seconds(audio.lead_silence_frames, rate) if audio else None,
        "tail_silence_s": _seconds(audio.tail_silence_frames, rate) if audio else None,
        "clipped_runs": _runs(audio.clipped_runs, rate) if audio else None,
        "unreadable": file.unreadable,
        "file_sha256": file.file_sha256,
        "audio_sha256": file.audio_sha256,
    }


def _seconds(frames: int | None, rate: int | None) -> float | None:
    return frames / rate if frames is not None and rate else None


def _runs(runs: Iterable[Run | Gap], rate: int | None) -> list[dict[str, Any]]:
    return [
        {
            "start_s": _seconds(run.start_frame, rate),
            "end_s": _seconds(run.end_frame, rate),
            "channel": getattr(run, "channel", None),
        }
        for run in runs
    ]


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "rule": finding.rule,
        "name": finding.name,
        "severity": finding.severity,
        "subject": finding.subject,
        "message": finding.message,
        "measured": finding.measured,
        "expected": finding.expected,
        "unit": finding.unit,
        "where": [_where(place) for place in finding.where],
        "guide": finding.guide,
        "fix": dataclasses.asdict(finding.fix) if finding.fix is not None else None,
        "handled": finding.handled,
        "accepted": finding.accepted,
    }


def _where(place: Where) -> dict[str, Any]:
    return {"start_s": place.start_s, "end_s": place.end_s, "channel": place.channel}


def _skip(skip: Skip) -> dict[str, Any]:
    return {"rule": skip.rule, "subject": skip.subject, "reason": skip.reason}


def _strict(value: Any) -> Any:
    """Turn anything into what strict JSON can hold: no infinity, no NaN, no sets, no tuples, no halves of letters."""
    if isinstance(value, float):
        return float(f"{value:.{_DIGITS}g}") if math.isfinite(value) else None
    if isinstance(value, str):  # bytes of a name that are no UTF-8 came in as lone surrogates
        return value if value.isascii() else value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, dict):
        return {_strict(str(key)): _strict(item) for key, item in value.items()}
    if isinstance(value, set | frozenset):
        return sorted(_strict(item) for item in value)
    if isinstance(value, list | tuple):
        return [_strict(item) for item in value]
    return value
