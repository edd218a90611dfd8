"""How long a WAV file is, by its chunks. Runs inside REAPER, where no library for audio may be loaded."""

from __future__ import annotations

import struct
from pathlib import Path

__all__ = ["frames_of"]


def frames_of(path: str) -> tuple[int, int]:
    """Return the frames and the sample rate of a WAV or RF64 file; (0, 0) where it is neither.

    The length is what really lies in the file, whatever the header says.
    """
    size = Path(path).stat().st_size
    with Path(path).open("rb") as stream:
        if stream.read(4) not in (b"RIFF", b"RF64") or stream.read(8)[4:] != b"WAVE":
            return 0, 0
        rate = block_align = 0
        while True:
            head = stream.read(8)
            if len(head) < 8:
                return 0, rate
            name, length = struct.unpack("<4sI", head)
            if name == b"fmt ":
                body = stream.read(length)
                rate, block_align = struct.unpack("<4xI4xH", body[:14])
            elif name == b"data":
                there = size - stream.tell()
                held = there if length == 0xFFFFFFFF else min(length, there)  # RF64 keeps the length elsewhere
                return (held // block_align if block_align else 0), rate
            else:
                stream.seek(length + (length & 1), 1)
