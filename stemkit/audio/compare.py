"""The proof's front: stems and a mix in, `SumFacts` out."""

from __future__ import annotations

from collections import Counter
from contextlib import ExitStack
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from stemkit.audio.proof.absent import find_lack, missing_content
from stemkit.audio.proof.align import align_mix, needs_fold
from stemkit.audio.proof.explain import Ground, lay_ground
from stemkit.audio.proof.guilt import decide_kind, investigate, nulls_somewhere, relate_stems
from stemkit.audio.proof.master import describe_bus
from stemkit.audio.proof.residual import (
    AlignedMix,
    Alignment,
    Null,
    bit_depth_floor,
    measure_null,
)
from stemkit.audio.proof.scan import Scan, scan_stems
from stemkit.audio.proof.streams import MixInput, Source, StemInput, open_stem
from stemkit.audio.proof.verdict import Evidence, pronounce
from stemkit.audio.proof.views import choose_windows, open_views
from stemkit.errors import UsageError
from stemkit.model.audio import SumFacts

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = ["MixInput", "StemInput", "prove"]

_GOOD_ENOUGH_DB = -40.0  # below that, sum and mix lie on each other without any search
_SAME_GAIN = 2e-3
_EXPLAINED_DB = -60.0  # what is left below that needs no further explanation
_MARGIN_DB = 6.0  # dither with shaped noise lies above the flat one that the floor assumes


def prove(stems: Sequence[StemInput], mix: MixInput, *, progress: Callable[[float], None] | None = None) -> SumFacts:
    """Tell whether the stems add up to the mix, and if not, which of them is guilty.

    Parameters
    ----------
    stems
        The files that should add up; dry and wet variants stay out.
    mix
        The mix: any rate, mono or stereo, also lossy.
    progress
        Called with the part done, 0…1.

    Returns
    -------
    SumFacts
        Figures, accusations and one sentence.

    Raises
    ------
    UsageError
        There are no stems.
    InputError
        A file cannot be read or has more than two channels.
    """
    if not stems:
        raise UsageError("There are no stems to add up; give at least one file beside the mix.")
    with ExitStack() as stack:
        sources = [open_stem(s) for s in stems]
        for source in sources:
            stack.callback(source.close)
        reference = Source(mix.path, mix.label)
        stack.callback(reference.close)
        rate = Counter(s.file_rate for s in sources).most_common(1)[0][0]
        for source in (*sources, reference):
            source.rate = rate
        frames = max(s.frames for s in sources)
        scan = scan_stems(sources, frames, progress=(lambda p: progress(0.6 * p)) if progress else None)
        stack.callback(scan.total.close)
        return _compare(sources, reference, scan)


def _compare(sources: list[Source], reference: Source, scan: Scan) -> SumFacts:
    rate = reference.rate
    fold = needs_fold(reference, scan)
    alignment, drift = Alignment(fold=fold), 0.0
    mix = AlignedMix(reference, alignment)
    null = _null(scan, mix, rate)
    if null.db is not None and null.db > _GOOD_ENOUGH_DB:
        found, drift = align_mix(reference, scan, fold=fold)
        if found != alignment:
            moved = AlignedMix(reference, found)
            other = _null(scan, moved, rate)
            if other.db is None or other.db < null.db - 0.05 or found.confidence > 0.3:
                alignment, mix, null = found, moved, other
    floor = bit_depth_floor([s.subtype for s in sources], reference.subtype, null.mix / max(scan.frames, 1) / 2)
    adds_up = null.exact_zero or (null.db is not None and floor is not None and null.db <= floor + _MARGIN_DB)
    evidence = Evidence(
        sources=sources,
        reference=reference,
        scan=scan,
        alignment=alignment,
        null=null,
        floor_db=floor,
        adds_up=adds_up,
        drift=drift,
    )
    if adds_up or null.mix <= 0 or not scan.energy.any():
        return pronounce(evidence)
    _look_for_guilt(evidence, mix)
    return pronounce(evidence)


def _look_for_guilt(evidence: Evidence, mix: AlignedMix) -> None:
    sources, fold = evidence.sources, evidence.alignment.fold
    noise = 10 ** ((evidence.floor_db or -150) / 10) * evidence.null.mix / max(evidence.scan.frames, 1) / 2
    ground = _ground(evidence, mix, noise)
    relations = relate_stems(sources, ground, fold=fold)
    common = relations.common()
    if common is not None and abs(common - 1) > _SAME_GAIN:
        gain = evidence.alignment.gain * common
        gain = float(np.sign(gain)) if abs(abs(gain) - 1) < _SAME_GAIN else gain
        evidence.alignment = replace(evidence.alignment, gain=gain)
        mix = AlignedMix(evidence.reference, evidence.alignment)
        evidence.null = _null(evidence.scan, mix, evidence.reference.rate)
        ground = _ground(evidence, mix, noise)
        relations = relate_stems(sources, ground, fold=fold)
    findings = investigate(sources, ground, noise, fold=fold, first=relations)
    evidence.clean = findings.ground.depth_db < _EXPLAINED_DB or nulls_somewhere(findings.ground)
    if not evidence.clean:
        ground, depths = decide_kind(findings.start, noise)
        if ground.kind != "plain":
            findings = investigate(sources, ground, noise, fold=fold)
        evidence.bus = describe_bus(findings.ground, depths)
    evidence.findings = findings
    done = {e.stem for e, _ in findings.accepted}
    if findings.ground.depth_db > _EXPLAINED_DB:
        evidence.lack = find_lack(
            sources, evidence.scan, findings.ground, findings.last, clean=evidence.clean, done=done
        )
        if evidence.lack is None or evidence.lack.fault == "silent":
            evidence.missing = missing_content(findings.ground, clean=evidence.clean)


def _ground(evidence: Evidence, mix: AlignedMix, noise: float) -> Ground:
    scan, rate = evidence.scan, evidence.reference.rate
    end = min(scan.frames, evidence.reference.frames - mix.shift)
    starts = choose_windows(scan, rate, evidence.null.per_second, max(end, 1))
    views = open_views(scan, mix, starts, rate)
    return lay_ground(views, views.total, "plain", noise)


def _null(scan: Scan, mix: AlignedMix, rate: int) -> Null:
    return measure_null(scan.total, mix, max(scan.frames, mix.source.frames - mix.shift), rate)
