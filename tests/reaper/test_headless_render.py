"""Headless renders through the stand-in's command: the sound is that of the tests' own mixer."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from stemkit.app.demo_song import write_demo_project
from tests.fakereaper.songs import write_song
from tests.reaper.headless_songs import engine, list_plug_ins, null_db, planned, sound, without_effects
from tests.render.builtin.engine_reference import Reference

if TYPE_CHECKING:
    from collections.abc import Callable

    from stemkit.model.plan import PlannedStem

PROJECTS = Path(__file__).resolve().parents[2].parent / "shared" / "rpp" / "projects"
GAIN = 10 ** (-12 / 20)  # of the effect on Vox
MASTER_GAIN = 10 ** (-6 / 20)


def test_every_stem_and_both_mixes_are_what_another_mixer_makes_of_the_project(tmp_path: Path) -> None:
    project = write_song(tmp_path / "song", master_effect="stemkit_gain_-6")
    before = {path.name: path.read_bytes() for path in project.parent.iterdir()}
    session, plan = planned(project, dry=("all",), wet=("Dub",))
    audio = engine(tmp_path / "reaper").render(session, plan, tmp_path / "staging")
    got = {one.key: sound(one.path) for one in audio}
    assert {stem.variant for stem in plan.stems} == {"stem", "dry", "wet"}
    assert set(got) == {*(stem.file_name for stem in plan.stems), "rough_mix", "proof_mix"}
    song = without_effects(session, {"Vox": GAIN})
    mixer = Reference(song, plan)
    for stem in plan.stems:
        stops = plan.stops - set(stem.through) if stem.variant == "wet" else plan.stops
        expected = Reference(song, replace(plan, stops=stops)).stem(stem) / (GAIN if stem.variant == "dry" else 1.0)
        assert null_db(got[stem.file_name], expected) < -120, stem.file_name
    assert null_db(got["proof_mix"], mixer.proof()) < -120
    assert null_db(got["rough_mix"], mixer.rough() * MASTER_GAIN) < -120
    assert {path.name: path.read_bytes() for path in project.parent.iterdir()} == before


def shared(name: str) -> Callable[[Path], Path]:
    def copied(folder: Path) -> Path:
        shutil.copytree(PROJECTS / name, folder)
        (project,) = (path for path in folder.rglob("*") if path.suffix.lower() == ".rpp")
        return project

    return copied


def reference(mixer: Reference, stem: PlannedStem) -> Any:
    """Mix a stem; one that is taken right behind its fader has no way to the master."""
    return mixer.taps(stem.cut_guid, mixer.own(stem.cut_guid))[0] if stem.direct else mixer.stem(stem)


needs_projects = pytest.mark.skipif(
    not PROJECTS.is_dir(), reason="the projects with media are not beside this checkout"
)


@pytest.mark.parametrize(
    ("make", "proof", "choices"),
    [
        pytest.param(write_demo_project, True, {"end": "0:06.000"}, id="demo"),
        pytest.param(
            shared("ear-2obj-2bed-hoa"), False, {"end": "0:09.000"}, marks=needs_projects, id="ear"
        ),  # decoders make its mix
        pytest.param(shared("rebass-patrolcar"), False, {"sample_rate": 22_050}, marks=needs_projects, id="patrolcar"),
        pytest.param(shared("unityreaperparser"), True, {"end": "0:03.000"}, marks=needs_projects, id="unity"),
    ],
)
def test_whole_projects_are_what_another_mixer_makes_of_them(
    make: Callable[[Path], Path], proof: bool, choices: dict[str, Any], tmp_path: Path
) -> None:
    """Folder by folder, rate by rate: plug-ins of the projects pass the sound on, in both mixers."""
    project = make(tmp_path / "song")
    before = project.read_bytes()
    session, plan = planned(project, **choices)
    list_plug_ins(tmp_path / "reaper", session)
    keys = frozenset([*(stem.file_name for stem in plan.stems), *(["proof_mix"] if proof else [])])
    audio = engine(tmp_path / "reaper").render(session, plan, tmp_path / "staging", keys=keys)
    got = {one.key: sound(one.path) for one in audio}
    assert got.keys() == keys
    mixer = Reference(without_effects(session, {}), plan)
    for stem in plan.stems:
        expected = reference(mixer, stem)
        assert np.abs(expected).max() > 0.001, stem.file_name
        assert null_db(got[stem.file_name], expected) < -120, stem.file_name
    if proof:
        assert null_db(got["proof_mix"], mixer.proof()) < -120
    assert project.read_bytes() == before
