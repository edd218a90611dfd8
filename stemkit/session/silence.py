"""Why a track is not heard, in words for a musician."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from stemkit.session.edges import EdgeRole, RawEdge, fader_is_down

if TYPE_CHECKING:
    from collections.abc import Container, Sequence

    from stemkit.model.session import Track

__all__ = [
    "Silence",
    "SilenceCode",
    "Surroundings",
    "find_silences",
    "label_of",
    "muted_folders",
    "plays_to_hardware",
]

SilenceCode = Literal[
    "muted",
    "folder_muted",
    "fader_down",
    "main_send_off",
    "sidechain_only",
    "hardware_only",
    "no_route",
    "solo_elsewhere",
]


@dataclass(frozen=True, slots=True)
class Silence:
    """Why nobody hears a track: a code that stays, and a reason that follows "because"."""

    code: SilenceCode
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """The graph by track number; `heard` holds masks of channels, the master's last."""

    tracks: Sequence[Track]
    parents: Sequence[int]
    edges: Sequence[RawEdge]
    roles: Sequence[EdgeRole]
    heard: Sequence[int]


def label_of(track: Track) -> str:
    """Return a track's name for people; an unnamed one has its number."""
    return track.name.strip() or f"Track {track.index + 1}"


def muted_folders(tracks: Sequence[Track], parents: Sequence[int]) -> list[int]:
    """Return for each track the number of the nearest muted folder around it, or -1."""
    found: list[int] = []
    for parent in parents:
        found.append(-1 if parent < 0 else parent if tracks[parent].mute else found[parent])
    return found


def find_silences(around: Surroundings, by_solo: Container[int]) -> list[Silence | None]:
    """Say for each track why it is not heard, or None where it is."""
    leaving: list[list[tuple[RawEdge, EdgeRole]]] = [[] for _ in around.tracks]
    for edge, role in zip(around.edges, around.roles, strict=True):
        leaving[edge.source].append((edge, role))
    folders = muted_folders(around.tracks, around.parents)
    return [_silence(number, around, folders[number], leaving[number], by_solo) for number in range(len(around.tracks))]


def _silence(
    number: int,
    around: Surroundings,
    muted_folder: int,
    leaving: Sequence[tuple[RawEdge, EdgeRole]],
    by_solo: Container[int],
) -> Silence | None:
    track = around.tracks[number]
    if track.mute:
        return Silence("muted", "it is muted")
    if muted_folder >= 0:
        return Silence("folder_muted", f"its folder {label_of(around.tracks[muted_folder])!r} is muted")
    if not around.heard[number]:
        return _without_way(track, around, leaving)
    if number in by_solo:
        return Silence("solo_elsewhere", "another track is soloed")
    return None


def _without_way(track: Track, around: Surroundings, leaving: Sequence[tuple[RawEdge, EdgeRole]]) -> Silence:
    if fader_is_down(track):
        return Silence("fader_down", "its fader is all the way down")
    steered = [around.tracks[edge.destination] for edge, role in leaving if role == "sidechain"]
    if steered:
        return Silence("sidechain_only", f"it only steers an effect on {label_of(steered[0])!r}")
    targets = [edge.destination for edge, role in leaving if role not in ("midi", "closed")]
    if not targets:
        if plays_to_hardware(track):
            return Silence("hardware_only", "it is heard through a hardware output alone, which no file render holds")
        return Silence("main_send_off", "its main send is off and no send of it is open")
    if targets[0] == len(around.tracks):
        return Silence("no_route", "its channels are not among those of the master")
    return Silence("no_route", f"it only reaches {label_of(around.tracks[targets[0]])!r}, which is not heard")


def plays_to_hardware(track: Track) -> bool:
    """Tell whether somebody may hear the track through an output of the audio device."""
    return any(not out.mute and out.volume > 0 for out in track.hardware_outs)
