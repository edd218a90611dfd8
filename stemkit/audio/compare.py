"""The proof's front: stems and a mix in, `SumFacts` out."""

from __future__ import annotations

from collections import Counter
from contextlib import ExitStack
from typing import TYPE_CHECKING

from stemkit.audio.proof.align import align_mix, needs_fold
from stemkit.audio.proof.guilt import (
    relate_stems,
)
from stemkit.audio.proof.inquiry import ground_of, look_for_guilt, measure, noise_of, null_of
from stemkit.audio.proof.limits import hopeless, limits, span
from stemkit.audio.proof.residual import (
    AlignedMix,
    Alignment,
)
from stemkit.audio.proof.scan import Scan, scan_stems
from stemkit.audio.proof.streams import MixInput, Source, StemInput, open_stem
from stemkit.audio.proof.verdict import Evidence, pronounce
from stemkit.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from stemkit.model.audio import SumFacts

__all__ = ["MixInput", "StemInput", "prove"]

_CLOSE_DB = -40.0
_DEEPER_DB = 6.0
_CONFIDENT = 0.3
_OFFSETS = {"late", "early"}
_SAME_LAG = 0.25  # samples


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
    fold = needs_fold(reference, scan)
    for source in sources:
        source.fold = fold
    alignment = Alignment(fold=fold)
    mix = AlignedMix(reference, alignment)
    null = null_of(scan, mix)
    evidence = Evidence(sources=sources, reference=reference, scan=scan, alignment=alignment, null=null, drift=0.0)
    measure(evidence)
    if not evidence.adds_up and null.db is not None:
        found, evidence.drift = align_mix(reference, scan, fold=fold)
        moved = AlignedMix(reference, found)
        other = null_of(scan, moved)
        # Where sum and mix nearly null as they lie, only a much deeper null moves them.
        better = other.db is None or other.db < null.db - (_DEEPER_DB if null.db < _CLOSE_DB else 0.05)
        if better or (null.db > _CLOSE_DB and found.confidence > _CONFIDENT):
            evidence.alignment, mix, evidence.null = found, moved, other
            measure(evidence)
    _judge(evidence, mix)
    if _moved_by_one_stem(evidence):
        unmoved = Evidence(sources=sources, reference=reference, scan=scan, alignment=alignment, null=null, drift=0.0)
        measure(unmoved)
        _judge(unmoved, AlignedMix(reference, alignment))
        if unmoved.cannot_tell is None and _depth_db(unmoved) < _depth_db(evidence):
            evidence, mix = unmoved, AlignedMix(reference, unmoved.alignment)
    if evidence.adds_up and evidence.likeness is None and len(sources) > 1:
        ground = ground_of(evidence, mix, noise_of(evidence))
        evidence.likeness = relate_stems(sources, ground, fold=fold).likeness()
    return pronounce(evidence)


def _judge(evidence: Evidence, mix: AlignedMix) -> None:
    """Look for who is guilty, with the mix where it is."""
    first, last = span(evidence.scan, mix)
    evidence.compared_s = max(0, last - first) / evidence.reference.rate
    evidence.notes = limits(evidence, mix)
    evidence.cannot_tell = hopeless(evidence, mix)
    if not evidence.adds_up and evidence.cannot_tell is None and not evidence.drift:
        look_for_guilt(evidence, mix)


def _moved_by_one_stem(evidence: Evidence) -> bool:
    """Tell whether a loud stem that is late moved the mix.

    Then other stems seem to lie off by just as much, or most of them seem to have no share in the mix.
    """
    offset = evidence.alignment.offset_samples
    if not offset or evidence.drift:
        return False
    if evidence.findings is None:
        return evidence.cannot_tell is not None
    return any(e.fault in _OFFSETS and abs(e.lag - offset) < _SAME_LAG for e, _ in evidence.findings.accepted)


def _depth_db(evidence: Evidence) -> float:
    """Return how deep the explained null is, 0 where nothing could be told."""
    return 0.0 if evidence.findings is None else evidence.findings.ground.depth_db
