from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stemkit.render.instruments import instrument_class, instrument_rank
from stemkit.render.naming import MAX_NAME_LENGTH, NameSource, clean_name, file_name, name_from_media, stem_names


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("Kick", "Kick"),
        ("lead vox", "Lead_Vox"),
        ("HiHats", "HiHats"),
        ("eBass", "eBass"),
        ("Synth - Lead", "Synth_Lead"),
        ("Lo-Fi Keys", "Lo-Fi_Keys"),
        ("Vox (double) #2", "Vox_Double_2"),
        ("Don't stop", "Dont_Stop"),
        ("Kick+Snare", "Kick_And_Snare"),
        ("snare-top", "Snare-top"),
        ("Gitarre süß", "Gitarre_Suss"),
        ("Вокал", "Vokal"),
        ("鼓", "Gu"),
        ("ドラム", "Doramu"),
        ("F♯ pad", "Fsharp_Pad"),
        ("a/b\\c:d", "A_B_C_D"),
        ("_Kick_", "Kick"),
        ("Kick__In", "Kick_In"),
        ("...", ""),
        ("🎸", "Guitar"),
        ("", ""),
    ],
)
def test_any_text_becomes_legal(written: str, name: str) -> None:
    assert clean_name(written) == name


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("01_Kick", "Kick"),
        ("1. Kick", "Kick"),
        ("12 - Bass", "Bass"),
        ("03 Snare", "Snare"),
        ("7) Vox", "Vox"),
        ("[04] Gtr", "Gtr"),
        ("#5 Gtr", "Gtr"),
        ("01Kick", "Kick"),
        ("001-Kick", "Kick"),
        ("808 Bass", "808_Bass"),
        ("909-Hat", "909-Hat"),
        ("12 String Gtr", "12_String_Gtr"),
        ("3-Band EQ", "3-Band_EQ"),
        ("2nd Guitar", "2nd_Guitar"),
        ("5.1 Channel bed", "5_1_Channel_Bed"),
        ("4klang", "4klang"),
        ("5.50", "5_50"),
        ("7", "7"),
        ("Vox 2", "Vox_2"),
    ],
)
def test_a_number_in_front_is_dropped_unless_it_belongs_to_the_name(written: str, name: str) -> None:
    assert clean_name(written) == name


@pytest.mark.parametrize(
    ("path", "name"),
    [
        (r"C:\Songs\Audio\03-Kick-240101_1203.wav", "03-Kick"),
        ("media/Kick-240101_1203-02.wav", "Kick"),
        ("Vox-glued.wav", "Vox"),
        ("Lead Gtr-imported-003.wav", "Lead Gtr"),
        ("Take 7.wav", "Take 7"),
    ],
)
def test_a_recording_names_its_track(path: str, name: str) -> None:
    assert name_from_media(path) == name


def named(*names: str) -> tuple[str, ...]:
    return stem_names([NameSource(name=name) for name in names])


def test_an_unnamed_track_takes_the_first_fallback_that_says_something() -> None:
    assert stem_names([NameSource(name=" ", fallbacks=("", "03-Kick")), NameSource(name="--")]) == ("Kick", "Track_2")


def test_namesakes_take_the_name_of_their_folder_before_a_number() -> None:
    sources = [
        NameSource(name="Gtr", folder="Verse"),
        NameSource(name="gtr", folder="Chorus"),
        NameSource(name="Gtr"),
        NameSource(name="Gtr", folder="Chorus"),
    ]
    assert stem_names(sources) == ("Gtr_Verse", "Gtr_Chorus", "Gtr", "Gtr_Chorus_2")


def test_a_number_is_not_given_twice() -> None:
    assert named("Vox", "Vox", "Vox_2") == ("Vox", "Vox_3", "Vox_2")
    assert named("Vox", "VOX", "vox") == ("Vox", "VOX_2", "Vox_3")


def test_a_chosen_name_stays_as_it_is() -> None:
    assert stem_names([NameSource(name="01 kick", chosen=True)]) == ("01_kick",)


@pytest.mark.parametrize("name", ["Aux", "CON", "com1", "lpt9"])
def test_names_that_windows_reserves_are_avoided(name: str) -> None:
    assert named(name)[0].lower() == f"{name.lower()}_track"


def test_long_names_end_at_a_word() -> None:
    (name,) = named("The very long name of a track that somebody typed in a good mood")
    assert name == "The_Very_Long_Name_Of_A_Track_That_Somebody"
    assert len(clean_name("x" * 300)) == MAX_NAME_LENGTH


@pytest.mark.parametrize(("count", "name"), [(9, "07_Kick"), (99, "07_Kick"), (100, "007_Kick"), (1000, "0007_Kick")])
def test_digits_follow_the_count(count: int, name: str) -> None:
    assert file_name(7, "Kick", count=count) == name


def test_variants_share_number_and_name() -> None:
    assert file_name(7, "Vox", count=9, variant="dry") == "07_Vox_Dry"
    assert file_name(7, "Vox", count=9, variant="wet") == "07_Vox_Wet"


@given(st.lists(st.tuples(st.text(max_size=70), st.text(max_size=8), st.booleans()), max_size=8))
def test_names_are_legal_and_different_whatever_comes(rows: list[tuple[str, str, bool]]) -> None:
    names = stem_names([NameSource(name=name, folder=folder, chosen=chosen) for name, folder, chosen in rows])
    assert len({name.lower() for name in names}) == len(rows)
    for name in names:
        assert re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_-]*", name)
        assert len(name) <= MAX_NAME_LENGTH
        assert not name.endswith(("_", "-"))


@given(st.text(max_size=70))
def test_cleaning_twice_changes_nothing_more(text: str) -> None:
    once = clean_name(text, chosen=True)
    assert clean_name(once, chosen=True) == once


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Kick In", "drums"),
        ("Bass Drum", "drums"),
        ("Bassdrum", "drums"),
        ("HiHats", "drums"),
        ("Schlagzeug", "drums"),
        ("Batería", "drums"),
        ("Synth Bass", "bass"),
        ("Bass Guitar", "bass"),
        ("E-Bass", "bass"),
        ("Basse", "bass"),
        ("Lead Guitar", "guitars"),
        ("Acoustic Gtr", "guitars"),
        ("Guitare", "guitars"),
        ("Acoustic Piano", "keys"),
        ("Klavier", "keys"),
        ("Synth_Lead", "synths"),
        ("Lead", "synths"),
        ("Pad 2", "synths"),
        ("Streicher", "strings_brass"),
        ("Trompeta", "strings_brass"),
        ("Vocals_Lead", "vocals"),
        ("LeadVox", "vocals"),
        ("Harmony 1", "vocals"),
        ("Вокал", "vocals"),
        ("Voix", "vocals"),
        ("Vocal FX", "fx"),
        ("Snare Verb", "fx"),
        ("Delay 1/4", "fx"),
        ("Thing", None),
        ("", None),
    ],
)
def test_names_tell_their_instrument(name: str, expected: str | None) -> None:
    assert instrument_class(name) == expected


def test_the_order_is_the_order_of_the_guide() -> None:
    guide = [
        "Kick",
        "Snare",
        "HiHats",
        "Bass",
        "Guitar",
        "Piano",
        "Synth",
        "Strings",
        "Vocals",
        "Harmony",
        "Thing",
        "FX",
    ]
    backwards = list(reversed(guide))
    assert sorted(backwards, key=instrument_rank) == guide
