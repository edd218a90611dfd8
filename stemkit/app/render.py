"""Render a project's stems and mixes into a folder, then check what was written."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from stemkit.app.engines import choose_engine
from stemkit.app.possible import LeftOut, choose_keys, demand_untaken, make_folder, require_room

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path, PurePosixPath

    from stemkit.app.prepare import Prepared
    from stemkit.model.plan import Fidelity, PlannedStem, RenderedAudio
    from stemkit.model.report import Finding, Report

    Progress = Callable[[float, str], None]

__all__ = ["LeftOut", "RenderResult", "Rendered", "WrittenFile", "render_prepared", "render_project"]

_NOISE_ALONE_DBFS = -60.0  # a stem that never gets above this is taken for noise and not raised
_MEDIA_RULE = "SK113"


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenFile:
    """One file under its final name."""

    key: str
    path: Path
    trim_db: float
    fidelity: Fidelity


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendered:
    """What an engine made of a plan, under the final names."""

    engine: str
    engine_reason: str
    written: tuple[WrittenFile, ...]
    left_out: tuple[LeftOut, ...]
    remarks: tuple[str, ...] = ()  # what the user should know of how it was rendered


@dataclass(frozen=True, slots=True, kw_only=True)
class RenderResult:
    """What a render wrote, what it left out, and what the checker says about it."""

    prepared: Prepared
    engine: str
    engine_reason: str
    written: tuple[WrittenFile, ...]
    left_out: tuple[LeftOut, ...]
    report: Report
    remarks: tuple[str, ...] = ()


def _trims(prepared: Prepared, audio: Mapping[str, RenderedAudio]) -> dict[str, float]:
    """Give every variant of a track the track's one trim; the mixes stay as they are."""
    from stemkit.render.gain import trims_db

    stems: list[PlannedStem] = [stem for stem in prepared.plan.stems if stem.file_name in audio]
    peaks: dict[str, float] = {}
    for stem in stems:
        peaks[stem.cut_guid] = max(peaks.get(stem.cut_guid, 0.0), audio[stem.file_name].peak)
    limits = prepared.profile.peak
    quiet = 10 ** (_NOISE_ALONE_DBFS / 20)
    trims = trims_db(
        peaks,
        mode=prepared.plan.gain,
        low_dbfs=limits.min_dbfs,
        high_dbfs=limits.max_dbfs,
        max_raise_db=limits.max_raise_db,
        noise_only=frozenset(guid for guid, peak in peaks.items() if peak < quiet),
    )
    return {stem.file_name: trims[stem.cut_guid] for stem in stems}


def _final_frames(prepared: Prepared, rendered: tuple[RenderedAudio, ...]) -> int:
    from stemkit.render.finish import common_tail_frames

    plan = prepared.plan
    if plan.bounds.tail_s <= 0:
        return plan.bounds.frames
    floor = plan.bounds.frames - round(plan.bounds.tail_s * plan.sample_rate)
    return common_tail_frames(rendered, plan.bounds.frames, floor=floor, sample_rate=plan.sample_rate)


def _finish_all(
    prepared: Prepared,
    rendered: tuple[RenderedAudio, ...],
    layout: Mapping[str, PurePosixPath],
    folder: Path,
) -> list[WrittenFile]:
    """Write the finished files into `folder`, in the layout of the delivery."""
    from stemkit.render.finish import FinishJob, finish_file, now_or_fixed, output_channels
    from stemkit.render.layout import encoding_for

    plan = prepared.plan
    trims = _trims(prepared, {audio.key: audio for audio in rendered})
    frames = _final_frames(prepared, rendered)
    made_at = now_or_fixed()
    written = []
    for audio in rendered:
        gain_db = trims.get(audio.key, 0.0)
        target = folder / layout[audio.key]
        finish_file(
            FinishJob(
                audio=audio,
                target=target,
                channels=output_channels(audio, wish=plan.channels),
                planned_frames=plan.bounds.frames,
                frames=frames,
                encoding=encoding_for(audio.peak, gain_db, plan.encoding),
                gain_db=gain_db,
                start_frame=plan.bounds.start_frame,
                project=plan.project,
                label=layout[audio.key].stem,
                made_at=made_at,
            )
        )
        written.append(WrittenFile(key=audio.key, path=target, trim_db=gain_db, fidelity=audio.fidelity))
    return written


