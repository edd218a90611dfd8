from __future__ import annotations

from typing import Any

import pytest

from stemkit.model.audio import Bext, Damage, Ixml, LossyEvidence
from stemkit.model.session import Session
from tests.rules.stems import Case, case, found, mix, skips, stem

CUT = Damage(code="truncated", message="the file ends after 2 s of the 5 s its header promises")
ODD = Damage(code="no_pad", message="the pad byte is missing", fatal=False)
LOSSY = LossyEvidence(suspected=True, confidence=0.95, cutoff_hz=16000.0, explanation="Bands above are empty.")
AT_44: dict[str, Any] = {"sample_rate": 44100, "frames": 441000}

CASES: dict[str, tuple[Case, Case]] = {
    "SK201": (case("SK201", stem()), case("SK201", stem(container="mp3", encoding=None))),
    "SK202": (case("SK202", stem(encoding="float32")), case("SK202", stem(encoding="pcm16", bits=16))),
    "SK203": (case("SK203", stem(), mix()), case("SK203", stem(**AT_44), mix())),
    "SK204": (case("SK204", stem()), case("SK204", stem(damage=(CUT,), audio=None))),
    "SK205": (case("SK205", stem(channels=2)), case("SK205", stem(channels=6))),
    "SK206": (case("SK206", stem()), case("SK206", stem(lossy=LOSSY))),
    "SK207": (case("SK207", stem(effective_bits=17)), case("SK207", stem(effective_bits=16))),
    "SK208": (case("SK208", stem()), case("SK208", stem(upsampled_from_hz=44100))),
    "SK209": (case("SK209", stem()), case("SK209", stem(non_finite=1, non_finite_at_frame=48000))),
    "SK210": (
        case("SK210", stem(ixml=Ixml(file_sample_rate=48000, bit_depth=24, track_count=1))),
        case("SK210", stem(ixml=Ixml(file_sample_rate=44100))),
    ),
}


@pytest.mark.parametrize(
    ("container", "severity"),
    [("mp3", "error"), ("ogg", "error"), ("m4a", "error"), ("other", "error"), ("flac", "warning"),
     ("aiff", "warning"), ("w64", "warning"), ("rf64", None), ("bw64", None), ("wav", None)],
)  # fmt: skip
def test_what_is_no_wav_is_an_error_only_where_sound_was_lost(container: str, severity: str | None) -> None:
    assert [f.severity for f in found("SK201", stem(container=container))] == ([severity] if severity else [])


def test_an_mp3_that_is_named_wav_is_told_by_its_content_and_judged_on() -> None:
    file = stem(container="mp3", encoding=None, sample_peak_dbfs=-1.0)
    assert "although it is named .wav" in found("SK201", file)[0].message
    assert len(found("SK301", file)) == 1
    assert [s.reason for s in skips("SK202", file)] == ["SK201 not-wav failed"]


def test_references_may_be_lossy_but_not_damaged() -> None:
    song = stem("References/Song.mp3", role="reference", container="mp3", sample_peak_dbfs=0.2, lossy=LOSSY)
    assert not found("SK201", song)
    assert not found("SK206", song)
    assert not found("SK301", song)
    broken = stem("References/Song.mp3", role="reference", container="mp3", damage=(CUT,), audio=None)
    assert [f.rule for f in found("SK204", broken)] == ["SK204"]


def test_more_bits_than_asked_for_are_a_note() -> None:
    assert [f.severity for f in found("SK202", stem(encoding="float64"))] == ["note"]
    assert [f.severity for f in found("SK202", stem(encoding="pcm16"))] == ["warning"]
    assert [f.severity for f in found("SK202", stem(encoding="pcm16"), profile="netflix-music-archive")] == ["error"]
    assert not found("SK202", stem(encoding="pcm16"), profile="game-music")


def test_the_mix_decides_on_the_rate_and_the_project_before_it() -> None:
    at_44 = stem("02_Bass.wav", **AT_44)
    accused = found("SK203", stem(), at_44, mix())
    assert [(f.subject, f.severity) for f in accused] == [("02_Bass.wav", "error")]
    project = Session(source="made", sample_rate=44100, sample_rate_forced=True)
    accused = found("SK203", stem(), at_44, mix(), session=project)
    assert [f.subject for f in accused] == ["01_Kick.wav", "Rough_Mix.wav"]
    assert "the project has 44.1 kHz" in accused[0].message


def test_without_a_mix_a_set_that_disagrees_gets_one_finding_and_nobody_is_accused_by_majority() -> None:
    files = [stem(f"0{n}_A.wav") for n in range(1, 8)] + [stem("08_B.wav", **AT_44)]
    disagreement = found("SK203", *files)
    assert [(f.subject, f.severity) for f in disagreement] == [("the set", "warning")]
    assert "44.1 kHz: 08_B.wav; 48 kHz: 01_A.wav" in disagreement[0].message


def test_a_project_that_forces_no_rate_says_nothing_about_it() -> None:
    project = Session(source="made", sample_rate=44100, sample_rate_forced=False)
    assert not found("SK203", stem(), session=project)


def test_a_profile_with_a_list_of_rates_needs_no_mix() -> None:
    assert [f.subject for f in found("SK203", stem(**AT_44), profile="atmos-music-source")] == ["01_Kick.wav"]
    assert not found("SK203", stem(sample_rate=96000), profile="atmos-music-source")


