"""Facts of files in memory, healthy unless a test says otherwise, and one call that judges them.

`found` and `skips` run rules the way `stemkit check` does. A test module of rules offers a table
``CASES: dict[str, tuple[Case, Case]]`` that maps a rule's id to one call that must find nothing and one that must
find something; `test_every_rule.py` gathers the tables of all modules named ``tests/rules/test_*.py``, those of
session and proof rules too, and fails for a rule without both.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import fields
from typing import Any

from stemkit.app.check import judge, rules_to_run
from stemkit.model.audio import AudioFacts, ContainerFacts, FileFacts, LossyEvidence
from stemkit.model.report import Finding, Report, Skip
from stemkit.rules.contexts import CheckContext, expected_rate, main_mix
from stemkit.rules.profiles import load_profile

Case = Callable[[], Sequence[Finding]]

RATE = 48000
SECONDS = 10
NOT_LOSSY = LossyEvidence(suspected=False, confidence=0.0)
_OF_CONTAINER = {f.name for f in fields(ContainerFacts)}
_OF_AUDIO = {f.name for f in fields(AudioFacts)}
_OF_FILE = {f.name for f in fields(FileFacts)} - {"container", "audio"}


def stem(path: str = "01_Kick.wav", **facts: Any) -> FileFacts:
    """Make one file; each fact goes where it belongs, rate, channels and frames into both header and samples."""
    rate = facts.get("sample_rate", RATE)
    channels = facts.get("channels", 1)
    frames = facts.setdefault("frames", SECONDS * (rate or RATE))
    header: dict[str, Any] = {
        "container": "wav",
        "size_bytes": 44 + frames * channels * 3,
        "encoding": "pcm24",
        "bits": 24,
        "sample_rate": rate,
        "channels": channels,
        "frames": frames,
    }
    samples: dict[str, Any] = {
        "sample_rate": rate or RATE,
        "channels": channels,
        "frames": frames,
        "sample_peak_dbfs": -4.5,
        "sample_peak_frame": rate,
        "sample_peak_channel": 0,
        "true_peak_dbtp": -4.3,
        "integrated_lufs": -20.0,
        "dc_offset": (0.0,) * channels,
        "tail_cut": False,
        "image": "mono" if channels == 1 else "stereo",
        "effective_bits": 24,
        "subsonic_db": -40.0,
        "lossy": NOT_LOSSY,
    }
    header.update({k: v for k, v in facts.items() if k in _OF_CONTAINER})
    samples.update({k: v for k, v in facts.items() if k in _OF_AUDIO - {"sample_rate"}})
    known = _OF_CONTAINER | _OF_AUDIO | _OF_FILE | {"audio"}
    assert facts.keys() <= known, facts.keys() - known
    return FileFacts(
        path=path,
        role=facts.get("role", "stem"),
        container=ContainerFacts(**header),
        audio=facts.get("audio", AudioFacts(**samples)),
        **{k: v for k, v in facts.items() if k in _OF_FILE - {"path", "role"}},
    )


def mix(path: str = "Rough_Mix.wav", **facts: Any) -> FileFacts:
    return stem(path, role="rough_mix", channels=2, **{"sample_peak_dbfs": -1.0, **facts})


def report_on(*files: FileFacts, profile: str = "mix-prep", rules: Sequence[str] = (), **known: Any) -> Report:
    against = load_profile(profile)
    context = CheckContext(
        **{
            "profile": against,
            "files": files,
            "main_mix": main_mix(files),
            "expected_rate": expected_rate(against, main_mix(files), known.get("session")),
            **known,
        }
    )
    return judge(context, rules_to_run(rules, ()), subject="Stems")


def found(rule: str, *files: FileFacts, **known: Any) -> tuple[Finding, ...]:
    return report_on(*files, rules=(rule,), **known).findings


def skips(rule: str, *files: FileFacts, **known: Any) -> tuple[Skip, ...]:
    return report_on(*files, rules=(rule,), **known).skipped


def case(rule: str, *files: FileFacts, **known: Any) -> Case:
    return lambda: found(rule, *files, **known)