def render_project(
    project: Path | None,
    output: Path,
    *,
    profile: str = "mix-prep",
    overrides: Mapping[str, object] | None = None,
    engine: str = "auto",
    reaper: Path | None = None,
    skip_impossible: bool = False,
    overwrite: bool = False,
    select: tuple[str, ...] = (),
    ignore: tuple[str, ...] = (),
    accept: Mapping[str, str] | None = None,
    progress: Progress | None = None,
) -> RenderResult:
    """Plan, render, finish and check.

    Parameters
    ----------
    project
        A ``.rpp`` file; neither it nor its media are written to. None renders the project that is open in REAPER.
    output
        The folder of the delivery: `Stems/`, `Mix/` and, where variants are wanted, `Stems_Dry/`, `Stems_Wet/`.
    engine, reaper
        What makes the audio; see `stemkit.app.engines.choose_engine`.
    skip_impossible
        Render what can be rendered and say what was left out, instead of failing.
    overwrite
        Replace files of the same names.
    progress
        Called with the fraction done (0…1) and what is being done.

    Raises
    ------
    EngineError
        Stems need REAPER, or the engine failed.
    InputError
        The project cannot be read, a file is in the way, or the disk is too small.
    """
    from stemkit.app.check import check
    from stemkit.app.prepare import prepare

    prepared = prepare(project, profile=profile, overrides=overrides)
    rendered = render_prepared(
        prepared,
        output,
        engine=engine,
        reaper=reaper,
        skip_impossible=skip_impossible,
        overwrite=overwrite,
        progress=progress,
    )
    report = check(
        [output], profile=profile, project=project, select=select, ignore=ignore, accept=accept, progress=progress
    )
    return RenderResult(
        prepared=prepared,
        engine=rendered.engine,
        engine_reason=rendered.engine_reason,
        written=rendered.written,
        left_out=rendered.left_out,
        remarks=rendered.remarks,
        report=replace(
            report,
            kind="render",
            subject=str(output),
            session=prepared.session,
            plan=prepared.plan,
            findings=(*_media_findings(prepared, select, ignore, accept), *report.findings),
        ),
    )


def _media_findings(
    prepared: Prepared, select: tuple[str, ...], ignore: tuple[str, ...], accept: Mapping[str, str] | None
) -> tuple[Finding, ...]:
    """Say which media was missing or cut short while it was rendered: the files alone do not show it."""
    from stemkit.app.inspect import inspect_prepared
    from stemkit.rules.catalogue import select as chosen

    if _MEDIA_RULE not in {rule.id for rule in chosen(select, ignore)}:
        return ()
    return inspect_prepared(prepared, select=[_MEDIA_RULE], media=False, accept=accept).findings


def render_prepared(
    prepared: Prepared,
    output: Path,
    *,
    engine: str = "auto",
    reaper: Path | None = None,
    skip_impossible: bool = False,
    overwrite: bool = False,
    progress: Progress | None = None,
) -> Rendered:
    """Render a project that is read and planned already, and check nothing; see `render_project`."""
    from stemkit.render.atomic import staging_folder
    from stemkit.render.layout import target_paths

    remarks: list[str] = []
    chosen, reason = choose_engine(engine, prepared, reaper=reaper, tell=remarks.append)
    verdicts = chosen.fidelity(prepared.session, prepared.plan)
    keys, left_out = choose_keys(prepared, verdicts, engine=chosen.name, skip_impossible=skip_impossible)
    layout = {key: path for key, path in target_paths(prepared.plan).items() if key in keys}
    targets = [output / path for path in layout.values()]
    require_room(prepared, targets, output, overwrite=overwrite)
    make_folder(output)
    with staging_folder(output) as staging:
        rendered = chosen.render(prepared.session, prepared.plan, staging, keys=frozenset(keys), progress=progress)
        finished = staging / "finished"
        written = _finish_all(prepared, rendered, layout, finished)
        demand_untaken(targets, output, overwrite=overwrite)  # another run may have been here meanwhile
        for index, file in enumerate(written):  # only now, when all are whole, do names appear
            target = output / layout[file.key]
            target.parent.mkdir(parents=True, exist_ok=True)
            file.path.replace(target)
            written[index] = replace(file, path=target)
    return Rendered(
        engine=chosen.name,
        engine_reason=reason,
        written=tuple(written),
        left_out=tuple(left_out),
        remarks=tuple(dict.fromkeys(remarks)),
    )
