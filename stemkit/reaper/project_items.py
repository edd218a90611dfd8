"""Items and their takes.

An item block is a list of sections: what stands before the first ``TAKE`` line belongs to the item and to its first
take, each ``TAKE`` line opens a further take (State Chunk Definitions).
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from stemkit.model.session import Fade, Item, Take
from stemkit.reaper.project_envelopes import TAKE_ENVELOPES, envelope_of
from stemkit.reaper.project_fx import read_chain
from stemkit.reaper.project_sources import read_source
from stemkit.reaper.project_values import Fields, color_or_none, number_at, pan_law_or_none, readable
from stemkit.reaper.rpp import Block, tokenize

if TYPE_CHECKING:
    from stemkit.reaper.project_sources import ReadingContext

__all__ = ["read_item"]


@dataclass(slots=True)
class _Section:
    """Lines and blocks of one take; `marks` are the words behind ``TAKE`` (``SEL``, ``NULL``)."""

    marks: tuple[str, ...] = ()
    lines: list[str] = field(default_factory=list)
    blocks: list[Block] = field(default_factory=list)


def read_item(block: Block, context: ReadingContext) -> Item:
    """Read an ``<ITEM`` with all its takes.

    A take envelope's times stay in the take's own seconds, as the file has them.
    """
    sections = _sections(block)
    fields = Fields(sections[0].lines)
    notes = next((child.text() for child in sections[0].blocks if child.tag == "NOTES"), "")
    return Item(
        position_s=fields.number("POSITION"),
        length_s=max(0.0, fields.number("LENGTH")),
        guid=fields.text("IGUID"),
        loop=fields.flag("LOOP"),
        mute=fields.flag("MUTE"),
        solo_state=fields.integer("MUTE", 1),
        volume=fields.number("VOLPAN", 0, 1.0),
        fade_in=_fade(fields.values("FADEIN")),
        fade_out=_fade(fields.values("FADEOUT")),
        all_takes=fields.flag("ALLTAKES"),
        takes=_takes(sections, fields, context),
        lane_top=fields.number("YPOS", 0, 0.0),
        lane_height=fields.number("YPOS", 1, 1.0),
        locked=fields.integer("LOCK") & 1 == 1,
        color=color_or_none(fields.integer("COLOR")),
        notes=notes,
    )


def _sections(block: Block) -> list[_Section]:
    current = _Section()
    sections = [current]
    for entry in block.content():
        if isinstance(entry, Block):
            current.blocks.append(entry)
        elif entry == "TAKE" or entry.startswith("TAKE "):
            current = _Section(marks=tuple(tokenize(entry)[1:]))
            sections.append(current)
        else:
            current.lines.append(entry)
    return sections


def _takes(sections: list[_Section], first_fields: Fields, context: ReadingContext) -> tuple[Take, ...]:
    takes: list[Take] = []
    # An item without a source is an empty one (notes only). Where takes follow, its first take is an empty take:
    # REAPER writes no TAKE NULL line for the topmost one.
    if len(sections) > 1 or any(child.tag == "SOURCE" for child in sections[0].blocks):
        volpan = first_fields.values("VOLPAN")  # item volume, take pan, take volume, take pan law
        takes.append(
            _take(sections[0], first_fields, (number_at(volpan, 2, 1.0), *_pan_and_law(volpan, 1, 3)), context)
        )
    for section in sections[1:]:
        fields = Fields(section.lines)
        volpan = fields.values("TAKEVOLPAN")  # pan, volume, pan law
        takes.append(_take(section, fields, (number_at(volpan, 1, 1.0), *_pan_and_law(volpan, 0, 2)), context))
    if takes and not any(take.active for take in takes):
        takes[0] = replace(takes[0], active=True)
    return tuple(takes)


def _pan_and_law(tokens: list[str], pan_at: int, law_at: int) -> tuple[float, float | None]:
    return number_at(tokens, pan_at), pan_law_or_none(number_at(tokens, law_at, -1.0))


def _take(section: _Section, fields: Fields, mix: tuple[float, float, float | None], context: ReadingContext) -> Take:
    volume, pan, pan_law = mix
    source = next((child for child in section.blocks if child.tag == "SOURCE"), None)
    chain = next((child for child in section.blocks if child.tag == "TAKEFX"), None)
    if "NULL" in section.marks:
        source = None
    return Take(
        name=_name(section, fields),
        guid=fields.text("GUID"),
        active="SEL" in section.marks,
        source=None if source is None else read_source(source, context),
        volume=volume,
        pan=pan,
        pan_law=pan_law,
        source_offset_s=fields.number("SOFFS"),
        play_rate=_play_rate(fields),
        preserve_pitch=fields.flag("PLAYRATE", 1, default=True),
        pitch_semitones=fields.number("PLAYRATE", 2),
        channel_mode=fields.integer("CHANMODE"),
        stretch_markers=_stretch_markers(section),
        fx=read_chain(chain, enabled=True, name=context.name),
        envelopes=tuple(
            envelope for child in section.blocks if (envelope := envelope_of(child, TAKE_ENVELOPES)) is not None
        ),
    )


def _name(section: _Section, fields: Fields) -> str:
    """Return the name, from a ``<NAME`` block where one line could not hold it."""
    spelled_out = next((child for child in section.blocks if child.tag == "NAME"), None)
    return readable(fields.text("NAME") if spelled_out is None else spelled_out.text())


def _play_rate(fields: Fields) -> float:
    rate = fields.number("PLAYRATE", 0, 1.0)
    return rate if rate > 0 else 1.0


def _stretch_markers(section: _Section) -> int:
    """``SM`` holds all markers of a take, parted by ``+``."""
    return sum(line.count(" + ") + 1 for line in section.lines if line.startswith("SM "))


def _fade(tokens: list[str]) -> Fade:
    """``FADEIN shape length auto_length shape autoflag curvature …``; v3 stops after the third."""
    return Fade(
        shape=number_at(tokens, 0, 1.0),
        length_s=max(0.0, number_at(tokens, 1)),
        auto_length_s=max(0.0, number_at(tokens, 2)),
        curvature=number_at(tokens, 5),
    )
