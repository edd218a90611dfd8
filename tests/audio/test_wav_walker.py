from __future__ import annotations

import os
import struct
import time
from typing import TYPE_CHECKING

import numpy as np
import pytest
import soundfile

from stemkit.audio.wav import walk
from stemkit.errors import InputError
from tests.audio.wav_bytes import FMT_PCM, bext, chunk, fmt, from_hex, riff

if TYPE_CHECKING:
    from pathlib import Path

    from stemkit.model.audio import ContainerFacts

AUDIO = bytes(range(1, 61))  # ten frames of 24-bit stereo
DATA = chunk(b"data", AUDIO)
GUID_TAIL = bytes.fromhex("000000001000800000aa00389b71")


def walked(tmp_path: Path, content: bytes, name: str = "01_Kick.wav") -> ContainerFacts:
    path = tmp_path / name
    path.write_bytes(content)
    return walk(path)


def codes(facts: ContainerFacts) -> dict[str, bool]:
    """Map damage code to fatal."""
    return {damage.code: damage.fatal for damage in facts.damage}


def test_plain_pcm_is_told_in_full(tmp_path: Path) -> None:
    dump = f"""
    52 49 46 46  30 00 00 00  57 41 56 45   # RIFF, 48 bytes, WAVE
    {FMT_PCM}
    64 61 74 61  0c 00 00 00                # data, 12 bytes
    01 02 03 04 05 06                       # frame 0
    07 08 09 0a 0b 0c                       # frame 1
    """
    facts = walked(tmp_path, from_hex(dump))
    assert facts.damage == ()
    assert (facts.container, facts.encoding, facts.sample_rate, facts.channels) == ("wav", "pcm24", 48000, 2)
    assert (facts.bits, facts.valid_bits, facts.block_align, facts.frames) == (24, None, 6, 2)
    assert (facts.data_offset, facts.data_bytes, facts.declared_data_bytes) == (44, 12, 12)
    assert facts.chunks == ("fmt ", "data")
    assert facts.readable


@pytest.mark.parametrize(
    ("bits", "tag", "encoding"),
    [(8, 1, "pcm8"), (16, 1, "pcm16"), (24, 1, "pcm24"), (32, 1, "pcm32"), (32, 3, "float32"), (64, 3, "float64")],
)
def test_encodings_by_tag_and_bits(tmp_path: Path, bits: int, tag: int, encoding: str) -> None:
    facts = walked(tmp_path, riff(fmt(tag=tag, bits=bits), chunk(b"data", bytes(bits * 2))))
    assert (facts.encoding, facts.frames, facts.damage) == (encoding, 8, ())


@pytest.mark.parametrize(
    ("tag", "codec"),
    [(2, "Microsoft ADPCM"), (6, "A-law"), (7, "mu-law"), (0x55, "MP3"), (0xABCD, "format 0xABCD")],
)
def test_compressed_wav_is_named(tmp_path: Path, tag: int, codec: str) -> None:
    facts = walked(tmp_path, riff(fmt(tag=tag, bits=8, extra=b"\0\0"), DATA))
    assert (facts.encoding, facts.codec, facts.frames) == ("other", codec, None)


@pytest.mark.parametrize(
    ("tag", "bits", "valid", "encoding"), [(1, 24, 24, "pcm24"), (1, 32, 24, "pcm32"), (3, 32, 32, "float32")]
)
def test_extensible(tmp_path: Path, tag: int, bits: int, valid: int, encoding: str) -> None:
    extra = struct.pack("<HHIH", 22, valid, 0x3, tag) + GUID_TAIL
    facts = walked(tmp_path, riff(fmt(tag=0xFFFE, bits=bits, extra=extra), chunk(b"data", bytes(bits))))
    assert (facts.encoding, facts.extensible, facts.valid_bits, facts.channel_mask) == (encoding, True, valid, 3)
    assert facts.damage == ()


def test_twenty_bits_live_in_three_bytes(tmp_path: Path) -> None:
    facts = walked(tmp_path, riff(fmt(bits=20), DATA))
    assert (facts.encoding, facts.bits, facts.valid_bits, facts.frames, facts.damage) == ("pcm24", 24, 20, 10, ())


