"""Rules about effects and automation that are in the stems, or unexpectedly are not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stemkit.rules.registry import Problem, rule
from stemkit.rules.session_context import MASTER, PROJECT, counted, listed
from stemkit.session.automation import WRITE_MODES, track_automation
from stemkit.session.plugins import classify, walk_effects
from stemkit.session.sound import instrument_effects, is_instrument, plays_notes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stemkit.model.report import Severity
    from stemkit.model.session import Effect, FxChain, Session
    from stemkit.rules.session_context import SessionContext

__all__: list[str] = []

_NO_OVERRIDE = -1  # GLOBAL_AUTO (reaper-facts.md 5.1; what the other numbers mean is not settled there)


@rule("SK110", "active-automation", severity="warning", scope="session", guide="G3")
def active_automation(session: Session, context: SessionContext) -> Iterator[Problem]:
    """Automation is in the stems on purpose, and nothing can overwrite it.

    Why: Volume rides and filter sweeps that are part of the song belong into the stem; forgotten ones pull the
    balance about where the engineer cannot undo it. A track left in Write or Touch changes while it is rendered.

    Fix in REAPER: press V on the track or its Envelopes button; bypass or remove what is not meant. Set the track's
    automation mode to Trim/Read; switch off the global automation override in the transport bar.

    Fix in any DAW: Remove automation that is no longer wanted; switch all tracks to Read.

    Source: Guide G3; AUTOMODE, GLOBAL_AUTO and envelope tags after reaper-facts.md 5.1, 5.4 and 6.3.
    """
    if session.automation_override != _NO_OVERRIDE:
        yield Problem(
            subject=PROJECT,
            message="A global automation override is on, whatever the tracks' own modes say.",
            measured=session.automation_override,
        )
    for track in session.tracks:
        if not context.heard(track.guid):
            continue
        label, handled = context.labels[track.guid], context.excluded(track.guid)
        rows = track_automation(track, session, context.labels)
        told = listed((f"{row.what} {row.detail}" for row in rows), limit=4)
        if rows:
            yield Problem(
                subject=label,
                message=f"Automation is printed: {told}.",
                measured=len(rows),
                severity="note",
                handled=handled,
            )
        mode = WRITE_MODES.get(track.automation_mode)
        if mode is not None:
            yield Problem(
                subject=label,
                message=f"The track's automation mode is {mode}, so playing the song may change it.",
                measured=mode,
                expected="Trim/Read or Read",
                handled=handled,
            )


def _off(chain: FxChain) -> tuple[list[Effect], list[Effect]]:
    """Return the effects of a chain that are bypassed one by one, and those that are offline."""
    silent = [effect for effect, live in walk_effects(chain) if not live and not classify(effect).harmless]
    offline = [effect for effect in silent if effect.offline]
    return [effect for effect in silent if not effect.offline], offline


def _names(effects: list[Effect]) -> str:
    return listed(effect.alias or effect.name or effect.identifier for effect in effects)


def _off_problems(chain: FxChain) -> Iterator[tuple[str, int, Severity | None]]:
    bypassed, offline = _off(chain)
    if not chain.enabled and (bypassed or offline):
        said = f"The whole effect chain is switched off, and with it {_names(bypassed + offline)}."
        yield said, len(bypassed) + len(offline), "note"
        return
    if offline:
        yield f"{counted(len(offline), 'effect')} offline and not heard: {_names(offline)}.", len(offline), None
    if bypassed:
        yield f"{counted(len(bypassed), 'effect')} bypassed: {_names(bypassed)}.", len(bypassed), "note"


@rule("SK112", "fx-offline-or-bypassed", severity="warning", scope="session", guide="G3")
def fx_offline_or_bypassed(session: Session, context: SessionContext) -> Iterator[Problem]:
    """Every effect that is loaded is also heard.

    Why: A plug-in can be off in three places: by its own tick, offline, or with the whole chain. REAPER renders
    without it and without a word. An instrument that is off leaves a silent stem.

    Fix in REAPER: open the track's FX window: tick the effect; right-click > Set offline (untick); for the whole
    chain, the power button beside FX. What is not wanted any more: remove it.

    Fix in any DAW: Switch on what belongs to the sound, remove what does not.

    Source: BYPASS, FX and MASTER_FX after reaper-facts.md 5.2 and 5.4; section 7 for silent bypassing.
    """
    for message, count, severity in _off_problems(session.master.fx):
        yield Problem(subject=MASTER, message=message, measured=count, severity=severity or "note")
    for track in session.tracks:
        node = context.routing.nodes[track.guid]
        if not node.heard or track.freeze_count:  # freezing takes effects offline by itself
            continue
        label, handled = context.labels[track.guid], context.excluded(track.guid)
        if node.source is None and plays_notes(track) and instrument_effects(track):
            said = f"The track plays MIDI, but its instrument is off: {_names(list(instrument_effects(track)))}."
            yield Problem(subject=label, message=said)
            continue
        for message, count, severity in _off_problems(track.fx):
            yield Problem(subject=label, message=message, measured=count, severity=severity, handled=handled)


@rule("SK120", "frozen-track", severity="note", scope="session", guide="G3")
def frozen_track(session: Session, context: SessionContext) -> Iterator[Problem]:
    """No track is frozen.

    Why: A frozen track plays a recording of its effects. They cannot be taken off for a dry version, and what was
    changed since freezing is not heard.

    Fix in REAPER: Track > Render/freeze tracks > Unfreeze tracks, where a dry version is wanted.

    Fix in any DAW: Unfreeze tracks whose effects should stay open.

    Source: FREEZE after reaper-facts.md 5.2.
    """
    for track in session.tracks:
        if track.freeze_count and context.heard(track.guid):
            yield Problem(
                subject=context.labels[track.guid],
                message="The track is frozen: its effects are in the audio, and a dry version is not possible.",
                measured=track.freeze_count,
                handled=context.excluded(track.guid),
            )


@rule("SK123", "instrument-needs-reaper", severity="note", scope="session", guide="G2")
def instrument_needs_reaper(session: Session, context: SessionContext) -> Iterator[Problem]:
    """Every stem can be rendered without a plug-in host.

    Why: Instruments and effects sound only where they are installed. Such a project has to be rendered in REAPER,
    on the computer where it was made.

    Fix in REAPER: render on the computer that has the plug-ins, or freeze the tracks (Track > Render/freeze tracks).

    Fix in any DAW: Bounce instruments to audio before moving the project.

    Source: design.md, engines.
    """
    nodes = [context.routing.nodes[track.guid] for track in session.tracks]
    playing = [node for node in nodes if node.heard and node.source == "instrument"]
    if playing:
        names = listed(context.labels[node.guid] for node in playing)
        plugins = {e.name for node in playing for e in instrument_effects(node.track)}
        yield Problem(
            subject=PROJECT,
            message=f"Only REAPER can render the instruments of {counted(len(playing), 'track')}: {names}.",
            measured=len(playing),
            expected=listed(sorted(plugins)) or None,
        )
    lost = [n for n in nodes if n.heard and plays_notes(n.track) and not _reaches_instrument(n.guid, context)]
    for node in lost:
        yield Problem(
            subject=context.labels[node.guid],
            message="The track plays MIDI that reaches no instrument, so nothing is heard of it.",
            handled=context.excluded(node.guid),
        )


def _reaches_instrument(guid: str, context: SessionContext) -> bool:
    """Tell whether an instrument, on or off, stands where the track's notes arrive."""
    seen, waiting = {guid}, [guid]
    while waiting:
        node = context.routing.nodes[waiting.pop()]
        if any(
            is_instrument(effect) or classify(effect).category == "other" for effect, _ in walk_effects(node.track.fx)
        ):
            return True
        onward = {e.destination for e in node.outgoing if e.destination in context.routing.nodes} - seen
        seen |= onward
        waiting += onward
    return False
