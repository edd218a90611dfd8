"""How many channels a stem's file gets, as far as that is decided before any audio is heard."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from stemkit.session.sound import playing_takes, sounding_items

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from stemkit.model.audio import MediaInfo
    from stemkit.session.routing import RoutedTrack

__all__ = ["stem_channels"]


def stem_channels(
    wish: Literal["auto", "stereo", "source"],
    cuts: Iterable[RoutedTrack],
    media: Mapping[str, MediaInfo | None] | None,
) -> int | None:
    """Return the channels of a stem, or None where its audio decides between mono and stereo.

    Parameters
    ----------
    wish
        ``source`` keeps two channels that are alike, and more than two where the tracks and their media have them.
    cuts
        The tracks at which the stem leaves the graph.
    media
        Headers by resolved path; without them the tracks' own channels count.
    """
    if wish != "source":
        return 2 if wish == "stereo" else None
    widths = [_width(node, media) for node in cuts]
    width = max((w for w in widths if w is not None), default=None)
    return None if width == 1 else width


def _width(node: RoutedTrack, media: Mapping[str, MediaInfo | None] | None) -> int | None:
    track = node.track
    if node.source != "items" or node.processing:
        return max(2, track.channels)
    found = [
        info.channels
        for item in sounding_items(track)
        for take in playing_takes(item)
        if take.source is not None and take.source.media.resolved_path is not None
        if (info := (media or {}).get(take.source.media.resolved_path)) is not None
    ]
    return min(max(found), max(2, track.channels)) if found else max(2, track.channels)
