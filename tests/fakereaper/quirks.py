"""A pretend REAPER that is not as stemkit assumes, so that the self-test can fail."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from stemkit.model.session import FxChain, Session

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["changed_session"]


def _muted_is_heard(session: Session) -> Session:
    return replace(session, tracks=tuple(replace(track, mute=False) for track in session.tracks))


def _main_send_ignored(session: Session) -> Session:
    tracks = (replace(track, main_send=replace(track.main_send, enabled=True)) for track in session.tracks)
    return replace(session, tracks=tuple(tracks))


def _muted_sends_heard(session: Session) -> Session:
    tracks = (
        replace(track, receives=tuple(replace(send, mute=False) for send in track.receives)) for track in session.tracks
    )
    return replace(session, tracks=tuple(tracks))


def _trim_is_read(session: Session) -> Session:
    return replace(session, tracks=tuple(replace(track, automation_mode=1) for track in session.tracks))


def _no_faders(session: Session) -> Session:
    return replace(session, tracks=tuple(replace(track, volume=1.0, pan=0.0) for track in session.tracks))


def _no_effects(session: Session) -> Session:
    return replace(session, tracks=tuple(replace(track, fx=FxChain()) for track in session.tracks))


def _master_effects_stay(session: Session) -> Session:
    return replace(session, master=replace(session.master, fx=replace(session.master.fx, enabled=True)))


def _envelopes_stay(session: Session) -> Session:
    curves = tuple(replace(envelope, active=True) for envelope in session.master.envelopes)
    return replace(session, master=replace(session.master, envelopes=curves))


_CHANGES: dict[str, Callable[[Session], Session]] = {
    "muted-is-heard": _muted_is_heard,
    "main-send-ignored": _main_send_ignored,
    "muted-sends-heard": _muted_sends_heard,
    "trim-is-read": _trim_is_read,
    "no-faders": _no_faders,
    "no-effects": _no_effects,
    "master-effects-stay": _master_effects_stay,
    "envelopes-stay": _envelopes_stay,
}


def changed_session(session: Session, quirks: frozenset[str]) -> Session:
    """Return what this REAPER mixes instead."""
    for quirk in quirks & _CHANGES.keys():
        session = _CHANGES[quirk](session)
    return session
