"""What an envelope does to the sound: nothing, one fixed change, or movement; and in which words to say it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from stemkit.session.plugins import live_effects

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from stemkit.model.session import Envelope, EnvelopeTarget, FxChain, PooledEnvelope, Session, Track

__all__ = ["WRITE_MODES", "Automation", "EnvelopeState", "judge", "master_automation", "pools", "track_automation"]

EnvelopeState = Literal["off", "neutral", "holds", "moves"]
# Modes in which playback may overwrite what is there (reaper-facts.md, section 6.3: AUTOMODE 0-5).
WRITE_MODES: Mapping[int, str] = {2: "Touch", 3: "Write", 4: "Latch", 5: "Latch Preview"}
_NEUTRAL: Mapping[EnvelopeTarget, float] = {
    "volume": 1.0,
    "pan": 0.0,
    "width": 1.0,
    "mute": 1.0,
    "play_rate": 1.0,
    "pitch": 0.0,
}
_WORDS: Mapping[EnvelopeTarget, str] = {
    "volume": "volume",
    "pan": "pan",
    "width": "width",
    "mute": "mute",
    "play_rate": "play rate",
    "pitch": "pitch",
    "parameter": "parameter",
    "tempo": "tempo",
    "other": "envelope",
}
_MODULATION = "PROGRAMENV"  # an LFO or another signal moves the parameter; there are no points
_STAGES: Mapping[str, str] = {"pre_fx": " (pre-FX)", "trim": " (trim)", "take": " of a take"}
_TOLERANCE = 1e-4  # 0.001 dB in gain: below what anybody set on purpose
_SILENCE = 10 ** (-150 / 20)  # REAPER's faders end at -150 dB


@dataclass(frozen=True, slots=True, kw_only=True)
class Automation:
    """One envelope that has an effect.

    `what` names what it moves ("volume", "Cutoff of ReaEQ (Cockos)"); `detail` says how ("holds -3.0 dB").
    """

    envelope: Envelope
    what: str
    state: EnvelopeState
    detail: str


def pools(session: Session) -> Mapping[int, PooledEnvelope]:
    """Return what automation items play, by the id of their pool."""
    return {pool.pool_id: pool for pool in session.pooled_envelopes}


def _flat(values: Iterable[float]) -> bool:
    values = list(values)
    return not values or math.isclose(min(values), max(values), rel_tol=_TOLERANCE, abs_tol=_TOLERANCE)


def _item_moves(envelope: Envelope, pooled: Mapping[int, PooledEnvelope]) -> bool:
    """Tell whether an automation item moves; one whose contents nobody can see does.

    What a pooled value means in the envelope's own terms is not documented, so only its movement is judged.
    """
    playing = [pooled.get(item.pool_id) for item in envelope.automation_items if not item.muted]
    return any(pool is None or not _flat(point.value for point in pool.points) for pool in playing)


def judge(
    envelope: Envelope, pooled: Mapping[int, PooledEnvelope] | None = None, *, neutral: float | None = None
) -> tuple[EnvelopeState, float | None, float | None]:
    """Tell what an envelope does.

    A flat envelope and one with a single point are no automation: they hold a value, which changes nothing
    where it is the neutral one.

    Parameters
    ----------
    envelope
        The curve.
    pooled
        Contents of automation items by pool; an item whose pool is absent counts as movement.
    neutral
        The value that changes nothing; None takes the target's own (0 dB, centre, not muted). A plug-in's
        parameter has none.

    Returns
    -------
    tuple[EnvelopeState, float | None, float | None]
        State, lowest and highest value in the file's terms; the values are None where there is no point.
    """
    if not envelope.active:
        return "off", None, None
    values = [point.value for point in envelope.points]
    low, high = min(values, default=None), max(values, default=None)
    if envelope.tag == _MODULATION or _item_moves(envelope, pooled or {}) or not _flat(values):
        return "moves", low, high
    if low is None:
        return "off", None, None
    neutral = _NEUTRAL.get(envelope.target) if neutral is None else neutral
    if neutral is not None and math.isclose(low, neutral, rel_tol=_TOLERANCE, abs_tol=_TOLERANCE):
        return "neutral", low, high
    return "holds", low, high


def _say(target: EnvelopeTarget, value: float) -> str:
    if target == "volume":
        return "-inf dB" if abs(value) <= _SILENCE else f"{20 * math.log10(abs(value)):+.1f} dB"
    if target == "pan":  # in envelopes +1 is left, the reverse of the knob (reaper-facts.md, section 5.4)
        return "centre" if abs(value) < _TOLERANCE else f"{abs(value):.0%} {'left' if value > 0 else 'right'}"
    if target == "mute":
        return "muted" if value < 0.5 else "not muted"
    if target == "width":
        return f"{value:.0%}"
    return f"{value:g}"


def _automation(
    envelope: Envelope, pooled: Mapping[int, PooledEnvelope], what: str, neutral: float | None = None
) -> Automation | None:
    state, low, high = judge(envelope, pooled, neutral=neutral)
    if state in ("off", "neutral"):
        return None
    if state == "holds" and low is not None:
        detail = f"holds {_say(envelope.target, low)}"
    elif envelope.tag == _MODULATION:
        detail = "moves by parameter modulation"
    elif low is None or high is None or _flat((low, high)):
        detail = "moves"
    elif envelope.target == "mute":
        detail = "switches on and off"
    else:
        detail = f"moves between {_say(envelope.target, low)} and {_say(envelope.target, high)}"
    if any(not item.muted for item in envelope.automation_items):
        detail += " with automation items"
    return Automation(envelope=envelope, what=what, state=state, detail=detail)


def _effect_envelopes(chain: FxChain) -> Iterator[tuple[Envelope, str]]:
    for effect in live_effects(chain):
        for envelope in effect.envelopes:
            yield envelope, f"{envelope.parameter or 'a parameter'} of {effect.alias or effect.name}"


def _track_neutral(track: Track, envelope: Envelope) -> float | None:
    """In Trim/Read an envelope adds to the fader; in every other mode it stands in the fader's place."""
    if track.automation_mode == 0 or envelope.stage != "post_fx":
        return None
    return {"volume": track.volume, "pan": -track.pan, "width": track.width}.get(envelope.target)


