"""The cut by groups: what goes straight into the master, processing included, or the groups that the user named."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from stemkit.render.cut import Cut, CutStem, cut_by_track, feeder_labels
from stemkit.render.instruments import INSTRUMENT_CLASSES, class_title, instrument_class
from stemkit.render.words import listed
from stemkit.session.routing import MASTER

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from stemkit.model.plan import CutInputs, StemKind
    from stemkit.session.routing import RoutedTrack, Routing

__all__ = ["cut_by_group"]

_UNKNOWN = "Other"


def cut_by_group(routing: Routing, sources: Sequence[str], titles: Mapping[str, str]) -> Cut:
    """Cut at the tracks that go straight into the master.

    Where none of them is a folder or a bus, tracks are grouped by the instrument that their names speak of. Where
    the user named groups, a track that goes straight into the master joins its group as it is; one that only holds
    members of groups is taken apart into the stems of its tracks.

    Parameters
    ----------
    routing
        The graph.
    sources
        GUIDs of the tracks that sound by themselves and are heard.
    titles
        The group of each track that the user put into one, by GUID.
    """
    tops = [n for n in routing.order if n.sounding and MASTER in routing.next_tracks(n.guid)]
    own = frozenset(sources)
    if not titles and not any(_kind(routing, node, own) in ("folder", "bus") for node in tops):
        return _by_instrument(routing, sources)
    return _by_tops(routing, sources, tops, titles)


def _kind(routing: Routing, node: RoutedTrack, own: frozenset[str]) -> StemKind:
    if feeder_labels(routing, node.guid, kind="main"):
        return "folder"
    if node.guid in own:
        return "instrument" if node.source == "instrument" else "track"
    if node.guid in routing.roles.instrument_outputs:
        return "instrument"
    return "return" if node.guid in routing.roles.returns else "bus"


_REASONS: Mapping[StemKind, str] = {
    "folder": "a folder that goes straight into the master",
    "bus": "a bus that goes straight into the master",
    "return": "a return",
    "track": "a track outside of folders and buses",
    "instrument": "an instrument outside of folders and buses",
}


def _by_tops(routing: Routing, sources: Sequence[str], tops: Sequence[RoutedTrack], titles: Mapping[str, str]) -> Cut:
    own = frozenset(sources)
    by_track = cut_by_track(routing, sources)
    apart = _taken_apart(routing, by_track, tops, titles)
    whole = [node for node in tops if node.guid not in apart]
    members: dict[str, list[tuple[str, CutInputs]]] = defaultdict(list)
    stems: list[CutStem] = []
    for node in whole:
        if node.guid in titles:
            members[titles[node.guid]].append((node.guid, "all"))
            continue
        kind = _kind(routing, node, own)
        stems.append(CutStem(parts=((node.guid, "all"),), kind=kind, reason=_REASONS[kind]))
    standing = {node.guid for node in whole}
    for guid, inputs in by_track.parts:
        way = (guid, *routing.downstream(guid))
        opened = next((there for there in way if there in apart), None)
        if opened is None or guid in standing:
            continue
        title = next((titles[there] for there in way if there in titles), routing.label(opened))
        members[title].append((guid, inputs))
    stems += [_group(routing, title, parts, f"the group {title!r}") for title, parts in members.items()]
    stops = {guid for stem in stems for guid, inputs in stem.parts if inputs == "all"}
    return Cut(stems=tuple(stems), stops=frozenset(stops))


def _taken_apart(
    routing: Routing, by_track: Cut, tops: Iterable[RoutedTrack], titles: Mapping[str, str]
) -> frozenset[str]:
    """Return the tops that are in no group themselves while something that runs through them is."""
    loose = {node.guid for node in tops if node.guid not in titles}
    opened: set[str] = set()
    for guid, _ in by_track.parts:
        way = (guid, *routing.downstream(guid))
        if any(there in titles for there in way):
            opened.update(there for there in way[1:] if there in loose)
    return frozenset(opened)


def _by_instrument(routing: Routing, sources: Sequence[str]) -> Cut:
    by_track = cut_by_track(routing, sources)
    members: dict[str, list[tuple[str, CutInputs]]] = {}
    for title in (*map(class_title, INSTRUMENT_CLASSES), _UNKNOWN):
        members[title] = []
    for stem in by_track.stems:
        for guid, inputs in stem.parts:
            found = instrument_class(routing.label(guid)) or ("fx" if stem.kind == "return" else None)
            members[class_title(found) if found else _UNKNOWN].append((guid, inputs))
    stems = tuple(
        _group(routing, title, parts, "no folder or bus groups the tracks, so their names do")
        for title, parts in members.items()
        if parts
    )
    return Cut(stems=stems, stops=by_track.stops, contained=by_track.contained)


def _group(routing: Routing, title: str, parts: Sequence[tuple[str, CutInputs]], reason: str) -> CutStem:
    names = listed([routing.label(guid) for guid, _ in parts])
    return CutStem(parts=tuple(parts), kind="group", reason=f"{reason}: {names}", title=title)
