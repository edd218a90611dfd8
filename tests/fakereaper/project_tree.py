"""A small reader of `.rpp` files for the pretend REAPER alone.

It shares nothing with the product's reader, so that the two can contradict each other.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Node", "read_tree", "words"]

_WORD = re.compile(r'"([^"]*)"|\'([^\']*)\'|`([^`]*)`|(\S+)')


def words(line: str) -> list[str]:
    return [next((g for g in match.groups() if g is not None), "") for match in _WORD.finditer(line)]


@dataclass
class Node:
    """A block: its head, its lines and the blocks in it, in order."""

    head: list[str]
    body: list[str | Node] = field(default_factory=list)
    raw: list[str] = field(default_factory=list)

    @property
    def tag(self) -> str:
        return self.head[0]

    def nodes(self, tag: str | None = None) -> list[Node]:
        return [entry for entry in self.body if isinstance(entry, Node) and tag in {None, entry.tag}]

    def node(self, tag: str) -> Node | None:
        return next(iter(self.nodes(tag)), None)

    def lines(self, key: str) -> Iterator[list[str]]:
        for entry in self.body:
            if isinstance(entry, str) and (entry == key or entry.startswith(key + " ")):
                yield words(entry)[1:]

    def line(self, key: str) -> list[str] | None:
        return next(reversed(list(self.lines(key))), None)

    def number(self, key: str, index: int = 0, default: float = 0.0) -> float:
        values = self.line(key)
        if values is None or index >= len(values):
            return default
        try:
            return float(values[index].split(":")[0])
        except ValueError:
            return default

    def text(self, key: str, index: int = 0) -> str:
        values = self.line(key)
        return values[index] if values and index < len(values) else ""

    def notes(self) -> str:
        return "\n".join(line[1:] for line in self.body if isinstance(line, str) and line.startswith("|"))


def read_tree(data: bytes) -> Node:
    text = data.decode("utf-8", "surrogateescape")
    stack: list[Node] = []
    for line in text.replace("\r\n", "\n").split("\n"):
        bare = line.lstrip()
        for open_node in stack:
            open_node.raw.append(bare)
        if bare.startswith("<"):
            node = Node(words(bare[1:]) or [""])
            node.raw.append(bare)
            if stack:
                stack[-1].body.append(node)
            stack.append(node)
        elif bare.rstrip() == ">":
            done = stack.pop()
            if not stack:
                return done
        elif stack and bare:
            stack[-1].body.append(bare)
    raise ValueError("the project ends inside a block")
