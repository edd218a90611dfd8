"""Why a track gives no stem."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stemkit.model.plan import ExcludedTrack
from stemkit.render.words import listed
from stemkit.session.sound import instrument_effects

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from stemkit.render.cut import Cut
    from stemkit.session.routing import RoutedTrack, Routing

__all__ = ["excluded_tracks"]


def excluded_tracks(
    routing: Routing, cut: Cut, *, planned: Iterable[str], by_user: Mapping[str, str], bypass_fx: bool
) -> tuple[ExcludedTrack, ...]:
    """List every track that is no stem of its own, with the reason.

    Parameters
    ----------
    routing
        The graph.
    cut
        The whole cut, before the user left anything out.
    planned
        GUIDs of the tracks at which a planned stem leaves the graph.
    by_user
        Tracks whose stem the user left out, by GUID, and why.
    bypass_fx
        True where no effect runs, so that no instrument sounds.
    """
    stems = frozenset(planned)
    holders = _holders(routing, cut)
    passed = _passed(routing, cut)
    found: list[ExcludedTrack] = []
    for node in routing.order:
        if node.guid in stems:
            continue
        if node.guid in by_user:
            code, reason = "excluded_by_user", by_user[node.guid]
        else:
            code, reason = _why(node, cut, holders, passed, bypass_fx=bypass_fx)
        found.append(ExcludedTrack(guid=node.guid, index=node.index, name=node.label, reason=reason, code=code))
    return tuple(found)


def _holders(routing: Routing, cut: Cut) -> dict[str, list[str]]:
    """Return for each track the names of the stems that hold everything from it."""
    holders: dict[str, list[str]] = {}
    for stem in cut.stems:
        for guid, inputs in stem.parts:
            if inputs == "all":
                for inside in routing.upstream(guid):
                    holders.setdefault(inside, []).append(stem.title or routing.label(guid))
    return holders


def _passed(routing: Routing, cut: Cut) -> frozenset[str]:
    """Return the tracks that stems run through on their way to the master."""
    clear = routing.clear_ways(cut.stops)
    return frozenset(there for guid, _ in cut.parts for there in routing.downstream(guid, within=clear))


def _why(
    node: RoutedTrack, cut: Cut, holders: Mapping[str, list[str]], passed: frozenset[str], *, bypass_fx: bool
) -> tuple[str, str]:
    if node.feeds_instrument and node.source is None:
        return "midi_only", "its notes play an instrument on another track"
    if node.silence is not None and node.silence.code != "solo_elsewhere":
        return _silent(node, node.silence.code, node.silence.reason)
    if node.guid in cut.contained:
        return "contained", cut.contained[node.guid]
    if bypass_fx and node.source == "instrument" and node.sounding:
        return "instrument_bypassed", "its instrument is an effect, and effects are bypassed"
    if node.sounding and node.guid in holders and (node.source is not None or node.guid not in passed):
        return "contained", f"it is part of {listed(holders[node.guid])}"
    return _processing_only(node, bypass_fx=bypass_fx) if node.sounding else _nothing_sounds(node)


def _silent(node: RoutedTrack, code: str, reason: str) -> tuple[str, str]:
    sounds = node.source is not None or node.track.items or node.children
    return (code, reason) if sounds or code == "muted" else ("empty", f"nothing is on it, and {reason}")


def _processing_only(node: RoutedTrack, *, bypass_fx: bool) -> tuple[str, str]:
    what = "a folder" if node.children else "a bus"
    if node.processing and not bypass_fx:
        effects = listed([effect.alias or effect.name for effect in node.processing])
        return "processing_only", f"{what} that only processes other tracks with {effects}"
    return "processing_only", f"{what} that only passes other tracks on; its gain and pan are part of their stems"


def _nothing_sounds(node: RoutedTrack) -> tuple[str, str]:
    if node.unfed_instrument:
        names = listed([effect.alias or effect.name for effect in instrument_effects(node.track)])
        return "silent", f"no notes reach its instrument {names}; put an item on it if it plays by itself"
    if not node.track.items and not any(edge.role == "audible" for edge in node.incoming):
        return "empty", "it has no items, and nothing is sent to it"
    if not node.track.items:
        return "silent", "nothing that sounds is sent to it"
    if any(not item.mute for item in node.track.items):
        return "silent", "its items hold no sound, or notes that no instrument plays"
    return "silent", "all of its items are muted"
