from __future__ import annotations

import string

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stemkit.rules.words import leading_number, stem_of, without_number, words
from tests.rules.stems import Case, case, found, mix, report_on, skips, stem

NETFLIX = "LH_BodyAndSoul_MASTER_48k_24b_6ch_L_v04.wav"  # the example of article 1500000261101
CASES: dict[str, tuple[Case, Case]] = {
    "SK601": (case("SK601", stem("05_Synth_Lead.wav")), case("SK601", stem("Synth_Lead.wav"))),
    "SK602": (case("SK602", stem("05_Synth-Lead.wav")), case("SK602", stem("05_Synth Lead.wav"))),
    "SK603": (
        case("SK603", stem("01_A.wav"), stem("02_B.wav")),
        case("SK603", stem("01_A.wav"), stem("01_B.wav")),
    ),
    "SK604": (
        case("SK604", stem("01_A.wav"), stem("10_B.wav")),
        case("SK604", stem("1_A.wav"), stem("10_B.wav")),
    ),
    "SK605": (case("SK605", stem("01_Kick.wav")), case("SK605", stem("Audio_01.wav"))),
    "SK606": (
        case("SK606", stem("Kick.wav"), stem("Kick2.wav")),
        case("SK606", stem("Kick.wav"), stem("kick.wav")),
    ),
    "SK607": (case("SK607", stem("01_Auxiliary.wav")), case("SK607", stem("AUX.wav"))),
    "SK608": (
        case("SK608", stem(NETFLIX), profile="netflix-music-archive"),
        case("SK608", stem(NETFLIX, sample_rate=44100), profile="netflix-music-archive"),
    ),
}


# The eight names are the guide's own (G4).
@pytest.mark.parametrize(
    "name",
    ["01_Kick", "02_Snare", "03_HiHats", "04_Bass", "05_Synth_Lead", "06_Synth_Pad", "07_Vocals_Lead",
     "08_Vocals_Harmony", "09_FX", "101_Choir", "07_Vocals_Lead_Dry"],
)  # fmt: skip
def test_the_guides_names_pass_every_rule(name: str) -> None:
    report = report_on(stem(f"{name}.wav"), rules=("SK6",))
    assert [f.rule for f in report.findings] == []


@pytest.mark.parametrize("name", ["Kick.wav", "1_Kick.wav", "01Kick.wav", "01-Kick.wav", "01_.wav", "0001_Kick.wav"])
def test_other_forms_do_not(name: str) -> None:
    assert [f.severity for f in found("SK601", stem(name))] == ["warning"]


def test_wrong_characters_alone_are_told_once() -> None:
    file = stem("01_Gr\u00fc\u00dfe an Bass.wav")
    assert not found("SK601", file)
    assert found("SK602", file)[0].measured == "\u00fc\u00df "


@pytest.mark.parametrize("character", ["\x1b", "\u202e", "\n", ":", "?", "*", '"', "<", "|", "\\"])
def test_characters_that_no_system_should_see_are_named_visibly(character: str) -> None:
    finding = found("SK602", stem(f"01_Ki{character}ck.wav"), profile="mix-prep-lenient")[0]
    assert finding.message.isprintable()


def test_an_accent_stored_in_two_characters_is_the_same_accent() -> None:
    composed, decomposed = stem("01_Caf\u00e9.wav"), stem("01_Cafe\u0301.wav")
    assert found("SK602", composed)[0].measured == found("SK602", decomposed)[0].measured


@pytest.mark.parametrize(
    "name",
    ["Track 3", "Audio_01", "01", "New Track", "audio track 12", "NewTrack3", "MIDI 1", "Inst_4", "Stem_3",
     "03_Untitled", "Bounce-2", "Spur 7", "Track_3_Dry"],
)  # fmt: skip
def test_names_that_say_nothing(name: str) -> None:
    assert [f.severity for f in found("SK605", stem(f"{name}.wav"))] == ["warning"]


@pytest.mark.parametrize("name", ["01_FX", "Bus_Drums", "808", "Audio_Guitar", "Track_3_Vox", "03_909", "\u6b4c"])
def test_names_that_say_something(name: str) -> None:
    assert not found("SK605", stem(f"{name}.wav"))


def test_a_number_given_twice_is_a_warning_and_a_gap_a_note() -> None:
    files = [stem(f"{name}.wav") for name in ("01_A", "02_B", "02_C", "05_D")]
    twice, missing = found("SK603", *files)
    assert (twice.severity, missing.severity) == ("warning", "note")
    assert "2: 02_B.wav, 02_C.wav" in twice.message
    assert missing.measured == "3, 4"


def test_variants_share_the_number_of_their_stem() -> None:
    files = (
        stem("Stems/07_Vox.wav"),
        stem("Stems_Dry/07_Vox_Dry.wav", variant="dry"),
        stem("Stems/08_FX.wav"),
        stem("Stems/07_Vox_Wet.wav", variant="wet"),
    )
    assert not found("SK603", *files)


def test_a_drum_machine_is_no_number() -> None:
    assert not found("SK603", stem("01_Kick.wav"), stem("808_Bass.wav"), stem("02_Snare.wav"))


def test_numbers_are_not_asked_for_where_the_profile_does_not() -> None:
    assert not found("SK603", stem("01_A.wav"), stem("01_B.wav"), profile="library-music")


