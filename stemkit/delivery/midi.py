"""Standard MIDI files: the tempo and meter map with its markers, and the notes of instrument tracks."""

from __future__ import annotations

import io
import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stemkit.delivery.session_layout import SessionLayout, TempoStep
    from stemkit.model.session import Item, MidiSource, Session, Take, Track

__all__ = ["TICKS_PER_QUARTER", "instrument_midi", "tempo_map_midi"]

TICKS_PER_QUARTER = 960
_RAMP_STEP_QUARTERS = 0.25  # MIDI knows no ramps: a new tempo each sixteenth
_MAX_TEMPO_US = (1 << 24) - 1  # microseconds a quarter; three bytes in the file
_MIN_BPM = 60e6 / _MAX_TEMPO_US
_POWERS_OF_TWO = frozenset(1 << power for power in range(8))


def _tick(quarters: float) -> int:
    return max(0, round(quarters * TICKS_PER_QUARTER))


def tempo_map_midi(layout: SessionLayout) -> bytes:
    """Write tempo, meter and markers as a MIDI file of type 1 whose tick 0 is the session's zero.

    A meter whose denominator is no power of two cannot stand in a MIDI file and is left out.
    """
    from mido import Message, MetaMessage, MidiFile, MidiTrack  # noqa: PLC0415  (only packages need it)

    events: list[tuple[int, int, Message | MetaMessage]] = []
    meter = None
    for number, step in enumerate(layout.tempo):
        following = layout.tempo[number + 1] if number + 1 < len(layout.tempo) else None
        for quarters, bpm in _tempos(step, following):
            tempo = round(60e6 / max(bpm, _MIN_BPM))
            events.append((_tick(quarters), 1, MetaMessage("set_tempo", tempo=min(tempo, _MAX_TEMPO_US))))
        own = step.numerator, step.denominator
        if own != meter and step.denominator in _POWERS_OF_TWO and step.numerator < 256:
            message = MetaMessage("time_signature", numerator=own[0], denominator=own[1])
            events.append((_tick(step.quarters), 0, message))
        meter = own
    for marker in layout.markers:
        text = marker.name.encode("latin-1", "replace").decode("latin-1")
        events.append((_tick(marker.quarters), 2, MetaMessage("marker", text=text)))
    track = MidiTrack([MetaMessage("track_name", name="Tempo Map")])
    _fill(track, events, _tick(layout.end_quarters))
    return _saved(MidiFile(type=1, ticks_per_beat=TICKS_PER_QUARTER, tracks=[track]))


def _tempos(step: TempoStep, following: TempoStep | None) -> Iterator[tuple[float, float]]:
    """Cut a ramp into short steps, each with its mean tempo, so that the bar lines stay where they are."""
    if following is None or step.bpm == step.end_bpm:
        yield step.quarters, step.bpm
        return
    length = following.quarters - step.quarters
    count = max(1, math.ceil(length / _RAMP_STEP_QUARTERS))
    seconds = following.time_s - step.time_s
    slope = (step.end_bpm - step.bpm) / seconds
    times = [_ramp_time(step.bpm, slope, length * place / count) for place in range(count + 1)]
    for place in range(count):
        passed = times[place + 1] - times[place]
        yield step.quarters + length * place / count, 60.0 * length / count / passed


def _ramp_time(bpm: float, slope: float, quarters: float) -> float:
    return 2 * 60 * quarters / (bpm + math.sqrt(max(0.0, bpm * bpm + 2 * slope * 60 * quarters)))


def _fill(track: list[object], events: list[tuple[int, int, object]], end: int) -> None:
    from mido import MetaMessage  # noqa: PLC0415  (only a delivery writes MIDI)

    now = 0
    for tick, _, message in sorted(events, key=lambda event: event[:2]):
        track.append(message.copy(time=tick - now))  # type: ignore[attr-defined]  # mido has no types
        now = tick
    track.append(MetaMessage("end_of_track", time=max(0, end - now)))


def _saved(file: object) -> bytes:
    stream = io.BytesIO()
    file.save(file=stream)  # type: ignore[attr-defined]  # mido has no types
    return stream.getvalue()


def instrument_midi(session: Session, track: Track, origin_s: float) -> bytes | None:
    """Write the notes of a track's MIDI items, as they play; None where there are none.

    Parameters
    ----------
    session
        The project, for its tempo map.
    track
        The track.
    origin_s
        Where tick 0 lies, in seconds from project zero.
    """
    from mido import MetaMessage, MidiFile, MidiTrack  # noqa: PLC0415  (only a delivery writes MIDI)

    from stemkit.session.sound import playing_items, playing_takes  # noqa: PLC0415  (as above)
    from stemkit.session.tempo import TempoMap  # noqa: PLC0415  (as above)

    tempo = TempoMap.of(session)
    origin = tempo.quarters_at(origin_s)
    events: list[tuple[int, int, object]] = []
    end = 0
    for item in playing_items(track):
        for take in playing_takes(item):
            source = None if take.source is None else take.source.media.midi
            if source is not None and source.length_ticks > 0:
                begin, stop = (tempo.quarters_at(at) - origin for at in (item.position_s, item.end_s))
                skip = tempo.quarters_at(item.position_s + take.source_offset_s / take.play_rate) - origin - begin
                events += _played(item, take, source, begin=begin, stop=stop, skip=skip)
                end = max(end, _tick(stop))
    if not events:
        return None
    messages = MidiTrack([MetaMessage("track_name", name=track.name.encode("latin-1", "replace").decode("latin-1"))])
    _fill(messages, events, end)
    return _saved(MidiFile(type=1, ticks_per_beat=TICKS_PER_QUARTER, tracks=[messages]))


def _played(
    item: Item, take: Take, source: MidiSource, *, begin: float, stop: float, skip: float
) -> list[tuple[int, int, object]]:
    """Lay the source's events on the time line, repeated where the item loops, and end what still sounds."""
    from mido import Message  # noqa: PLC0415  (only a delivery writes MIDI)

    length = source.length_ticks / source.ticks_per_quarter / take.play_rate
    rounds = math.ceil((stop - begin + skip) / length) if item.loop else 1
    events: list[tuple[int, int, object]] = []
    sounding: dict[tuple[int, int], int] = {}
    for repeat in range(rounds):
        for event in source.events:
            if not event.data or not 0x80 <= event.data[0] < 0xF0:
                continue
            offset = event.tick / source.ticks_per_quarter / take.play_rate
            at = begin - skip + repeat * length + offset
            message = Message.from_bytes(list(event.data))
            ends = message.type == "note_off" or (message.type == "note_on" and message.velocity == 0)
            if at < begin or (at >= stop and not ends):
                continue
            if message.type in ("note_on", "note_off"):
                key = message.channel, message.note
                if ends and not sounding.get(key):
                    continue
                sounding[key] = sounding.get(key, 0) + (-1 if ends else 1)
            events.append((_tick(min(at, stop)), 0 if ends else 1, message))
    for (channel, note), count in sounding.items():
        events += [(_tick(stop), 0, Message("note_off", channel=channel, note=note))] * count
    return events
