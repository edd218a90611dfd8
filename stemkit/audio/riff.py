"""Finding the chunks of a RIFF, RIFX, RF64 or BW64 file by seeking, with no trust in any size field."""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from stemkit.model.audio import Damage

if TYPE_CHECKING:
    from typing import BinaryIO

__all__ = ["ByteOrder", "Chunk", "OpenFile", "Scan", "printable_id", "scan"]

ByteOrder = Literal["<", ">"]
MAX_CHUNKS = 4096
HEADER_BYTES = 8
RIFF_HEADER_BYTES = 12
DS64_BYTES = 28
UNKNOWN_SIZE = 0xFFFFFFFF
# What writers leave in a 32-bit size when they cannot seek back: ffmpeg, arecord and sox, in this order.
STREAMED_SIZES = frozenset({0xFFFFFFFF, 0x7FFFFFFF, 0x7FFFF000, 0x80000000})
WRAP = 1 << 32
KNOWN = frozenset(
    {b"fmt ", b"data", b"bext", b"iXML", b"LIST", b"cue ", b"smpl", b"fact", b"JUNK", b"ds64", b"axml", b"chna"}
)


@dataclass(slots=True)
class OpenFile:
    """An open file of known size, read at absolute offsets and never more than asked for."""

    stream: BinaryIO
    size: int

    def read(self, offset: int, count: int) -> bytes:
        """Return up to `count` bytes from `offset`; fewer at the end of the file."""
        if count <= 0 or not 0 <= offset < self.size:
            return b""
        self.stream.seek(offset)
        return self.stream.read(min(count, self.size - offset))


@dataclass(frozen=True, slots=True)
class Chunk:
    """One chunk: where its header starts, how many bytes it claims and how many are there."""

    name: str
    start: int
    declared: int
    present: int

    @property
    def body(self) -> int:
        """Offset of the first byte after the header."""
        return self.start + HEADER_BYTES


@dataclass(slots=True)
class Scan:
    """What a walk over the chunks found. `sizes64` holds the sizes of `ds64` by chunk name."""

    order: ByteOrder
    riff_size: int
    chunks: list[Chunk] = field(default_factory=list)
    damage: list[Damage] = field(default_factory=list)
    sizes64: dict[str, int] = field(default_factory=dict)
    streamed: bool = False
    end: int = RIFF_HEADER_BYTES  # where the last chunk that was understood ends

    def first(self, name: str) -> Chunk | None:
        """Return the first chunk called `name`."""
        return next((chunk for chunk in self.chunks if chunk.name == name), None)

    def hurt(self, code: str, message: str, offset: int | None = None, *, fatal: bool = True) -> None:
        """Add one damage."""
        self.damage.append(Damage(code=code, message=message, offset=offset, fatal=fatal))


def printable_id(raw: bytes) -> bool:
    """Tell whether four bytes can be the name of a chunk."""
    return len(raw) == 4 and all(0x20 <= byte < 0x7F for byte in raw) and raw != b"    "


def scan(source: OpenFile, order: ByteOrder, *, wide: bool) -> Scan:
    """List the chunks of a file whose first twelve bytes are known to be a RIFF header.

    Parameters
    ----------
    source
        The open file.
    order
        ``<`` for RIFF, ``>`` for RIFX.
    wide
        True for RF64 and BW64, whose sizes stand in ``ds64`` (EBU Tech 3306, ITU-R BS.2088).

    Returns
    -------
    Scan
        Chunks in file order, and what was wrong with their sizes.
    """
    found = Scan(order=order, riff_size=struct.unpack(order + "I", source.read(4, 4).ljust(4, b"\0"))[0])
    position = RIFF_HEADER_BYTES
    while position < source.size:
        if len(found.chunks) >= MAX_CHUNKS:
            fatal = found.first("data") is None
            found.hurt("too_many_chunks", f"the file holds more than {MAX_CHUNKS} chunks", position, fatal=fatal)
            break
        header = source.read(position, HEADER_BYTES)
        if not _is_header(header) or _unpadded(source, found, position):
            position = _resume(source, found, position)
            if position < 0:
                break
            continue
        chunk = _measure(source, found, position, header)
        found.chunks.append(chunk)
        if chunk.name == "ds64" and wide:
            _read_ds64(source, found, chunk)
        found.end = chunk.body + chunk.present
        position = chunk.body + chunk.present + chunk.present % 2
    _judge_riff_size(source, found, wide=wide)
    return found


def _is_header(header: bytes) -> bool:
    return len(header) == HEADER_BYTES and printable_id(header[:4])


def _unpadded(source: OpenFile, found: Scan, position: int) -> bool:
    """Tell whether a known chunk begins one byte early, where its forerunner of odd size should have a pad byte."""
    odd = bool(found.chunks) and found.chunks[-1].present % 2 == 1
    return odd and source.read(position - 1, 4) in KNOWN


