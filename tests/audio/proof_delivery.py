"""One song delivered as stems beside its mix, for the proof."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import soundfile

from stemkit.audio.compare import MixInput, StemInput, prove
from stemkit.model.audio import SumFacts
from tests.audio.proof_songs import RATES, Song

SECONDS = 7.5
SONG = "hiphop"
RATE = RATES[SONG]
FULL = 2**23


def inputs(folder: Path, stems: Song, tmp_path: Path, delivered: Song) -> list[StemInput]:
    found = []
    for name, audio in delivered.items():
        path = folder / f"{name}.wav"
        if stems.get(name) is not audio:
            path = tmp_path / f"{name}.wav"
            soundfile.write(path, audio, RATE, subtype="PCM_24")
        found.append(StemInput(path=path, label=name))
    return found


def against(
    folder: Path, stems: Song, mix: Any, tmp_path: Path, *, rate: int = RATE, subtype: str = "FLOAT"
) -> SumFacts:
    path = tmp_path / "mix.wav"
    soundfile.write(path, mix, rate, subtype=subtype)
    return prove(inputs(folder, stems, tmp_path, stems), MixInput(path=path, label="mix"))
