"""The whole way from a project to a package that a mixing engineer can open, import and verify."""

from __future__ import annotations

import errno
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from stemkit.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from pathlib import Path

    from stemkit.app.deliver_audio import DeliveryOrder
    from stemkit.app.package import PackageJob
    from stemkit.app.prepare import Prepared
    from stemkit.app.render import Rendered
    from stemkit.model.audio import FileFacts
    from stemkit.model.delivery import Brief
    from stemkit.model.report import Report

    Progress = Callable[[float, str], None]

__all__ = ["DeliverResult", "deliver_project"]

_INSPECTED, _RENDERED = 0.15, 0.55  # of the progress


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliverResult:
    """What came of it. `package` is None where the delivery stopped before rendering."""

    report: Report
    prepared: Prepared
    package: Path | None = None
    archive: Path | None = None
    rendered: Rendered | None = None
    gain: str = ""
    resumed: bool = False


def deliver_project(
    project: Path | None,
    output: Path,
    *,
    profile: str = "mix-prep",
    overrides: Mapping[str, object] | None = None,
    brief: Path | None = None,
    references: Sequence[Path] = (),
    rough_mix: Path | None = None,
    engine: str = "auto",
    reaper: Path | None = None,
    skip_impossible: bool = False,
    force: bool = False,
    overwrite: bool = False,
    earlier: Sequence[Path] = (),
    archive: bool = False,
    select: Iterable[str] = (),
    ignore: Iterable[str] = (),
    accept: Mapping[str, str] | None = None,
    jobs: int = 1,
    progress: Progress | None = None,
) -> DeliverResult:
    """Inspect, render, check and package a project.

    Parameters
    ----------
    project
        A ``.rpp`` file; neither it nor its media are written to. None delivers the project that is open in REAPER.
    output
        The folder in which the package ``Artist - Song`` appears, and beside it its zip.
    brief
        A ``brief.toml``; None takes the one beside the project.
    references
        Reference tracks, with those that the brief names.
    rough_mix
        A rough mix that was bounced elsewhere; None renders one, where the engine can.
    engine, reaper
        What makes the audio; see `stemkit.app.engines.choose_engine`.
    force
        Go on at errors of the inspection.
    overwrite
        Replace an earlier package of the same name.
    earlier
        Files that were made of this project before; a package that holds them may be replaced all the same.
    archive
        Also write a zip.

    Returns
    -------
    DeliverResult
        Without a package where an error of the inspection is neither handled nor accepted, and `force` is off.

    Raises
    ------
    InputError, EngineError
        Nothing appears under the final name. Audio that was rendered completely is kept hidden for the next run.
    """
    from stemkit.app.brief import read_brief
    from stemkit.app.deliver_audio import DeliveryOrder
    from stemkit.app.inspect import inspect_prepared
    from stemkit.app.possible import demand_songs
    from stemkit.app.prepare import prepare
    from stemkit.delivery.brief import reference_paths
    from stemkit.delivery.building import demand_free
    from stemkit.delivery.package import package_name
    from stemkit.rules.targets import target_rate_of

    prepared = prepare(project, profile=profile, overrides=overrides)
    written = read_brief(prepared.path, brief)
    found, absent = ([], []) if written is None else reference_paths(written)
    extras = [*references, *(path for path in found if path not in references)]
    demand_songs([*extras, *([rough_mix] if rough_mix else [])])
    if rough_mix is not None:
        prepared = replace(prepared, plan=replace(prepared.plan, rough_mix=False))
    known = _unasked(prepared)
    told = known if written is None else _completed(written, known)
    session = prepared.session
    name = package_name(told.artist or session.author, told.title or session.title or prepared.plan.project)
    overwrite = overwrite or any((output / name).absolute() in file.parents for file in earlier)
    demand_free(output / name, overwrite=overwrite)
    inspected = inspect_prepared(
        prepared,
        select=select,
        ignore=ignore,
        accept=accept,
        target_rate=target_rate_of(told.platform),
        progress=_part(progress, 0.0, _INSPECTED),
    )
    if inspected.count("error") and not force:
        return DeliverResult(report=replace(inspected, kind="deliver"), prepared=prepared)
    order = DeliveryOrder(
        target=output / name,
        extras=extras,
        absent=tuple(absent),
        rough_mix=rough_mix,
        engine=engine,
        reaper=reaper,
        skip_impossible=skip_impossible,
        overwrite=overwrite,
        archive=archive,
        select=tuple(select),
        ignore=tuple(ignore),
        accept=dict(accept or {}),
        jobs=jobs,
    )
    try:
        return _build(prepared, told, inspected, order, has_brief=written is not None, progress=progress)
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise InputError(
                f"The disk of {output} is full, so nothing was delivered; make room and run again."
            ) from error
        raise


