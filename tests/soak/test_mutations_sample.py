"""A fixed sample of what ``python -m tests.soak.mutations`` tries on every real file."""

from __future__ import annotations

import pytest

from tests.audio.wav_bytes import chunk, fmt, riff
from tests.fuzz.project_targets import SONG
from tests.fuzz.seeds import shared_files
from tests.soak.mutations import harm_projects, harm_waves, project_harms, wave_harms

WAVES = shared_files("audio/wav-fixtures", ".wav", largest=100_000)
PROJECTS = shared_files("rpp/corpus", ".rpp", largest=100_000)


@pytest.mark.skipif(not WAVES, reason="the shared WAV fixtures are not here")
def test_harmed_waves_are_damage_or_one_sentence() -> None:
    tally = harm_waves(WAVES, every=11)
    assert tally.tried > 1000
    assert tally.wrong == []


@pytest.mark.skipif(not PROJECTS, reason="the corpus of real projects is not here")
def test_harmed_projects_are_sessions_or_one_sentence() -> None:
    tally = harm_projects(PROJECTS, every=23)
    assert tally.tried > 500
    assert tally.wrong == []


def test_every_cut_inside_the_audio_is_tried() -> None:
    harms = [what for what, _ in wave_harms(riff(fmt(), chunk(b"data", bytes(960))))]
    assert sum(what.startswith("AUDIO") for what in harms) >= 2
    assert sum("exchanged" in what for what in harms) >= 1


def test_every_cut_of_a_project_is_tried() -> None:
    harms = list(project_harms(SONG))
    assert sum(what.startswith("CUT before") for what, _ in harms) == SONG.rstrip().count(b"\n")
    assert all(data != SONG for what, data in harms if what.startswith("CUT"))
