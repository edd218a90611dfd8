from __future__ import annotations

import pytest

from stemkit.model.delivery import Brief, Change, ReferenceNote
from stemkit.model.plan import AddsUp, Bounds, PlannedStem, RenderPlan
from stemkit.rules.package_contents import unknown_notes
from tests.rules.stems import Case, case, found, mix, skips, stem

NOTED = Brief(notes=(("Kick", "more click"),))


def plan(*names: str) -> RenderPlan:
    return RenderPlan(
        project="Song",
        by="track",
        stems=tuple(
            PlannedStem(number=n, name=name[3:], file_name=name, kind="track", cut_guid=f"{{{n}}}", inputs="items")
            for n, name in enumerate(names, 1)
        ),
        excluded=(),
        stops=frozenset(),
        bounds=Bounds(start_s=0, end_s=10, start_frame=0, frames=480_000),
        sample_rate=48_000,
        sample_rate_reason="the project",
        adds_up=AddsUp(possible=True),
    )


def change(kind: str, path: str = "Stems/01_Kick.wav") -> Change:
    return Change(path=path, kind=kind, detail=f"{path} is {kind}.")  # type: ignore[arg-type]


CASES: dict[str, tuple[Case, Case]] = {
    "SK704": (case("SK704", stem(), brief=NOTED), case("SK704", stem("01_Snare.wav"), brief=NOTED)),
    "SK705": (case("SK705", stem(), changes=()), case("SK705", stem(), changes=(change("audio"),))),
    "SK706": (case("SK706", stem(), others=("Brief.md",)), case("SK706", stem(), others=("Keys/setup.exe",))),
    "SK707": (case("SK707", stem(), plan=plan("01_Kick")), case("SK707", stem(), plan=plan("01_Kick", "02_Snare"))),
}


@pytest.mark.parametrize("kind", ["audio", "metadata", "content", "sums"])
def test_each_kind_of_change_is_named_with_its_file(kind: str) -> None:
    [finding] = found("SK705", stem(), changes=(change(kind),))
    assert (finding.subject, finding.measured, finding.severity) == ("Stems/01_Kick.wav", kind, "error")


def test_without_a_manifest_nothing_is_passed() -> None:
    assert [skip.reason for skip in skips("SK705", stem())] == ["there is no manifest.json to hold the files against"]
    assert skips("SK707", stem())
    assert skips("SK704", stem())


def test_what_was_added_is_an_error_against_a_manifest_and_a_note_without_one() -> None:
    assert [f.severity for f in found("SK706", stem(), changes=(change("added"),))] == ["error"]
    assert [f.severity for f in found("SK706", stem(), others=("setup.exe",))] == ["note"]


def test_missing_renamed_and_unplanned_stems_are_named() -> None:
    changes = (change("missing"), change("renamed", "Stems/01_Kick2.wav"))
    assert {f.subject for f in found("SK707", stem(), changes=changes)} == {"Stems/01_Kick.wav", "Stems/01_Kick2.wav"}
    [extra] = found("SK707", stem(), stem("02_Old.wav"), plan=plan("01_Kick"))
    assert (extra.subject, extra.measured) == ("02_Old.wav", "unexpected")


def test_a_note_finds_its_stem_by_track_or_file_name() -> None:
    stems = ["Stems/01_Kick.wav", "Stems/07_Vox_Lead.wav"]
    assert unknown_notes(["Kick", "vox lead", "07_Vox_Lead.wav", "VoxLead", "Vox"], stems) == ["Vox"]


def test_a_link_is_a_reference_and_a_missing_file_is_not() -> None:
    linked = Brief(references=(ReferenceNote(link="https://example.org/song"),))
    assert not found("SK702", stem(), mix(), brief=linked)
    [missing] = found("SK702", stem(), stem("r.mp3", role="reference"), missing_references=("Song.mp3",))
    assert missing.measured == "Song.mp3"


def test_a_brief_that_was_read_is_a_brief() -> None:
    assert not found("SK703", stem(), brief=Brief(genre="Pop"))
