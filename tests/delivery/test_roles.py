from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stemkit.delivery.roles import RoleDecision, decide_roles, ignored_because, looks_like_audio

STEMS = ("01_Kick.wav", "02_Snare.wav", "03_Bass.wav")


def decide(path: str, *others: str) -> RoleDecision:
    return next(d for d in decide_roles([path, *(others or STEMS)]) if d.path == path)


@pytest.mark.parametrize(
    "path",
    ["Rough_Mix.wav", "RoughMix.wav", "rough mix.wav", "00_Rough_Mix.wav", "Mix.wav", "Master.wav", "MySong_Mix.wav",
     "My Song - Rough Mix v2.wav", "Song_RoughMix_24bit_48k.wav", "Mix/Song.wav", "Song Master 2.wav", "Mixdown.wav",
     "Song_Premaster.wav", "Rough/Aurora.wav", "2Mix.wav", "Full Mix 120bpm.wav",
     "My Song_Stereo Out.wav", "Aurora - Master Out.wav", "Main Out 1.wav", "Song Stereo Bounce.wav"],
)  # fmt: skip
def test_a_mix_is_known_by_its_name(path: str) -> None:
    decision = decide(path)
    assert decision.role == "rough_mix"
    assert decision.reason


@pytest.mark.parametrize(
    "path",
    ["Mix_Bus_FX.wav", "03_Remix_Vox.wav", "04_Drum_Mix.wav", "Drum Mix.wav", "Master_Keys.wav", "05_Mixed_Emotions.wav",
     "04_Rough_Vocal.wav", "Master Bus.wav", "06_Refrain.wav", "Ref_Guitar.wav", "12_Song_Mix.wav", "Mixer_Noise.wav",
     "Preference_Pad.wav", "07_Proof_Vox_Mix.wav", "Bounce_FX.wav", "Mix_Vocals.wav",
     "Fade Out.wav", "Reverb Stereo Out.wav", "Zither Bounce 2 Out.wav"],
)  # fmt: skip
def test_a_stem_does_not_become_the_mix_or_a_reference(path: str) -> None:
    assert decide(path).role == "stem"


@pytest.mark.parametrize(
    "path",
    ["References/Song.mp3", "Reference/a/Song.flac", "Refs/Mix.wav", "Reference_1.wav", "Ref - Artist - Song.mp3"],
)
def test_a_reference_is_known_by_folder_or_name(path: str) -> None:
    assert decide(path).role == "reference"


def test_a_proof_mix_is_told_from_a_rough_mix() -> None:
    assert decide("Mix/Proof_Mix.wav").role == "proof_mix"


def test_a_folder_named_mix_that_holds_many_files_holds_stems() -> None:
    paths = [f"Mix/Part {letter}.wav" for letter in "ABCDE"]
    assert {d.role for d in decide_roles(paths)} == {"stem"}


def test_the_one_bounce_among_parts_is_the_mix() -> None:
    parts = ("Kick.wav", "Bass Guitar.wav", "Lead Vocal.wav", "Zither.wav")
    assert decide("My Song Bounce.wav", *parts).role == "rough_mix"
    assert decide("My Song Bounce.wav", *parts, "Strings Master.wav").role == "stem"
    assert decide("My Song Bounce.wav", "Zither.wav", "Gong.wav", "Bass.wav").role == "stem"


def test_a_weak_word_is_not_enough_where_stems_have_no_numbers() -> None:
    assert decide("Zither Mix.wav", "Kazoo.wav", "Theremin.wav", "Gong.wav").role == "stem"
    assert decide("Rough Mix.wav", "Kazoo.wav", "Theremin.wav").role == "rough_mix"


def test_a_weak_word_is_enough_behind_the_title_that_the_stems_begin_with() -> None:
    stems = ("Aurora_Kick.wav", "Aurora_Zither.wav", "Aurora_Gong.wav")
    assert decide("Aurora_Mix.wav", *stems).role == "rough_mix"
    assert decide("Zither_Mix.wav", *stems).role == "stem"
    assert decide("Song_MIX.wav", "Song_STEMS/Song_STEM_01.wav", "Song_STEMS/Song_STEM_02.wav").role == "rough_mix"
    assert decide("mixture.wav", "drums.wav", "bass.wav", "other.wav", "vocals.wav").role == "rough_mix"


