"""Every value of REAPER that a render touches, read and written by one name each. Runs inside REAPER.

A name is a list that survives JSON: its kind, then what tells it apart. Tracks and effects go by GUID, because
pointers and places do not outlive a tick; ``master`` names the master track.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from . import inside_api
from .inside_fx import effect_guid, envelope_chunk, track_calls

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["MASTER", "Desk", "same_value"]

MASTER = "master"
_RECEIVES = -1
_MONO_FLAG = 4
_TOGGLE_MONO = 40917  # Master track: Toggle stereo/mono (L+R); so named by several public projects, not tried


class Desk:
    """One project's values during one tick.

    Parameters
    ----------
    project
        REAPER's pointer of the project, which the caller knows to be alive.
    """

    def __init__(self, project: str) -> None:
        self.rpr = inside_api.api()
        self.project = project
        self._tracks: dict[str, str] | None = None

    def tracks(self) -> dict[str, str]:
        """Return the pointer of each track by its GUID, in project order."""
        if self._tracks is None:
            rpr = self.rpr
            pointers = [rpr.GetTrack(self.project, index) for index in range(rpr.CountTracks(self.project))]
            self._tracks = {rpr.GetSetMediaTrackInfo_String(track, "GUID", "", False)[3]: track for track in pointers}
        return self._tracks

    def read(self, name: list[Any]) -> Any:
        """Return a value.

        Raises
        ------
        LookupError
            What the name stands for is not in the project.
        """
        return _KINDS[name[0]][0](self, *name[1:])

    def write(self, name: list[Any], value: Any) -> None:
        """Set a value; whether REAPER took it is known by reading it back.

        Raises
        ------
        LookupError
            What the name stands for is not in the project.
        """
        _KINDS[name[0]][1](self, *name[1:], value)

    def track(self, guid: str) -> str:
        """Return the pointer of a track.

        Raises
        ------
        LookupError
            The track is gone.
        """
        if guid == MASTER:
            return str(self.rpr.GetMasterTrack(self.project))
        found = self.tracks().get(guid)
        if found is None:
            raise LookupError(f"a track is gone ({guid})")
        return found


def same_value(one: Any, other: Any) -> bool:
    """Tell whether two values are the same but for the last bits of a number."""
    if isinstance(one, (int, float)) and isinstance(other, (int, float)):
        return math.isclose(one, other, rel_tol=1e-9, abs_tol=1e-12)
    return bool(one == other)


def _read_number(desk: Desk, key: str) -> Any:
    return desk.rpr.GetSetProjectInfo(desk.project, key, 0.0, False)


def _write_number(desk: Desk, key: str, value: float) -> None:
    desk.rpr.GetSetProjectInfo(desk.project, key, value, True)


def _read_text(desk: Desk, key: str) -> Any:
    return desk.rpr.GetSetProjectInfo_String(desk.project, key, "", False)[3]


def _write_text(desk: Desk, key: str, value: str) -> None:
    desk.rpr.GetSetProjectInfo_String(desk.project, key, value, True)


def _read_config(desk: Desk, key: str) -> Any:
    return desk.rpr.get_config_var_string(key, "", 1024)[2]


def _write_config(desk: Desk, key: str, value: str) -> None:
    desk.rpr.set_config_var_string(key, value, 0)  # 0: for this run of REAPER only, not into its preferences


def _read_track(desk: Desk, guid: str, key: str) -> Any:
    return desk.rpr.GetMediaTrackInfo_Value(desk.track(guid), key)


def _write_track(desk: Desk, guid: str, key: str, value: float) -> None:
    desk.rpr.SetMediaTrackInfo_Value(desk.track(guid), key, value)


def _read_track_text(desk: Desk, guid: str, key: str) -> Any:
    return desk.rpr.GetSetMediaTrackInfo_String(desk.track(guid), key, "", False)[3]


def _write_track_text(desk: Desk, guid: str, key: str, value: str) -> None:
    desk.rpr.GetSetMediaTrackInfo_String(desk.track(guid), key, value, True)


def _receive(desk: Desk, guid: str, place: int, source: str) -> str:
    """Return the track that receives, if its receive at that place still comes from the source."""
    rpr, track = desk.rpr, desk.track(guid)
    if place < rpr.GetTrackNumSends(track, _RECEIVES):
        address = rpr.GetTrackSendInfo_Value(track, _RECEIVES, place, "P_SRCTRACK")
        if inside_api.pointer("MediaTrack*", address) == desk.track(source):
            return track
    raise LookupError(f"a send is gone (from {source} to {guid})")


def _read_send(desk: Desk, guid: str, place: int, source: str, key: str) -> Any:
    return desk.rpr.GetTrackSendInfo_Value(_receive(desk, guid, place, source), _RECEIVES, place, key)


def _write_send(desk: Desk, guid: str, place: int, *rest: Any) -> None:
    source, key, value = rest
    desk.rpr.SetTrackSendInfo_Value(_receive(desk, guid, place, source), _RECEIVES, place, key, value)


def _effect(desk: Desk, guid: str, effect: str) -> tuple[str, int]:
    """Find an effect among the track's own and those in its containers."""
    calls, track = track_calls(desk.rpr), desk.track(guid)
    waiting = list(range(calls.count(track)))
    while waiting:
        index = waiting.pop(0)
        if effect_guid(desk.rpr, track, calls, index) == effect:
            return track, index
        found, _, _, _, inside, _ = calls.parameter(track, index, "container_count", "", 64)
        places = [f"container_item.{number}" for number in range(int(inside))] if found and inside else []
        waiting += [int(calls.parameter(track, index, place, "", 64)[4]) for place in places]
    raise LookupError(f"an effect is gone ({effect})")


