"""Which parts of overlapping items play: the project's ITEMMIX setting."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stemkit.session.sound import playing_items

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stemkit.model.session import Item, Track

__all__ = ["heard_items", "silenced_spans"]

ENCLOSED_REPLACES, ALWAYS_MIX, LATER_REPLACES = 0, 1, 2
_OVERRIDDEN = 1  # item solo state: another item is soloed (5, MUTE field 2, DOC)


def heard_items(track: Track) -> Iterator[Item]:
    """Items of a track that play: not muted, in a playing lane, not silenced by another item's solo."""
    return (item for item in playing_items(track) if item.solo_state != _OVERRIDDEN)


def silenced_spans(track: Track, items: list[Item], item_mix: int) -> dict[int, list[tuple[float, float]]]:
    """For each index into `items`, the spans in seconds where another item takes its place (5, ITEMMIX, [1]).

    Free positioning and lanes are ways to let items play together, so nothing is replaced there.
    """
    spans: dict[int, list[tuple[float, float]]] = {}
    if item_mix == ALWAYS_MIX or track.free_mode:
        return spans
    order = sorted(range(len(items)), key=lambda i: (items[i].position_s, i))
    active: list[int] = []
    for index in order:
        item = items[index]
        active = [i for i in active if items[i].end_s > item.position_s]
        for other in active:
            if (pair := _replaced(items[other], item, item_mix)) is not None:
                loser, span = pair
                spans.setdefault(other if loser == 0 else index, []).append(span)
        active.append(index)
    return spans


def _replaced(earlier: Item, later: Item, item_mix: int) -> tuple[int, tuple[float, float]] | None:
    """Which of two overlapping items (0 earlier, 1 later) falls silent, and when; None: they sum.

    A partial overlap sums when enclosed items replace (5, overlaps, [M]). Where later items replace, the later
    item's automatic fade is a crossfade and keeps the earlier one alive ([I]).
    """
    if item_mix == ENCLOSED_REPLACES:
        if later.end_s <= earlier.end_s:
            return 0, (later.position_s, later.end_s)
        if later.position_s == earlier.position_s:
            return 1, (earlier.position_s, earlier.end_s)
        return None
    return 0, (later.position_s + later.fade_in.auto_length_s, later.end_s)