def _found(rows: Iterable[Automation | None]) -> tuple[Automation, ...]:
    return tuple(row for row in rows if row is not None)


def track_automation(track: Track, session: Session, names: Mapping[str, str]) -> tuple[Automation, ...]:
    """Return the envelopes that change how a track sounds: its own, its live effects', its receives', its takes'.

    Parameters
    ----------
    track
        The track.
    session
        The project, for what automation items play.
    names
        Track names by GUID, to say where a receive comes from.
    """
    pooled = pools(session)
    rows = [
        _automation(e, pooled, _WORDS[e.target] + _STAGES.get(e.stage, ""), _track_neutral(track, e))
        for e in track.envelopes
    ]
    rows += [_automation(e, pooled, what) for e, what in _effect_envelopes(track.fx)]
    for send in track.receives:
        if not send.mute:
            source = names.get(send.source_guid, "another track")
            rows += [_automation(e, pooled, f"{_WORDS[e.target]} of the send from {source}") for e in send.envelopes]
    for item in track.items:
        take = item.active_take
        if take is None or item.mute:
            continue
        rows += [_automation(e, pooled, f"{_WORDS[e.target]} of a take") for e in take.envelopes]
        rows += [_automation(e, pooled, what) for e, what in _effect_envelopes(take.fx)]
    return _found(rows)


def master_automation(session: Session) -> tuple[Automation, ...]:
    """Return the envelopes that change the master: its own, its live effects', and the project's play rate."""
    pooled = pools(session)
    rows = [_automation(e, pooled, _WORDS[e.target]) for e in session.master.envelopes]
    rows += [_automation(e, pooled, what) for e, what in _effect_envelopes(session.master.fx)]
    rows += [_automation(e, pooled, _WORDS[e.target]) for e in session.project_envelopes if e.target == "play_rate"]
    return _found(rows)
