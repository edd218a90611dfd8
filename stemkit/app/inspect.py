"""Say what in a project would spoil a delivery, before anything is rendered."""

from __future__ import annotations

import math
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from stemkit.app.prepare import Prepared
    from stemkit.model.audio import AudioFacts
    from stemkit.model.plan import Engine
    from stemkit.model.report import Report, StemLevel
    from stemkit.rules.session_context import TargetRate

    Progress = Callable[[float, str], None]

__all__ = ["inspect_prepared", "inspect_project", "stem_levels"]

_NO_MEDIA = "the media was not listened to (--no-media)"
_NO_FILES = "no media file of the project could be read"
_NO_AUDIO = "the project plays no audio file"
_SILENCE = 10 ** (-200 / 20)  # what is below this in a float file is rounding, not sound


def inspect_project(
    project: Path | None,
    *,
    profile: str = "mix-prep",
    overrides: Mapping[str, object] | None = None,
    select: Iterable[str] = (),
    ignore: Iterable[str] = (),
    accept: Mapping[str, str] | None = None,
    as_is: bool = False,
    media: bool = True,
    levels: bool = False,
    target_rate: TargetRate | None = None,
    progress: Progress | None = None,
) -> Report:
    """Inspect a project; nothing in it is changed, and nothing is rendered but into a temporary folder for `levels`.

    Parameters
    ----------
    project
        A ``.rpp`` file; None inspects the project that is open in REAPER.
    profile
        Name of a profile, or path of a TOML file.
    overrides
        Fields of `Choices` that win over the ``stemkit.toml`` beside the project.
    select, ignore
        Prefixes of rule ids.
    accept
        For each prefix of rule ids, why its findings are meant so.
    as_is
        Judge what would happen if somebody pressed Render with the project's own settings: no plan takes care of
        anything.
    media
        Listen to the media, to find noise in gaps.
    levels
        Measure how loud each stem would be printed: by REAPER where it is open, else where that is possible without.
    target_rate
        The sample rate that the brief's target asks for.
    progress
        Called with the part that is done, 0…1, and what is being done.

    Raises
    ------
    InputError
        The project, the profile or ``stemkit.toml`` cannot be read.
    UsageError
        A prefix fits no rule.
    """
    from stemkit.app.prepare import prepare

    return inspect_prepared(
        prepare(project, profile=profile, overrides=overrides),
        select=select,
        ignore=ignore,
        accept=accept,
        as_is=as_is,
        media=media,
        levels=levels,
        target_rate=target_rate,
        progress=progress,
    )


def inspect_prepared(
    prepared: Prepared,
    *,
    select: Iterable[str] = (),
    ignore: Iterable[str] = (),
    accept: Mapping[str, str] | None = None,
    as_is: bool = False,
    media: bool = True,
    levels: bool = False,
    target_rate: TargetRate | None = None,
    progress: Progress | None = None,
) -> Report:
    """Inspect a project that is read and planned already; see `inspect_project`."""
    from stemkit.app.check import accept_findings
    from stemkit.app.prepare import fidelity_of
    from stemkit.model.report import Report
    from stemkit.rules import catalogue, registry
    from stemkit.rules.session_context import context_of
    from stemkit.session.tempo import time_of

    rules = [rule for rule in catalogue.select(select, ignore) if rule.scope == "session"]
    wanted = {rule.id for rule in rules}
    share = _shares(listening=media and "SK118" in wanted, levels=levels, progress=progress)
    audio, audio_unknown = _listen(prepared, share[0]) if media and "SK118" in wanted else ({}, _NO_MEDIA)
    context = context_of(
        prepared.session,
        prepared.profile,
        prepared.plan,
        media=prepared.media,
        damage=_damage(prepared) if "SK113" in wanted else {},
        audio=audio,
        audio_unknown=audio_unknown,
        levels=stem_levels(prepared, progress=share[1]) if levels else None,
        target_rate=target_rate,
        bar_one_s=time_of(prepared.session, 1),
        as_is=as_is,
    )
    label = str(prepared.path)
    outcome = registry.run_rules(rules, prepared.session, label, context, severities=prepared.profile.severities)
    report = Report(
        kind="inspect",
        subject=label,
        profile_id=prepared.profile.id,
        profile_title=prepared.profile.title,
        findings=tuple(outcome.findings),
        skipped=tuple(outcome.skipped),
        checked=tuple(sorted(outcome.checked)),
        levels=context.levels or (),
        session=prepared.session,
        plan=None if as_is else prepared.plan,
        fidelity={} if as_is else fidelity_of(prepared),
    )
    return accept_findings(report, accept or {})


