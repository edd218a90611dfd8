"""From float audio in the staging folder to the files that are sent, for every engine alike.

Gain, channels, length, depth, metadata and name happen here and nowhere else, and the only quantisation with
them.
"""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import TYPE_CHECKING

import numpy as np

from stemkit.audio.c_path import c_path
from stemkit.audio.trim import ORIGINATOR, trim_note
from stemkit.audio.wav_writer import WavHeader, encode_samples, header_bytes, write_pad
from stemkit.errors import EngineError
from stemkit.render.atomic import part_file

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from numpy.typing import NDArray

    from stemkit.model.plan import Encoding, RenderedAudio

__all__ = ["FinishJob", "common_tail_frames", "finish_file", "now_or_fixed", "output_channels"]

_BLOCK_FRAMES = 65_536
_OLDEST_S = datetime(1980, 1, 1, tzinfo=timezone.utc).timestamp()
_NEWEST_S = datetime(2107, 12, 31, tzinfo=timezone.utc).timestamp()
_FRAME_TOLERANCE = 1  # an engine may round a length differently; more is a failure


@dataclass(frozen=True, slots=True, kw_only=True)
class FinishJob:
    """One staged file on its way to its name.

    `start_frame` is where the file begins, in samples from project zero; `gain_db` is applied in float. The staged
    audio has to be `planned_frames` long, of which the first `frames` are kept.
    """

    audio: RenderedAudio
    target: Path
    channels: int
    planned_frames: int
    frames: int
    encoding: Encoding
    gain_db: float
    start_frame: int
    project: str
    label: str
    made_at: datetime


def now_or_fixed() -> datetime:
    """Return the time for metadata: now, or `SOURCE_DATE_EPOCH` so that the same input gives the same bytes.

    A clock that is wrong by decades stops nobody: the time is the nearest one that a zip can hold.
    """
    epoch = os.environ.get("SOURCE_DATE_EPOCH", "")
    fixed = epoch.isascii() and epoch.isdigit()
    seconds = float(epoch) if fixed else time.time()  # a float, because any number of digits makes one
    return datetime.fromtimestamp(min(max(seconds, _OLDEST_S), _NEWEST_S), tz=timezone.utc)


def output_channels(audio: RenderedAudio, *, wish: str) -> int:
    """Decide how many channels a file gets: mono only when left equals right throughout and the plan says auto."""
    if wish == "auto" and audio.channels == 2 and audio.left_equals_right:
        return 1
    return max(2, audio.channels) if wish == "stereo" else audio.channels


def _blocks(path: Path, planned_frames: int, frames: int) -> Iterator[NDArray[np.float64]]:
    """Yield the file in blocks, exactly `frames` long: one frame too few is filled up, one too many left out."""
    import soundfile  # noqa: PLC0415  (planning needs no libsndfile)

    with soundfile.SoundFile(c_path(path)) as stream:
        if abs(stream.frames - planned_frames) > _FRAME_TOLERANCE:
            raise EngineError(
                f"{path.stem} came out {stream.frames} samples long instead of {planned_frames}; "
                "the render was cut short, so nothing was written: render again."
            )
        left = frames
        while left:
            block = stream.read(min(_BLOCK_FRAMES, left), dtype="float64", always_2d=True)
            if not len(block):
                block = np.zeros((left, stream.channels))
            left -= len(block)
            yield block


def _shape(block: NDArray[np.float64], channels: int) -> NDArray[np.float64]:
    """Spread one channel to all, or leave out what is behind the last: one of two only where left equals right."""
    return np.repeat(block, channels, axis=1) if block.shape[1] == 1 else block[:, :channels]


def finish_file(job: FinishJob, *, overwrite: bool = False) -> None:
    """Write one file of the delivery, whole or not at all.

    Raises
    ------
    EngineError
        The staged audio has another length than the plan promised.
    InputError
        The target exists and `overwrite` is off.
    """
    gain = 10.0 ** (job.gain_db / 20.0)
    header = WavHeader(
        encoding=job.encoding,
        sample_rate=job.audio.sample_rate,
        channels=job.channels,
        frames=job.frames,
        description=f"{job.label[:200]}; {trim_note(job.gain_db)}",
        originator=ORIGINATOR,
        origination_date=job.made_at.strftime("%Y-%m-%d"),
        origination_time=job.made_at.strftime("%H:%M:%S"),
        time_reference_samples=job.start_frame,
        project=job.project,
        track=job.label,
    )
    with part_file(job.target, overwrite=overwrite) as stream:
        stream.write(header_bytes(header))
        for block in _blocks(job.audio.path, job.planned_frames, job.frames):
            shaped = _shape(block, job.channels)
            stream.write(encode_samples(shaped * gain if job.gain_db else shaped, job.encoding))
        write_pad(stream, header)


def _sounding_frames(path: Path, floor: int) -> int:
    """Return the number of frames up to the last sample that is not zero, looking back no further than `floor`."""
    import soundfile  # noqa: PLC0415  (loads a C library that `stemkit --help` must not pay for)

    with soundfile.SoundFile(c_path(path)) as stream:
        end = int(stream.frames)
        while end > floor:
            start = max(floor, end - _BLOCK_FRAMES)
            stream.seek(start)
            loud = np.flatnonzero(stream.read(end - start, dtype="float32", always_2d=True).any(axis=1))
            if len(loud):
                return start + int(loud[-1]) + 1
            end = start
    return floor


def common_tail_frames(audio: tuple[RenderedAudio, ...], frames: int, *, floor: int, sample_rate: int) -> int:
    """Return the length without the digital silence that all files share at the end, rounded up to a whole second.

    Parameters
    ----------
    audio
        The staged files.
    frames
        Their planned length.
    floor
        Where the last item ends: nothing before it is taken away.
    sample_rate
        In Hz.
    """
    last = max((_sounding_frames(a.path, min(floor, a.frames)) for a in audio), default=frames)
    whole_seconds = -(-max(last, floor) // sample_rate) * sample_rate
    return min(frames, whole_seconds)
