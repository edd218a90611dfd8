"""The inquiry: from a sum and a mix that do not null to what is wrong between them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from stemkit.audio.proof.absent import find_lack, find_other_moments, missing_content, shows_by_itself
from stemkit.audio.proof.dips import find_shared_gain
from stemkit.audio.proof.explain import Ground, lay_ground
from stemkit.audio.proof.guilt import Findings, decide_kind, investigate, investigate_behind, relate_stems
from stemkit.audio.proof.levels import fit_levels, shared_gain
from stemkit.audio.proof.limits import span
from stemkit.audio.proof.nulls import clips, nulls_mostly, nulls_somewhere
from stemkit.audio.proof.repeats import find_unrepeatable
from stemkit.audio.proof.residual import AlignedMix, Null, bit_depth_floor, is_shaped_dither, measure_null
from stemkit.audio.proof.speeds import mix_rate
from stemkit.audio.proof.views import choose_windows, open_views
from stemkit.audio.proof.words import describe_bus

if TYPE_CHECKING:
    from stemkit.audio.proof.scan import Scan
    from stemkit.audio.proof.verdict import Evidence

__all__ = ["ground_of", "look_for_guilt", "measure", "noise_of", "null_of"]

_SAME_GAIN = 2e-3
_NO_GAIN = 0.1
_NOTHING_ALIKE_DB = -1.0
_EXPLAINED_DB = -60.0  # what is left below that needs no further explanation
_LEVELS = {"gain", "balance"}
_DEEPER_GAIN_DB = 3.0
_MARGIN_DB = 6.0  # dither with shaped noise lies above the flat one that the floor assumes


def look_for_guilt(evidence: Evidence, mix: AlignedMix) -> None:
    """Write into the evidence who or what keeps the stems from adding up."""
    sources, reference, fold = evidence.sources, evidence.reference, evidence.alignment.fold
    noise = noise_of(evidence)
    ground = ground_of(evidence, mix, noise)
    relations = relate_stems(sources, ground, fold=fold)
    common = relations.common()
    if common is not None and abs(common - 1) > _SAME_GAIN and abs(common) > _NO_GAIN:
        gain = evidence.alignment.gain * common
        gain = float(np.sign(gain)) if abs(abs(gain) - 1) < _SAME_GAIN else gain
        evidence.alignment = replace(evidence.alignment, gain=gain)
        mix = AlignedMix(evidence.reference, evidence.alignment)
        evidence.null = null_of(evidence.scan, mix)
        measure(evidence)
        if evidence.adds_up:
            return
        ground = ground_of(evidence, mix, noise)
        relations = relate_stems(sources, ground, fold=fold)
    evidence.likeness = relations.likeness()
    if relations.strangers() or (len(sources) == 1 and ground.depth_db > _NOTHING_ALIKE_DB):
        evidence.cannot_tell = _strange(evidence)
        return
    findings = investigate(sources, ground, noise, fold=fold, first=relations, lossy=reference.is_lossy)
    if findings.ground.depth_db > _EXPLAINED_DB:
        findings = _with_levels(evidence, findings, noise)
    findings = _behind_a_bus(evidence, findings, noise)
    evidence.findings = findings
    if _share_a_gain(evidence, findings):
        return
    _look_for_lack(evidence, findings)
    if evidence.missing and evidence.bus:
        # The bus was fitted with the sound missing, so what it seems to do may be nothing but that.
        evidence.bus = ("something that cannot be told apart from the missing sound",)
    if reference.is_lossy and not evidence.clean:
        evidence.bus = (*evidence.bus, "a lossy codec")


def _behind_a_bus(evidence: Evidence, findings: Findings, noise: float) -> Findings:
    """Look for a mix bus, and go on behind it where there is one."""
    evidence.clean = findings.ground.depth_db < _EXPLAINED_DB or nulls_somewhere(findings.ground)
    if clips(findings.ground):
        evidence.clean, evidence.bus = False, ("clipping of its loudest samples",)
        return findings
    if not evidence.clean:
        ground, depths = decide_kind(findings.ground, noise)
        if ground.kind != "plain":
            findings = investigate_behind(evidence.sources, findings, ground, noise, fold=evidence.alignment.fold)
        evidence.clean = ground.kind == "plain" and nulls_mostly(ground)
        evidence.bus = describe_bus(findings.ground, depths)
    return findings


def _with_levels(evidence: Evidence, findings: Findings, noise: float) -> Findings:
    """Accuse every stem that lies at another level, all of them at once, where that explains the mix."""
    start, fold = findings.start, evidence.alignment.fold
    levels = fit_levels(evidence.sources, start, findings.relations, noise, fold=fold)
    if levels is None:
        return findings
    mended, ground, last = levels
    gain = evidence.alignment.gain
    if gain != 1 and not shared_gain(levels, len(evidence.sources)):
        mended = tuple(replace(e, gain=e.gain * gain) for e in mended)
        evidence.alignment = replace(evidence.alignment, gain=1.0)
        evidence.null = null_of(evidence.scan, AlignedMix(evidence.reference, evidence.alignment))
    return replace(findings, ground=ground, accepted=tuple((e, ()) for e in mended), last=last)


def _share_a_gain(evidence: Evidence, findings: Findings) -> bool:
    """Tell whether a gain that moves in several stems explains more than the faults of level that were found."""
    if findings.ground.depth_db <= _EXPLAINED_DB or any(e.fault not in _LEVELS for e, _ in findings.accepted):
        return False
    shared = find_shared_gain(evidence.sources, findings.start)
    evidence.shared_dips = ()
    deeper = shared is not None and shared.depth_db < findings.ground.depth_db - _DEEPER_GAIN_DB
    by_itself = shared is not None and (shared.printed or shared.fade) and not findings.accepted
    if shared is None or not (deeper or by_itself):
        return False
    evidence.findings = replace(findings, accepted=())
    if shared.printed:
        # That the stems were turned down looks as if the mix had been turned up: no bus is to be told of.
        evidence.shared_dips, evidence.bus = shared.stems, ()
    elif shared.fade:
        evidence.bus = ("a fade that the stems do not have",)
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
        # A quiet stem that stops, falls silent or is another take hardly shows in the depth.
        if not findings.accepted and not evidence.converted:
            lack = find_lack(sources, evidence.scan, ground, findings.last, clean=True)
            evidence.lack = lack if lack is not None and shows_by_itself(lack, ground) else None
        evidence.adds_up = not findings.accepted and evidence.lack is None and ground.kind == "plain"
        return
    done = {e.stem for e, _ in findings.accepted}
    evidence.unrepeatable = tuple(k for k in find_unrepeatable(sources, ground, findings.last) if k not in done)
    if len(evidence.unrepeatable) == 1 and not done and evidence.clean:
        evidence.lack = find_other_moments(sources, ground, evidence.unrepeatable[0])
        if evidence.lack is not None:
            evidence.unrepeatable = ()
            return
    if evidence.unrepeatable:
        return
    # What is left beside a fault may be its own doing (a stem that was moved has lost its end), so it names nobody.
    if not done:
        evidence.lack = find_lack(sources, evidence.scan, ground, findings.last, clean=evidence.clean)
    if evidence.lack is None or evidence.lack.fault == "silent":
        evidence.missing = missing_content(ground, clean=evidence.clean)


def measure(evidence: Evidence) -> None:
    """Say how deep the null has to be, and whether it is."""
    null = evidence.null
    mean = null.mix / max(evidence.scan.frames, 1) / 2
    evidence.floor_db = bit_depth_floor([s.subtype for s in evidence.sources], evidence.reference.subtype, mean)
    deep = null.db is not None and evidence.floor_db is not None and null.db <= evidence.floor_db + _MARGIN_DB
    evidence.adds_up = null.exact_zero or deep or is_shaped_dither(null, evidence.reference.subtype, evidence.floor_db)


def noise_of(evidence: Evidence) -> float:
    """Return the mean square of rounding noise a sample."""
    floor_db = evidence.floor_db if evidence.floor_db is not None else -150.0
    return float(10 ** (floor_db / 10)) * evidence.null.mix / max(evidence.scan.frames, 1) / 2


def ground_of(evidence: Evidence, mix: AlignedMix, noise: float) -> Ground:
    """Return sum and mix in the windows that are looked at."""
    rate = evidence.reference.rate
    starts = choose_windows(evidence.scan, rate, evidence.null.per_second, span(evidence.scan, mix))
    views = open_views(evidence.scan, mix, starts, rate)
    return lay_ground(views, views.total, "plain", noise)


def null_of(scan: Scan, mix: AlignedMix) -> Null:
    """Measure the null over what the mix covers, and over what it has beyond the stems."""
    first, last = span(scan, mix)
    beyond = mix.source.frames - mix.shift
    return measure_null(scan.total, mix, (first, max(last, beyond, first)), mix.source.rate)
