"""Open audio as a stream of planar samples: our own decoder for plain WAV data, libsndfile for the rest.

Integer samples become ``value / 2**(bits - 1)``, so that full scale reads -1.0 and 1 - 2**(1 - bits). The file
is read with `readinto` into pages that lie like the file's own, which costs a quarter of an unaligned read.
"""

from __future__ import annotations

import mmap
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from stemkit.audio.c_path import c_path
from stemkit.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager
    from io import FileIO
    from pathlib import Path

    from numpy.typing import NDArray

    from stemkit.model.audio import ContainerFacts, Encoding

__all__ = ["MAX_CHANNELS", "Source", "bits_of", "block_source", "is_plain", "open_source"]

MAX_CHANNELS = 64  # more is a broken header, and memory grows with it
PLAIN_CONTAINERS = frozenset({"wav", "rf64", "bw64", "w64"})
_BYTES: dict[str, int] = {"pcm8": 1, "pcm16": 2, "pcm24": 3, "pcm32": 4, "float32": 4, "float64": 8}
_BITS: dict[str, int] = {"pcm8": 8, "pcm16": 16, "pcm24": 24, "pcm32": 32}
_WIDE = frozenset({"pcm32", "float64"})  # what float32 cannot hold exactly
_SUBTYPES: dict[str, Encoding] = {
    "PCM_S8": "pcm8", "PCM_U8": "pcm8", "PCM_16": "pcm16", "PCM_24": "pcm24", "PCM_32": "pcm32",
    "FLOAT": "float32", "DOUBLE": "float64",
}  # fmt: skip


