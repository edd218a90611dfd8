from __future__ import annotations

import io
import struct
from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import given
from hypothesis import strategies as st

from stemkit.audio.wav import walk
from stemkit.audio.wav_writer import WavHeader, encode_samples, header_bytes, quantise_24, write_pad


def written(header: WavHeader, samples: np.ndarray) -> bytes:
    stream = io.BytesIO()
    stream.write(header_bytes(header))
    stream.write(encode_samples(samples, header.encoding))
    write_pad(stream, header)
    return stream.getvalue()


@pytest.mark.parametrize("encoding", ["pcm24", "float32"])
@pytest.mark.parametrize("channels", [1, 2, 6])
@pytest.mark.parametrize("frames", [0, 1, 1001])
def test_what_is_written_reads_back(tmp_path: Path, encoding: str, channels: int, frames: int) -> None:
    samples = np.random.default_rng(1).uniform(-1, 1, (frames, channels))
    header = WavHeader(
        encoding=encoding,  # type: ignore[arg-type]
        sample_rate=44100,
        channels=channels,
        frames=frames,
        description="01_Kick",
        time_reference_samples=96_000,
        project="A & B <live>",
        track="Kick",
    )
    path = tmp_path / "file.wav"
    path.write_bytes(written(header, samples))
    read, rate = soundfile.read(path, always_2d=True)
    assert (rate, read.shape) == (44100, samples.shape)
    assert np.abs(read - samples).max(initial=0) <= 2**-24
    facts = walk(path)
    assert facts.damage == ()
    assert (facts.encoding, facts.frames, facts.channels) == (encoding, frames, channels)
    assert facts.bext is not None
    assert facts.bext.time_reference_samples == 96_000
    assert facts.bext.description == "01_Kick"
    assert facts.ixml is not None
    assert facts.ixml.project == "A & B <live>"


IXML = """<?xml version="1.0" encoding="UTF-8"?>
<BWFXML>
  <IXML_VERSION>3.01</IXML_VERSION>
  <PROJECT>A &amp; B</PROJECT>
  <SPEED>
    <FILE_SAMPLE_RATE>96000</FILE_SAMPLE_RATE>
    <AUDIO_BIT_DEPTH>{bits}</AUDIO_BIT_DEPTH>
    <TIMESTAMP_SAMPLES_SINCE_MIDNIGHT_LO>5</TIMESTAMP_SAMPLES_SINCE_MIDNIGHT_LO>
    <TIMESTAMP_SAMPLES_SINCE_MIDNIGHT_HI>2</TIMESTAMP_SAMPLES_SINCE_MIDNIGHT_HI>
    <TIMESTAMP_SAMPLE_RATE>96000</TIMESTAMP_SAMPLE_RATE>
  </SPEED>
  <TRACK_LIST>
    <TRACK_COUNT>2</TRACK_COUNT>
    <TRACK><CHANNEL_INDEX>1</CHANNEL_INDEX><NAME>Kick</NAME></TRACK>
    <TRACK><CHANNEL_INDEX>2</CHANNEL_INDEX><NAME>Kick</NAME></TRACK>
  </TRACK_LIST>
</BWFXML>
"""


@pytest.mark.parametrize(("encoding", "bits"), [("pcm24", 24), ("float32", 32)])
def test_the_ixml_chunk_to_the_character(encoding: str, bits: int) -> None:
    header = WavHeader(
        encoding=encoding,  # type: ignore[arg-type]
        sample_rate=96000,
        channels=2,
        frames=1,
        time_reference_samples=(2 << 32) + 5,
        project="A & B",
        track="Kick",
    )
    whole = written(header, np.zeros((1, 2)))
    at = whole.index(b"iXML")
    (size,) = struct.unpack_from("<I", whole, at + 4)
    assert whole[at + 8 : at + 8 + size].decode() == IXML.format(bits=bits)


@pytest.mark.parametrize(
    ("encoding", "channels", "byte_rate", "history"),
    [
        ("pcm24", 1, 144_000, "A=PCM,F=48000,W=24,M=mono,T=stemkit\r\n"),
        ("float32", 2, 384_000, "A=PCM,F=48000,W=32,M=stereo,T=stemkit\r\n"),
        ("pcm24", 3, 432_000, "A=PCM,F=48000,W=24,M=multitrack,T=stemkit\r\n"),
    ],
)
def test_rate_and_history_follow_from_the_format(encoding: str, channels: int, byte_rate: int, history: str) -> None:
    header = WavHeader(encoding=encoding, sample_rate=48000, channels=channels, frames=0)  # type: ignore[arg-type]
    whole = written(header, np.zeros((0, channels)))
    assert struct.unpack_from("<I", whole, whole.index(b"fmt ") + 16) == (byte_rate,)
    at = whole.index(b"bext")
    (size,) = struct.unpack_from("<I", whole, at + 4)
    assert whole[at + 8 + 602 : at + 8 + size].decode() == history


def test_the_bext_chunk_holds_each_field_in_its_place() -> None:
    header = WavHeader(
        encoding="pcm24",
        sample_rate=48000,
        channels=1,
        frames=0,
        description="d" * 300,
        originator="o" * 40,
        origination_date="2026-01-02",
        origination_time="03:04:05",
        time_reference_samples=-7,
    )
    whole = written(header, np.zeros((0, 1)))
    body = whole[whole.index(b"bext") + 8 :]
    assert body[:256] == b"d" * 256
    assert body[256:288] == b"o" * 32
    assert body[288:320] == bytes(32)  # no reference of the originator
    assert body[320:338] == b"2026-01-0203:04:05"
    assert struct.unpack_from("<QH", body, 338) == (0, 1)  # no time before midnight; version 1
    assert body[348:602] == bytes(254)  # no UMID, no loudness figures, reserved


@pytest.mark.parametrize(("frames", "pad"), [(1, 1), (2, 0), (3, 1)])
def test_only_an_odd_number_of_bytes_gets_one_more(frames: int, pad: int) -> None:
    header = WavHeader(encoding="pcm24", sample_rate=48000, channels=1, frames=frames)
    assert len(written(header, np.zeros((frames, 1)))) == len(header_bytes(header)) + 3 * frames + pad


def test_above_four_gib_the_header_is_rf64() -> None:
    header = WavHeader(encoding="float32", sample_rate=48000, channels=2, frames=600_000_000)
    head = header_bytes(header)
    # RF64 <-1> WAVE ds64 <28> riff-size data-size frames table-length
    assert head[:4] == b"RF64"
    assert head[8:16] == b"WAVEds64"
    riff, data, frames = struct.unpack_from("<QQQ", head, 20)
    assert (data, frames) == (600_000_000 * 8, 600_000_000)
    assert riff == len(head) - 8 + data
    assert head[-8:] == b"data" + b"\xff" * 4


def test_a_float_file_below_four_gib_is_plain_riff_with_true_sizes() -> None:
    header = WavHeader(encoding="pcm24", sample_rate=48000, channels=1, frames=3)
    whole = written(header, np.zeros((3, 1)))
    assert struct.unpack_from("<I", whole, 4)[0] == len(whole) - 8
    assert len(whole) % 2 == 0


@given(st.lists(st.floats(-2, 2), min_size=1, max_size=50))
def test_24_bit_is_value_times_two_to_the_23_rounded_and_clipped(values: list[float]) -> None:
    expected = [min(max(round(v * 2**23), -(2**23)), 2**23 - 1) for v in values]
    assert quantise_24(np.array(values)).tolist() == expected