def test_foreign_guid_is_no_pcm(tmp_path: Path) -> None:
    extra = struct.pack("<HHIH", 22, 24, 3, 1) + bytes(14)
    facts = walked(tmp_path, riff(fmt(tag=0xFFFE, extra=extra), DATA))
    assert facts.encoding == "other"


def test_rifx_is_big_endian(tmp_path: Path) -> None:
    body = (fmt(order=">"), chunk(b"data", AUDIO, order=">"))
    facts = walked(tmp_path, riff(*body, magic=b"RIFX", order=">"))
    assert (facts.container, facts.sample_rate, facts.frames, facts.damage) == ("rifx", 48000, 10, ())


@pytest.mark.parametrize("magic", [b"RF64", b"BW64"])
def test_sizes_of_64_bits(tmp_path: Path, magic: bytes) -> None:
    size = 4 + 36 + 24 + 8 + len(AUDIO)
    ds64 = chunk(b"ds64", struct.pack("<QQQI", size, len(AUDIO), 10, 0))
    content = riff(ds64, fmt(), chunk(b"data", AUDIO, size=0xFFFFFFFF), magic=magic, size=0xFFFFFFFF)
    facts = walked(tmp_path, content)
    assert (facts.container, facts.frames, facts.damage) == (magic.decode().lower(), 10, ())
    assert facts.declared_data_bytes == len(AUDIO)


def test_rf64_cut_off_is_told_from_its_64_bit_size(tmp_path: Path) -> None:
    ds64 = chunk(b"ds64", struct.pack("<QQQI", 10**10, 9 * 10**9, 15 * 10**8, 0))
    facts = walked(tmp_path, riff(ds64, fmt(), chunk(b"data", AUDIO, size=0xFFFFFFFF), magic=b"RF64", size=0xFFFFFFFF))
    assert codes(facts) == {"truncated": True}
    assert facts.frames == 10


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


def test_final_pad_byte_may_be_missing(tmp_path: Path) -> None:
    content = riff(fmt(channels=1), chunk(b"data", AUDIO[:3], pad=False))
    assert walked(tmp_path, content).damage == ()
    assert walked(tmp_path, content + b"\0").damage == ()


def test_trailing_zeros_are_harmless(tmp_path: Path) -> None:
    content = riff(fmt(), DATA)
    assert not walked(tmp_path, content + bytes(1000)).damage[1:]
    assert walked(tmp_path, content + bytes(1000)).readable


def test_junk_and_unknown_chunks_are_skipped(tmp_path: Path) -> None:
    facts = walked(
        tmp_path, riff(chunk(b"JUNK", bytes(28)), chunk(b"minf", b"x" * 16), fmt(), chunk(b"elm1", b"y"), DATA)
    )
    assert facts.damage == ()
    assert facts.chunks == ("JUNK", "minf", "fmt ", "elm1", "data")
    assert facts.frames == 10


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


def test_plain_wav_beyond_4_gib(tmp_path: Path) -> None:
    path = tmp_path / "Mix.wav"
    frames = (1 << 32) // 6 + 1000
    with path.open("wb") as stream:
        stream.write(
            riff(fmt(), b"data" + struct.pack("<I", frames * 6 & 0xFFFFFFFF), size=(36 + frames * 6) & 0xFFFFFFFF)
        )
        stream.truncate(44 + frames * 6)  # sparse: no disk space is used
    started = time.process_time()
    facts = walk(path)
    assert time.process_time() - started < 1
    assert codes(facts) == {"size_wrap": True}
    assert facts.frames == frames


def test_rf64_beyond_4_gib(tmp_path: Path) -> None:
    path = tmp_path / "Mix.wav"
    frames = 1 << 30
    ds64 = chunk(b"ds64", struct.pack("<QQQI", 72 + frames * 6, frames * 6, frames, 0))
    with path.open("wb") as stream:
        stream.write(riff(ds64, fmt(), b"data\xff\xff\xff\xff", magic=b"RF64", size=0xFFFFFFFF))
        stream.truncate(80 + frames * 6)
    facts = walk(path)
    assert (facts.frames, facts.damage) == (frames, ())


