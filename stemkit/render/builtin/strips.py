"""Channel strips: what a track, a send or the master does to the sound that passes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from stemkit.render.builtin.channels import MONO_SUM_GAIN, pick
from stemkit.render.builtin.envelopes import EnvelopeReader, Times
from stemkit.render.builtin.items import AUDIBLE
from stemkit.render.builtin.pan import BALANCE, PanMatrix, pan_matrix

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from stemkit.model.session import Envelope, Master, PooledEnvelope, Send, Session, Track
    from stemkit.render.builtin.grid import Block, Moving, Signal

__all__ = [
    "BYPASS",
    "DUAL_PAN",
    "MASTER_MONO",
    "MASTER_MUTE",
    "MasterStrip",
    "SendStrip",
    "Taps",
    "TrackStrip",
    "automation_mode",
    "running_envelopes",
]

DUAL_PAN = "DUALPAN"  # how the tags of a dual pan's envelopes begin

TRIM_READ, BYPASS = 0, 6
_API_BYPASS = 5  # of the override as ReaScript numbers it; 5 on a track is latch preview (facts 5.1, conflict)
MASTER_MUTE, MASTER_MONO = 1, 4


def automation_mode(session: Session, own: int) -> int:
    """Automation mode that counts: the project's override before the track's own (facts 5.1, GLOBAL_AUTO, [S1])."""
    override = session.automation_override
    if session.source == "live" and override == _API_BYPASS:
        return BYPASS
    return override if override >= 0 else own


def running_envelopes(envelopes: Iterable[Envelope]) -> list[Envelope]:
    """Envelopes that move something here: switched on, with points, not those of a dual pan or of an effect."""
    return [e for e in envelopes if e.active and e.stage != "fx" and _has_values(e) and not e.tag.startswith(DUAL_PAN)]


def _has_values(envelope: Envelope) -> bool:
    return bool(envelope.points or envelope.automation_items)


@dataclass(frozen=True, slots=True)
class Taps:
    """A track's sound before its effects, before its fader, and after everything."""

    pre_fx: Signal
    pre_fader: Signal
    post: Signal


class Controls:
    """A fader, a pan knob and a mute switch with their envelopes."""

    def __init__(
        self,
        envelopes: Iterable[Envelope],
        pools: Mapping[int, PooledEnvelope],
        *,
        mode: int,
        knobs: tuple[float, float],
    ) -> None:
        active = {} if mode >= BYPASS else {e.target: EnvelopeReader(e, pools) for e in envelopes}
        self._volume, self._pan = active.get("volume"), active.get("pan")
        self._mute, self._width = active.get("mute"), active.get("width")
        self._replaces = mode != TRIM_READ  # 3, AUTOMODE: trim/read multiplies, other modes replace, [1]+
        self._fader, self._knob = knobs

    def level(self, block: Block) -> Moving:
        """Gain of fader and volume envelope, zero where the mute envelope says so."""
        gain: Moving = self._fader
        if self._volume is not None:
            moved = self._volume.at(_times(block), 1.0)
            gain = moved if self._replaces else gain * moved
        if self._mute is not None:
            heard = np.asarray(self._mute.at(_times(block), 1.0)) >= AUDIBLE
            gain = gain * (float(heard) if heard.ndim == 0 else heard)
        return gain

    def pan(self, block: Block) -> Moving:
        """Pan of knob and envelope, whose sign is opposite to the knob's (3, pan envelope sign, [1])."""
        if self._pan is None:
            return self._knob
        moved = self._pan.at(_times(block), 0.0)
        return _clipped(-moved if self._replaces else self._knob - moved)

    def width(self, block: Block, knob: float) -> Moving:
        """Width of the knob or of its envelope ([?])."""
        return knob if self._width is None else self._width.at(_times(block), knob)


def _times(block: Block) -> Times:
    return Times(block.start, block.frames, block.rate)


def _clipped(pan: Moving) -> Moving:
    return float(min(1.0, max(-1.0, pan))) if isinstance(pan, float) else np.clip(pan, -1.0, 1.0)


def apply_gains(signal: Signal, level: Moving, matrix: PanMatrix) -> Signal:
    """Apply a level to every channel and a pan matrix to the first two. May return `signal` itself."""
    gains = (matrix.left_left, matrix.right_right)
    if signal.shape[0] == 1:
        return _scaled(signal, level)
    if not matrix.crosses:
        if all(isinstance(g, float) for g in gains) and gains[0] == gains[1] and (gains[0] == 1.0 or len(signal) == 2):
            return _scaled(signal, level * gains[0])
        rows = [signal[0] * (level * gains[0]), signal[1] * (level * gains[1])]
    else:
        left, right = signal[0], signal[1]
        rows = [
            left * (level * matrix.left_left) + right * (level * matrix.right_left),
            left * (level * matrix.left_right) + right * (level * matrix.right_right),
        ]
    out = np.empty_like(signal)
    out[0], out[1] = rows
    if len(signal) > 2:
        np.multiply(signal[2:], level, out=out[2:])
    return out


def _scaled(signal: Signal, gain: Moving) -> Signal:
    return signal if isinstance(gain, float) and gain == 1.0 else signal * gain


