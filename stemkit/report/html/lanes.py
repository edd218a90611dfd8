"""The song as lanes: every file's waveform on one time axis, with bars, markers and the places of findings. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from stemkit.report.html.waves import packed_peaks, wave_path
from stemkit.report.html.words import clock

if TYPE_CHECKING:
    from stemkit.model.audio import AudioFacts, FileFacts
    from stemkit.model.report import Report

__all__ = ["lanes_view"]

_MAX_BARS = 400  # more lines than that are no help
_ORDER = {"rough_mix": 0, "proof_mix": 1, "stem": 2, "reference": 4, "other": 5}
_FLOOR_DB = -100.0  # the residual lane's bottom
_CUT_S = 0.05  # how wide a cut tail is marked
_MARK_WORDS = {
    "silence": "digital silence",
    "gap": "noise in a gap",
    "error": "clipped, or out of place",
    "warning": "ends while sounding",
}


def _marks(report: Report, file: FileFacts, audio: AudioFacts) -> list[dict[str, Any]]:
    """Return what is marked on a file's lane: the places of its findings, noisy gaps, cut tails, silence."""
    rate = audio.sample_rate
    marks = [
        {"start_s": w.start_s, "end_s": w.end_s, "kind": f.severity, "text": f"{f.rule} {f.name}"}
        for f in report.findings
        if f.subject == file.path
        for w in f.where
    ]
    duration = audio.frames / rate
    spans = [
        *((g.start_frame / rate, g.end_frame / rate, "silence" if g.digital else "gap") for g in audio.gaps),
        *((r.start_frame / rate, r.end_frame / rate, "error") for r in audio.clipped_runs),
        (0.0, audio.lead_silence_frames / rate, "silence"),
        (duration - audio.tail_silence_frames / rate, duration, "silence"),
    ]
    if audio.tail_cut:
        spans.append((max(0.0, duration - _CUT_S), duration, "warning"))
    offset_s = _offset_s(report, file, rate)
    if offset_s:
        spans.append((audio.lead_silence_frames / rate, audio.lead_silence_frames / rate + abs(offset_s), "error"))
    seen = {(m["start_s"], m["end_s"]) for m in marks}
    return marks + [
        {"start_s": start, "end_s": end, "kind": kind, "text": _MARK_WORDS[kind]}
        for start, end, kind in spans
        if end > start and (start, end) not in seen
    ]


def _offset_s(report: Report, file: FileFacts, rate: int) -> float:
    """Return how late the proof found a file, in seconds (negative: early); 0 where it lies right."""
    accused = report.sum.accusations if report.sum is not None else ()
    return next((a.lag_samples / rate for a in accused if a.path == file.path and a.lag_samples), 0.0)


def _describe(file: FileFacts, audio: AudioFacts) -> str:
    peak = "silent" if audio.sample_peak_dbfs is None else f"peak {audio.sample_peak_dbfs:.1f} dBFS"
    lead_s = audio.lead_silence_frames / audio.sample_rate
    start = f", first sound at {clock(lead_s)}" if lead_s > 0 else ""
    return f"{file.path}: {clock(audio.frames / audio.sample_rate)}, {peak}{start}"


def _bars(report: Report, length_s: float) -> list[float]:
    """Return where bars begin, in seconds of the files, while the tempo is one throughout; else nothing."""
    session, plan = report.session, report.plan
    if session is None or session.tempo_points or session.tempo_bpm <= 0:
        return []
    numerator, denominator = session.meter
    bar_s = 60.0 / session.tempo_bpm * numerator * 4 / denominator
    start_s = plan.bounds.start_s if plan is not None else 0.0
    count = int((start_s + length_s) / bar_s) + 1
    bars = [index * bar_s - start_s for index in range(count)]
    return [bar for bar in bars if bar >= 0] if count <= _MAX_BARS else []


def lanes_view(report: Report) -> dict[str, Any]:
    """Return the lanes: what the static drawing needs, and under ``data`` what the script draws from.

    Times are seconds from the start of the files; peaks are packed by `packed_peaks`.
    """
    heard = [f for f in report.files if f.audio is not None and f.audio.frames]
    heard.sort(key=lambda f: (_ORDER[f.role], f.path))
    length_s = max((f.audio.frames / f.audio.sample_rate for f in heard if f.audio), default=0.0)
    start_s = report.plan.bounds.start_s if report.plan is not None else 0.0
    lanes: list[dict[str, Any]] = []
    data: list[dict[str, Any]] = []
    for number, file in enumerate(heard):
        audio = file.audio
        if audio is None:
            continue
        duration = audio.frames / audio.sample_rate
        lanes.append(
            {
                "number": number,
                "path": file.path,
                "role": file.role,
                "alt": _describe(file, audio),
                "d": wave_path(audio.envelope, duration / length_s),
            }
        )
        data.append(
            {
                "path": file.path,
                "role": file.role,
                "seconds": duration,
                "peaks": packed_peaks(audio.envelope),
                "marks": _marks(report, file, audio),
            }
        )
    markers = [
        {"at_s": m.position_s - start_s, "name": m.name}
        for m in (report.session.markers if report.session is not None else ())
        if 0 <= m.position_s - start_s <= length_s
    ]
    residual = [] if report.sum is None else [_FLOOR_DB if v is None else v for v in report.sum.per_second_db]
    return {
        "lanes": lanes,
        "length": clock(length_s),
        "markers": markers,
        "residual": bool(residual),
        "data": {
            "seconds": length_s,
            "lanes": data,
            "bars": _bars(report, length_s),
            "markers": markers,
            "residual": residual,
        },
    }
