"""A DAW project as facts.

Every source (the `.rpp` reader, the open project over reapy) fills the same classes. A fact that a source
cannot know is ``None``; a rule that needs it is then skipped. Gains are linear, times are seconds from project
zero, pans run from -1 (left) to +1 (right), as REAPER stores them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from stemkit.model.effect import NO_EFFECTS, Effect, EffectKind, FxChain
from stemkit.model.envelope import (
    AutomationItem,
    Envelope,
    EnvelopePoint,
    EnvelopeStage,
    EnvelopeTarget,
    PooledEnvelope,
)
from stemkit.model.item import Fade, Item, MidiEvent, MidiSource, Source, Take

__all__ = [
    "AutomationItem",
    "ChannelRange",
    "Effect",
    "EffectKind",
    "Envelope",
    "EnvelopePoint",
    "EnvelopeStage",
    "EnvelopeTarget",
    "Fade",
    "FxChain",
    "HardwareOut",
    "Item",
    "MainSend",
    "Marker",
    "Master",
    "MidiEvent",
    "MidiSource",
    "PanSettings",
    "PooledEnvelope",
    "Region",
    "RenderSettings",
    "Send",
    "Session",
    "Source",
    "Take",
    "TempoPoint",
    "Track",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelRange:
    """Channels `first` (0-based) up to `first + count`; a `count` of 1 is mono."""

    first: int = 0
    count: int = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Send:
    """A send as its destination sees it. `mode`: 0 post-fader, 1 pre-FX, 3 pre-fader (post-FX)."""

    source_guid: str
    destination_guid: str
    mode: int = 0
    volume: float = 1.0
    pan: float = 0.0
    pan_law: float | None = None  # None: the project's
    mute: bool = False
    mono: bool = False
    phase_inverted: bool = False
    source_channels: ChannelRange | None = ChannelRange()  # None: carries no audio (MIDI only)
    destination_channels: ChannelRange = ChannelRange()
    automation_mode: int = -1  # -1: the track's
    carries_midi: bool = True
    envelopes: tuple[Envelope, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class HardwareOut:
    """A send to the audio device; file renders leave it out."""

    output: int
    volume: float = 1.0
    pan: float = 0.0
    mute: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class MainSend:
    """A track's way to its folder parent or the master. `channel_count` 0 means all of the track's channels."""

    enabled: bool = True
    channel_offset: int = 0
    channel_count: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Track:
    """One track. Sends stand on the destination (`receives`), as in the file.

    `depth_change`: +1 opens a folder, -n closes n. `mute`, `solo` as stored; what is audible is derived in
    `session.routing`.
    """

    guid: str
    index: int  # 0-based, in project order
    name: str = ""
    depth_change: int = 0
    color: int | None = None
    volume: float = 1.0
    pan: float = 0.0
    width: float = 1.0
    dual_pan: tuple[float, float] | None = None
    pan_law: float | None = None  # None: the project's
    pan_mode: int | None = None  # None: the project's
    pan_law_flags: int | None = None
    mute: bool = False
    solo: int = 0
    solo_defeat: bool = False
    phase_inverted: bool = False
    play_offset: float = 0.0
    play_offset_flags: int = 1  # bit 1: off, bit 2: samples instead of seconds
    automation_mode: int = 0  # 0 trim/read, 1 read, 2 touch, 3 write, 4 latch, 5 latch preview
    channels: int = 2
    main_send: MainSend = MainSend()
    fx: FxChain = NO_EFFECTS
    receives: tuple[Send, ...] = ()
    hardware_outs: tuple[HardwareOut, ...] = ()
    envelopes: tuple[Envelope, ...] = ()
    items: tuple[Item, ...] = ()
    visible_in_arrange: bool = True
    visible_in_mixer: bool = True
    free_mode: int = 0  # 1 free positioning, 2 fixed lanes
    lane_count: int = 1
    lanes_playing: int | None = None  # bit mask of playing lanes; None: all
    freeze_count: int = 0
    record_armed: bool = False
    selected: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PanSettings:
    """The project's pan law (linear centre gain), mode (0, 3, 5, 6) and law flags."""

    law: float = 1.0
    mode: int = 3
    law_flags: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Master:
    """The master track. `mute_solo`: bit 1 mute, 2 solo, 4 mono, 8/16/24 left, right, difference."""

    volume: float = 1.0
    pan: float = 0.0
    width: float = 1.0
    pan_law: float | None = None
    pan_mode: int | None = None
    pan_law_flags: int | None = None
    mute_solo: int = 0
    channels: int = 2
    fx: FxChain = NO_EFFECTS
    envelopes: tuple[Envelope, ...] = ()
    automation_mode: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class RenderSettings:
    """The project's own render settings, as REAPER's RENDER_* values."""

    settings: int = 0  # RENDER_STEMS in the file
    bounds_flag: int = 1
    start_s: float = 0.0
    end_s: float = 0.0
    tail_flag: int = 0
    tail_ms: float = 0.0
    sample_rate: int = 0  # 0: the project's
    channels: int = 2
    add_to_project: int = 0
    dither: int = 0
    normalize: int = 0
    normalize_target: float = 0.0
    trim_start_threshold: float = 0.0
    trim_end_threshold: float = 0.0
    pad_start_s: float = 0.0
    pad_end_s: float = 0.0
    fade_in_s: float = 0.0
    fade_out_s: float = 0.0
    speed: int = 0
    resample_mode: int = 3
    file: str = ""
    pattern: str = ""
    format: str = ""  # base64 of the sink configuration, white space removed
    format_secondary: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TempoPoint:
    """A tempo or meter change. `linear` ramps the tempo towards the next point."""

    time_s: float
    bpm: float
    numerator: int | None = None  # None: unchanged
    denominator: int | None = None
    linear: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Marker:
    """A project marker."""

    index: int
    position_s: float
    name: str = ""
    color: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Region:
    """A project region."""

    index: int
    start_s: float
    end_s: float
    name: str = ""
    color: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """A whole project.

    `sample_rate` is the number in the project; only when `sample_rate_forced` is it the project's rate: many
    projects carry a default that nobody chose.
    """

    source: Literal["rpp", "live", "made"]
    path: str | None = None  # absolute; None: never saved
    reaper_version: str = ""
    title: str = ""
    author: str = ""
    notes: str = ""
    sample_rate: int | None = None
    sample_rate_forced: bool = False
    tempo_bpm: float = 120.0  # at project zero
    meter: tuple[int, int] = (4, 4)
    tempo_points: tuple[TempoPoint, ...] = ()
    time_offset_s: float = 0.0  # only what the ruler shows
    measure_offset: int = 0  # only what the ruler shows: 0-based first measure
    markers: tuple[Marker, ...] = ()
    regions: tuple[Region, ...] = ()
    time_selection: tuple[float, float] | None = None
    pan: PanSettings = PanSettings()
    item_mix: int = 1  # 0 enclosed replaces enclosing, 1 always mix, 2 later replaces earlier
    play_rate: float = 1.0
    automation_override: int = -1
    locked: bool = False
    master: Master = Master()
    render: RenderSettings = RenderSettings()
    tracks: tuple[Track, ...] = ()
    pooled_envelopes: tuple[PooledEnvelope, ...] = ()
    project_envelopes: tuple[Envelope, ...] = field(default=())  # play rate and the like
