"""Tracks of the open project: strip, sends, effects and envelopes."""

from __future__ import annotations

import ntpath
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal

from stemkit.model.session import ChannelRange, Effect, FxChain, HardwareOut, MainSend, Send, Track
from stemkit.reaper.live_items import read_live_item
from stemkit.reaper.project_envelopes import (
    PROJECT_ENVELOPES,
    SEND_ENVELOPES,
    TAKE_ENVELOPES,
    TRACK_ENVELOPES,
    envelope_of,
    master_envelope_of,
    parameter_envelope_of,
)
from stemkit.reaper.project_fx import describe_effect_label
from stemkit.reaper.project_values import color_or_none, pan_law_or_none, source_channels
from stemkit.reaper.rpp import parse

if TYPE_CHECKING:
    from stemkit.model.session import EffectKind, Envelope
    from stemkit.reaper.media_paths import MediaFinder
    from stemkit.reaper.rpp import Block

__all__ = ["read_live_chain", "read_live_envelopes", "read_live_track"]

Place = Literal["track", "send", "take", "master", "project"]

_STEREO_PAN_MODE, _DUAL_PAN_MODE = 5, 6
_FIXED_LANES = 2
_MONO_BIT, _CHANNEL_BITS = 1024, 1023
_NO_MIDI = 31
_KINDS: dict[str, EffectKind] = {"Container": "container", "Video processor": "video", "JS": "js"}
_TABLES = {"track": TRACK_ENVELOPES, "send": SEND_ENVELOPES, "take": TAKE_ENVELOPES, "project": PROJECT_ENVELOPES}


def read_live_track(facts: dict[str, Any], index: int, project_pan_mode: int, media: MediaFinder) -> Track:
    """Read one track of a snapshot.

    Parameters
    ----------
    facts
        The track's part of the snapshot.
    index
        Its place in the project, from 0.
    project_pan_mode
        Which pan mode a track without its own has.
    media
        Looks for media files as for a `.rpp` file.
    """
    values = facts["values"]
    mode, flags, free_mode = int(values["I_PANMODE"]), int(values["I_PANLAW_FLAGS"]), int(values["I_FREEMODE"])
    effective = mode if mode >= 0 else project_pan_mode
    lanes = facts["lanes"]
    return Track(
        guid=facts["guid"],
        index=index,
        name=facts["name"] or "",
        depth_change=int(values["I_FOLDERDEPTH"]),
        color=color_or_none(int(values["I_CUSTOMCOLOR"])),
        volume=values["D_VOL"],
        pan=values["D_PAN"],
        width=values["D_WIDTH"] if effective == _STEREO_PAN_MODE else 1.0,
        dual_pan=(values["D_DUALPANL"], values["D_DUALPANR"]) if effective == _DUAL_PAN_MODE else None,
        pan_law=pan_law_or_none(values["D_PANLAW"]),
        pan_mode=mode if mode >= 0 else None,
        pan_law_flags=flags if flags >= 0 else None,
        mute=values["B_MUTE"] != 0,
        solo=int(values["I_SOLO"]),
        solo_defeat=values["B_SOLO_DEFEAT"] != 0,
        phase_inverted=values["B_PHASE"] != 0,
        play_offset=values["D_PLAY_OFFSET"],
        play_offset_flags=int(values["I_PLAY_OFFSET_FLAG"]),
        automation_mode=int(values["I_AUTOMODE"]),
        channels=int(values["I_NCHAN"]),
        main_send=MainSend(
            enabled=values["B_MAINSEND"] != 0,
            channel_offset=int(values["C_MAINSEND_OFFS"]),
            channel_count=int(values["C_MAINSEND_NCH"]),
        ),
        fx=read_live_chain(facts),
        receives=tuple(_send(send, facts["guid"]) for send in facts["receives"]),
        hardware_outs=tuple(
            HardwareOut(output=int(out["I_DSTCHAN"]), volume=out["D_VOL"], pan=out["D_PAN"], mute=out["B_MUTE"] != 0)
            for out in facts["hardware"]
        ),
        envelopes=read_live_envelopes(facts["envelopes"], "track"),
        items=tuple(read_live_item(item, media, _take_chain, _take_envelopes) for item in facts["items"]),
        visible_in_arrange=values["B_SHOWINTCP"] != 0,
        visible_in_mixer=values["B_SHOWINMIXER"] != 0,
        free_mode=free_mode,
        lane_count=max(1, len(lanes)) if free_mode == _FIXED_LANES else 1,
        lanes_playing=sum(1 << lane for lane, plays in enumerate(lanes) if plays)
        if free_mode == _FIXED_LANES
        else None,
        freeze_count=int(values["I_FREEZECOUNT"]),
        record_armed=values["I_RECARM"] != 0,
        selected=values["I_SELECTED"] != 0,
    )


