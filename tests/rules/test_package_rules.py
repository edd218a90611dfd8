from __future__ import annotations

import pytest

from tests.rules.stems import Case, case, found, mix, stem

REFERENCE = stem("References/Song.wav", role="reference")
CASES: dict[str, tuple[Case, Case]] = {
    "SK701": (case("SK701", stem(), mix()), case("SK701", stem())),
    "SK702": (case("SK702", stem(), REFERENCE), case("SK702", stem())),
    "SK703": (case("SK703", stem(), others=("Brief.md",)), case("SK703", stem())),
    "SK708": (
        case("SK708", stem("01_A.wav"), stem("02_B.wav"), profile="stem-mastering"),
        case("SK708", stem("01_A.wav"), profile="stem-mastering"),
    ),
}


@pytest.mark.parametrize("rule", ["SK701", "SK702", "SK703"])
def test_what_is_missing_is_a_note_to_a_checker_and_a_warning_to_whoever_delivers(rule: str) -> None:
    assert [f.severity for f in found(rule, stem())] == ["note"]
    assert [f.severity for f in found(rule, stem(), delivering=True)] == ["warning"]
    assert not found(rule, stem(), profile="game-music")


def test_a_proof_mix_shows_the_song_as_well() -> None:
    assert not found("SK701", stem(), stem("Proof_Mix.wav", role="proof_mix"))


@pytest.mark.parametrize(
    ("path", "is_brief"),
    [("Brief.md", True), ("Docs/mix notes.txt", True), ("README", False), ("README.txt", True), ("Song.mid", False),
     ("song_briefing.pdf", True), ("lyrics.txt", False)],
)  # fmt: skip
def test_what_counts_as_a_brief(path: str, is_brief: bool) -> None:
    assert bool(found("SK703", stem(), others=(path,))) is not is_brief


def test_eleven_stems_are_a_mix_and_not_for_stem_mastering() -> None:
    files = [stem(f"{n:02d}_A.wav") for n in range(1, 12)]
    assert found("SK708", *files, profile="stem-mastering")[0].measured == 11
    assert not found("SK708", *files[:10], profile="stem-mastering")
    dry = stem("12_A_Dry.wav", variant="dry")
    assert not found("SK708", *files[:10], dry, profile="stem-mastering")


def test_a_folder_without_a_single_stem_is_no_success() -> None:
    assert [f.severity for f in found("SK708", mix())] == ["warning"]
