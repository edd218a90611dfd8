"""What is known about one audio file: its container, its measurement, its role in the delivery."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stemkit.model.plan import Variant

__all__ = [
    "Accusation",
    "AudioFacts",
    "Bext",
    "ContainerFacts",
    "Damage",
    "Encoding",
    "Fault",
    "FileFacts",
    "Gap",
    "Image",
    "Ixml",
    "LossyEvidence",
    "MediaInfo",
    "Role",
    "Run",
    "StemShare",
    "SumFacts",
]

Encoding = Literal["pcm8", "pcm16", "pcm24", "pcm32", "float32", "float64", "other"]
Container = Literal["wav", "rf64", "bw64", "w64", "rifx", "aiff", "flac", "ogg", "mp3", "m4a", "caf", "other", "empty"]
Image = Literal["mono", "stereo", "dual_mono", "left_only", "right_only", "inverted", "silent", "multichannel"]
Role = Literal["stem", "rough_mix", "proof_mix", "reference", "other"]


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaInfo:
    """What the header of a project's media file says. `frames` counts sample frames at `sample_rate`."""

    sample_rate: int
    channels: int
    frames: int


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
    makes as well, is told in `cutoff_hz` with a low confidence. 0 means that nothing can be told.
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
    lossy: LossyEvidence | None = None
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


Fault = Literal[
    "inverted",
    "gain",
    "late",
    "early",
    "drift",
    "silent",
    "doubled",
    "extra",
    "other_take",
    "tail_cut",
    "channel_missing",
    "channels_swapped",
    "balance",
    "processed",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Accusation:
    """One stem that the proof found guilty, of what, and how sure that is.

    `gain_db` is what the stem needs; `lag_samples` is how late it lies (negative: early) at the stems' rate, and
    `drift_ppm` how much later it gets; `explained_db` is the null depth once the stem is mended.
    """

    path: str
    fault: Fault
    confidence: float  # 0…1
    detail: str = ""  # one sentence
    twin: str | None = None  # a stem so alike that either of the two may be meant
    where: tuple[tuple[float, float], ...] = ()  # spans in seconds; empty: throughout
    gain_db: float | None = None
    lag_samples: float | None = None
    drift_ppm: float | None = None
    explained_db: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MissingContent:
    """Sound that the mix has and no stem: when, and between which frequencies. `level_db` is against the mix there."""

    start_s: float
    end_s: float
    low_hz: float
    high_hz: float
    level_db: float


@dataclass(frozen=True, slots=True, kw_only=True)
class StemShare:
    """How one stem takes part in the mix, from the proof. Figures are None where nothing could be told."""

    path: str
    gain_db: float | None = None  # what the stem needs to fit the mix
    inverted: bool | None = None
    lag_samples: float | None = None
    energy_share: float | None = None  # 0…1 of the mix
    confidence: float | None = None  # 0…1
    twin: str | None = None  # a stem so alike that the two cannot be told apart


@dataclass(frozen=True, slots=True, kw_only=True)
class SumFacts:
    """What the sum of the stems says about the mix. `null_db` is residual RMS over mix RMS."""

    reference: str
    null_db: float | None = None
    gain_db: float | None = None
    offset_samples: float | None = None
    inverted: bool = False
    bit_depth_floor_db: float | None = None
    sum_peak_dbfs: float | None = None  # sample peak of all plain stems added up as they are
    verdict: str = ""  # one sentence
    explained_by: tuple[str, ...] = ()
    shares: tuple[StemShare, ...] = ()
    per_second_db: tuple[float | None, ...] = ()
    per_band_db: tuple[tuple[float, float | None], ...] = ()  # (centre in Hz, null in dB)
    cannot_tell: str | None = None
    exact: bool = False  # the residual is zero to the last bit; `null_db` is None then
    adds_up: bool | None = None  # None: cannot tell
    accusations: tuple[Accusation, ...] = ()
    missing: tuple[MissingContent, ...] = ()
    bus: tuple[str, ...] = ()  # what the mix bus does, in words
    unrepeatable: tuple[str, ...] = ()  # stems that differ by something that does not repeat
    shared_dips: tuple[str, ...] | None = None  # stems whose gain dips at the same moments; None: not measured
    duplicates: tuple[tuple[str, ...], ...] = ()  # the same audio under several names, also at another gain or polarity
    drift_ppm: float | None = None  # of the whole mix against the stems
    compared_s: float | None = None  # how much of the song was compared
    notes: tuple[str, ...] = ()  # what limits the comparison: another rate, mono, another length
