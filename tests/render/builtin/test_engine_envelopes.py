"""Automation: values at chosen frames, in closed form."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pytest

from stemkit.model.session import AutomationItem, EnvelopePoint, Master, PooledEnvelope, Send, Session, Source
from stemkit.render.builtin.envelopes import from_slider, to_slider
from tests.render.builtin.engine_songs import envelope, item, plan, render, session, track, write_wav

RATE = 48_000
FRAMES = 4800
MIDDLE = 2400


@pytest.fixture
def steady(tmp_path: Path) -> Source:
    return write_wav(tmp_path / "steady.wav", np.tile([0.5, 0.25], (FRAMES, 1)))


def sides(song: Session, tmp_path: Path, key: str = "proof_mix", block_frames: int = 1000) -> Any:
    return render(song, plan(seconds=0.1), tmp_path / "out", block_frames=block_frames)[key]


# mixing-math sheet, section 3: slider = 1000 U; 0 dB, +6.02 dB and +12 dB
@pytest.mark.parametrize(("gain", "slider"), [(1.0, 716.21785031), (2.0, 852.77445), (10 ** (12 / 20), 1000.0), (0, 0)])
def test_the_fader_scale(gain: float, slider: float) -> None:
    assert 1000 * to_slider(gain) == pytest.approx(slider, abs=1e-5)
    assert from_slider(np.array([to_slider(gain)]))[0] == pytest.approx(gain)


SHAPES: dict[int, Callable[[float], float]] = {
    0: lambda u: u,
    1: lambda _: 0.0,
    2: lambda u: u * u * (3 - 2 * u),
    3: lambda u: 1 - (1 - u) ** 3,
    4: lambda u: u**3,
}


@pytest.mark.parametrize("fader", [False, True])
@pytest.mark.parametrize("shape", SHAPES)
def test_volume_between_two_points(tmp_path: Path, steady: Source, shape: int, *, fader: bool) -> None:
    points = envelope((0.02, 0.2, shape), (0.06, 1.4), fader_scaled=fader)
    sound = sides(session(track("a", item(steady), envelopes=(points,))), tmp_path)[:, 0]
    for frame, bent in ((0, 0.0), (960, 0.0), (1500, SHAPES[shape](540 / 1920)), (2881, 1.0), (4799, 1.0)):
        gain = 0.2 + 1.2 * bent
        if fader:
            gain = float(from_slider(np.array([to_slider(0.2) + (to_slider(1.4) - to_slider(0.2)) * bent]))[0])
        assert sound[frame] == pytest.approx(0.5 * gain, abs=1e-7)


def test_a_ramp_to_silence_on_the_fader_scale_arrives(tmp_path: Path, steady: Source) -> None:
    sound = sides(
        session(track("a", item(steady), envelopes=(envelope((0, 1), (0.05, 0), fader_scaled=True),))), tmp_path
    )
    half = 0.71621785031 / 2
    assert sound[1200, 0] == pytest.approx(0.5 * 1.9905358527 * (half**3 + half**6), abs=1e-6)
    assert not sound[2400:].any()


@pytest.mark.parametrize("tension", [-0.6, 0.6, -1.0, 1.0])
def test_a_bezier_segment_lies_on_its_own_curve(tmp_path: Path, steady: Source, tension: float) -> None:
    """Walks along the curve by its parameter and looks the points up in the sound (sheet, section 3, shape 5)."""
    b = 1 - abs(tension)
    first, second = (b / 4, 1 - 3 * b / 4), (3 * b / 4, 1 - b / 4)
    if tension > 0:
        first, second = (1 - second[0], 1 - second[1]), (1 - first[0], 1 - first[1])
    curve = envelope((0.0, 0.0, 5, tension), (0.1, 1.0))
    sound = sides(session(track("a", item(steady), envelopes=(curve,))), tmp_path)[:, 0]
    for s in (0.2, 0.5, 0.7):
        x, y = (3 * (1 - s) ** 2 * s * first[n] + 3 * (1 - s) * s * s * second[n] + s**3 for n in (0, 1))
        assert np.interp(x * FRAMES, np.arange(FRAMES), sound) == pytest.approx(0.5 * y, abs=1e-5)


def test_trim_multiplies_and_the_other_modes_replace(tmp_path: Path, steady: Source) -> None:
    def level(mode: int, override: int = -1) -> tuple[float, float]:
        moves = (envelope((0, 0.5)), envelope((0, 0.25), target="pan"))
        one = track("a", item(steady), volume=0.8, pan=0.5, envelopes=moves, automation_mode=mode, pan_mode=0)
        left, right = sides(session(one, automation_override=override), tmp_path)[10]
        return float(left), float(right)

    # the pan envelope's +0.25 is to the left: knob .5 becomes .25 in trim/read, -.25 elsewhere
    assert level(0) == pytest.approx((0.5 * 0.4 * 0.75, 0.25 * 0.4), abs=1e-7)
    for mode in (1, 2, 3, 4, 5):
        assert level(mode) == pytest.approx((0.5 * 0.5, 0.25 * 0.5 * 0.75), abs=1e-7)
    assert level(0, override=1) == level(1)
    assert level(1, override=0) == level(0)
    assert level(1, override=6) == pytest.approx((0.5 * 0.8 * 0.5, 0.25 * 0.8), abs=1e-7)


def test_the_master_has_envelopes_at_three_places(tmp_path: Path, steady: Source) -> None:
    moves = tuple(envelope((0, 0.5), stage="master", tag=f"MASTERVOLENV{n}") for n in ("", "2", "3"))
    song = session(track("a", item(steady)), master=Master(volume=0.8, envelopes=moves))
    assert sides(song, tmp_path, "rough_mix")[5, 0] == pytest.approx(0.5 * 0.8 * 0.125)
    assert sides(song, tmp_path)[5, 0] == 0.5


def test_a_live_override_of_five_bypasses(tmp_path: Path, steady: Source) -> None:
    """ReaScript counts the override's bypass as 5, the project file as 6."""
    moved = track("a", item(steady), envelopes=(envelope((0, 0.5)),))
    cases: tuple[tuple[Literal["live", "rpp"], int], ...] = (("live", 5), ("rpp", 5), ("rpp", 6))
    levels = [
        float(sides(replace(session(moved, automation_override=override), source=source), tmp_path)[5, 0])
        for source, override in cases
    ]
    assert levels == [0.5, 0.25, 0.5]


