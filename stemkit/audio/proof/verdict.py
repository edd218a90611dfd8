"""From evidence to words: accusations, the table of stems, one sentence."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from stemkit.audio.proof.residual import OCTAVES_HZ, Alignment, Null, decibels
from stemkit.model.audio import Accusation, StemShare, SumFacts

if TYPE_CHECKING:
    from stemkit.audio.proof.explain import Explanation
    from stemkit.audio.proof.guilt import Findings
    from stemkit.audio.proof.scan import Scan
    from stemkit.audio.proof.streams import Source

__all__ = ["Evidence", "pronounce"]


@dataclass(slots=True, kw_only=True)
class Evidence:
    """All that the verdict rests on."""

    sources: list[Source]
    reference: Source
    scan: Scan
    alignment: Alignment
    null: Null
    floor_db: float | None
    adds_up: bool
    drift: float
    findings: Findings | None = None
    depths: dict[str, float] = field(default_factory=dict)


def pronounce(evidence: Evidence) -> SumFacts:
    """Put the evidence into figures and one sentence."""
    null, alignment = evidence.null, evidence.alignment
    accusations = tuple(_accusation(evidence, e, rivals) for e, rivals in
                        (evidence.findings.accepted if evidence.findings else ()))
    return SumFacts(
        reference=evidence.reference.label,
        null_db=None if null.exact_zero else null.db,
        exact=null.exact_zero,
        adds_up=evidence.adds_up,
        gain_db=float(20 * np.log10(abs(alignment.gain))),
        offset_samples=alignment.offset_samples,
        inverted=alignment.gain < 0,
        bit_depth_floor_db=evidence.floor_db,
        per_second_db=tuple(decibels(r, m) for r, m in null.per_second),
        per_band_db=tuple((hz, decibels(r, m)) for hz, (r, m) in zip(OCTAVES_HZ, null.per_band, strict=True)),
        accusations=accusations,
        explained_by=tuple(a.detail for a in accusations),
        shares=_shares(evidence),
        verdict=accusations[0].detail if accusations else f"{null.db}",
    )


def _shares(evidence: Evidence) -> tuple[StemShare, ...]:
    return ()


def _accusation(evidence: Evidence, explanation: Explanation, rivals: tuple[int, ...]) -> Accusation:
    assert evidence.findings is not None
    labels = [s.label for s in evidence.sources]
    return Accusation(
        path=labels[explanation.stem], fault=explanation.fault, confidence=0.9,
        twin=labels[rivals[0]] if rivals else None,
        gain_db=float(20 * np.log10(abs(explanation.gain))) if explanation.gain else None,
        lag_samples=explanation.lag, drift_ppm=explanation.drift * 1e6,
        explained_db=evidence.findings.ground.depth_db,
        detail=f"{labels[explanation.stem]} {explanation.fault} g{explanation.gain:.3f} lag{explanation.lag:.2f}"
               f" drift{explanation.drift*1e6:.1f} local{explanation.local_db:.1f} n{explanation.cells} L{explanation.likelihood:.0f} -> {evidence.findings.ground.depth_db:.1f}",
    )
