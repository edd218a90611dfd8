from __future__ import annotations

from dataclasses import replace

import pytest

from stemkit.model.audio import Gap, Run
from stemkit.model.session import Session, Track
from tests.rules.stems import Case, case, found, mix, skips, stem


def gap(noise_dbfs: float | None, seconds: float = 1.0, *, hum_hz: float | None = None) -> Gap:
    end = round(48000 * (2 + seconds))
    return Gap(start_frame=96000, end_frame=end, digital=noise_dbfs is None, noise_dbfs=noise_dbfs, hum_hz=hum_hz)


SILENT = stem(sample_peak_dbfs=None, image="silent", effective_bits=None)
HOLE = Run(start_frame=96000, end_frame=96100, channel=0)
STEREO = stem(channels=2)
CASES: dict[str, tuple[Case, Case]] = {
    "SK501": (case("SK501", stem()), case("SK501", SILENT)),
    "SK502": (case("SK502", STEREO), case("SK502", stem(channels=2, image="left_only"))),
    "SK503": (case("SK503", STEREO), case("SK503", stem(channels=2, image="dual_mono"))),
    "SK504": (case("SK504", STEREO), case("SK504", stem(channels=2, image="inverted"))),
    "SK505": (case("SK505", stem(gaps=(gap(-70.0),))), case("SK505", stem(gaps=(gap(-69.9),)))),
    "SK506": (case("SK506", stem()), case("SK506", stem(dropouts=(HOLE,)))),
    "SK507": (
        case("SK507", stem(channels=2, mono_loss_db=-6.0)),
        case("SK507", stem(channels=2, mono_loss_db=-6.1, mono_loss_at_s=3.0)),
    ),
    "SK508": (case("SK508", stem(subsonic_db=-12.0)), case("SK508", stem(subsonic_db=-11.9))),
}


@pytest.mark.parametrize(("clicks", "holes", "severity"), [(5, 0, "warning"), (6, 0, "note"), (6, 1, "warning")])
def test_a_sound_that_clicks_all_the_time_may_be_vinyl(clicks: int, holes: int, severity: str) -> None:
    file = stem(clicks=(HOLE,), click_count=clicks, dropouts=(HOLE,) * holes)  # ten seconds long
    finding = found("SK506", file)[0]
    assert finding.severity == severity
    assert ("may be the sound itself" in finding.message) is (severity == "note")


@pytest.mark.parametrize(("clicks", "severity"), [(1, "warning"), (2, "warning"), (3, "note")])
def test_one_click_in_a_short_sound_is_no_vinyl(clicks: int, severity: str) -> None:
    file = stem(clicks=(HOLE,), click_count=clicks, frames=48_000)
    assert found("SK506", file)[0].severity == severity


def test_an_empty_file_is_an_error_for_every_role() -> None:
    assert found("SK501", SILENT)[0].severity == "error"
    assert found("SK501", mix(sample_peak_dbfs=None))
    assert found("SK501", stem("Ref.wav", role="reference", sample_peak_dbfs=None))


@pytest.mark.parametrize(("peak_dbfs", "severity"), [(-59.9, None), (-60.0, None), (-60.1, "warning")])
def test_what_is_almost_silent_is_a_question(peak_dbfs: float, severity: str | None) -> None:
    assert [f.severity for f in found("SK501", stem(sample_peak_dbfs=peak_dbfs))] == ([severity] if severity else [])


def test_dither_alone_is_silence() -> None:
    dithered = stem(sample_peak_dbfs=-93.0, image="silent")
    assert [f.severity for f in found("SK501", dithered)] == ["error"]


def test_a_header_without_samples_says_so() -> None:
    assert "has no samples" in found("SK501", stem(frames=0, sample_peak_dbfs=None))[0].message


def test_a_silent_file_gets_one_finding_and_not_nine() -> None:
    for rule in ("SK302", "SK405", "SK502", "SK503", "SK504", "SK505", "SK506", "SK507", "SK508"):
        assert not found(rule, SILENT), rule
        assert [s.reason for s in skips(rule, SILENT)] == ["SK501 silent failed"], rule


def panned(pan: float, name: str = "Gtr Left") -> Session:
    return Session(source="made", tracks=(Track(guid="{1}", index=0, name=name, pan=pan),))


@pytest.mark.parametrize(
    ("image", "pan", "name", "explained"),
    [
        ("left_only", -1.0, "Gtr Left", True),
        ("right_only", 1.0, "Gtr Left", True),
        ("left_only", 1.0, "Gtr Left", False),
        ("left_only", -0.9, "Gtr Left", False),
        ("left_only", -1.0, "Gtr Right", False),
    ],
)
def test_a_hard_pan_in_the_project_explains_a_silent_side(image: str, pan: float, name: str, explained: bool) -> None:
    file = stem("04_Gtr_Left.wav", channels=2, image=image)
    finding = found("SK502", file, session=panned(pan, name))[0]
    assert (finding.handled is not None) is explained
    assert finding.severity == "note"


def test_two_tracks_of_one_name_explain_nothing() -> None:
    one = panned(-1.0).tracks[0]
    session = Session(source="made", tracks=(one, replace(one, guid="{2}", index=1)))
    assert found("SK502", stem("Gtr Left.wav", channels=2, image="left_only"), session=session)[0].handled is None


def test_only_noise_counts_in_gaps_and_only_where_it_lasts() -> None:
    gaps = (gap(None), gap(-50.0, 0.49), gap(-62.0, 2.0), gap(-55.0, 0.5, hum_hz=50.0))
    finding = found("SK505", stem(gaps=gaps))[0]
    assert (finding.severity, finding.measured, len(finding.where)) == ("note", -55.0, 2)
    assert "hum at 50 Hz" in finding.message


def test_holes_and_clicks_stand_in_their_order() -> None:
    click = Run(start_frame=48000, end_frame=48001, channel=0)
    finding = found("SK506", stem(dropouts=(HOLE,), clicks=(click, click)))[0]
    assert "1 hole and 2 clicks" in finding.message
    assert [w.start_s for w in finding.where] == [1.0, 1.0, 2.0]


def test_the_stretch_that_loses_most_in_mono_is_half_a_second() -> None:
    finding = found("SK507", stem(channels=2, mono_loss_db=-6.14, mono_loss_at_s=3.0))[0]
    assert [(place.start_s, place.end_s) for place in finding.where] == [(3.0, 3.5)]
    assert finding.measured == 6.1


def test_noise_alone_is_measured_to_a_tenth() -> None:
    finding = found("SK501", stem(sample_peak_dbfs=-84.26))[0]
    assert (finding.severity, finding.measured) == ("warning", -84.3)


def test_what_is_inverted_throughout_is_not_also_called_thin_in_mono() -> None:
    file = stem(channels=2, image="inverted", mono_loss_db=-90.0)
    assert found("SK504", file)
    assert not found("SK507", file)


def test_profiles_switch_content_rules_off() -> None:
    assert not found("SK503", stem(channels=2, image="dual_mono"), profile="library-music")
    assert not found("SK505", stem(gaps=(gap(-20.0),)), profile="library-music")
