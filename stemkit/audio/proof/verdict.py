"""From evidence to words: accusations, the table of stems, one sentence."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias, cast

import numpy as np

from stemkit.audio.proof.residual import OCTAVES_HZ, Alignment, Null, decibels
from stemkit.audio.proof.words import NOTHING_DB, in_db, what_is_wrong, when_mended
from stemkit.model.audio import Accusation, MissingContent, StemShare, SumFacts

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from stemkit.audio.proof.absent import Lack
    from stemkit.audio.proof.explain import Explanation
    from stemkit.audio.proof.guilt import Findings
    from stemkit.audio.proof.scan import Scan
    from stemkit.audio.proof.streams import Source
    from stemkit.model.audio import Fault

__all__ = ["Evidence", "grouped", "pronounce"]

_Figures: TypeAlias = "tuple[float | None, float | None, float | None, int | None]"
_COPY = 0.9999
_TWIN = 0.97
_STILL_DB = -60.0  # below that no gain moves
_SURE, _UNSURE = 0.9, 0.45
_TOLD = 0.3  # confidence below which no figure is told
_PRESENT = 0.5  # least gain of a stem that is there


@dataclass(slots=True, kw_only=True)
class Evidence:
    """All that the verdict rests on."""

    sources: list[Source]
    reference: Source
    scan: Scan
    alignment: Alignment
    null: Null
    drift: float
    floor_db: float | None = None
    adds_up: bool = False
    unrepeatable: tuple[int, ...] = ()
    likeness: NDArray[np.float64] | None = None  # normalised correlation between stems
    findings: Findings | None = None
    clean: bool = False
    lack: Lack | None = None
    missing: tuple[MissingContent, ...] = ()
    bus: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    shared_dips: tuple[int, ...] | None = None
    cannot_tell: str | None = None
    compared_s: float | None = None

    @property
    def labels(self) -> list[str]:
        """Return the stems' names."""
        return [s.label for s in self.sources]

    @property
    def converted(self) -> bool:
        """Tell whether a rate or a codec explains a residual by itself."""
        mixed = len({s.file_rate for s in (self.reference, *self.sources)}) > 1
        return mixed or self.reference.is_lossy or any(s.is_lossy for s in self.sources)

    @property
    def seconds(self) -> float:
        """Return the length of the stems."""
        return float(self.scan.frames / self.reference.rate)


def pronounce(evidence: Evidence) -> SumFacts:
    """Put the evidence into figures and one sentence."""
    null, alignment = evidence.null, evidence.alignment
    accusations = _accusations(evidence)
    return SumFacts(
        reference=evidence.reference.label,
        null_db=None if null.exact_zero else null.db,
        exact=null.exact_zero,
        adds_up=None if evidence.cannot_tell else evidence.adds_up,
        gain_db=float(20 * np.log10(abs(alignment.gain))),
        offset_samples=alignment.offset_samples,
        inverted=alignment.gain < 0,
        bit_depth_floor_db=evidence.floor_db,
        per_second_db=tuple(decibels(r, m) for r, m in null.per_second),
        per_band_db=tuple((hz, decibels(r, m)) for hz, (r, m) in zip(OCTAVES_HZ, null.per_band, strict=True)),
        accusations=accusations,
        missing=evidence.missing,
        bus=evidence.bus,
        unrepeatable=tuple(evidence.labels[k] for k in evidence.unrepeatable),
        shared_dips=_dips(evidence),
        explained_by=(*(a.detail for a in accusations), *evidence.bus),
        shares=_shares(evidence),
        duplicates=_duplicates(evidence),
        drift_ppm=evidence.drift * 1e6 if evidence.drift else None,
        sum_peak_dbfs=float(20 * np.log10(evidence.scan.peak)) if evidence.scan.peak else None,
        compared_s=evidence.compared_s,
        notes=evidence.notes,
        cannot_tell=evidence.cannot_tell,
        verdict=_sentence(evidence, accusations),
    )


def _sentence(evidence: Evidence, accusations: tuple[Accusation, ...]) -> str:
    null = evidence.null
    if evidence.cannot_tell:
        return f"cannot tell whether the stems add up: {evidence.cannot_tell}"
    if evidence.adds_up:
        return _success(evidence)
    if accusations:
        more = f"; and {len(accusations) - 1} more" if len(accusations) > 1 else ""
        return accusations[0].detail + more
    return _failure(evidence, null)


