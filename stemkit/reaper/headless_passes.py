"""From a plan to the runs of REAPER: which tracks each renders, and what is switched in its project."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from stemkit.model.plan import PROOF_MIX, ROUGH_MIX
from stemkit.reaper.headless_alone import alone_values
from stemkit.reaper.headless_effects import running_effects
from stemkit.reaper.headless_project import MIX_NAME, PassOrder
from stemkit.reaper.live_passes import master_values, shared_values, stem_passes

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from stemkit.model.plan import RenderPlan
    from stemkit.model.session import Effect, Session
    from stemkit.reaper.render_settings import Value

__all__ = ["HeadlessPass", "bypass_values", "make_passes", "one_by_one"]


@dataclass(frozen=True, slots=True, kw_only=True)
class HeadlessPass:
    """One run of REAPER, and what its files are for.

    `tracks` tells for each file which track it holds, "" for a mix; `keys` for each key of the plan which tracks make
    it up.
    """

    title: str
    order: PassOrder
    tracks: dict[str, str]
    keys: dict[str, tuple[str, ...]]


def make_passes(
    session: Session, plan: RenderPlan, staging: Path, *, wanted: frozenset[str], bypass_fx: bool
) -> list[HeadlessPass]:
    """Give the mixes first: where they succeed, REAPER itself works, which tells why stems may not.

    Parameters
    ----------
    session, plan
        What to render.
    staging
        Each pass gets a folder there.
    wanted
        Keys of the plan to render.
    bypass_fx
        Whether every effect is off.
    """
    off = list(bypass_values(session)) if bypass_fx else []
    solo_off = [*off, *shared_values(session, solo_off=True)]
    mixes = {
        PROOF_MIX: [*solo_off, *master_values(session)],
        ROUGH_MIX: [*off, *shared_values(session, solo_off=False)],
    }
    passes = [
        _mix_pass(staging / f"reaper-{key}", key.replace("_", " "), values, keys={key: ("",)}, track="", channels=2)
        for key, values in mixes.items()
        if key in wanted
    ]
    for number, stems in enumerate(stem_passes(session, plan, wanted), 1):
        places = {track.guid: track.index for track in session.tracks}
        names = {guid: f"sk_{places[guid] + 1:04d}" for guid in stems.tracks}
        order = PassOrder(
            folder=staging / f"reaper-stems-{number}",
            names=names,
            values=[*solo_off, *stems.values],
            channels=stems.channels,
        )
        passes.append(
            HeadlessPass(
                title=f"stems {number}",
                order=order,
                tracks={name: guid for guid, name in names.items()},
                keys={recipe.key: recipe.rendered for recipe in stems.recipes},
            )
        )
    return passes


def one_by_one(session: Session, stems: HeadlessPass) -> list[HeadlessPass]:
    """Split a pass of stems into master mixes of one track each.

    Raises
    ------
    EngineError
        A track would not sound the same that way.
    """
    passes = []
    for name, guid in stems.tracks.items():
        folder = stems.order.folder.with_name(f"{stems.order.folder.name}-{name}")
        values = [*stems.order.values, *alone_values(session, guid, stems.order)]
        passes.append(_mix_pass(folder, f"{stems.title}, {name}", values, keys={}, track=guid, channels=2))
    return passes


def _mix_pass(
    folder: Path, title: str, values: list[Value], *, keys: dict[str, tuple[str, ...]], track: str, channels: int
) -> HeadlessPass:
    order = PassOrder(folder=folder, names={}, values=values, channels=channels)
    return HeadlessPass(title=title, order=order, tracks={MIX_NAME: track}, keys=keys)


def bypass_values(session: Session) -> Iterator[Value]:
    """Give what switches every effect off; instruments stay, as there would be no sound without them."""
    for track in session.tracks:
        effects = list(running_effects(track.fx))
        if any(effect.is_instrument for effect in effects):
            yield from (
                (("effect", track.guid, effect.guid), 0) for effect in effects if effect.guid and not _plays(effect)
            )
        elif effects:
            yield ("track", track.guid, "I_FXEN"), 0.0
        if any(take.fx.effects for item in track.items for take in item.takes):
            yield ("take_effects", track.guid), 0
    if session.master.fx.effects:
        yield ("track", "master", "I_FXEN"), 0.0


def _plays(effect: Effect) -> bool:
    return bool(effect.is_instrument) or any(_plays(child) for child in effect.children)
