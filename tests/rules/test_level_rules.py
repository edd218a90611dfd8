from __future__ import annotations

import math
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stemkit.model.audio import Run, SumFacts
from tests.rules.stems import Case, case, found, mix, skips, stem


def clipped(frames: int, *, channel: int = 0) -> tuple[Run, ...]:
    return (Run(start_frame=48000, end_frame=48000 + frames, channel=channel, level=1.0),)


def dc(dbfs: float) -> tuple[float, float]:
    return (0.0, -(10 ** (dbfs / 20)))


LOUD = [stem(f"0{n}_A.wav", sample_peak_dbfs=-7.0) for n in (1, 2, 3)]
CASES: dict[str, tuple[Case, Case]] = {
    "SK301": (case("SK301", stem(sample_peak_dbfs=-3.0)), case("SK301", stem(sample_peak_dbfs=-2.9))),
    "SK302": (case("SK302", stem(sample_peak_dbfs=-6.0)), case("SK302", stem(sample_peak_dbfs=-6.1))),
    "SK303": (case("SK303", stem(clipped_runs=clipped(2))), case("SK303", stem(clipped_runs=clipped(3)))),
    "SK304": (case("SK304", stem(flat_top_count=9)), case("SK304", stem(flat_top_count=10))),
    "SK305": (case("SK305", stem(true_peak_dbtp=0.0)), case("SK305", stem(true_peak_dbtp=0.1))),
    "SK306": (case("SK306", stem(dc_offset=dc(-50.1))), case("SK306", stem(dc_offset=dc(-49.9)))),
    "SK307": (
        case("SK307", stem(sample_peak_dbfs=-7.0), profile="stem-mastering"),
        case("SK307", *LOUD, profile="stem-mastering", sum=SumFacts(reference="mix", sum_peak_dbfs=-2.0)),
    ),
}


@pytest.mark.parametrize(
    ("peak_dbfs", "rule"),
    [
        *[(0.0, "SK301"), (-2.99, "SK301"), (-2.996, None), (-3.0, None), (-3.01, None), (-4.5, None)],
        *[(-5.99, None), (-6.0, None), (-6.004, None), (-6.01, "SK302"), (-40.0, "SK302")],
    ],
)
def test_the_window_of_the_guide_holds_at_its_edges(peak_dbfs: float, rule: str | None) -> None:
    file = stem(sample_peak_dbfs=peak_dbfs)
    assert [f.rule for f in (*found("SK301", file), *found("SK302", file))] == ([rule] if rule else [])


@given(peak=st.floats(-90.0, 6.0, allow_nan=False))
@settings(max_examples=60, deadline=None)
def test_a_peak_is_above_below_or_inside_and_never_two_of_them(peak: float) -> None:
    file = stem(sample_peak_dbfs=peak)
    above, below = found("SK301", file), found("SK302", file)
    assert not (above and below)
    assert bool(above or below) is not (-6.005 <= peak <= -2.995)


def test_a_hot_stem_names_peak_place_and_the_gain_that_helps() -> None:
    finding = found("SK301", stem(sample_peak_dbfs=-1.5, channels=2, sample_peak_channel=1))[0]
    assert (finding.severity, finding.measured, finding.expected, finding.unit) == ("warning", -1.5, "-6 to -3", "dBFS")
    assert (finding.where[0].start_s, finding.where[0].channel) == (1.0, 1)
    assert finding.fix is not None
    assert finding.fix.summary == "lower by 1.6 dB"
    assert not finding.fix.safe


def test_a_mono_file_has_no_left_and_right() -> None:
    assert found("SK301", stem(sample_peak_dbfs=-1.5))[0].where[0].channel is None


def test_a_quiet_stem_is_a_note_and_raised_by_no_more_than_the_profile_allows() -> None:
    finding = found("SK302", stem(sample_peak_dbfs=-30.0))[0]
    assert finding.severity == "note"
    assert finding.fix is not None
    assert "raise by 12.0 dB" in finding.fix.summary


