"""REAPER's project text: a lossless, lazy line parser.

A `.rpp` file is a tree of lines. A line that begins with ``<`` opens a block, a line that *is* ``>`` closes one,
everything else belongs to the innermost block. Only that structure is read at once; lines are cut into tokens
when somebody asks. Every line keeps its own text and line end, so that a document gives back the bytes it came
from. `stemkit.reaper.rpp_editor` changes single lines of it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NoReturn

from stemkit.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Block", "Document", "first_word", "indentation", "parse", "quote", "token_spans", "tokenize"]

PROJECT_TAG = "REAPER_PROJECT"
_BLANKS = " \t"
_LINE_END_BLANKS = " \t\r"
_BYTE_ORDER_MARK = "\ufeff"

# A quote sign only opens at the start of a token, nothing escapes it, and a forgotten one takes the rest.
_TOKEN = re.compile("\"([^\"]*)\"?|'([^']*)'?|`([^`]*)`?|([^ \t]+)")
_NEEDS_QUOTES = re.compile("^[\"'`#;]|[ \t]|^$")
_LINE_BREAKS = re.compile("[\r\n\0]")
_ROOT_LINE = re.compile(r"<[A-Za-z_][^\s<>\"'`]*(?:[ \t].*)?")


def tokenize(text: str) -> list[str]:
    r"""Cut a line into its tokens.

    Parameters
    ----------
    text
        One line without its line end, with or without indentation.

    Returns
    -------
    list of str
        Tokens without their quote signs. Backslashes are plain characters.

    Examples
    --------
    >>> tokenize('  FILE "media\\a b.wav" 1')
    ['FILE', 'media\\a b.wav', '1']
    """
    if '"' not in text and "'" not in text and "`" not in text:
        if "\t" in text:
            text = text.replace("\t", " ")
        return [token for token in text.split(" ") if token]
    return ["".join(groups) for groups in _TOKEN.findall(text)]


def quote(text: str, *, always: bool = False) -> str:
    r"""Write one token as REAPER does.

    The first of ``"``, ``'`` and ````` that the text does not hold goes around it. Where a text needs quotes and
    holds all three, each backtick in it becomes ``'``, as in REAPER. A line cannot hold line breaks or NUL: they
    become spaces.

    Parameters
    ----------
    text
        The token's value.
    always
        Quote also where a bare word would do, as REAPER does for paths.

    Returns
    -------
    str
        The token as it stands in the file.
    """
    text = _LINE_BREAKS.sub(" ", text)
    if not always and not _NEEDS_QUOTES.search(text):
        return text
    mark = next((mark for mark in "\"'`" if mark not in text), None)
    if mark is None:
        return "`" + text.replace("`", "'") + "`"
    return f"{mark}{text}{mark}"


@dataclass(eq=False, slots=True)
class Block:
    """One block: the lines from its ``<TAG`` to its ``>``.

    `start` and `end` are 0-based indices into `lines` of those two lines, `blocks` the blocks directly inside.
    """

    lines: list[str] = field(repr=False)  # those of the whole document
    tag: str
    start: int
    end: int = -1
    blocks: list[Block] = field(default_factory=list, repr=False)

    @property
    def line_number(self) -> int:
        """Where the block opens, counted from 1 as editors do."""
        return self.start + 1

    @property
    def args(self) -> list[str]:
        """Tokens behind the tag."""
        head = self.lines[self.start].lstrip(_BLANKS + _BYTE_ORDER_MARK)
        return tokenize(head.rstrip(_LINE_END_BLANKS)[1 + len(self.tag) :])

    def children(self, tag: str) -> list[Block]:
        """Blocks directly inside that have this tag."""
        return [block for block in self.blocks if block.tag == tag]

    def child(self, tag: str) -> Block | None:
        """Return the first block directly inside with this tag."""
        return next((block for block in self.blocks if block.tag == tag), None)

    def own_indices(self) -> Iterator[int]:
        """Line indices that belong to this block itself: no child block, not its first and last line."""
        index = self.start + 1
        for block in self.blocks:
            yield from range(index, block.start)
            index = block.end + 1
        yield from range(index, self.end)

    def own_lines(self) -> Iterator[str]:
        """Lines of the block itself, without indentation and line end."""
        for index in self.own_indices():
            yield self.lines[index].strip(_LINE_END_BLANKS)

    def content(self) -> Iterator[str | Block]:
        """Own lines and child blocks in the order of the file; blank lines left out."""
        lines = self.lines
        index = self.start + 1
        for block in self.blocks:
            for number in range(index, block.start):
                if line := lines[number].strip(_LINE_END_BLANKS):
                    yield line
            yield block
            index = block.end + 1
        for number in range(index, self.end):
            if line := lines[number].strip(_LINE_END_BLANKS):
                yield line

    def indices_of(self, key: str) -> list[int]:
        """Return the indices of own lines whose first word is `key`."""
        return [index for index in self.own_indices() if first_word(self.lines[index]) == key]

    def tokens(self, key: str) -> list[str] | None:
        """Return all tokens of the last own line with this key (REAPER reads on, so the last one counts)."""
        found = self.indices_of(key)
        return tokenize(self.lines[found[-1]].strip(_LINE_END_BLANKS)) if found else None

    def text(self) -> str:
        """Return the text that stands behind the ``|`` signs (notes, names); other lines as they are."""
        return "\n".join(line.removeprefix("|") for line in map(self._unindented, self.own_indices()))

    def _unindented(self, index: int) -> str:
        return self.lines[index].rstrip("\r").lstrip(_BLANKS)


@dataclass(frozen=True, slots=True)
class Document:
    r"""A file's lines and the blocks in them.

    `lines` were cut at ``\n`` and keep their ``\r``. A `.rpp-bak` may hold several projects one after the other:
    `roots` has them all, the newest last.
    """

    name: str
    lines: list[str] = field(repr=False)
    roots: tuple[Block, ...]

    def to_bytes(self) -> bytes:
        """Return the file's bytes, the same that were parsed."""
        return "\n".join(self.lines).encode("utf-8", "surrogateescape")

    @property
    def project(self) -> Block:
        """The newest project in the file.

        Raises
        ------
        InputError
            If the file holds none (an FX chain, a track template, an undo history).
        """
        for root in reversed(self.roots):
            if root.tag == PROJECT_TAG:
                return root
        raise InputError(
            f"{self.name}, line {self.roots[0].line_number}: <{self.roots[0].tag} is REAPER text but no project, "
            "give the .rpp file itself."
        )