def _unasked(prepared: Prepared) -> Brief:
    """Take what the project itself says where nobody wrote a brief; it claims nothing that only people know."""
    from stemkit.delivery.brief import brief_from

    known = brief_from(prepared.session, prepared.plan)
    return replace(known, notes=prepared.choices.notes, effects_left_on=(), stems="", depth="")


def _completed(written: Brief, known: Brief) -> Brief:
    """Fill in what the project knows and the brief left out."""
    facts = ("title", "artist", "tempo", "meter", "key", "markers")
    absent = {name: getattr(known, name) for name in facts if not getattr(written, name)}
    return replace(written, **absent)


def _part(progress: Progress | None, start: float, end: float) -> Progress | None:
    if progress is None:
        return None
    return lambda fraction, doing: progress(start + (end - start) * fraction, doing)


def _build(
    prepared: Prepared,
    brief: Brief,
    inspected: Report,
    order: DeliveryOrder,
    *,
    has_brief: bool,
    progress: Progress | None,
) -> DeliverResult:
    from stemkit.app.deliver_audio import fingerprint, render_into
    from stemkit.app.package import PackageJob, copy_audio, gain_of, write_lists, write_papers
    from stemkit.app.possible import make_folder
    from stemkit.delivery.building import building_folder, publish
    from stemkit.delivery.package import write_zip
    from stemkit.render.finish import now_or_fixed

    target = order.target
    zipped = target.parent / f"{target.name}.zip"
    if order.archive and zipped.exists() and not order.overwrite:
        raise InputError(f"{zipped} exists already; choose another folder or say --overwrite.")
    make_folder(target.parent)
    made_at = now_or_fixed()
    with building_folder(target, fingerprint(prepared, order)) as building:
        resumed = building.rendered is not None
        rendered = render_into(prepared, building, order, _part(progress, _INSPECTED, _RENDERED))
        copy_audio(building.folder, order.extras, order.rough_mix)
        job = PackageJob(
            folder=building.folder,
            name=target.name,
            prepared=prepared,
            rendered=rendered,
            brief=brief,
            made_at=made_at,
        )
        checked = _check(job, order, has_brief=has_brief, progress=_part(progress, _RENDERED, 1.0))
        gain = gain_of(job)
        report = _joined(inspected, checked, target.name, gain)
        write_papers(job, report.files)
        write_lists(job, report)
        part = building.folder.parent / f".{target.name}.zip.stemkit-part"
        publish(building, target, overwrite=order.overwrite)
    if order.archive:
        part.unlink(missing_ok=True)
        try:
            write_zip(target, part, made_at=made_at)
            part.replace(zipped)
        except OSError as error:
            raise InputError(
                f"{target} was delivered and is whole, but its zip cannot be written ({error.strerror or error}); "
                "make room and run again with --overwrite, or pack the folder yourself."
            ) from error
        finally:
            part.unlink(missing_ok=True)
    return DeliverResult(
        report=report,
        prepared=prepared,
        package=target,
        archive=zipped if order.archive else None,
        rendered=rendered,
        gain=gain,
        resumed=resumed,
    )


def _check(job: PackageJob, order: DeliveryOrder, *, has_brief: bool, progress: Progress | None) -> Report:
    """Judge the package's audio as a receiver would, knowing the project and the brief as well."""
    from stemkit.app.check import accept_findings, collect, judge, prove_sum, rules_to_run
    from stemkit.app.facts import measure_files
    from stemkit.rules.contexts import CheckContext, expected_rate, main_mix

    plan = job.prepared.plan
    keys = {file.key for file in job.rendered.written}
    found, files = collect([job.folder])
    files = measure_files(files, hashes=True, jobs=order.jobs, progress=progress)
    against = main_mix(files)
    facts, unknown = prove_sum(files, against, progress)
    context = CheckContext(
        profile=job.prepared.profile,
        files=files,
        others=tuple(found.others),
        main_mix=against,
        expected_rate=expected_rate(job.prepared.profile, against, job.prepared.session),
        sum=facts,
        sum_unknown=unknown,
        session=job.prepared.session,
        plan=replace(plan, stems=tuple(stem for stem in plan.stems if stem.file_name in keys)),
        brief=job.brief if has_brief else None,
        missing_references=order.absent,
        delivering=True,
    )
    report = judge(context, rules_to_run(order.select, order.ignore), subject=job.name)
    return accept_findings(report, order.accept)


def _joined(inspected: Report, checked: Report, name: str, gain: str) -> Report:
    """Put both reports into one, without a path of this machine in it."""
    plan = inspected.plan
    files: tuple[FileFacts, ...] = tuple(replace(file, absolute_path="") for file in checked.files)
    return replace(
        checked,
        kind="deliver",
        subject=name,
        findings=inspected.findings + checked.findings,
        skipped=inspected.skipped + checked.skipped,
        checked=tuple(sorted({*inspected.checked, *checked.checked})),
        files=files,
        session=inspected.session,
        plan=None if plan is None else replace(plan, notes=(*plan.notes, gain)),
    )
