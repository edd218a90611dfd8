"""Media items: what lies on a track, its takes, its fades, its sources."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from stemkit.model.effect import NO_EFFECTS, FxChain

if TYPE_CHECKING:
    from stemkit.model.envelope import Envelope

__all__ = [
    "Fade",
    "Item",
    "MidiEvent",
    "MidiSource",
    "Source",
    "Take",
]


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
    fx: FxChain = NO_EFFECTS
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
