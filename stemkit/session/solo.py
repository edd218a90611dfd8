"""What solo buttons silence. Plans ignore solo, since it is a way of listening; the inspector says who is silent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stemkit.session.graph import reach

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stemkit.model.session import Track
    from stemkit.session.edges import RawEdge

__all__ = ["silenced_by_solo"]


def silenced_by_solo(tracks: Sequence[Track], parents: Sequence[int], edges: Sequence[RawEdge]) -> set[int]:
    """Return the tracks that nobody hears because others are soloed.

    A track stays when it is soloed or solo-safe, lies in a soloed folder, feeds a soloed track, or lies on the
    way of such a track to the master.
    """
    if not any(track.solo for track in tracks):
        return set()
    soloed: list[bool] = []
    for track, parent in zip(tracks, parents, strict=True):
        soloed.append(track.solo > 0 or (parent >= 0 and soloed[parent]))
    ahead: list[list[int]] = [[] for _ in range(len(tracks) + 1)]
    behind: list[list[int]] = [[] for _ in range(len(tracks) + 1)]
    for edge in edges:
        ahead[edge.source].append(edge.destination)
        behind[edge.destination].append(edge.source)
    chosen = [number for number, track in enumerate(tracks) if soloed[number] or track.solo_defeat]
    alive = set(reach(chosen, behind)) | set(reach(chosen, ahead))
    return set(range(len(tracks))) - alive
