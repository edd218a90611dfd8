"""Files for the table of lines: in which formats, and how they are written so that every step is where it was meant."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import product
from typing import TYPE_CHECKING, Any

import numpy as np
import soundfile

from tests.audio.wav_bytes import chunk

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    Sound = NDArray[np.float64]

RATES_HZ = (44_100, 48_000, 96_000)
SUBTYPES = {"pcm16": "PCM_16", "pcm24": "PCM_24", "pcm32": "PCM_32", "float32": "FLOAT"}
BITS = {"pcm16": 16, "pcm24": 24, "pcm32": 32}


@dataclass(frozen=True, slots=True)
class Setting:
    """One of the formats in which each rule is tried."""

    rate: int
    channels: int
    encoding: str

    def __str__(self) -> str:
        return f"{'mono' if self.channels == 1 else 'stereo'}-{self.rate}-{self.encoding}"

    @property
    def step(self) -> float:
        """The smallest step that the measurement tells apart."""
        return 2.0 ** (1 - min(24, BITS.get(self.encoding, 24)))


SETTINGS = tuple(Setting(*each) for each in product(RATES_HZ, (1, 2), SUBTYPES))


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """One file: its samples, and what was done to its bytes."""

    wave: Sound
    name: str = "01_Kick.wav"
    rate: int | None = None  # another than the setting's
    form: str = "WAV"
    chunks: dict[bytes, bytes] = field(default_factory=dict)  # behind the samples
    missing_bytes: int = 0  # at the end

    def write(self, folder: Path, setting: Setting) -> None:
        """Write the file; mono becomes two channels where the setting asks for them."""
        path = folder / self.name
        path.parent.mkdir(parents=True, exist_ok=True)
        soundfile.write(
            path,
            _stored(spread(setting, self.wave), setting.encoding),
            self.rate or setting.rate,
            SUBTYPES[setting.encoding],
            format=self.form,
        )
        data = path.read_bytes()
        for name, body in self.chunks.items():
            data += chunk(name, body)
        if self.chunks:
            data = data[:4] + (len(data) - 8).to_bytes(4, "little") + data[8:]
        if self.chunks or self.missing_bytes:
            path.write_bytes(data[: len(data) - self.missing_bytes])


def spread(setting: Setting, wave: Sound) -> Sound:
    """Give a wave the channels of the setting: the sound itself is on the last, a quieter one on the first."""
    if wave.ndim == 2:
        return wave
    return wave[:, None] if setting.channels == 1 else np.stack([0.7 * wave, wave], axis=1)


def _stored(wave: Sound, encoding: str) -> NDArray[Any]:
    """Round as an encoder does: libsndfile itself would take one step of 2**15 off full scale."""
    if encoding not in BITS:
        return wave.astype(np.float32)
    scale = 2.0 ** (BITS[encoding] - 1)
    whole = np.clip(np.rint(wave * scale), -scale, scale - 1).astype(np.int64)
    return (whole << (32 - BITS[encoding])).astype(np.int32)
