"""Fixes that change the sound of stems; each has to be named by the user. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stemkit.delivery.fix_audio import AudioEdit
from stemkit.render.gain import trims_db
from stemkit.rules.contexts import SET_SUBJECT, of_role

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from stemkit.delivery.fix_job import FixJob
    from stemkit.model.audio import Accusation, FileFacts

__all__ = ["plan_accused", "plan_gains", "plan_lengths", "plan_sound", "plan_trim"]

_SURE = 0.9  # how sure the proof has to be before a stem is changed on its word
_SURE_OF_LAG = 0.5
_NOISE_ALONE_DBFS = -60.0
_INSIDE_DB = 0.1
_NOTHING_DB = 0.005
_WHOLE = 0.02  # of a sample: what a measured lag may be off and still be a whole number


def plan_lengths(job: FixJob) -> None:
    """Pad short stems at the end, where it is known that they begin together."""
    if not job.findings("SK401"):
        return
    stems = [f for f in of_role(job.report.files, "stem") if f.audio is not None]
    rates = {f.audio.sample_rate for f in stems if f.audio is not None}
    mix = next(iter(of_role(job.report.files, "proof_mix", "rough_mix")), None)
    longest = max(f.audio.frames for f in stems if f.audio is not None)
    mixed = mix.audio.frames if mix is not None and mix.audio is not None else 0
    goal = max(longest, mixed)
    for stem in stems:
        assert stem.audio is not None
        missing = goal - stem.audio.frames
        if missing <= 0:
            continue
        blocked = "the stems have different sample rates" if len(rates) > 1 else _start_doubt(job, stem)
        summary = f"{missing} samples of silence at the end"
        if job.note("pad", stem.path, summary, ["SK401"], blocked=blocked):
            job.edit(stem.path, frames=goal)


def _start_doubt(job: FixJob, stem: FileFacts) -> str | None:
    """Say why nobody knows whether a stem's start or end is short; None where the proof or the time stamps tell."""
    share = next((s for s in job.report.sum.shares if s.path == stem.path), None) if job.report.sum else None
    if (
        share is not None
        and share.lag_samples is not None
        and abs(share.lag_samples) < 1
        and (share.confidence or 0) > _SURE_OF_LAG
    ):
        return None
    stems = of_role(job.report.files, "stem")
    stamps = {f.container.bext.time_reference_samples if f.container.bext else None for f in stems}
    if len(stamps) == 1 and not stamps & {None, 0}:  # 0 is also what programs leave that know of no stamp
        return None
    return "nothing tells whether its start or its end is short (--mix names a mix to prove it)"


def plan_trim(job: FixJob) -> None:
    """Cut the digital silence that all files begin with, where the profile asks for files without it."""
    findings = job.findings("SK407")
    limit_s = job.profile.content.leading_silence_max_s
    files = [f for f in of_role(job.report.files, "stem", "rough_mix", "proof_mix") if f.audio is not None]
    if not findings or limit_s is None:
        return
    shared = min(f.audio.lead_silence_frames for f in files if f.audio is not None)
    enough = all(
        (f.audio.lead_silence_frames - shared) / f.audio.sample_rate <= limit_s for f in files if f.audio is not None
    )
    rates = {f.audio.sample_rate for f in files if f.audio is not None}
    blocked = None if enough else "the files do not all begin to sound together, and cutting one would move it"
    blocked = "the files have different sample rates" if len(rates) > 1 else blocked
    if job.note(
        "trim", SET_SUBJECT, f"{shared} samples of silence cut from the start of all", ["SK407"], blocked=blocked
    ):
        for file in files:
            assert file.audio is not None
            job.edit(file.path, shift_frames=-shared, frames=file.audio.frames - shared, starts_later=shared)


def plan_accused(job: FixJob) -> None:
    """Mend what the proof is sure of: polarity, and a shift by whole samples."""
    for accusation in job.report.sum.accusations if job.report.sum is not None else ():
        path = accusation.path
        if accusation.fault == "inverted":
            if job.note("polarity", path, "polarity flipped", ["SK802"], blocked=_unsure(accusation)):
                file = job.file(path)
                channels = file.audio.channels if file is not None and file.audio is not None else 1
                job.edit(path, inverted=tuple(range(channels)))
        elif accusation.fault in ("late", "early") and accusation.lag_samples is not None:
            lag = round(accusation.lag_samples)
            blocked = _unsure(accusation)
            if abs(accusation.lag_samples - lag) > _WHOLE:
                blocked = "it lies off by a fraction of a sample; render it again"
            file = job.file(path)
            frames = file.audio.frames if file is not None and file.audio is not None else None
            if job.note("shift", path, f"moved by {-lag} samples", ["SK402"], blocked=blocked) and frames is not None:
                job.edit(path, shift_frames=-lag, frames=frames)


