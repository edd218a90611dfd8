"""What a session rule is told beside the project: profile, routing, plan and media."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from stemkit.model.report import Where

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from stemkit.model.audio import AudioFacts, MediaInfo
    from stemkit.model.plan import PlannedStem, RenderPlan
    from stemkit.model.report import StemLevel
    from stemkit.model.session import Item, Session, Track
    from stemkit.rules.profiles.schema import Profile
    from stemkit.session.routing import Routing

__all__ = [
    "MASTER",
    "PROJECT",
    "RENDER",
    "SessionContext",
    "TargetRate",
    "context_of",
    "counted",
    "labels_of",
    "listed",
    "spans",
]

PROJECT = "Project"  # subject of a finding that belongs to no track
MASTER = "Master"
RENDER = "Render settings"
_PLACES = 5  # how many places a finding shows before a report becomes unreadable


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetRate:
    """The sample rate that the brief's target platform asks for, and that platform."""

    rate_hz: int
    target: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionContext:
    """Everything around the project. `audio_unknown` says why there is no `audio`.

    `bar_one_s` is where the displayed bar 1 begins, in seconds from project zero; None where nobody worked it out.
    """

    profile: Profile
    routing: Routing
    labels: Mapping[str, str]  # by GUID, unique: see `labels_of`
    plan: RenderPlan | None = None
    stems: Mapping[str, PlannedStem] = field(default_factory=dict)  # by the GUID of the track they leave, variant stem
    exclusions: Mapping[str, str] = field(default_factory=dict)  # by GUID: why the plan leaves the track out
    media: Mapping[str, MediaInfo | None] = field(default_factory=dict)  # headers, by resolved path
    damage: Mapping[str, str] = field(default_factory=dict)  # by resolved path: what is broken about a file
    audio: Mapping[str, AudioFacts] = field(default_factory=dict)  # what was measured of it
    audio_unknown: str = "the media was not listened to"
    levels: tuple[StemLevel, ...] | None = None  # None: not asked for
    target_rate: TargetRate | None = None
    bar_one_s: float | None = None
    as_is: bool = False  # what would happen with the project's own render settings

    @property
    def planned(self) -> RenderPlan | None:
        """The plan that takes care of findings; none where the project is looked at as it is."""
        return None if self.as_is else self.plan

    def excluded(self, guid: str) -> str | None:
        """Return why the plan leaves a track out; None where it does not, or where there is no plan."""
        reason = None if self.as_is else self.exclusions.get(guid)
        return reason and f"left out of the stems: {reason}"

    def heard(self, guid: str) -> bool:
        """Tell whether what leaves the track reaches the master, whatever is soloed."""
        return self.routing.nodes[guid].heard


def context_of(session: Session, profile: Profile, plan: RenderPlan | None = None, **known: Any) -> SessionContext:
    """Put a context together: routing, names and the plan by track; `known` holds the other fields as they are."""
    from stemkit.session.routing import build  # noqa: PLC0415  (files without a project need none)

    return SessionContext(
        profile=profile,
        routing=build(session),
        labels=labels_of(session.tracks),
        plan=plan,
        stems={} if plan is None else {s.cut_guid: s for s in plan.stems if s.variant == "stem"},
        exclusions={} if plan is None else {e.guid: e.reason for e in plan.excluded},
        **known,
    )


def labels_of(tracks: Iterable[Track]) -> dict[str, str]:
    """Give each track, by GUID, a name for people that no other track has."""
    tracks = tuple(tracks)
    uses = Counter(track.name.strip() for track in tracks)
    return {track.guid: _label(track, uses[track.name.strip()]) for track in tracks}


def _label(track: Track, uses: int) -> str:
    name = track.name.strip()
    if not name:
        return f"Track {track.index + 1} (no name)"
    return name if uses == 1 else f"{name} (track {track.index + 1})"


def counted(number: int, noun: str) -> str:
    """Say a number of things: ``1 item``, ``3 items``."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def spans(items: Iterable[Item]) -> tuple[Where, ...]:
    """Return the first few places where items lie, for a finding's `where`."""
    first = sorted(items, key=lambda item: item.position_s)[:_PLACES]
    return tuple(Where(start_s=item.position_s, end_s=item.end_s) for item in first)


def listed(names: Iterable[str], limit: int = _PLACES) -> str:
    """Join names for a sentence; what goes beyond `limit` is counted."""
    names = list(names)
    more = len(names) - limit
    return ", ".join(names) if more <= 0 else f"{', '.join(names[:limit])} and {more} more"
