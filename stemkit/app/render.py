"""Render a project's stems and mixes into a folder, then check what was written."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from stemkit.errors import EngineError, InputError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path, PurePosixPath

    from stemkit.app.prepare import Prepared
    from stemkit.model.plan import Engine, Fidelity, PlannedStem, RenderedAudio
    from stemkit.model.report import Report

    Progress = Callable[[float, str], None]

__all__ = ["LeftOut", "RenderResult", "Rendered", "WrittenFile", "render_prepared", "render_project"]

_NOISE_ALONE_DBFS = -60.0  # a stem that never gets above this is taken for noise and not raised
_FLOAT_BYTES = 4
_MOST_REASONS = 3  # in one sentence


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenFile:
    """One file under its final name."""

    key: str
    path: Path
    trim_db: float
    fidelity: Fidelity


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOut:
    """A planned file that was not rendered, and why."""

    key: str
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendered:
    """What an engine made of a plan, under the final names."""

    engine: str
    engine_reason: str
    written: tuple[WrittenFile, ...]
    left_out: tuple[LeftOut, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RenderResult:
    """What a render wrote, what it left out, and what the checker says about it."""

    prepared: Prepared
    engine: str
    engine_reason: str
    written: tuple[WrittenFile, ...]
    left_out: tuple[LeftOut, ...]
    report: Report


def _named(keys: list[str]) -> str:
    shown = ", ".join(keys[:4])
    return shown if len(keys) <= 4 else f"{shown} and {len(keys) - 4} more"


def _why_impossible(prepared: Prepared, stems: list[LeftOut]) -> str:
    """Say which stems cannot be rendered and what helps: finding their media, or REAPER."""
    from stemkit.session.media import missing_files

    lacking = {track.guid for track in prepared.session.tracks if missing_files(track)}
    lacking_keys = {stem.file_name for stem in prepared.plan.stems if not lacking.isdisjoint(stem.tracks)}
    without_media = [entry for entry in stems if entry.key in lacking_keys]
    entries = without_media or stems
    reasons = list(dict.fromkeys(reason for entry in entries for reason in entry.reasons[:1]))
    why = "; ".join(reasons[:_MOST_REASONS]) + (
        f"; and {len(reasons) - _MOST_REASONS} more" if reasons[_MOST_REASONS:] else ""
    )
    count = f"{len(entries)} of {len(prepared.plan.stems)} stems"
    named = f"{_named([entry.key for entry in entries])} ({why})"
    if without_media:
        return (
            f"{count} cannot be rendered while their media is missing: {named}. Put the files back where the project "
            "looks for them (stemkit inspect names the places), or say --skip-impossible to leave these stems out."
        )
    dry = "" if prepared.choices.bypass_fx else "say --bypass-fx for dry audio without effects, or "
    return (
        f"{count} need REAPER itself: {named}. Render them in REAPER, or {dry}say --skip-impossible to leave them out."
    )


def _choose_keys(
    prepared: Prepared, fidelity: Mapping[str, Fidelity], *, skip_impossible: bool
) -> tuple[list[str], list[LeftOut]]:
    """Split what is planned into what the engine can render and what it cannot."""
    from stemkit.render.layout import MIX_KEYS, target_paths

    keys = list(target_paths(prepared.plan))
    left_out = [LeftOut(key=k, reasons=fidelity[k].reasons) for k in keys if fidelity[k].level == "impossible"]
    stems = [entry for entry in left_out if entry.key not in MIX_KEYS]
    if stems and not skip_impossible:
        raise EngineError(_why_impossible(prepared, stems))
    if not any(k not in MIX_KEYS and fidelity[k].level != "impossible" for k in keys):
        reason = stems[0].reasons[0] if stems and stems[0].reasons else "no track of it makes a sound"
        raise EngineError(f"{prepared.path.name} gives no stem that can be rendered here: {reason}.")
    return [k for k in keys if fidelity[k].level != "impossible"], left_out


def _require_room(prepared: Prepared, targets: list[Path], output: Path, *, overwrite: bool) -> None:
    """Refuse before the first sample when a file is in the way or the disk is too small."""
    taken = [path for path in targets if path.exists()]
    if taken and not overwrite:
        raise InputError(
            f"{output} already holds {_named([p.name for p in taken])}; choose another folder or say --overwrite."
        )
    plan = prepared.plan
    channels = 2 * len(targets)
    needed = 2 * plan.bounds.frames * channels * _FLOAT_BYTES  # staging and the finished file stand side by side
    free = shutil.disk_usage(output).free
    if needed > free:
        raise InputError(
            f"The render needs {needed / 1e9:.1f} GB and {output} has {free / 1e9:.1f} GB free; make room first."
        )


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


def _choose_engine(wish: str, prepared: Prepared) -> tuple[Engine, str]:
    from stemkit.render.builtin import BuiltinEngine

    is_open = prepared.session.source == "live"
    if wish not in {"auto", "live", "builtin"}:
        raise UsageError(f"There is no engine {wish!r}; choose auto, live or builtin.")
    if wish == "live" and not is_open:
        raise UsageError("The live engine renders the project that is open in REAPER; say --live instead of a file.")
    if is_open and wish != "builtin":
        from stemkit.reaper.live_engine import LiveEngine

        return LiveEngine(), "REAPER has the project open"
    reason = "as asked for" if wish == "builtin" else "it needs no REAPER"
    return BuiltinEngine(bypass_fx=prepared.choices.bypass_fx), reason


def render_project(
    project: Path | None,
    output: Path,
    *,
    profile: str = "mix-prep",
    overrides: Mapping[str, object] | None = None,
    engine: str = "auto",
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
        prepared, output, engine=engine, skip_impossible=skip_impossible, overwrite=overwrite, progress=progress
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
        report=replace(report, kind="render", subject=str(output), session=prepared.session, plan=prepared.plan),
    )


def render_prepared(
    prepared: Prepared,
    output: Path,
    *,
    engine: str = "auto",
    skip_impossible: bool = False,
    overwrite: bool = False,
    progress: Progress | None = None,
) -> Rendered:
    """Render a project that is read and planned already, and check nothing; see `render_project`."""
    from stemkit.render.atomic import staging_folder
    from stemkit.render.layout import target_paths

    chosen, reason = _choose_engine(engine, prepared)
    keys, left_out = _choose_keys(
        prepared, chosen.fidelity(prepared.session, prepared.plan), skip_impossible=skip_impossible
    )
    layout = {key: path for key, path in target_paths(prepared.plan).items() if key in keys}
    output.mkdir(parents=True, exist_ok=True)
    _require_room(prepared, [output / path for path in layout.values()], output, overwrite=overwrite)
    with staging_folder(output) as staging:
        rendered = chosen.render(prepared.session, prepared.plan, staging, keys=frozenset(keys), progress=progress)
        finished = staging / "finished"
        written = _finish_all(prepared, rendered, layout, finished)
        for index, file in enumerate(written):  # only now, when all are whole, do names appear
            target = output / layout[file.key]
            target.parent.mkdir(parents=True, exist_ok=True)
            file.path.replace(target)
            written[index] = replace(file, path=target)
    return Rendered(engine=chosen.name, engine_reason=reason, written=tuple(written), left_out=tuple(left_out))
