"""Headless renders through the stand-in's command: the sound is that of the tests' own mixer."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from tests.fakereaper.songs import write_song
from tests.reaper.headless_songs import engine, null_db, planned, sound, without_effects
from tests.render.builtin.engine_reference import Reference

if TYPE_CHECKING:
    from pathlib import Path

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
