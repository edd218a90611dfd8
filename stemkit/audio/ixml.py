"""The iXML chunk (version 3.01): the fields that can disagree with the header."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from stemkit.model.audio import Damage, Ixml

if TYPE_CHECKING:
    from xml.etree import ElementTree as ET

__all__ = ["parse_ixml"]

# A document type may define entities that grow without bound, and iXML has no use for one.
DOCUMENT_TYPE = re.compile(rb"<!\s*(DOCTYPE|ENTITY)", re.IGNORECASE)
MAX_DIGITS = 20  # of a 64-bit number


def parse_ixml(raw: bytes, offset: int) -> tuple[Ixml, list[Damage]]:
    """Read an iXML chunk without ever expanding an entity.

    Parameters
    ----------
    raw
        The bytes of the chunk that are really there.
    offset
        Where they start in the file.

    Returns
    -------
    tuple of Ixml and list of Damage
        `well_formed` is False, and everything else empty, where it is no XML or refused.
    """
    from xml.etree import ElementTree as ET  # noqa: PLC0415  (few files have this chunk)

    text = raw.rstrip(b"\0 \r\n\t")
    # Taking out the zero bytes shows a document type in UTF-16 as well.
    if DOCUMENT_TYPE.search(text.replace(b"\0", b"")):
        return _refuse("the iXML chunk defines entities of its own and was not read", offset)
    try:
        root = ET.fromstring(text)  # noqa: S314  (document types, the only way to define entities, are refused above)
    except (ET.ParseError, ValueError, LookupError):  # LookupError: an encoding nobody knows
        return _refuse("the iXML chunk is not well-formed XML", offset)
    names = tuple((name.text or "").strip() for name in root.findall("TRACK_LIST/TRACK/NAME"))
    high, low = (_number(root, f"SPEED/TIMESTAMP_SAMPLES_SINCE_MIDNIGHT_{half}") for half in ("HI", "LO"))
    found = Ixml(
        project=_text(root, "PROJECT"),
        file_sample_rate=_number(root, "SPEED/FILE_SAMPLE_RATE"),
        bit_depth=_number(root, "SPEED/AUDIO_BIT_DEPTH"),
        timestamp_samples=None if low is None else ((high or 0) << 32) + low,
        track_count=_number(root, "TRACK_LIST/TRACK_COUNT"),
        track_names=names,
    )
    return found, []


def _refuse(message: str, offset: int) -> tuple[Ixml, list[Damage]]:
    return Ixml(well_formed=False), [Damage(code="bad_ixml", message=message, offset=offset, fatal=False)]


def _text(root: ET.Element, path: str) -> str | None:
    text = (root.findtext(path) or "").strip()
    return text or None


def _number(root: ET.Element, path: str) -> int | None:
    text = _text(root, path) or ""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= MAX_DIGITS else None
