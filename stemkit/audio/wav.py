"""The container walker: what the bytes around the audio say, read without trust.

Only headers and small chunks are read; over the audio itself the walker seeks. libsndfile forgives broken files
(it opens one whose header promises 100,000 frames where 2,240 are there), and a cut-off upload is the most common
fault of a delivery, so the sizes in the header are held against the real size of the file.
"""

from __future__ import annotations

import stat
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from stemkit.audio.bext import parse_bext
from stemkit.audio.container import describe, recognise
from stemkit.audio.fmt_chunk import Format, parse_format
from stemkit.audio.ixml import parse_ixml
from stemkit.audio.markers import Labels, cue_points, parse_cue, parse_info, parse_labels, parse_smpl
from stemkit.audio.riff import Chunk, OpenFile, Scan, scan
from stemkit.audio.zero_tail import find_zero_tail
from stemkit.errors import InputError
from stemkit.model.audio import ContainerFacts, Damage

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from stemkit.model.audio import Bext, Container, Ixml, SampleLoop

__all__ = ["walk"]

MAX_CHUNK_BYTES = 1 << 20  # of a metadata chunk; real ones hold a few kilobytes
MAX_METADATA_CHUNKS = 64


def walk(path: Path) -> ContainerFacts:
    """Read everything but the samples of an audio file.

    Parameters
    ----------
    path
        An existing file.

    Returns
    -------
    ContainerFacts
        What the container says, with every fault of it as `Damage`; whatever the bytes are, this returns.

    Raises
    ------
    InputError
        The path is no regular file, or the system refuses to read it.
    """
    try:
        if not stat.S_ISREG(path.stat().st_mode):  # opening a pipe would wait for ever
            raise InputError(f"the file {path.name} is no ordinary file; put the audio file itself here")
        stream = path.open("rb")
    except (OSError, ValueError) as error:  # ValueError: a NUL in the path
        reason = getattr(error, "strerror", None) or "its path makes no sense"
        raise InputError(
            f"the file {path.name} cannot be opened ({reason}); check that it exists and that you may read it"
        ) from error
    with stream:
        try:
            return _walk(path, OpenFile(stream, stream.seek(0, 2)))
        except OSError as error:
            reason = error.strerror or str(error)
            raise InputError(
                f"the file {path.name} cannot be read ({reason}); copy it again from where it came"
            ) from error


def _walk(path: Path, source: OpenFile) -> ContainerFacts:
    kind, codec = recognise(source)
    if kind not in ("wav", "rifx", "rf64", "bw64"):
        return describe(path, source, kind, codec)
    if source.size < 12:
        damage = Damage(
            code="cut_header", message=f"the file ends after {source.size} bytes, inside its header", offset=0
        )
        return ContainerFacts(container=kind, size_bytes=source.size, damage=(damage,))
    found = scan(source, ">" if kind == "rifx" else "<", wide=kind in ("rf64", "bw64"))
    return _facts(source, kind, found)


@dataclass(slots=True)
class _Metadata:
    """What the chunks beside the audio hold, gathered one by one."""

    bext: Bext | None = None
    ixml: Ixml | None = None
    info: dict[str, str] = field(default_factory=dict)
    cue_frames: dict[int, int] = field(default_factory=dict)
    labels: Labels = field(default_factory=dict)
    loops: tuple[SampleLoop, ...] = ()


def _facts(source: OpenFile, kind: Container, found: Scan) -> ContainerFacts:
    form = _read_format(source, found)
    data = found.first("data")
    if data is None:
        found.hurt("no_data", "the file holds no audio: it has no data chunk", found.end)
    metadata = _read_metadata(source, found)
    aligned = form.block_align > 0 and form.encoding not in (None, "other") and form.channels > 0
    frames = data.present // form.block_align if data is not None and aligned else None
    if data is not None:
        _judge_data(source, found, data, form, frames)
    return ContainerFacts(
        container=kind,
        size_bytes=source.size,
        encoding=form.encoding,
        codec=form.codec,
        sample_rate=form.sample_rate or None,
        channels=form.channels or None,
        bits=form.bits or None,
        valid_bits=form.valid_bits,
        extensible=form.extensible,
        channel_mask=form.channel_mask,
        block_align=form.block_align or None,
        data_offset=data.body if data is not None else None,
        data_bytes=_whole_bytes(data, form, frames),
        declared_data_bytes=data.declared if data is not None else None,
        frames=frames,
        chunks=tuple(chunk.name for chunk in found.chunks),
        bext=metadata.bext,
        ixml=metadata.ixml,
        info=metadata.info,
        cues=cue_points(metadata.cue_frames, metadata.labels),
        loops=metadata.loops,
        damage=tuple(form.damage + found.damage),
    )