def test_inactive_and_empty_envelopes_do_nothing(tmp_path: Path, steady: Source) -> None:
    idle = (envelope((0, 0.1), active=False), envelope(stage="trim"))
    assert sides(session(track("a", item(steady), envelopes=idle)), tmp_path)[5, 0] == 0.5


def test_stages_of_a_track(tmp_path: Path, steady: Source) -> None:
    """Pre-FX is heard by every send, post-FX and trim only behind the fader."""
    moves = (envelope((0, 0.5), stage="pre_fx"), envelope((0, 0.5)), envelope((0, 0.5), stage="trim"))
    song = session(
        track("a", item(steady), envelopes=moves, automation_mode=1),
        track("room", receives=(Send(source_guid="a", destination_guid="room", mode=3),)),
    )
    assert sides(song, tmp_path)[5, 0] == pytest.approx(0.5 * (0.125 + 0.5))


@pytest.mark.parametrize("shape", [0, 1, 2])
def test_the_mute_envelope_opens_and_shuts(tmp_path: Path, steady: Source, shape: int) -> None:
    """It is square whatever shape its points carry (mixing-math sheet, section 3, [I])."""
    gate = envelope((0.0, 1, shape), (0.02, 0, shape), (0.05, 1, shape), target="mute")
    sound = sides(session(track("a", item(steady), envelopes=(gate,))), tmp_path)[:, 0]
    assert np.array_equal(np.flatnonzero(sound == 0), np.arange(960, 2400))


