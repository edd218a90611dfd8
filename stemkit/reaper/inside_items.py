"""Items, takes and their sources as plain values. Runs inside REAPER (see `inside_api`)."""

from __future__ import annotations

from typing import Any

from .inside_api import BUFFER_BYTES, is_null, text_or_none
from .inside_fx import envelope_chunk, read_chain, take_calls
from .inside_keys import ITEM_VALUES, TAKE_VALUES

__all__ = ["read_items"]

_MAX_NESTING = 64


def read_items(rpr: Any, track: str) -> list[dict[str, Any]]:
    """Read the items of a track in order."""
    return [_item(rpr, rpr.GetTrackMediaItem(track, index)) for index in range(rpr.CountTrackMediaItems(track))]


def _item(rpr: Any, item: str) -> dict[str, Any]:
    return {
        "guid": rpr.GetSetMediaItemInfo_String(item, "GUID", "", False)[3],
        "notes": text_or_none(lambda: rpr.GetSetMediaItemInfo_String(item, "P_NOTES", "", False), 3),
        "values": {key: rpr.GetMediaItemInfo_Value(item, key) for key in ITEM_VALUES},
        "takes": [_take(rpr, rpr.GetMediaItemTake(item, index)) for index in range(rpr.CountTakes(item))],
    }


def _take(rpr: Any, take: str) -> dict[str, Any] | None:
    """Read a take; None for an empty one."""
    if is_null(take):
        return None
    return {
        "guid": rpr.GetSetMediaItemTakeInfo_String(take, "GUID", "", False)[3],
        "name": text_or_none(lambda: rpr.GetSetMediaItemTakeInfo_String(take, "P_NAME", "", False), 3),
        "values": {key: rpr.GetMediaItemTakeInfo_Value(take, key) for key in TAKE_VALUES},
        "stretch_markers": rpr.GetTakeNumStretchMarkers(take),
        "fx": read_chain(rpr, take, take_calls(rpr)),
        "envelopes": [
            envelope_chunk(rpr, rpr.GetTakeEnvelope(take, index)) for index in range(rpr.CountTakeEnvelopes(take))
        ],
        "source": _source(rpr, rpr.GetMediaItemTake_Source(take), 0),
    }


def _source(rpr: Any, source: str, depth: int) -> dict[str, Any] | None:
    """Read a source; a section holds the source that it plays a part of."""
    if is_null(source) or depth > _MAX_NESTING:
        return None
    section, _, start_s, length_s, reverse = rpr.PCM_Source_GetSectionInfo(source, 0.0, 0.0, 0)
    return {
        "type": text_or_none(lambda: rpr.GetMediaSourceType(source, "", 256), 1),
        "file": text_or_none(lambda: rpr.GetMediaSourceFileName(source, "", BUFFER_BYTES), 1),
        "section": [start_s, length_s, reverse] if section else None,
        "child": _source(rpr, rpr.GetMediaSourceParent(source), depth + 1),
    }