def bits_of(encoding: Encoding) -> int | None:
    """Bits of an integer encoding; None for float and for codecs."""
    return _BITS.get(encoding)


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A stream of samples.

    `read` fills the last axis of a planar array ``(channels, n)`` of `dtype` as far as there is audio and
    returns the number of frames; fewer than n means the end. `fetch` does the same without decoding, where the
    samples lie in the file as they are: it returns the bytes of up to n frames, valid until the next call.
    `look_back` reads ``(channels, n)`` from a frame on, where the stream can go back; NaN and Inf come as zeros.
    `frames` is how long the stream should be, by its header alone.
    """

    sample_rate: int
    channels: int
    encoding: Encoding
    read: Callable[[NDArray[Any]], int]
    fetch: Callable[[int], memoryview] | None = None
    look_back: Callable[[int, int], NDArray[np.float32]] | None = None
    frames: int | None = None

    @property
    def frame_bytes(self) -> int:
        """Bytes of a frame as `fetch` gives it."""
        return _BYTES[self.encoding] * self.channels

    @property
    def dtype(self) -> type[np.float32 | np.float64]:
        """What holds the samples exactly."""
        return np.float64 if self.encoding in _WIDE else np.float32


def is_plain(container: ContainerFacts) -> bool:
    """Tell whether the samples lie in the file as they are, little-endian and in one piece."""
    return (
        container.container in PLAIN_CONTAINERS
        and container.encoding in _BYTES
        and container.data_offset is not None
        and bool(container.channels)
        and bool(container.sample_rate)
    )


def _check_shape(sample_rate: int, channels: int, name: str) -> None:
    if not 1 <= channels <= MAX_CHANNELS:
        raise InputError(f"{name} claims {channels} channels; stemkit measures 1 to {MAX_CHANNELS}. Export it again.")
    if not 1000 <= sample_rate <= 1_536_000:
        raise InputError(f"{name} claims a sample rate of {sample_rate} Hz, which cannot be right. Export it again.")


def _decoder(
    encoding: Encoding, channels: int, buffer: mmap.mmap | bytearray
) -> Callable[[int, int, NDArray[Any]], None]:
    """Return a function that decodes `frames` frames at byte `start` of `buffer` into a planar array."""
    step = _BYTES[encoding] * channels
    shifted = np.empty((channels, 0), np.int32)

    def view(dtype: str, start: int, frames: int) -> NDArray[Any]:
        return np.ndarray((channels, frames), dtype, buffer, start, (_BYTES[encoding], step))

    def unsigned8(start: int, frames: int, out: NDArray[Any]) -> None:
        np.multiply(view("u1", start, frames).astype(np.int16) - 128, np.float32(2**-7), out=out)

    def integer(dtype: str, scale: float) -> Callable[[int, int, NDArray[Any]], None]:
        def decode(start: int, frames: int, out: NDArray[Any]) -> None:
            np.multiply(view(dtype, start, frames), out.dtype.type(scale), out=out, casting="unsafe")

        return decode

    def packed24(start: int, frames: int, out: NDArray[Any]) -> None:
        # Each 3-byte sample is the top of an int32 that begins one byte before it; the shift drops the stray byte.
        if shifted.shape[1] < frames:
            shifted.resize((channels, frames), refcheck=False)
        wide = np.right_shift(view("<i4", start - 1, frames), 8, out=shifted[:, :frames])
        np.multiply(wide, np.float32(2**-23), out=out, casting="unsafe")

    def floating(dtype: str) -> Callable[[int, int, NDArray[Any]], None]:
        def decode(start: int, frames: int, out: NDArray[Any]) -> None:
            np.copyto(out, view(dtype, start, frames))

        return decode

    return {
        "pcm8": unsigned8,
        "pcm16": integer("<i2", 2**-15),
        "pcm24": packed24,
        "pcm32": integer("<i4", 2**-31),
        "float32": floating("<f4"),
        "float64": floating("<f8"),
    }[encoding]


class _Reading(NamedTuple):
    read: Callable[[NDArray[Any]], int]
    fetch: Callable[[int], memoryview]
    look_back: Callable[[int, int], NDArray[np.float32]]


def _plain_reader(file: FileIO, container: ContainerFacts, tap: Callable[[memoryview], None] | None) -> _Reading:
    encoding, channels = container.encoding, container.channels
    assert encoding is not None
    assert channels is not None
    assert container.data_offset is not None
    step = _BYTES[encoding] * channels
    page = mmap.PAGESIZE
    buffer = mmap.mmap(-1, 2 * page)
    view = memoryview(buffer)
    decode = _decoder(encoding, channels, buffer)
    left = container.data_bytes if container.data_bytes is not None else container.size_bytes
    origin = position = container.data_offset
    file.seek(position)

    def load(frames: int) -> tuple[int, int]:
        nonlocal buffer, view, decode, left, position
        wanted = min(frames * step, left)
        if wanted + 3 * page > len(buffer):  # only when blocks grow
            buffer = mmap.mmap(-1, wanted + 4 * page)
            view = memoryview(buffer)
            decode = _decoder(encoding, channels, buffer)
        start = page + position % page  # page offset in memory = page offset in the file
        got = 0
        while got < wanted:
            count = file.readinto(view[start + got : start + wanted])
            if not count:
                break
            got += count
        if tap is not None:
            tap(view[start : start + got])
        position += got
        left -= got
        return start, got // step

    def read(out: NDArray[Any]) -> int:
        start, frames = load(out.shape[1])
        decode(start, frames, out[:, :frames])
        return frames

    def fetch(count: int) -> memoryview:
        start, frames = load(count)
        return view[start : start + frames * step]

    def look_back(first: int, count: int) -> NDArray[np.float32]:
        raw = bytearray(page + count * step)
        file.seek(origin + first * step)
        got = file.readinto(memoryview(raw)[page:]) or 0
        file.seek(position)
        out = np.zeros((channels, count), np.float64 if encoding in _WIDE else np.float32)
        frames = min(count, got // step)
        _decoder(encoding, channels, raw)(page, frames, out[:, :frames])
        return _finite(out)

    return _Reading(read, fetch, look_back)


def _finite(samples: NDArray[Any]) -> NDArray[np.float32]:
    samples[~np.isfinite(samples)] = 0
    return samples.astype(np.float32, copy=False)


@contextmanager
def _open_plain(path: Path, container: ContainerFacts, tap: Callable[[memoryview], None] | None) -> Iterator[Source]:
    assert container.encoding is not None
    assert container.sample_rate is not None
    assert container.channels is not None
    _check_shape(container.sample_rate, container.channels, path.name)
    with path.open("rb", buffering=0) as file:
        reading = _plain_reader(file, container, tap)
        yield Source(
            sample_rate=container.sample_rate,
            channels=container.channels,
            encoding=container.encoding,
            read=reading.read,
            fetch=reading.fetch,
            look_back=reading.look_back,
            frames=container.frames,
        )


@contextmanager
def _open_sndfile(path: Path) -> Iterator[Source]:
    import soundfile  # noqa: PLC0415  (0.2 s that plain WAV files need not pay)

    try:
        file = soundfile.SoundFile(c_path(path))
    except soundfile.LibsndfileError as error:
        reason = error.error_string.rstrip(".")
        raise InputError(f"{path.name} cannot be decoded ({reason}); export it again as WAV.") from error
    with file:
        _check_shape(file.samplerate, file.channels, path.name)
        encoding = _SUBTYPES.get(file.subtype, "other")

        def read(out: NDArray[Any]) -> int:
            try:
                block = file.read(out.shape[1], dtype=str(out.dtype), always_2d=True)
            except soundfile.LibsndfileError as error:
                reason = error.error_string.rstrip(".")
                raise InputError(f"{path.name} breaks off while decoding ({reason}); export it again.") from error
            out[:, : len(block)] = block.T
            return len(block)

        rate, channels = file.samplerate, file.channels
        yield Source(sample_rate=rate, channels=channels, encoding=encoding, read=read, frames=file.frames)


def open_source(
    path: Path, container: ContainerFacts, tap: Callable[[memoryview], None] | None = None
) -> AbstractContextManager[Source]:
    """Open a file for reading samples.

    Parameters
    ----------
    path
        The file.
    container
        What `stemkit.audio.wav.walk` says of it; truncated data are read as far as they go.
    tap
        Called with the raw bytes of each read, for hashing; plain files only.

    Returns
    -------
    contextlib.AbstractContextManager[Source]
        Closes the file on exit.

    Raises
    ------
    InputError
        The file cannot be decoded, or its header claims nonsense.
    """
    if is_plain(container):
        return _open_plain(path, container, tap)
    return _open_sndfile(path)


def block_source(blocks: Iterator[NDArray[Any]], sample_rate: int, *, encoding: Encoding) -> Source | None:
    """Present blocks ``(frames, channels)`` of floats as a source; None when there is no block at all."""
    planar = (block[None, :] if block.ndim == 1 else block.T for block in blocks)
    rest = next(planar, None)
    if rest is None:
        return None
    channels = len(rest)
    _check_shape(sample_rate, channels, "The generated audio")

    def read(out: NDArray[Any]) -> int:
        nonlocal rest
        done = 0
        while rest is not None and done < out.shape[1]:
            count = min(rest.shape[1], out.shape[1] - done)
            out[:, done : done + count] = rest[:, :count]
            done += count
            rest = rest[:, count:] if count < rest.shape[1] else next(planar, None)
        return done

    return Source(sample_rate=sample_rate, channels=channels, encoding=encoding, read=read)
