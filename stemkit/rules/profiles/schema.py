"""What a profile may say: one frozen dataclass a section of the TOML file.

A field's type is the check: `stemkit.rules.profiles` reads these annotations and refuses anything else. A field
whose type allows None is a limit that can be absent; a profile unsets an inherited one with ``"none"``.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from stemkit.model.audio import Encoding, Role  # noqa: TC001  (the reader resolves annotations at run time)
from stemkit.model.plan import GainMode  # noqa: TC001  (as above)
from stemkit.model.report import Severity  # noqa: TC001  (as above)

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "Content",
    "Files",
    "Format",
    "Head",
    "Name",
    "Package",
    "PeakLimits",
    "Profile",
    "SessionLimits",
    "SeverityOrOff",
    "SumLimits",
    "Timeline",
]

SeverityOrOff = Literal["error", "warning", "note", "off"]
HeaderField = Literal["rate", "bits", "layout"]
Requirement = Literal["rough_mix", "references", "brief"]
AnyContainer = Literal["wav", "rf64", "bw64", "w64", "aiff", "flac", "caf"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """``[profile]``: who speaks, and which gain the stems are given. None of it but `gain` is inherited."""

    id: str
    title: str
    source: str
    read: str | None = None  # the day the source was read, ISO
    extends: str | None = None
    status: Literal["complete", "measure-only"] = "complete"
    gain: GainMode = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """``[format]``: containers, encodings, rates in Hz, channel counts."""

    container: tuple[AnyContainer, ...] | None = None
    encoding: tuple[Encoding, ...] | None = None
    sample_rate: Literal["project"] | tuple[int, ...] | None = None
    channels: tuple[int, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PeakLimits:
    """``[peak]``: where a file's sample peak may lie, and how far a quiet one may be raised."""

    min_dbfs: float | None = None
    max_dbfs: float | None = None
    max_raise_db: float = 12.0
    clip_run_samples: int = 3
    flat_top_count: int | None = None
    true_peak_max_dbtp: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SumLimits:
    """``[sum]``: the stems together. `null_max_db` is residual RMS over mix RMS."""

    peak_max_dbfs: float | None = None
    null_max_db: float = -60.0  # nobody hears what is left below that


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeline:
    """``[timeline]``: start, length and what time references say."""

    start: Literal["bar1beat1", "same"] | None = None
    equal_length: bool = False
    length_tolerance_frames: int = 0
    time_reference: Literal["same"] | None = None
    tail_cut: bool = True  # False where files are loops, which end while they sound


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """``[content]``: what is heard inside a file. DC is the mean as a level below full scale."""

    silent_below_dbfs: float | None = None
    leading_silence_max_s: float | None = None
    dc_max_dbfs: float | None = None
    gap_noise_max_dbfs: float | None = None
    gap_min_s: float = 0.5
    mono_loss_max_db: float | None = None
    subsonic_max_db: float | None = None
    lossy_confidence_min: float = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Name:
    """``[name]``: a pattern for the whole file name with extension; its named groups can be held to the header."""

    pattern: str | None = None
    example: str | None = None
    characters: str | None = None  # what may stand in a name before the extension, as in a regex class
    agree_with_header: tuple[HeaderField, ...] = ()
    numbered: bool = False
    max_length: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Files:
    """``[files]``: how many stems."""

    count_min: int | None = 1  # without any stem there is nothing to judge
    count_max: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Package:
    """``[package]``: what must lie beside the stems."""

    require: tuple[Requirement, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionLimits:
    """``[session]``: what a project may do; only REAPER or an `.rpp` file can tell."""

    master_fx: Literal["forbid", "list"] = "list"


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """A whole profile, with everything that it inherits filled in."""

    head: Head
    format: Format = Format()
    peak: PeakLimits = PeakLimits()
    sum: SumLimits = SumLimits()
    timeline: Timeline = Timeline()
    content: Content = Content()
    name: Name = Name()
    files: Files = Files()
    package: Package = Package()
    session: SessionLimits = SessionLimits()
    severities: Mapping[str, SeverityOrOff] = field(default_factory=dict)  # by rule id
    applies_to: Mapping[str, tuple[Role, ...]] = field(default_factory=dict)  # by rule id

    @property
    def id(self) -> str:
        """The name a user gives on the command line."""
        return self.head.id

    @property
    def title(self) -> str:
        """The name for people."""
        return self.head.title

    @property
    def gain(self) -> GainMode:
        """How stems are levelled unless ``--gain`` says otherwise."""
        return self.head.gain

    def severity(self, rule_id: str, default: Severity) -> SeverityOrOff:
        """Return how hard this profile takes a rule; `default` is the rule's own severity."""
        return self.severities.get(rule_id, default)
