"""Fixes: planned and shown first, applied to a copy, checked again. The original is only read."""

from __future__ import annotations

import os
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from stemkit.errors import InputError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from stemkit.app.prepare import Prepared
    from stemkit.model.delivery import FixStep
    from stemkit.model.report import Report

    Progress = Callable[[float, str], None]

__all__ = ["FILE_KINDS", "PROJECT_KINDS", "FixResult", "fix"]

FILE_KINDS: Mapping[str, str] = {
    "rename": "legal names",
    "renumber": "numbers without gaps",
    "repair_header": "sizes in the header that fit the file",
    "repair_metadata": "metadata that fit the header",
    "time_reference": "one time reference for all stems",
    "pad": "silence at the end of short stems",
    "trim": "the silence that all files begin with cut",
    "shift": "stems that lie late or early moved to their place",
    "polarity": "stems that the proof finds inverted flipped back",
    "gain": "each stem into the window of the profile",
    "common_gain": "all stems lowered alike until their sum fits",
    "remove_dc": "a constant offset taken out",
    "to_mono": "dual mono and one-sided stems as mono files",
    "invert_right": "the right channel flipped",
    "silence_gaps": "noise in gaps faded to silence",
}
PROJECT_KINDS: Mapping[str, str] = {
    "rename_tracks": "tracks named as their stems",
    "delete_muted_items": "muted items taken out",
    "delete_unused_tracks": "tracks without use taken out",
    "clear_solo": "no track soloed",
    "force_rate": "the project's sample rate fixed",
    "bypass_master_fx": "effects on the master off",
    "bypass_returns": "effects on returns off",
    "cut_gaps": "noisy gaps cut out of items, with short fades",
    "remove_automation": "volume, pan and mute envelopes taken out of the tracks named with --track",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class FixResult:
    """What was planned, and what came of it; without `output` nothing was written."""

    steps: tuple[FixStep, ...]
    before: Report
    after: Report | None = None
    output: Path | None = None
    renamed: Mapping[str, str] = field(default_factory=dict)  # subjects of findings: old name, new name

    @property
    def solved(self) -> tuple[str, ...]:
        """Rules and subjects of the findings that are gone."""
        if self.after is None:
            return ()
        left = {(f.rule, f.subject) for f in self.after.open_findings}
        gone = [
            f"{f.rule} {f.subject}"
            for f in self.before.open_findings
            if (f.rule, self.renamed.get(f.subject, f.subject)) not in left
        ]
        return tuple(dict.fromkeys(gone))


def fix(
    source: Path,
    output: Path | None,
    *,
    kinds: Collection[str] = (),
    tracks: Sequence[str] = (),
    mix: Path | None = None,
    profile: str = "mix-prep",
    dry_run: bool = False,
    progress: Progress | None = None,
) -> FixResult:
    """Fix a folder or a project into a copy.

    Parameters
    ----------
    source
        A folder of stems, or a ``.rpp`` project.
    output
        The new folder or project file; it must not exist. None only with `dry_run`.
    kinds
        Kinds of unsafe fixes to take, of `FILE_KINDS` or `PROJECT_KINDS`; safe ones are always taken.
    tracks
        Tracks whose automation goes, for ``remove_automation``.
    mix
        A mix that the stems are held against, where it is not recognised by its name.
    dry_run
        Plan only.

    Raises
    ------
    InputError, UsageError
        Something cannot be read, the output is taken or lies inside the source, or a kind does not exist.
    """
    is_project = source.suffix.lower() in {".rpp", ".rpp-bak"}
    known = PROJECT_KINDS if is_project else FILE_KINDS
    unknown = [kind for kind in kinds if kind not in known]
    if unknown:
        raise UsageError(f"There is no fix {unknown[0]!r} for this; there are {', '.join(known)}.")
    if not dry_run:
        _demand_output(source, output)
    if is_project:
        return _fix_project(source, output, frozenset(kinds), tuple(tracks), profile, dry_run=dry_run)
    if not source.is_dir():
        raise InputError(f"{source} is neither a folder nor a REAPER project; give the folder that holds the stems.")
    return _fix_folder(source, output, frozenset(kinds), mix, profile, dry_run=dry_run, progress=progress)


def _demand_output(source: Path, output: Path | None) -> None:
    if output is None:
        raise UsageError("Say where the copy goes with -o, or look at the plan with --dry-run.")
    if output.exists():
        raise InputError(f"{output} exists already; choose another name, the original is never changed.")
    if source.is_dir() and _real(output).is_relative_to(_real(source)):
        raise InputError(f"{output} lies inside {source}; choose a place outside, the original is never changed.")


def _real(path: Path) -> Path:
    """Follow links; unlike `Path.resolve`, this says nothing of a loop, which whoever opens it will."""
    return Path(os.path.realpath(path))


def _fix_folder(
    source: Path,
    output: Path | None,
    kinds: frozenset[str],
    mix: Path | None,
    profile: str,
    *,
    dry_run: bool,
    progress: Progress | None,
) -> FixResult:
    from stemkit.app.check import check
    from stemkit.delivery.checksums import MANIFEST_NAME
    from stemkit.delivery.fix_copy import stamps, write_copy
    from stemkit.delivery.fix_files import plan_files
    from stemkit.rules.profiles import load_profile

    if (source / MANIFEST_NAME).is_file():
        raise InputError(f"{source} is a package; its files are sealed: fix the project, and deliver it again.")
    seen = stamps(source)
    before = check([source], profile=profile, mix=mix, progress=progress)
    plan = plan_files(before, load_profile(profile), kinds)
    result = FixResult(steps=tuple(plan.steps), before=before)
    if dry_run or output is None:
        return result
    write_copy(source, output, plan, before.files, seen)
    label = None if mix is None else _label(mix, source)
    moved = mix if label is None else output / plan.names.get(label, label)
    after = check([output], profile=profile, mix=moved, progress=progress)
    return replace(result, after=after, output=output, renamed=plan.names)


def _label(path: Path, root: Path) -> str | None:
    try:
        return _real(path).relative_to(_real(root)).as_posix()
    except ValueError:
        return None


def _fix_project(
    source: Path, output: Path | None, kinds: frozenset[str], tracks: tuple[str, ...], profile: str, *, dry_run: bool
) -> FixResult:
    from stemkit.app.inspect import inspect_prepared
    from stemkit.app.prepare import prepare
    from stemkit.delivery.fix_gaps import cut_items
    from stemkit.delivery.fix_project import fix_project
    from stemkit.reaper.project_file import session_from_document
    from stemkit.reaper.rpp import parse
    from stemkit.render.atomic import part_file
    from stemkit.rules.session_context import labels_of

    prepared = prepare(source, profile=profile)
    before = inspect_prepared(prepared)
    pieces, gap_steps = _gaps(prepared, before, taken="cut_gaps" in kinds)
    data = source.read_bytes()
    if pieces:
        data = cut_items(data, str(source), prepared.session, pieces)
        prepared = replace(prepared, session=session_from_document(parse(data, name=str(source)), source))
    data, steps = fix_project(data, str(source), prepared.session, prepared.plan, kinds=kinds, tracks=tracks)
    result = FixResult(steps=(*steps, *gap_steps), before=before)
    if dry_run or output is None:
        return result
    if output.suffix.lower() != ".rpp":
        raise UsageError(f"{output} must end in .rpp, as every project does.")
    if _real(output.parent) != _real(source.parent):
        raise UsageError(f"{output} lies in another folder and would not find its media; write it beside {source}.")
    with part_file(output) as stream:
        stream.write(data)
    changed = prepare(output, profile=profile)
    now = labels_of(changed.session.tracks)
    renamed = {old: now[guid] for guid, old in labels_of(prepared.session.tracks).items() if guid in now}
    return replace(result, after=inspect_prepared(changed), output=output, renamed=renamed)


def _gaps(
    prepared: Prepared, before: Report, *, taken: bool
) -> tuple[dict[tuple[int, int], list[tuple[float, float]]], tuple[FixStep, ...]]:
    """Find the noisy gaps that can be cut out of items, for the tracks in which the inspection heard any."""
    from stemkit.audio.measure import measure
    from stemkit.delivery.fix_gaps import GapLimits, pieces_of
    from stemkit.model.delivery import FixStep
    from stemkit.rules.session_context import labels_of

    limit_dbfs = prepared.profile.content.gap_noise_max_dbfs
    noisy = {finding.subject for finding in before.open_findings if finding.rule == "SK118"}
    if limit_dbfs is None or not noisy:
        return {}, ()
    limits = GapLimits(noise_max_dbfs=limit_dbfs, min_s=prepared.profile.content.gap_min_s)
    labels = labels_of(prepared.session.tracks)
    pieces: dict[tuple[int, int], list[tuple[float, float]]] = {}
    steps = []
    for track in prepared.session.tracks:
        if labels[track.guid] not in noisy:
            continue
        found = {}
        for number, item in enumerate(track.items):
            take = item.active_take
            path = take.source.resolved_path if take is not None and take.source is not None else None
            kept = pieces_of(item, {path: measure(Path(path))}, limits) if path is not None else None
            if kept is not None:
                found[track.index, number] = kept
        blocked = None if found else "its items do not play their files plainly; split them by hand"
        summary = f"{len(found)} item{'' if len(found) == 1 else 's'} cut where only noise plays"
        steps.append(
            FixStep(
                kind="cut_gaps",
                subject=labels[track.guid],
                summary=summary,
                safe=False,
                rules=("SK118",),
                chosen=taken and blocked is None,
                blocked=blocked,
            )
        )
        pieces.update(found if taken else {})
    return pieces, tuple(steps)
