"""The `fmt ` chunk: what the samples are, and whether that is possible at all."""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from stemkit.model.audio import Damage

if TYPE_CHECKING:
    from stemkit.audio.riff import ByteOrder
    from stemkit.model.audio import Encoding

__all__ = ["Format", "parse_format"]

TAG_PCM, TAG_FLOAT, TAG_EXTENSIBLE = 0x0001, 0x0003, 0xFFFE
PLAIN_BYTES = 16
EXTENSION_BYTES = 22  # of WAVE_FORMAT_EXTENSIBLE
# The last 14 bytes of every subformat GUID that stands for a format tag (KSDATAFORMAT_SUBTYPE_*).
GUID_TAIL = bytes.fromhex("000000001000800000aa00389b71")
# B-format ambisonics: the same PCM and float under GUIDs of their own.
AMBISONIC_TAIL = bytes.fromhex("00002107d3118644c8c1ca000000")
CODECS = {
    0x0002: "Microsoft ADPCM",
    0x0006: "A-law",
    0x0007: "mu-law",
    0x0011: "IMA ADPCM",
    0x0031: "GSM 6.10",
    0x0050: "MPEG layer 1/2",
    0x0055: "MP3",
    0x0092: "Dolby AC-3 over S/PDIF",
    0x00FF: "AAC",
    0x0161: "Windows Media Audio",
    0x0162: "Windows Media Audio Pro",
    0x1610: "AAC",
    0x2000: "Dolby AC-3",
    0x674F: "Vorbis",
    0xF1AC: "FLAC",
}
PCM_ENCODINGS: dict[int, Encoding] = {8: "pcm8", 16: "pcm16", 24: "pcm24", 32: "pcm32"}
FLOAT_ENCODINGS: dict[int, Encoding] = {32: "float32", 64: "float64"}


@dataclass(slots=True)
class Format:
    """The fields of a `fmt ` chunk. `bits` is the size of the container of one sample."""

    tag: int = 0
    channels: int = 0
    sample_rate: int = 0
    byte_rate: int = 0
    block_align: int = 0
    bits: int = 0
    valid_bits: int | None = None
    extensible: bool = False
    big_endian: bool = False
    channel_mask: int | None = None
    subformat: bytes = b""
    encoding: Encoding | None = None
    codec: str = ""
    damage: list[Damage] = field(default_factory=list)

    def hurt(self, code: str, message: str, offset: int, *, fatal: bool = True) -> None:
        """Add one damage."""
        self.damage.append(Damage(code=code, message=message, offset=offset, fatal=fatal))


def parse_format(raw: bytes, offset: int, order: ByteOrder) -> Format:
    """Read a `fmt ` chunk.

    Parameters
    ----------
    raw
        The bytes of the chunk that are really there.
    offset
        Where they start in the file, for messages.
    order
        ``<`` or ``>`` (RIFX).

    Returns
    -------
    Format
        Every field that could be read; `encoding` is None where the chunk is too short to tell.
    """
    found = Format(big_endian=order == ">")
    if len(raw) < PLAIN_BYTES:
        found.hurt("short_fmt", f"the fmt chunk has {len(raw)} of the {PLAIN_BYTES} bytes that it needs", offset)
        return found
    plain = struct.unpack_from(order + "HHIIHH", raw)
    found.tag, found.channels, found.sample_rate, found.byte_rate, found.block_align, found.bits = plain
    _read_extension(found, raw, offset, order)
    _name_encoding(found, offset)
    _judge_layout(found, offset)
    return found


def _read_extension(found: Format, raw: bytes, offset: int, order: ByteOrder) -> None:
    found.extensible = found.tag == TAG_EXTENSIBLE
    size = struct.unpack_from(order + "H", raw, PLAIN_BYTES)[0] if len(raw) >= PLAIN_BYTES + 2 else None
    there = max(0, len(raw) - PLAIN_BYTES - 2)
    if len(raw) == PLAIN_BYTES + 1 and found.tag != TAG_PCM:
        fatal = found.tag != TAG_FLOAT
        found.hurt("cut_fmt_extension", "the fmt chunk ends inside the size of its extension", offset, fatal=fatal)
    elif found.tag != TAG_PCM and size is not None and size > there:
        found.hurt("cut_fmt_extension", f"the fmt chunk's extension claims {size} bytes and has {there}", offset)
    if not found.extensible:
        return
    if size is None or size < EXTENSION_BYTES or there < EXTENSION_BYTES:
        found.hurt("cut_fmt_extension", "the fmt chunk says extensible and lacks the extension", offset)
        return
    found.valid_bits, found.channel_mask = struct.unpack_from(order + "HI", raw, PLAIN_BYTES + 2)
    found.subformat = raw[PLAIN_BYTES + 8 : PLAIN_BYTES + 24]
    tail = found.subformat[2:]
    if tail in (GUID_TAIL, AMBISONIC_TAIL) or (order == ">" and tail[6:] == GUID_TAIL[6:]):
        found.tag = struct.unpack_from(order + "H", found.subformat)[0]


def _name_encoding(found: Format, offset: int) -> None:
    container = 8 * ((found.bits + 7) // 8)
    if found.tag == TAG_PCM and container in PCM_ENCODINGS:
        found.encoding = PCM_ENCODINGS[container]
        if found.bits != container:  # 20 bits live in three bytes
            found.valid_bits, found.bits = found.valid_bits or found.bits, container
    elif found.tag == TAG_FLOAT and found.bits in FLOAT_ENCODINGS:
        found.encoding = FLOAT_ENCODINGS[found.bits]
    else:
        found.encoding = "other"
        found.codec = CODECS.get(found.tag, f"format 0x{found.tag:04X}")
        if found.tag in (TAG_PCM, TAG_FLOAT):
            found.codec = f"{'float' if found.tag == TAG_FLOAT else 'PCM'} of {found.bits} bits"
            found.hurt("bad_bits", f"the header says {found.bits} bits a sample, which is not possible", offset + 14)
    if found.valid_bits == 0:  # some writers leave it empty, which can only mean all of them
        found.valid_bits = found.bits
    if found.valid_bits is not None and found.valid_bits > found.bits > 0 and found.encoding != "other":
        message = f"the header says {found.valid_bits} of {found.bits} bits are used, which is not possible"
        found.hurt("bad_valid_bits", message, offset + 18, fatal=False)
        found.valid_bits = None


def _judge_layout(found: Format, offset: int) -> None:
    if found.channels == 0:
        found.hurt("zero_channels", "the header says the file has no channels", offset + 2)
    if found.sample_rate == 0:
        found.hurt("zero_rate", "the header says the sample rate is 0 Hz", offset + 4)
    if found.encoding in (None, "other") or found.channels == 0:
        return
    expected = found.channels * found.bits // 8
    if found.block_align == expected:
        return
    widened = found.tag == TAG_PCM and found.block_align in (found.channels * width for width in (3, 4))
    if widened and found.block_align > expected:
        message = (
            f"{found.bits}-bit samples stand in {found.block_align // found.channels} bytes each; nothing says in "
            "which of them, and most programs play noise"
        )
        found.hurt("padded_container", message, offset + 12)
        return
    message = (
        f"the header says {found.block_align} bytes a frame, but {found.channels} channels of {found.bits} bits "
        f"need {expected}"
    )
    found.hurt("bad_block_align", message, offset + 12)