def _resume(source: OpenFile, found: Scan, position: int) -> int:
    """Go on after bytes that are no chunk header: at the byte before (a missing pad), or not at all (-1)."""
    last = found.chunks[-1] if found.chunks else None
    unpadded = position - 1
    if last is not None and last.present % 2 and _is_header(source.read(unpadded, HEADER_BYTES)):
        found.hurt(
            "missing_pad",
            f"the {last.name.strip()} chunk has an odd size and no pad byte after it, so that strict programs lose "
            "their way in the file",
            unpadded,
            fatal=found.first("data") is None,
        )
        return unpadded
    after = last.name.strip() if last else "RIFF"
    rest = source.read(position, 4096)
    if rest.strip(b"\0"):  # trailing zeros are padding to a disk block and do no harm
        found.hurt(
            "garbage",
            f"{source.size - position:,} bytes after the {after} chunk belong to no chunk",
            position,
            fatal=found.first("data") is None,
        )
    return -1


def _measure(source: OpenFile, found: Scan, position: int, header: bytes) -> Chunk:
    """Read one chunk's header and correct its size by what the file really holds."""
    name = header[:4].decode("ascii")
    declared: int = struct.unpack(found.order + "I", header[4:])[0]
    available = source.size - position - HEADER_BYTES
    if declared == UNKNOWN_SIZE and name in found.sizes64:
        declared = found.sizes64[name]
    if name == "data":
        return _measure_data(source, found, position, declared, available)
    if declared > available:
        found.hurt(
            "chunk_cut",
            f"the {name.strip()} chunk claims {declared:,} bytes, and the file ends after {available:,} of them",
            position,
            fatal=found.first("data") is None,
        )
    return Chunk(name, position, declared, min(declared, available))


def _measure_data(source: OpenFile, found: Scan, position: int, declared: int, available: int) -> Chunk:
    body = position + HEADER_BYTES
    if declared in STREAMED_SIZES and declared > available:
        found.streamed = True
        found.hurt(
            "streamed_size",
            "the header does not say how long the audio is, as when it was piped from a program or a recorder lost "
            "its power; the audio is taken to reach the end of the file",
            position,
            fatal=False,
        )
        return Chunk("data", position, declared, available)
    if declared == 0 and available > 0 and not _is_header(source.read(body, HEADER_BYTES)):
        found.streamed = True
        return Chunk("data", position, declared, available)
    if _wrapped(source, found, body, declared, available):
        found.hurt(
            "size_wrap",
            "the file is larger than the 4 GiB that a plain WAV header can count, so that most programs see only its "
            "first part; it should be RF64",
            position,
        )
        return Chunk("data", position, declared, declared + WRAP * ((available - declared) // WRAP))
    return Chunk("data", position, declared, min(declared, available))


def _wrapped(source: OpenFile, found: Scan, body: int, declared: int, available: int) -> bool:
    """Tell whether a 32-bit size has lost its upper half: the rest is a multiple of 4 GiB and no chunk follows."""
    if available < WRAP or declared >= WRAP or "data" in found.sizes64:
        return False
    follows = source.read(body + declared + declared % 2, HEADER_BYTES)
    agrees = (found.riff_size + HEADER_BYTES - source.size) % WRAP in (0, 1, WRAP - 1)
    return agrees or not _is_header(follows)


def _read_ds64(source: OpenFile, found: Scan, chunk: Chunk) -> None:
    raw = source.read(chunk.body, min(chunk.present, 64 * 1024))
    if len(raw) < DS64_BYTES - 4:
        found.hurt("short_ds64", "the ds64 chunk, which holds the 64-bit sizes, is too short", chunk.start, fatal=False)
        return
    riff, data, _frames = struct.unpack_from(found.order + "QQQ", raw)
    found.sizes64 |= {"RIFF": riff, "data": data}
    count = struct.unpack_from(found.order + "I", raw, 24)[0] if len(raw) >= DS64_BYTES else 0
    for index in range(min(count, (len(raw) - DS64_BYTES) // 12)):
        name, size = struct.unpack_from(found.order + "4sQ", raw, DS64_BYTES + 12 * index)
        found.sizes64.setdefault(name.decode("latin-1"), size)


def _judge_riff_size(source: OpenFile, found: Scan, *, wide: bool) -> None:
    if wide and not found.sizes64:
        data = found.first("data")
        lost = data is None or data.declared in STREAMED_SIZES
        found.hurt("no_ds64", "an RF64 file needs a ds64 chunk for its sizes and has none", 12, fatal=lost)
    declared = found.sizes64.get("RIFF", found.riff_size) if found.riff_size == UNKNOWN_SIZE else found.riff_size
    difference = source.size - HEADER_BYTES - declared
    # A final pad byte may be missing or not counted: valid in practice. Streamed sizes were named already.
    if abs(difference) <= 1 or found.streamed or declared in STREAMED_SIZES or any(d.fatal for d in found.damage):
        return
    if any(chunk.present < chunk.declared for chunk in found.chunks):
        return  # the same fault, told better by the chunk that was cut
    what = f"{difference:,} bytes more than" if difference > 0 else f"{-difference:,} bytes less than"
    found.hurt("riff_size", f"the file holds {what} its first header says", 4, fatal=False)
