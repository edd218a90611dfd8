"""A short song for the proof: its stems, another take of them, and both stems and mix in a folder."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile

from tests.audio.proof_delivery import FULL, RATE, SECONDS, SONG
from tests.audio.proof_faults import HEADROOM, mixdown
from tests.audio.proof_songs import SONGS, Song


@pytest.fixture(scope="session")
def stems() -> Song:
    """Return a short song, each sample already on the grid of 24 bits."""
    whole = SONGS[SONG](seconds=SECONDS)
    return {name: np.asarray(np.round(audio * HEADROOM * FULL) / FULL, np.float32) for name, audio in whole.items()}


@pytest.fixture(scope="session")
def takes() -> Song:
    return {name: audio * HEADROOM for name, audio in SONGS[SONG](seconds=SECONDS, take=1).items()}


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory, stems: Song) -> Path:
    """Return a folder with the whole stems and the plain mix."""
    place = tmp_path_factory.mktemp("song")
    for name, audio in stems.items():
        soundfile.write(place / f"{name}.wav", audio, RATE, subtype="PCM_24")
    soundfile.write(place / "mix.wav", mixdown(stems), RATE, subtype="PCM_24")
    return place
