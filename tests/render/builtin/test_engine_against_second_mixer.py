"""Whole random projects, rendered by the engine and by the second mixer of these tests."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from stemkit.model.session import (
    AutomationItem,
    Envelope,
    EnvelopePoint,
    Fade,
    Item,
    MainSend,
    Master,
    PanSettings,
    PooledEnvelope,
    Send,
    Session,
    Source,
    Take,
    Track,
)
from tests.render.builtin.engine_reference import Reference
from tests.render.builtin.engine_songs import noise, null_db, plan, render, session, stem, write_wav

SECONDS = 0.6
AGREEMENT_DB = -120
MEDIA = ((1, 44_100, 0.45), (2, 48_000, 0.3), (2, 44_100, 0.5), (2, 96_000, 0.2), (1, 48_000, 0.7))


def between(low: float, high: float) -> st.SearchStrategy[float]:
    return st.integers(0, 997).map(lambda n: low + (high - low) * n / 997)


gain = st.one_of(st.just(1.0), between(0.1, 1.6))
pan = st.one_of(st.just(0.0), between(-1, 1))
mostly_false = st.sampled_from([False, False, False, True])


@st.composite
def envelopes(draw: st.DrawFn, target: str, stage: str) -> Envelope:
    low, high = {"volume": (0.0, 1.8), "pan": (-1.0, 1.0), "mute": (0.0, 1.0)}[target]
    points = draw(
        st.lists(
            st.builds(
                EnvelopePoint,
                time_s=between(-0.05, 0.7),
                value=between(low, high) if target != "mute" else st.sampled_from([0.0, 1.0]),
                shape=st.integers(0, 5),
                tension=between(-0.9, 0.9),
            ),
            min_size=1,
            max_size=4,
            unique_by=lambda p: round(p.time_s, 2),
        )
    )
    pooled = draw(mostly_false)
    instances = (
        AutomationItem(
            pool_id=1,
            position_s=draw(between(0, 0.4)),
            length_s=draw(between(0.05, 0.3)),
            start_offset_s=draw(between(0, 0.05)),
            play_rate=draw(st.sampled_from([1.0, 0.5, 2.0])),
            loop=draw(st.booleans()),
            muted=draw(mostly_false),
        ),
    )
    return Envelope(
        tag="ENV",
        target=target,  # type: ignore[arg-type]
        stage=stage,  # type: ignore[arg-type]
        active=draw(st.sampled_from([True, True, True, False])),
        points=tuple(points),
        fader_scaled=target == "volume" and draw(st.booleans()),
        automation_items=instances if pooled else (),
    )


def some(draw: st.DrawFn, stage: str, targets: tuple[str, ...]) -> tuple[Envelope, ...]:
    return tuple(draw(envelopes(target, stage)) for target in targets if draw(mostly_false))


def fades() -> st.SearchStrategy[Fade]:
    return st.builds(
        Fade,
        shape=st.sampled_from([0.0, 1.0, 1.1, 2.0, 3.0, 4.0, 5.0]),
        length_s=st.sampled_from([0.0, 0.01, 0.0333, 0.21]),
        auto_length_s=st.sampled_from([0.0, 0.0, 0.0777]),
    )


@st.composite
def takes(draw: st.DrawFn, sources: list[Source]) -> Take:
    return Take(
        source=draw(st.sampled_from(sources)),
        volume=draw(st.sampled_from([1.0, 1.0, 0.5, -0.8])),
        pan=draw(st.sampled_from([0.0, 0.0, -0.3, 0.9])),
        source_offset_s=draw(st.sampled_from([0.0, 0.0, 0.01234, 0.1])),
        play_rate=draw(st.sampled_from([1.0, 1.0, 1.0, 0.5, 1.25, 1.0594630943593])),
        preserve_pitch=False,
        channel_mode=draw(st.sampled_from([0, 0, 0, 1, 2, 3, 4])),
        envelopes=some(draw, "take", ("volume", "pan", "mute")),
    )


@st.composite
def items(draw: st.DrawFn, sources: list[Source]) -> Item:
    return Item(
        position_s=draw(between(-0.1, 0.5)),
        length_s=draw(between(0.02, 0.45)),
        loop=draw(st.booleans()),
        mute=draw(mostly_false),
        volume=draw(gain),
        fade_in=draw(fades()),
        fade_out=draw(fades()),
        all_takes=draw(mostly_false),
        takes=tuple(draw(st.lists(takes(sources), min_size=1, max_size=2))),
    )


@st.composite
def songs(draw: st.DrawFn, sources: list[Source]) -> Session:
    count = draw(st.integers(1, 4))
    tracks: list[Track] = []
    depth = 0
    for n in range(count):
        opens = draw(mostly_false) and n < count - 1
        change = 1 if opens else -depth if n == count - 1 else -draw(st.integers(0, depth))
        depth += change
        tracks.append(draw(one_track(f"t{n}", sources, change)))
    for n in range(draw(st.integers(0, 2))):
        feeders = [t.guid for t in tracks if draw(st.booleans())]
        receives = tuple(draw(one_send(source, f"r{n}")) for source in feeders)
        tracks.append(draw(one_track(f"r{n}", sources, 0, receives=receives)))
    pool = PooledEnvelope(
        pool_id=1,
        length_s=0.12,
        points=(
            EnvelopePoint(time_s=0.0, value=0.2),
            EnvelopePoint(time_s=0.05, value=0.9, shape=2),
            EnvelopePoint(time_s=0.1, value=0.4),
        ),
    )
    return session(
        *tracks,
        pan=PanSettings(
            law=draw(st.sampled_from([1.0, 1.0, 0.70794578, 0.5])), mode=draw(st.sampled_from([3, 3, 5, 0]))
        ),
        automation_override=draw(st.sampled_from([-1, -1, 0, 1])),
        item_mix=draw(st.sampled_from([0, 1])),
        master=Master(
            volume=draw(gain),
            pan=draw(pan),
            mute_solo=draw(st.sampled_from([0, 0, 4])),
            envelopes=some(draw, "master", ("volume",)),
        ),
        pooled_envelopes=(pool,),
    )


@st.composite
def one_track(draw: st.DrawFn, guid: str, sources: list[Source], change: int, receives: tuple[Send, ...] = ()) -> Track:
    moving = (
        some(draw, "post_fx", ("volume", "pan", "mute"))
        + some(draw, "pre_fx", ("volume",))
        + some(draw, "trim", ("volume",))
    )
    return Track(
        guid=guid,
        index=0,
        name=guid,
        depth_change=change,
        volume=draw(gain),
        pan=draw(pan),
        pan_mode=draw(st.sampled_from([None, None, 3, 5])),
        mute=draw(mostly_false),
        phase_inverted=draw(mostly_false),
        play_offset=draw(st.sampled_from([0.0125, -0.03, 17.0, -1.0])),
        play_offset_flags=draw(st.sampled_from([1, 1, 0, 2])),
        automation_mode=draw(st.sampled_from([0, 0, 1, 4])),
        main_send=MainSend(enabled=not draw(mostly_false)),
        envelopes=moving,
        receives=receives,
        items=tuple(draw(st.lists(items(sources), max_size=3))),
    )


@st.composite
def one_send(draw: st.DrawFn, source: str, target: str) -> Send:
    return Send(
        source_guid=source,
        destination_guid=target,
        mode=draw(st.sampled_from([0, 0, 1, 3])),
        volume=draw(gain),
        pan=draw(pan),
        mute=draw(mostly_false),
        mono=draw(mostly_false),
        phase_inverted=draw(mostly_false),
        automation_mode=draw(st.sampled_from([-1, -1, 0, 1])),
        envelopes=some(draw, "send", ("volume", "pan", "mute")),
    )


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory) -> list[Source]:
    folder = tmp_path_factory.mktemp("media")
    return [
        write_wav(folder / f"m{n}.wav", noise(n, round(rate * seconds), channels), rate)
        for n, (channels, rate, seconds) in enumerate(MEDIA)
    ]


# No shrinking: a song takes a while to mix twice, and a failing one is told by its key.
@settings(
    max_examples=15,
    deadline=None,
    derandomize=True,
    phases=(Phase.generate,),
    suppress_health_check=list(HealthCheck),
)
@given(data=st.data())
def test_random_projects_agree_with_the_second_mixer(data: st.DataObject, sources: list[Source]) -> None:
    song = data.draw(songs(sources))
    rate = data.draw(st.sampled_from([48_000, 44_100]))
    stems = [stem(t.guid, "all" if t.guid.startswith("r") else "items") for t in song.tracks]
    start = data.draw(st.sampled_from([0, 0, -3000, 7001]))
    wish = plan(*stems, seconds=SECONDS, rate=rate, start_frame=start)
    with tempfile.TemporaryDirectory() as folder:
        got = render(song, wish, Path(folder), block_frames=data.draw(st.sampled_from([997, 4096, 65_536])))
    reference = Reference(song, wish)
    for one in stems:
        assert null_db(got[one.file_name], reference.stem(one)) < AGREEMENT_DB, one.file_name
    assert null_db(got["proof_mix"], reference.proof()) < AGREEMENT_DB
    assert null_db(got["rough_mix"], reference.rough()) < AGREEMENT_DB
    total: Any = np.sum([got[s.file_name] for s in stems], axis=0)
    assert null_db(total, got["proof_mix"]) < AGREEMENT_DB
