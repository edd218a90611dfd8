"""The small chunks around the audio: `cue ` and `adtl` (markers and regions), `smpl` (loops), `LIST INFO` (tags)."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

from stemkit.audio.bext import decode_text
from stemkit.model.audio import CuePoint, Damage, SampleLoop

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from stemkit.audio.riff import ByteOrder

__all__ = ["Labels", "cue_points", "parse_cue", "parse_info", "parse_labels", "parse_smpl"]

CUE_BYTES = 24
SMPL_BYTES = 36
LOOP_BYTES = 24
Labels = dict[int, tuple[str, int | None]]  # cue identifier to its label and, of a region, its length in frames


def parse_cue(raw: bytes, order: ByteOrder) -> dict[int, int]:
    """Read a `cue ` chunk: cue identifier to frame. Only points that are really there count."""
    if len(raw) < 4:
        return {}
    count = min(struct.unpack_from(order + "I", raw)[0], (len(raw) - 4) // CUE_BYTES)
    points = (struct.unpack_from(order + "II4sIII", raw, 4 + CUE_BYTES * index) for index in range(count))
    return {identifier: frame for identifier, _position, _chunk, _start, _block, frame in points}


def parse_labels(raw: bytes, order: ByteOrder) -> Labels:
    """Read the sub-chunks of a `LIST adtl` (after its type): names from `labl`, lengths from `ltxt`."""
    found: Labels = {}
    for name, body in _sub_chunks(raw, order):
        if name == "labl" and len(body) >= 4:
            identifier = struct.unpack_from(order + "I", body)[0]
            found[identifier] = (decode_text(body[4:]), found.get(identifier, ("", None))[1])
        elif name == "ltxt" and len(body) >= 8:
            identifier, length = struct.unpack_from(order + "II", body)
            label = found.get(identifier, ("", None))[0] or decode_text(body[20:])
            found[identifier] = (label, length or None)
    return found


def parse_info(raw: bytes, order: ByteOrder) -> dict[str, str]:
    """Read the sub-chunks of a `LIST INFO` (after its type): tag to text, the first of each tag."""
    found: dict[str, str] = {}
    for name, body in _sub_chunks(raw, order):
        found.setdefault(name, decode_text(body))
    return found


def cue_points(frames: Mapping[int, int], labels: Labels) -> tuple[CuePoint, ...]:
    """Join cue points with their labels, in the order of time."""
    points = (
        CuePoint(identifier=identifier, frame=frame, label=label, length_frames=length)
        for identifier, frame in frames.items()
        for label, length in (labels.get(identifier, ("", None)),)
    )
    return tuple(sorted(points, key=lambda point: (point.frame, point.identifier)))


def parse_smpl(raw: bytes, offset: int, order: ByteOrder) -> tuple[tuple[SampleLoop, ...], list[Damage]]:
    """Read the loops of a `smpl` chunk; whatever does not fit into it is damage, never fatal to the audio."""
    if len(raw) < SMPL_BYTES:
        message = f"the smpl chunk has {len(raw)} of at least {SMPL_BYTES} bytes; loops are lost"
        return (), [Damage(code="bad_smpl", message=message, offset=offset, fatal=False)]
    count, extra = struct.unpack_from(order + "II", raw, 28)
    fitting = min(count, (len(raw) - SMPL_BYTES) // LOOP_BYTES)
    loops = (struct.unpack_from(order + "IIIIII", raw, SMPL_BYTES + LOOP_BYTES * index) for index in range(fitting))
    found = tuple(
        SampleLoop(start_frame=start, end_frame=end, play_count=plays) for _id, _kind, start, end, _part, plays in loops
    )
    damage = []
    if SMPL_BYTES + LOOP_BYTES * count + extra > len(raw):
        message = f"the smpl chunk promises {count} loops and {extra} bytes more than it holds; loops may be lost"
        damage.append(Damage(code="bad_smpl", message=message, offset=offset, fatal=False))
    return found, damage


def _sub_chunks(raw: bytes, order: ByteOrder) -> Iterator[tuple[str, bytes]]:
    position = 0
    while position + 8 <= len(raw):
        name, size = struct.unpack_from(order + "4sI", raw, position)
        yield name.decode("latin-1"), raw[position + 8 : position + 8 + size]
        position += 8 + size + size % 2
