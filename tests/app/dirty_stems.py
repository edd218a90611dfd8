"""Small audio files with one known property each, for checks from end to end."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import soundfile as sf

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

SUBTYPES = {"pcm16": "PCM_16", "pcm24": "PCM_24", "float32": "FLOAT"}


def tone(seconds: float = 2.0, *, rate: int = 48000, hz: float = 220.0, peak: float = 0.6) -> NDArray[Any]:
    """A tone that swells and dies away inside the file, with its loudest sample exactly at `peak`."""
    t = np.arange(round(seconds * rate)) / rate
    wave = np.sin(2 * np.pi * hz * t) * np.sin(np.pi * t / seconds) ** 4
    return np.asarray(wave * (peak / np.abs(wave).max()))


def write(path: Path, wave: NDArray[Any], *, rate: int = 48000, encoding: str = "pcm24") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    sf.write(path, wave, rate, SUBTYPES[encoding], format="WAV")
    return path


def song(folder: Path) -> Path:
    """Three stems that hold everything that mix-prep asks for, their sum as the mix, a reference and a brief."""
    parts = {"01_Kick": (60.0, 0.6), "02_Bass": (110.0, 0.55), "03_Lead": (880.0, 0.65)}
    waves = {name: tone(hz=hz, peak=peak) for name, (hz, peak) in parts.items()}
    for name, wave in waves.items():
        write(folder / "Stems" / f"{name}.wav", wave)
    write(folder / "Mix" / "Rough_Mix.wav", sum(waves.values()), encoding="float32")  # type: ignore[arg-type]
    write(folder / "References" / "Song.wav", tone(hz=330.0, peak=0.99), encoding="pcm16", rate=44100)
    (folder / "Brief.md").write_text("Warm and wide, for streaming.\n", encoding="utf-8")
    return folder