def _unsure(accusation: Accusation) -> str | None:
    if accusation.twin is not None:
        return f"it may be {accusation.twin} instead"
    if accusation.where:
        return "it is so in a part of the song only; render it again"
    return None if accusation.confidence >= _SURE else f"the proof is only {accusation.confidence:.0%} sure"


def plan_gains(job: FixJob) -> None:
    """Bring the sum, or each stem, below its limit; one gain for all comes first, because it keeps the balance."""
    limit_dbfs = job.profile.sum.peak_max_dbfs
    peak_dbfs = job.report.sum.sum_peak_dbfs if job.report.sum is not None else None
    if job.findings("SK307") and limit_dbfs is not None and peak_dbfs is not None:
        amount = peak_dbfs - limit_dbfs + _INSIDE_DB
        if job.note("common_gain", SET_SUBJECT, f"all stems lowered by {amount:.1f} dB", ["SK307"]):
            for stem in of_role(job.report.files, "stem"):
                job.edit(stem.path, gain_db=-amount)
            return
    rules: dict[str, list[str]] = {}
    for finding in job.findings("SK301", "SK302", "SK305"):
        rules.setdefault(finding.subject, []).append(finding.rule)
    for path, of_file in rules.items():
        trim_db = _own_trim_db(job, path)
        if abs(trim_db) > _NOTHING_DB:
            summary = f"{'raised' if trim_db > 0 else 'lowered'} by {abs(trim_db):.1f} dB"
            if job.note("gain", path, summary, of_file):
                job.edit(path, gain_db=trim_db)


def _own_trim_db(job: FixJob, path: str) -> float:
    """Return how far a stem has to move; what was raised before counts against the most that is raised."""
    file, limits = job.file(path), job.profile.peak
    if file is None or file.role != "stem" or file.audio is None or file.audio.sample_peak_dbfs is None:
        return 0.0
    peak_dbfs = file.audio.sample_peak_dbfs
    trim_db = trims_db(
        {path: 10 ** (peak_dbfs / 20)},
        mode="window",
        low_dbfs=limits.min_dbfs,
        high_dbfs=limits.max_dbfs,
        max_raise_db=max(0.0, limits.max_raise_db - max(0.0, file.trim_db or 0.0)),
        noise_only=frozenset({path}) if peak_dbfs < _NOISE_ALONE_DBFS else frozenset(),
    )[path]
    true_peak, ceiling = file.audio.true_peak_dbtp, limits.true_peak_max_dbtp
    if true_peak is not None and ceiling is not None and true_peak + trim_db > ceiling:
        return ceiling - _INSIDE_DB - true_peak
    return trim_db


def plan_sound(job: FixJob) -> None:
    """Mend what a single file shows: offset, channels, noise in gaps."""
    for finding in job.report.open_findings:
        file = job.file(finding.subject)
        planner = _SOUND.get(finding.rule)
        if planner is not None and file is not None and file.audio is not None and file.role == "stem":
            planner(job, file)


def _dc(job: FixJob, file: FileFacts) -> None:
    assert file.audio is not None
    if job.note("remove_dc", file.path, "constant offset taken out", ["SK306"]):
        job.edit(file.path, offset=file.audio.dc_offset)


def _mono(job: FixJob, file: FileFacts) -> None:
    assert file.audio is not None
    image = file.audio.image
    side = 1 if image == "right_only" else 0
    if image not in ("dual_mono", "left_only", "right_only"):
        return
    rule = "SK503" if image == "dual_mono" else "SK502"
    if job.note("to_mono", file.path, f"only the {'right' if side else 'left'} channel is kept", [rule]):
        job.edit(file.path, keep_channel=side)


def _right(job: FixJob, file: FileFacts) -> None:
    if job.note("invert_right", file.path, "right channel flipped", ["SK504"]):
        inverted = job.plan.edits.get(file.path, AudioEdit()).inverted
        job.edit(file.path, inverted=tuple(sorted({*inverted} ^ {1})))


def _silence(job: FixJob, file: FileFacts) -> None:
    assert file.audio is not None
    limits, rate = job.profile.content, file.audio.sample_rate
    spans = tuple(
        (gap.start_frame, gap.end_frame)
        for gap in file.audio.gaps
        if not gap.digital
        and gap.noise_dbfs is not None
        and limits.gap_noise_max_dbfs is not None
        and gap.noise_dbfs > limits.gap_noise_max_dbfs
        and (gap.end_frame - gap.start_frame) / rate >= limits.gap_min_s
    )
    summary = f"{len(spans)} noisy gaps faded to silence" if len(spans) != 1 else "1 noisy gap faded to silence"
    if spans and job.note("silence_gaps", file.path, summary, ["SK505"]):
        job.edit(file.path, silences=spans)


_SOUND: Mapping[str, Callable[[FixJob, FileFacts], None]] = {
    "SK306": _dc,
    "SK502": _mono,
    "SK503": _mono,
    "SK504": _right,
    "SK505": _silence,
}
