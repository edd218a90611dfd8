"""The sound of a render of the pretend REAPER: its session, made plain enough for the built-in engine to mix."""

from __future__ import annotations

import re
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import soundfile

from stemkit.model.plan import Bounds, PlannedStem, RenderPlan
from stemkit.model.session import FxChain, Item, Master, Session, Source, Take, Track
from stemkit.render.builtin import BuiltinEngine
from stemkit.session.routing import build
from tests.fakereaper.master_effects import run_effects

if TYPE_CHECKING:
    from stemkit.model.session import Effect
    from tests.fakereaper.model import Project

__all__ = ["master_mix", "only", "plain", "plan_of", "track_output", "with_gains", "without_silenced"]

_GAIN = re.compile(r"stemkit_gain_(-?[\d.]+)")


def with_gains(session: Session, project: Project) -> Session:
    """Name REAPER's own volume effect as the gain that its first slider says, in dB."""
    volumes = {
        effect.guid: float(effect.sliders[0])
        for strip in [project.master, *project.tracks]
        for effect in strip.effects
        if effect.identifier == "utility/volume"
    }

    def named(chain: FxChain) -> FxChain:
        effects = (
            replace(e, identifier=f"stemkit_gain_{volumes[e.guid]}") if e.guid in volumes else e for e in chain.effects
        )
        return replace(chain, effects=tuple(effects))

    tracks = tuple(replace(track, fx=named(track.fx)) for track in session.tracks)
    return replace(session, tracks=tracks, master=replace(session.master, fx=named(session.master.fx)))


def plan_of(start: float, end: float, rate: int, channels: int) -> RenderPlan:
    frames = round(end * rate) - round(start * rate)
    bounds = Bounds(start_s=start, end_s=end, start_frame=round(start * rate), frames=frames)
    stem = PlannedStem(number=1, name="x", file_name="x", kind="track", cut_guid="", inputs="all", channels=channels)
    return RenderPlan(
        project="x", by="track", stems=(stem,), excluded=(), stops=frozenset(), bounds=bounds,
        sample_rate=rate, sample_rate_reason="",
    )  # fmt: skip


def _mix(session: Session, plan: RenderPlan, key: str) -> np.ndarray:
    with tempfile.TemporaryDirectory() as folder:
        (audio,) = BuiltinEngine().render(session, plan, Path(folder), keys=frozenset({key}))
        return np.asarray(soundfile.read(audio.path, dtype="float64", always_2d=True)[0])


def track_output(session: Session, plan: RenderPlan, place: int) -> np.ndarray:
    """Give a track's sound behind its own fader: the track is put on the top level, where nothing follows."""
    guid = session.tracks[place].guid
    moved = _to_top(session, place)
    stem = replace(plan.stems[0], cut_guid=guid)
    everywhere = frozenset(track.guid for track in session.tracks)  # its sends lead to no other track
    return _mix(moved, replace(plan, stems=(stem,), stops=everywhere), "x")


def _parents(tracks: tuple[Track, ...]) -> list[int]:
    found: list[int] = []
    open_folders: list[int] = []
    for place, track in enumerate(tracks):
        found.append(open_folders[-1] if open_folders else -1)
        if track.depth_change > 0:
            open_folders.append(place)
        for _ in range(-track.depth_change):
            if open_folders:
                open_folders.pop()
    return found


def _to_top(session: Session, place: int) -> Session:
    tracks, parents = session.tracks, _parents(session.tracks)
    depths = [0] * len(tracks)
    for index, parent in enumerate(parents):
        depths[index] = 0 if parent < 0 else depths[parent] + 1
    end = next((i for i in range(place + 1, len(tracks)) if depths[i] <= depths[place]), len(tracks))
    inside = list(range(place, end))
    order = [index for index in range(len(tracks)) if index not in inside] + inside
    new_depths = [depths[i] - (depths[place] if i in inside else 0) for i in order] + [0]
    found = []
    for number, index in enumerate(order):
        change = new_depths[number + 1] - new_depths[number]
        track = replace(tracks[index], index=number, depth_change=change)
        if index == place:
            track = replace(track, main_send=replace(track.main_send, enabled=True))
        found.append(track)
    return replace(session, tracks=tuple(found))


def _track_gain(chain: FxChain) -> float:
    """Give the gain of a track's effects; the only effect with sound on tracks is one of gain."""
    gain_db = 0.0
    for effect in chain.effects if chain.enabled else ():
        match = _GAIN.search(effect.identifier + effect.name)
        gain_db += float(match[1]) if match and effect.enabled and not effect.offline else 0.0
    return float(10 ** (gain_db / 20))


def plain(session: Session) -> Session:
    """Take effects off the tracks (they pass the sound on, but for gain), and what this REAPER has no synthesiser for."""
    tracks = [
        replace(
            track,
            volume=track.volume * _track_gain(track.fx),
            fx=FxChain(),
            solo=0,
            items=tuple(_playable(item) for item in track.items if _has_media(item)),
        )
        for track in session.tracks
    ]
    return replace(session, tracks=tuple(tracks), master=replace(session.master, fx=FxChain()))


def _has_media(item: Item) -> bool:
    take = item.active_take
    return take is not None and take.source is not None and take.source.media.resolved_path is not None


def _playable(item: Item) -> Item:
    return replace(item, takes=tuple(replace(take, fx=FxChain()) for take in item.takes))


def without_silenced(session: Session) -> Session:
    """Mute what solo silences."""
    if not any(track.solo for track in session.tracks):
        return session
    heard = {node.guid for node in build(session).order if node.audible}
    return replace(session, tracks=tuple(t if t.guid in heard else replace(t, mute=True) for t in session.tracks))


def only(session: Session, place: int) -> Session:
    """Keep what one track sends through the master: itself, what feeds it and what it feeds."""
    routing = build(session)
    guid = session.tracks[place].guid
    kept = {guid} | set(routing.upstream(guid)) | set(routing.downstream(guid))
    return replace(session, tracks=tuple(t if t.guid in kept else replace(t, mute=True) for t in session.tracks))


def master_mix(session: Session, plan: RenderPlan) -> np.ndarray:
    """Mix, run the master's effects, then its fader."""
    effects: tuple[Effect, ...] = session.master.fx.effects if session.master.fx.enabled else ()
    neutral = replace(plain(session), master=Master(channels=session.master.channels))
    audio = run_effects(_mix(neutral, plan, "proof_mix"), effects)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "mix.wav"
        soundfile.write(path, audio, plan.sample_rate, subtype="FLOAT")
        item = Item(
            position_s=plan.bounds.start_s,
            length_s=len(audio) / plan.sample_rate,
            takes=(Take(active=True, source=Source(kind="wave", resolved_path=str(path))),),
        )
        behind = replace(
            session,
            tracks=(Track(guid="{mix}", index=0, items=(item,)),),
            master=replace(session.master, fx=FxChain()),
        )
        return _mix(behind, plan, "rough_mix")
