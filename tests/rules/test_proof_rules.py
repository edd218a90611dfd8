"""Rules that rest on the proof: what it found becomes findings, what it cannot tell becomes a skip."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from stemkit.model.audio import Accusation, Bext, Fault, MissingContent, SumFacts
from stemkit.model.plan import Bounds, RenderPlan
from tests.rules.stems import RATE, case, found, skips, stem

CLEAN = SumFacts(
    reference="Rough_Mix.wav", null_db=-138.0, adds_up=True, verdict="the stems add up to the mix, −138 dB"
)


def facts(**known: Any) -> SumFacts:
    return SumFacts(**{"reference": "Rough_Mix.wav", "null_db": -12.0, "adds_up": False, **known})


def accused(fault: Fault, **known: Any) -> SumFacts:
    detail = f"02_Bass.wav is {fault}: the mix is explained to −120 dB when it is mended"
    return facts(accusations=(Accusation(path="02_Bass.wav", fault=fault, confidence=0.9, detail=detail, **known),))


def plan(start_frame: int) -> RenderPlan:
    bounds = Bounds(start_s=start_frame / RATE, end_s=60, start_frame=start_frame, frames=60 * RATE)
    return RenderPlan(
        project="song",
        by="track",
        stems=(),
        excluded=(),
        stops=frozenset(),
        bounds=bounds,
        sample_rate=RATE,
        sample_rate_reason="the project's",
    )


THREE = ("01_Kick.wav", "05_Kick.wav", "old/01_Kick.wav")
HOLE = MissingContent(start_s=3.0, end_s=7.5, low_hz=200.0, high_hz=5000.0, level_db=-9.0)
STAMPED = stem("02_Bass.wav", bext=Bext(time_reference_samples=RATE))

CASES = {
    "SK402": (case("SK402", sum=CLEAN), case("SK402", sum=accused("late", lag_samples=480.0))),
    "SK403": (case("SK403", sum=CLEAN), case("SK403", sum=accused("drift", drift_ppm=12.0))),
    "SK406": (case("SK406", STAMPED, plan=plan(RATE)), case("SK406", STAMPED, plan=plan(0))),
    "SK801": (case("SK801", sum=CLEAN), case("SK801", sum=facts())),
    "SK802": (case("SK802", sum=CLEAN), case("SK802", sum=accused("inverted", gain_db=0.0))),
    "SK803": (case("SK803", sum=CLEAN), case("SK803", sum=facts(missing=(HOLE,)))),
    "SK804": (case("SK804", sum=CLEAN), case("SK804", sum=facts(duplicates=(("01_Kick.wav", "05_Kick.wav"),)))),
    "SK805": (case("SK805", sum=CLEAN), case("SK805", sum=facts(bus=("a limiter",)))),
    "SK807": (
        case("SK807", sum=facts(shared_dips=())),
        case("SK807", sum=facts(shared_dips=("01_Kick.wav", "02_Bass.wav"))),
    ),
}


@pytest.mark.parametrize("rule", [r for r in CASES if r != "SK406"])
def test_without_a_mix_or_an_answer_the_rule_is_skipped_with_the_reason(rule: str) -> None:
    assert [s.reason for s in skips(rule)] == ["no mix was given to hold the stems against"]
    assert [s.reason for s in skips(rule, sum=facts(cannot_tell="the mix is another song"))] == [
        "the mix is another song"
    ]


def test_bar_one_needs_a_plan_and_a_time_stamp() -> None:
    assert [s.reason for s in skips("SK406", STAMPED)] == ["no project says where bar 1 lies"]
    assert "time stamp" in skips("SK406", stem(), plan=plan(0))[0].reason


def test_the_profile_says_how_deep_the_null_has_to_be(tmp_path: Path) -> None:
    path = tmp_path / "own.toml"
    path.write_text(
        '[profile]\nid = "own"\ntitle = "Own"\nextends = "mix-prep"\nsource = "own"\n[sum]\nnull_max_db = -70.0\n'
    )
    assert [f.measured for f in found("SK801", sum=facts(null_db=-65.0))] == []
    (strict,) = found("SK801", sum=facts(null_db=-65.0), profile=str(path))
    assert strict.expected == "at most -70"


def test_each_fault_is_told_by_one_rule_alone() -> None:
    faults: dict[Fault, str] = {
        "late": "SK402",
        "early": "SK402",
        "drift": "SK403",
        "inverted": "SK802",
        "gain": "SK802",
        "doubled": "SK802",
        "tail_cut": "SK802",
        "other_take": "SK802",
    }
    for fault, rule in faults.items():
        telling = [r for r in ("SK402", "SK403", "SK802") if found(r, sum=accused(fault))]
        assert telling == [rule]


def test_an_explained_difference_is_a_note_and_an_unexplained_one_a_warning() -> None:
    assert found("SK801", sum=facts())[0].severity == "warning"
    assert found("SK801", sum=accused("inverted"))[0].severity == "note"
    assert found("SK801", sum=facts(bus=("a limiter",)))[0].severity == "note"


def test_copies_of_one_stem_are_one_finding_that_names_them_all() -> None:
    (told,) = found("SK804", sum=facts(duplicates=(THREE,)))
    assert told.subject == THREE[-1]
    assert told.message == "These hold the same audio: 01_Kick.wav, 05_Kick.wav, old/01_Kick.wav."


def test_without_a_mix_only_stems_with_the_same_figures_are_copies() -> None:
    kick, copy = stem("01_Kick.wav"), stem("Old/Kick.wav")
    (told,) = found("SK804", kick, copy)
    assert told.message == "These hold the same audio: 01_Kick.wav, Old/Kick.wav."
    assert not skips("SK804", kick, copy)
    silent = stem(sample_peak_dbfs=None), stem("02_Bass.wav", sample_peak_dbfs=None)
    dry, mix = stem("01_Kick_Dry.wav", variant="dry"), stem("01_Kick_Mix.wav", role="rough_mix")
    assert not any(
        found("SK804", *two) for two in ((kick, stem("02_Bass.wav", rms_dbfs=-19.0)), silent, (kick, dry, mix))
    )
    assert not found("SK804", kick, copy, sum=CLEAN)  # whoever compared the samples knows better


def test_a_null_below_60_db_is_good_enough() -> None:
    assert not found("SK801", sum=facts(null_db=-60.1))
    assert found("SK801", sum=facts(null_db=-59.9))


def test_missing_sound_behind_a_processed_mix_is_softer() -> None:
    assert found("SK803", sum=facts(missing=(HOLE,)))[0].severity == "error"
    assert found("SK803", sum=facts(missing=(HOLE,), bus=("a limiter",)))[0].severity == "warning"


def test_a_mix_that_drifts_as_a_whole_accuses_no_stem() -> None:
    finding = found("SK403", sum=facts(drift_ppm=25.0))[0]
    assert (finding.severity, finding.subject, finding.measured) == ("warning", "the set", 25.0)


def test_gains_that_nobody_measured_are_no_pass() -> None:
    assert "cannot be told" in skips("SK807", sum=CLEAN)[0].reason