def _damage(prepared: Prepared) -> dict[str, str]:
    """Say of each media file that is cut short or broken what is wrong with it, by its path."""
    found = {path: _first_fault(Path(path)) for path in prepared.media}
    return {path: fault for path, fault in found.items() if fault}


def _first_fault(path: Path) -> str | None:
    from stemkit.audio.wav import walk
    from stemkit.errors import InputError

    try:
        return next((fault.message for fault in walk(path).damage if fault.fatal), None)
    except InputError as error:
        return error.message


def _shares(*, listening: bool, levels: bool, progress: Progress | None) -> tuple[Progress | None, Progress | None]:
    """Split one progress bar between listening to the media and measuring the stems."""
    if progress is None:
        return None, None
    if not (listening and levels):
        return progress, progress
    return (lambda part, doing: progress(part / 2, doing)), (lambda part, doing: progress(0.5 + part / 2, doing))


def _listen(prepared: Prepared, progress: Progress | None) -> tuple[dict[str, AudioFacts], str]:
    """Measure the media that plays, and say what could not be measured."""
    from stemkit.audio.measure import measure
    from stemkit.errors import InputError
    from stemkit.session.sound import playing_items, playing_takes

    sources = [
        take.source.media
        for track in prepared.session.tracks
        for item in playing_items(track)
        for take in playing_takes(item)
        if take.source is not None and not take.source.media.kind.startswith("midi")
    ]
    found = (source.resolved_path for source in sources)
    paths = list(dict.fromkeys(path for path in found if path is not None and prepared.media.get(path) is not None))
    measured: dict[str, AudioFacts] = {}
    unread: list[str] = []
    for number, path in enumerate(paths):
        if progress is not None:
            progress(number / len(paths), Path(path).name)
        try:
            measured[path] = measure(Path(path))
        except InputError as error:
            unread.append(error.message)
    if unread and not measured:
        return measured, unread[0]
    return measured, _NO_FILES if sources else _NO_AUDIO


def stem_levels(prepared: Prepared, *, progress: Progress | None = None) -> tuple[StemLevel, ...]:
    """Measure how loud each stem would be printed: rendered into a temporary folder, and looked at.

    The project that is open in REAPER is rendered by REAPER, plug-ins included, and put back as it was; a file by the
    built-in engine.

    Parameters
    ----------
    prepared
        The project.
    progress
        Called with the part that is done, 0…1, and what is being done.

    Returns
    -------
    tuple[StemLevel, ...]
        One a stem of the plan; where only REAPER can render it, with that as the reason.
    """
    from stemkit.model.report import StemLevel
    from stemkit.render.atomic import staging_folder
    from stemkit.rules.session_context import labels_of

    labels = labels_of(prepared.session.tracks)
    engine = _engine_for_levels(prepared)
    fidelity = engine.fidelity(prepared.session, prepared.plan)
    possible = frozenset(s.file_name for s in prepared.plan.stems if fidelity[s.file_name].level != "impossible")
    peaks: dict[str, float] = {}
    if possible:
        with staging_folder(Path(tempfile.gettempdir())) as staging:
            rendered = engine.render(prepared.session, prepared.plan, staging, keys=possible, progress=progress)
            peaks = {audio.key: audio.peak for audio in rendered}
    return tuple(
        StemLevel(
            stem=stem.file_name,
            subject=labels[stem.cut_guid] + ("" if stem.variant == "stem" else f" ({stem.variant})"),
            peak_dbfs=20 * math.log10(peaks[stem.file_name]) if peaks.get(stem.file_name, 0.0) > _SILENCE else None,
            unknown=None if stem.file_name in peaks else "; ".join(fidelity[stem.file_name].reasons),
            approximate=fidelity[stem.file_name].reasons if stem.file_name in peaks else (),
        )
        for stem in prepared.plan.stems
    )


def _engine_for_levels(prepared: Prepared) -> Engine:
    from stemkit.reaper.live_engine import LiveEngine
    from stemkit.render.builtin import BuiltinEngine

    if prepared.session.source == "live" and not prepared.choices.bypass_fx:
        return LiveEngine()
    return BuiltinEngine(bypass_fx=prepared.choices.bypass_fx)
