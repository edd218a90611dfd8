"""From a plan to passes: which tracks REAPER renders together, and what has to be switched off meanwhile.

REAPER renders a selected track behind its own fader, with all that reaches it. A stem that takes a track's own items
alone needs its children and receives off; a dry one its effects; a wet one the other tracks' sends to its returns.
Stems share a pass where none hears what another has switched.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from stemkit.session.edges import folder_parents
from stemkit.session.routing import build

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from stemkit.model.plan import PlannedStem, RenderPlan
    from stemkit.model.session import Effect, Session
    from stemkit.reaper.render_settings import Value

__all__ = ["Recipe", "StemPass", "master_values", "own_returns", "shared_values", "stem_passes"]

_STEREO = 2


@dataclass(frozen=True, slots=True)
class Switch:
    """A value to set, and the track whose sound it changes."""

    value: Value
    guid: str


@dataclass(frozen=True, slots=True)
class Recipe:
    """How REAPER has to be set for one stem. `rendered` are the tracks whose files make it up."""

    key: str
    rendered: tuple[str, ...]
    switches: frozenset[Switch]
    hears: frozenset[str]
    channels: int


@dataclass(slots=True)
class StemPass:
    """Stems that are rendered together."""

    channels: int
    recipes: list[Recipe] = field(default_factory=list)

    @property
    def tracks(self) -> list[str]:
        """The tracks to select, once each."""
        return list(dict.fromkeys(guid for recipe in self.recipes for guid in recipe.rendered))

    @property
    def values(self) -> list[Value]:
        """What to switch."""
        switches = {switch for recipe in self.recipes for switch in recipe.switches}
        return sorted((switch.value for switch in switches), key=repr)

    def takes(self, new: Recipe) -> bool:
        """Tell whether a stem can join: nobody may hear what only another has switched."""
        return new.channels == self.channels and all(_strangers(new, recipe) for recipe in self.recipes)


def _strangers(one: Recipe, other: Recipe) -> bool:
    return not any(s.guid in other.hears for s in one.switches - other.switches) and not any(
        s.guid in one.hears for s in other.switches - one.switches
    )


def stem_passes(session: Session, plan: RenderPlan, keys: frozenset[str]) -> list[StemPass]:
    """Group the wanted stems into passes, most of them into the first.

    Parameters
    ----------
    session
        The open project.
    plan
        What to render.
    keys
        `file_name` of each wanted stem.
    """
    passes: list[StemPass] = []
    for recipe in _recipes(session, plan, keys):
        home = next((single for single in passes if single.takes(recipe)), None)
        if home is None:
            home = StemPass(recipe.channels)
            passes.append(home)
        home.recipes.append(recipe)
    return passes


def own_returns(plan: RenderPlan, stem: PlannedStem) -> tuple[str, ...]:
    """Return the returns that a wet stem brings along, which REAPER renders as files of their own."""
    return tuple(guid for guid in stem.through if guid in plan.stops) if stem.variant == "wet" else ()


def shared_values(session: Session, *, solo_off: bool) -> Iterator[Value]:
    """Give what every pass switches: play rate, and solo except where the mix is wanted as the artist heard it."""
    yield ("play_rate",), 1.0
    for envelope in session.project_envelopes:
        if envelope.target == "play_rate" and envelope.active:
            yield ("envelope", "master", envelope.tag), "0"
    for track in session.tracks if solo_off else ():
        if track.solo:
            yield ("track", track.guid, "I_SOLO"), 0.0


def master_values(session: Session) -> Iterator[Value]:
    """Give what makes the master neutral: no effects, mute, mono or envelopes, fader at 0 dB, pan in the centre."""
    neutral = {"D_VOL": 1.0, "D_PAN": 0.0, "D_WIDTH": 1.0, "I_FXEN": 0.0, "B_MUTE": 0.0}
    yield from ((("track", "master", key), value) for key, value in neutral.items())
    if session.master.mute_solo & 4:
        yield ("master_mono",), 0
    for envelope in session.master.envelopes:
        if envelope.active:
            yield ("envelope", "master", envelope.tag), "0"


def _recipes(session: Session, plan: RenderPlan, keys: frozenset[str]) -> Iterator[Recipe]:
    routing = build(session)
    children = _children(session)
    owners = _effect_owners(session)
    for stem in plan.stems:
        if stem.file_name not in keys:
            continue
        returns = own_returns(plan, stem)
        switches = {s for guid, inputs in stem.cuts if inputs == "items" for s in _items_alone(session, guid, children)}
        switches |= {Switch((("effect", owners[fx], fx), 0), owners[fx]) for fx in stem.bypassed if fx in owners}
        switches |= {
            s for guid in returns for s in _own_sends_alone(session, guid, {*stem.tracks, *stem.through, stem.cut_guid})
        }
        rendered = (*(guid for guid, _ in stem.cuts), *returns)
        alone = {guid for guid, inputs in stem.cuts if inputs == "items"}
        hears = set(rendered).union(*(routing.upstream(guid) for guid in rendered if guid not in alone))
        yield Recipe(stem.file_name, rendered, frozenset(switches), frozenset(hears), max(_STEREO, stem.channels or 0))


def _children(session: Session) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for track, parent in zip(session.tracks, folder_parents(session.tracks), strict=True):
        if parent is not None and parent >= 0 and track.main_send.enabled:
            found.setdefault(session.tracks[parent].guid, []).append(track.guid)
    return found


def _effect_owners(session: Session) -> dict[str, str]:
    def all_of(effects: Iterable[Effect]) -> Iterator[Effect]:
        for effect in effects:
            yield effect
            yield from all_of(effect.children)

    return {fx.guid: track.guid for track in session.tracks for fx in all_of(track.fx.effects) if fx.guid}


def _items_alone(session: Session, guid: str, children: dict[str, list[str]]) -> Iterator[Switch]:
    for child in children.get(guid, ()):
        yield Switch((("track", child, "B_MAINSEND"), 0.0), guid)
    yield from _own_sends_alone(session, guid, set())


def _own_sends_alone(session: Session, guid: str, allowed: set[str]) -> Iterator[Switch]:
    track = next(t for t in session.tracks if t.guid == guid)
    for place, send in enumerate(track.receives):
        if not send.mute and send.source_guid not in allowed:
            yield Switch((("send", guid, place, send.source_guid, "B_MUTE"), 1.0), guid)