def _success(evidence: Evidence) -> str:
    null, alignment = evidence.null, evidence.alignment
    changes = []
    if abs(alignment.gain) != 1:
        changes.append(f"{20 * np.log10(abs(alignment.gain)):+.2f} dB of gain".replace("-", "−"))
    if alignment.gain < 0:
        changes.append("polarity turned over")
    if alignment.offset_samples:
        changes.append(f"{alignment.offset_samples:+.10g} samples of offset".replace("-", "−"))
    depth = "to the last bit" if null.exact_zero else in_db(null.db)
    return f"the stems add up to the mix, {depth}" + (f", with {', '.join(changes)}" if changes else "")


def _failure(evidence: Evidence, null: Null) -> str:
    """Return the sentence for a difference that no stem is accused of."""
    if evidence.drift:
        drift = f"{evidence.drift * 1e6:.3g} ppm".replace("-", "−")
        return f"the mix drifts against all stems by {drift}, so they cannot add up"
    if evidence.shared_dips:
        names = ", ".join(evidence.labels[k] for k in evidence.shared_dips)
        return f"{names} dip in level at the same moments, and the mix does not (null {in_db(null.db)})"
    if evidence.unrepeatable:
        names = ", ".join(evidence.labels[k] for k in evidence.unrepeatable)
        return f"{names}: differs by something that does not repeat (null {in_db(null.db)})"
    if evidence.missing:
        found = evidence.missing
        low, high = min(m.low_hz for m in found), max(m.high_hz for m in found)
        return (
            f"the mix holds sound that no stem has, from {found[0].start_s:.1f} to {found[-1].end_s:.1f} s between "
            f"{low:.0f} and {high:.0f} Hz"
        )
    if evidence.bus:
        return f"no stem is guilty: the mix differs by {', '.join(evidence.bus)} (null {in_db(null.db)})"
    return f"the stems do not add up to the mix ({in_db(null.db)}), and no single stem explains it"


def _accusations(evidence: Evidence) -> tuple[Accusation, ...]:
    out = []
    if evidence.findings is not None:
        out = [_accusation(evidence, e, rivals) for e, rivals in evidence.findings.accepted]
        if any(a.confidence >= _SURE for a in out):  # what seems wrong a little may be the great fault's doing
            out = [a for a in out if a.confidence >= _UNSURE]
    if evidence.lack is not None:
        out.append(_lack(evidence, evidence.lack))
    return tuple(out)


def _accusation(evidence: Evidence, explanation: Explanation, rivals: tuple[int, ...]) -> Accusation:
    assert evidence.findings is not None
    labels, findings = evidence.labels, evidence.findings
    fault, twin = explanation.fault, labels[rivals[0]] if rivals else None
    what = what_is_wrong(explanation, evidence.sources[explanation.stem])
    if fault == "extra":
        likeness = np.abs(findings.relations.likeness()[explanation.stem]).copy()
        likeness[explanation.stem] = 0
        holder = int(np.argmax(likeness))
        if likeness[holder] > _COPY:
            fault, twin, what = (
                "doubled",
                labels[holder],
                f"is in the sum twice: it is the same sound as {labels[holder]}",
            )
        elif likeness[holder] > 0.5 and findings.start.depth_db - findings.ground.depth_db > 10:
            fault, twin, what = "doubled", labels[holder], f"is in the sum twice: {labels[holder]} holds it too"
    depth = findings.ground.depth_db
    name = labels[explanation.stem] + (f" or its twin {twin}" if rivals and fault != "doubled" else "")
    return Accusation(
        path=labels[explanation.stem],
        fault=cast("Fault", fault),
        confidence=_confidence(explanation),
        twin=twin,
        gain_db=float(20 * np.log10(abs(explanation.gain))) if explanation.gain else None,
        lag_samples=explanation.lag or None,
        drift_ppm=explanation.drift * 1e6 or None,
        explained_db=max(depth, NOTHING_DB),
        detail=f"{name} {what}: the mix is explained to {in_db(depth)} {when_mended(fault, explanation)}",
    )


def _confidence(explanation: Explanation) -> float:
    """Return 0…1: how far and in how many cells the residual falls."""
    return float(np.clip(explanation.local_db / 20, 0.3, 1) * np.clip(explanation.cells / 40, 0.5, 1))


