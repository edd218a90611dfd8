"""What takes play: media files, sections of them, and MIDI held in the project."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from stemkit.errors import InputError
from stemkit.model.session import MidiSource, Source
from stemkit.reaper.project_midi import pool_id_of, read_midi
from stemkit.reaper.project_values import Fields

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stemkit.reaper.media_paths import MediaFinder
    from stemkit.reaper.rpp import Block

__all__ = ["ReadingContext", "read_source"]

MAX_NESTING = 64  # sections in sections
_OFFLINE = "_OFFLINE_"
_MIDI_KINDS = {"midi", "midipool"}


@dataclass(slots=True)
class ReadingContext:
    """What the parts of one reading share."""

    name: str  # the file's name, for errors
    project: Block
    media: MediaFinder
    _midi_pools: dict[str, Block] | None = field(default=None, repr=False)

    def pooled_midi(self, pool_id: str) -> Block | None:
        """Return the source that holds the events of a MIDI pool."""
        if self._midi_pools is None:
            self._midi_pools = {
                pool: source
                for source in _midi_sources(self.project)
                if source.tokens("HASDATA") is not None and (pool := pool_id_of(source))
            }
        return self._midi_pools.get(pool_id)


def read_source(block: Block, context: ReadingContext, depth: int = 0) -> Source:
    """Read a ``<SOURCE`` block.

    A ``MIDIPOOL`` is given as ``midi``, with the events of the copy that holds them.

    Raises
    ------
    InputError
        If sections are nested deeper than any project needs.
    """
    if depth > MAX_NESTING:
        raise InputError(f"{context.name}, line {block.line_number}: sources lie more than {MAX_NESTING} deep.")
    args = block.args
    written_kind = args[0] if args else "EMPTY"
    kind = written_kind.removeprefix(_OFFLINE).lower()
    offline = written_kind.startswith(_OFFLINE)
    if kind in _MIDI_KINDS:
        return _read_midi_source(block, context, offline=offline)
    fields = Fields(block.own_lines())
    file = fields.text("FILE")
    resolved, searched = context.media.find(file)
    child = block.child("SOURCE")
    return Source(
        kind=kind,
        file=file,
        resolved_path=resolved,
        searched=searched,
        offline=offline,
        file_flags=tuple(fields.values("FILE")[1:]),
        child=None if child is None else read_source(child, context, depth + 1),
        section_start_s=fields.number("STARTPOS"),
        section_length_s=fields.number("LENGTH") if "LENGTH" in fields else None,
        section_overlap_s=fields.number("OVERLAP"),
        section_mode=fields.integer("MODE"),
    )


def _read_midi_source(block: Block, context: ReadingContext, *, offline: bool) -> Source:
    file_line = block.tokens("FILE") or []  # a .mid beside the project instead of events inside it
    file = file_line[1] if len(file_line) > 1 else ""
    resolved, searched = context.media.find(file)
    midi: MidiSource | None = read_midi(block)
    if midi is None and (holder := context.pooled_midi(pool_id_of(block))) is not None:
        midi = read_midi(holder)
    return Source(
        kind="midi",
        file=file,
        resolved_path=resolved,
        searched=searched,
        offline=offline,
        file_flags=tuple(file_line[2:]),
        midi=midi,
    )


def _midi_sources(project: Block) -> Iterator[Block]:
    """All MIDI sources of the project's own items, also those inside sections."""
    waiting = [
        source for track in project.children("TRACK") for item in track.children("ITEM") for source in item.blocks
    ]
    while waiting:
        block = waiting.pop()
        if block.tag == "SOURCE":
            if block.args[:1] and block.args[0].removeprefix(_OFFLINE).lower() in _MIDI_KINDS:
                yield block
            waiting.extend(block.blocks)
