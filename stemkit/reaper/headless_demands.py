"""What has to be there before REAPER is started: reading modes, media, plug-ins. Each missing one has a name."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from stemkit.errors import EngineError
from stemkit.model.plan import Fidelity
from stemkit.reaper.headless_effects import PlugIns, running_effects
from stemkit.reaper.live_mix import live_fidelity
from stemkit.reaper.live_passes import own_returns
from stemkit.reaper.writing_modes import demand_reading_modes
from stemkit.session.media import missing_files
from stemkit.session.routing import build

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from stemkit.model.plan import PlannedStem, RenderPlan
    from stemkit.model.session import Effect, Session, Track
    from stemkit.reaper.headless_find import Installation
    from stemkit.session.routing import Routing

__all__ = ["demand_renderable", "headless_fidelity"]

_MOST = 3


def demand_renderable(session: Session, plan: RenderPlan) -> Path:
    """Refuse what REAPER would get wrong, and return the project's file.

    Raises
    ------
    EngineError
        With the reason.
    """
    if session.path is None or session.source != "rpp":
        raise EngineError("REAPER renders from a saved project; save it and give its file.")
    demand_reading_modes(session)
    if plan.bounds.start_frame < 0:
        raise EngineError("REAPER cannot render what lies before the project's start; choose a later --start.")
    return Path(session.path)


def headless_fidelity(
    session: Session, plan: RenderPlan, installation: Installation, *, bypass_fx: bool
) -> dict[str, Fidelity]:
    """Say for each key how true the file will be; impossible where media or a plug-in is not there.

    REAPER would ask for the media in a dialog, and leave the plug-in out without a word.
    """
    verdicts = live_fidelity(session, plan)
    routing = build(session)
    plug_ins = PlugIns(installation)
    tracks = {track.guid: track for track in session.tracks}
    for stem in plan.stems:
        heard = [tracks[guid] for guid in _heard(stem, plan, routing)]
        lost = frozenset(stem.bypassed)
        verdicts[stem.file_name] = _judged(verdicts[stem.file_name], heard, (), plug_ins, lost=lost, off=bypass_fx)
    audible = [node.track for node in routing.order if node.audible]
    verdicts["proof_mix"] = _judged(Fidelity(level="exact"), audible, (), plug_ins, off=bypass_fx)
    on_master = running_effects(session.master.fx)
    verdicts["rough_mix"] = _judged(verdicts["rough_mix"], audible, on_master, plug_ins, off=bypass_fx)
    wished = {"rough_mix": plan.rough_mix, "proof_mix": plan.proof_mix}
    return {key: verdict for key, verdict in verdicts.items() if wished.get(key, True)}


def _heard(stem: PlannedStem, plan: RenderPlan, routing: Routing) -> list[str]:
    rendered = [*stem.cuts, *((guid, "all") for guid in own_returns(plan, stem))]
    found = [guid for guid, _ in rendered]
    found += [above for guid, inputs in rendered if inputs == "all" for above in routing.upstream(guid)]
    return list(dict.fromkeys(found))


def _judged(
    verdict: Fidelity,
    tracks: Iterable[Track],
    more: Iterable[Effect],
    plug_ins: PlugIns,
    *,
    lost: frozenset[str] = frozenset(),
    off: bool = False,
) -> Fidelity:
    tracks = list(tracks)
    media = list(dict.fromkeys(file for track in tracks for file in missing_files(track)))
    needed = [*_effects(tracks, lost), *more]
    missing = plug_ins.missing(effect for effect in needed if not off or effect.is_instrument)
    reasons = [f"media is missing: {_few(media)}"] if media else []
    reasons += [f"this REAPER does not have {_few(missing)}"] if missing else []
    if reasons:
        return Fidelity(level="impossible", reasons=tuple(reasons))
    left_out = sum(not effect.is_instrument for effect in needed) if off else 0
    if left_out and verdict.level != "impossible":
        dry = f"dry: {left_out} effect{'s' if left_out > 1 else ''} bypassed"
        return Fidelity(level="approximate", reasons=(*verdict.reasons, dry))
    return verdict


def _effects(tracks: Iterable[Track], lost: frozenset[str]) -> Iterator[Effect]:
    for track in tracks:
        yield from running_effects(track.fx, lost=lost)
        for item in track.items:
            for take in item.takes:
                yield from running_effects(take.fx)


def _few(names: list[str]) -> str:
    return ", ".join(names[:_MOST]) + (f" and {len(names) - _MOST} more" if len(names) > _MOST else "")
