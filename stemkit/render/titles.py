"""What each stem is called, and in which order the stems stand."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from stemkit.render.instruments import INSTRUMENT_CLASSES, instrument_class, instrument_rank
from stemkit.render.naming import NameSource, name_from_media, stem_names
from stemkit.session.sound import instrument_effects, playing_items

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from typing import Literal

    from stemkit.render.cut import CutStem
    from stemkit.session.routing import RoutedTrack, Routing

__all__ = ["in_order", "names_of"]

_MAKER = re.compile(r"(?:\s*\([^()]*\))+\s*$")  # "ReaVerb (Cockos)", and its number of outputs
_SAY_NOTHING = ("untitled midi item",)  # what REAPER calls new items


def in_order(routing: Routing, stems: Sequence[CutStem], order: Literal["project", "instrument"]) -> list[CutStem]:
    """Sort stems by the instruments that their names speak of, or leave them in the order of the project."""
    if order == "project":
        return list(stems)
    return sorted(stems, key=lambda stem: _rank(routing, stem))


def _rank(routing: Routing, stem: CutStem) -> tuple[int, int]:
    """Rank a stem by its own name, else by the folders around it; a return without a telling name is an effect."""
    guid: str | None = stem.parts[0][0]
    name = stem.title or routing.label(stem.parts[0][0])
    while guid is not None and instrument_class(name) is None:
        guid = routing.nodes[guid].parent
        name = routing.label(guid) if guid is not None else ""
    if guid is None and stem.kind == "return":
        return INSTRUMENT_CLASSES.index("fx") * 2, 0
    return instrument_rank(name)


def names_of(routing: Routing, stems: Sequence[CutStem], chosen: Mapping[str, str]) -> tuple[str, ...]:
    """Name the stems.

    Parameters
    ----------
    routing
        The tracks.
    stems
        In the order of the delivery.
    chosen
        The user's own names, by GUID of the track.
    """
    return stem_names([_source(routing, stem, chosen) for stem in stems])


def _source(routing: Routing, stem: CutStem, chosen: Mapping[str, str]) -> NameSource:
    node = routing.nodes[stem.parts[0][0]]
    folder = _folder_name(routing, node)
    if stem.title is not None:
        return NameSource(name=stem.title, chosen=True)
    if node.guid in chosen:
        return NameSource(name=chosen[node.guid], folder=folder, chosen=True)
    return NameSource(name=node.track.name, fallbacks=tuple(_fallbacks(node)), folder=folder)


def _folder_name(routing: Routing, node: RoutedTrack) -> str:
    """Return the name of the nearest folder that has one."""
    around = node.parent
    while around is not None and not routing.nodes[around].track.name.strip():
        around = routing.nodes[around].parent
    return routing.nodes[around].track.name if around is not None else ""


def _fallbacks(node: RoutedTrack) -> Iterator[str]:
    """Yield what else could name a track: its first item's file and take, its instrument, or a return's effect."""
    first = next(playing_items(node.track), None)
    take = None if first is None else first.active_take
    if take is not None:
        if take.source is not None:
            yield name_from_media(take.source.media.file)
        if take.name.casefold() not in _SAY_NOTHING:
            yield name_from_media(take.name)
    telling = instrument_effects(node.track) or (() if node.source else node.processing)
    yield from (effect.alias or _MAKER.sub("", effect.name) for effect in telling[:1])
    yield node.label