def _send(facts: dict[str, Any], destination: str) -> Send:
    values = facts["values"]
    channels = source_channels(int(values["I_SRCCHAN"]))
    target = int(values["I_DSTCHAN"])
    stereo_or_wider = max(2, channels.count) if channels is not None else 2
    return Send(
        source_guid=facts["source"],
        destination_guid=destination,
        mode=int(values["I_SENDMODE"]),
        volume=values["D_VOL"],
        pan=values["D_PAN"],
        pan_law=pan_law_or_none(values["D_PANLAW"]),
        mute=values["B_MUTE"] != 0,
        mono=values["B_MONO"] != 0,
        phase_inverted=values["B_PHASE"] != 0,
        source_channels=channels,
        destination_channels=ChannelRange(
            first=max(0, target) & _CHANNEL_BITS,
            count=1 if target > 0 and target & _MONO_BIT else stereo_or_wider,
        ),
        automation_mode=int(values["I_AUTOMODE"]),
        carries_midi=int(values["I_MIDIFLAGS"]) & _NO_MIDI != _NO_MIDI,
        envelopes=read_live_envelopes([{"fx": -1, "chunk": chunk} for chunk in facts["envelopes"]], "send"),
    )


def read_live_chain(facts: dict[str, Any]) -> FxChain:
    """Read the effects of a track or of the master, each with the envelopes of its parameters."""
    own: dict[int, list[Envelope]] = {}
    for entry in facts["envelopes"]:
        block = _block(entry["chunk"])
        if entry["fx"] >= 0 and block is not None:
            own.setdefault(entry["fx"], []).append(parameter_envelope_of(block))
    effects = tuple(
        replace(_effect(effect), envelopes=tuple(own.get(place, ()))) for place, effect in enumerate(facts["fx"])
    )
    return FxChain(effects=effects, enabled=facts["values"]["I_FXEN"] != 0)


def _take_chain(effects: list[dict[str, Any]]) -> FxChain:
    return FxChain(effects=tuple(_effect(effect) for effect in effects))


def _take_envelopes(chunks: list[str | None]) -> tuple[Envelope, ...]:
    return read_live_envelopes([{"fx": -1, "chunk": chunk} for chunk in chunks], "take")


def _effect(facts: dict[str, Any]) -> Effect:
    label, path = facts["label"] or "", facts["identifier"] or ""
    kind, name, is_instrument = describe_effect_label(label)
    children = tuple(_effect(child) for child in facts["children"])
    known = _KINDS.get(facts["type"], kind or "other")
    if known == "js":
        name, is_instrument = path, False  # the label shows the script's title, a project its path
    elif known == "video":
        is_instrument = False
    elif known == "container":
        is_instrument = any(child.is_instrument for child in children)
    return Effect(
        name=name,
        alias=facts["alias"] or "",
        kind=known,
        identifier=path if known == "js" else ntpath.basename(path.partition("<")[0]),
        enabled=bool(facts["enabled"]),
        offline=bool(facts["offline"]),
        is_instrument=is_instrument,
        guid=facts["guid"] or "",
        preset=facts["preset"] or "",
        wet=facts["wet"],
        children=children,
    )


def read_live_envelopes(entries: list[dict[str, Any]], place: Place) -> tuple[Envelope, ...]:
    """Read envelopes of one place; those of effects' parameters and of other places are left out."""
    found = []
    for entry in entries:
        block = None if entry["fx"] >= 0 else _block(entry["chunk"])
        if block is not None:
            found.append(master_envelope_of(block) if place == "master" else envelope_of(block, _TABLES[place]))
    return tuple(envelope for envelope in found if envelope is not None)


def _block(chunk: str | None) -> Block | None:
    """Read one envelope; REAPER hands it over as it stands in a project."""
    if not chunk:
        return None
    return parse(f"<REAPER_PROJECT 0.1\n{chunk.rstrip()}\n>\n".encode(), name="the open project").project.blocks[0]
