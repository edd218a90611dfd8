"""The proof's front: stems and a mix in, `SumFacts` out."""

from __future__ import annotations

from collections import Counter
from contextlib import ExitStack
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from stemkit.audio.proof.absent import find_lack, missing_content
from stemkit.audio.proof.align import align_mix, needs_fold
from stemkit.audio.proof.dips import find_shared_gain
from stemkit.audio.proof.explain import Ground, lay_ground
from stemkit.audio.proof.guilt import (
    Findings,
    decide_kind,
    investigate,
    investigate_behind,
    nulls_somewhere,
    relate_stems,
)
from stemkit.audio.proof.limits import hopeless, limits, span
from stemkit.audio.proof.master import describe_bus
from stemkit.audio.proof.repeats import find_unrepeatable
from stemkit.audio.proof.residual import (
    AlignedMix,
    Alignment,
    Null,
    bit_depth_floor,
    measure_null,
)
from stemkit.audio.proof.scan import Scan, scan_stems
from stemkit.audio.proof.speeds import mix_rate
from stemkit.audio.proof.streams import MixInput, Source, StemInput, open_stem
from stemkit.audio.proof.verdict import Evidence, pronounce
from stemkit.audio.proof.views import choose_windows, open_views
from stemkit.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from stemkit.model.audio import SumFacts

__all__ = ["MixInput", "StemInput", "prove"]

_CLOSE_DB = -40.0
_DEEPER_DB = 6.0
_SAME_GAIN = 2e-3
_NO_GAIN = 0.1
_NOTHING_ALIKE_DB = -1.0
_CONFIDENT = 0.3
_EXPLAINED_DB = -60.0  # what is left below that needs no further explanation
_LEVELS = {"gain", "balance"}
_OFFSETS = {"late", "early"}
_SAME_LAG = 0.25  # samples
_DEEPER_GAIN_DB = 3.0
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
    fold = needs_fold(reference, scan)
    for source in sources:
        source.fold = fold
    alignment = Alignment(fold=fold)
    mix = AlignedMix(reference, alignment)
    null = _null(scan, mix)
    evidence = Evidence(sources=sources, reference=reference, scan=scan, alignment=alignment, null=null, drift=0.0)
    _measure(evidence)
    if not evidence.adds_up and null.db is not None:
        found, evidence.drift = align_mix(reference, scan, fold=fold)
        moved = AlignedMix(reference, found)
        other = _null(scan, moved)
        # Where sum and mix nearly null as they lie, only a much deeper null moves them.
        better = other.db is None or other.db < null.db - (_DEEPER_DB if null.db < _CLOSE_DB else 0.05)
        if better or (null.db > _CLOSE_DB and found.confidence > _CONFIDENT):
            evidence.alignment, mix, evidence.null = found, moved, other
            _measure(evidence)
    _judge(evidence, mix)
    if _moved_by_one_stem(evidence):
        unmoved = Evidence(sources=sources, reference=reference, scan=scan, alignment=alignment, null=null, drift=0.0)
        _measure(unmoved)
        _judge(unmoved, AlignedMix(reference, alignment))
        if _depth_db(unmoved) < _depth_db(evidence):
            evidence, mix = unmoved, AlignedMix(reference, unmoved.alignment)
    if evidence.adds_up and evidence.likeness is None and len(sources) > 1:
        ground = _ground(evidence, mix, _noise(evidence))
        evidence.likeness = relate_stems(sources, ground, fold=fold).likeness()
    return pronounce(evidence)


def _judge(evidence: Evidence, mix: AlignedMix) -> None:
    """Look for who is guilty, with the mix where it is."""
    first, last = span(evidence.scan, mix)
    evidence.compared_s = max(0, last - first) / evidence.reference.rate
    evidence.notes = limits(evidence, mix)
    evidence.cannot_tell = hopeless(evidence, mix)
    if not evidence.adds_up and evidence.cannot_tell is None and not evidence.drift:
        _look_for_guilt(evidence, mix)


def _moved_by_one_stem(evidence: Evidence) -> bool:
    """Tell whether stems seem to lie off by just what the mix was moved: a loud stem that is late moved it."""
    offset = evidence.alignment.offset_samples
    if not offset or evidence.findings is None:
        return False
    return any(e.fault in _OFFSETS and abs(e.lag - offset) < _SAME_LAG for e, _ in evidence.findings.accepted)


def _depth_db(evidence: Evidence) -> float:
    """Return how deep the explained null is, 0 where nothing could be told."""
    return 0.0 if evidence.findings is None else evidence.findings.ground.depth_db


def _noise(evidence: Evidence) -> float:
    """Return the mean square of rounding noise a sample."""
    floor_db = evidence.floor_db if evidence.floor_db is not None else -150.0
    return float(10 ** (floor_db / 10)) * evidence.null.mix / max(evidence.scan.frames, 1) / 2


def _measure(evidence: Evidence) -> None:
    """Say how deep the null has to be, and whether it is."""
    null = evidence.null
    mean = null.mix / max(evidence.scan.frames, 1) / 2
    evidence.floor_db = bit_depth_floor([s.subtype for s in evidence.sources], evidence.reference.subtype, mean)
    deep = null.db is not None and evidence.floor_db is not None and null.db <= evidence.floor_db + _MARGIN_DB
    evidence.adds_up = null.exact_zero or deep


