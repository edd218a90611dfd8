from __future__ import annotations

from stemkit.model.audio import Bext, Damage
from tests.rules.stems import Case, case, found, mix, skips, stem

LONG, SHORT = stem("01_Kick.wav", frames=480000), stem("02_Bass.wav", frames=479999)


CASES: dict[str, tuple[Case, Case]] = {
    "SK401": (case("SK401", LONG, stem("02_Bass.wav", frames=480000)), case("SK401", LONG, SHORT)),
    "SK404": (
        case("SK404", stem("01.wav", bext=Bext(time_reference_samples=172_800_000)), stem("02.wav")),
        case("SK404", stem("01.wav", bext=Bext()), stem("02.wav", bext=Bext(time_reference_samples=1))),
    ),
    "SK405": (case("SK405", stem(tail_cut=False)), case("SK405", stem(tail_cut=True, tail_level_dbfs=-20.0))),
    "SK407": (
        case("SK407", stem(lead_silence_frames=4800), profile="library-music"),
        case("SK407", stem(lead_silence_frames=4801), profile="library-music"),
    ),
}


def test_one_sample_of_difference_is_one_finding_on_the_set_with_both_lengths() -> None:
    finding = found("SK401", LONG, SHORT)[0]
    assert (finding.subject, finding.severity) == ("the set", "error")
    assert "479999 samples" in finding.message
    assert "480000 samples" in finding.message
    assert finding.measured == round(1 / 48000, 6)


def test_without_a_mix_nobody_is_odd_however_many_agree() -> None:
    many = [stem(f"0{n}_A.wav", frames=480000) for n in range(1, 8)]
    message = found("SK401", *many, stem("08_B.wav", frames=500000))[0].message
    assert message.endswith("Nothing says which is right.")


def test_a_mix_of_one_of_the_lengths_names_the_odd_ones() -> None:
    message = found("SK401", LONG, SHORT, mix(frames=479999))[0].message
    assert message.endswith("so these differ: 01_Kick.wav.")


def test_a_mix_of_a_third_length_is_no_evidence() -> None:
    message = found("SK401", LONG, SHORT, mix(frames=600000))[0].message
    assert "yet another length" in message
    assert "so these differ" not in message


def test_a_mix_that_is_longer_than_equal_stems_is_fine() -> None:
    assert not found("SK401", LONG, stem("02_Bass.wav"), mix(frames=600000))


def test_equal_lengths_in_seconds_at_two_rates_are_equal() -> None:
    other = stem("02_Bass.wav", sample_rate=44100, frames=441000)
    assert not found("SK401", LONG, other)
    assert found("SK401", LONG, stem("02_Bass.wav", sample_rate=44100, frames=441002))


def test_a_cut_off_file_is_damaged_and_says_nothing_about_the_export_range() -> None:
    cut = stem("02_Bass.wav", frames=1000, damage=(Damage(code="truncated", message="cut"),), audio=None)
    assert not found("SK401", LONG, stem("03_Pad.wav"), cut)


def test_time_stamps_are_compared_as_times_not_as_counts() -> None:
    one, two = Bext(time_reference_samples=48000), Bext(time_reference_samples=44100)
    files = (stem("01.wav", bext=one), stem("02.wav", sample_rate=44100, bext=two))
    assert not found("SK404", *files)
    moved = found("SK404", stem("01.wav", bext=one), stem("02.wav", bext=two))[0]
    assert "0:00.919 (02.wav); 0:01.000 (01.wav)" in moved.message
    assert moved.fix is not None
    assert moved.fix.safe


def test_loops_may_end_while_they_sound() -> None:
    assert not found("SK405", stem(tail_cut=True), profile="game-music")
    assert found("SK405", stem(tail_cut=True), profile="library-music")[0].severity == "error"


def test_a_file_too_short_to_tell_is_skipped() -> None:
    assert skips("SK405", stem(tail_cut=None))


def test_silence_before_a_late_entry_is_right_where_stems_start_together() -> None:
    assert not found("SK407", stem(lead_silence_frames=400000))
