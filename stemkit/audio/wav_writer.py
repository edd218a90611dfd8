"""Writing WAV files: PCM 24-bit or 32-bit float, RF64 where 4 GiB do not suffice, with `bext` and iXML.

The number of frames is known before the first sample is written, so every size in the header is right from the
start and nothing is patched afterwards. Sources: RIFF/WAVE (Microsoft, 1994), EBU Tech 3285 (`bext`), EBU Tech
3306 (RF64), iXML 3.01.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO
from xml.sax.saxutils import escape

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from stemkit.model.plan import Encoding

__all__ = ["WavHeader", "encode_samples", "header_bytes", "quantise_24", "write_pad"]

_BYTES_PER_SAMPLE: dict[Encoding, int] = {"pcm24": 3, "float32": 4}
_FORMAT_TAG: dict[Encoding, int] = {"pcm24": 1, "float32": 3}
_EXTENSIBLE = 0xFFFE
_SUBFORMAT_TAIL = bytes.fromhex("000000001000800000AA00389B71")  # the GUID that follows the 16-bit format tag
_UNKNOWN_SIZE = 0xFFFFFFFF
_BEXT = struct.Struct("<256s32s32s10s8sQH64s5h180s")


@dataclass(frozen=True, slots=True, kw_only=True)
class WavHeader:
    """Everything that stands before the samples.

    `time_reference_samples` counts from project zero to the file's first sample; a file that starts before
    project zero carries 0, because the field is unsigned.
    """

    encoding: Encoding
    sample_rate: int
    channels: int
    frames: int
    description: str = ""
    originator: str = "stemkit"
    origination_date: str = ""  # yyyy-mm-dd
    origination_time: str = ""  # hh:mm:ss
    time_reference_samples: int = 0
    project: str = ""
    track: str = ""

    @property
    def block_align(self) -> int:
        """Bytes a frame."""
        return _BYTES_PER_SAMPLE[self.encoding] * self.channels

    @property
    def data_bytes(self) -> int:
        """Bytes of audio, without a pad byte."""
        return self.block_align * self.frames


def _chunk(name: bytes, body: bytes) -> bytes:
    return name + struct.pack("<I", len(body)) + body + b"\0" * (len(body) % 2)


def _format_chunk(header: WavHeader) -> bytes:
    bits = _BYTES_PER_SAMPLE[header.encoding] * 8
    tag = _FORMAT_TAG[header.encoding]
    wide = header.channels > 2
    body = struct.pack(
        "<HHIIHH",
        _EXTENSIBLE if wide else tag,
        header.channels,
        header.sample_rate,
        header.sample_rate * header.block_align,
        header.block_align,
        bits,
    )
    if wide:  # no speaker mask: the channels of a track stand for no speakers
        body += struct.pack("<HHIH", 22, bits, 0, tag) + _SUBFORMAT_TAIL
    elif header.encoding == "float32":
        body += struct.pack("<H", 0)
    return _chunk(b"fmt ", body)


def _bext_chunk(header: WavHeader) -> bytes:
    def text(value: str) -> bytes:
        return value.encode("ascii", "replace")

    history = (
        f"A=PCM,F={header.sample_rate},W={_BYTES_PER_SAMPLE[header.encoding] * 8},"
        f"M={'mono' if header.channels == 1 else 'stereo' if header.channels == 2 else 'multitrack'},T=stemkit\r\n"
    )
    fixed = _BEXT.pack(
        text(header.description)[:256],
        text(header.originator)[:32],
        b"",
        text(header.origination_date)[:10],
        text(header.origination_time)[:8],
        max(0, header.time_reference_samples),
        1,  # version 1: version 2 would promise loudness figures
        b"",
        0,
        0,
        0,
        0,
        0,
        b"",
    )
    return _chunk(b"bext", fixed + text(history))


def _ixml_chunk(header: WavHeader) -> bytes:
    bits = _BYTES_PER_SAMPLE[header.encoding] * 8
    stamp = max(0, header.time_reference_samples)
    body = (
        '<?xml version="1.0" encoding="UTF-8"?>\n<BWFXML>\n'
        "  <IXML_VERSION>3.01</IXML_VERSION>\n"
        f"  <PROJECT>{escape(header.project)}</PROJECT>\n"
        "  <SPEED>\n"
        f"    <FILE_SAMPLE_RATE>{header.sample_rate}</FILE_SAMPLE_RATE>\n"
        f"    <AUDIO_BIT_DEPTH>{bits}</AUDIO_BIT_DEPTH>\n"
        f"    <TIMESTAMP_SAMPLES_SINCE_MIDNIGHT_LO>{stamp & 0xFFFFFFFF}</TIMESTAMP_SAMPLES_SINCE_MIDNIGHT_LO>\n"
        f"    <TIMESTAMP_SAMPLES_SINCE_MIDNIGHT_HI>{stamp >> 32}</TIMESTAMP_SAMPLES_SINCE_MIDNIGHT_HI>\n"
        f"    <TIMESTAMP_SAMPLE_RATE>{header.sample_rate}</TIMESTAMP_SAMPLE_RATE>\n"
        "  </SPEED>\n"
        f"  <TRACK_LIST>\n    <TRACK_COUNT>{header.channels}</TRACK_COUNT>\n"
        + "".join(
            f"    <TRACK><CHANNEL_INDEX>{index}</CHANNEL_INDEX><NAME>{escape(header.track)}</NAME></TRACK>\n"
            for index in range(1, header.channels + 1)
        )
        + "  </TRACK_LIST>\n</BWFXML>\n"
    )
    return _chunk(b"iXML", body.encode("utf-8", "replace"))


def header_bytes(header: WavHeader) -> bytes:
    """Return the bytes from the start of the file up to the first sample.

    Parameters
    ----------
    header
        The file's facts. Above 4 GiB the result is RF64 (EBU Tech 3306), else RIFF with a `JUNK` chunk in the
        place of `ds64`.

    Returns
    -------
    bytes
        After them come `header.data_bytes` bytes of audio and one pad byte where that number is odd.
    """
    pad = header.data_bytes % 2
    fact = (
        _chunk(b"fact", struct.pack("<I", min(header.frames, _UNKNOWN_SIZE))) if header.encoding == "float32" else b""
    )
    middle = _bext_chunk(header) + _ixml_chunk(header) + _format_chunk(header) + fact
    size_room = 8 + 28  # `ds64` or its placeholder
    riff_size = 4 + size_room + len(middle) + 8 + header.data_bytes + pad
    if riff_size <= _UNKNOWN_SIZE - 1:
        return (
            b"RIFF"
            + struct.pack("<I", riff_size)
            + b"WAVE"
            + _chunk(b"JUNK", bytes(28))
            + middle
            + b"data"
            + struct.pack("<I", header.data_bytes)
        )
    ds64 = struct.pack("<QQQI", riff_size, header.data_bytes, header.frames, 0)
    return (
        b"RF64"
        + struct.pack("<I", _UNKNOWN_SIZE)
        + b"WAVE"
        + _chunk(b"ds64", ds64)
        + middle
        + b"data"
        + struct.pack("<I", _UNKNOWN_SIZE)
    )


def quantise_24(samples: NDArray[np.float64]) -> NDArray[np.int32]:
    """Round to 24-bit integers as REAPER writes them: value x 2^23 to nearest, clipped, no dither.

    The one step down from float in the whole product; libsndfile would scale by 2^23 - 1 instead.
    """
    scaled = np.rint(samples * 8388608.0)
    return np.clip(scaled, -8388608, 8388607).astype(np.int32)


def encode_samples(samples: NDArray[np.float64], encoding: Encoding) -> bytes:
    """Turn samples [shape=(frames, channels), 1.0 = full scale] into little-endian interleaved bytes."""
    if encoding == "float32":
        return samples.astype("<f4").tobytes()
    integers = np.ascontiguousarray(quantise_24(samples)).astype("<i4")
    return integers.view(np.uint8).reshape(*integers.shape, 4)[..., :3].tobytes()


def write_pad(stream: BinaryIO, header: WavHeader) -> None:
    """Write the pad byte that an odd number of audio bytes needs."""
    if header.data_bytes % 2:
        stream.write(b"\0")
