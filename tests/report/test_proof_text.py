"""The proof as text."""

from __future__ import annotations

from stemkit.model.audio import Accusation, MissingContent, StemShare, SumFacts
from stemkit.report.proof_text import proof_lines


def test_a_sum_that_adds_up_takes_two_lines() -> None:
    facts = SumFacts(
        reference="Mix.wav", null_db=-138.2, bit_depth_floor_db=-133.0, adds_up=True, gain_db=0.0,
        offset_samples=0.0, verdict="the stems add up to the mix, −138 dB",
        shares=(StemShare(path="01_Kick.wav", gain_db=0.0),),
    )  # fmt: skip
    assert proof_lines(facts, 100) == [
        "Sum of the stems: the stems add up to the mix, −138 dB.",
        "  Null against Mix.wav: −138.2 dB; bit depth alone explains −133.0 dB.",
    ]


def test_the_table_names_faults_twins_and_what_is_unknown() -> None:
    facts = SumFacts(
        reference="Mix.wav",
        null_db=-6.0,
        adds_up=False,
        verdict="04_Bass.wav is inverted",
        accusations=(Accusation(path="04_Bass.wav", fault="inverted", confidence=0.97, detail="04_Bass.wav is inverted"),),
        missing=(MissingContent(start_s=1.0, end_s=2.5, low_hz=100.0, high_hz=400.0, level_db=-9.0),),
        shares=(
            StemShare(path="01_Kick.wav", gain_db=0.0, inverted=False, lag_samples=0.0, energy_share=0.251,
                      confidence=1.0, twin="02_Kick.wav"),
            StemShare(path="04_Bass.wav", gain_db=0.0, inverted=True, lag_samples=0.0, energy_share=0.4, confidence=0.97),
            StemShare(path="09_FX.wav", energy_share=0.0),
        ),
    )  # fmt: skip
    lines = proof_lines(facts, 90)
    assert any("Missing from 0:01.000 to 0:02.500: 100 to 400 Hz" in line for line in lines)
    kick, bass, effects = lines[-3:]
    assert "25.1 %" in kick
    assert kick.endswith("like 02_Kick.wav")
    assert "inverted +0.0 dB" in bass
    assert effects.split()[1:4] == ["–", "–", "0.0"]
    assert all(len(line) <= 90 for line in lines)


def test_what_cannot_be_told_is_said() -> None:
    facts = SumFacts(reference="Mix.wav", cannot_tell="mix is silent where the stems play")
    assert proof_lines(facts, 80) == ["Sum of the stems: mix is silent where the stems play."]
