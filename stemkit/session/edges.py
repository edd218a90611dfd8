"""Every way on which sound leaves a track: to its folder or the master, and by sends, with the channels it takes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from stemkit.model.session import ChannelRange

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from stemkit.model.session import Envelope, Send, Session, Track

__all__ = ["EdgeRole", "RawEdge", "all_channels", "fader_is_down", "folder_parents", "raw_edges"]

EdgeRole = Literal["audible", "sidechain", "midi", "closed", "unheard"]
MAX_CHANNELS = 128  # of a REAPER track


@dataclass(frozen=True, slots=True)
class RawEdge:
    """An edge by track numbers (the master comes after the last track), before anybody asked where it ends up.

    `closed` says that it is switched off: muted, or turned all the way down.
    """

    source: int
    destination: int
    source_channels: ChannelRange | None
    destination_channels: ChannelRange
    closed: bool
    send: Send | None = None


def all_channels(count: int) -> int:
    """Return the bit mask of the first `count` channels."""
    return (1 << max(1, min(count, MAX_CHANNELS))) - 1


def _moves_volume(envelopes: Iterable[Envelope]) -> bool:
    return any(e.active and e.target == "volume" and e.stage not in ("pre_fx", "trim") for e in envelopes)


def fader_is_down(track: Track) -> bool:
    """Tell whether the fader lets nothing through: all the way down, and no envelope in its place."""
    return track.volume == 0 and not (track.automation_mode >= 1 and _moves_volume(track.envelopes))


def _send_is_closed(send: Send, source: Track) -> bool:
    if send.mute or (send.mode == 0 and fader_is_down(source)):
        return True
    return send.volume == 0 and not _moves_volume(send.envelopes)


def folder_parents(tracks: Sequence[Track]) -> list[int]:
    """Return for each track the number of its folder parent, or -1 at the top."""
    parents: list[int] = []
    open_folders: list[int] = []
    for number, track in enumerate(tracks):
        parents.append(open_folders[-1] if open_folders else -1)
        if track.depth_change > 0:
            open_folders.append(number)
        elif track.depth_change < 0:
            del open_folders[max(0, len(open_folders) + track.depth_change) :]
    return parents


def raw_edges(session: Session, parents: Sequence[int], *, muted: Sequence[bool]) -> list[RawEdge]:
    """List every main send and send of a session.

    Parameters
    ----------
    session
        The project.
    parents
        From `folder_parents`.
    muted
        For each track, whether it or a folder around it is muted: then nothing leaves it. What REAPER does with
        pre-fader sends of a muted track is unconfirmed; here they are silent too.
    """
    tracks = session.tracks
    master = len(tracks)
    by_guid: dict[str, int] = {}
    for number, track in enumerate(tracks):
        by_guid.setdefault(track.guid, number)
    edges: list[RawEdge] = []
    for number, track in enumerate(tracks):
        if track.main_send.enabled:
            count = track.main_send.channel_count or track.channels
            edges.append(
                RawEdge(
                    source=number,
                    destination=parents[number] if parents[number] >= 0 else master,
                    source_channels=ChannelRange(first=0, count=count),
                    destination_channels=ChannelRange(first=track.main_send.channel_offset, count=count),
                    closed=muted[number] or fader_is_down(track),
                )
            )
        for send in track.receives:
            source = by_guid.get(send.source_guid)
            if source is not None:
                edges.append(
                    RawEdge(
                        source=source,
                        destination=number,
                        source_channels=send.source_channels,
                        destination_channels=send.destination_channels,
                        closed=muted[source] or _send_is_closed(send, tracks[source]),
                        send=send,
                    )
                )
    return edges