def _look_for_guilt(evidence: Evidence, mix: AlignedMix) -> None:
    sources, reference, fold = evidence.sources, evidence.reference, evidence.alignment.fold
    noise = _noise(evidence)
    ground = _ground(evidence, mix, noise)
    relations = relate_stems(sources, ground, fold=fold)
    common = relations.common()
    if common is not None and abs(common - 1) > _SAME_GAIN and abs(common) > _NO_GAIN:
        gain = evidence.alignment.gain * common
        gain = float(np.sign(gain)) if abs(abs(gain) - 1) < _SAME_GAIN else gain
        evidence.alignment = replace(evidence.alignment, gain=gain)
        mix = AlignedMix(evidence.reference, evidence.alignment)
        evidence.null = _null(evidence.scan, mix)
        _measure(evidence)
        if evidence.adds_up:
            return
        ground = _ground(evidence, mix, noise)
        relations = relate_stems(sources, ground, fold=fold)
    evidence.likeness = relations.likeness()
    if relations.strangers() or (len(sources) == 1 and ground.depth_db > _NOTHING_ALIKE_DB):
        evidence.cannot_tell = _strange(evidence)
        return
    findings = investigate(sources, ground, noise, fold=fold, first=relations, lossy=reference.is_lossy)
    evidence.clean = findings.ground.depth_db < _EXPLAINED_DB or nulls_somewhere(findings.ground)
    if not evidence.clean:
        ground, depths = decide_kind(findings.ground, noise)
        if ground.kind != "plain":
            findings = investigate_behind(sources, findings, ground, noise, fold=fold)
        evidence.bus = describe_bus(findings.ground, depths)
    evidence.findings = findings
    if _share_a_gain(evidence, findings):
        return
    _look_for_lack(evidence, findings)
    if evidence.missing and evidence.bus:
        # The bus was fitted with the sound missing, so what it seems to do may be nothing but that.
        evidence.bus = ("something that cannot be told apart from the missing sound",)
    if reference.is_lossy and not evidence.clean:
        evidence.bus = (*evidence.bus, "a lossy codec")


def _share_a_gain(evidence: Evidence, findings: Findings) -> bool:
    """Tell whether a gain that moves in several stems explains more than the faults of level that were found."""
    if findings.ground.depth_db <= _EXPLAINED_DB or any(e.fault not in _LEVELS for e, _ in findings.accepted):
        return False
    shared = find_shared_gain(evidence.sources, findings.start)
    evidence.shared_dips = ()
    deeper = shared is not None and shared.depth_db < findings.ground.depth_db - _DEEPER_GAIN_DB
    if shared is None or not (deeper or (shared.printed and not findings.accepted)):
        return False
    evidence.findings = replace(findings, accepted=())
    if shared.printed:
        # That the stems were turned down looks as if the mix had been turned up: no bus is to be told of.
        evidence.shared_dips, evidence.bus = shared.stems, ()
    else:
        names = ", ".join(evidence.labels[k] for k in shared.stems)
        evidence.bus = (f"a gain that moves in {names} together (a compressor on their bus)",)
    return True


def _strange(evidence: Evidence) -> str:
    """Say why a mix is not like the stems at all."""
    reference = evidence.reference
    rate = mix_rate(reference, evidence.scan)
    if rate is not None:
        return (
            f"{reference.label} plays as if its rate were {rate} Hz, and its file says {reference.file_rate} Hz; "
            "export it again at the rate of the stems"
        )
    return f"nothing in {reference.label} is like the stems; it may be another song, or another version"


def _look_for_lack(evidence: Evidence, findings: Findings) -> None:
    """Ask whose sound it is that no explanation reached."""
    ground, sources = findings.ground, evidence.sources
    if ground.depth_db <= _EXPLAINED_DB:
        evidence.adds_up = not findings.accepted and ground.kind == "plain"
        return
    done = {e.stem for e, _ in findings.accepted}
    evidence.unrepeatable = tuple(k for k in find_unrepeatable(sources, ground, findings.last) if k not in done)
    if evidence.unrepeatable:
        return
    # What is left beside a fault may be its own doing (a stem that was moved has lost its end), so it names nobody.
    if not done:
        evidence.lack = find_lack(sources, evidence.scan, ground, findings.last, clean=evidence.clean)
    if evidence.lack is None or evidence.lack.fault == "silent":
        evidence.missing = missing_content(ground, clean=evidence.clean)


def _ground(evidence: Evidence, mix: AlignedMix, noise: float) -> Ground:
    rate = evidence.reference.rate
    starts = choose_windows(evidence.scan, rate, evidence.null.per_second, span(evidence.scan, mix))
    views = open_views(evidence.scan, mix, starts, rate)
    return lay_ground(views, views.total, "plain", noise)


def _null(scan: Scan, mix: AlignedMix) -> Null:
    """Measure the null over what the mix covers, and over what it has beyond the stems."""
    first, last = span(scan, mix)
    beyond = mix.source.frames - mix.shift
    return measure_null(scan.total, mix, (first, max(last, beyond, first)), mix.source.rate)
