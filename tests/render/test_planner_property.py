"""Every path from a source to the master is cut exactly once: counted path by path, without the product's code."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from hypothesis import given, settings
from hypothesis import strategies as st

from stemkit.model.delivery import Choices
from stemkit.model.session import MainSend
from stemkit.render.planner import make_plan
from tests.session.made_sessions import SIDECHAIN, chain, item, made, notes, send, synth, track

if TYPE_CHECKING:
    from stemkit.model.plan import RenderPlan
    from stemkit.model.session import Send, Session

MASTER = "the master"


def all_paths(session: Session) -> list[tuple[str, ...]]:
    tracks = session.tracks
    parents: list[int | None] = []
    around: list[int] = []
    for number, one in enumerate(tracks):
        parents.append(around[-1] if around else None)
        if one.depth_change == 1:
            around.append(number)
        elif one.depth_change < 0:
            around = around[: max(0, len(around) + one.depth_change)]

    def muted(number: int | None) -> bool:
        return number is not None and (tracks[number].mute or muted(parents[number]))

    ahead: dict[str, list[str]] = {one.guid: [] for one in tracks}
    for number, one in enumerate(tracks):
        if muted(number):
            continue
        if one.main_send.enabled:
            above = parents[number]
            ahead[one.guid].append(MASTER if above is None else tracks[above].guid)
        for other in tracks:
            for received in other.receives:
                to_main_pair = received.destination_channels.first == 0
                if received.source_guid == one.guid and to_main_pair and not received.mute:
                    ahead[one.guid].append(other.guid)
    ways: list[tuple[str, ...]] = []

    def walk(way: tuple[str, ...]) -> None:
        for there in ahead[way[-1]]:
            if there == MASTER:
                ways.append(way)
            else:
                walk((*way, there))

    for number, one in enumerate(tracks):
        sounds = one.items and (one.items[0].takes[0].source.kind == "wave" or one.fx.effects)  # type: ignore[union-attr]
        if sounds and not muted(number):
            walk((one.guid,))
    return ways


def stems_with(plan: RenderPlan, way: tuple[str, ...]) -> list[tuple[str, tuple[str, ...]]]:
    """Return each stem that a path is in, by the model of `stemkit.model.plan`, and the rest of its way."""
    return [
        (stem.name, way[start + 1 :])
        for stem in plan.stems
        for cut, inputs in stem.cuts
        for start in ([0] if inputs == "items" else range(len(way)))
        if way[start] == cut and plan.stops.isdisjoint(way[start + 1 :])
    ]


@st.composite
def sessions(draw: st.DrawFn) -> Session:
    count = draw(st.integers(1, 7))
    names = [f"T{n}" for n in range(count)]
    tracks = []
    for name in names:
        sound = draw(st.sampled_from(["none", "audio", "audio", "instrument"]))
        fx = [synth(name)] if sound == "instrument" else []
        if draw(st.integers(0, 3)) == 0:
            fx.append(chain(draw(st.sampled_from(["ReaComp", "ReaVerbate", "SPAN"]))).effects[0])
        items = {"none": (), "audio": (item(),), "instrument": (notes(),)}[sound]
        tracks.append(
            replace(
                track(name, *items, fx=fx),
                depth_change=draw(st.sampled_from([0, 0, 0, 1, 1, -1, -2])),
                mute=draw(st.integers(0, 7)) == 0,
                main_send=MainSend(enabled=draw(st.integers(0, 3)) > 0),
                channels=draw(st.sampled_from([2, 4])),
            )
        )
    sends: list[Send] = []
    for _ in range(draw(st.integers(0, 8))):
        source, destination = draw(st.sampled_from(names)), draw(st.sampled_from(names))
        kind = SIDECHAIN if draw(st.integers(0, 4)) == 0 else {}
        new = send(
            source, destination, mute=draw(st.integers(0, 6)) == 0, mode=draw(st.sampled_from([0, 1, 3])), **kind
        )
        if not _has_a_circle(made(*tracks, sends=[*sends, new])):
            sends.append(new)
    return made(*tracks, sends=sends)


def _has_a_circle(session: Session) -> bool:
    ahead: dict[str, set[str]] = {one.guid: set() for one in session.tracks}
    around: list[str] = []
    for one in session.tracks:
        if around:
            ahead[one.guid].add(around[-1])
        if one.depth_change == 1:
            around.append(one.guid)
        elif one.depth_change < 0:
            around = around[: max(0, len(around) + one.depth_change)]
        for received in one.receives:
            ahead[received.source_guid].add(one.guid)
    while True:
        ends = [guid for guid, others in ahead.items() if not others]
        if not ends:
            return bool(ahead)
        ahead = {guid: others - set(ends) for guid, others in ahead.items() if guid not in ends}


@settings(max_examples=400, deadline=None)
@given(sessions(), st.sampled_from(["track", "group"]))
def test_every_path_is_cut_exactly_once(session: Session, by: str) -> None:
    plan = make_plan(session, Choices(by=by), project_name="Song")  # type: ignore[arg-type]
    filled: set[str] = set()
    for way in all_paths(session):
        ((name, _),) = stems_with(plan, way)
        filled.add(name)
    assert filled == {stem.name for stem in plan.stems}  # and no stem is empty


@settings(max_examples=300, deadline=None)
@given(sessions())
def test_ways_and_obstacles_are_what_lies_behind_the_cut(session: Session) -> None:
    plan = make_plan(session, Choices(), project_name="Song")
    ways: dict[str, set[str]] = {stem.name: set() for stem in plan.stems}
    for way in all_paths(session):
        for name, rest in stems_with(plan, way):
            ways[name].update(rest)
    assert {stem.name: set(stem.through) for stem in plan.stems} == ways
    processing = {one.guid for one in session.tracks if any(fx.name != "SPAN" for fx in one.fx.effects)}
    assert plan.adds_up.possible == (not any(way & processing for way in ways.values()))


@settings(max_examples=300, deadline=None)
@given(sessions(), st.sampled_from(["track", "group"]))
def test_every_track_is_a_stem_or_has_a_reason(session: Session, by: str) -> None:
    plan = make_plan(session, Choices(by=by), project_name="Song")  # type: ignore[arg-type]
    cuts = [guid for stem in plan.stems for guid, _ in stem.cuts]
    assert sorted([*cuts, *(one.guid for one in plan.excluded)]) == sorted(one.guid for one in session.tracks)
    assert all(one.reason and one.code for one in plan.excluded)
    heard = {way[0] for way in all_paths(session)}
    assert heard == {guid for stem in plan.stems for guid in stem.tracks}


@settings(max_examples=200, deadline=None)
@given(sessions(), st.lists(st.tuples(st.sampled_from(["A", "B"]), st.integers(0, 6)), max_size=4))
def test_named_groups_cut_every_path_once(session: Session, members: list[tuple[str, int]]) -> None:
    groups = [(title, (f"T{number}",)) for title, number in members if number < len(session.tracks)]
    plan = make_plan(session, Choices(by="group", groups=tuple(groups)), project_name="Song")
    for way in all_paths(session):
        assert len(stems_with(plan, way)) == 1, (way, plan)
