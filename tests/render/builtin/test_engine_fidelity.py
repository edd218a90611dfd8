"""What the engine says of itself: exact, approximate with reasons, or impossible with reasons for a musician."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from stemkit.model.plan import Fidelity
from stemkit.model.session import Effect, Fade, FxChain, Item, PanSettings, RenderSettings, Session, Source, Take, Track
from tests.render.builtin.engine_songs import (
    COMP,
    EQ,
    envelope,
    item,
    live,
    plan,
    render,
    session,
    stem,
    track,
    verdict,
    write_wav,
)


@pytest.fixture
def steady(tmp_path: Path) -> Source:
    return write_wav(tmp_path / "steady.wav", np.full((4800, 2), 0.5))


def judged(one: Track, **facts: Any) -> Fidelity:
    return verdict(session(one, **facts), plan(stem("a"), seconds=0.1), "a")


def takes(source: Source | None, **facts: Any) -> Track:
    return track("a", item(source, take=facts))


def test_plain_audio_is_exact(steady: Source) -> None:
    fades: dict[str, Any] = {"fade_in": Fade(shape=1.0, length_s=0.01), "fade_out": Fade(shape=1.1, auto_length_s=0.01)}
    one = track("a", item(steady, volume=0.5, take={"volume": -1.0}, **fades), volume=0.7, pan=0.3, pan_mode=5)
    assert judged(one) == Fidelity(level="exact")


def test_resampling_is_exact_in_the_standard_mode_only(tmp_path: Path) -> None:
    source = write_wav(tmp_path / "r.wav", np.full((4410, 2), 0.5), 44_100)
    assert judged(takes(source)).level == "exact"
    assert judged(takes(source), render=RenderSettings(resample_mode=9)).level == "approximate"


@pytest.mark.parametrize(
    ("source_rate", "offset_s", "fade_s", "level"),
    [
        (44_100, 0.01, 0.0, "approximate"),
        (44_100, 0.01, 0.005, "approximate"),
        (44_100, 0.01, 0.01, "exact"),
        (44_100, 0.0, 0.0, "exact"),
        (48_000, 0.01, 0.0, "exact"),
    ],
)
def test_a_converted_item_that_begins_inside_its_source_needs_a_fade(
    tmp_path: Path, source_rate: int, offset_s: float, fade_s: float, level: str
) -> None:
    source = write_wav(tmp_path / "r.wav", np.full((source_rate, 2), 0.5), source_rate)
    one = track("a", item(source, fade_in=Fade(length_s=fade_s), take={"source_offset_s": offset_s}))
    found = judged(one)
    assert found.level == level
    assert ("inside the source" in " ".join(found.reasons)) is (level == "approximate")


@pytest.mark.parametrize(
    ("source_rate", "level"),
    [(96_000, "exact"), (24_000, "exact"), (88_200, "exact"), (32_000, "approximate"), (8_000, "approximate")],
)
def test_a_pair_of_rates_with_a_filter_of_its_own_is_approximate(tmp_path: Path, source_rate: int, level: str) -> None:
    """The public source of the filter gives 3 or 6 phases a table of their own; no render of that was compared."""
    source = write_wav(tmp_path / "r.wav", np.full((source_rate // 10, 2), 0.5), source_rate)
    found = judged(takes(source))
    assert found.level == level
    assert level == "exact" or f"{source_rate // 1000} to 48 kHz" in found.reasons[0]


APPROXIMATE: list[tuple[str, dict[str, Any], dict[str, Any], dict[str, Any]]] = [
    # what the reason speaks of, facts of the track, of the item, of the take
    ("fade shape 3 on 1 item", {}, {"fade_in": Fade(shape=3.0, length_s=0.01)}, {}),
    (
        "fade shape 1 with a bend on 2 items",
        {},
        dict.fromkeys(("fade_in", "fade_out"), Fade(length_s=0.01, curvature=0.2)),
        {},
    ),
    ("looping", {}, {"loop": True, "length_s": 0.2}, {}),
    ("take pan", {}, {}, {"pan": 0.3}),
    ("mono downmix", {}, {}, {"channel_mode": 2}),
    ("channel mode 5", {}, {}, {"channel_mode": 5}),
    (
        "overlap inside 1 item",
        {},
        {"length_s": 0.1, "fade_in": Fade(shape=0.0, length_s=0.06), "fade_out": Fade(shape=0.0, length_s=0.05)},
        {},
    ),
    ("play rate", {}, {}, {"play_rate": 0.5, "preserve_pitch": False}),
    ("take envelopes", {}, {}, {"envelopes": (envelope((0, 1.0), (1, 0.5), stage="take"),)}),
    ("volume automation", {"envelopes": (envelope((0, 1.0), (1, 0.5)),)}, {}, {}),
    ("stereo width", {"pan_mode": 5, "width": 0.5}, {}, {}),
    ("dual pan", {"pan_mode": 6, "dual_pan": (-0.5, 1.0)}, {}, {}),
    ("REAPER 3", {"pan_mode": 0, "pan": 0.3}, {}, {}),
    ("pan law", {"pan_law": 0.5, "pan": 0.3}, {}, {}),
    ("pan law", {"pan_law": 1.4}, {}, {}),
    ("pan law", {"pan_law_flags": 2, "pan": 0.3}, {}, {}),
    ("more than two channels", {"channels": 4}, {}, {}),
    ("all takes", {}, {"all_takes": True, "takes": (Take(), Take())}, {}),
]


@pytest.mark.parametrize(("words", "on_track", "on_item", "on_take"), APPROXIMATE)
def test_what_is_not_confirmed_is_approximate(
    steady: Source, words: str, on_track: dict[str, Any], on_item: dict[str, Any], on_take: dict[str, Any]
) -> None:
    found = judged(track("a", replace(item(steady, take=on_take), **on_item), **on_track))
    assert found.level == "approximate"
    assert any(words in reason for reason in found.reasons), found.reasons


IMPOSSIBLE: list[tuple[str, Source | None, dict[str, Any], dict[str, Any]]] = [
    ("missing: gone.wav", Source(kind="wave", file="gone.wav"), {}, {}),
    ("offline", Source(kind="wave", file="x.wav", offline=True), {}, {}),
    ("MIDI", Source(kind="midi"), {"fx": live(Effect(name="ReaSynth", is_instrument=True))}, {}),
    ("video", Source(kind="video", file="x.mp4"), {}, {}),
    ("metronome", Source(kind="click"), {}, {}),
    ("time-code", Source(kind="ltc"), {}, {}),
    ("dual pan", None, {"pan_mode": 6, "envelopes": (envelope((0, 1.0), target="pan", tag="DUALPANENV2"),)}, {}),
    ("another REAPER project", Source(kind="rpp_project"), {}, {}),
    ("2 effects that only REAPER can run: ReaEQ, ReaComp", None, {"fx": live(EQ, COMP)}, {}),
    ("stretch markers", None, {}, {"stretch_markers": 2}),
    ("pitch", None, {}, {"pitch_semitones": -1.0}),
    ("at its pitch", None, {}, {"play_rate": 1.1}),
    ("take effects", None, {}, {"fx": live(EQ)}),
]


@pytest.mark.parametrize(("words", "source", "on_track", "on_take"), IMPOSSIBLE)
def test_what_only_reaper_can_do_is_impossible(
    steady: Source, words: str, source: Source | None, on_track: dict[str, Any], on_take: dict[str, Any]
) -> None:
    found = judged(track("a", item(source or steady, take=on_take), **on_track))
    assert found.level == "impossible"
    assert any(words in reason for reason in found.reasons), found.reasons


@pytest.mark.parametrize(
    "chain",
    [live(replace(EQ, enabled=False)), live(replace(EQ, offline=True)), live(EQ, enabled=False)],
    ids=["bypassed", "offline", "chain off"],
)
def test_effects_that_are_off_are_no_obstacle(steady: Source, chain: FxChain) -> None:
    assert judged(track("a", item(steady), fx=chain)).level == "exact"


def test_meters_are_no_obstacle(steady: Source) -> None:
    meter = Effect(name="JS: Loudness Meter Peak/RMS/LUFS (Cockos)", kind="js", identifier="analysis/loudness_meter")
    assert judged(track("a", item(steady), fx=live(meter))).level == "exact"


def test_an_unreadable_file_is_impossible(tmp_path: Path) -> None:
    (tmp_path / "x.wv").write_bytes(b"wvpk nothing here")
    found = judged(takes(Source(kind="wavpack", file="x.wv", resolved_path=str(tmp_path / "x.wv"))))
    assert found.level == "impossible"
    assert "x.wv" in found.reasons[0]


def test_only_what_sounds_counts(steady: Source) -> None:
    gone = Source(kind="wave", file="gone.wav")
    silent = (item(gone, mute=True), item(gone, 5.0), item(gone, -3.0, 1.0), item(None), item(Source(kind="empty")))
    assert judged(track("a", item(steady), *silent)).level == "exact"


def test_the_projects_own_play_rate_is_told(steady: Source) -> None:
    assert judged(takes(steady), play_rate=0.9).level == "approximate"
    assert judged(takes(steady), pan=PanSettings(law=0.70794578)).level == "exact"


def test_covered_items_are_told(steady: Source) -> None:
    one = track("a", Item(position_s=0, length_s=0.1, takes=(Take(source=steady),)), item(steady, 0.02, 0.02))
    assert judged(one, item_mix=0).reasons == (
        "another item takes the place of 1 item on 'a': REAPER's own way was not compared",
    )
    assert judged(one, item_mix=1).level == "exact"


def test_names_may_hold_braces(steady: Source) -> None:
    one = replace(takes(steady, pan=0.5), name="{Kick} {0}")
    assert judged(one).reasons == (
        "take pan on 1 item of '{Kick} {0}': REAPER's curve is known from one measurement only",
    )


def test_sessions_need_no_tracks(tmp_path: Path) -> None:
    song = Session(source="made")
    assert not render(song, plan(seconds=0.1), tmp_path / "out")["rough_mix"].any()
