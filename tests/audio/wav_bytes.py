"""Small WAV files as commented hexdumps and as chunks, for the tests of the walker."""

from __future__ import annotations

import struct

FMT_PCM = """
66 6d 74 20              # "fmt "
10 00 00 00              # 16 bytes
01 00                    # PCM
02 00                    # 2 channels
80 bb 00 00              # 48000 Hz
00 65 04 00              # 288000 bytes a second
06 00                    # 6 bytes a frame
18 00                    # 24 bits
"""


def from_hex(dump: str) -> bytes:
    """Turn a hexdump with `#` comments into bytes."""
    return bytes.fromhex("".join(line.split("#")[0] for line in dump.splitlines()))


def chunk(name: bytes, body: bytes, *, size: int | None = None, pad: bool = True, order: str = "<") -> bytes:
    """Make a chunk; `size` lies about its length."""
    padding = b"\0" if pad and len(body) % 2 else b""
    return name + struct.pack(order + "I", len(body) if size is None else size) + body + padding


def fmt(
    *,
    tag: int = 1,
    channels: int = 2,
    rate: int = 48000,
    bits: int = 24,
    align: int | None = None,
    extra: bytes = b"",
    order: str = "<",
) -> bytes:
    """Make a `fmt ` chunk."""
    block = channels * ((bits + 7) // 8) if align is None else align
    plain = struct.pack(order + "HHIIHH", tag, channels, rate, rate * block & 0xFFFFFFFF, block, bits)
    return chunk(b"fmt ", plain + extra, order=order)


def riff(*chunks: bytes, size: int | None = None, magic: bytes = b"RIFF", order: str = "<") -> bytes:
    """Put chunks into a file; `size` lies about its length."""
    body = b"WAVE" + b"".join(chunks)
    return magic + struct.pack(order + "I", len(body) if size is None else size) + body


def bext(
    *,
    description: bytes = b"Lead vocal",
    time_reference: int = 172_800_000,
    version: int = 2,
    levels: tuple[int, int, int, int, int] = (-2310, 540, -120, -1890, -2050),
    history: bytes = b"A=PCM,F=48000,W=24,M=stereo,T=stemkit\r\n",
) -> bytes:
    """Make the body of a `bext` chunk, after EBU Tech 3285 version 2, table of section 2.4."""
    head = struct.pack(
        "<256s32s32s10s8sQH64s5h180s",
        description,
        b"REAPER",
        b"DEXXX0123456789",
        b"2024-05-17",
        b"12-30-59",
        time_reference,
        version,
        bytes(range(64)),
        *levels,
        b"",
    )
    return head + history


AUDIO = bytes(range(1, 61))  # ten frames of 24-bit stereo
DATA = chunk(b"data", AUDIO)
GUID_TAIL = bytes.fromhex("000000001000800000aa00389b71")
