"""Changing single lines of a REAPER file and nothing else.

Every line that nobody touches keeps its bytes, its indentation and its line end. Changes are gathered against the
line indices of the parsed document, so that blocks stay valid while one edits.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from stemkit.reaper.rpp import indentation, parse, quote, token_spans

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stemkit.reaper.rpp import Block, Document

__all__ = ["Editor", "Value", "rename_track", "write_value"]

Value = str | int | float

_STEP = "  "  # REAPER indents a block's contents by two spaces
_BASE64_WIDTH = 128
_LINE_END_BLANKS = " \t\r"
_ALWAYS_QUOTED = frozenset({"RENDER_FILE", "FILE", "RECORD_PATH"})  # as REAPER writes them


class Editor:
    r"""Gathers changes to a document and writes them out.

    Parameters
    ----------
    document
        What `stemkit.reaper.rpp.parse` gave; it is not changed.

    Examples
    --------
    >>> from stemkit.reaper.rpp import parse
    >>> document = parse(b'<REAPER_PROJECT 0.1\n  RENDER_STEMS 0\n>\n', name="song.rpp")
    >>> editor = Editor(document)
    >>> editor.set_line(document.project, "RENDER_STEMS", 3)
    >>> editor.to_bytes()
    b'<REAPER_PROJECT 0.1\n  RENDER_STEMS 3\n>\n'
    """

    def __init__(self, document: Document) -> None:
        self._document = document
        self._lines = document.lines
        self._changed: dict[int, str] = {}
        self._removed: set[int] = set()
        # Index of a line → what goes in front of it, by the block it belongs to and its key.
        self._inserted: dict[int, dict[tuple[int, str], list[str]]] = {}

    def set_line(self, block: Block, key: str, *values: Value, after: str = "") -> None:
        """Give a block's line new values.

        Parameters
        ----------
        block
            Where the line belongs.
        key
            Its first word. Where it stands twice the last one is changed, which is the one that counts.
        values
            What stands behind the key, unquoted.
        after
            Where the block has no such line: put it behind the line of this key, else at the block's beginning.
        """
        body = _body(key, values)
        found = block.indices_of(key)
        if found:
            line = self._lines[found[-1]]
            self._change(found[-1], indentation(line) + body + _line_end(line))
        else:
            self._insert(block, self._place(block, after), key, [body])

    def set_token(self, index: int, position: int, value: Value) -> None:
        """Change one token of one line and leave the others as they are written.

        Parameters
        ----------
        index
            The line's index, as `Block.indices_of` or `Block.start` gives it.
        position
            Which token: 0 is the key. A line that is too short is filled up with zeros.
        value
            The new value, unquoted.
        """
        line = self._changed.get(index, self._lines[index])
        body = line.rstrip(_LINE_END_BLANKS)
        spans = token_spans(body)
        if position < len(spans):
            start, end = spans[position]
            body = body[:start] + write_value(value) + body[end:]
        else:
            body = " ".join([body, *["0"] * (position - len(spans)), write_value(value)])
        self._change(index, body + _line_end(line))

    def insert_line(self, block: Block, before: int, key: str, *values: Value) -> None:
        """Put a new line of a block in front of the line with this index."""
        self._insert(block, before, key, [_body(key, values)])

    def remove_lines(self, block: Block, key: str) -> None:
        """Take out every own line of a block with this key."""
        self._removed.update(block.indices_of(key))
        self._forget(block, key)

    def set_content(self, block: Block, tag: str, lines: Sequence[str], *, after: str = "") -> None:
        """Give a child block new contents, or make one.

        Parameters
        ----------
        block
            The parent.
        tag
            The child's tag. The first child with it keeps its opening and closing line.
        lines
            Raw lines without indentation, for instance base64 or ``|text``.
        after
            Where the parent has no such child: as for `set_line`.
        """
        child = block.child(tag)
        if child is None:
            self._insert(
                block, self._place(block, after), f"<{tag}", [f"<{tag}", *(_STEP + line for line in lines), ">"]
            )
            return
        self.remove_block(child)
        self._removed -= {child.start, child.end}
        self._insert(child, child.end, "", list(lines))

    def set_base64(self, block: Block, tag: str, encoded: str, *, after: str = "") -> None:
        """Give a child block base64 contents, wrapped as REAPER does (`RENDER_CFG`); empty text empties it."""
        pieces = [encoded[at : at + _BASE64_WIDTH] for at in range(0, len(encoded), _BASE64_WIDTH)]
        self.set_content(block, tag, pieces, after=after)

    def remove_block(self, block: Block) -> None:
        """Take out a block with everything in it, also what was put into it before."""
        self._removed.update(range(block.start, block.end + 1))
        for index in [index for index in self._inserted if block.start < index <= block.end]:
            del self._inserted[index]

    def to_bytes(self) -> bytes:
        """Return the file with all changes in it."""
        lines: list[str] = []
        for index, line in enumerate(self._lines):
            for inserted in self._inserted.get(index, {}).values():
                lines.extend(inserted)
            if index not in self._removed:
                lines.append(self._changed.get(index, line))
        return "\n".join(lines).encode("utf-8", "surrogateescape")

    def document(self) -> Document:
        """Return the changed file, parsed anew."""
        return parse(self.to_bytes(), name=self._document.name)

    def _change(self, index: int, line: str) -> None:
        self._removed.discard(index)
        self._changed[index] = line

    def _place(self, block: Block, after: str) -> int:
        """Return the index in front of which a new line of the block goes."""
        found = block.indices_of(after) if after else []
        return (found[-1] if found else block.start) + 1

    def _insert(self, block: Block, before: int, key: str, body: list[str]) -> None:
        self._forget(block, key)
        opening = self._lines[block.start]
        indent, end = indentation(opening) + _STEP, _line_end(opening)
        self._inserted.setdefault(before, {})[block.start, key] = [indent + line + end for line in body]

    def _forget(self, block: Block, key: str) -> None:
        for inserted in self._inserted.values():
            inserted.pop((block.start, key), None)


def rename_track(editor: Editor, track: Block, name: str) -> None:
    """Give a track another name.

    A name with all three quote signs cannot stand in one line: as REAPER does, a spoiled copy goes there and the
    true one into a ``<NAME`` block. A line break in the name becomes a space.

    Parameters
    ----------
    editor
        Where the change is gathered.
    track
        The ``<TRACK`` block.
    name
        The new name.
    """
    name = " ".join(name.split("\n")).replace("\r", " ")
    editor.set_line(track, "NAME", name)
    if all(mark in name for mark in "\"'`"):
        editor.set_content(track, "NAME", [f"|{name}"], after="NAME")
        return
    for block in track.children("NAME"):
        editor.remove_block(block)


def write_value(value: Value, *, always_quoted: bool = False) -> str:
    """Write one value as a token; numbers without an exponent, as REAPER does."""
    if isinstance(value, str):
        return quote(value, always=always_quoted)
    if isinstance(value, int):
        return str(int(value))
    return f"{value:.14f}".rstrip("0").rstrip(".")


def _body(key: str, values: Sequence[Value]) -> str:
    always_quoted = key in _ALWAYS_QUOTED
    return " ".join([key, *(write_value(value, always_quoted=always_quoted) for value in values)])


def _line_end(line: str) -> str:
    return "\r" if line.endswith("\r") else ""