def first_word(line: str) -> str:
    """Return the key of a raw line: what stands before the first blank."""
    return line.lstrip(_BLANKS).replace("\t", " ").partition(" ")[0].rstrip("\r")


def token_spans(text: str) -> list[tuple[int, int]]:
    """Return where each token of a line begins and ends, quote signs included."""
    return [match.span() for match in _TOKEN.finditer(text)]


def indentation(line: str) -> str:
    """Return the blanks at the beginning of a raw line."""
    return line[: len(line) - len(line.lstrip(_BLANKS))]


def parse(data: bytes, *, name: str) -> Document:
    """Read the structure of a REAPER file.

    Parameters
    ----------
    data
        The file's bytes. Bytes that are no UTF-8 (old projects from Windows) are kept by ``surrogateescape``.
    name
        What to call the file in error messages.

    Returns
    -------
    Document
        At least one root block, of whatever tag.

    Raises
    ------
    InputError
        With the line number, for anything that is not a whole, sound REAPER file.
    """
    text = data.decode("utf-8", "surrogateescape")
    lines = text.split("\n")
    _check_beginning(text, lines, name)
    roots: list[Block] = []
    open_blocks: list[Block] = []
    for index, line in enumerate(lines):
        body = line.lstrip(_BLANKS if index else _BLANKS + _BYTE_ORDER_MARK)
        if body.startswith("<"):
            block = Block(lines, first_word(body[1:]), index)
            if not block.tag:
                _fail(name, index, "a block opens without a name")
            (open_blocks[-1].blocks if open_blocks else roots).append(block)
            open_blocks.append(block)
        elif body.startswith(">") and body.rstrip(_LINE_END_BLANKS) == ">":
            if not open_blocks:
                _fail(name, index, "a > closes a block that was never opened")
            open_blocks.pop().end = index
        elif not open_blocks and body.strip(_LINE_END_BLANKS):
            _fail(name, index, f"text stands outside the project: {body.strip(_LINE_END_BLANKS)[:40]!a}")
    if open_blocks:
        innermost = open_blocks[-1]
        _fail(name, len(lines) - 1, f"the file ends inside <{innermost.tag} of line {innermost.line_number}")
    return Document(name, lines, tuple(roots))


def _check_beginning(text: str, lines: list[str], name: str) -> None:
    """Refuse, in words that fit, what cannot be a REAPER file at all."""
    no_text = _BYTE_ORDER_MARK + _LINE_END_BLANKS
    head_at = next((index for index, line in enumerate(lines) if line.strip(no_text)), None)
    if head_at is None:
        raise InputError(f"{name}, line 1: the file is empty, use its backup (.rpp-bak) instead.")
    head = lines[head_at].strip(no_text)
    nul_at = text.find("\0")
    if nul_at >= 0 and (head.startswith("\0") or _ROOT_LINE.fullmatch(head)):
        _fail(name, text.count("\n", 0, nul_at), "NUL bytes, as a crash or a full disk leaves them")
    if not _ROOT_LINE.fullmatch(head) or (head.endswith(">") and not head.startswith(f"<{PROJECT_TAG} ")):
        # <Project version="1.0"> is XML; makers of projects that take theirs for it are understood
        raise InputError(f"{name}, line {head_at + 1}: this is no REAPER project, which begins with <{PROJECT_TAG}.")


def _fail(name: str, index: int, what: str) -> NoReturn:
    raise InputError(f"{name}, line {index + 1}: {what}; the project is damaged, open its newest backup (.rpp-bak).")
