"""Where REAPER prints no stems from the command line, each is rendered as a master mix of its own, or refused."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from stemkit.errors import EngineError
from stemkit.reaper.headless_alone import alone_values
from stemkit.reaper.headless_failures import Scene, explain
from stemkit.reaper.headless_files import Harvest
from stemkit.reaper.headless_find import Installation
from stemkit.reaper.headless_project import PassOrder
from stemkit.reaper.headless_run import Outcome
from stemkit.reaper.project_file import load_project
from tests.fakereaper.songs import write_song
from tests.reaper.headless_songs import engine, null_db, planned, sound, without_effects
from tests.render.builtin.engine_reference import Reference

if TYPE_CHECKING:
    from stemkit.model.session import Session

GAIN = 10 ** (-12 / 20)  # of the effect on Vox
LOUD_FOLDER = "<VOLENV2\nACT 1 -1\nPT 0 0.5 0\nPT 0.5 1 0\n>"
FROM_KICK = "AUXRECV 1 0 0.5 0 0 0 0 0 0 -1:U 0 -1 ''"


def test_the_stems_are_those_of_the_mixer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder with an envelope, its children, a track fed from inside it, and returns."""
    extra = {"Drums": LOUD_FOLDER, "Vox": FROM_KICK}
    project = write_song(tmp_path / "song", extra=extra)
    before = {path.name: path.read_bytes() for path in project.parent.iterdir()}
    monkeypatch.setenv("FAKEREAPER_TRAP", "no stems, exit")
    told: list[str] = []
    session, plan = planned(project, wet=("Dub",), include=("Kick", "Drums", "Vox", "Dub"))
    plan = replace(plan, rough_mix=False)
    audio = engine(tmp_path / "reaper", tell=told.append).render(session, plan, tmp_path / "staging")
    got = {one.key: sound(one.path) for one in audio}
    song = without_effects(session, {"Vox": GAIN})
    for stem in plan.stems:
        stops = plan.stops - set(stem.through) if stem.variant == "wet" else plan.stops
        expected = Reference(song, replace(plan, stops=stops)).stem(stem)
        assert null_db(got[stem.file_name], expected) < -120, stem.file_name
    assert {stem.name for stem in plan.stems} == {"Drums", "Kick", "Vox", "Dub"}
    assert "prints no stems" in told[0] or "renders no stems from the command line" in told[0]
    assert {path.name: path.read_bytes() for path in project.parent.iterdir()} == before


def values_of(session: Session, name: str, channels: int = 2) -> dict[tuple[object, ...], object]:
    guid = next(track.guid for track in session.tracks if track.name == name)
    order = PassOrder(folder=Path("nowhere"), names={}, values=[], channels=channels)
    return dict(alone_values(session, guid, order))


def test_what_is_switched_for_a_child(tmp_path: Path) -> None:
    """Its folder hands on and adds nothing; everybody else is muted; the master is neutral."""
    session = load_project(write_song(tmp_path / "song"))
    drums, kick, *others = [track.guid for track in session.tracks]
    values = values_of(session, "Kick")
    assert values["track", drums, "D_VOL"] == 1.0
    assert values["items", drums] == 0
    assert values["track", kick, "B_MAINSEND"] == 1.0
    assert [values.get(("track", guid, "B_MUTE")) for guid in others] == [1.0] * len(others)
    assert values["track", "master", "I_FXEN"] == 0.0


@pytest.mark.parametrize(
    ("extra", "name", "channels", "reason"),
    [
        ({"Vox": "NCHAN 4"}, "Vox", 2, "4 channels"),
        ({}, "Vox", 6, "6 channels"),
        ({"Vox": "AUXRECV 4 0 1 0 0 0 0 0 0 -1:U 0 -1 ''", "Dub": "AUXRECV 3 0 1 0 0 0 0 0 0 -1:U 0 -1 ''"}, "Vox", 2, "circle"),
        ({"Kick": "AUXRECV 0 0 1 0 0 0 0 0 0 -1:U 0 -1 ''"}, "Kick", 2, "circle"),
        ({"Kick": "AUXRECV 0 0 1 0 0 0 0 0 0 -1:U 0 -1 ''\nMAINSEND 0 0"}, "Kick", 2, "a folder around it feeds it"),
    ],
)  # fmt: skip
def test_what_would_not_sound_the_same_is_refused(
    extra: dict[str, str], name: str, channels: int, reason: str, tmp_path: Path
) -> None:
    session = load_project(write_song(tmp_path / "song", extra=extra))
    with pytest.raises(EngineError, match=f"{name} cannot be rendered as a mix of its own: .*{reason}.*--live"):
        values_of(session, name, channels)


def test_a_dialog_over_the_stems_is_named_where_the_mix_went_well(tmp_path: Path) -> None:
    scene = Scene(
        title="stems 1",
        installation=Installation(program=tmp_path / "reaper", resource=tmp_path),
        outcome=Outcome("no start", None, 60.0),
        harvest=Harvest({}, ("sk_0001",), ()),
        lf_only=True,
        worked_before=True,
        alone=True,
    )
    assert '"Nothing to render!" is probably open' in explain(scene)
    assert '"Nothing to render!"' in explain(replace(scene, outcome=Outcome("exit", 0, 1.0)))
    assert "far longer than the song" in explain(replace(scene, outcome=Outcome("too long", None, 1.0)))
    assert "crashed half-way (SIGSEGV" in explain(replace(scene, outcome=Outcome("exit", 139, 1.0)))
    said = explain(replace(scene, outcome=Outcome("exit", 1, 1.0, "cannot open display")))
    assert 'its last words were "cannot open display"' in said
