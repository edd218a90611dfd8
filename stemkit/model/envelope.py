"""Curves over time, as a project holds them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

__all__ = [
    "AutomationItem",
    "Envelope",
    "EnvelopePoint",
    "EnvelopeStage",
    "EnvelopeTarget",
    "PooledEnvelope",
]

EnvelopeTarget = Literal["volume", "pan", "width", "mute", "parameter", "tempo", "play_rate", "pitch", "other"]
EnvelopeStage = Literal["take", "pre_fx", "post_fx", "trim", "send", "fx", "master", "project"]


@dataclass(frozen=True, slots=True, kw_only=True)
class EnvelopePoint:
    """One point of an envelope.

    `value` is what the file holds: linear gain for volume, -1…+1 for pan (+1 is LEFT in envelopes, the reverse
    of the knob), 0 or 1 for mute. `shape` is the curve that leaves the point: 0 linear, 1 hold, 2 slow start/end,
    3 fast start, 4 fast end, 5 Bezier with `tension`.
    """

    time_s: float
    value: float
    shape: int = 0
    tension: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class AutomationItem:
    """One instance (POOLEDENVINST) of a pooled envelope."""

    pool_id: int
    position_s: float
    length_s: float
    start_offset_s: float = 0.0
    play_rate: float = 1.0
    baseline: float = 0.0
    amplitude: float = 1.0
    loop: bool = False
    muted: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PooledEnvelope:
    """Contents shared by automation items; point times run in the pool's own seconds."""

    pool_id: int
    length_s: float
    points: tuple[EnvelopePoint, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """A curve over time.

    `tag` is REAPER's chunk name (``VOLENV2``). `active` is REAPER's own switch: an inactive envelope is
    ignored. `fader_scaled` says in which domain points are joined (VOLTYPE 1), never what values mean.
    """

    tag: str
    target: EnvelopeTarget
    stage: EnvelopeStage
    active: bool
    points: tuple[EnvelopePoint, ...] = ()
    armed: bool = False
    visible: bool = False
    fader_scaled: bool = False
    automation_items: tuple[AutomationItem, ...] = ()
    parameter: str = ""  # name of the moved effect parameter, where the source tells it
