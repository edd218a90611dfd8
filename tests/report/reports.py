"""Reports in memory for the tests of the reporters."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from stemkit.model.audio import Run
from stemkit.model.report import Finding, Report
from tests.rules.stems import mix, report_on, stem

Make = Callable[[], Report]
CLIPS = tuple(Run(start_frame=n * 48000, end_frame=n * 48000 + 8, channel=c) for n in range(1, 9) for c in (0, 1))


def clean() -> Report:
    others = ("Brief.md",)
    bass = stem("02_Bass.wav", sample_peak_frame=4711)
    return report_on(stem(), bass, mix(), stem("Ref.wav", role="reference"), others=others)


def dirty() -> Report:
    files = (
        stem("01_Kick.wav", sample_peak_dbfs=-4.4),
        stem("02_Snare.wav", channels=2, sample_peak_dbfs=0.0, clipped_runs=CLIPS),
        stem("Gitarre links.wav", encoding="pcm16", channels=2, image="left_only"),
        stem("04_Pad.wav", sample_peak_dbfs=None, true_peak_dbtp=None, integrated_lufs=None, image="silent"),
        mix(frames=600000),
    )
    return report_on(*files, others=("Brief.txt",))


def evil() -> Report:
    """A report whose names try to move the cursor, colour the screen, and end what surrounds them."""
    name = '01_\x1b[2J\u202e[bold]<b>&"\r\n::error::%\x00\udcff.wav'
    return report_on(stem(name, sample_peak_dbfs=0.0))


def of(*findings: Finding, **facts: Any) -> Report:
    base: dict[str, Any] = {"kind": "check", "subject": "Stems", "profile_id": "p", "profile_title": "P"}
    return Report(findings=findings, **{**base, **facts})


def finding(severity: Any = "error", **facts: Any) -> Finding:
    base: dict[str, Any] = {"rule": "SK303", "name": "clipping", "subject": "01_Kick.wav", "message": "It clips."}
    return Finding(severity=severity, **{**base, **facts})
