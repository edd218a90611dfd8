"""What the bytes around the audio say."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

__all__ = [
    "Bext",
    "Container",
    "ContainerFacts",
    "CuePoint",
    "Damage",
    "Encoding",
    "Ixml",
    "SampleLoop",
]

Encoding = Literal["pcm8", "pcm16", "pcm24", "pcm32", "float32", "float64", "other"]
Container = Literal["wav", "rf64", "bw64", "w64", "rifx", "aiff", "flac", "ogg", "mp3", "m4a", "caf", "other", "empty"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Damage:
    """One thing that is wrong with a container. `code` is stable: truncated, no_data, bad_block_align and so on.

    `fatal` means that the audio cannot be trusted or read; the others are oddities that a tolerant reader
    survives. `offset` counts bytes from the start of the file.
    """

    code: str
    message: str
    offset: int | None = None
    fatal: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Bext:
    """The broadcast extension chunk (EBU Tech 3285). Levels are None where version < 2 or unset."""

    description: str = ""
    originator: str = ""
    originator_reference: str = ""
    origination_date: str = ""
    origination_time: str = ""
    time_reference_samples: int = 0
    version: int = 0
    umid: bytes = b""
    loudness_value_lufs: float | None = None
    loudness_range_lu: float | None = None
    max_true_peak_dbtp: float | None = None
    max_momentary_lufs: float | None = None
    max_short_term_lufs: float | None = None
    coding_history: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ixml:
    """The fields of an iXML chunk that can disagree with the header."""

    project: str | None = None
    file_sample_rate: int | None = None
    bit_depth: int | None = None
    timestamp_samples: int | None = None
    track_count: int | None = None
    track_names: tuple[str, ...] = ()
    well_formed: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class CuePoint:
    """A cue point or, with `length_frames`, a region, from `cue ` and `adtl`."""

    identifier: int
    frame: int
    label: str = ""
    length_frames: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleLoop:
    """A loop of the `smpl` chunk; `end_frame` is inclusive."""

    start_frame: int
    end_frame: int
    play_count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ContainerFacts:
    """What the bytes around the audio say. Nothing here was decoded; no size field was trusted."""

    container: Container
    size_bytes: int
    encoding: Encoding | None = None
    codec: str = ""  # the format's own name where encoding is "other"
    sample_rate: int | None = None
    channels: int | None = None
    bits: int | None = None  # container bits a sample
    valid_bits: int | None = None  # from WAVE_FORMAT_EXTENSIBLE
    extensible: bool = False
    channel_mask: int | None = None
    block_align: int | None = None
    data_offset: int | None = None  # bytes
    data_bytes: int | None = None  # bytes really there, whole frames only
    declared_data_bytes: int | None = None
    frames: int | None = None
    chunks: tuple[str, ...] = ()
    bext: Bext | None = None
    ixml: Ixml | None = None
    info: dict[str, str] = field(default_factory=dict)  # LIST INFO
    cues: tuple[CuePoint, ...] = ()
    loops: tuple[SampleLoop, ...] = ()
    damage: tuple[Damage, ...] = ()

    @property
    def readable(self) -> bool:
        """True when no damage is fatal."""
        return not any(d.fatal for d in self.damage)
