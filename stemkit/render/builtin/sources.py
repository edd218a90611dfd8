"""From a take's source to a stream: files, sections and reverse."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stemkit.errors import EngineError
from stemkit.render.builtin.grid import to_frame
from stemkit.render.builtin.media import FileStream, ReverseStream, WindowStream

if TYPE_CHECKING:
    from stemkit.model.session import Source
    from stemkit.render.builtin.media import FilePool, Stream

__all__ = ["REVERSED", "WHOLE_FILE", "open_source"]

WHOLE_FILE, REVERSED = 1, 2  # bits of a section's mode (5, SECTION, [1]; bit 1 read as in reaper-facts 5.3, [I])


def open_source(source: Source, pool: FilePool, *, opened: list[FileStream]) -> Stream:
    """Open a source as a stream.

    Every file that is opened is also put into `opened`, so that the caller can let go of it.
    """
    if source.child is None:
        return _file(source, pool, opened)
    stream = open_source(source.child, pool, opened=opened)
    if not source.section_mode & WHOLE_FILE:
        first = to_frame(source.section_start_s, stream.rate)
        length_s = source.section_length_s
        frames = stream.frames - first if length_s is None else to_frame(length_s, stream.rate)
        stream = WindowStream(stream, first, frames)
    return ReverseStream(stream) if source.section_mode & REVERSED else stream


def _file(source: Source, pool: FilePool, opened: list[FileStream]) -> Stream:
    if source.resolved_path is None:
        raise EngineError(f"The media file {source.file} is missing; put it back, or choose it anew in REAPER.")
    stream = FileStream(source.resolved_path, pool, kind=source.kind)
    opened.append(stream)
    return stream