class TrackStrip:
    """A track from what enters it to what leaves it (3, order; placement of pre- and post-FX by name, [2+])."""

    def __init__(self, session: Session, track: Track, pools: Mapping[int, PooledEnvelope]) -> None:
        active = running_envelopes(track.envelopes)
        mode = automation_mode(session, track.automation_mode)
        before = [e for e in active if e.stage == "pre_fx"]
        self._before = Controls(before, pools, mode=mode if mode >= BYPASS else TRIM_READ, knobs=(1.0, 0.0))
        self._has_before = bool(before)
        after = [e for e in active if e.stage not in {"pre_fx", "trim", "fx"}]
        polarity = -1.0 if track.phase_inverted else 1.0  # 6, IPHASE: before the fader, [I]
        self._polarity = polarity
        self._controls = Controls(after, pools, mode=mode, knobs=(track.volume, track.pan))
        trim = [e for e in active if e.stage == "trim"]  # 3, VOLENV3 multiplies, [I]
        self._trim = Controls(trim, pools, mode=mode if mode >= BYPASS else TRIM_READ, knobs=(1.0, 0.0))
        self._mode = session.pan.mode if track.pan_mode is None else track.pan_mode
        self._law = session.pan.law if track.pan_law is None else track.pan_law
        self._flags = session.pan.law_flags if track.pan_law_flags is None else track.pan_law_flags
        self._width, self._dual = track.width, track.dual_pan

    def taps(self, signal: Signal, block: Block) -> Taps:
        """Run a block through the strip."""
        pre_fx = signal
        if self._has_before:
            matrix = pan_matrix(self._mode, self._before.pan(block), law=1.0)
            pre_fx = apply_gains(signal, self._before.level(block), matrix)
        pre_fader = pre_fx if self._polarity == 1.0 else -pre_fx
        level = self._controls.level(block) * self._trim.level(block)
        return Taps(pre_fx, pre_fader, apply_gains(pre_fader, level, self._matrix(block)))

    def _matrix(self, block: Block) -> PanMatrix:
        return pan_matrix(
            self._mode,
            self._controls.pan(block),
            law=self._law,
            flags=self._flags,
            width=self._controls.width(block, self._width),
            dual=self._dual,
        )


class SendStrip:
    """A send's own level, pan, polarity and channels (6, AUXRECV, [2+]; pan curve and mono sum gain [I], [?])."""

    def __init__(self, session: Session, send: Send, source: Track, pools: Mapping[int, PooledEnvelope]) -> None:
        mode = automation_mode(session, source.automation_mode if send.automation_mode < 0 else send.automation_mode)
        active = running_envelopes(send.envelopes)
        self._controls = Controls(active, pools, mode=mode, knobs=(send.volume, send.pan))
        self._sign = -1.0 if send.phase_inverted else 1.0
        self._law = session.pan.law if send.pan_law is None else send.pan_law
        self._send = send

    def carry(self, signal: Signal, block: Block) -> Signal:
        """Give what arrives at the destination, from its first destination channel on."""
        send = self._send
        assert send.source_channels is not None
        rows = pick(signal, send.source_channels.first, send.source_channels.count)
        if send.mono and len(rows) > 1:
            rows = np.broadcast_to(rows[:2].sum(axis=0, keepdims=True) * MONO_SUM_GAIN, (2, rows.shape[1]))
        if send.destination_channels.count == 1:
            mono = rows[:2].sum(axis=0, keepdims=True) * (MONO_SUM_GAIN if len(rows) > 1 else 1.0)
            return _scaled(mono, self._controls.level(block) * self._sign)
        if len(rows) == 1:
            rows = np.broadcast_to(rows, (2, rows.shape[1]))
        matrix = pan_matrix(BALANCE, self._controls.pan(block), law=self._law)
        return apply_gains(rows, self._controls.level(block) * self._sign, matrix)


def _master_place(envelope: Envelope) -> str:
    """Where in the master's strip an envelope acts; the end of its tag tells, as on tracks (3, names, DOC)."""
    return {"MASTERVOLENV": "pre_fx", "MASTERPANENV": "pre_fx", "MASTERVOLENV3": "trim"}.get(envelope.tag, "post_fx")


class MasterStrip:
    """The master as the artist heard it, without its effects.

    Sheet: 2, master pan [I]; 6, MASTERMUTESOLO [1]; 6, mono sum gain [?].
    """

    def __init__(self, session: Session, master: Master, pools: Mapping[int, PooledEnvelope]) -> None:
        active = running_envelopes(master.envelopes)
        mode = automation_mode(session, master.automation_mode)
        fixed = mode if mode >= BYPASS else TRIM_READ
        places = {place: [e for e in active if _master_place(e) == place] for place in ("pre_fx", "trim", "post_fx")}
        self._before = Controls(places["pre_fx"], pools, mode=fixed, knobs=(1.0, 0.0))
        self._trim = Controls(places["trim"], pools, mode=fixed, knobs=(1.0, 0.0))
        self._controls = Controls(places["post_fx"], pools, mode=mode, knobs=(master.volume, master.pan))
        self._mode = session.pan.mode if master.pan_mode is None else master.pan_mode
        self._law = session.pan.law if master.pan_law is None else master.pan_law
        self._flags = session.pan.law_flags if master.pan_law_flags is None else master.pan_law_flags
        self._width = master.width
        self._mute_solo = master.mute_solo

    def run(self, signal: Signal, block: Block) -> Signal | None:
        """Run a block through the master; None when it is muted."""
        if self._mute_solo & MASTER_MUTE:
            return None
        level = self._before.level(block) * self._controls.level(block) * self._trim.level(block)
        width = self._controls.width(block, self._width)
        matrix = pan_matrix(self._mode, self._controls.pan(block), law=self._law, flags=self._flags, width=width)
        out = apply_gains(signal, level, matrix)
        if self._mute_solo & MASTER_MONO:
            return np.broadcast_to(out[:2].sum(axis=0, keepdims=True) * MONO_SUM_GAIN, (2, out.shape[1]))
        return out
