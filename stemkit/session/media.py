"""Which media a track plays, and what of it is not there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stemkit.session.sound import playing_items, playing_takes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stemkit.model.session import Item, Source, Track

__all__ = ["is_missing", "missing_files", "played_sources"]

_WITHOUT_FILE = frozenset({"midi", "midipool", "empty", "click", "ltc", "section"})  # sources that need no file


def played_sources(track: Track) -> Iterator[tuple[Item, Source]]:
    """Yield what plays on a track: each item with the sources of its takes, as they are in the project."""
    for item in playing_items(track):
        for take in playing_takes(item):
            if take.source is not None:
                yield item, take.source


def is_missing(source: Source) -> bool:
    """Tell whether a source needs a file that is offline or was not found."""
    media = source.media
    if media.offline:
        return True
    if media.kind in _WITHOUT_FILE and not media.file:
        return False
    return media.resolved_path is None and bool(media.file or media.searched)


def missing_files(track: Track) -> tuple[str, ...]:
    """Return the files that a track plays and that are not there, as the project writes them."""
    return tuple(dict.fromkeys(source.media.file for _, source in played_sources(track) if is_missing(source)))
