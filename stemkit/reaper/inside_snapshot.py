"""The open project as plain JSON values, unsaved edits included. Runs inside REAPER (see `inside_api`).

Facts stay as REAPER names them; what they mean is decided outside, in `live`. No pointer leaves this module: tracks
and effects go by GUID, sends by their place among the receives of the destination.
"""

from __future__ import annotations

from typing import Any

from . import inside_api
from .inside_api import BUFFER_BYTES, is_null, pointer, text_or_none
from .inside_fx import FxCalls, envelope_chunk, read_chain, track_calls
from .inside_items import read_items
from .inside_keys import (
    CONFIG_KEYS,
    HARDWARE_VALUES,
    PROJECT_TEXTS,
    RENDER_NUMBERS,
    RENDER_TEXTS,
    SEND_ENVELOPES,
    SEND_VALUES,
    TRACK_VALUES,
)

__all__ = ["snapshot"]

_RECEIVES, _HARDWARE = -1, 1
_FIXED_LANES = 2


def snapshot() -> dict[str, Any]:
    """Read the whole open project."""
    rpr = inside_api.api()
    project, _, path, _ = rpr.EnumProjects(-1, "", BUFFER_BYTES)
    master = rpr.GetMasterTrack(project)
    calls = track_calls(rpr)
    return {
        "path": path,
        "reaper": rpr.GetAppVersion(),
        "notes": text_or_none(lambda: rpr.GetSetProjectNotes(project, False, "", BUFFER_BYTES), 2),
        "texts": {key: _project_text(rpr, project, key) for key in PROJECT_TEXTS + RENDER_TEXTS},
        "numbers": {key: rpr.GetSetProjectInfo(project, key, 0, False) for key in RENDER_NUMBERS},
        "config": {key: _config(rpr, key) for key in CONFIG_KEYS},
        "device_rate": text_or_none(lambda: rpr.GetAudioDeviceInfo("SRATE", "", 64), 2),
        "time_offset_s": rpr.GetProjectTimeOffset(project, False),
        "time_selection": rpr.GetSet_LoopTimeRange2(project, False, False, 0.0, 0.0, False)[3:5],
        "play_rate": rpr.Master_GetPlayRate(project),
        "automation_override": rpr.GetGlobalAutomationOverride(),
        "tempo": _tempo(rpr, project),
        "markers": _markers(rpr, project),
        "master": dict(
            _strip(rpr, master, calls),
            flags=rpr.GetMasterMuteSoloFlags(),
        ),
        "tracks": [_track(rpr, project, index, calls) for index in range(rpr.CountTracks(project))],
    }


def _project_text(rpr: Any, project: str, key: str) -> str | None:
    return text_or_none(lambda: rpr.GetSetProjectInfo_String(project, key, "", False), 3)


def _config(rpr: Any, key: str) -> str | None:
    found, _, text, _ = rpr.get_config_var_string(key, "", 1024)
    return text if found else None


def _tempo(rpr: Any, project: str) -> dict[str, Any]:
    _, _, numerator, denominator, bpm = rpr.TimeMap_GetTimeSigAtTime(project, 0.0, 0, 0, 0.0)
    points = []
    for index in range(rpr.CountTempoTimeSigMarkers(project)):
        found = rpr.GetTempoTimeSigMarker(project, index, 0.0, 0, 0.0, 0.0, 0, 0, False)
        points.append([found[3], *found[6:10]])  # time, beats a minute, numerator, denominator, linear
    return {"bpm": bpm, "meter": [numerator, denominator], "points": points}


def _markers(rpr: Any, project: str) -> list[list[Any]]:
    """Markers and regions. The binding cannot hand over their names (it would have to fill a pointer)."""
    count = rpr.CountProjectMarkers(project, 0, 0)[0]
    # is region, position, end, number, colour
    return [
        [*found[3:6], *found[7:9]]
        for found in (rpr.EnumProjectMarkers3(project, index, 0, 0.0, 0.0, "", 0, 0) for index in range(count))
    ]


def _track(rpr: Any, project: str, index: int, calls: FxCalls) -> dict[str, Any]:
    track = rpr.GetTrack(project, index)
    facts = _strip(rpr, track, calls)
    values = facts["values"]
    lanes = int(values["I_NUMFIXEDLANES"]) if values["I_FREEMODE"] == _FIXED_LANES else 0
    facts.update(
        receives=[_receive(rpr, track, place) for place in range(rpr.GetTrackNumSends(track, _RECEIVES))],
        hardware=[
            {key: rpr.GetTrackSendInfo_Value(track, _HARDWARE, place, key) for key in HARDWARE_VALUES}
            for place in range(rpr.GetTrackNumSends(track, _HARDWARE))
        ],
        lanes=[rpr.GetMediaTrackInfo_Value(track, f"C_LANEPLAYS:{lane}") for lane in range(lanes)],
        items=read_items(rpr, track),
    )
    return facts


def _strip(rpr: Any, track: str, calls: FxCalls) -> dict[str, Any]:
    """Read what tracks and the master have in common."""
    return {
        "guid": rpr.GetSetMediaTrackInfo_String(track, "GUID", "", False)[3],
        "name": text_or_none(lambda: rpr.GetSetMediaTrackInfo_String(track, "P_NAME", "", False), 3),
        "values": {key: rpr.GetMediaTrackInfo_Value(track, key) for key in TRACK_VALUES},
        "fx": read_chain(rpr, track, calls),
        "envelopes": _track_envelopes(rpr, track),
    }


def _receive(rpr: Any, track: str, place: int) -> dict[str, Any]:
    source = pointer("MediaTrack*", rpr.GetTrackSendInfo_Value(track, _RECEIVES, place, "P_SRCTRACK"))
    envelopes = [
        envelope_chunk(rpr, reference)
        for reference in (
            pointer("TrackEnvelope*", rpr.GetTrackSendInfo_Value(track, _RECEIVES, place, "P_ENV:<" + tag))
            for tag in SEND_ENVELOPES
        )
        if not is_null(reference)
    ]
    return {
        "source": rpr.GetSetMediaTrackInfo_String(source, "GUID", "", False)[3],
        "values": {key: rpr.GetTrackSendInfo_Value(track, _RECEIVES, place, key) for key in SEND_VALUES},
        "envelopes": envelopes,
    }


def _track_envelopes(rpr: Any, track: str) -> list[dict[str, Any]]:
    """Read the track's own envelopes and those of its effects' parameters; `fx` is the effect's place or -1."""
    found = []
    for index in range(rpr.CountTrackEnvelopes(track)):
        envelope = rpr.GetTrackEnvelope(track, index)
        _, _, fx, _ = rpr.Envelope_GetParentTrack(envelope, 0, 0)
        found.append({"fx": fx, "chunk": envelope_chunk(rpr, envelope)})
    return found
