"""Tracks with their sends, envelopes, effects and items."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from stemkit.model.session import ChannelRange, Envelope, HardwareOut, MainSend, Send, Track
from stemkit.reaper.project_envelopes import SEND_ENVELOPES, TRACK_ENVELOPES, envelope_of
from stemkit.reaper.project_fx import read_chain
from stemkit.reaper.project_items import read_item
from stemkit.reaper.project_values import (
    MAX_CHANNELS,
    Fields,
    color_or_none,
    integer_at,
    number_at,
    pan_law_or_none,
    readable,
    source_channels,
)
from stemkit.reaper.rpp import Block, tokenize

if TYPE_CHECKING:
    from stemkit.model.session import Item
    from stemkit.reaper.project_sources import ReadingContext

__all__ = ["read_tracks"]

STEREO_PAN_MODE = 5
DUAL_PAN_MODE = 6
FIXED_LANES = 2
_MONO_BIT = 1024
_CHANNEL_BITS = 1023
_NO_MIDI = 31  # source channel of a send that carries no MIDI
_LANE_MASK_BITS = 32


@dataclass(slots=True)
class _Parts:
    """A track block taken apart once."""

    lines: list[str] = field(default_factory=list)
    hardware_outs: list[HardwareOut] = field(default_factory=list)
    receives: list[tuple[list[str], list[Envelope]]] = field(default_factory=list)
    envelopes: list[Envelope] = field(default_factory=list)
    items: list[Block] = field(default_factory=list)
    freezes: int = 0


def read_tracks(project: Block, context: ReadingContext, project_pan_mode: int) -> tuple[Track, ...]:
    """Read the project's tracks in order.

    Only direct children count: ``<FREEZE``, snapshots and undo blocks hold look-alikes.

    Parameters
    ----------
    project
        The project's root.
    context
        What one reading shares.
    project_pan_mode
        Tells which meaning a track's third pan value has where the track names no mode.
    """
    blocks = project.children("TRACK")
    guids = _guids(blocks)
    return tuple(_read_track(block, index, guids, context, project_pan_mode) for index, block in enumerate(blocks))


def _guids(blocks: list[Block]) -> list[str]:
    """One name for each track that no other has; hand-made files repeat or leave out GUIDs."""
    guids: list[str] = []
    seen: set[str] = set()
    for index, block in enumerate(blocks):
        tokens = block.args or (block.tokens("TRACKID") or [])[1:]
        guid = tokens[0] if tokens else ""
        if not guid or guid in seen:
            guid = f"{{track-{index + 1}}}"
        seen.add(guid)
        guids.append(guid)
    return guids


def _take_apart(block: Block) -> _Parts:
    parts = _Parts()
    for entry in block.content():
        if isinstance(entry, str):
            if entry.startswith("AUXRECV "):
                parts.receives.append((tokenize(entry), []))
            elif entry.startswith("HWOUT "):
                parts.hardware_outs.append(_hardware_out(tokenize(entry)))
            else:
                parts.lines.append(entry)
        elif entry.tag == "ITEM":
            parts.items.append(entry)
        elif entry.tag == "FREEZE":
            parts.freezes += 1
        elif (envelope := envelope_of(entry, TRACK_ENVELOPES)) is not None:
            parts.envelopes.append(envelope)
        elif parts.receives and (envelope := envelope_of(entry, SEND_ENVELOPES)) is not None:
            parts.receives[-1][1].append(envelope)  # send envelopes follow their AUXRECV
    return parts


def _read_track(block: Block, index: int, guids: list[str], context: ReadingContext, project_pan_mode: int) -> Track:
    parts = _take_apart(block)
    fields = Fields(parts.lines)
    items = tuple(read_item(item, context) for item in parts.items)
    free_mode = fields.integer("FREEMODE")
    pan_mode = fields.integer("PANMODE", 0, -1)
    effective_pan_mode = pan_mode if pan_mode >= 0 else project_pan_mode
    extra_pans = (fields.number("VOLPAN", 3, -1.0), fields.number("VOLPAN", 4, 1.0))
    return Track(
        guid=guids[index],
        index=index,
        name=_name(block, fields),
        depth_change=_depth_change(fields),
        color=color_or_none(fields.integer("PEAKCOL")),
        volume=fields.number("VOLPAN", 0, 1.0),
        pan=fields.number("VOLPAN", 1),
        # The last value is the width in stereo pan and the right pan in dual pan (inferred from the defaults -1 1).
        width=extra_pans[1] if effective_pan_mode == STEREO_PAN_MODE else 1.0,
        dual_pan=extra_pans if effective_pan_mode == DUAL_PAN_MODE else None,
        pan_law=pan_law_or_none(fields.number("VOLPAN", 2, -1.0)),
        pan_mode=pan_mode if pan_mode >= 0 else None,
        pan_law_flags=fields.integer("PANLAWFLAGS") if "PANLAWFLAGS" in fields else None,
        mute=fields.flag("MUTESOLO"),
        solo=fields.integer("MUTESOLO", 1),
        solo_defeat=fields.flag("MUTESOLO", 2),
        phase_inverted=fields.flag("IPHASE"),
        play_offset=fields.number("PLAYOFFS"),
        play_offset_flags=fields.integer("PLAYOFFS", 1, 1),
        automation_mode=fields.integer("AUTOMODE"),
        channels=min(MAX_CHANNELS, max(1, fields.integer("NCHAN", 0, 2))),
        main_send=MainSend(
            enabled=fields.flag("MAINSEND", default=True),
            channel_offset=min(MAX_CHANNELS, max(0, fields.integer("MAINSEND", 1))),
            channel_count=min(MAX_CHANNELS, max(0, fields.integer("MAINSEND_NCH"))),
        ),
        fx=read_chain(block.child("FXCHAIN"), enabled=fields.flag("FX", default=True), name=context.name),
        receives=_receives(parts, guids, index),
        hardware_outs=tuple(parts.hardware_outs),
        envelopes=tuple(parts.envelopes),
        items=items,
        visible_in_arrange=fields.flag("SHOWINMIX", 3, default=True),
        visible_in_mixer=fields.flag("SHOWINMIX", 0, default=True),
        free_mode=free_mode,
        lane_count=_lane_count(items) if free_mode == FIXED_LANES else 1,
        lanes_playing=_lanes_playing(fields) if free_mode == FIXED_LANES else None,
        freeze_count=parts.freezes,
        record_armed=fields.flag("REC"),
        selected=fields.flag("SEL"),
    )


def _name(block: Block, fields: Fields) -> str:
    spelled_out = block.child("NAME")  # a name with all three quote signs; the NAME line is then spoiled
    return readable(fields.text("NAME") if spelled_out is None else spelled_out.text())


def _depth_change(fields: Fields) -> int:
    """``ISBUS state change``; v3 has the state alone: 1 opens a folder, 2 is its last track."""
    values = fields.values("ISBUS")
    if len(values) > 1:
        return integer_at(values, 1)
    return {1: 1, 2: -1}.get(integer_at(values, 0), 0)


def _receives(parts: _Parts, guids: list[str], index: int) -> tuple[Send, ...]:
    return tuple(
        _send(tokens, guids[source], guids[index], tuple(envelopes))
        for tokens, envelopes in parts.receives
        if 0 <= (source := integer_at(tokens, 1, -1)) < len(guids)
    )


def _send(tokens: list[str], source: str, destination: str, envelopes: tuple[Envelope, ...]) -> Send:
    """``AUXRECV source mode vol pan mute mono phase srcchan dstchan panlaw midi automode ''``."""
    channels = source_channels(integer_at(tokens, 8))
    destination_code = integer_at(tokens, 9)
    stereo_or_wider = max(2, channels.count) if channels is not None else 2
    return Send(
        source_guid=source,
        destination_guid=destination,
        mode=integer_at(tokens, 2),
        volume=number_at(tokens, 3, 1.0),
        pan=number_at(tokens, 4),
        mute=integer_at(tokens, 5) != 0,
        mono=integer_at(tokens, 6) != 0,
        phase_inverted=integer_at(tokens, 7) != 0,
        source_channels=channels,
        destination_channels=ChannelRange(
            first=max(0, destination_code) & _CHANNEL_BITS,
            count=1 if destination_code > 0 and destination_code & _MONO_BIT else stereo_or_wider,
        ),
        pan_law=pan_law_or_none(number_at(tokens, 10, -1.0)),
        carries_midi=integer_at(tokens, 11) & _NO_MIDI != _NO_MIDI,
        automation_mode=integer_at(tokens, 12, -1),
        envelopes=envelopes,
    )


def _hardware_out(tokens: list[str]) -> HardwareOut:
    return HardwareOut(
        output=integer_at(tokens, 1),
        volume=number_at(tokens, 3, 1.0),
        pan=number_at(tokens, 4),
        mute=integer_at(tokens, 5) != 0,
    )


def _lane_count(items: tuple[Item, ...]) -> int:
    """Lanes share the track's height evenly, so the lowest item tells how many there are."""
    heights = [item.lane_height for item in items if 0.0 < item.lane_height <= 1.0]
    return max(1, round(1.0 / min(heights))) if heights else 1


def _lanes_playing(fields: Fields) -> int | None:
    """``LANESOLO`` is eight words of 32 lanes each (the further words are inferred); without it all lanes play."""
    words = fields.values("LANESOLO")
    if not words:
        return None
    return sum((integer_at(words, place) & 0xFFFFFFFF) << (_LANE_MASK_BITS * place) for place in range(len(words)))
