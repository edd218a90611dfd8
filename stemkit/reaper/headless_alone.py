"""One stem as a master mix: a copy of the project in which only that track's way to a neutral master is left.

For versions of REAPER that print no stems from the command line (reports disagree).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from stemkit.errors import EngineError
from stemkit.reaper.live_passes import master_values
from stemkit.session.edges import folder_parents

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stemkit.model.session import Session, Track
    from stemkit.reaper.headless_project import PassOrder
    from stemkit.reaper.render_settings import Value

__all__ = ["alone_values"]

_NEUTRAL = {"D_VOL": 1.0, "D_PAN": 0.0, "D_PANLAW": 1.0, "D_DUALPANL": -1.0, "D_WIDTH": 1.0}
_NEUTRAL_MASTER = {"D_PANLAW": 1.0}


def alone_values(session: Session, guid: str, order: PassOrder) -> list[Value]:
    """Return what has to be switched, beside the pass's own values, so that the master gives the track alone.

    Parameters
    ----------
    session
        The project.
    guid
        The track.
    order
        The pass of stems that this replaces: what it has switched off already feeds nobody.

    Raises
    ------
    EngineError
        The master mix would not be the same sound.
    """
    return list(_Alone(session, guid, order).values())


class _Alone:
    def __init__(self, session: Session, guid: str, order: PassOrder) -> None:
        self._session = session
        self._track = next(track for track in session.tracks if track.guid == guid)
        self._off = {name for name, value in order.values if name[0] in {"send", "track"} and _is_off(name, value)}
        parents = folder_parents(session.tracks)
        self._parent = {
            track.guid: session.tracks[place].guid if place >= 0 else None
            for track, place in zip(session.tracks, parents, strict=True)
        }
        self._tracks = {track.guid: track for track in session.tracks}
        self._feeding = self._upstream(guid)
        self._above = list(self._ancestors(guid))
        self._demand_same_sound(order)

    def values(self) -> Iterator[Value]:
        """Open the track's own way, close all others, and make what stands on it neutral."""
        guid = self._track.guid
        yield from master_values(self._session)
        yield from ((("track", "master", key), value) for key, value in _NEUTRAL_MASTER.items())
        yield ("track", guid, "B_MAINSEND"), 1.0
        yield ("track", guid, "MAINSEND_OFFSET"), 0
        for above in self._above:
            yield from self._pass_on(self._tracks[above])
        holders = {above for feeding in self._feeding for above in self._ancestors(feeding)}
        for track in self._session.tracks:
            if track.guid == guid or track.guid in self._above:
                continue
            if track.guid in self._feeding:
                if self._parent[track.guid] not in {*self._feeding, guid}:
                    yield ("track", track.guid, "B_MAINSEND"), 0.0
            elif track.guid in holders:  # muted, it would silence what lies in it
                yield ("track", track.guid, "B_MAINSEND"), 0.0
            else:
                yield ("track", track.guid, "B_MUTE"), 1.0

    def _pass_on(self, track: Track) -> Iterator[Value]:
        """Let a folder above hand on what it gets, and add nothing."""
        yield from ((("track", track.guid, key), value) for key, value in _NEUTRAL.items())
        yield from ((("track", track.guid, key), 0.0) for key in ("I_FXEN", "B_PHASE", "B_MUTE", "MAINSEND_OFFSET"))
        yield ("track", track.guid, "B_MAINSEND"), 1.0
        yield ("items", track.guid), 0
        for envelope in track.envelopes:
            if envelope.active:
                yield ("envelope", track.guid, envelope.tag), "0"
        for place, send in enumerate(track.receives):
            yield ("send", track.guid, place, send.source_guid, "B_MUTE"), 1.0

    def _upstream(self, guid: str) -> set[str]:
        """Find every track that reaches this one, by folder or send, MIDI too."""
        found: set[str] = set()
        todo = [guid]
        while todo:
            here = todo.pop()
            sources = [
                send.source_guid
                for place, send in enumerate(self._tracks[here].receives)
                if not send.mute and ("send", here, place, send.source_guid, "B_MUTE") not in self._off
            ]
            sources += [
                child
                for child, parent in self._parent.items()
                if parent == here
                and self._tracks[child].main_send.enabled
                and ("track", child, "B_MAINSEND") not in self._off
            ]
            new = [source for source in sources if source not in found]
            found.update(new)
            todo += new
        return found

    def _ancestors(self, guid: str) -> Iterator[str]:
        above = self._parent[guid]
        while above is not None:
            yield above
            above = self._parent[above]

    def _demand_same_sound(self, order: PassOrder) -> None:
        track = self._track
        label = track.name or f"track {track.index + 1}"
        why = None
        if track.guid in self._feeding:
            why = "it feeds itself in a circle"
        elif order.channels > 2 or track.channels > 2:
            why = f"it has {max(order.channels, track.channels)} channels, of which a mix shows two"
        elif not self._feeding.isdisjoint(self._above):
            why = "a folder around it feeds it as well"
        elif any(self._tracks[guid].main_send.channel_count for guid in (track.guid, *self._above)):
            why = "its way to the master carries only some channels"
        if why is not None:
            raise EngineError(
                f"This REAPER renders no stems from the command line, and {label} cannot be rendered as a mix of its "
                f"own: {why}. Open the project in REAPER and render it with --live."
            )


def _is_off(name: tuple[object, ...], value: object) -> bool:
    return (name[-1] == "B_MUTE" and value == 1.0) or (name[-1] == "B_MAINSEND" and value == 0.0)
