"""Small harms done to bytes, to RIFF chunks and to lines, all of them drawn from one generator."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from random import Random

__all__ = ["mutate_bytes", "mutate_chunks", "mutate_lines", "riff_chunks"]

_SIZES = (0, 1, 2, 3, 7, 8, 0x7F, 0x7FFF, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFE, 0xFFFFFFFF)
_WORDS = (
    b"", b"-1", b"0", b"1", b"nan", b"inf", b"-inf", b"1e400", b"1e-400", b"9" * 400, b"0x10", b'"', b"'", b"`", b"NULL",
    b"\xff\xfe", b"\xd9\xa3", b"1_0", b"-1:U", b"4294967295", b"-2147483649", b"1e18", b"..", b"/dev/zero", b"{}", b"<X", b">",
    b"\x1b[2J", "\N{RIGHT-TO-LEFT OVERRIDE}".encode(), b"::error::", b"</script>", b"\0", b"[[", b"[a]", b"=", b"true",
)  # fmt: skip
_LENGTH = 1 << 16


def _flip(data: bytearray, random: Random) -> bytearray:
    for _ in range(random.choice((1, 1, 2, 8))):
        if data:
            data[random.randrange(len(data))] ^= 1 << random.randrange(8)
    return data


def _set(data: bytearray, random: Random) -> bytearray:
    if data:
        data[random.randrange(len(data))] = random.randrange(256)
    return data


def _cut(data: bytearray, random: Random) -> bytearray:
    return data[: random.randrange(len(data) + 1)]


def _drop(data: bytearray, random: Random) -> bytearray:
    start = random.randrange(len(data) + 1)
    del data[start : start + random.choice((1, 2, 4, 8, 64))]
    return data


def _double(data: bytearray, random: Random) -> bytearray:
    start = random.randrange(len(data) + 1)
    piece = data[start : start + random.choice((1, 4, 8, 64, 512))]
    at = random.randrange(len(data) + 1)
    return data[:at] + piece + data[at:]


def _number(data: bytearray, random: Random) -> bytearray:
    form = random.choice(("<I", ">I", "<H", ">H", "<Q"))
    width = struct.calcsize(form)
    if len(data) >= width:
        at = random.randrange(len(data) - width + 1)
        value = random.choice((*_SIZES, random.getrandbits(32))) & ((1 << 8 * width) - 1)
        data[at : at + width] = struct.pack(form, value)
    return data


def _word(data: bytearray, random: Random) -> bytearray:
    at = random.randrange(len(data) + 1)
    return data[:at] + random.choice(_WORDS) + data[at + random.choice((0, 0, 1, 4)) :]


_HARMS: tuple[Callable[[bytearray, Random], bytearray], ...] = (_flip, _set, _cut, _drop, _double, _number, _word)


def mutate_bytes(data: bytes, random: Random, others: Sequence[bytes] = ()) -> bytes:
    """Do one to four harms; now and then go on with the end of another input."""
    found = bytearray(data)
    for _ in range(random.choice((1, 1, 2, 4))):
        found = random.choice(_HARMS)(found, random)
    if others and random.random() < 0.1:
        other = random.choice(others)
        found = found[: random.randrange(len(found) + 1)] + bytearray(other[random.randrange(len(other) + 1) :])
    return bytes(found[:_LENGTH])


def riff_chunks(data: bytes) -> list[bytes]:
    """Cut a RIFF file into its header and its chunks; what is no chunk stays one piece at the end."""
    pieces, at = [data[:12]], 12
    order = ">" if data[:4] == b"RIFX" else "<"
    while at + 8 <= len(data):
        size = struct.unpack_from(order + "I", data, at + 4)[0]
        end = min(len(data), at + 8 + size + size % 2)
        pieces.append(data[at:end])
        at = end
    return [*pieces, data[at:]] if at < len(data) else pieces


def _shuffle(pieces: list[bytes], random: Random, others: Sequence[list[bytes]]) -> list[bytes]:
    """Double, drop, exchange or borrow one piece; the first stays where it is."""
    at = random.randrange(1, len(pieces)) if len(pieces) > 1 else 0
    what = random.randrange(5)
    if what == 0:
        pieces.insert(random.randrange(1, len(pieces) + 1), pieces[at])
    elif what == 1 and at:
        del pieces[at]
    elif what == 2:
        other = random.randrange(len(pieces))
        pieces[at], pieces[other] = pieces[other], pieces[at]
    elif what == 3 and others:
        pieces.insert(at + 1, random.choice(random.choice(others)))
    else:
        pieces[at] = mutate_bytes(pieces[at], random)
    return pieces


def mutate_chunks(data: bytes, random: Random, others: Sequence[bytes] = ()) -> bytes:
    """Move whole chunks about, and harm bytes in one time of two."""
    pieces = riff_chunks(data)
    for _ in range(random.choice((1, 1, 2, 3))):
        pieces = _shuffle(pieces, random, [riff_chunks(random.choice(others))] if others else [])
    found = b"".join(pieces)
    return mutate_bytes(found, random) if random.random() < 0.5 else found[:_LENGTH]


def mutate_lines(data: bytes, random: Random, others: Sequence[bytes] = ()) -> bytes:
    """Move whole lines about, put odd words into them, and harm bytes in one time of three."""
    lines = data.split(b"\n")
    for _ in range(random.choice((1, 1, 2, 4))):
        if random.random() < 0.5:
            at = random.randrange(len(lines))
            words = lines[at].split(b" ")
            words[random.randrange(len(words))] = random.choice(_WORDS)
            lines[at] = b" ".join(words)
        else:
            lines = _shuffle(lines, random, [random.choice(others).split(b"\n")] if others else [])
    found = b"\n".join(lines)
    return mutate_bytes(found, random) if random.random() < 0.33 else found[:_LENGTH]
