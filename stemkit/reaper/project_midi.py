"""MIDI events that a project holds inside its own text."""

from __future__ import annotations

import base64
import binascii
from typing import TYPE_CHECKING

from stemkit.model.session import MidiEvent, MidiSource
from stemkit.reaper.project_values import integer_at
from stemkit.reaper.rpp import Block

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["pool_id_of", "read_midi"]

DEFAULT_TICKS_PER_QUARTER = 960
_PLAIN_EVENTS = {"E", "e", "Em", "em"}  # e: selected in the editor; m: muted in the editor
_LONG_EVENTS = {"X", "x", "Xm", "xm"}
_END_MARK = b"\xb0\x7b\x00"


def read_midi(block: Block) -> MidiSource | None:
    """Read the events of a ``<SOURCE MIDI``.

    Each event line is the ticks since the one before, then its bytes in hex; ``<X`` blocks hold long events (texts,
    system exclusive) in base64. Muted events move the clock and make no sound, so they are left out. REAPER ends
    the list with an all-notes-off, which gives the length and is no event of the user.

    Parameters
    ----------
    block
        The source's block.

    Returns
    -------
    MidiSource or None
        None where the block holds no events (a pooled copy keeps them in another item).
    """
    has_data = block.tokens("HASDATA")
    if has_data is None:
        return None
    events: list[MidiEvent] = []
    tick = 0
    for kind, delta, data in _raw_events(block):
        tick += delta
        if data and not kind.endswith("m"):
            events.append(MidiEvent(tick=tick, data=data))
    if events and events[-1].data == _END_MARK and events[-1].tick == tick:
        events.pop()
    return MidiSource(
        ticks_per_quarter=max(1, integer_at(has_data, 2, DEFAULT_TICKS_PER_QUARTER)),
        length_ticks=tick,
        events=tuple(events),
    )


def pool_id_of(block: Block) -> str:
    """Return the GUID by which pooled copies of one MIDI source know each other."""
    tokens = block.tokens("POOLEDEVTS")
    return tokens[1] if tokens and len(tokens) > 1 else ""


def _raw_events(block: Block) -> Iterable[tuple[str, int, bytes]]:
    for entry in block.content():
        if isinstance(entry, Block):
            if entry.tag in _LONG_EVENTS:
                yield entry.tag, max(0, integer_at(entry.args, 0)), _from_base64(entry)
            continue
        tokens = entry.split()
        if tokens[0] in _PLAIN_EVENTS:
            yield tokens[0], max(0, integer_at(tokens, 1)), _from_hex(tokens[2:5])


def _from_hex(tokens: list[str]) -> bytes:
    try:
        data = bytes(int(token, 16) for token in tokens)
    except ValueError:
        return b""
    # Program change and channel pressure have one data byte; the line carries a second that means nothing.
    return data[:2] if data and data[0] & 0xE0 == 0xC0 else data


def _from_base64(block: Block) -> bytes:
    try:
        return base64.b64decode("".join(block.own_lines()), validate=True)
    except (binascii.Error, ValueError):
        return b""
