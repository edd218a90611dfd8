"""What the session files of a package show: tracks, folders, faders, tempo and markers, for any DAW's format. Pure.

Every file lies at one position, so that all stems begin where the song begins. Faders undo the trims, moved by one
common amount so that the highest stands at 0 dB, and pans stand in the centre, because stems are printed behind the
pan.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from stemkit.session.edges import folder_parents
from stemkit.session.tempo import TempoMap

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from stemkit.model.audio import FileFacts
    from stemkit.model.plan import PlannedStem, RenderPlan
    from stemkit.model.session import Session

__all__ = ["LaidFolder", "LaidMarker", "LaidTrack", "SessionLayout", "TempoStep", "fader_gains", "lay_out"]

_ON_THE_LINE_S = 1e-6


@dataclass(frozen=True, slots=True, kw_only=True)
class LaidTrack:
    """One track with one file. `gain` is the fader, linear; `color` as REAPER stores it (red in the low byte)."""

    name: str
    file: str  # relative to the package
    gain: float
    muted: bool
    channels: int
    frames: int
    sample_rate: int
    color: int | None = None

    @property
    def length_s(self) -> float:
        """Length in seconds."""
        return self.frames / self.sample_rate


@dataclass(frozen=True, slots=True, kw_only=True)
class LaidFolder:
    """Tracks that belong together; without a name they stand by themselves."""

    name: str
    tracks: tuple[LaidTrack, ...]
    color: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TempoStep:
    """From here on this tempo and meter; `end_bpm` differs where the tempo ramps up to the next step."""

    time_s: float
    quarters: float  # from the session's zero
    bpm: float
    end_bpm: float
    numerator: int
    denominator: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LaidMarker:
    """A marker or, with an end, a region; times from the session's zero, place also in quarter notes."""

    time_s: float
    quarters: float
    name: str
    end_s: float | None = None
    color: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionLayout:
    """Everything that a session file holds. `position_s` is where every file lies; the zero is a bar line."""

    title: str
    artist: str
    sample_rate: int
    first_bar: int  # what the ruler shows at zero
    position_s: float
    position_quarters: float
    end_quarters: float
    folders: tuple[LaidFolder, ...]
    tempo: tuple[TempoStep, ...]
    markers: tuple[LaidMarker, ...] = ()


def fader_gains(trims_db: Mapping[str, float]) -> dict[str, float]:
    """Return the linear fader that undoes each trim, all moved alike so that the highest is 1 (0 dB)."""
    lowest = min(trims_db.values(), default=0.0)
    return {key: 1.0 if trim == lowest else 10 ** ((lowest - trim) / 20) for key, trim in trims_db.items()}


def lay_out(
    session: Session,
    plan: RenderPlan,
    files: Sequence[FileFacts],
    trims_db: Mapping[str, float],
    *,
    title: str,
    artist: str,
) -> SessionLayout:
    """Lay the files of a package out as a session.

    Parameters
    ----------
    session, plan
        The project and what was rendered from it.
    files
        The measured audio files of the package.
    trims_db
        The trim of each stem by its path.
    """
    tempo = TempoMap.of(session)
    origin_s, first_bar = _origin(tempo, plan.bounds.start_s)
    origin_quarters = tempo.quarters_at(origin_s)
    position_s = plan.bounds.start_s - origin_s
    position_s = 0.0 if abs(position_s) < _ON_THE_LINE_S else position_s
    end_s = plan.bounds.start_s + plan.bounds.frames / plan.sample_rate
    return SessionLayout(
        title=title,
        artist=artist,
        sample_rate=plan.sample_rate,
        first_bar=first_bar,
        position_s=position_s,
        position_quarters=tempo.quarters_at(origin_s + position_s) - origin_quarters,
        end_quarters=tempo.quarters_at(end_s) - origin_quarters,
        folders=(*_stem_folders(session, plan, files, trims_db), *_muted_folder(files)),
        tempo=_steps(tempo, origin_s, origin_quarters),
        markers=_markers(session, tempo, origin_s, origin_quarters),
    )


def _origin(tempo: TempoMap, start_s: float) -> tuple[float, int]:
    """Return the bar line at or before the start of the files, and its number."""
    bar, _ = tempo.position(start_s + _ON_THE_LINE_S)
    return tempo.time_of(bar), bar


