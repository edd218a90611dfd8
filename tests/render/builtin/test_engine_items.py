"""Items on the timeline: grid, offsets, fades, takes, lanes, loops, sections, overlaps. Values in closed form."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from stemkit.model.session import Fade, Item, Session, Source, Take
from tests.render.builtin.engine_songs import item, noise, plan, render, session, track, write_wav

RATE = 48_000
FRAMES = 4800


@pytest.fixture
def ramp(tmp_path: Path) -> Source:
    """Frame n holds n / 10,000, so that a place in the source can be read from the sound."""
    return write_wav(tmp_path / "ramp.wav", np.arange(FRAMES) / 10_000)


@pytest.fixture
def steady(tmp_path: Path) -> Source:
    return write_wav(tmp_path / "steady.wav", np.full(FRAMES, 0.5))


def left(song: Session, tmp_path: Path, **wish: Any) -> Any:
    return render(song, plan(**({"seconds": 0.1} | wish)), tmp_path / "out")["proof_mix"][:, 0]


# mixing-math sheet, section 0: fractions .96, .50, .38 and .37 of a frame all went to the nearest, halves up
@pytest.mark.parametrize(("fraction", "frame"), [(0.96, 11), (0.50, 11), (0.38, 10), (0.37, 10)])
def test_an_item_starts_and_ends_on_the_nearest_frame(
    tmp_path: Path, steady: Source, fraction: float, frame: int
) -> None:
    position = (10 + fraction) / RATE
    sound = left(session(track("a", item(steady, position, 100 / RATE))), tmp_path)
    heard = np.flatnonzero(sound)
    assert heard[0] == frame
    assert heard[-1] + 1 == math.floor((110 + fraction) + 0.5)


@pytest.mark.parametrize(("offset_frames", "first"), [(100.84, 101), (100.49, 100)])
def test_the_source_offset_is_a_whole_source_frame(
    tmp_path: Path, ramp: Source, offset_frames: float, first: int
) -> None:
    song = session(track("a", item(ramp, 0.0, 0.05, take={"source_offset_s": offset_frames / RATE})))
    assert left(song, tmp_path)[0] == pytest.approx(first / 10_000, abs=1e-7)


def test_a_source_at_the_projects_rate_is_copied(tmp_path: Path) -> None:
    sound = noise(3, FRAMES)
    source = write_wav(tmp_path / "n.wav", sound, subtype="FLOAT")
    got = render(session(track("a", item(source, 0.0, 0.1))), plan(seconds=0.1), tmp_path / "out")["proof_mix"]
    assert np.array_equal(got, sound.astype(np.float32))


def test_bounds_may_start_before_project_zero_and_inside_items(tmp_path: Path, ramp: Source) -> None:
    song = session(track("a", item(ramp, -0.01, 0.1)))
    sound = left(song, tmp_path, start_frame=-100)
    assert sound[0] == pytest.approx(380 / 10_000, abs=1e-7)


def test_the_play_offset_moves_items(tmp_path: Path, steady: Source) -> None:
    def first(**facts: Any) -> int:
        return int(np.flatnonzero(left(session(track("a", item(steady, 0.01), **facts)), tmp_path))[0])

    assert first(play_offset=0.005, play_offset_flags=0) == 720
    assert first(play_offset=-100.0, play_offset_flags=2) == 380
    assert first(play_offset=0.005, play_offset_flags=1) == 480


SHAPES: dict[float, Callable[[float], float]] = {
    0.0: lambda t: t,
    1.0: lambda t: 1 - (1 - t) ** 2,
    1.1: lambda t: math.pi / 4 * (1 - (1 - t) ** 2) + (1 - math.pi / 4) * (1 - (1 - t) ** 2) ** 2,
    2.0: lambda t: t**2,
    3.0: lambda t: 1 - (1 - t) ** 4,
    4.0: lambda t: t**4,
    5.0: lambda t: 0.5 - 0.5 * math.cos(math.pi * t),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_fades_count_from_the_first_frame_and_to_the_rounded_end(tmp_path: Path, steady: Source, shape: float) -> None:
    """Fade lengths in frames are not rounded: 1000.4 of them here."""
    length = 1000.4
    fade = Fade(shape=shape, length_s=length / RATE)
    song = session(track("a", item(steady, 0.0, 0.1 - 0.3 / RATE, fade_in=fade, fade_out=fade)))
    sound = left(song, tmp_path)
    for k in (0, 1, 500, 999, 1000):
        gain = SHAPES[shape](k / length)
        assert sound[k] == pytest.approx(0.5 * gain, abs=1e-7)
        if k:
            assert sound[FRAMES - k] == pytest.approx(0.5 * gain, abs=1e-7)
    assert sound[2000] == 0.5


def test_an_automatic_fade_takes_the_place_of_the_manual_one(tmp_path: Path, steady: Source) -> None:
    fade = Fade(shape=0.0, length_s=0.001, auto_length_s=1000 / RATE)
    assert left(session(track("a", item(steady, fade_in=fade))), tmp_path)[500] == pytest.approx(0.25)


def test_a_crossfade_of_neighbours_sums_as_written(tmp_path: Path, steady: Source) -> None:
    fade = Fade(shape=0.0, length_s=1000 / RATE)
    song = session(
        track("a", item(steady, 0.0, 3000 / RATE, fade_out=fade), item(steady, 2000 / RATE, 0.05, fade_in=fade)),
        item_mix=0,
    )
    sound = left(song, tmp_path)
    assert sound[2000:3000] == pytest.approx(np.full(1000, 0.5), abs=1e-7)


def test_overlapping_fades_of_one_item_multiply(tmp_path: Path, steady: Source) -> None:
    fade = Fade(shape=0.0, length_s=1000 / RATE)
    sound = left(session(track("a", item(steady, 0.0, 1000 / RATE, fade_in=fade, fade_out=fade))), tmp_path)
    assert sound[250] == pytest.approx(0.5 * 0.25 * 0.75)


@pytest.mark.parametrize("shape", [0.0, 1.0, 5.0, 5.1, 1.1])
@pytest.mark.parametrize("curvature", [-1.0, -0.4, 0.4, 1.0])
def test_bent_fades_rise_from_silence_to_full(tmp_path: Path, steady: Source, shape: float, curvature: float) -> None:
    fade = Fade(shape=shape, length_s=1000 / RATE, curvature=curvature)
    sound = left(session(track("a", item(steady, fade_in=fade))), tmp_path)[:1001]
    assert sound[0] == pytest.approx(0, abs=1e-6)
    assert sound[1000] == pytest.approx(0.5)
    straight = left(session(track("a", item(steady, fade_in=Fade(shape=shape, length_s=1000 / RATE)))), tmp_path)
    bend = float(np.mean(sound - straight[:1001]))
    assert bend < 0 if curvature > 0 else bend > 0


@pytest.mark.parametrize(("shape", "curvature"), [(2.0, 1.0), (3.0, -1.0), (4.0, 1.0)])
def test_a_full_bend_says_the_same_as_the_shape(tmp_path: Path, steady: Source, shape: float, curvature: float) -> None:
    """REAPER writes `2 … -1` on fade-outs, where the sign is turned (mixing-math sheet, section 1, shape 2)."""
    fade_in = Fade(shape=shape, length_s=1000 / RATE, curvature=curvature)
    fade_out = Fade(shape=shape, length_s=1000 / RATE, curvature=-curvature)
    sound = left(session(track("a", item(steady, 0, 0.1, fade_in=fade_in, fade_out=fade_out))), tmp_path)
    assert sound[300] == pytest.approx(0.5 * SHAPES[shape](0.3))
    assert sound[-300] == pytest.approx(0.5 * SHAPES[shape](0.3))


def test_a_bent_fade_out_mirrors_the_fade_in_of_opposite_bend(tmp_path: Path, steady: Source) -> None:
    def fade(curvature: float) -> Fade:
        return Fade(shape=1.0, length_s=1000 / RATE, curvature=curvature)

    sound = left(session(track("a", item(steady, 0, 0.1, fade_in=fade(0.3), fade_out=fade(-0.3)))), tmp_path)
    assert sound[1:1000] == pytest.approx(sound[:-1000:-1], abs=1e-7)


def test_which_takes_play(tmp_path: Path, steady: Source, ramp: Source) -> None:
    takes = (Take(source=None), Take(source=steady, active=True), Take(source=ramp, volume=2.0))
    one = Item(position_s=0, length_s=0.1, takes=takes)
    every = Item(position_s=0, length_s=0.1, takes=takes, all_takes=True)
    first = Item(position_s=0, length_s=0.1, takes=(Take(source=ramp), Take(source=steady)))
    assert left(session(track("a", one)), tmp_path)[100] == pytest.approx(0.5)
    assert left(session(track("a", every)), tmp_path)[100] == pytest.approx(0.52)
    assert left(session(track("a", first)), tmp_path)[100] == pytest.approx(0.01)


def test_only_playing_lanes_sound(tmp_path: Path, steady: Source, ramp: Source) -> None:
    items = (item(steady, lane_top=0.0, lane_height=0.5), item(ramp, lane_top=0.5, lane_height=0.5))
    facts: dict[str, Any] = {"free_mode": 2, "lane_count": 2}
    assert left(session(track("a", *items, lanes_playing=0b01, **facts)), tmp_path)[100] == pytest.approx(0.5)
    assert left(session(track("a", *items, lanes_playing=0b10, **facts)), tmp_path)[100] == pytest.approx(0.01)
    both = session(track("a", *items, lanes_playing=0b11, **facts), item_mix=0)
    assert left(both, tmp_path)[100] == pytest.approx(0.51)


def test_muted_items_and_items_another_solo_silences_do_not_sound(tmp_path: Path, steady: Source) -> None:
    items = (item(steady, mute=True), item(steady, solo_state=1), item(steady, solo_state=-1, volume=0.5))
    assert left(session(track("a", *items)), tmp_path)[100] == pytest.approx(0.25)


@pytest.mark.parametrize(("mix", "wanted"), [(0, (0.5, 0.05, 0.5)), (1, (0.5, 0.55, 0.5)), (2, (0.5, 0.05, 0.5))])
def test_an_enclosed_item(tmp_path: Path, steady: Source, mix: int, wanted: tuple[float, ...]) -> None:
    inner = item(steady, 0.02, 0.02, volume=0.1)
    sound = left(session(track("a", item(steady, 0.0, 0.1), inner), item_mix=mix), tmp_path)
    assert sound[[100, 1500, 3000]] == pytest.approx(wanted, abs=1e-7)


@pytest.mark.parametrize(("mix", "wanted"), [(0, 0.55), (1, 0.55), (2, 0.05)])
def test_a_partial_overlap(tmp_path: Path, steady: Source, mix: int, wanted: float) -> None:
    later = item(steady, 0.04, 0.06, volume=0.1)
    sound = left(session(track("a", item(steady, 0.0, 0.06), later), item_mix=mix), tmp_path)
    assert sound[2400] == pytest.approx(wanted, abs=1e-7)


def test_past_its_source_an_item_is_silent_or_loops(tmp_path: Path) -> None:
    source = write_wav(tmp_path / "short.wav", np.arange(1, 1001) / 10_000)
    once = left(session(track("a", item(source, 0, 0.1))), tmp_path)
    again = left(session(track("a", item(source, 0, 0.1, loop=True, take={"source_offset_s": 10 / RATE}))), tmp_path)
    assert once[999] == pytest.approx(0.1)
    assert not once[1000:].any()
    assert again[[0, 989, 990, 1990]] == pytest.approx([0.0011, 0.1, 0.0001, 0.0001], abs=1e-7)


def section(child: Source, mode: int, **facts: Any) -> Source:
    return Source(kind="section", child=child, section_mode=mode, **facts)


def test_sections_play_a_window_forwards_and_backwards(tmp_path: Path, ramp: Source) -> None:
    window: dict[str, Any] = {"section_start_s": 1000 / RATE, "section_length_s": 100 / RATE}
    forwards = left(session(track("a", item(section(ramp, 0, **window), 0, 0.1))), tmp_path)
    looped = left(session(track("a", item(section(ramp, 0, **window), 0, 0.1, loop=True))), tmp_path)
    backwards = left(session(track("a", item(section(ramp, 2, **window), 0, 0.1))), tmp_path)
    whole = left(session(track("a", item(section(ramp, 3, **window), 0, 0.1))), tmp_path)
    assert forwards[[0, 99, 100]] == pytest.approx([0.1, 0.1099, 0.0], abs=1e-7)
    assert looped[[0, 99, 100, 250]] == pytest.approx([0.1, 0.1099, 0.1, 0.105], abs=1e-7)
    assert backwards[[0, 99, 100]] == pytest.approx([0.1099, 0.1, 0.0], abs=1e-7)
    assert whole[[0, 4799]] == pytest.approx([0.4799, 0.0], abs=1e-7)


@pytest.mark.parametrize("subtype", ["PCM_16", "PCM_24", "PCM_32", "FLOAT", "PCM_U8"])
def test_sample_formats(tmp_path: Path, subtype: str) -> None:
    source = write_wav(tmp_path / "n.wav", np.full(FRAMES, 0.5), subtype=subtype)
    assert left(session(track("a", item(source))), tmp_path)[7] == 0.5


def test_a_file_shorter_than_its_header_says_ends_in_silence(tmp_path: Path) -> None:
    source = write_wav(tmp_path / "cut.wav", np.full(FRAMES, 0.5), subtype="PCM_16")
    path = tmp_path / "cut.wav"
    path.write_bytes(path.read_bytes()[: 44 + 2 * 1000])
    sound = left(session(track("a", item(source))), tmp_path)
    assert sound[999] == 0.5
    assert not sound[1000:].any()
