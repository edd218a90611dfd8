"""A DAW project as facts.

Every source (the `.rpp` reader, the open project over reapy) fills the same classes. A fact that a source
cannot know is ``None``; a rule that needs it is then skipped. Gains are linear, times are seconds from project
zero, pans run from -1 (left) to +1 (right), as REAPER stores them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

__all__ = [
    "AutomationItem",
    "ChannelRange",
    "Effect",
    "Envelope",
    "EnvelopePoint",
    "EnvelopeStage",
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

EffectKind = Literal["vst2", "vst3", "js", "au", "clap", "lv2", "dx", "video", "container", "other"]
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """One plug-in instance. `enabled` is its own bypass switch, apart from the chain's and the track's."""

    name: str  # as the maker names it, without the "VST3:" prefix
    alias: str = ""  # the user's own name for the instance
    kind: EffectKind = "other"
    identifier: str = ""  # file name, JS path or CLAP id
    enabled: bool = True
    offline: bool = False
    is_instrument: bool | None = None
    guid: str = ""
    preset: str = ""
    wet: float | None = None  # 0…1; None where the source does not tell
    envelopes: tuple[Envelope, ...] = ()
    children: tuple[Effect, ...] = ()  # of a container


@dataclass(frozen=True, slots=True, kw_only=True)
class FxChain:
    """Effects in order, with the chain's own switch (`FX 0` or `MASTER_FX 0` silently bypasses all)."""

    effects: tuple[Effect, ...] = ()
    enabled: bool = True


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
class Fade:
    """An item's fade. Where `auto_length_s` is above 0 it takes the place of `length_s` (a crossfade).

    `shape` is REAPER's number with its decimal (1.1 is the equal-power curve 7, 5.1 the steep S curve 6).
    """

    shape: float = 1.0
    length_s: float = 0.0
    auto_length_s: float = 0.0
    curvature: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class MidiEvent:
    """One MIDI event: `tick` from the start of the source in quarter-note ticks, `data` as raw bytes."""

    tick: int
    data: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class MidiSource:
    """MIDI held in the project. `ticks_per_quarter` is the source's resolution."""

    ticks_per_quarter: int
    length_ticks: int
    events: tuple[MidiEvent, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """What a take plays.

    `kind` is REAPER's type in lower case without the offline mark: ``wave``, ``mp3``, ``flac``, ``vorbis``,
    ``midi``, ``video``, ``section``, ``empty``, ``click``, ``ltc``, ``rpp_project`` … `file` is the path as
    written; `resolved_path` is the existing file found for it, else None. A section plays a window of `child`.
    """

    kind: str
    file: str = ""
    resolved_path: str | None = None
    searched: tuple[str, ...] = ()  # every path that was looked at
    offline: bool = False
    file_flags: tuple[str, ...] = ()  # tokens after the file name (MP3: 1 = gapless read)
    child: Source | None = None
    section_start_s: float = 0.0
    section_length_s: float | None = None
    section_overlap_s: float = 0.0
    section_mode: int = 0  # bit 2: reversed
    midi: MidiSource | None = None

    @property
    def media(self) -> Source:
        """The innermost source, inside sections."""
        return self.child.media if self.child is not None else self


@dataclass(frozen=True, slots=True, kw_only=True)
class Take:
    """One take of an item. `volume` below 0 inverts the polarity."""

    name: str = ""
    guid: str = ""
    active: bool = False
    source: Source | None = None  # None: TAKE NULL
    volume: float = 1.0
    pan: float = 0.0
    pan_law: float | None = None
    source_offset_s: float = 0.0
    play_rate: float = 1.0
    preserve_pitch: bool = True
    pitch_semitones: float = 0.0
    channel_mode: int = 0
    stretch_markers: int = 0
    fx: FxChain = FxChain()
    envelopes: tuple[Envelope, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """A media item on a track."""

    position_s: float
    length_s: float
    guid: str = ""
    loop: bool = False
    mute: bool = False
    solo_state: int = 0  # -1 soloed, 1 silenced because another item is soloed
    volume: float = 1.0
    fade_in: Fade = Fade()
    fade_out: Fade = Fade()
    all_takes: bool = False
    takes: tuple[Take, ...] = ()
    lane_top: float = 0.0  # 0…1 of the track's height
    lane_height: float = 1.0
    locked: bool = False
    color: int | None = None
    notes: str = ""

    @property
    def end_s(self) -> float:
        """Where the item ends, in seconds."""
        return self.position_s + self.length_s

    @property
    def active_take(self) -> Take | None:
        """The take that plays: the marked one, else the first."""
        return next((take for take in self.takes if take.active), self.takes[0] if self.takes else None)


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
    fx: FxChain = FxChain()
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
    fx: FxChain = FxChain()
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
