"""Float WAV files in the staging folder, written in blocks while their peak is tracked."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np

from stemkit.errors import EngineError
from stemkit.model.plan import RenderedAudio

if TYPE_CHECKING:
    from pathlib import Path

    from stemkit.model.plan import Fidelity
    from stemkit.render.builtin.grid import Signal

__all__ = ["StagingFile", "staging_name"]

_WAV_LIMIT_BYTES = 0xFFFF_FFFF - 4096  # what a plain WAV's 32-bit sizes hold, less room for the header
_FORBIDDEN = re.compile(r'[\x00-\x1f<>:"/\\|?*]')


def staging_name(key: str) -> str:
    """Turn a key into a file name that every file system takes."""
    return _FORBIDDEN.sub("_", key).strip(" .") or "_"


class StagingFile:
    """One 32-bit float WAV on its way; RF64 where a plain WAV could not hold it."""

    def __init__(self, key: str, path: Path, *, channels: int, frames: int, rate: int) -> None:
        import soundfile  # noqa: PLC0415  (loads a C library that `stemkit --help` must not pay for)

        self.key, self.path, self.channels = key, path, channels
        self._frames, self._rate, self._written = frames, rate, 0
        self._peak = 0.0
        self._same: bool | None = True if channels == 2 else None
        big = frames * channels * 4 > _WAV_LIMIT_BYTES
        try:
            self._file = soundfile.SoundFile(
                path, "w", rate, channels, subtype="FLOAT", format="RF64" if big else "WAV"
            )
        except (soundfile.SoundFileError, OSError) as error:
            raise EngineError(f"{path} cannot be written: {error}") from error

    def write(self, signal: Signal | None, frames: int) -> None:
        """Append a block, shape (channels or more, frames); None is silence."""
        interleaved = np.zeros((frames, self.channels), dtype=np.float32)
        if signal is not None:
            rows = min(self.channels, signal.shape[0])
            interleaved[:, :rows] = signal[:rows].T
            self._peak = max(self._peak, float(interleaved.max(initial=0.0)), -float(interleaved.min(initial=0.0)))
            if self._same:
                self._same = bool(np.array_equal(interleaved[:, 0], interleaved[:, 1]))
        self._file.write(interleaved)
        self._written += frames

    def finish(self, fidelity: Fidelity) -> RenderedAudio:
        """Close the file and say what is in it."""
        self._file.close()
        if self._written != self._frames:
            raise EngineError(f"{self.path} has {self._written} frames instead of {self._frames}.")
        return RenderedAudio(
            key=self.key,
            path=self.path,
            channels=self.channels,
            frames=self._frames,
            sample_rate=self._rate,
            peak=self._peak,
            left_equals_right=self._same,
            fidelity=fidelity,
        )

    def discard(self) -> None:
        """Close and remove the unfinished file."""
        self._file.close()
        self.path.unlink(missing_ok=True)