def test_the_one_file_beside_a_folder_of_stems_is_the_mix() -> None:
    assert decide("Aurora.wav", "Stems/Kick.wav", "Stems/Bass.wav").role == "rough_mix"
    assert decide("Aurora.wav", "Stems/Kick.wav", "Stems/Bass.wav", "Rough_Mix.wav").role == "stem"
    assert decide("Click.wav", "Stems/Kick.wav", "Stems/Bass.wav").role == "stem"
    assert decide("Aurora.wav", "Other/Kick.wav", "Other/Bass.wav").role == "stem"


def test_what_the_user_says_is_never_doubted() -> None:
    decisions = decide_roles(["01_Kick.wav", "Rough_Mix.wav"], mix="01_Kick.wav", references=["Rough_Mix.wav"])
    assert [(d.role, d.reason) for d in decisions] == [
        ("rough_mix", "named with --mix"),
        ("reference", "named with --reference"),
    ]


@pytest.mark.parametrize(
    ("paths", "expected"),
    [
        (
            ["Stems/07_Vox.wav", "Stems_Dry/07_Vox_Dry.wav", "Stems_Wet/07_Vox_Wet.wav"],
            [("stem", None), ("dry", "Stems/07_Vox.wav"), ("wet", "Stems/07_Vox.wav")],
        ),
        (["07_Vox.wav", "07_Vox_Dry.wav"], [("stem", None), ("dry", "07_Vox.wav")]),
        (["Vox_Dry.wav", "Vox_Wet.wav"], [("dry", "Vox_Wet.wav"), ("stem", None)]),
        (["07_Vox_Dry.wav", "08_Bass.wav"], [("stem", None), ("stem", None)]),
        (["Dry/Vox.wav", "Bass.wav"], [("dry", None), ("stem", None)]),
        (["Synth_2.wav", "Synth_2_Dry.wav", "Synth_1.wav"], [("stem", None), ("dry", "Synth_2.wav"), ("stem", None)]),
        (["Wet_Dry_World.wav", "World.wav"], [("stem", None), ("stem", None)]),
    ],
)
def test_dry_and_wet_twins_find_each_other(paths: list[str], expected: list[tuple[str, str | None]]) -> None:
    assert [(d.variant, d.partner) for d in decide_roles(paths)] == expected


@pytest.mark.parametrize(
    ("path", "ignored"),
    [(".DS_Store", True), ("._01_Kick.wav", True), ("a/.git/x.wav", True), ("01_Kick.wav.reapeaks", True),
     ("Thumbs.db", True), ("__MACOSX/01_Kick.wav", True), ("01_Kick.wav", False), ("Brief.md", False)],
)  # fmt: skip
def test_leavings_are_no_part_of_a_delivery(path: str, ignored: bool) -> None:
    assert (ignored_because(path) is not None) is ignored


@pytest.mark.parametrize(("path", "audio"), [("a.WAV", True), ("a.mp3", True), ("wav", False), ("a.txt", False)])
def test_audio_by_extension(path: str, audio: bool) -> None:
    assert looks_like_audio(path) is audio


NAMES = st.lists(st.text(st.characters(exclude_characters="/\x00"), min_size=1, max_size=12), min_size=1, max_size=3)


@given(st.lists(NAMES.map("/".join), max_size=6, unique=True))
@settings(max_examples=100, deadline=None)
def test_any_paths_get_one_decision_each_in_their_order(paths: list[str]) -> None:
    decisions = decide_roles(paths)
    assert [d.path for d in decisions] == paths
    stems = {d.path for d in decisions if d.role == "stem"}
    assert all(d.partner in stems and d.partner != d.path for d in decisions if d.partner is not None)
