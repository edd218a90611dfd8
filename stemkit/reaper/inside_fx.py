"""Effects and envelopes as plain values. Runs inside REAPER (see `inside_api`)."""

from __future__ import annotations

from typing import Any, NamedTuple

from .inside_api import BUFFER_BYTES, text_or_none

__all__ = ["FxCalls", "effect_guid", "envelope_chunk", "read_chain", "take_calls", "track_calls"]

_MAX_NESTING = 64


class FxCalls(NamedTuple):
    """The same questions, asked of a track's or of a take's effects."""

    count: Any
    label: Any
    guid: Any
    enabled: Any
    offline: Any
    parameter: Any
    preset: Any
    find: Any
    value: Any


def take_calls(rpr: Any) -> FxCalls:
    """Return the calls for effects of takes."""
    return FxCalls(
        rpr.TakeFX_GetCount,
        rpr.TakeFX_GetFXName,
        rpr.TakeFX_GetFXGUID,
        rpr.TakeFX_GetEnabled,
        rpr.TakeFX_GetOffline,
        rpr.TakeFX_GetNamedConfigParm,
        rpr.TakeFX_GetPreset,
        rpr.TakeFX_GetParamFromIdent,
        rpr.TakeFX_GetParamNormalized,
    )


def track_calls(rpr: Any) -> FxCalls:
    """Return the calls for effects of tracks."""
    return FxCalls(
        rpr.TrackFX_GetCount,
        rpr.TrackFX_GetFXName,
        rpr.TrackFX_GetFXGUID,
        rpr.TrackFX_GetEnabled,
        rpr.TrackFX_GetOffline,
        rpr.TrackFX_GetNamedConfigParm,
        rpr.TrackFX_GetPreset,
        rpr.TrackFX_GetParamFromIdent,
        rpr.TrackFX_GetParamNormalized,
    )


def envelope_chunk(rpr: Any, envelope: str) -> str | None:
    """Return an envelope as REAPER writes it into a project: one call instead of one a point."""
    return text_or_none(lambda: rpr.GetEnvelopeStateChunk(envelope, "", BUFFER_BYTES, False), 2)


def read_chain(rpr: Any, owner: str, calls: FxCalls) -> list[dict[str, Any]]:
    """Read the effects of a track or take in order, containers with what they hold."""
    return [_effect(rpr, owner, calls, index, 0) for index in range(calls.count(owner))]


def _effect(rpr: Any, owner: str, calls: FxCalls, index: int, depth: int) -> dict[str, Any]:
    wet = calls.find(owner, index, ":wet")
    kind = _fx_parameter(owner, calls, index, "fx_type") or ""
    inside = int(_fx_parameter(owner, calls, index, "container_count") or 0) if depth < _MAX_NESTING else 0
    places = [_fx_parameter(owner, calls, index, f"container_item.{number}") for number in range(inside)]
    return {
        "label": _fx_parameter(owner, calls, index, "original_name")
        or text_or_none(lambda: calls.label(owner, index, "", BUFFER_BYTES), 3),
        "alias": _fx_parameter(owner, calls, index, "renamed_name"),
        "type": kind,
        "identifier": _fx_parameter(owner, calls, index, "fx_ident"),
        "guid": effect_guid(rpr, owner, calls, index),
        "enabled": calls.enabled(owner, index),
        "offline": calls.offline(owner, index),
        "preset": text_or_none(lambda: calls.preset(owner, index, "", 2048), 3),
        "wet": calls.value(owner, index, wet) if wet >= 0 else None,
        "children": [_effect(rpr, owner, calls, int(place), depth + 1) for place in places if place],
    }


def _fx_parameter(owner: str, calls: FxCalls, index: int, key: str) -> str | None:
    """Ask for a named fact of an effect; None where this REAPER does not know it."""
    try:
        found, _, _, _, text, _ = calls.parameter(owner, index, key, "", BUFFER_BYTES)
    except (UnicodeDecodeError, AttributeError):
        return None
    return str(text) if found else None


def effect_guid(rpr: Any, owner: str, calls: FxCalls, index: int) -> str | None:
    """Return the GUID of an effect; reapy hands the pointer on as it is, which REAPER's own binding may refuse."""
    return text_or_none(lambda: rpr.guidToString(calls.guid(owner, index), ""), 1)
