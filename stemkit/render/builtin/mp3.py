"""Where REAPER's first sample of an MP3 lies in what libsndfile decodes, at which level, and how long it is."""

from __future__ import annotations

from functools import cache
from pathlib import Path

__all__ = ["HEADERLESS_SKIP_FRAMES", "decoded_frames", "has_delay_header", "mp3_correction"]

# 0, MP3 row: without a Xing or Info header, REAPER's sample 0 is libsndfile's sample 1106, [M]. With one, libsndfile
# trims 1152 + 1105 samples by itself (tried with LAME files), which is what REAPER trims (D2D, [1]).
HEADERLESS_SKIP_FRAMES = 1106
# 0, MP3 row: REAPER's level is libsndfile's times this, [M].
LEVEL = 32767 / 32768
_ID3_HEADER_BYTES = 10
_SEARCHED_BYTES = 8192  # behind the tag, for the first frame
_KBITS_MPEG1 = (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320)
_KBITS_MPEG2 = (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160)
_RATES = {3: (44_100, 48_000, 32_000), 2: (22_050, 24_000, 16_000), 0: (11_025, 12_000, 8_000)}
_LAYER_3, _MPEG1 = 1, 3


def _frame(header: bytes) -> tuple[int, int] | None:
    """Bytes and samples of the MPEG Layer III frame with this header (ISO 11172-3, 13818-3); None: not one."""
    if len(header) < 4 or header[0] != 0xFF or header[1] & 0xE0 != 0xE0:
        return None
    version, layer = header[1] >> 3 & 3, header[1] >> 1 & 3
    bitrate, rate, padding = header[2] >> 4, header[2] >> 2 & 3, header[2] >> 1 & 1
    if version not in _RATES or layer != _LAYER_3 or bitrate in {0, 15} or rate == 3:
        return None
    kbits = (_KBITS_MPEG1 if version == _MPEG1 else _KBITS_MPEG2)[bitrate]
    samples = 1152 if version == _MPEG1 else 576
    return samples * kbits * 125 // _RATES[version][rate] + padding, samples


def _audio(path: str) -> bytes:
    """All bytes behind the ID3 tag."""
    data = Path(path).read_bytes()
    if data[:3] != b"ID3" or len(data) < _ID3_HEADER_BYTES:
        return data
    size = sum((byte & 0x7F) << shift for byte, shift in zip(data[6:10], (21, 14, 7, 0), strict=True))
    return data[_ID3_HEADER_BYTES + size :]


@cache
def _layout(path: str, _size_bytes: int, _changed_ns: int) -> tuple[bool, int]:
    """Read an unchanged file once: whether it has a delay header, and how many samples its frames hold."""
    data = _audio(path)
    return _first_frame_has_header(data), _count(data)


def _stated(path: str) -> tuple[bool, int]:
    facts = Path(path).stat()
    return _layout(path, facts.st_size, facts.st_mtime_ns)


def has_delay_header(path: str) -> bool:
    """Whether the first MPEG frame carries a Xing or Info header, from which decoders trim the encoder's delay."""
    return _stated(path)[0]


def decoded_frames(path: str) -> int:
    """Sample frames that all MPEG frames of a file decode to, counted one by one."""
    return _stated(path)[1]


def _first_frame_has_header(data: bytes) -> bool:
    for at in range(min(len(data), _SEARCHED_BYTES)):
        if (frame := _frame(data[at : at + 4])) is not None:
            first = data[at : at + frame[0]]
            return b"Xing" in first or b"Info" in first
    return False


def _count(data: bytes) -> int:
    at, total = 0, 0
    while at + 4 <= len(data):
        if (frame := _frame(data[at : at + 4])) is None:
            at += 1
        else:
            at, total = at + frame[0], total + frame[1]
    return total


def mp3_correction(path: str) -> tuple[int, float]:
    """Frames to skip and gain to apply to libsndfile's decoding of an MP3."""
    return (0 if has_delay_header(path) else HEADERLESS_SKIP_FRAMES), LEVEL