def test_the_window_is_for_stems_and_the_rough_mix_may_be_loud() -> None:
    assert not found("SK301", mix(sample_peak_dbfs=0.0))
    assert found("SK301", mix(sample_peak_dbfs=0.0), profile="library-music")
    assert not found("SK301", stem(sample_peak_dbfs=0.0), profile="library-music")


def test_silence_has_no_peak_and_is_silences_business() -> None:
    silent = stem(sample_peak_dbfs=None, image="silent")
    assert not found("SK302", silent)
    assert [s.reason for s in skips("SK302", silent)] == ["SK501 silent failed"]


def test_clipping_tells_how_often_how_long_and_where() -> None:
    runs = (*clipped(5, channel=0), *clipped(2, channel=1), *clipped(3, channel=1))
    finding = found("SK303", stem(clipped_runs=runs, channels=2))[0]
    assert finding.severity == "error"
    assert finding.message == "The sound clips 2 times; the longest seen is 5 samples."
    assert [(w.start_s, w.channel) for w in finding.where] == [(1.0, 0), (1.0, 1)]


def test_the_count_goes_beyond_the_list_unless_the_profile_looks_for_longer_runs(tmp_path: Path) -> None:
    file = stem(clipped_runs=clipped(5), clipped_run_count=900)
    assert found("SK303", file)[0].measured == 900
    strict = tmp_path / "strict.toml"
    head = '[profile]\nid = "strict"\ntitle = "Strict"\nsource = "me"\n'
    strict.write_text(f"{head}[peak]\nclip_run_samples = 4\n", encoding="utf-8")
    both = stem(clipped_runs=(*clipped(5), *clipped(3)), clipped_run_count=900)
    assert found("SK303", both, profile=str(strict))[0].measured == 1


def test_float_above_full_scale_is_hot_but_no_clipping() -> None:
    file = stem(encoding="float32", sample_peak_dbfs=4.0, over_full_scale=1000)
    assert not found("SK303", file)
    assert found("SK301", file)


def test_flat_tops_of_a_clipped_file_are_not_told_twice() -> None:
    file = stem(flat_top_count=50, flat_top_level_dbfs=0.0, clipped_runs=clipped(8))
    assert not found("SK304", file)
    assert [s.reason for s in skips("SK304", file)] == ["SK303 clipping failed"]


@pytest.mark.parametrize(("peak_dbtp", "count"), [(-0.01, 0), (0.004, 0), (0.01, 1), (3.0, 1)])
def test_true_peak_at_its_line(peak_dbtp: float, count: int) -> None:
    assert len(found("SK305", stem(true_peak_dbtp=peak_dbtp))) == count


def test_dc_names_the_worse_channel() -> None:
    finding = found("SK306", stem(channels=2, dc_offset=(0.001, -0.02)))[0]
    assert finding.severity == "warning"
    assert found("SK306", stem(dc_offset=dc(-40.1)))[0].severity == "note"
    assert found("SK306", stem(dc_offset=dc(-39.9)))[0].severity == "warning"
    assert "Channel 2" in finding.message
    assert finding.measured == pytest.approx(20 * math.log10(0.02), abs=0.05)


def test_a_sum_that_cannot_exceed_the_ceiling_passes_without_being_added_up() -> None:
    quiet = [stem(f"0{n}_A.wav", sample_peak_dbfs=-16.0) for n in (1, 2, 3)]  # at most -6.5 together
    assert not found("SK307", *quiet, profile="stem-mastering")
    assert not skips("SK307", *quiet, profile="stem-mastering")
    assert skips("SK307", *LOUD, profile="stem-mastering")  # may reach +2.5, may not: nobody added them up
    fine = SumFacts(reference="mix", sum_peak_dbfs=-3.1)
    assert not found("SK307", *LOUD, profile="stem-mastering", sum=fine)


def test_dry_twins_do_not_count_into_the_sum() -> None:
    twins = [stem(f"Stems_Dry/0{n}_A_Dry.wav", sample_peak_dbfs=0.0, variant="dry") for n in (1, 2, 3)]
    assert not skips("SK307", stem(sample_peak_dbfs=-7.0), *twins, profile="stem-mastering")
