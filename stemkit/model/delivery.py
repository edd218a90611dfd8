"""What travels with the stems: the choices that last, the brief, the manifest, and what happened to a package."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Brief", "Change", "Choices", "FixStep", "Manifest", "ManifestFile", "ReferenceNote"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices:
    """What a user decided about a project, from options and the `stemkit.toml` beside it."""

    by: Literal["track", "group"] = "track"
    order: Literal["project", "instrument"] = "project"
    include: tuple[str, ...] = ()  # name pattern, GUID, folder:NAME or color:#RRGGBB
    exclude: tuple[str, ...] = ()
    names: tuple[tuple[str, str], ...] = ()  # (track name or GUID, name of its stem)
    groups: tuple[tuple[str, tuple[str, ...]], ...] = ()  # (group, track patterns)
    dry: tuple[str, ...] = ()  # tracks; "all" takes every insert but instruments
    wet: tuple[str, ...] = ()
    notes: tuple[tuple[str, str], ...] = ()  # (track, note)
    start: str | None = None  # "bar:beat" or a time
    end: str | None = None
    tail: str = "auto"  # "auto", "none" or seconds
    channels: Literal["auto", "stereo", "source"] = "auto"
    gain: Literal["window", "common", "none"] | None = None  # None: the profile's
    encoding: Literal["pcm24", "float32"] = "pcm24"
    bypass_fx: bool = False
    sample_rate: int | None = None  # None: the project decides


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferenceNote:
    """A song that shows the way: a file, or a link where the file may not be passed on."""

    file: str = ""  # as written; relative to the brief
    link: str = ""
    note: str = ""  # what about it is the example


@dataclass(frozen=True, slots=True, kw_only=True)
class Brief:
    """What cannot be heard in the files. An empty text was not said."""

    title: str = ""
    artist: str = ""
    genre: str = ""
    platform: str = ""
    mood: str = ""
    goal: str = ""
    tempo: str = ""
    meter: str = ""
    key: str = ""
    contact: str = ""
    deadline: str = ""
    stems: str = ""  # what the engineer asked for: multitrack or groups
    effects: str = ""  # wet, dry or both
    depth: str = ""
    lyrics: str = ""
    notes: tuple[tuple[str, str], ...] = ()  # (stem or track, note)
    effects_left_on: tuple[tuple[str, str], ...] = ()  # (track, effects that make its sound)
    plugins: tuple[str, ...] = ()
    markers: tuple[tuple[str, str], ...] = ()  # (place, name)
    references: tuple[ReferenceNote, ...] = ()
    path: str | None = None  # where it was read


@dataclass(frozen=True, slots=True, kw_only=True)
class ManifestFile:
    """One file of a package. Hashes are SHA-256; `audio_sha256` is that of the samples alone."""

    path: str  # relative to the package, with forward slashes
    kind: Literal["audio", "document", "session", "midi"]
    size_bytes: int
    sha256: str
    audio_sha256: str | None = None
    role: str | None = None
    variant: str | None = None
    partner: str | None = None
    number: int | None = None
    source_tracks: tuple[Mapping[str, Any], ...] = ()
    trim_db: float | None = None
    note: str | None = None
    facts: Mapping[str, Any] | None = None  # as in ``stemkit.report/1``


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """Everything a receiver can hold a package against. The mappings are as the schema fixes them."""

    files: tuple[ManifestFile, ...]
    tool: str
    created: str  # ISO 8601, UTC
    title: str
    artist: str
    profile: Mapping[str, Any]
    project: Mapping[str, Any]
    tempo: Mapping[str, Any]
    key: str
    sample_rate: int
    bounds: Mapping[str, Any]
    gain: Mapping[str, Any]
    engine: Mapping[str, Any]
    proof: Mapping[str, Any] | None = None
    excluded: tuple[Mapping[str, Any], ...] = ()
    left_out: tuple[Mapping[str, Any], ...] = ()
    findings: tuple[Mapping[str, Any], ...] = ()
    extra: Mapping[str, Any] = field(default_factory=dict)  # keys that a later version wrote


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One difference between a package and its manifest. `was` is the earlier name of a renamed file."""

    path: str
    kind: Literal["missing", "added", "renamed", "audio", "metadata", "content", "sums"]
    detail: str
    was: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FixStep:
    """One thing that can be done about findings.

    `safe` steps touch names and metadata, never the sound; the others are only taken when their `kind` is named.
    `blocked` says why a step cannot be taken here, whatever was named.
    """

    kind: str
    subject: str  # a file or track as the user knows it
    summary: str
    safe: bool
    rules: tuple[str, ...] = ()
    chosen: bool = False
    blocked: str | None = None
