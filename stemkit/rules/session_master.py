"""Rules about what stands between the stems and the mix: the master track, and limiters on single tracks."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from stemkit.rules.registry import Problem, rule
from stemkit.rules.session_context import MASTER, counted, listed
from stemkit.session.automation import master_automation
from stemkit.session.plugins import classify, live_effects

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stemkit.model.session import Effect, Master, Session
    from stemkit.rules.session_context import SessionContext

__all__: list[str] = []

_DYNAMICS = ("limiter", "maximizer", "clipper", "compressor", "multiband")
_LOUD = ("limiter", "maximizer", "clipper")
_VIA_MASTER = 64 | 128  # RENDER_SETTINGS bits that send items or tracks through the master (reaper-facts.md 1.1)
_PARTS = 32 | 4096  # items and razor edits, which leave the master out
_UNITY = 10 ** (0.05 / 20) - 1  # a fader within 0.05 dB of 0 dB reads 0.0 in REAPER
_MASTER_SWITCHES = (  # bit mask, value, what it does (MASTERMUTESOLO, reaper-facts.md 5.1)
    (4, 4, "sums to mono"),
    (24, 8, "plays the left channel alone"),
    (24, 16, "plays the right channel alone"),
    (24, 24, "plays left minus right"),
)


def prints_master(session: Session) -> bool:
    """Tell whether the project's own render settings send the sound through the master."""
    settings = session.render.settings
    return bool(settings & _VIA_MASTER) or not (settings & 3 == 3 or settings & _PARTS)


def _master_handled(session: Session, context: SessionContext) -> str | None:
    if context.as_is:
        return None if prints_master(session) else "the project's render source leaves the master out"
    return None if context.plan is None else "the stems are printed before the master; only Rough_Mix goes through it"


def _named(effect: Effect) -> str:
    return f"{effect.name or effect.alias} ({classify(effect).category})"


@rule("SK101", "master-fx", severity="warning", scope="session", guide="G1")
def master_fx(session: Session, context: SessionContext) -> Iterator[Problem]:
    """Nothing on the master colours the stems.

    Why: A limiter, compressor or EQ on the mix bus, printed into the stems, takes away the headroom and the
    balance that the mixing engineer is asked to make, and stems that each went through it do not add up to the mix.

    Fix in REAPER: View > Master Track, and switch off the power button beside its FX button before rendering; set
    Source in File > Render to "Stems (selected tracks)".

    Fix in any DAW: Bypass every insert on the master or stereo output before exporting stems.

    Source: Guide G1 and its common mistakes; render sources after reaper-facts.md 0.2.
    """
    live = [effect for effect in live_effects(session.master.fx) if not classify(effect).harmless]
    dynamics = [effect for effect in live if classify(effect).category in _DYNAMICS]
    others = [effect for effect in live if effect not in dynamics]
    handled = _master_handled(session, context)
    forbidden = context.profile.session.master_fx == "forbid"
    for effects in (dynamics, others):
        if effects:
            yield Problem(
                subject=MASTER,
                message=f"{counted(len(effects), 'live effect')} on the master: {listed(map(_named, effects))}.",
                measured=len(effects),
                expected="no live effect on the master",
                severity=None if forbidden and (effects is dynamics or context.as_is) else "note",
                handled=handled,
            )


def _fader_notes(master: Master) -> Iterator[tuple[str, float | str | None, str | None]]:
    if master.volume > 0 and abs(master.volume - 1) > _UNITY:
        level = 20 * math.log10(master.volume)
        yield f"The master fader stands at {level:+.1f} dB.", round(level, 2), "dB"
    if master.pan:
        yield f"The master is panned {abs(master.pan):.0%} {'left' if master.pan < 0 else 'right'}.", master.pan, None
    if master.width != 1:
        yield f"The master's stereo width is {master.width:.0%}.", master.width, None
    for mask, value, what in _MASTER_SWITCHES:
        if master.mute_solo & mask == value:
            yield f"The master {what}.", None, None


@rule("SK102", "master-level", severity="warning", scope="session", guide="G1")
def master_level(session: Session, context: SessionContext) -> Iterator[Problem]:
    """Fader, pan, width, mono, mute and envelopes of the master are neutral.

    Why: What the master does to level and image is part of the rough mix but not of the stems; somebody who holds
    the stems against the mix has to know it. A muted master renders nothing at all.

    Fix in REAPER: View > Master Track; double-click fader, pan and width; switch off mute and mono; Envelopes
    button > bypass the master's envelopes; Transport: rate 1.0.

    Fix in any DAW: Stereo output at 0 dB, centre, full width, no mono, no automation.

    Source: reaper-facts.md 5.1 (MASTERMUTESOLO, MASTER_VOLUME); design.md, Proof_Mix.
    """
    handled = _master_handled(session, context)
    for message, measured, unit in _fader_notes(session.master):
        yield Problem(subject=MASTER, message=message, measured=measured, unit=unit, handled=handled)
    for row in master_automation(session):
        yield Problem(subject=MASTER, message=f"The master's {row.what} {row.detail}.", handled=handled)
    if session.master.mute_solo & 1 or session.master.volume == 0:
        how = "muted" if session.master.mute_solo & 1 else "turned all the way down"
        yield Problem(subject=MASTER, message=f"The master is {how}, so a rough mix through it is silent.")
    if abs(session.play_rate - 1) > 1e-6:
        yield Problem(
            subject=MASTER,
            message=f"The project plays at {session.play_rate:g} times its speed.",
            measured=session.play_rate,
            expected="1",
        )


@rule("SK111", "limiter-on-track", severity="warning", scope="session", guide="G1")
def limiter_on_track(session: Session, context: SessionContext) -> Iterator[Problem]:
    """No limiter, maximiser or clipper holds down a single stem.

    Why: A limited stem has lost its transients for good. On a bass or a scream it may be the sound; then a dry
    version beside it keeps both ways open.

    Fix in REAPER: open the track's FX button and untick the limiter, or keep it and add a dry version with --dry.

    Fix in any DAW: Bypass the limiter on the channel, or export the channel twice, with and without.

    Source: Guide G1; G3 for the exception of two versions.
    """
    for track in session.tracks:
        found = [effect for effect in live_effects(track.fx) if classify(effect).category in _LOUD]
        if not found or not context.heard(track.guid):
            continue
        last = live_effects(track.fx)[-1] is found[-1]
        yield Problem(
            subject=context.labels[track.guid],
            message=f"{listed(map(_named, found))} {'ends' if last else 'stands in'} the track's effects.",
            measured=len(found),
            expected="no limiter",
            handled=context.excluded(track.guid),
        )
