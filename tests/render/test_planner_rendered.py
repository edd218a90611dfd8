"""Rendered by the built-in engine, the planned stems add up to the mix whenever the plan says that they can."""

from __future__ import annotations

import math
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st

from stemkit.model.audio import MediaInfo
from stemkit.model.delivery import Choices
from stemkit.model.session import ChannelRange, Envelope, EnvelopePoint, MainSend
from stemkit.render.builtin import BuiltinEngine
from stemkit.render.planner import make_plan
from tests.session.made_sessions import item, made, send, track

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from stemkit.model.plan import RenderPlan
    from stemkit.model.session import Item, Send, Session

    Sound = NDArray[np.floating[Any]]

RATE = 8_000
LENGTH_S = 0.05
NULL_DB = -120.0
gains = st.floats(0.1, 1.5)
pans = st.floats(-1.0, 1.0)


def planned(session: Session, **choices: Any) -> RenderPlan:
    media = {"/media/a.wav": MediaInfo(sample_rate=RATE, channels=2, frames=round(RATE * LENGTH_S))}
    return make_plan(session, Choices(**choices), media=media, project_name="Song")


def rendered(session: Session, plan: RenderPlan, folder: Path) -> dict[str, Sound]:
    keys = frozenset({"proof_mix", *(stem.file_name for stem in plan.stems if stem.variant == "stem")})
    files = BuiltinEngine().render(session, plan, folder / "staging", keys=keys)
    return {file.key: soundfile.read(file.path, always_2d=True, dtype="float64")[0] for file in files}


def null_db(session: Session, plan: RenderPlan) -> float:
    """Render everything and return the residual of the stems' sum against the proof mix, in dB."""
    with tempfile.TemporaryDirectory() as folder:
        media = Path(folder)
        placed = replace(session, tracks=tuple(_with_media(t, n, media) for n, t in enumerate(session.tracks)))
        sounds = rendered(placed, plan, media)
    mix = sounds.pop("proof_mix")
    residual = mix - sum(sounds.values(), start=np.zeros_like(mix))
    power = sum(float(np.mean(sound**2)) for sound in (mix, *sounds.values()))  # stems may cancel in the mix
    assert power > 0, "the plan has stems, so something sounds"
    return 10 * math.log10(float(np.mean(residual**2)) / power + 1e-30)


def _with_media(one: Any, number: int, folder: Path) -> Any:
    """Give every item of a track its own stereo noise, so that no two tracks can stand for each other."""
    if not one.items:
        return one
    path = folder / f"{number}.wav"
    noise = np.random.default_rng(number).uniform(-0.5, 0.5, (round(RATE * LENGTH_S), 2))
    soundfile.write(path, noise, RATE, subtype="DOUBLE")

    def with_file(old: Item) -> Item:
        take = old.takes[0]
        assert take.source is not None
        source = replace(take.source, file=path.name, resolved_path=str(path))
        return replace(old, takes=(replace(take, source=source),))

    return replace(one, items=tuple(with_file(old) for old in one.items))


def _swell(draw: st.DrawFn) -> tuple[Envelope, ...]:
    points = tuple(EnvelopePoint(time_s=t, value=draw(gains)) for t in (0.0, 0.02, 0.04))
    return (Envelope(tag="VOLENV2", target="volume", stage="post_fx", active=True, points=points),)


@st.composite
def mixes(draw: st.DrawFn) -> Session:
    """Sessions of plain gain and pan: folders, buses, returns, wide tracks, sends of all kinds."""
    count = draw(st.integers(2, 6))
    names = [f"T{n}" for n in range(count)]
    tracks = [
        replace(
            track(name, *([item(0.0, LENGTH_S)] if draw(st.booleans()) else [])),
            depth_change=draw(st.sampled_from([0, 0, 1, 1, -1, -2])),
            mute=draw(st.integers(0, 7)) == 0,
            main_send=MainSend(enabled=draw(st.integers(0, 3)) > 0),
            channels=draw(st.sampled_from([2, 2, 4])),
            volume=draw(gains),
            pan=draw(pans),
            phase_inverted=draw(st.booleans()),
            envelopes=_swell(draw) if draw(st.integers(0, 4)) == 0 else (),
        )
        for name in names
    ]
    sends: list[Send] = []
    for _ in range(draw(st.integers(0, 7))):
        first, second = draw(st.integers(0, count - 1)), draw(st.integers(0, count - 1))
        new = send(
            names[first],
            names[second],
            mode=draw(st.sampled_from([0, 1, 3])),
            volume=draw(gains),
            pan=draw(pans),
            source_channels=ChannelRange(first=draw(st.sampled_from([0, 0, 2]))),
            destination_channels=ChannelRange(first=draw(st.sampled_from([0, 0, 0, 2]))),
        )
        if not circles(made(*tracks, sends=[*sends, new])):
            sends.append(new)
    return made(*tracks, sends=sends, sample_rate=RATE, sample_rate_forced=True)


def circles(session: Session) -> bool:
    from stemkit.session.routing import build

    return bool(build(session).cycles)


@settings(max_examples=120, deadline=None)
@given(mixes(), st.sampled_from(["track", "group"]), st.data())
def test_stems_add_up_whenever_the_plan_says_so(session: Session, by: Any, data: st.DataObject) -> None:
    plan = planned(session, by=by)
    assert plan.adds_up.possible
    if not plan.stems:
        return
    assert null_db(session, plan) < NULL_DB
    left_out = data.draw(st.sampled_from([guid for stem in plan.stems for guid, _ in stem.cuts]))
    fewer = planned(session, by=by, exclude=(left_out,))
    assert not fewer.adds_up.possible
    if fewer.stems and _audible_alone(session, plan, left_out):
        assert null_db(session, replace(fewer, bounds=plan.bounds)) > NULL_DB


def _audible_alone(session: Session, plan: RenderPlan, guid: str) -> bool:
    """Tell whether the stem that was left out is no silence: its ways to the master may cancel."""
    (stem,) = [stem for stem in plan.stems if guid in {cut for cut, _ in stem.cuts}]
    with tempfile.TemporaryDirectory() as folder:
        media = Path(folder)
        placed = replace(session, tracks=tuple(_with_media(t, n, media) for n, t in enumerate(session.tracks)))
        files = BuiltinEngine().render(placed, plan, media / "staging", keys=frozenset({stem.file_name}))
        return files[0].peak > 1e-4
