"""Telling an unfinished upload from silence: zeros that begin on the border of a disk block, right after sound.

A file that was preallocated and never filled has its full size and nothing but zeros at its end. Digital silence
looks the same, but it begins where a sound has faded or at a cut that knows nothing of disk blocks. So the tail is
named only when the last byte that is not zero stands just before a multiple of 4096 bytes from the start of the
file, and the frames before it are loud.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from stemkit.audio.fmt_chunk import Format
    from stemkit.audio.riff import OpenFile

__all__ = ["find_zero_tail"]

BLOCK_BYTES = 4096
LOUD = 0.01  # -40 dBFS, RMS of the last frames before the zeros
FRAMES_BEFORE = 64


def find_zero_tail(source: OpenFile, start: int, count: int, form: Format) -> int | None:
    """Find where preallocated zeros begin.

    Parameters
    ----------
    source
        The open file.
    start, count
        Offset and length in bytes of the audio.
    form
        Its format.

    Returns
    -------
    int or None
        Offset of the first zero of the tail in bytes, None where there is none or it may be silence.
    """
    end = start + count
    blocks = end // BLOCK_BYTES
    first = start // BLOCK_BYTES + 1
    if blocks <= first or any(source.read(blocks * BLOCK_BYTES, end - blocks * BLOCK_BYTES)):
        return None
    low, high = first - 1, blocks  # block `high` on is zero; bisect as if zeros were only at the end
    while high - low > 1:
        middle = (low + high) // 2
        if any(source.read(middle * BLOCK_BYTES, BLOCK_BYTES)):
            low = middle
        else:
            high = middle
    border = high * BLOCK_BYTES
    if high == blocks or border <= start:
        return None
    return border if _sound_reaches(source, border, start, form) else None


def _sound_reaches(source: OpenFile, border: int, start: int, form: Format) -> bool:
    """Tell whether loud frames stand right before `border`, up to its very last bytes."""
    width = form.bits // 8
    whole = (border - start) // form.block_align * form.block_align + start
    begin = max(start, whole - FRAMES_BEFORE * form.block_align)
    if width != 3 and form.encoding not in ("pcm16", "pcm32", "float32"):
        return False
    raw = source.read(begin, border - begin)
    if not any(raw[-form.block_align :]):
        return False
    return _rms(raw[: whole - begin], width, form) > LOUD


def _rms(raw: bytes, width: int, form: Format) -> float:
    order = ">" if form.big_endian else "<"
    if form.encoding == "float32":
        values = np.nan_to_num(np.frombuffer(raw, f"{order}f4").astype(np.float64), posinf=0.0, neginf=0.0)
        return float(np.sqrt(np.mean(np.clip(values, -1, 1) ** 2))) if values.size else 0.0
    # The sign and size of an integer stand in its upper bytes, which is all that loudness needs.
    used = np.frombuffer(raw[: len(raw) // width * width], np.uint8).reshape(-1, width)
    upper = used[:, :2][:, ::-1] if order == ">" else used[:, -2:]
    values = np.ascontiguousarray(upper).view("<i2").astype(np.float64) / 32768
    return float(np.sqrt(np.mean(values**2))) if values.size else 0.0
