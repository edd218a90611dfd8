"""Which tracks a user means: by name pattern, GUID, folder or colour."""

from __future__ import annotations

from difflib import get_close_matches
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from stemkit.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from stemkit.model.session import Track
    from stemkit.session.routing import RoutedTrack, Routing

__all__ = ["chosen_tracks", "matching_tracks"]


def _fits(text: str, pattern: str) -> bool:
    return fnmatchcase(text.casefold(), pattern.casefold()) or text.casefold() == pattern.casefold()


def _color(track: Track) -> str:
    """Return a track's colour as ``#rrggbb``; REAPER keeps red in the lowest byte (inferred, as on Windows)."""
    if track.color is None:
        return ""
    red, green, blue = (track.color >> shift & 0xFF for shift in (0, 8, 16))
    return f"#{red:02x}{green:02x}{blue:02x}"


def _in_folder(routing: Routing, node: RoutedTrack, pattern: str) -> bool:
    around: str | None = node.guid if node.children else node.parent
    while around is not None:
        if _fits(routing.label(around), pattern):
            return True
        around = routing.nodes[around].parent
    return False


def matching_tracks(routing: Routing, pattern: str) -> tuple[str, ...]:
    """Return the GUIDs of the tracks that a pattern means, in project order.

    Parameters
    ----------
    routing
        The tracks, with their names and folders.
    pattern
        A name, with ``*`` and ``?`` and without regard to case; a GUID; ``folder:NAME`` for a folder and all in
        it; ``color:#RRGGBB``.
    """
    kind, _, value = pattern.partition(":")
    value = value.strip()
    if kind.casefold() == "folder":
        return tuple(node.guid for node in routing.order if _in_folder(routing, node, value))
    if kind.casefold() in ("color", "colour"):
        return tuple(node.guid for node in routing.order if _fits(_color(node.track), value))
    bare = pattern.strip().strip("{}").casefold()
    return tuple(
        node.guid
        for node in routing.order
        if _fits(node.label, pattern.strip()) or node.guid.strip("{}").casefold() == bare
    )


def chosen_tracks(routing: Routing, patterns: Iterable[str], option: str) -> frozenset[str]:
    """Return the GUIDs of the tracks that any of the patterns means.

    Raises
    ------
    UsageError
        A pattern fits no track; `option` tells where it stands.
    """
    chosen: set[str] = set()
    for pattern in patterns:
        found = matching_tracks(routing, pattern)
        if not found:
            close = get_close_matches(pattern.rpartition(":")[2], [node.label for node in routing.order], n=1)
            hint = f"did you mean {close[0]!r}?" if close else "`stemkit plan` lists the tracks."
            raise UsageError(f"{option} {pattern!r} fits no track; {hint}")
        chosen.update(found)
    return frozenset(chosen)