def test_what_needs_sound_is_skipped_for_a_damaged_file_with_the_reason() -> None:
    file = stem(damage=(CUT,), audio=None, unreadable=CUT.message)
    assert "The file ends after 2 s" in found("SK204", file)[0].message
    for rule in ("SK301", "SK303", "SK501", "SK405"):
        assert [s.reason for s in skips(rule, file)] == ["SK204 damaged-file failed"], rule


def test_an_oddity_of_the_container_is_a_note_and_stops_no_rule() -> None:
    assert [f.severity for f in found("SK204", stem(damage=(ODD,)))] == ["note"]
    assert found("SK301", stem(damage=(ODD,), sample_peak_dbfs=0.0))


def test_an_unfinished_upload_is_a_question_and_says_from_when_on() -> None:
    zeros = Damage(code="zero_tail", message="only zeros", offset=44 + 3 * 96000, fatal=False)
    finding = found("SK204", stem(damage=(zeros,), data_offset=44, block_align=3, declared_data_bytes=3 * 480000))[0]
    assert (finding.severity, [(w.start_s, w.end_s) for w in finding.where]) == ("warning", [(2.0, 10.0)])
    assert finding.fix is not None
    assert finding.fix.kind == "resend"


def test_a_file_that_was_cut_off_says_where() -> None:
    cut = Damage(code="truncated", message="the file ends", offset=44 + 3 * 48000)
    file = stem(damage=(cut,), audio=None, data_offset=44, block_align=3, declared_data_bytes=3 * 480000)
    assert [(w.start_s, w.end_s) for w in found("SK204", file)[0].where] == [(1.0, 10.0)]
    absurd = stem(damage=(cut,), audio=None, data_offset=44, block_align=3, declared_data_bytes=1 << 62)
    assert found("SK204", absurd)[0].where == ()


@pytest.mark.parametrize(
    ("converted", "own", "origin_hz", "severity"),
    [(1, 0, 44100, "note"), (1, 1, 44100, "note"), (2, 2, 44100, "warning"), (2, 3, 44100, "note"),
     (3, 2, 44100, "warning"), (3, 0, 22050, "note"), (3, 0, 32000, "note")],
)  # fmt: skip
def test_a_sample_of_another_rate_in_one_stem_is_no_converted_delivery(
    converted: int, own: int, origin_hz: int, severity: str
) -> None:
    files = [
        stem(f"{n:02d}_A.wav", upsampled_from_hz=origin_hz if n <= converted else None)
        for n in range(1, converted + own + 1)
    ]
    silent = stem("99_B.wav", sample_peak_dbfs=None)
    assert [f.severity for f in found("SK208", *files, silent)] == [severity] * converted


def test_a_codec_that_this_machine_lacks_is_no_fault_of_the_file() -> None:
    file = stem("Song.m4a", role="reference", container="m4a", audio=None, unreadable="no decoder for AAC here")
    assert not found("SK204", file)
    assert [s.reason for s in skips("SK204", file)] == ["no decoder for AAC here"]
    plain = stem(audio=None, unreadable="the samples make no sense")
    assert [f.severity for f in found("SK204", plain)] == ["error"]


@pytest.mark.parametrize(
    ("confidence", "severity"), [(0.49, None), (0.5, "warning"), (0.79, "warning"), (0.8, "error"), (1.0, "error")]
)
def test_a_lossy_past_is_an_error_only_where_the_evidence_is_strong(confidence: float, severity: str | None) -> None:
    evidence = LossyEvidence(suspected=True, confidence=confidence, cutoff_hz=16000.0)
    assert [f.severity for f in found("SK206", stem(lossy=evidence))] == ([severity] if severity else [])


def test_a_compressed_codec_inside_a_wav_is_lossy_by_its_header() -> None:
    assert "IMA ADPCM" in found("SK206", stem(encoding="other", codec="IMA ADPCM"))[0].message


def test_a_sound_too_short_for_a_spectrum_is_skipped_not_passed() -> None:
    assert skips("SK206", stem(lossy=None))
    assert not found("SK206", stem(lossy=None))


def test_sixteen_bits_are_no_padding_in_a_16_bit_file() -> None:
    assert not found("SK207", stem(encoding="pcm16", bits=16, effective_bits=16), profile="game-music")
    assert found("SK207", stem(encoding="float32", bits=32, effective_bits=16))


@pytest.mark.parametrize(
    ("facts", "severity"),
    [
        ({"ixml": Ixml(bit_depth=16)}, "note"),
        ({"ixml": Ixml(well_formed=False)}, "note"),
        ({"ixml": Ixml(track_count=2)}, "note"),
        ({"ixml": Ixml(timestamp_samples=480), "bext": Bext(time_reference_samples=960)}, "note"),
        ({"bext": Bext(coding_history="A=PCM,F=48000,W=24\r\nA=PCM,F=44100,W=24,M=mono,T=x\r\n")}, "warning"),
        ({"bext": Bext(coding_history="A=ANALOG\r\nA=PCM,F=48000,W=24,M=mono,T=x\r\n")}, None),
        ({"ixml": Ixml(), "bext": Bext()}, None),
    ],
)
def test_only_metadata_that_really_contradicts_the_header_is_named(facts: dict[str, Any], severity: str | None) -> None:
    assert [f.severity for f in found("SK210", stem(**facts))] == ([severity] if severity else [])
