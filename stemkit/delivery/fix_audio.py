"""Changing the sound or the header of one file into a new file; the old one is only read."""

from __future__ import annotations

import math
import shutil
import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO

import numpy as np

from stemkit.audio.c_path import c_path
from stemkit.audio.riff import OpenFile, scan
from stemkit.audio.trim import ORIGINATOR, trim_note
from stemkit.audio.wav_writer import WavHeader, encode_samples, header_bytes, write_pad

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from stemkit.model.audio import FileFacts
    from stemkit.model.plan import Encoding

    Samples = NDArray[np.float64]

__all__ = ["AudioEdit", "apply_edit", "repair_sizes", "set_time_reference"]

_BLOCK_FRAMES = 65_536
_COPY_BYTES = 1 << 20
_FADE_S = 0.005
_SEARCH_S = 0.02  # how far into a gap the next zero crossing is looked for
_TIME_REFERENCE_AT = 338  # bytes into the bext chunk (EBU Tech 3285)
_RIFF_MAX = 0xFFFFFFFF


@dataclass(frozen=True, slots=True, kw_only=True)
class AudioEdit:
    """What happens to one file's samples, in this order; nothing is done that is not said.

    `offset` is taken away per channel, `inverted` channels are flipped, `silences` (frames) are faded to nothing,
    `keep_channel` makes the file mono, then `gain_db`; `shift_frames` above 0 puts silence in front, below 0 takes
    frames away there (the file still begins where it began, its sound moves), and `frames` is the length in the end.
    """

    offset: tuple[float, ...] = ()
    inverted: tuple[int, ...] = ()
    silences: tuple[tuple[int, int], ...] = ()
    keep_channel: int | None = None
    gain_db: float = 0.0
    shift_frames: int = 0
    frames: int | None = None
    starts_later: int = 0  # frames by which the file itself begins later on the time line
    rewrite: bool = False  # write the file anew although its samples stay


def apply_edit(file: FileFacts, source: Path, target: Path, edit: AudioEdit) -> None:
    """Write `source` with an edit to `target`.

    The sample format stays, but for 16-bit and other integers, which become 24-bit because the result no longer fits
    into fewer. Time reference and description stay; a gain is added to the trim that the description names.
    """
    import soundfile  # noqa: PLC0415  (planning needs no libsndfile)

    with soundfile.SoundFile(c_path(source)) as stream:
        rate, channels = int(stream.samplerate), int(stream.channels)
        total = int(stream.frames)
        silences = [_at_crossings(stream, span, rate) for span in edit.silences]
        stream.seek(0)
        frames = edit.frames if edit.frames is not None else total + edit.shift_frames
        header = _header(
            file, edit, rate=rate, channels=1 if edit.keep_channel is not None else channels, frames=frames
        )
        with target.open("xb") as out:
            out.write(header_bytes(header))
            for block in _fitted(_edited(stream, edit, silences, rate), edit.shift_frames, frames, header.channels):
                out.write(encode_samples(block, header.encoding))
            write_pad(out, header)


def _header(file: FileFacts, edit: AudioEdit, *, rate: int, channels: int, frames: int) -> WavHeader:
    bext, ixml = file.container.bext, file.container.ixml
    encoding: Encoding = "float32" if file.container.encoding in ("float32", "float64") else "pcm24"
    description, originator = (bext.description, bext.originator) if bext is not None else ("", "")
    if edit.gain_db:
        name = file.path.rsplit("/", 1)[-1].rpartition(".")[0]
        description = f"{name[:200]}; {trim_note((file.trim_db or 0.0) + edit.gain_db)}"
        originator = ORIGINATOR
    return WavHeader(
        encoding=encoding,
        sample_rate=rate,
        channels=channels,
        frames=frames,
        description=description,
        originator=originator,
        origination_date=bext.origination_date if bext is not None else "",
        origination_time=bext.origination_time if bext is not None else "",
        time_reference_samples=bext.time_reference_samples + edit.starts_later if bext is not None else 0,
        project=(ixml.project or "") if ixml is not None else "",
        track=(ixml.track_names[0] if ixml.track_names else "") if ixml is not None else "",
    )


