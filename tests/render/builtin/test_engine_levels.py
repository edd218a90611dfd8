"""Steady tones and steps through faders, pans, polarity, folders, sends and the master: values in closed form."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from stemkit.model.session import ChannelRange, MainSend, Master, PanSettings, Send, Session, Source
from tests.render.builtin.engine_songs import item, plan, render, session, stem, track, write_wav

SECONDS = 0.1
LEFT, RIGHT = 0.5, 0.25


@pytest.fixture
def steady(tmp_path: Path) -> Source:
    """A step: left 0.5, right 0.25, all the time."""
    return write_wav(tmp_path / "steady.wav", np.tile([LEFT, RIGHT], (4800, 1)))


@pytest.fixture
def mono(tmp_path: Path) -> Source:
    return write_wav(tmp_path / "mono.wav", np.full(4800, LEFT))


def levels(song: Session, tmp_path: Path, key: str = "proof_mix", **wish: Any) -> list[float]:
    """Level of each channel, which must not change through the file."""
    sound = render(song, plan(seconds=SECONDS, **wish), tmp_path / "out")[key]
    assert np.ptp(sound, axis=0).max() == 0
    return [float(x) for x in sound[0]]


def near(*values: float) -> Any:
    return pytest.approx(values, abs=1e-7)


# mixing-math sheet, section 2: centre and sides are exact, p = .5 is given to four digits there
@pytest.mark.parametrize(
    ("pan", "law", "left", "right"),
    [
        (0.0, 1.0, 1.0, 1.0),
        (1.0, 1.0, 0.0, 1.0),
        (-1.0, 1.0, 1.0, 0.0),
        (0.5, 1.0, 0.5097, 1.2304),
        (0.0, 0.70794578, 0.70794578, 0.70794578),
        (1.0, 0.70794578, 0.0, 1.0),
        (0.25, 0.5, 0.375, 0.625),
    ],
)
def test_balance_pan(tmp_path: Path, steady: Source, pan: float, law: float, left: float, right: float) -> None:
    song = session(track("a", item(steady), pan=pan), pan=PanSettings(law=law))
    got = levels(song, tmp_path)
    assert got == pytest.approx((LEFT * left, RIGHT * right), abs=3e-5)


def test_balance_pan_is_the_secant_form(tmp_path: Path, steady: Source) -> None:
    p = -0.3
    k = 1 + math.sqrt(2) - 1 / math.cos(math.pi * p / 4)
    song = session(track("a", item(steady), pan=p))
    theta = (1 + p) * math.pi / 4
    assert levels(song, tmp_path) == near(LEFT * k * math.cos(theta), RIGHT * k * math.sin(theta))


@pytest.mark.parametrize("pan", [0.408, -0.408, 1.0])
def test_stereo_pan_leaks_the_far_channel(tmp_path: Path, steady: Source, pan: float) -> None:
    p = abs(pan)
    k = 1 + math.sqrt(2) - 1 / math.cos(math.pi * p / 4)
    near_side, far_side = k * math.sin((1 + p) * math.pi / 4), k * math.cos((1 + p) * math.pi / 4)
    far_in, near_in = (LEFT, RIGHT) if pan > 0 else (RIGHT, LEFT)
    far_out = far_side * far_in
    near_out = near_side * (near_in + p * far_in) / (1 + p)
    wanted = (far_out, near_out) if pan > 0 else (near_out, far_out)
    assert levels(session(track("a", item(steady), pan=pan, pan_mode=5)), tmp_path) == near(*wanted)


def test_stereo_pan_has_the_gains_measured_on_a_render(tmp_path: Path, steady: Source) -> None:
    """Sheet, section 2: at p = .408 the left input keeps .6101 on its side, the right one .8637."""
    left, right = levels(session(track("a", item(steady), pan=0.408, pan_mode=5)), tmp_path)
    assert left == pytest.approx(LEFT * 0.6101, abs=3e-5)
    assert right == pytest.approx(RIGHT * 0.8637 + LEFT * 0.8637 * 0.408, abs=3e-5)


def test_stereo_pan_of_equal_sides_is_the_balance_pan(tmp_path: Path, mono: Source) -> None:
    got = [levels(session(track("a", item(mono), pan=0.6, pan_mode=mode)), tmp_path) for mode in (3, 5)]
    assert got[0] == pytest.approx(got[1], abs=1e-7)


@pytest.mark.parametrize(
    ("width", "left", "right"),
    [(1.0, LEFT, RIGHT), (0.0, 0.375, 0.375), (-1.0, RIGHT, LEFT), (0.5, 0.4375, 0.3125)],
)
def test_stereo_width(tmp_path: Path, steady: Source, width: float, left: float, right: float) -> None:
    assert levels(session(track("a", item(steady), pan_mode=5, width=width)), tmp_path) == near(left, right)


def test_dual_pan_ignores_the_pan_knob(tmp_path: Path, steady: Source) -> None:
    facts: dict[str, Any] = {"pan": 0.8, "pan_mode": 6}
    assert levels(session(track("a", item(steady), **facts)), tmp_path) == near(LEFT, RIGHT)
    swapped = track("a", item(steady), dual_pan=(1.0, -1.0), **facts)
    assert levels(session(swapped), tmp_path) == near(RIGHT, LEFT)


def test_classic_balance_turns_the_far_side_down(tmp_path: Path, steady: Source) -> None:
    assert levels(session(track("a", item(steady), pan=0.25, pan_mode=0)), tmp_path) == near(LEFT * 0.75, RIGHT)


def test_item_take_and_track_volume_multiply_and_a_negative_take_turns_the_polarity(
    tmp_path: Path, steady: Source
) -> None:
    song = session(track("a", item(steady, volume=0.5, take={"volume": -0.8}), volume=1.5))
    assert levels(song, tmp_path) == near(LEFT * 0.5 * -0.8 * 1.5, RIGHT * 0.5 * -0.8 * 1.5)


def test_take_pan_is_a_straight_balance_whatever_the_project_says(tmp_path: Path, steady: Source) -> None:
    song = session(track("a", item(steady, take={"pan": 0.25})), pan=PanSettings(mode=5))
    assert levels(song, tmp_path) == near(LEFT * 0.75, RIGHT)


def test_mono_fills_both_sides_at_full_level(tmp_path: Path, mono: Source) -> None:
    assert levels(session(track("a", item(mono))), tmp_path) == near(LEFT, LEFT)


@pytest.mark.parametrize(
    ("mode", "left", "right"),
    [(1, RIGHT, LEFT), (2, 0.375, 0.375), (3, LEFT, LEFT), (4, RIGHT, RIGHT), (67, LEFT, RIGHT), (5, 0.0, 0.0)],
)
def test_channel_modes(tmp_path: Path, steady: Source, mode: int, left: float, right: float) -> None:
    song = session(track("a", item(steady, take={"channel_mode": mode})))
    assert levels(song, tmp_path) == near(left, right)


def test_channel_modes_take_one_or_two_of_many(tmp_path: Path) -> None:
    source = write_wav(tmp_path / "six.wav", np.tile([0.1, 0.2, 0.3, 0.4, 0.5, 0.6], (4800, 1)))
    for mode, wanted in ((5, (0.3, 0.3)), (8, (0.6, 0.6)), (69, (0.3, 0.4)), (0, (0.1, 0.2))):
        assert levels(session(track("a", item(source, take={"channel_mode": mode}))), tmp_path) == near(*wanted)


def test_folders_multiply_and_pan_again(tmp_path: Path, steady: Source) -> None:
    song = session(
        track("bus", volume=0.5, pan=1.0, depth_change=1),
        track("inner", volume=0.5, depth_change=1, phase_inverted=True),
        track("a", item(steady), volume=0.8, depth_change=-2),
        track("b", item(steady), pan=-1.0),
    )
    out = render(song, plan(stem("a"), stem("b"), seconds=SECONDS), tmp_path / "out")
    assert out["a"][0] == pytest.approx([0.0, -RIGHT * 0.2], abs=1e-7)
    assert out["b"][0] == pytest.approx([LEFT, 0.0], abs=1e-7)
    assert out["proof_mix"][0] == pytest.approx([LEFT, -RIGHT * 0.2], abs=1e-7)


SEND_CASES: list[tuple[dict[str, Any], tuple[float, float]]] = [
    ({"mode": 0}, (0.5 * LEFT, 0.5 * RIGHT)),
    ({"mode": 3}, (LEFT, RIGHT)),
    ({"mode": 1}, (LEFT, RIGHT)),
    ({"mode": 0, "volume": 0.5}, (0.25 * LEFT, 0.25 * RIGHT)),
    ({"mode": 3, "phase_inverted": True}, (-LEFT, -RIGHT)),
    ({"mode": 3, "pan": 1.0}, (0.0, RIGHT)),
    ({"mode": 3, "mono": True}, (0.375, 0.375)),
    ({"mode": 3, "source_channels": ChannelRange(first=1, count=1)}, (RIGHT, RIGHT)),
    ({"mode": 3, "destination_channels": ChannelRange(first=1, count=1)}, (0.0, 0.375)),
    ({"mode": 3, "mute": True}, (0.0, 0.0)),
    ({"mode": 3, "source_channels": None}, (0.0, 0.0)),
]


@pytest.mark.parametrize(("facts", "wanted"), SEND_CASES)
def test_sends(tmp_path: Path, steady: Source, facts: dict[str, Any], wanted: tuple[float, float]) -> None:
    """The source's fader stands at 0.5, so a post-fader send is told from the others."""
    song = session(
        track("a", item(steady), volume=0.5),
        track("room", receives=(Send(source_guid="a", destination_guid="room", **facts),)),
    )
    out = render(song, plan(stem("a"), stem("room", "all"), seconds=SECONDS), tmp_path / "out")
    assert out["room"][0] == pytest.approx(wanted, abs=1e-7)
    assert out["a"][0] == pytest.approx([0.5 * LEFT, 0.5 * RIGHT], abs=1e-7)
    assert out["proof_mix"][0] == pytest.approx(out["room"][0] + out["a"][0], abs=1e-7)


