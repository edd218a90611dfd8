"""What is known about one audio file: its container, its measurement, its role in the delivery."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from stemkit.model.container import (
    Bext,
    Container,
    ContainerFacts,
    CuePoint,
    Damage,
    Encoding,
    Ixml,
    SampleLoop,
)
from stemkit.model.proof import Accusation, Fault, MissingContent, PairFacts, StemShare, SumFacts

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stemkit.model.plan import Variant

__all__ = [
    "Accusation",
    "AudioFacts",
    "Bext",
    "Container",
    "ContainerFacts",
    "CuePoint",
    "Damage",
    "Encoding",
    "Fault",
    "FileFacts",
    "Gap",
    "Image",
    "Ixml",
    "LossyEvidence",
    "MediaInfo",
    "MissingContent",
    "PairFacts",
    "Role",
    "Run",
    "SampleLoop",
    "StemShare",
    "SumFacts",
]

Image = Literal["mono", "stereo", "dual_mono", "left_only", "right_only", "inverted", "silent", "multichannel"]
Role = Literal["stem", "rough_mix", "proof_mix", "reference", "other"]


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaInfo:
    """What the header of a project's media file says. `frames` counts sample frames at `sample_rate`."""

    sample_rate: int
    channels: int
    frames: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """Frames `start_frame` up to `end_frame` (exclusive) of one channel. `level` is linear where it matters."""

    start_frame: int
    end_frame: int
    channel: int
    level: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """A stretch inside the file where nothing plays: digital zero, or noise at `noise_dbfs` (RMS)."""

    start_frame: int
    end_frame: int
    digital: bool
    noise_dbfs: float | None = None
    hum_hz: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LossyEvidence:
    """What the spectrum says about a lossy past.

    `suspected` only where the sound is rounded in a codec's frames; a wall alone, which a filter or a converter
    makes as well, is told in `cutoff_hz` with a low confidence. 0 means that there is no sign of it; where there is
    too little sound to tell, there is no evidence at all.
    """

    suspected: bool
    confidence: float  # 0…1
    cutoff_hz: float | None = None
    explanation: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AudioFacts:
    """Everything one pass over the samples measured. Levels of silence are None, never minus infinity."""

    sample_rate: int
    channels: int
    frames: int
    sample_peak_dbfs: float | None = None
    sample_peak_frame: int | None = None
    sample_peak_channel: int | None = None
    channel_peaks_dbfs: tuple[float | None, ...] = ()
    true_peak_dbtp: float | None = None
    integrated_lufs: float | None = None
    max_momentary_lufs: float | None = None
    max_short_term_lufs: float | None = None
    loudness_range_lu: float | None = None
    rms_dbfs: float | None = None  # plain RMS of all channels together: a full-scale sine reads -3.01
    crest_db: float | None = None
    dc_offset: tuple[float, ...] = ()  # linear, per channel
    lead_silence_frames: int = 0  # digital zeros before the first sound
    tail_silence_frames: int = 0
    clipped_runs: tuple[Run, ...] = ()  # the first ones; see clipped_run_count
    clipped_run_count: int = 0
    flat_tops: tuple[Run, ...] = ()  # the first ones; see flat_top_count
    flat_top_count: int = 0
    flat_top_level_dbfs: float | None = None
    over_full_scale: int = 0  # float samples above 0 dBFS
    gaps: tuple[Gap, ...] = ()
    dropouts: tuple[Run, ...] = ()  # digital zeros inside sound; the first ones, see dropout_count
    dropout_count: int = 0
    clicks: tuple[Run, ...] = ()  # isolated discontinuities inside sound, level is the step; see click_count
    click_count: int = 0
    tail_cut: bool | None = None
    tail_level_dbfs: float | None = None  # RMS of the last 10 ms
    image: Image = "silent"
    correlation: float | None = None
    mono_loss_db: float | None = None  # the worst loud window's level change when folded to mono
    mono_loss_at_s: float | None = None
    effective_bits: int | None = None
    subsonic_db: float | None = None  # energy below 20 Hz against the whole
    lossy: LossyEvidence | None = None  # None where there is too little sound to tell
    upsampled_from_hz: int | None = None
    non_finite: int = 0
    non_finite_at_frame: int | None = None
    envelope: Sequence[tuple[float, float]] = ()  # (min, max) a column, all channels, for drawing
    envelope_frames: int = 0  # frames a column


@dataclass(frozen=True, slots=True, kw_only=True)
class FileFacts:
    """One file of a delivery: where, what for, and all that is known about it.

    `audio` is None when the samples could not be read; `unreadable` then says why.
    """

    path: str  # relative to the delivery's root, with forward slashes
    role: Role
    container: ContainerFacts
    audio: AudioFacts | None = None
    unreadable: str | None = None
    role_reason: str = ""
    variant: Variant | None = None
    partner: str | None = None
    trim_db: float | None = None
    file_sha256: str | None = None
    audio_sha256: str | None = None
    absolute_path: str = ""
    pair: PairFacts | None = None  # against `partner`; None: not measured, or a plain stem
