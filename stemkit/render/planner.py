"""The plan: which stems, from which tracks, between which two times, in which format, and why."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from stemkit.model.plan import GainMode, PlannedStem, RenderPlan
from stemkit.render.adds_up import judge_sum
from stemkit.render.bounds import Sounding, make_bounds
from stemkit.render.cut import Cut, CutStem, cut_by_track
from stemkit.render.direct import direct_tracks
from stemkit.render.exclusions import excluded_tracks
from stemkit.render.groups import cut_by_group
from stemkit.render.naming import file_name
from stemkit.render.rate import choose_rate
from stemkit.render.selection import chosen_tracks, matching_tracks
from stemkit.render.titles import in_order, names_of
from stemkit.render.variants import add_variants
from stemkit.render.widths import stem_channels
from stemkit.render.words import listed
from stemkit.session.routing import build
from stemkit.session.sound import sounding_items

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator, Mapping, Sequence

    from stemkit.model.audio import MediaInfo
    from stemkit.model.delivery import Choices
    from stemkit.model.session import Session
    from stemkit.session.routing import Routing

__all__ = ["make_plan"]


@dataclass(frozen=True, slots=True)
class _Job:
    """What is planned, and by which wishes."""

    session: Session
    routing: Routing
    cut: Cut
    choices: Choices
    media: Mapping[str, MediaInfo | None] | None


def make_plan(
    session: Session,
    choices: Choices,
    *,
    media: Mapping[str, MediaInfo | None] | None = None,
    project_name: str,
    gain: GainMode = "none",
) -> RenderPlan:
    """Plan the stems of a session. Pure: nothing is read and nothing is written.

    Parameters
    ----------
    session
        The project. Solo is ignored, since it is a way of listening.
    choices
        What the user decided.
    media
        Headers of the media by resolved path; None: nobody looked.
    project_name
        Name for people.
    gain
        How `finish` will level the stems.

    Returns
    -------
    RenderPlan
        Without stems where nothing sounds; its notes then say so.

    Raises
    ------
    UsageError
        A choice names no track or no place, or the end lies before the start.
    """
    routing = build(session, media)
    cut = _cut(routing, choices)
    kept, left_out = _keep(routing, cut, choices)
    job = _Job(session, routing, cut, choices, media)
    stems = _planned(job, in_order(routing, kept, choices.order), left_out)
    with_variants, variant_notes = add_variants(routing, stems, choices)
    sounding = _sounding(routing, stems, bypass_fx=choices.bypass_fx)
    rate, rate_reason = choose_rate(session, (n.track for n in sounding.sources), media, choices.sample_rate)
    bounds, bounds_notes = make_bounds(session, choices, sounding, rate)
    return RenderPlan(
        project=project_name,
        by=choices.by,
        stems=tuple(with_variants),
        excluded=excluded_tracks(
            routing,
            cut,
            planned=(guid for stem in stems for guid, _ in stem.cuts),
            by_user=left_out,
            bypass_fx=choices.bypass_fx,
        ),
        stops=cut.stops,
        bounds=bounds,
        sample_rate=rate,
        sample_rate_reason=rate_reason,
        encoding=choices.encoding,
        gain=gain,
        channels=choices.channels,
        adds_up=judge_sum(
            routing, stems, left_out=[routing.label(guid) for guid in left_out], bypass_fx=choices.bypass_fx
        ),
        rough_mix=bool(stems),
        proof_mix=bool(stems),
        notes=(*_notes(routing, stems, cut, choices), *bounds_notes, *variant_notes),
    )


def _cut(routing: Routing, choices: Choices) -> Cut:
    sources = [
        node.guid
        for node in routing.order
        if node.source is not None
        and node.heard
        and (node.source == "items" or not choices.bypass_fx or any(sounding_items(node.track)))
    ]
    if choices.by == "track":
        return cut_by_track(routing, sources)
    titles: dict[str, str] = {}
    for title, patterns in choices.groups:
        for guid in chosen_tracks(routing, patterns, f"group {title!r}:"):
            titles.setdefault(guid, title)
    return cut_by_group(routing, sources, titles)


def _keep(routing: Routing, cut: Cut, choices: Choices) -> tuple[list[CutStem], dict[str, str]]:
    """Return what the user leaves of a cut, and by GUID why the rest is left out."""
    included = chosen_tracks(routing, choices.include, "--include")
    excluded = chosen_tracks(routing, choices.exclude, "--exclude")
    left_out: dict[str, str] = {}
    stems: list[CutStem] = []
    for stem in cut.stems:
        for guid, _ in stem.parts:
            if guid in excluded:
                left_out[guid] = "left out as asked (--exclude)"
            elif included and guid not in included:
                left_out[guid] = "not among the tracks asked for (--include)"
        parts = tuple(part for part in stem.parts if part[0] not in left_out)
        if parts:
            stems.append(replace(stem, parts=parts))
    return stems, left_out


def _planned(job: _Job, stems: Sequence[CutStem], left_out: Container[str]) -> list[PlannedStem]:
    chosen = {guid: name for key, name in job.choices.names for guid in matching_tracks(job.routing, key)}
    names = names_of(job.routing, stems, chosen)
    clear = job.routing.clear_ways(job.cut.stops)
    # With effects bypassed, engines take what a missing decoder would fold down as if it lay on the main pair.
    cuts = () if job.choices.bypass_fx else (guid for guid, _ in job.cut.parts)
    direct = direct_tracks(job.session, job.routing, cuts)
    return [
        _with_rest(
            job.routing, _planned_stem(job, stem, clear, direct, number=n, name=name, count=len(stems)), left_out
        )
        for n, (stem, name) in enumerate(zip(stems, names, strict=True), start=1)
    ]


def _planned_stem(
    job: _Job, stem: CutStem, clear: frozenset[str], direct: frozenset[str], *, number: int, name: str, count: int
) -> PlannedStem:
    routing = job.routing
    (cut_guid, inputs), *others = stem.parts
    guids = [guid for guid, _ in stem.parts]
    tracks = {g for guid, enters in stem.parts for g in ([guid] if enters == "items" else routing.contains(guid))}
    skips = not direct.isdisjoint(guids)
    return PlannedStem(
        number=number,
        name=name,
        file_name=file_name(number, name, count=count),
        kind=stem.kind,
        cut_guid=cut_guid,
        inputs=inputs,
        more_cuts=tuple(others),
        through=() if skips else _ways(routing, guids, clear),
        tracks=tuple(sorted(tracks, key=lambda guid: routing.nodes[guid].index)),
        channels=stem_channels(job.choices.channels, (routing.nodes[guid] for guid in guids), job.media),
        direct=skips,
        reason=stem.reason,
        notes=tuple(_stem_notes(routing, guids, job.choices)),
    )


def _with_rest(routing: Routing, stem: PlannedStem, left_out: Container[str]) -> PlannedStem:
    """Note on a stem what it still holds of tracks that the user left out."""
    cuts = {guid for guid, _ in stem.cuts}
    rest = [routing.label(guid) for guid in stem.tracks if guid in left_out and guid not in cuts]
    if not rest:
        return stem
    return replace(stem, notes=(*stem.notes, f"Still holds what {listed(rest)} sends into it."))


def _ways(routing: Routing, guids: Iterable[str], clear: frozenset[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(there for guid in guids for there in routing.downstream(guid, within=clear)))


def _stem_notes(routing: Routing, guids: Sequence[str], choices: Choices) -> Iterator[str]:
    for key, note in choices.notes:
        if not set(matching_tracks(routing, key)).isdisjoint(guids):
            yield note
    for guid in guids:
        node = routing.nodes[guid]
        keys = [routing.label(edge.source) for edge in node.incoming if edge.role == "sidechain"]
        if keys and not choices.bypass_fx:
            yield f"Printed with an effect that {listed(keys)} steers by a sidechain."


def _sounding(routing: Routing, stems: Iterable[PlannedStem], *, bypass_fx: bool) -> Sounding:
    """Collect what is heard in the stems; players of an instrument count, since their items say when it sounds."""
    heard = dict.fromkeys(guid for stem in stems for guid in stem.tracks)
    inside = dict.fromkeys(
        there
        for stem in stems
        for guid, inputs in stem.cuts
        for there in (guid, *stem.through, *(routing.upstream(guid) if inputs == "all" else ()))
    )
    players = any(routing.nodes[guid].source == "instrument" for guid in heard)
    return Sounding(
        sources=tuple(n for n in routing.order if n.guid in heard or (players and n.feeds_instrument)),
        way=tuple(routing.nodes[guid] for guid in inside),
        bypass_fx=bypass_fx,
    )


def _notes(routing: Routing, stems: Sequence[PlannedStem], cut: Cut, choices: Choices) -> Iterator[str]:
    if not cut.stems:
        yield "Nothing in this project sounds and reaches the master, so there is nothing to render."
    elif not stems:
        yield "The choices leave no stem over."
    if routing.soloed:
        verb = "is" if len(routing.soloed) == 1 else "are"
        names = listed([routing.label(guid) for guid in routing.soloed])
        yield f"{names} {verb} soloed; stems are made as if nothing were."
    yield from _idle_choices(routing, cut, choices)


def _idle_choices(routing: Routing, cut: Cut, choices: Choices) -> Iterator[str]:
    """Name choices that change nothing: without them a wish would fail in silence."""
    for key, _ in (*choices.names, *choices.notes):
        if not matching_tracks(routing, key):
            yield f"{key!r} in the names and notes fits no track."
    at_cut = {guid for guid, _ in cut.parts}
    for pattern in choices.exclude:
        found = matching_tracks(routing, pattern)
        sounding = [guid for guid in found if routing.nodes[guid].sounding]
        if sounding and at_cut.isdisjoint(found):
            hint = f"; folder:{pattern} means all in it" if any(routing.nodes[g].children for g in sounding) else ""
            yield f"{pattern!r} is no stem of its own, so leaving it out changes nothing{hint}."
