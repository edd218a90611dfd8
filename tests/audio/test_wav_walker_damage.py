"""What is wrong with a WAV file: each fault by its code, where it lies, and what is no fault though it looks like one."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

import numpy as np
import pytest
import soundfile

from stemkit.audio.wav import walk
from tests.audio.wav_bytes import AUDIO, DATA, GUID_TAIL, bext, chunk, fmt, riff
from tests.audio.wav_walks import codes, walked

if TYPE_CHECKING:
    from pathlib import Path


# Each fault: its bytes, the code, whether it is fatal, and how many frames are left to read.
BROKEN: dict[str, tuple[bytes, dict[str, bool], int | None]] = {
    "empty": (b"", {"empty": True}, None),
    "only RIFF": (b"RIFF", {"cut_header": True}, None),
    "no chunks": (riff(), {"no_fmt": True, "no_data": True}, None),
    "no data": (riff(fmt()), {"no_data": True}, None),
    "short fmt": (riff(chunk(b"fmt ", b"\1\0\2\0\x80\xbb\0\0"), DATA), {"short_fmt": True}, None),
    "data of size 0 with audio": (riff(fmt(), chunk(b"data", AUDIO, size=0), size=96), {"zero_size": True}, 10),
    "streamed": (
        riff(fmt(), chunk(b"data", AUDIO, size=0xFFFFFFFF), size=0xFFFFFFFF),
        {"streamed_size": False},
        10,
    ),
    "streamed by sox": (
        riff(fmt(), chunk(b"data", AUDIO, size=0x7FFFF000), size=0x7FFFF024),
        {"streamed_size": False},
        10,
    ),
    "truncated": (riff(fmt(), chunk(b"data", AUDIO, size=288000), size=288036), {"truncated": True}, 10),
    "truncated inside a frame": (
        riff(fmt(), chunk(b"data", AUDIO[:-1], size=288000, pad=False), size=288036),
        {"truncated": True},
        9,
    ),
    "data before fmt": (riff(DATA, fmt()), {"data_before_fmt": True}, 10),
    "two data": (riff(fmt(), DATA, DATA), {"two_data": True}, 10),
    "two equal fmt": (riff(fmt(), fmt(), DATA), {"two_fmt": False}, 10),
    "two different fmt": (riff(fmt(), fmt(rate=44100), DATA), {"two_fmt": True}, 10),
    "odd JUNK without pad": (riff(fmt(), chunk(b"JUNK", b"abc", pad=False), DATA), {"missing_pad": True}, 10),
    "odd bext after data without pad": (
        riff(fmt(), chunk(b"data", AUDIO[:45], pad=False), chunk(b"note", b"ab")),
        {"missing_pad": False, "partial_frame": False},
        7,
    ),
    "zero channels": (riff(fmt(channels=0, align=6), DATA), {"zero_channels": True}, None),
    "zero rate": (riff(fmt(rate=0), DATA), {"zero_rate": True}, 10),
    "block align of mono": (riff(fmt(align=3), DATA), {"bad_block_align": True}, 20),
    "block align zero": (riff(fmt(align=0), DATA), {"bad_block_align": True}, None),
    "24 bits in 4 bytes": (riff(fmt(align=8), chunk(b"data", bytes(64))), {"padded_container": True}, 8),
    "zero bits": (riff(fmt(bits=0), DATA), {"bad_bits": True}, None),
    "40 bits": (riff(fmt(bits=40), DATA), {"bad_bits": True}, None),
    "extensible without extension": (riff(fmt(tag=0xFFFE), DATA), {"cut_fmt_extension": True}, None),
    "extension longer than chunk": (
        riff(fmt(tag=3, bits=32, extra=b"\x16\0\0\0"), chunk(b"data", bytes(56))),
        {"cut_fmt_extension": True},
        7,
    ),
    "more valid bits than bits": (
        riff(fmt(tag=0xFFFE, extra=struct.pack("<HHIH", 22, 32, 3, 1) + GUID_TAIL), DATA),
        {"bad_valid_bits": False},
        10,
    ),
    "RF64 without ds64": (riff(fmt(), DATA, magic=b"RF64"), {"no_ds64": False}, 10),
    "RF64 without ds64 and sizes": (
        riff(fmt(), chunk(b"data", AUDIO, size=0xFFFFFFFF), magic=b"RF64", size=0xFFFFFFFF),
        {"no_ds64": True, "streamed_size": False},
        10,
    ),
    "short ds64": (
        riff(chunk(b"ds64", b"1234"), fmt(), DATA, magic=b"RF64"),
        {"short_ds64": False, "no_ds64": False},
        10,
    ),
    "partial frame": (riff(fmt(), chunk(b"data", AUDIO[:58])), {"partial_frame": False}, 9),
    "bext of 601 bytes": (riff(chunk(b"bext", bext()[:601]), fmt(), DATA), {"short_bext": False}, 10),
    "file larger than RIFF says": (riff(fmt(), DATA, size=40), {"riff_size": False}, 10),
    "chunk after data cut": (riff(fmt(), DATA, chunk(b"LIST", b"INFO", size=400)), {"chunk_cut": False}, 10),
    "chunk before data cut": (
        riff(fmt(), chunk(b"JUNK", b"x" * 9, size=4000)),
        {"chunk_cut": True, "no_data": True},
        None,
    ),
    "text behind": (riff(fmt(), DATA) + b"\1\2\3\4garbage", {"garbage": False, "riff_size": False}, 10),
    "smpl cut": (riff(fmt(), DATA, chunk(b"smpl", bytes(20))), {"bad_smpl": False}, 10),
    "smpl promises loops": (riff(fmt(), DATA, chunk(b"smpl", bytes(28) + b"\x09" + bytes(7))), {"bad_smpl": False}, 10),
    "zeros only": (bytes(5000), {"all_zero": True}, None),
    "a web page": (b"<!DOCTYPE html><title>Sign in", {"not_audio": True}, None),
    "RIFF of another kind": (b"RIFF\x04\0\0\0AVI LIST", {"not_audio": True}, None),
}


@pytest.mark.parametrize("name", BROKEN)
def test_each_fault_has_its_code(tmp_path: Path, name: str) -> None:
    content, expected, frames = BROKEN[name]
    facts = walked(tmp_path, content)
    assert codes(facts) == expected
    assert facts.frames == frames
    assert facts.readable is not any(expected.values())
    for damage in facts.damage:
        assert damage.offset is not None
        assert 0 <= damage.offset <= len(content)
        assert not damage.message[0].isupper() or damage.message.startswith("RF64")
        assert not damage.message.endswith(".")


def test_truncation_is_told_in_seconds(tmp_path: Path) -> None:
    seconds = 65
    content = riff(fmt(), chunk(b"data", bytes(288000 * 2), size=288000 * seconds), size=288000 * seconds + 36)
    (damage,) = walked(tmp_path, content).damage
    assert damage.message == "the file ends after 2.0 s of the 65.0 s its header promises"
    assert damage.offset == len(content)


def test_rf64_cut_off_is_told_from_its_64_bit_size(tmp_path: Path) -> None:
    ds64 = chunk(b"ds64", struct.pack("<QQQI", 10**10, 9 * 10**9, 15 * 10**8, 0))
    facts = walked(tmp_path, riff(ds64, fmt(), chunk(b"data", AUDIO, size=0xFFFFFFFF), magic=b"RF64", size=0xFFFFFFFF))
    assert codes(facts) == {"truncated": True}
    assert facts.frames == 10


def test_final_pad_byte_may_be_missing(tmp_path: Path) -> None:
    content = riff(fmt(channels=1), chunk(b"data", AUDIO[:3], pad=False))
    assert walked(tmp_path, content).damage == ()
    assert walked(tmp_path, content + b"\0").damage == ()


def test_trailing_zeros_are_harmless(tmp_path: Path) -> None:
    content = riff(fmt(), DATA)
    assert not walked(tmp_path, content + bytes(1000)).damage[1:]
    assert walked(tmp_path, content + bytes(1000)).readable


def test_upload_that_was_preallocated(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    audio = rng.integers(1, 256, 6 * 20000, dtype=np.uint8).tobytes()
    border = 4096 * 12
    filled = audio[: border - 44] + bytes(len(audio) - border + 44)
    facts = walked(tmp_path, riff(fmt(), chunk(b"data", filled)))
    (damage,) = facts.damage
    assert (damage.code, damage.offset, damage.fatal) == ("zero_tail", border, False)


@pytest.mark.parametrize("sounding", [4096 * 12 - 44 - 10, 4096 * 12 - 44 + 8, 6 * 5000])
def test_silence_at_the_end_is_no_upload(tmp_path: Path, sounding: int) -> None:
    audio = np.random.default_rng(1).integers(1, 256, sounding, dtype=np.uint8).tobytes()
    assert walked(tmp_path, riff(fmt(), chunk(b"data", audio + bytes(120_000 - sounding)))).damage == ()


def test_fade_to_silence_on_a_border_is_no_upload(tmp_path: Path) -> None:
    quiet = b"\x01\x00\x00" * ((4096 * 12 - 44) // 3) + b"\x01"
    assert walked(tmp_path, riff(fmt(), chunk(b"data", quiet + bytes(6 * 20000 - len(quiet))))).damage == ()


@pytest.mark.parametrize("form", ["AIFF", "W64"])
def test_truncation_of_other_containers(tmp_path: Path, form: str) -> None:
    path = tmp_path / "04_Bass.wav"
    soundfile.write(path, np.zeros((4410, 2)), 44100, format=form, subtype="PCM_16")
    path.write_bytes(path.read_bytes()[:9000])
    assert codes(walk(path)) == {"truncated": True}
