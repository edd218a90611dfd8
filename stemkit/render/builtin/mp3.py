"""Where REAPER's first sample of an MP3 lies in what libsndfile decodes, and at which level."""

from __future__ import annotations

from pathlib import Path

__all__ = ["mp3_correction"]

# 0, MP3 row: without a Xing or Info header, REAPER's sample 0 is libsndfile's sample 1106, [M].
HEADERLESS_SKIP_FRAMES = 1106
# 0, MP3 row: REAPER's level is libsndfile's times this, [M].
LEVEL = 32767 / 32768
_SEARCHED_BYTES = 8192  # the header lies in the first MPEG frame, behind the ID3 tag
_ID3_HEADER_BYTES = 10


def has_delay_header(path: str) -> bool:
    """Whether the first MPEG frame carries a Xing or Info header, from which decoders trim the encoder's delay."""
    with Path(path).open("rb") as file:
        head = file.read(_ID3_HEADER_BYTES)
        if head[:3] == b"ID3" and len(head) == _ID3_HEADER_BYTES:
            size = sum((byte & 0x7F) << shift for byte, shift in zip(head[6:10], (21, 14, 7, 0), strict=True))
            file.seek(_ID3_HEADER_BYTES + size)
        else:
            file.seek(0)
        frame = file.read(_SEARCHED_BYTES)
    return b"Xing" in frame or b"Info" in frame


def mp3_correction(path: str) -> tuple[int, float]:
    """Frames to skip and gain to apply to libsndfile's decoding of an MP3."""
    return (0 if has_delay_header(path) else HEADERLESS_SKIP_FRAMES), LEVEL