def test_a_flood_of_tiny_chunks_ends(tmp_path: Path) -> None:
    started = time.process_time()
    facts = walked(tmp_path, riff(fmt(), DATA, b"tiny\0\0\0\0" * 200_000))
    assert time.process_time() - started < 1
    assert codes(facts) == {"too_many_chunks": False}
    assert len(facts.chunks) == 4096


def test_a_huge_metadata_chunk_is_read_in_part(tmp_path: Path) -> None:
    facts = walked(tmp_path, riff(fmt(), DATA, chunk(b"iXML", b"<BWFXML>" + b" " * (3 << 20) + b"</BWFXML>")))
    assert codes(facts) == {"huge_chunk": False, "bad_ixml": False}


def test_missing_and_irregular_files_are_input_errors(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.wav"
    os.mkfifo(pipe)
    for path in (tmp_path / "none.wav", tmp_path, pipe):
        with pytest.raises(InputError, match=f"the file {path.name} "):
            walk(path)


@pytest.mark.parametrize(
    ("extension", "form", "subtype", "container", "encoding"),
    [
        ("aiff", "AIFF", "PCM_24", "aiff", "pcm24"),
        ("flac", "FLAC", "PCM_24", "flac", "pcm24"),
        ("ogg", "OGG", "VORBIS", "ogg", "other"),
        ("mp3", "MP3", "MPEG_LAYER_III", "mp3", "other"),
        ("caf", "CAF", "FLOAT", "caf", "float32"),
        ("w64", "W64", "PCM_16", "w64", "pcm16"),
    ],
)
@pytest.mark.parametrize("disguised", [False, True])
def test_other_containers_are_known_by_content(
    tmp_path: Path, extension: str, form: str, subtype: str, container: str, encoding: str, disguised: bool
) -> None:
    path = tmp_path / f"03_Snare.{'wav' if disguised else extension}"
    noise = np.random.default_rng(1).uniform(-0.5, 0.5, (4410, 2))
    soundfile.write(path, noise, 44100, format=form, subtype=subtype)
    facts = walk(path)
    assert (facts.container, facts.encoding, facts.sample_rate, facts.channels) == (container, encoding, 44100, 2)
    assert facts.frames is not None
    assert facts.frames >= 4410
    assert facts.readable


@pytest.mark.parametrize("form", ["AIFF", "W64"])
def test_truncation_of_other_containers(tmp_path: Path, form: str) -> None:
    path = tmp_path / "04_Bass.wav"
    soundfile.write(path, np.zeros((4410, 2)), 44100, format=form, subtype="PCM_16")
    path.write_bytes(path.read_bytes()[:9000])
    assert codes(walk(path)) == {"truncated": True}


def test_mp3_behind_an_id3_tag(tmp_path: Path) -> None:
    path = tmp_path / "take.mp3"
    soundfile.write(path, np.zeros((4410, 1)), 44100, format="MP3", subtype="MPEG_LAYER_III")
    tagged = b"ID3\x03\0\0" + bytes([0, 0, 2, 0]) + bytes(256) + path.read_bytes()
    assert walked(tmp_path, tagged).container == "mp3"


@pytest.mark.parametrize(
    ("head", "container", "codec"),
    [
        (b"\0\0\0\x20ftypM4A \0\0\0\0", "m4a", "AAC or ALAC"),
        (b"\xff\xf1\x50\x80\x02\x1f\xfc", "other", "AAC (ADTS)"),
        (bytes.fromhex("3026b2758e66cf11a6d900aa0062ce6c"), "other", "Windows Media Audio"),
        (b"wvpk" + bytes(60), "other", "WavPack"),
    ],
)
def test_containers_that_are_only_named(tmp_path: Path, head: bytes, container: str, codec: str) -> None:
    facts = walked(tmp_path, head + bytes(2000))
    assert (facts.container, facts.codec, facts.frames) == (container, codec, None)


@pytest.mark.parametrize("head", [b"fLaC", b"OggS", b"caff\0\1"])
def test_a_magic_number_alone_is_no_audio(tmp_path: Path, head: bytes) -> None:
    assert codes(walked(tmp_path, head + b"\1" * 100)) == {"undecodable": True}
