"""The rule about track names, which become file names."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

from stemkit.rules.registry import Problem, rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stemkit.model.session import Session
    from stemkit.rules.session_context import SessionContext

__all__: list[str] = []

_ILLEGAL = re.compile(r'[<>:"/\\|?*\x00-\x1f]')  # no Windows file name holds these; "/" no file name at all
_SAYS_NOTHING = re.compile(
    r"(?:new |unnamed |untitled )?(?:track|audio|midi|inst(?:rument)?|aux|bus|group|folder|stereo|mono|item|take|"
    r"region|recording|record|rec|channel|ch|input|in|file|wav|untitled|unnamed|copy)(?:[\s_.#-]*\d+)*",
    re.IGNORECASE,
)


def _about(name: str) -> str | None:
    if not name:
        return "The track has no name."
    if _SAYS_NOTHING.fullmatch(name) or name.isdecimal():
        return f"The name {name!r} says nothing about what is on the track."
    return None


@rule("SK114", "track-name", severity="warning", scope="session", guide="G4")
def track_name(session: Session, context: SessionContext) -> Iterator[Problem]:
    """Each stem's track has a name of its own that says what is on it and that a file can have.

    Why: The name is all that the engineer sees of forty stems. "Audio_01" has to be listened to, two tracks of
    one name are mixed up, and signs such as / or ? are replaced differently on every computer.

    Fix in REAPER: double-click the track's name: Kick, Bass, Vocals_Lead. stemkit can also take names from
    stemkit.toml beside the project.

    Fix in any DAW: Rename the tracks before exporting.

    Source: Guide G4; rpp-findings.md (152 of 5,090 tracks have a sign that no file name can hold).
    """
    nodes = [context.routing.nodes[track.guid] for track in session.tracks]
    order = [n for n in nodes if n.guid in context.stems or (context.plan is None and n.heard and n.source)]
    uses = Counter(node.track.name.strip().casefold() for node in order)
    for node in order:
        name = node.track.name.strip()
        label = context.labels[node.guid]
        stem = None if context.as_is else context.stems.get(node.guid)
        chosen = stem is not None and bool(name or stem.name) and stem.name.strip() not in ("", name, node.label)
        as_file = None if stem is None else f"the file is {stem.file_name}"
        said = _about(name)
        if said is not None:
            yield Problem(subject=label, message=said, measured=name, handled=as_file if chosen else None)
            continue
        signs = sorted(set(_ILLEGAL.findall(name)))
        if signs:
            told = " ".join(sign if sign.isprintable() else repr(sign) for sign in signs)
            yield Problem(subject=label, message=f"The name holds {told}, which file names cannot.", handled=as_file)
        if uses[name.casefold()] > 1:
            yield Problem(
                subject=label,
                message=f"{uses[name.casefold()]} tracks are named {name!r}.",
                measured=uses[name.casefold()],
                severity="note",
                handled=as_file,
            )