def test_the_main_send_can_be_off_while_a_send_carries_on(tmp_path: Path, steady: Source) -> None:
    song = session(
        track("a", item(steady), main_send=MainSend(enabled=False)),
        track("bus", receives=(Send(source_guid="a", destination_guid="bus"),), volume=0.5),
    )
    out = render(song, plan(stem("a"), seconds=SECONDS), tmp_path / "out")
    assert out["a"][0] == pytest.approx([0.5 * LEFT, 0.5 * RIGHT], abs=1e-7)


def test_channels_beyond_two_run_through_folders_and_offsets(tmp_path: Path) -> None:
    source = write_wav(tmp_path / "four.wav", np.tile([0.1, 0.2, 0.3, 0.4], (4800, 1)))
    song = session(
        track("bus", channels=4, depth_change=1, volume=0.5),
        track("a", item(source), channels=4, depth_change=-1, main_send=MainSend(channel_offset=2, channel_count=2)),
        track("b", item(source), channels=4, volume=0.5),
        master=Master(channels=4),
    )
    wish = plan(stem("a", channels=4), stem("b", channels=4), seconds=SECONDS)
    out = render(song, wish, tmp_path / "out")
    assert out["a"][0] == pytest.approx([0, 0, 0.05, 0.1], abs=1e-7)
    assert out["b"][0] == pytest.approx([0.05, 0.1, 0.15, 0.2], abs=1e-7)
    assert out["proof_mix"].shape[1] == 2


