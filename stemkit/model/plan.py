"""What will be rendered: the plan that every engine turns into audio, and the engine's own shape.

How a stem is cut out of the routing graph. Each stem names the track at which it leaves the graph (`cut_guid`)
and what enters there: ``items`` (the track's own items alone; children and receives stay out) or ``all``
(everything that reaches the track). From the cut, the signal runs on to the master through the tracks that are
no cut themselves (`through`), and stops where it would enter a track of `RenderPlan.stops`: those tracks are
stems with ``all`` and already contain it. So every path from a source to the master is in exactly one stem.
A group of tracks leaves the graph at several places (`more_cuts`), whose sound is summed. A wet variant is the
one exception: it runs on through the returns as well, so the tracks in its `through` are no stops for it. Where the way
to the master leads through effects that fold many channels down (a decoder on a 64-channel bus), no gain and pan can
stand for it: such a stem is `direct`, and its channels go to the file as they leave the cut.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from stemkit.model.session import Session

__all__ = [
    "PROOF_MIX",
    "ROUGH_MIX",
    "AddsUp",
    "Bounds",
    "CutInputs",
    "Encoding",
    "Engine",
    "ExcludedTrack",
    "Fidelity",
    "GainMode",
    "PlannedStem",
    "RenderPlan",
    "RenderedAudio",
    "StemKind",
    "Variant",
]

Variant = Literal["stem", "dry", "wet"]
Encoding = Literal["pcm24", "float32"]
GainMode = Literal["window", "common", "none"]
StemKind = Literal["track", "return", "bus", "folder", "instrument", "group"]
CutInputs = Literal["items", "all"]
ROUGH_MIX, PROOF_MIX = "rough_mix", "proof_mix"  # the keys of the two mixes beside the stems


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """The span that every file has, in seconds from project zero, and in frames at the plan's rate."""

    start_s: float
    end_s: float
    start_frame: int  # round(start_s * rate); negative where sound lies before project zero
    frames: int
    tail_s: float = 0.0  # how much of the span is tail, after the last item
    explanation: str = ""  # why it starts and ends there


@dataclass(frozen=True, slots=True, kw_only=True)
class Fidelity:
    """How true an engine's audio is to what REAPER would render.

    ``impossible`` means that the engine cannot render the stem at all; `reasons` are for a musician.
    """

    level: Literal["exact", "approximate", "impossible"]
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedStem:
    """One stem of the delivery.

    `file_name` carries no folder and no extension. `bypassed` lists GUIDs of effects that a dry version loses.
    """

    number: int
    name: str
    file_name: str
    kind: StemKind
    cut_guid: str
    inputs: CutInputs
    more_cuts: tuple[tuple[str, CutInputs], ...] = ()  # where else the stem of a group leaves the graph
    variant: Variant = "stem"
    through: tuple[str, ...] = ()  # GUIDs between the cut and the master, nearest first
    tracks: tuple[str, ...] = ()  # GUIDs of every track whose sources are heard in it
    channels: int | None = None  # None: decided by the audio (mono when left equals right throughout)
    bypassed: tuple[str, ...] = ()
    direct: bool = False  # taken right behind the cut's own fader: only effects on the way lead its channels on
    reason: str = ""  # why it is a stem
    notes: tuple[str, ...] = ()

    @property
    def cuts(self) -> tuple[tuple[str, CutInputs], ...]:
        """Every place where the stem leaves the graph, and what enters there."""
        return ((self.cut_guid, self.inputs), *self.more_cuts)


@dataclass(frozen=True, slots=True, kw_only=True)
class ExcludedTrack:
    """A track that gives no stem, and why."""

    guid: str
    index: int
    name: str
    reason: str
    code: str  # muted, silent, processing_only, excluded_by_user, empty, …


@dataclass(frozen=True, slots=True, kw_only=True)
class AddsUp:
    """Whether the stems can add up to the mix before the master effects, and what stands in between."""

    possible: bool
    obstacles: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RenderPlan:
    """Which stems, from where to where, in which format, and why each track is in or out."""

    project: str  # name for people
    by: Literal["track", "group"]
    stems: tuple[PlannedStem, ...]
    excluded: tuple[ExcludedTrack, ...]
    stops: frozenset[str]  # every cut whose inputs are "all", also where the user left that stem out
    bounds: Bounds
    sample_rate: int
    sample_rate_reason: str
    encoding: Encoding = "pcm24"
    gain: GainMode = "none"
    channels: Literal["auto", "stereo", "source"] = "auto"
    adds_up: AddsUp = AddsUp(possible=True)
    rough_mix: bool = True  # with the master as the artist heard it
    proof_mix: bool = True  # with a neutral master
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RenderedAudio:
    """One 32-bit float file in the staging folder.

    `key` is the stem's `file_name`, or ``"rough_mix"`` / ``"proof_mix"``. `peak` is linear.
    """

    key: str
    path: Path
    channels: int
    frames: int
    sample_rate: int
    peak: float
    left_equals_right: bool | None
    fidelity: Fidelity


class Engine(Protocol):
    """Turns a plan into float audio. Names, gain, depth and metadata are not its business."""

    name: str

    def fidelity(self, session: Session, plan: RenderPlan) -> Mapping[str, Fidelity]:
        """Say for each key (stem `file_name`, ``rough_mix``, ``proof_mix``) how true the audio will be."""
        ...

    def render(
        self,
        session: Session,
        plan: RenderPlan,
        staging: Path,
        *,
        keys: frozenset[str] | None = None,
        progress: Callable[[float, str], None] | None = None,
    ) -> tuple[RenderedAudio, ...]:
        """Write one float WAV a key into `staging`; `keys` limits the work. Raise `EngineError` on failure."""
        ...
