"""SK806: what is known about dry and wet pairs becomes findings, and what is not becomes a skip."""

from __future__ import annotations

from typing import Any

from stemkit.model.audio import FileFacts, PairFacts
from tests.rules.stems import RATE, case, found, skips, stem

PLAIN = stem("Stems/07_Vocals.wav", variant="stem")


def dry(frames: int = 10 * RATE, **known: Any) -> FileFacts:
    facts = {"residual_db": -9.0, "lag_samples": 0.0, "dry_end_s": 7.0, "wet_end_s": 8.5, **known}
    path = "Stems_Dry/07_Vocals_Dry.wav"
    pair = PairFacts(dry=path, wet=PLAIN.path, **facts)
    return stem(path, variant="dry", partner=PLAIN.path, pair=pair, frames=frames)


CASES = {"SK806": (case("SK806", PLAIN, dry()), case("SK806", PLAIN, dry(lag_samples=64.0)))}


def test_length_sound_place_and_tail_are_each_told() -> None:
    words = {
        "shorter than its twin": dry(frames=9 * RATE),
        "hold the same audio": dry(residual_db=None),
        "64 samples early": dry(lag_samples=-64.0),
        "rings on until 9.00 s": dry(dry_end_s=9.0),
    }
    for text, file in words.items():
        findings = found("SK806", PLAIN, file)
        assert [f.severity for f in findings] == ["warning"]
        assert text in findings[0].message


def test_what_is_not_known_is_skipped_with_the_reason() -> None:
    assert [s.reason for s in skips("SK806", PLAIN)] == ["there is no dry or wet version of any stem"]
    assert "too much" in skips("SK806", PLAIN, dry(lag_samples=None))[0].reason
    assert "is silent" in skips("SK806", PLAIN, dry(wet_end_s=None))[0].reason
    alone = stem("Stems_Dry/07_Vocals_Dry.wav", variant="dry", partner=PLAIN.path)
    assert "could not be compared" in skips("SK806", PLAIN, alone)[0].reason
