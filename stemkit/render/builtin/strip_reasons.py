"""What of a track, a send or the master only REAPER can run, and what is run only nearly as REAPER does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stemkit.render.builtin.pan import CLASSIC, DUAL, STEREO
from stemkit.render.builtin.reasons import Reasons, counted
from stemkit.render.builtin.strips import BYPASS, DUAL_PAN, MASTER_MONO, MASTER_MUTE, automation_mode, running_envelopes
from stemkit.session.plugins import classify, live_effects
from stemkit.session.sound import is_instrument

if TYPE_CHECKING:
    from collections.abc import Iterable

    from stemkit.model.session import Effect, Envelope, FxChain, Session, Track
    from stemkit.render.builtin.routes import Edge, Wiring

__all__ = [
    "audible_effects",
    "effects_reasons",
    "master_reasons",
    "muted_send_reasons",
    "send_reasons",
    "track_reasons",
]

_EXACT_FLAGS = frozenset({None, 3})  # 2: only the hybrid taper is confirmed
_BEFORE_THE_FADER = frozenset({1, 3})  # send modes
_CURVE_NAMES = {"volume": "volume", "pan": "pan", "mute": "mute", "width": "width"}


def audible_effects(chain: FxChain) -> list[Effect]:
    """Effects that are on and change the sound: neither meters nor video processors."""
    return [e for e in live_effects(chain) if e.kind != "video" and not classify(e).harmless]


def effects_reasons(track: Track, label: str, bypassed: frozenset[str], reasons: Reasons, *, bypass_fx: bool) -> None:
    """Add what a track's effects stand in the way of."""
    running = [e for e in audible_effects(track.fx) if not e.guid or e.guid not in bypassed]
    _effects(running, f"'{label}'", reasons, bypass_fx=bypass_fx)


def _effects(running: list[Effect], owner: str, reasons: Reasons, *, bypass_fx: bool) -> None:
    if not running:
        return
    if bypass_fx:
        reasons.bypass(len(running))
        return
    instruments = [e.alias or e.name for e in running if is_instrument(e)]
    others = [e.alias or e.name for e in running if not is_instrument(e)]
    if instruments:
        reasons.impossible(f"{owner} plays {', '.join(instruments)}, which only REAPER can run")
    if others:
        reasons.impossible(
            f"{owner} has {counted(len(others), 'effect')} that only REAPER can run: {', '.join(others)}"
        )


def track_reasons(session: Session, track: Track, label: str, reasons: Reasons) -> None:
    """Add what of a track's fader section is not exact."""
    mode = session.pan.mode if track.pan_mode is None else track.pan_mode
    law = session.pan.law if track.pan_law is None else track.pan_law
    flags = session.pan.law_flags if track.pan_law_flags is None else track.pan_law_flags
    moving = _automation(session, track.envelopes, track.automation_mode, f"'{label}'", reasons)
    panned = bool(track.pan) or "pan" in moving
    _pan(mode, law, flags, f"'{label}'", reasons, panned=panned)
    if mode == STEREO and (track.width != 1.0 or "width" in moving):
        reasons.approximate(f"'{label}' has a stereo width, whose curve is not known")
    if mode == DUAL and any(e.active and e.points and e.tag.startswith(DUAL_PAN) for e in track.envelopes):
        reasons.impossible(f"'{label}' moves its dual pan, which only REAPER can render")
    if mode == DUAL and track.dual_pan not in {None, (-1.0, 1.0)}:
        reasons.approximate(f"'{label}' has a dual pan, whose law is not known")
    if track.channels > 2 or track.main_send.channel_offset or track.main_send.channel_count:
        reasons.approximate(f"'{label}' runs on more than two channels, which was not compared with REAPER")


def _pan(mode: int, law: float, flags: int | None, owner: str, reasons: Reasons, *, panned: bool) -> None:
    if mode == CLASSIC and panned:
        reasons.approximate(f"{owner} is panned in REAPER 3's way, whose law is not known")
    if mode in {CLASSIC, DUAL}:
        return
    if law > 1.0 or (panned and (law <= 0.5 or flags not in _EXACT_FLAGS)):
        reasons.approximate(f"{owner} has a pan law that was not compared with REAPER")


def _automation(session: Session, envelopes: Iterable[Envelope], own: int, owner: str, reasons: Reasons) -> set[str]:
    """Say what moves; how finely REAPER steps and smooths its envelopes is unknown (3, [?])."""
    if automation_mode(session, own) >= BYPASS:
        return set()
    moving = {_CURVE_NAMES[e.target] for e in running_envelopes(envelopes) if e.target in _CURVE_NAMES}
    if moving:
        names = " and ".join(sorted(moving))
        reasons.approximate(f"{names} automation on {owner}: how REAPER smooths it is not known")
    return moving


def send_reasons(session: Session, edge: Edge, wiring: Wiring, reasons: Reasons) -> None:
    """Add what of a send is not exact."""
    send = edge.send
    assert send is not None
    owner = f"the send from '{wiring.labels[edge.source]}' to '{wiring.labels[edge.target]}'"
    law = session.pan.law if send.pan_law is None else send.pan_law
    _automation(session, send.envelopes, send.automation_mode, owner, reasons)
    if send.pan or law != 1.0:
        reasons.approximate(f"{owner}: that its pan follows a track's curve was not compared")
    if send.mono or send.destination_channels.count == 1:
        reasons.approximate(f"{owner} is summed to mono, and REAPER's gain there is not known")
    source = wiring.tracks[edge.source]
    if edge.tap != "post" and (
        source.phase_inverted or any(e.active and e.stage == "pre_fx" for e in source.envelopes)
    ):
        reasons.approximate(f"{owner} leaves before the fader of a track with inverted phase or pre-FX automation")


def muted_send_reasons(track: Track, wiring: Wiring, reasons: Reasons) -> None:
    """Say which pre-fader sends of muted tracks were taken as silent (6, [?])."""
    for send in track.receives:
        source = wiring.tracks.get(send.source_guid)
        if source is None or source.guid in wiring.heard or send.mute or send.source_channels is None:
            continue
        if send.mode in _BEFORE_THE_FADER:
            reasons.approximate(
                f"the pre-fader send of the muted track '{wiring.labels[source.guid]}' is taken as silent"
            )


def master_reasons(session: Session, reasons: Reasons, *, bypass_fx: bool) -> None:
    """Add what of the master is not exact in the rough mix."""
    master = session.master
    _effects(audible_effects(master.fx), "the master", reasons, bypass_fx=bypass_fx)
    moving = _automation(session, master.envelopes, master.automation_mode, "the master", reasons)
    law = session.pan.law if master.pan_law is None else master.pan_law
    if master.volume != 1.0 or master.pan or law != 1.0 or "pan" in moving:
        reasons.approximate("the master's fader and pan are taken to work like a track's, which was not compared")
    if master.mute_solo & MASTER_MUTE:
        reasons.approximate("the master is muted, and so is the mix")
    if master.mute_solo & MASTER_MONO:
        reasons.approximate("the master is set to mono, and REAPER's gain there is not known")
