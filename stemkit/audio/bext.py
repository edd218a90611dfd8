"""The broadcast extension chunk, after EBU Tech 3285 version 2 (2011)."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

from stemkit.model.audio import Bext, Damage

if TYPE_CHECKING:
    from stemkit.audio.riff import ByteOrder

__all__ = ["BEXT_BYTES", "decode_text", "parse_bext"]

# Description, Originator, OriginatorReference, OriginationDate, OriginationTime, TimeReference, Version, UMID,
# five levels, Reserved; the CodingHistory follows without a size of its own.
FIELDS = "256s32s32s10s8sQH64s5h180s"
BEXT_BYTES = 602
UNSET_LEVEL = 0x7FFF
LEVELS_SINCE_VERSION = 2


def decode_text(raw: bytes) -> str:
    """Decode text whose code page nobody wrote down: up to the first NUL, UTF-8 where it is valid, else Latin-1."""
    text = raw.split(b"\0", 1)[0]
    try:
        return text.decode("utf-8").strip()
    except UnicodeDecodeError:
        return text.decode("latin-1").strip()


def parse_bext(raw: bytes, offset: int, order: ByteOrder) -> tuple[Bext, list[Damage]]:
    """Read a `bext` chunk, also one that is too short.

    Parameters
    ----------
    raw
        The bytes of the chunk that are really there.
    offset
        Where they start in the file.
    order
        Byte order of the file.

    Returns
    -------
    tuple of Bext and list of Damage
        Missing bytes read as zero. Levels are None below version 2, where unset, and where all five are zero,
        which is what writers leave that know version 2 and measure nothing.
    """
    damage = []
    if len(raw) < BEXT_BYTES:
        message = f"the bext chunk has {len(raw)} of at least {BEXT_BYTES} bytes; its last fields are not reliable"
        damage.append(Damage(code="short_bext", message=message, offset=offset, fatal=False))
    values = struct.unpack_from(order + FIELDS, raw.ljust(BEXT_BYTES, b"\0"))
    description, originator, reference, date, time, time_reference, version, umid = values[:8]
    raw_levels = values[8:13] if version >= LEVELS_SINCE_VERSION and any(values[8:13]) else (UNSET_LEVEL,) * 5
    levels = [None if level == UNSET_LEVEL else level / 100 for level in raw_levels]
    found = Bext(
        description=decode_text(description),
        originator=decode_text(originator),
        originator_reference=decode_text(reference),
        origination_date=decode_text(date),
        origination_time=decode_text(time),
        time_reference_samples=time_reference,
        version=version,
        umid=umid if any(umid) else b"",
        loudness_value_lufs=levels[0],
        loudness_range_lu=levels[1],
        max_true_peak_dbtp=levels[2],
        max_momentary_lufs=levels[3],
        max_short_term_lufs=levels[4],
        coding_history=decode_text(raw[BEXT_BYTES:]),
    )
    return found, damage