def _whole_bytes(data: Chunk | None, form: Format, frames: int | None) -> int | None:
    if data is None:
        return None
    return data.present if frames is None else frames * form.block_align


def _read_format(source: OpenFile, found: Scan) -> Format:
    chunks = [chunk for chunk in found.chunks if chunk.name == "fmt "]
    data = found.first("data")
    if not chunks:
        found.hurt("no_fmt", "the file does not say what its samples are: it has no fmt chunk", 12)
        return Format()
    bodies = [source.read(chunk.body, min(chunk.present, 4096)) for chunk in chunks[:2]]
    if len(chunks) > 1:
        same = bodies[0] == bodies[1]
        told = "twice, in the same words" if same else "twice, and not the same"
        found.hurt("two_fmt", f"the header says {told}, what its samples are", chunks[1].start, fatal=not same)
    if data is not None and data.start < chunks[0].start:
        message = "the audio comes before the fmt chunk that explains it; most programs cannot open such a file"
        found.hurt("data_before_fmt", message, data.start)
    return parse_format(bodies[0], chunks[0].body, found.order)


def _judge_data(source: OpenFile, found: Scan, data: Chunk, form: Format, frames: int | None) -> None:
    def length(size: int) -> str:
        known = frames is not None and form.sample_rate > 0
        return f"{size / form.block_align / form.sample_rate:,.1f} s" if known else f"{size:,} bytes"

    if data.present < data.declared and not found.streamed:
        message = f"the file ends after {length(data.present)} of the {length(data.declared)} its header promises"
        found.hurt("truncated", message, data.body + data.present)
    if data.declared == 0 and data.present > 0:
        message = f"the header says there is no audio, while {length(data.present)} follow: the file was never closed"
        found.hurt("zero_size", message, data.start)
    others = [chunk for chunk in found.chunks if chunk.name == "data" and chunk is not data]
    if others:
        message = "the file has more than one data chunk, and programs disagree which one is the audio"
        found.hurt("two_data", message, others[0].start)
    if frames is None:
        return
    if data.present % form.block_align and data.present == data.declared:
        found.hurt("partial_frame", "the audio ends in the middle of a frame", data.body + data.present, fatal=False)
    start = find_zero_tail(source, data.body, frames * form.block_align, form)
    if start is not None:
        told = f"from {length(start - data.body)} on" if form.sample_rate else f"from byte {start:,} on"
        message = (
            f"{told} the file holds only zeros, and the sound stops on the border of a disk block: "
            "an upload or copy that did not finish looks like this"
        )
        found.hurt("zero_tail", message, start, fatal=False)


def _read_metadata(source: OpenFile, found: Scan) -> _Metadata:
    gathered = _Metadata()
    chunks = [chunk for chunk in found.chunks if chunk.name in READERS]
    for chunk in chunks[:MAX_METADATA_CHUNKS]:
        if chunk.present > MAX_CHUNK_BYTES:
            message = f"the {chunk.name.strip()} chunk is {chunk.present:,} bytes large; only its beginning was read"
            found.hurt("huge_chunk", message, chunk.start, fatal=False)
        raw = source.read(chunk.body, min(chunk.present, MAX_CHUNK_BYTES))
        READERS[chunk.name](gathered, found, chunk, raw)
    return gathered


def _read_bext(gathered: _Metadata, found: Scan, chunk: Chunk, raw: bytes) -> None:
    if gathered.bext is None:
        gathered.bext, damage = parse_bext(raw, chunk.body, found.order)
        found.damage += damage


def _read_ixml(gathered: _Metadata, found: Scan, chunk: Chunk, raw: bytes) -> None:
    if gathered.ixml is None:
        gathered.ixml, damage = parse_ixml(raw, chunk.body)
        found.damage += damage


def _read_list(gathered: _Metadata, found: Scan, _chunk: Chunk, raw: bytes) -> None:
    if raw[:4] == b"INFO":
        gathered.info = {**parse_info(raw[4:], found.order), **gathered.info}
    elif raw[:4] == b"adtl":
        gathered.labels.update(parse_labels(raw[4:], found.order))


def _read_cue(gathered: _Metadata, found: Scan, _chunk: Chunk, raw: bytes) -> None:
    gathered.cue_frames.update(parse_cue(raw, found.order))


def _read_smpl(gathered: _Metadata, found: Scan, chunk: Chunk, raw: bytes) -> None:
    loops, damage = parse_smpl(raw, chunk.body, found.order)
    gathered.loops += loops
    found.damage += damage


READERS: dict[str, Callable[[_Metadata, Scan, Chunk, bytes], None]] = {
    "bext": _read_bext,
    "iXML": _read_ixml,
    "LIST": _read_list,
    "cue ": _read_cue,
    "smpl": _read_smpl,
}
