"""Rules about the ways between tracks: returns, folders that process, and routes that stems cannot follow."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stemkit.rules.registry import Problem, rule
from stemkit.rules.session_context import PROJECT, counted, listed
from stemkit.session.plugins import classify

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stemkit.model.session import Session
    from stemkit.rules.session_context import SessionContext
    from stemkit.session.routing import RoutedTrack, Routing

__all__: list[str] = []


@rule("SK109", "send-to-return", severity="warning", scope="session", guide="G3")
def send_to_return(session: Session, context: SessionContext) -> Iterator[Problem]:
    """Send effects are not in the stems of the tracks that feed them.

    Why: A vocal with its reverb printed cannot be put into another room. Returns come as stems of their own, so
    that the engineer may use them, or not.

    Fix in REAPER: in File > Render keep the source "Stems (selected tracks)" and select the return as a track of its
    own; or mute the sends (the track's Route button) for dry stems.

    Fix in any DAW: Switch the sends off for the stems, and export the returns by themselves.

    Source: Guide G3; reaper-facts.md 7 (stems through the master include each track's sends).
    """
    for track in session.tracks:
        guid = track.guid
        node = context.routing.nodes[guid]
        if guid not in context.routing.roles.returns or not node.sounding:
            continue
        feeders = dict.fromkeys(context.labels[e.source] for e in node.incoming if e.sounding and e.kind == "send")
        stem = None if context.as_is else context.stems.get(guid)
        handled = context.excluded(guid)
        if stem is not None:
            handled = f"the return is a stem of its own, {stem.file_name}; the tracks are printed without it"
        yield Problem(
            subject=context.labels[guid],
            message=f"Fed by sends of {listed(feeders)}, beside their own way to the master.",
            measured=len(feeders),
            handled=handled,
        )


def _effects(node: RoutedTrack) -> list[str]:
    return [f"{e.alias or e.name} ({classify(e).category})" for e in node.processing]


@rule("SK116", "folder-processing", severity="warning", scope="session", guide="G1")
def folder_processing(session: Session, context: SessionContext) -> Iterator[Problem]:
    """Folders and buses do nothing but gain and pan, or are printed as groups.

    Why: A compressor on the drum bus reacts to all drums at once. Single stems cannot carry it, so they do not add
    up to the mix: the engineer has to know, or gets the group as one stem.

    Fix in REAPER: bypass the folder's effects (its FX button) if the engineer should build the bus; or render groups
    (--by group); or send both.

    Fix in any DAW: Export the group as one stem, or the tracks with the bus effects bypassed, and say which.

    Source: reaper-facts.md 0.3 (a child's stem does not hold its folder's processing) and 7; design.md, the cut.
    """
    for track in session.tracks:
        node = context.routing.nodes[track.guid]
        passes = any(edge.sounding for edge in node.incoming)
        if not (node.heard and passes and node.processing) or node.guid in context.routing.roles.stops:
            continue
        stem = context.stems.get(node.guid)
        inside = stem is not None and stem.inputs == "all"
        yield Problem(
            subject=context.labels[node.guid],
            message=f"The {'folder' if node.children else 'bus'} processes all its tracks: {listed(_effects(node))}.",
            measured=len(node.processing),
            expected="no live effect",
            handled=f"printed in {stem.file_name}" if stem is not None and inside and not context.as_is else None,
        )


def _dead_end(node: RoutedTrack, routing: Routing) -> tuple[str, bool] | None:
    """Say why sound that runs into a track does not reach the master, other than by a mute or its fader.

    The second value says whether somebody hears it nevertheless, so that a render loses it.
    """
    if node.heard or node.track.mute or node.track.main_send.enabled:
        return None
    roles = {edge.role for edge in node.outgoing}
    fed = any(edge.role == "unheard" and routing.nodes[edge.source].source for edge in node.incoming)
    if "audible" in roles or not (node.source or fed):
        return None
    if node.source and "sidechain" in roles:
        return "The track only steers effects elsewhere (sidechain) and is not heard itself.", False
    from stemkit.session.silence import plays_to_hardware  # noqa: PLC0415  (files without a project need none)

    if plays_to_hardware(node.track):
        return "The track is heard through a hardware output alone, which no file render holds.", True
    if not node.source:
        return None
    return "The track's parent send is off and nothing else takes it to the master, so it is not heard.", False


@rule("SK117", "routing-not-reproducible", severity="warning", scope="session", guide="G2")
def routing_not_reproducible(session: Session, context: SessionContext) -> Iterator[Problem]:
    """Every sound goes to the master on a way that stems can follow.

    Why: Sound that leaves through a hardware output is in no file. An effect steered by another track prints that
    track's rhythm into the stem. A feedback loop cannot be cut into stems at all.

    Fix in REAPER: the track's Route button: tick Master send, or send it to a bus; remove hardware outputs that were
    meant for headphones. For sidechains nothing, but tell the engineer.

    Fix in any DAW: Route every track to the stereo output before exporting; note which compressors are keyed.

    Source: MAINSEND, HWOUT and AUXRECV after reaper-facts.md 5.2; section 7.
    """
    for cycle in context.routing.cycles:
        names = [context.labels[guid] for guid in cycle]
        yield Problem(subject=PROJECT, message=f"The routing goes round in a circle: {' > '.join([*names, names[0]])}.")
    for track in session.tracks:
        node = context.routing.nodes[track.guid]
        label, handled = context.labels[node.guid], context.excluded(node.guid)
        keys = dict.fromkeys(context.labels[e.source] for e in node.incoming if e.role == "sidechain")
        if keys and node.heard and node.processing:
            said = f"An effect here is steered by {listed(keys)} (sidechain), and that is printed."
            yield Problem(subject=label, message=said, severity="note", handled=handled)
        end = _dead_end(node, context.routing)
        if end is not None:
            said, heard = end
            yield Problem(subject=label, message=said, handled=None if heard else handled)


@rule("SK126", "nothing-to-render", severity="error", scope="session", guide="G2")
def nothing_to_render(session: Session, context: SessionContext) -> Iterator[Problem]:
    """Something in the project makes a sound that reaches the master.

    Why: A project without sound gives no stems. Mostly it is a template, or everything is muted.

    Fix in REAPER: unmute what belongs to the song; check the master send of the tracks (Route button).

    Fix in any DAW: Unmute what belongs to the song.

    Source: design.md, the cut of the routing graph.
    """
    stems = len(context.stems) if context.plan is not None else sum(n.sounding for n in context.routing.order)
    if not stems:
        said = (
            f"Nothing in its {counted(len(session.tracks), 'track')} makes a sound that is heard, so there is no stem."
        )
        yield Problem(subject=PROJECT, message=said, measured=0)