def test_take_envelopes_run_in_take_time(tmp_path: Path, steady: Source) -> None:
    """At play rate 2 a point at 0.04 s of the take is heard 0.02 s into the item."""
    fast = {"play_rate": 2.0, "preserve_pitch": False, "envelopes": (envelope((0, 1, 1), (0.04, 0.5), stage="take"),)}
    sound = sides(session(track("a", item(steady, 0.01, 0.04, take=fast))), tmp_path)[:, 0]
    assert sound[480 + 950] == pytest.approx(0.5, abs=1e-6)
    assert sound[480 + 970] == pytest.approx(0.25, abs=1e-6)


def test_a_take_pan_envelope_has_the_knobs_opposite_sign(tmp_path: Path, steady: Source) -> None:
    moved = {"pan": 0.25, "envelopes": (envelope((0, 0.75), target="pan", stage="take"),)}
    sound = sides(session(track("a", item(steady, take=moved))), tmp_path)
    assert sound[5] == pytest.approx([0.5, 0.25 * 0.5])


POOL = PooledEnvelope(
    pool_id=7,
    length_s=0.01,
    points=(EnvelopePoint(time_s=0, value=0), EnvelopePoint(time_s=0.01, value=1)),
)


@pytest.mark.parametrize(
    ("facts", "wanted"),
    [
        ({}, {100: 1.0, 960: 0.0, 1200: 0.5, 2000: 1.0, 3000: 1.0}),
        ({"loop": True}, {960: 0.0, 1200: 0.5, 1440 + 120: 0.25, 2879: 479 / 480, 2881: 1.0}),
        ({"play_rate": 0.5}, {1200: 0.25, 1920: 1.0}),
        ({"start_offset_s": 0.005}, {960: 0.5, 1080: 0.75}),
        ({"amplitude": 0.5, "baseline": 0.5}, {960: 0.25, 1440: 0.75}),
        ({"muted": True}, {1200: 1.0}),
    ],
)
def test_automation_items(tmp_path: Path, steady: Source, facts: dict[str, Any], wanted: dict[int, float]) -> None:
    """One instance from 0.02 to 0.06 s over an envelope that stands at 1."""
    instance = AutomationItem(pool_id=7, position_s=0.02, length_s=0.04, **facts)
    moved = envelope((0, 1), automation_items=(instance,))
    song = session(track("a", item(steady), envelopes=(moved,)), pooled_envelopes=(POOL,))
    sound = sides(song, tmp_path, block_frames=700)[:, 0]
    for frame, gain in wanted.items():
        assert sound[frame] == pytest.approx(0.5 * gain, abs=1e-6), frame


def test_send_envelopes_follow_the_sends_mode_or_the_tracks(tmp_path: Path, steady: Source) -> None:
    def level(send_mode: int, track_mode: int) -> float:
        send = Send(
            source_guid="a",
            destination_guid="room",
            mode=3,
            volume=0.5,
            automation_mode=send_mode,
            envelopes=(envelope((0, 0.5), stage="send"),),
        )
        song = session(
            track("a", item(steady), volume=0.0, automation_mode=track_mode), track("room", receives=(send,))
        )
        return float(sides(song, tmp_path)[5, 0])

    assert [level(-1, 0), level(-1, 1), level(0, 1), level(1, 0)] == pytest.approx([0.125, 0.25, 0.125, 0.25])


def test_a_pan_envelope_moves_by_the_pan_law(tmp_path: Path, steady: Source) -> None:
    ramp = envelope((0, 1.0), (0.1, -1.0), target="pan")
    sound = sides(session(track("a", item(steady), envelopes=(ramp,))), tmp_path)
    p = -1 + 2 * 1200 / FRAMES
    k = 1 + math.sqrt(2) - 1 / math.cos(math.pi * p / 4)
    angle = (1 + p) * math.pi / 4
    assert sound[1200] == pytest.approx([0.5 * k * math.cos(angle), 0.25 * k * math.sin(angle)], abs=1e-6)
    assert sound[0] == pytest.approx([0.5, 0.0], abs=1e-7)
