"""What travels with the stems: the brief and the choices that last (`stemkit.toml`)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

__all__ = ["Choices"]


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