@pytest.mark.parametrize(
    ("master", "wanted"),
    [
        (Master(volume=0.5), (0.5 * LEFT, 0.5 * RIGHT)),
        (Master(pan=1.0), (0.0, RIGHT)),
        (Master(mute_solo=4), (0.375, 0.375)),
        (Master(mute_solo=1), (0.0, 0.0)),
    ],
)
def test_only_the_rough_mix_goes_through_the_master(
    tmp_path: Path, steady: Source, master: Master, wanted: tuple[float, float]
) -> None:
    song = session(track("a", item(steady)), master=master)
    out = render(song, plan(stem("a"), seconds=SECONDS), tmp_path / "out")
    assert out["rough_mix"][0] == pytest.approx(wanted, abs=1e-7)
    assert out["proof_mix"][0] == pytest.approx([LEFT, RIGHT], abs=1e-7)
    assert out["a"][0] == pytest.approx([LEFT, RIGHT], abs=1e-7)


def test_mute_reaches_children_sends_and_stems(tmp_path: Path, steady: Source) -> None:
    song = session(
        track("bus", depth_change=1, mute=True),
        track("a", item(steady), depth_change=-1),
        track("room", receives=(Send(source_guid="a", destination_guid="room", mode=3),)),
        track("b", item(steady), item(steady, mute=True)),
    )
    out = render(song, plan(stem("a"), stem("room", "all"), stem("b"), seconds=SECONDS), tmp_path / "out")
    assert not out["a"].any()
    assert not out["room"].any()
    assert out["proof_mix"][0] == pytest.approx([LEFT, RIGHT], abs=1e-7)


def test_solo_is_heard_in_the_rough_mix_alone(tmp_path: Path, steady: Source) -> None:
    song = session(track("a", item(steady), solo=1), track("b", item(steady)))
    out = render(song, plan(stem("a"), stem("b"), seconds=SECONDS), tmp_path / "out")
    assert out["rough_mix"][0] == pytest.approx([LEFT, RIGHT], abs=1e-7)
    assert out["proof_mix"][0] == pytest.approx([2 * LEFT, 2 * RIGHT], abs=1e-7)
    assert out["b"][0] == pytest.approx([LEFT, RIGHT], abs=1e-7)


def test_a_group_leaves_the_graph_at_several_places(tmp_path: Path, steady: Source) -> None:
    song = session(track("a", item(steady)), track("b", item(steady), volume=0.5), track("c", item(steady)))
    group = stem("a", file_name="group", more_cuts=(("b", "items"),))
    out = render(song, plan(group, stem("c"), seconds=SECONDS), tmp_path / "out")
    assert out["group"][0] == pytest.approx([1.5 * LEFT, 1.5 * RIGHT], abs=1e-7)


def test_a_wet_variant_runs_through_the_returns(tmp_path: Path, steady: Source) -> None:
    song = session(
        track("a", item(steady)),
        track("room", receives=(Send(source_guid="a", destination_guid="room", volume=0.5),)),
    )
    wet = stem("a", file_name="a_wet", variant="wet", through=("room",))
    out = render(song, plan(stem("a"), stem("room", "all"), wet, seconds=SECONDS), tmp_path / "out")
    assert out["a_wet"][0] == pytest.approx([1.5 * LEFT, 1.5 * RIGHT], abs=1e-7)
    assert out["a"][0] == pytest.approx([LEFT, RIGHT], abs=1e-7)
