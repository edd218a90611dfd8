"""What can be done about a folder's findings, file by file, and only where something proves what is right. Pure."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from stemkit.delivery.fix_job import FilePlan, FixJob
from stemkit.delivery.fix_names import new_names
from stemkit.delivery.fix_sound import plan_accused, plan_gains, plan_lengths, plan_sound, plan_trim
from stemkit.model.delivery import FixStep
from stemkit.rules.contexts import SET_SUBJECT, of_role

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from stemkit.model.audio import FileFacts
    from stemkit.model.report import Report
    from stemkit.rules.profiles.schema import Profile

__all__ = ["plan_files"]

_LOSSLESS = frozenset({"wav", "rf64", "bw64"})
_RENAMES = ("SK601", "SK602", "SK606", "SK607")
_SIZES = frozenset({"riff_size", "zero_size"})
_NO_NAME = "only you know what plays in it"


def plan_files(report: Report, profile: Profile, named: Collection[str]) -> FilePlan:
    """Plan the fixes of a folder.

    Parameters
    ----------
    report
        What `check` found, with the files' facts and, where there is a mix, the proof.
    profile
        What it was judged by.
    named
        Kinds of unsafe fixes that the user wants.

    Returns
    -------
    FilePlan
        Every step that is possible or that somebody may ask about; only chosen ones are in its edits.
    """
    job = FixJob(report=report, profile=profile, named=frozenset(named), plan=FilePlan())
    for planner in _PLANNERS:
        planner(job)
    job.plan.steps.extend(_left_over(job))
    return job.plan


def _names(job: FixJob) -> None:
    stems = of_role(job.report.files, "stem")
    numbering = job.findings("SK603", "SK604")
    at_fault: dict[str, list[str]] = {}
    for finding in job.findings(*_RENAMES):
        paths = [finding.subject] if finding.subject != SET_SUBJECT else str(finding.measured).split(", ")
        for path in paths:
            at_fault.setdefault(path, []).append(finding.rule)
    lossless = [stem for stem in stems if stem.container.container in _LOSSLESS]
    unnumbered = [f for f in job.findings("SK601") if job.profile.name.numbered and not _digits(f.subject)]
    renumber = bool(numbering or unnumbered)
    job.plan.names = new_names(lossless, renumber=renumber, wanted=frozenset(at_fault))
    for old, new in job.plan.names.items():
        kind = "rename" if old in at_fault else "renumber"
        rules = at_fault.get(old) or [f.rule for f in numbering] or ["SK601"]
        job.note(kind, old, f"becomes {new.rsplit('/', 1)[-1]}", rules, safe=True)
    for stem in stems:
        if stem.path in at_fault and stem not in lossless:
            blocked = "it is no WAV file, and another name would only hide that"
            job.note("rename", stem.path, "not renamed", at_fault[stem.path], safe=True, blocked=blocked)
    for finding in job.findings("SK605"):
        job.note("rename", finding.subject, "needs a name", ["SK605"], safe=True, blocked=_NO_NAME)


def _digits(path: str) -> bool:
    return path.rsplit("/", 1)[-1][:1].isdigit()


def _headers(job: FixJob) -> None:
    for file in of_role(job.report.files, "stem", "rough_mix", "proof_mix"):
        codes = {damage.code for damage in file.container.damage}
        fatal = {damage.code for damage in file.container.damage if damage.fatal}
        if not codes & _SIZES:
            continue
        other = fatal - _SIZES
        blocked = "the file is damaged in other ways as well" if other else None
        if file.container.container != "wav":
            blocked = "only plain RIFF files can be repaired"
        if job.note(
            "repair_header", file.path, "header sizes set to what is there", ["SK204"], safe=True, blocked=blocked
        ):
            job.plan.repairs.add(file.path)
    for finding in job.findings("SK210"):
        source = job.file(finding.subject)
        blocked = None if source is not None and _rewritable(source) else "its sample format cannot be written"
        if job.note("repair_metadata", finding.subject, "metadata written anew", ["SK210"], safe=True, blocked=blocked):
            job.edit(finding.subject, rewrite=True)


def _rewritable(file: FileFacts) -> bool:
    return file.container.encoding in ("pcm24", "float32") and file.container.container in _LOSSLESS


def _time_references(job: FixJob) -> None:
    if not job.findings("SK404"):
        return
    stems = [f for f in of_role(job.report.files, "stem") if f.container.bext is not None]
    blocked = None if job.report.sum is not None and job.report.sum.adds_up else _NOT_PROVEN
    mix = of_role(job.report.files, "proof_mix", "rough_mix")
    told = [f.container.bext.time_reference_samples for f in mix if f.container.bext is not None]
    counted = Counter(f.container.bext.time_reference_samples for f in stems if f.container.bext is not None)
    right = told[0] if told else counted.most_common(1)[0][0]
    for stem in stems:
        if stem.container.bext is not None and stem.container.bext.time_reference_samples != right:
            summary = f"time reference becomes {right} samples"
            if job.note("time_reference", stem.path, summary, ["SK404"], safe=True, blocked=blocked):
                job.plan.references[stem.path] = right


_NOT_PROVEN = "no mix proves that the stems begin together (--mix names one)"


_PLANNERS: tuple[Callable[[FixJob], None], ...] = (
    _names,
    _headers,
    _time_references,
    plan_lengths,
    plan_trim,
    plan_accused,
    plan_gains,
    plan_sound,
)


def _left_over(job: FixJob) -> list[FixStep]:
    """List what no program can mend: it needs another render, another file or somebody who knows."""
    taken = {(step.subject, rule) for step in job.plan.steps for rule in step.rules}
    of_set = {rule for subject, rule in taken if subject == SET_SUBJECT}
    any_file = {rule for _, rule in taken}
    steps = []
    for finding in job.report.open_findings:
        known = (finding.subject, finding.rule) in taken or finding.rule in of_set
        known = known or (finding.subject == SET_SUBJECT and finding.rule in any_file)
        if finding.fix is not None and not known and finding.severity != "note":
            steps.append(
                FixStep(
                    kind=finding.fix.kind,
                    subject=finding.subject,
                    summary=finding.fix.summary,
                    safe=finding.fix.safe,
                    rules=(finding.rule,),
                    blocked="this needs you",
                )
            )
    return steps
