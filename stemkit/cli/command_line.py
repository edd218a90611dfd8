"""What typer does not do for people: a reason as a word of its own, and wrong use told in one sentence."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ["told", "with_reasons"]

_RULE = re.compile(r"SK\d*", re.IGNORECASE)
# What the parser says, and what a person would. Newer versions of typer let pydantic speak, older ones click.
_PLAIN = (
    (r"^Invalid value for (?:'-\w' / )?'(?:-\w' / ')?(--[\w-]+|[A-Z]+)'(?: / '-\w')?: ", r"\1: "),
    (r"Value error, ", ""),
    (r"Input should be a valid integer.*|'[^']*' is not a valid int.*", "a whole number is needed."),
    (
        r"Input should be greater than or equal to (\d+)|\S+ is not in the range x>=(\d+)\.?",
        r"at least \1\2 is needed.",
    ),
    (
        r"^Got unexpected extra arguments?(?:\(s\))? \((.*)\)",
        r'\1: a word too many; a name with spaces stands in "quotes".',
    ),
    (r"^Missing option '--output' / '-o'.*", "Say with -o where the new files go."),
    (r"^Missing argument '(\w+)'.*", r"\1 is missing."),
)


def with_reasons(arguments: Sequence[str]) -> list[str]:
    """Join ``--accept SK109 "why"`` to the one word ``SK109=why`` that an option can take.

    A word that looks like an option, or is a file or folder, is no reason: it was forgotten, and the command says so.
    """
    return list(_joined(list(arguments)))


def _joined(words: list[str]) -> Iterator[str]:
    while words:
        word = words.pop(0)
        yield word
        if word == "--accept" and len(words) > 1 and _RULE.fullmatch(words[0]) and _may_be_a_reason(words[1]):
            rule, why = words.pop(0), words.pop(0)
            yield f"{rule}={why}"


def _may_be_a_reason(word: str) -> bool:
    return " " in word.strip() or not (word.startswith("-") or Path(word).exists())


def told(error: Any) -> str:
    """Return what is wrong with the words of a command line, and where the right ones stand.

    Parameters
    ----------
    error
        A usage error of click, or of typer's own copy of it.
    """
    message = str(error.format_message()).strip()
    for pattern, plain in _PLAIN:
        message = re.sub(pattern, plain, message)
    context = getattr(error, "ctx", None)
    command = context.command_path if context is not None else "stemkit"
    stop = "" if message.endswith((".", "?", ")")) else "."
    return f"{message}{stop} `{command} --help` lists what there is."
