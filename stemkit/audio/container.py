"""Which container a file is, told from its first bytes, whatever its name says."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

from stemkit.audio.c_path import c_path
from stemkit.model.audio import ContainerFacts, Damage

if TYPE_CHECKING:
    from pathlib import Path

    from stemkit.audio.riff import OpenFile
    from stemkit.model.audio import Container, Encoding

__all__ = ["describe", "recognise"]

RIFF_KINDS: dict[bytes, Container] = {b"RIFF": "wav", b"RIFX": "rifx", b"RF64": "rf64", b"BW64": "bw64"}
W64_RIFF = bytes.fromhex("726966662e91cf11a5d628db04c10000")  # Sony Wave64, its first GUID
ASF = bytes.fromhex("3026b2758e66cf11a6d900aa0062ce6c")
MAGIC: tuple[tuple[bytes, Container], ...] = (
    (W64_RIFF, "w64"),
    (b"fLaC", "flac"),
    (b"OggS", "ogg"),
    (b"caff\x00\x01", "caf"),
)
# Formats that have no name of their own in the model; the second text goes into `codec`.
OTHER_AUDIO: tuple[tuple[bytes, str], ...] = (
    (ASF, "Windows Media Audio"),
    (b"\x1a\x45\xdf\xa3", "Matroska or WebM"),
    (b"wvpk", "WavPack"),
    (b"MAC ", "Monkey's Audio"),
    (b".snd", "Sun AU"),
    (b"#!AMR", "AMR"),
)
NOT_AUDIO: tuple[tuple[bytes, str], ...] = (
    (b"PK\x03\x04", "a ZIP archive"),
    (b"RPP", "a project or peak file of REAPER"),
    (b"RPKN", "a peak file of REAPER"),
    (b"\x00\x05\x16\x07", "an AppleDouble file, which macOS leaves beside the real one"),
    (b"<!DOCTYPE", "a web page"),
    (b"<html", "a web page"),
    (b"%PDF", "a PDF"),
    (b"\x89PNG", "a picture"),
    (b"MThd", "a MIDI file"),
)
SUBTYPES: dict[str, tuple[Encoding, int | None]] = {
    "PCM_S8": ("pcm8", 8),
    "PCM_U8": ("pcm8", 8),
    "PCM_16": ("pcm16", 16),
    "PCM_24": ("pcm24", 24),
    "PCM_32": ("pcm32", 32),
    "FLOAT": ("float32", 32),
    "DOUBLE": ("float64", 64),
}
UNKNOWN_SUBTYPE: tuple[Encoding, int | None] = ("other", None)
MP3_RATES = (44100, 48000, 32000)
MP3_KBITS = {  # by (MPEG 1 or not, layer), ISO/IEC 11172-3 and 13818-3
    (True, 3): (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    (False, 3): (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
    (True, 2): (0, 32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384),
    (False, 2): (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}


def recognise(source: OpenFile) -> tuple[Container, str]:
    """Name the container.

    Parameters
    ----------
    source
        The open file.

    Returns
    -------
    tuple of Container and str
        The container, and for ``other`` the format's own name where it is known.
    """
    if source.size == 0:
        return "empty", ""
    head = source.read(0, 64)
    if head[:4] in RIFF_KINDS and (head[8:12] == b"WAVE"[: max(0, len(head) - 8)] or len(head) < 12):
        return RIFF_KINDS[head[:4]], ""
    if head[:4] == b"FORM" and head[8:12] in (b"AIFF", b"AIFC"):
        return "aiff", ""
    if head[4:8] == b"ftyp":
        return "m4a", ""
    for magic, kind in MAGIC:
        if head.startswith(magic):
            return kind, ""
    return _recognise_mpeg(source, head) or ("other", next((n for m, n in OTHER_AUDIO if head.startswith(m)), ""))


def _recognise_mpeg(source: OpenFile, head: bytes) -> tuple[Container, str] | None:
    start = 0
    tagged = head[:3] == b"ID3" and len(head) >= 10 and all(byte < 0x80 for byte in head[6:10])
    if tagged:
        start = 10 + sum(byte << shift for byte, shift in zip(head[6:10], (21, 14, 7, 0), strict=True))
        behind = source.read(start, 4)
        if behind == b"fLaC":
            return "flac", ""
    first = source.read(start, 4)
    if first[:1] == b"\xff" and len(first) > 1 and first[1] & 0xF6 == 0xF0:
        return "other", "AAC (ADTS)"
    length = _mpeg_frame_bytes(first)
    if tagged or (length and (_mpeg_frame_bytes(source.read(start + length, 4)) or start + length == source.size)):
        return "mp3", ""
    return None


def _mpeg_frame_bytes(header: bytes) -> int:
    """Return the length of the MPEG audio frame that these four bytes begin, 0 where they begin none."""
    if len(header) < 4 or header[0] != 0xFF or header[1] & 0xE0 != 0xE0:
        return 0
    version, layer = header[1] >> 3 & 3, 4 - (header[1] >> 1 & 3)
    kbits, rate, pad = header[2] >> 4, header[2] >> 2 & 3, header[2] >> 1 & 1
    if version == 1 or layer not in (2, 3) or kbits in (0, 15) or rate == 3:
        return 0
    first = version == 3
    hertz = MP3_RATES[rate] // {3: 1, 2: 2, 0: 4}[version]
    frame_samples = 1152 if first or layer == 2 else 576
    return frame_samples // 8 * MP3_KBITS[first, layer][kbits] * 1000 // hertz + pad


def describe(path: Path, source: OpenFile, kind: Container, codec: str) -> ContainerFacts:
    """Fill in what can be known of a container that is no WAV, by libsndfile where it can read it."""
    if kind == "empty":
        return _broken(source, kind, "empty", "the file is empty: 0 bytes")
    if kind == "other":
        return _describe_other(source, codec)
    if kind == "m4a":
        return ContainerFacts(container=kind, size_bytes=source.size, encoding="other", codec="AAC or ALAC")
    import soundfile  # noqa: PLC0415  (loads libsndfile, needed only for foreign containers)

    try:
        info = soundfile.info(c_path(path))
    except (soundfile.SoundFileError, OSError) as error:
        return _broken(source, kind, "undecodable", f"the {kind.upper()} file cannot be decoded: {error}")
    encoding, bits = SUBTYPES.get(info.subtype, UNKNOWN_SUBTYPE)
    return ContainerFacts(
        container=kind,
        size_bytes=source.size,
        encoding=encoding,
        codec=info.subtype if encoding == "other" else "",
        sample_rate=info.samplerate,
        channels=info.channels,
        bits=bits,
        frames=info.frames,
        damage=_cut_short(source, kind),
    )


def _cut_short(source: OpenFile, kind: Container) -> tuple[Damage, ...]:
    """Compare the outer size of AIFF and Wave64 with the file; libsndfile forgives a missing end silently."""
    if kind == "aiff":
        promised = struct.unpack(">I", source.read(4, 4))[0] + 8
    elif kind == "w64":
        promised = struct.unpack("<Q", source.read(16, 8).ljust(8, b"\0"))[0]
    else:
        return ()
    if promised <= source.size + 1 or promised >= 0xFFFFFFF0:
        return ()
    message = f"the file ends after {source.size:,} of the {promised:,} bytes that its header promises"
    return (Damage(code="truncated", message=message, offset=source.size),)


def _describe_other(source: OpenFile, codec: str) -> ContainerFacts:
    if codec:
        return ContainerFacts(container="other", size_bytes=source.size, encoding="other", codec=codec)
    head = source.read(0, 64 * 1024)
    if not head.strip(b"\0"):
        message = "the file begins with nothing but zeros, as an upload leaves it that never got its content"
        return _broken(source, "other", "all_zero", message)
    kind = next((name for magic, name in NOT_AUDIO if head.startswith(magic)), "no audio file that stemkit knows")
    return _broken(source, "other", "not_audio", f"by its first bytes this is {kind}")


def _broken(source: OpenFile, kind: Container, code: str, message: str) -> ContainerFacts:
    damage = Damage(code=code, message=message, offset=0)
    return ContainerFacts(container=kind, size_bytes=source.size, damage=(damage,))
