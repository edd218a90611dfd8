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
from tests.audio.wav_bytes import AUDIO, DATA, FMT_PCM, GUID_TAIL, chunk, fmt, from_hex, riff
from tests.audio.wav_walks import codes, walked

if TYPE_CHECKING:
    from pathlib import Path


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


def test_junk_and_unknown_chunks_are_skipped(tmp_path: Path) -> None:
    facts = walked(
        tmp_path, riff(chunk(b"JUNK", bytes(28)), chunk(b"minf", b"x" * 16), fmt(), chunk(b"elm1", b"y"), DATA)
    )
    assert facts.damage == ()
    assert facts.chunks == ("JUNK", "minf", "fmt ", "elm1", "data")
    assert facts.frames == 10


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