def _lack(evidence: Evidence, lack: Lack) -> Accusation:
    name, end = evidence.labels[lack.stem], evidence.seconds
    texts = {
        "silent": "is silent, and the mix holds sound that no stem has",
        "tail_cut": f"stops at {lack.from_s or 0:.1f} s, and the mix goes on",
        "channel_missing": "has nothing on one side, where the mix has its sound",
        "other_take": "is not what plays in the mix: another take, or another sound, lies in its place",
    }
    return Accusation(
        path=name,
        fault=lack.fault,
        confidence=min(0.95, lack.likeness),
        detail=f"{name} {texts[lack.fault]}",
        where=((lack.from_s, end),) if lack.from_s is not None else (),
    )


def _dips(evidence: Evidence) -> tuple[str, ...] | None:
    """Return the stems that dip together. Where all stems add up, or do once mended, no gain moves."""
    if evidence.shared_dips is not None:
        return tuple(evidence.labels[k] for k in evidence.shared_dips)
    found = evidence.findings
    mended = found is not None and found.ground.kind == "plain" and found.ground.depth_db < _STILL_DB
    return () if evidence.cannot_tell is None and (evidence.adds_up or mended) else None


def _duplicates(evidence: Evidence) -> tuple[tuple[str, ...], ...]:
    if evidence.likeness is None:
        return ()
    groups = grouped(np.abs(evidence.likeness) > _COPY)
    return tuple(tuple(evidence.labels[k] for k in group) for group in groups)


def grouped(alike: NDArray[np.bool_]) -> list[list[int]]:
    """Return which belong together, each group once; copies of copies do as well."""
    groups, left = [], list(range(len(alike)))
    while left:
        group = left[:1]
        for member in group:  # grows meanwhile
            group += [k for k in left if k not in group and alike[member, k]]
        if len(group) > 1:
            groups.append(sorted(group))
        left = [k for k in left if k not in group]
    return groups


def _shares(evidence: Evidence) -> tuple[StemShare, ...]:
    energy = evidence.scan.energy.sum(axis=(1, 2), dtype=float)
    found = evidence.findings
    if found is None:
        # A deep null says for every stem that it plays as it is; anything else says nothing about any of them.
        sure = 1.0 if evidence.adds_up else None
        told = 0.0 if evidence.adds_up else None
        figures: list[_Figures] = [(told, told, sure, None)] * len(energy)
    else:
        figures = [_figures(found, k) for k in range(len(energy))]
    accused = {e.stem: e for e, _ in found.accepted} if found else {}
    shares = []
    for k, (label, (gain_db, lag, sure, twin)) in enumerate(zip(evidence.labels, figures, strict=True)):
        sounds, mended = energy[k] > 0, accused.get(k)
        if mended is not None:
            gain_db = 20 * float(np.log10(abs(mended.gain))) if mended.gain else None  # noqa: PLW2901  (what mends it)
            lag, sure = mended.lag, _confidence(mended)  # noqa: PLW2901  (as above)
        shares.append(
            StemShare(
                path=label,
                gain_db=gain_db if sounds else None,
                inverted=bool(mended and mended.gain < 0) if sounds and sure is not None else None,
                lag_samples=lag if sounds else None,
                energy_share=float(energy[k] / max(evidence.null.mix, 1e-30)),
                confidence=sure if sounds else None,
                twin=evidence.labels[twin] if twin is not None else None,
            )
        )
    return tuple(shares)


def _figures(found: Findings, stem: int) -> _Figures:
    """Return gain in dB, lag, confidence and twin of a stem that nobody accuses, from the fit of all stems together."""
    gain, spread = 1 + float(found.last.gains()[stem]), float(found.last.spread()[stem])
    likeness = np.abs(found.last.likeness()[stem]).copy()
    likeness[stem] = 0
    twin = int(np.argmax(likeness)) if likeness.max(initial=0) > _TWIN else None
    sure = float(np.clip(1 - 4 * spread, 0, 1))
    if sure < _TOLD or gain < _PRESENT:
        return None, None, sure, twin
    # A stem that is there at its own gain lies where it lies: displaced, it would not correlate.
    return 20 * float(np.log10(gain)), 0.0, sure, twin