def _stem_folders(
    session: Session, plan: RenderPlan, files: Sequence[FileFacts], trims_db: Mapping[str, float]
) -> list[LaidFolder]:
    """Put stems whose tracks share an outermost folder under its name, in the order of the first of them."""
    parents = folder_parents(session.tracks)
    place = {track.guid: number for number, track in enumerate(session.tracks)}
    by_name = {(stem.variant, stem.file_name): stem for stem in plan.stems}
    gains = fader_gains({path: trims_db.get(path, 0.0) for path in trims_db})
    grouped: dict[int | str, list[LaidTrack]] = {}
    for file in files:
        stem = by_name.get((file.variant or "stem", file.path.rsplit("/", 1)[-1].rpartition(".")[0]))
        if file.role != "stem" or stem is None:
            continue
        number = place.get(stem.cut_guid)
        outer = -1 if number is None or stem.kind in ("folder", "group") else _outermost(number, parents)
        color = None if number is None else session.tracks[number].color
        track = _laid(file, _label(stem), gains.get(file.path, 1.0), muted=stem.variant != "stem", color=color)
        grouped.setdefault(file.path if outer < 0 else outer, []).append(track)
    return [
        LaidFolder(name="", tracks=tuple(tracks))
        if isinstance(key, str)
        else LaidFolder(name=session.tracks[key].name or "Group", tracks=tuple(tracks), color=session.tracks[key].color)
        for key, tracks in grouped.items()
    ]


def _outermost(number: int, parents: Sequence[int]) -> int:
    outer = parents[number]
    while outer >= 0 and parents[outer] >= 0:
        outer = parents[outer]
    return outer


def _label(stem: PlannedStem) -> str:
    return stem.file_name.replace("_", " ")


def _muted_folder(files: Sequence[FileFacts]) -> list[LaidFolder]:
    """Keep mixes and references at hand, silent until somebody wants them."""
    tracks = [
        _laid(file, file.path.rsplit("/", 1)[-1].rpartition(".")[0].replace("_", " "), 1.0, muted=True)
        for role in ("rough_mix", "proof_mix", "reference")
        for file in files
        if file.role == role and file.container.sample_rate and (file.audio is not None)
    ]
    return [LaidFolder(name="Mix and references", tracks=tuple(tracks))] if tracks else []


def _laid(file: FileFacts, name: str, gain: float, *, muted: bool, color: int | None = None) -> LaidTrack:
    audio = file.audio
    assert audio is not None, "only files whose samples were read are laid out"
    return LaidTrack(
        name=name,
        file=file.path,
        gain=gain,
        muted=muted,
        channels=audio.channels,
        frames=audio.frames,
        sample_rate=audio.sample_rate,
        color=color,
    )


def _steps(tempo: TempoMap, origin_s: float, origin_quarters: float) -> tuple[TempoStep, ...]:
    steps: list[TempoStep] = []
    for stretch in tempo.stretches:
        end_s = math.inf if stretch.end_s is None else stretch.end_s
        if end_s <= origin_s:
            continue
        begin_s = max(stretch.start_s, origin_s) if steps or stretch.start_s > origin_s else origin_s
        bpm = stretch.bpm
        if stretch.end_s is not None and begin_s > stretch.start_s:
            bpm += (stretch.end_bpm - stretch.bpm) * (begin_s - stretch.start_s) / (stretch.end_s - stretch.start_s)
        steps.append(
            TempoStep(
                time_s=begin_s - origin_s,
                quarters=tempo.quarters_at(begin_s) - origin_quarters,
                bpm=bpm,
                end_bpm=stretch.end_bpm,
                numerator=stretch.numerator,
                denominator=stretch.denominator,
            )
        )
    return tuple(steps)


def _markers(session: Session, tempo: TempoMap, origin_s: float, origin_quarters: float) -> tuple[LaidMarker, ...]:
    named: list[tuple[float, float | None, str, int | None]] = []
    named += [(m.position_s, None, m.name, m.color) for m in session.markers]
    named += [(r.start_s, r.end_s, r.name, r.color) for r in session.regions]
    laid = [
        LaidMarker(
            time_s=start_s - origin_s,
            quarters=tempo.quarters_at(start_s) - origin_quarters,
            name=name,
            end_s=None if end_s is None else end_s - origin_s,
            color=color,
        )
        for start_s, end_s, name, color in named
        if start_s >= origin_s - _ON_THE_LINE_S
    ]
    return tuple(sorted(laid, key=lambda marker: (marker.time_s, marker.end_s or 0.0, marker.name)))