def _edited(stream: object, edit: AudioEdit, silences: Sequence[tuple[int, int]], rate: int) -> Iterator[Samples]:
    """Read the file in blocks and change them."""
    gain = 10 ** (edit.gain_db / 20)
    fade = max(1, round(_FADE_S * rate))
    position = 0
    while True:
        block: Samples = stream.read(_BLOCK_FRAMES, dtype="float64", always_2d=True)  # type: ignore[attr-defined]  # soundfile has no types
        if not len(block):
            return
        if edit.offset:
            block -= np.asarray(edit.offset)[: block.shape[1]]
        for channel in edit.inverted:
            block[:, channel] *= -1
        for start, end in silences:
            _mute(block, position, start, end, fade)
        position += len(block)
        if edit.keep_channel is not None:
            block = block[:, edit.keep_channel : edit.keep_channel + 1]
        yield block * gain if edit.gain_db else block


def _mute(block: Samples, position: int, start: int, end: int, fade: int) -> None:
    """Fade out behind `start`, in before `end`, and leave zeros between."""
    first, last = max(start - position, 0), min(end - position, len(block))
    if first >= last:
        return
    places = np.arange(position + first, position + last)
    out = np.clip(1 - (places - start) / fade, 0, 1)
    back = np.clip(1 - (end - 1 - places) / fade, 0, 1)
    block[first:last] *= np.maximum(out, back)[:, np.newaxis]


def _at_crossings(stream: object, span: tuple[int, int], rate: int) -> tuple[int, int]:
    """Move both ends of a gap inwards to the next change of sign, so that neither fade begins on a step."""
    reach = round(_SEARCH_S * rate)
    start, end = span
    if end - start <= 2 * reach:
        return span
    stream.seek(start)  # type: ignore[attr-defined]  # soundfile has no types
    head: Samples = stream.read(reach, dtype="float64", always_2d=True)[:, 0]  # type: ignore[attr-defined]
    stream.seek(end - reach)  # type: ignore[attr-defined]
    tail: Samples = stream.read(reach, dtype="float64", always_2d=True)[:, 0]  # type: ignore[attr-defined]
    forward = np.flatnonzero(np.signbit(head[1:]) != np.signbit(head[:-1]))
    backward = np.flatnonzero(np.signbit(tail[1:]) != np.signbit(tail[:-1]))
    return (
        start + (int(forward[0]) + 1 if len(forward) else 0),
        end - (reach - int(backward[-1]) - 1 if len(backward) else 0),
    )


def _fitted(blocks: Iterator[Samples], shift: int, frames: int, channels: int) -> Iterator[Samples]:
    """Put silence in front or take frames away there, then bring the whole to its length."""
    left = frames
    silence = min(max(shift, 0), left)
    skip = max(-shift, 0)
    while silence:
        count = min(silence, _BLOCK_FRAMES)
        yield np.zeros((count, channels))
        silence, left = silence - count, left - count
    for block in blocks:
        kept = block[min(skip, len(block)) :][:left]
        skip -= min(skip, len(block))
        left -= len(kept)
        if len(kept):
            yield kept
    while left:
        count = min(left, _BLOCK_FRAMES)
        yield np.zeros((count, channels))
        left -= count


def set_time_reference(source: Path, target: Path, samples: int) -> None:
    """Copy a file and write another time reference into its `bext` chunk; every other byte stays."""
    with source.open("rb") as stream:
        found = scan(OpenFile(stream, stream.seek(0, 2)), "<", wide=True)
    bext = found.first("bext")
    assert bext is not None, "only files with a bext chunk have a time reference"
    shutil.copyfile(source, target)
    with target.open("r+b") as out:
        out.seek(bext.body + _TIME_REFERENCE_AT)
        out.write(struct.pack("<Q", samples))


def repair_sizes(source: Path, target: Path) -> None:
    """Copy a RIFF file with sizes that fit what is there; samples and other chunks stay to the byte."""
    with source.open("rb") as stream, target.open("xb") as out:
        found = scan(OpenFile(stream, stream.seek(0, 2)), "<", wide=False)
        out.write(b"RIFF" + bytes(4) + b"WAVE")
        for chunk in found.chunks:
            out.write(chunk.name.encode("latin-1").ljust(4)[:4] + struct.pack("<I", min(chunk.present, _RIFF_MAX)))
            stream.seek(chunk.body)
            _copy(stream, out, chunk.present)
            if chunk.present % 2:
                out.write(b"\0")
        size = out.tell() - 8
        out.seek(4)
        out.write(struct.pack("<I", min(size, _RIFF_MAX)))


def _copy(stream: BinaryIO, out: BinaryIO, count: int) -> None:
    for _ in range(math.ceil(count / _COPY_BYTES)):
        block = stream.read(min(_COPY_BYTES, count))
        out.write(block)
        count -= len(block)
