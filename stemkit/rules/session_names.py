"""The rule about track names, which become file names."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

from stemkit.rules.registry import Problem, rule
from stemkit.rules.words import tell_nothing, words

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stemkit.model.session import Session
    from stemkit.rules.session_context import SessionContext

__all__: list[str] = []

_ILLEGAL = re.compile(r'[<>:"/\\|?*\x00-\x1f]')  # no Windows file name holds these; "/" no file name at all
_VAGUE = frozenset({"folder", "stereo", "mono", "input", "in", "wav"})  # what a new track is called, beside those words


def _about(name: str) -> str | None:
    if not name:
        return "The track has no name."
    if tell_nothing(word for word in words(name) if word not in _VAGUE):
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
        as_file = None if stem is None else f"the file is {stem.file_name}"
        better = as_file if stem is not None and _about(stem.name) is None else None
        said = _about(name)
        if said is not None:
            yield Problem(subject=label, message=said, measured=name, handled=better)
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
            )
