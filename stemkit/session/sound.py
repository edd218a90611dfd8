"""What makes a sound in a project: items that play, and instruments that notes reach."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stemkit.session.plugins import classify, live_effects, walk_effects

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stemkit.model.session import Effect, Item, Source, Take, Track

__all__ = [
    "has_live_instrument",
    "instrument_effects",
    "is_instrument",
    "item_plays",
    "playing_items",
    "playing_takes",
    "plays_notes",
    "processing_effects",
    "sounding_items",
]

_MUTE_KINDS = ("empty", "image")  # source kinds that hold no sound at all
_NOTE_ON = 0x90  # with a velocity of 0 it ends a note


def is_instrument(effect: Effect) -> bool:
    """Tell whether a plug-in makes sound from notes; its name decides where the source does not tell."""
    if effect.is_instrument is not None:
        return effect.is_instrument
    return classify(effect).category == "instrument"


def instrument_effects(track: Track) -> tuple[Effect, ...]:
    """Return the instruments of a track's chain, switched on or not."""
    return tuple(effect for effect, _ in walk_effects(track.fx) if is_instrument(effect))


def has_live_instrument(track: Track) -> bool:
    """Tell whether an instrument on the track is switched on."""
    return any(is_instrument(effect) for effect in live_effects(track.fx))


def processing_effects(track: Track) -> tuple[Effect, ...]:
    """Return the live effects of a track that change the sound: neither meters nor bypassed."""
    return tuple(effect for effect in live_effects(track.fx) if not classify(effect).harmless)


def _lane_plays(track: Track, item: Item) -> bool:
    if track.free_mode != 2 or track.lanes_playing is None:
        return True
    return bool(track.lanes_playing >> round(item.lane_top * track.lane_count) & 1)


def item_plays(track: Track, item: Item) -> bool:
    """Tell whether an item plays at all: not muted, longer than nothing, in a lane that plays."""
    return not item.mute and item.length_s > 0 and _lane_plays(track, item)


def playing_items(track: Track) -> Iterator[Item]:
    """Yield the items of a track that play."""
    return (item for item in track.items if item_plays(track, item))


def playing_takes(item: Item) -> tuple[Take, ...]:
    """Return the takes of an item that play: the active one, or all where the item says so."""
    if item.all_takes:
        return item.takes
    return () if item.active_take is None else (item.active_take,)


def _is_midi(source: Source) -> bool:
    return source.media.kind.startswith("midi")


def _plays_notes(take: Take) -> bool:
    """Tell whether a take holds a note; text and controllers alone are not meant to be heard."""
    if take.source is None or not _is_midi(take.source):
        return False
    midi = take.source.media.midi
    if midi is None:  # a MIDI file outside the project, or a pool whose events stand elsewhere
        return True
    return any(len(e.data) > 2 and e.data[0] & 0xF0 == _NOTE_ON and e.data[2] for e in midi.events)


def _take_sounds(take: Take) -> bool:
    if take.source is None or take.source.media.kind in _MUTE_KINDS:
        return False
    if _is_midi(take.source):
        return _plays_notes(take) and any(is_instrument(effect) for effect in live_effects(take.fx))
    return True


def sounding_items(track: Track) -> Iterator[Item]:
    """Yield the items that make sound by themselves: audio, or notes with an instrument among the take's effects.

    An item whose media is missing counts, since it is meant to sound.
    """
    return (item for item in playing_items(track) if any(_take_sounds(take) for take in playing_takes(item)))


def plays_notes(track: Track) -> bool:
    """Tell whether an item of the track plays a MIDI note."""
    return any(_plays_notes(take) for item in playing_items(track) for take in playing_takes(item))
