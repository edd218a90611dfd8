"""Media files as streams of frames: open files are few, reads run forward, sections and loops are views."""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING, Protocol

import numpy as np

from stemkit.audio.c_path import c_path
from stemkit.errors import EngineError
from stemkit.render.builtin.mp3 import decoded_frames, mp3_correction

if TYPE_CHECKING:
    import soundfile
    from typing_extensions import Self

    from stemkit.render.builtin.grid import Signal

__all__ = ["FilePool", "FileStream", "LoopStream", "ReverseStream", "Stream", "WindowStream", "open_media"]

_TAIL = 4096  # frames kept behind the reading point, for filters that look back


class Stream(Protocol):
    """Frames of audio at a rate. Outside 0…frames there is silence."""

    frames: int
    channels: int
    rate: int

    def read(self, start: int, count: int) -> Signal:
        """Give frames `start` … `start + count`, shape (channels, count), as an array the caller may change."""
        ...


class FilePool:
    """Keeps at most `limit` media files open, the least recently read one giving way.

    Use as a context manager; leaving it closes every file.
    """

    def __init__(self, limit: int = 48) -> None:
        self._limit = limit
        self._open: OrderedDict[FileStream, soundfile.SoundFile] = OrderedDict()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        while self._open:
            self._open.popitem()[1].close()

    def handle(self, stream: FileStream) -> tuple[soundfile.SoundFile, bool]:
        """Open file of a stream, and whether it was just opened."""
        if stream in self._open:
            self._open.move_to_end(stream)
            return self._open[stream], False
        if len(self._open) >= self._limit:
            self._open.popitem(last=False)[1].close()
        self._open[stream] = open_media(stream.path)
        return self._open[stream], True

    def release(self, stream: FileStream) -> None:
        """Close the file of a stream that has been played to its end."""
        if (file := self._open.pop(stream, None)) is not None:
            file.close()


def open_media(path: str) -> soundfile.SoundFile:
    """Open a media file, or raise `EngineError` naming it."""
    import soundfile  # noqa: PLC0415  (loads a C library that `stemkit --help` must not pay for)

    try:
        return soundfile.SoundFile(c_path(path))
    except (soundfile.SoundFileError, OSError) as error:
        raise EngineError(f"{path} cannot be read as audio ({error}); replace the file in the project.") from error


class FileStream:
    """A media file, read forwards; the last frames are kept so that a step back costs nothing."""

    def __init__(self, path: str, pool: FilePool, *, kind: str = "wave") -> None:
        self.path = path
        self._pool = pool
        with open_media(path) as file:
            self.rate, self.channels, total = int(file.samplerate), int(file.channels), int(file.frames)
        self._skip, self._gain = mp3_correction(path) if kind == "mp3" else (0, 1.0)
        if self._skip:  # libsndfile guesses the length of an MP3 that does not tell it
            total = min(total, decoded_frames(path))
        self.frames = max(0, total - self._skip)
        self._at = 0  # frame that the open file would give next
        self._tail = np.zeros((self.channels, 0))

    def release(self) -> None:
        """Let go of the open file."""
        self._pool.release(self)

    def read(self, start: int, count: int) -> Signal:
        """See `Stream.read`."""
        begin, end = max(start, 0), min(start + count, self.frames)
        if begin >= end:
            return np.zeros((self.channels, count))
        inside = self._inside(begin, end)
        if begin == start and end == start + count:
            return inside
        out = np.zeros((self.channels, count))
        out[:, begin - start : end - start] = inside
        return out

    def _inside(self, begin: int, end: int) -> Signal:
        kept = self._at - begin
        if 0 < kept <= self._tail.shape[1]:
            known = self._tail[:, self._tail.shape[1] - kept :]
            if kept >= end - begin:
                return known[:, : end - begin].copy()
            return np.concatenate([known, self._decode(self._at, end)], axis=1)
        return self._decode(begin, end)

    def _decode(self, begin: int, end: int) -> Signal:
        file, fresh = self._pool.handle(self)
        if fresh or begin != self._at:
            file.seek(begin + self._skip)
        data = file.read(end - begin, dtype="float64", always_2d=True)
        self._at = end
        frames = np.zeros((self.channels, end - begin)) if len(data) < end - begin else np.ascontiguousarray(data.T)
        if len(data) < end - begin:  # the header promised more than the file holds
            frames[:, : len(data)] = data.T
        if self._gain != 1.0:
            frames *= self._gain
        self._tail = frames[:, -_TAIL:].copy()
        return frames


class WindowStream:
    """Frames `first` … `first + frames` of another stream."""

    def __init__(self, inner: Stream, first: int, frames: int) -> None:
        self._inner, self._first = inner, first
        self.frames, self.channels, self.rate = max(0, frames), inner.channels, inner.rate

    def read(self, start: int, count: int) -> Signal:
        """See `Stream.read`."""
        begin, end = max(start, 0), min(start + count, self.frames)
        if begin >= end:
            return np.zeros((self.channels, count))
        data = self._inner.read(self._first + begin, end - begin)
        return np.pad(data, ((0, 0), (begin - start, start + count - end))) if end - begin < count else data


class ReverseStream:
    """Another stream backwards (5, SECTION MODE 3, [1])."""

    def __init__(self, inner: Stream) -> None:
        self._inner = inner
        self.frames, self.channels, self.rate = inner.frames, inner.channels, inner.rate

    def read(self, start: int, count: int) -> Signal:
        """See `Stream.read`."""
        return self._inner.read(self.frames - start - count, count)[:, ::-1].copy()


class LoopStream:
    """Another stream over and over (5, LOOP 1, [I])."""

    def __init__(self, inner: Stream) -> None:
        self._inner = inner
        self.frames, self.channels, self.rate = inner.frames, inner.channels, inner.rate

    def read(self, start: int, count: int) -> Signal:
        """See `Stream.read`; any `start` is inside the loop."""
        if self.frames <= 0:
            return np.zeros((self.channels, count))
        begin = start % self.frames
        if begin + count <= self.frames:
            return self._inner.read(begin, count)
        parts = []
        while count > 0:
            size = min(count, self.frames - begin)
            parts.append(self._inner.read(begin, size))
            count, begin = count - size, 0
        return np.concatenate(parts, axis=1)
