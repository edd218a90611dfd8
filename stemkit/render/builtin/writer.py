"""Float WAV files in the staging folder, written in blocks while their peak is tracked."""

from __future__ import annotations

import re
from collections import OrderedDict
from typing import TYPE_CHECKING

import numpy as np

from stemkit.errors import EngineError
from stemkit.model.plan import RenderedAudio

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    import soundfile
    from numpy.typing import NDArray

    from stemkit.model.plan import Fidelity
    from stemkit.render.builtin.grid import Signal

__all__ = ["OpenFiles", "StagingFile", "staging_name", "staging_names"]

_WAV_LIMIT_BYTES = 0xFFFF_FFFF - 4096  # what a plain WAV's 32-bit sizes hold, less room for the header
_FORBIDDEN = re.compile(r'[\x00-\x1f<>:"/\\|?*]')


def staging_name(key: str) -> str:
    """Turn a key into a file name that every file system takes."""
    return _FORBIDDEN.sub("_", key).strip(" .") or "_"


def staging_names(keys: Iterable[str]) -> dict[str, str]:
    """Give each key a name of its own, also where two differ only in case or in forbidden characters."""
    names: dict[str, str] = {}
    taken: set[str] = set()
    for key in keys:
        name, number = staging_name(key), 2
        while name.casefold() in taken:
            name, number = f"{staging_name(key)}~{number}", number + 1
        taken.add(name.casefold())
        names[key] = name
    return names


class OpenFiles:
    """Keeps at most `limit` of the files that are being written open, the least recently written one giving way."""

    def __init__(self, limit: int = 100) -> None:
        self._limit = limit
        self._open: OrderedDict[StagingFile, soundfile.SoundFile] = OrderedDict()

    def handle(self, staged: StagingFile) -> soundfile.SoundFile:
        """Give the open file, positioned at its end."""
        if staged in self._open:
            self._open.move_to_end(staged)
            return self._open[staged]
        if len(self._open) >= self._limit:
            self._open.popitem(last=False)[1].close()
        self._open[staged] = staged.open()
        return self._open[staged]

    def close(self, staged: StagingFile) -> None:
        """Close a file, whether or not it is open just now."""
        if (file := self._open.pop(staged, None)) is not None:
            file.close()


class StagingFile:
    """One 32-bit float WAV on its way; RF64 where a plain WAV could not hold it."""

    def __init__(self, key: str, path: Path, files: OpenFiles, *, channels: int, frames: int, rate: int) -> None:
        self.key, self.path, self.channels = key, path, channels
        self._files, self._frames, self._rate, self._written = files, frames, rate, 0
        self._peak = 0.0
        self._same: bool | None = True if channels == 2 else None

    def open(self) -> soundfile.SoundFile:
        """Open the file to go on writing at its end."""
        import soundfile  # noqa: PLC0415  (loads a C library that `stemkit --help` must not pay for)

        big = self._frames * self.channels * 4 > _WAV_LIMIT_BYTES
        layout = {"subtype": "FLOAT", "format": "RF64" if big else "WAV"}
        try:
            if not self._written:
                return soundfile.SoundFile(self.path, "w", self._rate, self.channels, **layout)
            file = soundfile.SoundFile(self.path, "r+")
            file.seek(0, soundfile.SEEK_END)
        except (soundfile.SoundFileError, OSError) as error:
            raise EngineError(f"{self.path} cannot be written ({error}); check that the disk has room.") from error
        return file

    def write(self, signal: Signal | None, frames: int) -> None:
        """Append a block, shape (channels or more, frames); None is silence."""
        interleaved = np.zeros((frames, self.channels), dtype=np.float32)
        if signal is not None:
            rows = min(self.channels, signal.shape[0])
            interleaved[:, :rows] = signal[:rows].T
            self._peak = max(self._peak, float(interleaved.max(initial=0.0)), -float(interleaved.min(initial=0.0)))
            if self._same:
                self._same = bool(np.array_equal(interleaved[:, 0], interleaved[:, 1]))
        self._append(interleaved)
        self._written += frames

    def _append(self, interleaved: NDArray[np.float32]) -> None:
        import soundfile  # noqa: PLC0415  (as in `open`)

        file = self._files.handle(self)
        try:
            file.write(interleaved)
        except (soundfile.SoundFileError, OSError) as error:
            raise EngineError(f"{self.path} cannot be written ({error}); check that the disk has room.") from error

    def finish(self, fidelity: Fidelity) -> RenderedAudio:
        """Close the file and say what is in it."""
        if not self._written:
            self._files.handle(self)  # an empty span still gives a file
        self._files.close(self)
        return RenderedAudio(
            key=self.key,
            path=self.path,
            channels=self.channels,
            frames=self._written,
            sample_rate=self._rate,
            peak=self._peak,
            left_equals_right=self._same,
            fidelity=fidelity,
        )

    def discard(self) -> None:
        """Close and remove the unfinished file."""
        self._files.close(self)
        self.path.unlink(missing_ok=True)