def test_padding_names_those_that_sort_wrongly() -> None:
    finding = found("SK604", stem("1_A.wav"), stem("2_B.wav"), stem("10_C.wav"))[0]
    assert finding.message.endswith("1_A.wav, 2_B.wav.")
    assert (finding.severity, finding.expected) == ("note", "2 digits")


@pytest.mark.parametrize(
    ("one", "other", "collide"),
    [
        ("Stems/Kick.wav", "stems/kick.WAV", True),
        ("A/Kick.wav", "B/kick.wav", False),
        ("Caf\u00e9.wav", "Cafe\u0301.wav", True),
        ("Kick.wav", "Kick.wave", False),
    ],
)
def test_names_that_become_one_on_other_systems(one: str, other: str, collide: bool) -> None:
    assert bool(found("SK606", stem(one), mix(other))) is collide


@pytest.mark.parametrize("name", ["CON", "nul", "Com1", "LPT9", "aux.old"])
def test_names_that_windows_cannot_create(name: str) -> None:
    assert [f.severity for f in found("SK607", stem(f"{name}.wav"))] == ["error"]


@pytest.mark.parametrize(
    ("name", "severity"),
    [("a" * 64, None), ("a" * 65, "warning"), ("a" * 260, "error"), ("Kick.", "warning"), ("Kick ", "warning"),
     ("Console", None), ("COM10", None)],
)  # fmt: skip
def test_length_and_endings(name: str, severity: str | None) -> None:
    assert [f.severity for f in found("SK607", stem(f"{name}.wav"))] == ([severity] if severity else [])


@pytest.mark.parametrize(
    ("name", "facts", "wrong"),
    [
        (NETFLIX.replace("24b", "16b"), {}, "16"),
        (NETFLIX.replace("48k", "44k"), {}, "44"),
        (NETFLIX.replace("48k", "44k"), {"sample_rate": 44100}, None),
        (NETFLIX.replace("48k", "13k"), {}, "13"),
    ],
)
def test_what_the_name_states_is_held_to_the_header(name: str, facts: dict[str, int], wrong: str | None) -> None:
    told = found("SK608", stem(name, **facts), profile="netflix-music-archive")
    assert [f.expected for f in told] == ([wrong] if wrong else [])


@given(
    rate=st.sampled_from([44100, 48000, 88200, 96000, 192000]),
    said=st.sampled_from(["44", "48", "88", "96", "192"]),
    bits=st.sampled_from([16, 24, 32]),
    said_bits=st.sampled_from([16, 24, 32]),
)
@settings(max_examples=40, deadline=None)
def test_a_name_is_wrong_exactly_where_it_differs_from_the_header(
    rate: int, said: str, bits: int, said_bits: int
) -> None:
    name = f"LH_Song_STEM_Bass_{said}k_{said_bits}b_mono_v01.wav"
    agrees = rate // 1000 == int(said) and bits == said_bits
    file = stem(name, sample_rate=rate, bits=bits)
    assert bool(found("SK608", file, profile="netflix-music-archive")) is not agrees


def test_a_rate_in_any_name_counts_but_a_bit_crusher_does_not() -> None:
    assert found("SK608", stem("01_Kick_44.1kHz.wav"))
    assert not found("SK608", stem("01_Kick_48k.wav"))
    assert not found("SK608", stem("01_16bit_Lead.wav"))
    assert not found("SK608", stem("01_148k.wav"))


def test_a_header_that_says_nothing_cannot_contradict() -> None:
    assert skips("SK608", stem("01_Kick_48k.wav", sample_rate=None))


def test_the_netflix_example_passes_its_own_pattern() -> None:
    assert not report_on(stem(NETFLIX, channels=1), profile="netflix-music-archive", rules=("SK6",)).findings


@pytest.mark.parametrize(
    ("name", "told"),
    [("RoughMix_v2", ("rough", "mix", "v", "2")), ("05-Synth Lead", ("05", "synth", "lead")), ("2Mix", ("2", "mix")),
     ("BLÄSER", ("bläser",)), ("", ())],
)  # fmt: skip
def test_words(name: str, told: tuple[str, ...]) -> None:
    assert words(name) == told


def test_paths_lose_folder_and_extension_only() -> None:
    assert stem_of("a.b/01_Kick.v2.wav") == "01_Kick.v2"
    assert stem_of("Mr. Smith") == "Mr. Smith"
    assert stem_of(".wav") == ".wav"
    assert without_number("12 - Bass") == "Bass"


@given(st.text(max_size=40))
@settings(max_examples=150, deadline=None)
def test_any_name_is_judged_without_falling_over(name: str) -> None:
    report = report_on(stem(f"{name.replace('/', '_')}.wav"), rules=("SK6",))
    assert all(f.message.isprintable() for f in report.findings if f.rule == "SK602")


@given(number=st.integers(0, 999), text=st.text(string.ascii_letters, min_size=2, max_size=10))
@settings(max_examples=60, deadline=None)
def test_a_number_taken_off_leaves_the_rest(number: int, text: str) -> None:
    name = f"{number:03d}_{text}"
    if leading_number(name) is not None:
        assert without_number(name) == text
        assert leading_number(name) == f"{number:03d}"
