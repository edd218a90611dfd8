"""Items of the open project."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from stemkit.model.session import Fade, Item, Source, Take
from stemkit.reaper.project_values import color_or_none, pan_law_or_none

if TYPE_CHECKING:
    from collections.abc import Callable

    from stemkit.model.session import Envelope, FxChain
    from stemkit.reaper.media_paths import MediaFinder

    ReadChain = Callable[[list[dict[str, Any]]], FxChain]
    ReadEnvelopes = Callable[[list[str | None]], tuple[Envelope, ...]]

__all__ = ["read_live_item"]

_FILE_SHAPE = {7.0: 1.1, 6.0: 5.1}  # REAPER's functions count the shapes that files write with a decimal
_OFFLINE = "_OFFLINE_"
_REVERSED = 2


def read_live_item(
    facts: dict[str, Any], media: MediaFinder, read_chain: ReadChain, read_envelopes: ReadEnvelopes
) -> Item:
    """Read one item of a snapshot."""
    values = facts["values"]
    current = int(values["I_CURTAKE"])
    return Item(
        position_s=values["D_POSITION"],
        length_s=max(0.0, values["D_LENGTH"]),
        guid=facts["guid"],
        loop=values["B_LOOPSRC"] != 0,
        mute=values["B_MUTE_ACTUAL"] != 0,
        solo_state=int(values["C_MUTE_SOLO"]),
        volume=values["D_VOL"],
        fade_in=_fade(values, "IN"),
        fade_out=_fade(values, "OUT"),
        all_takes=values["B_ALLTAKESPLAY"] != 0,
        takes=tuple(
            _take(take, media, read_chain, read_envelopes, active=place == current)
            for place, take in enumerate(facts["takes"])
        ),
        lane_top=values["F_FREEMODE_Y"],
        lane_height=values["F_FREEMODE_H"],
        locked=int(values["C_LOCK"]) & 1 == 1,
        color=color_or_none(int(values["I_CUSTOMCOLOR"])),
        notes=facts["notes"] or "",
    )


def _fade(values: dict[str, float], side: str) -> Fade:
    shape = values[f"C_FADE{side}SHAPE"]
    return Fade(
        shape=_FILE_SHAPE.get(shape, shape),
        length_s=max(0.0, values[f"D_FADE{side}LEN"]),
        auto_length_s=max(0.0, values[f"D_FADE{side}LEN_AUTO"]),  # -1: none
        curvature=values[f"D_FADE{side}DIR"],
    )


def _take(
    facts: dict[str, Any] | None,
    media: MediaFinder,
    read_chain: ReadChain,
    read_envelopes: ReadEnvelopes,
    *,
    active: bool,
) -> Take:
    if facts is None:
        return Take(active=active)
    values = facts["values"]
    return Take(
        name=facts["name"] or "",
        guid=facts["guid"],
        active=active,
        source=_source(facts["source"], media),
        volume=values["D_VOL"],
        pan=values["D_PAN"],
        pan_law=pan_law_or_none(values["D_PANLAW"]),
        source_offset_s=values["D_STARTOFFS"],
        play_rate=values["D_PLAYRATE"] if values["D_PLAYRATE"] > 0 else 1.0,
        preserve_pitch=values["B_PPITCH"] != 0,
        pitch_semitones=values["D_PITCH"],
        channel_mode=int(values["I_CHANMODE"]),
        stretch_markers=facts["stretch_markers"],
        fx=read_chain(facts["fx"]),
        envelopes=read_envelopes(facts["envelopes"]),
    )


def _source(facts: dict[str, Any] | None, media: MediaFinder) -> Source | None:
    if facts is None:
        return None
    written = facts["type"] or "EMPTY"
    kind = written.removeprefix(_OFFLINE).lower()
    section = facts["section"]
    file = facts["file"] or ""
    # A section names the file of what it plays; in a project the name stands in the inner source alone.
    resolved, searched = (None, ()) if section is not None else media.find(file)
    return Source(
        kind="midi" if kind == "midipool" else kind,
        file="" if section is not None else file,
        resolved_path=resolved,
        searched=searched,
        offline=written.startswith(_OFFLINE),
        child=_source(facts["child"], media),
        section_start_s=section[0] if section is not None else 0.0,
        section_length_s=section[1] if section is not None else None,
        section_mode=_REVERSED if section is not None and section[2] else 0,
    )
