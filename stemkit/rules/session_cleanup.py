"""Rules about what lies in the project and does not sound: mutes, solos, empty tracks, takes, lanes, hidden tracks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stemkit.rules.registry import Problem, rule
from stemkit.rules.session_context import MASTER, PROJECT, counted, listed, spans
from stemkit.session.plugins import classify, walk_effects
from stemkit.session.sound import instrument_effects

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stemkit.model.session import Session, Track
    from stemkit.rules.session_context import SessionContext

__all__: list[str] = []

_MASTER_SOLO = 2  # MASTERMUTESOLO (reaper-facts.md 5.1)
_SPACE = ("reverb", "delay", "modulation")


@rule("SK105", "muted-track", severity="warning", scope="session", guide="G3")
def muted_track(session: Session, context: SessionContext) -> Iterator[Problem]:
    """No track is muted: it either belongs to the song or it goes.

    Why: A muted track is a question to the engineer: a dropped idea, or forgotten? It must not come as a silent
    file, and it must not be missed either.

    Fix in REAPER: delete the track (Track > Remove tracks), or unmute it if it belongs to the song.

    Fix in any DAW: Delete muted tracks, or unmute those that belong to the song.

    Source: Guide G3; MUTESOLO after reaper-facts.md 5.2.
    """
    for track in session.tracks:
        inside = len(context.routing.nodes[track.guid].children)
        if track.mute:
            what = f"The folder is muted, and {counted(inside, 'track')} in it." if inside else "The track is muted."
            handled = context.excluded(track.guid)
            yield Problem(subject=context.labels[track.guid], message=what, handled=handled)


@rule("SK106", "muted-item", severity="warning", scope="session", guide="G3")
def muted_item(session: Session, context: SessionContext) -> Iterator[Problem]:
    """No item is muted: unused regions are deleted.

    Why: Muted items are silent in every render, so the stems are right; but whoever opens the project next has to
    find out for each whether it was dropped or forgotten.

    Fix in REAPER: select the muted items (Item > Item settings > Mute shows which) and delete them.

    Fix in any DAW: Delete muted regions.

    Source: Guide G3; item MUTE after reaper-facts.md 5.3.
    """
    for track in session.tracks:
        muted = [item for item in track.items if item.mute]
        if muted:
            yield Problem(
                subject=context.labels[track.guid],
                message=f"{len(muted)} of {counted(len(track.items), 'item')} muted.",
                measured=len(muted),
                expected="0",
                where=spans(muted),
                handled="muted items are silent in every render",
            )


def _unused(track: Track, context: SessionContext) -> str | None:
    """Say in which way a track is of no use; None where it is of some."""
    node = context.routing.nodes[track.guid]
    if track.mute or track.items or node.children or instrument_effects(track):
        return None
    open_receives = [send for send in track.receives if not send.mute]
    if open_receives:
        return None
    effects = [effect for effect, _ in walk_effects(track.fx)]
    if any(classify(effect).category in _SPACE for effect in effects) or track.receives:
        fed = "every send to it is muted" if track.receives else "nothing is sent to it"
        return f"An effect return without use: {fed}."
    return "The track is empty" + (": effects, but nothing to play." if effects else ".")


@rule("SK107", "unused-track", severity="note", scope="session", guide="G3")
def unused_track(session: Session, context: SessionContext) -> Iterator[Problem]:
    """Every track holds something, and every effect return is fed.

    Why: Empty tracks become empty files or questions; a return that nothing is sent to may have lost its sends.

    Fix in REAPER: delete the track (Track > Remove tracks), or restore the send (the track's Route button).

    Fix in any DAW: Delete tracks and returns that carry nothing.

    Source: Guide G3.
    """
    for track in session.tracks:
        what = _unused(track, context)
        if what is not None:
            handled = context.excluded(track.guid)
            yield Problem(subject=context.labels[track.guid], message=what, handled=handled)


@rule("SK108", "soloed", severity="warning", scope="session", guide="G3")
def soloed(session: Session, context: SessionContext) -> Iterator[Problem]:
    """Nothing is soloed.

    Why: A solo left on silences everything else in the render, or at least in the rough mix.

    Fix in REAPER: Actions > Show action list > Track: Unsolo all tracks; for items, Item: Unsolo all; for the
    master, View > Master Track and its S button.

    Fix in any DAW: Clear all solos before exporting.

    Source: reaper-facts.md 7 (any solo silences the tracks without one), 5.2, 5.3.
    """
    names = [context.labels[track.guid] for track in session.tracks if track.solo > 0]
    if names:
        silent = sum(node.sounding and not node.audible for node in context.routing.order)
        effect = f", which silences {counted(silent, 'other track')}" if silent else ""
        handled = None if context.planned is None else "the stems are made as if nothing were soloed"
        yield Problem(
            subject=PROJECT,
            message=f"Solo is on for {listed(names)}{effect}.",
            measured=len(names),
            expected="0",
            handled=handled,
        )
        if silent and context.planned is not None and context.planned.rough_mix:
            said = f"Rough_Mix is made as the project sounds now, so without the {counted(silent, 'silenced track')}."
            yield Problem(subject=PROJECT, message=said, measured=silent, expected="0")
    for track in session.tracks:
        items = [item for item in track.items if item.solo_state < 0]
        if items:
            yield Problem(
                subject=context.labels[track.guid],
                message=f"{counted(len(items), 'item')} soloed; the track's others are silent.",
                measured=len(items),
                where=spans(items),
            )
    if session.master.mute_solo & _MASTER_SOLO:
        yield Problem(subject=MASTER, message="The master is soloed.", severity="note")


@rule("SK119", "unused-take-or-lane", severity="note", scope="session", guide="G3")
def unused_take_or_lane(session: Session, context: SessionContext) -> Iterator[Problem]:
    """Items hold one take, and every lane that lies on a track plays.

    Why: Takes and lanes that do not play are not in the stems. Before they are left behind for good, somebody
    should have chosen the best.

    Fix in REAPER: Item > Take > Crop to active take in items; for lanes, Track lanes > delete lanes (including
    media items) that are not playing.

    Fix in any DAW: Flatten comps and delete alternative takes, in a copy of the project.

    Source: Guide G3; takes and FIXEDLANES after reaper-facts.md 5.2 and 5.3.
    """
    for track in session.tracks:
        spare = [item for item in track.items if len(item.takes) > 1 and not item.all_takes]
        parts = []
        if spare:
            takes = sum(len(item.takes) - 1 for item in spare)
            parts.append(f"{counted(takes, 'take')} in {counted(len(spare), 'item')} not playing")
        if track.free_mode == 2 and track.lanes_playing is not None and track.lane_count > 1:
            silent = sum(not track.lanes_playing >> lane & 1 for lane in range(track.lane_count))
            parts += [f"{silent} of {track.lane_count} lanes not playing"] if silent else []
        if parts:
            yield Problem(
                subject=context.labels[track.guid],
                message=f"{'; '.join(parts)}.",
                where=spans(spare),
                handled="what does not play is in no render",
            )


@rule("SK121", "hidden-track", severity="note", scope="session", guide="G3")
def hidden_track(session: Session, context: SessionContext) -> Iterator[Problem]:
    """Every track that is heard can be seen.

    Why: A hidden track is easily forgotten when tracks are selected for a render, and its sound is then missing.

    Fix in REAPER: View > Track Manager, and tick the track's TCP and MCP columns.

    Fix in any DAW: Show all tracks before exporting.

    Source: SHOWINMIX after reaper-facts.md 5.2.
    """
    for track in session.tracks:
        node = context.routing.nodes[track.guid]
        if track.visible_in_arrange or not (node.heard and node.source):
            continue
        stem = context.stems.get(track.guid)
        handled = None if stem is None or context.as_is else f"its stem is {stem.file_name}"
        where = "in the arrange view" if track.visible_in_mixer else "everywhere"
        yield Problem(
            subject=context.labels[track.guid], message=f"The track is hidden {where}, and heard.", handled=handled
        )