def _read_effect(desk: Desk, guid: str, effect: str) -> Any:
    return desk.rpr.TrackFX_GetEnabled(*_effect(desk, guid, effect))


def _write_effect(desk: Desk, guid: str, effect: str, value: float) -> None:
    desk.rpr.TrackFX_SetEnabled(*_effect(desk, guid, effect), bool(value))


def _envelope(desk: Desk, guid: str, tag: str) -> str:
    rpr, track = desk.rpr, desk.track(guid)
    for index in range(rpr.CountTrackEnvelopes(track)):
        envelope = rpr.GetTrackEnvelope(track, index)
        if (envelope_chunk(rpr, envelope) or "").split(None, 1)[:1] == ["<" + tag]:
            return str(envelope)
    raise LookupError(f"an envelope is gone ({tag})")


def _read_envelope(desk: Desk, guid: str, tag: str) -> Any:
    return desk.rpr.GetSetEnvelopeInfo_String(_envelope(desk, guid, tag), "ACTIVE", "", False)[3]


def _write_envelope(desk: Desk, guid: str, tag: str, value: str) -> None:
    desk.rpr.GetSetEnvelopeInfo_String(_envelope(desk, guid, tag), "ACTIVE", value, True)


def _read_play_rate(desk: Desk) -> Any:
    return desk.rpr.Master_GetPlayRate(desk.project)


def _write_play_rate(desk: Desk, value: float) -> None:
    desk.rpr.CSurf_OnPlayRateChange(value)


def _read_mono(desk: Desk) -> Any:
    return desk.rpr.GetMasterMuteSoloFlags() & _MONO_FLAG


def _write_mono(desk: Desk, value: int) -> None:
    if _read_mono(desk) != value:
        desk.rpr.Main_OnCommandEx(_TOGGLE_MONO, 0, desk.project)


_KINDS: dict[str, tuple[Callable[..., Any], Callable[..., None]]] = {
    "project_number": (_read_number, _write_number),
    "project_text": (_read_text, _write_text),
    "config": (_read_config, _write_config),
    "track": (_read_track, _write_track),
    "track_text": (_read_track_text, _write_track_text),
    "send": (_read_send, _write_send),
    "effect": (_read_effect, _write_effect),
    "envelope": (_read_envelope, _write_envelope),
    "play_rate": (_read_play_rate, _write_play_rate),
    "master_mono": (_read_mono, _write_mono),
}
