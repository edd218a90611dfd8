"""Command blocks of README and docs: what they hold, and how they are run as printed.

A fenced block of the language ``console`` holds commands behind ``$ `` and, below each, what it prints; ``...`` stands
for any text, alone on a line for any lines. A command that ends with another code than 0 says so in a comment:
``# exit code 1``. In front of a block a comment may stand:

``<!-- not run: reason -->``
    Only the existence of commands and options is checked.
``<!-- ci: name -->``
    The two commands that `.ci/run` takes out of the README and runs itself.
``<!-- file: path -->``, ``<!-- insert: path before "line" -->``
    The block is the text of a file, or goes into one.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FENCE = re.compile(r"^(?P<indent> *)```(?P<language>\w*)\s*$")
MARK = re.compile(r"^ *<!-- (?P<kind>[a-z.-]+(?: [a-z]+)?)(?:: (?P<what>.*?))? -->\s*$")
EXIT_CODE = re.compile(r"\s+# exit code (\d)\b.*$")


@dataclass(frozen=True, slots=True)
class Block:
    page: str
    line: int
    language: str
    text: str
    mark: str = ""
    what: str = ""


@dataclass(frozen=True, slots=True)
class Command:
    text: str
    exit_code: int
    expected: str


def blocks(path: Path) -> Iterator[Block]:
    lines = path.read_text(encoding="utf-8").splitlines()
    number, above = 0, ""
    while number < len(lines):
        opened = FENCE.match(lines[number])
        if opened is None:
            above = lines[number] if lines[number].strip() else above
            number += 1
            continue
        indent, start = opened["indent"], number + 1
        number = next(n for n in range(start, len(lines)) if lines[n].strip() == "```")
        text = "\n".join(line.removeprefix(indent) for line in lines[start:number])
        mark = MARK.match(above)
        page = path.relative_to(ROOT).as_posix()
        kind, what = (mark["kind"], mark["what"] or "") if mark else ("", "")
        yield Block(page=page, line=start, language=opened["language"], text=text, mark=kind, what=what)
        above = ""
        number += 1


def commands(block: Block) -> list[Command]:
    found: list[tuple[str, list[str]]] = []
    for line in block.text.splitlines():
        if line.startswith("$ "):
            found.append((line.removeprefix("$ "), []))
        else:
            assert found, f"{block.page}:{block.line}: a console block begins with a command behind '$ '"
            found[-1][1].append(line)
    made = []
    for text, output in found:
        code = EXIT_CODE.search(text)
        plain = EXIT_CODE.sub("", text)
        made.append(Command(text=plain, exit_code=int(code[1]) if code else 0, expected="\n".join(output).rstrip()))
    return made


def as_pattern(expected: str) -> re.Pattern[str]:
    """Turn printed output into what has to be matched; every line may end in blanks."""
    pieces = []
    for line in expected.splitlines():
        if line.strip() == "...":
            pieces.append(r"(?:.*\n)*?")
        else:
            pieces.append(".*?".join(re.escape(part.rstrip()) for part in line.split("...")) + r"[ ]*\n")
    return re.compile("".join(pieces) + (r"\s*" if expected else ""), re.MULTILINE)


class Player:
    """Runs the commands of one page, one after the other, in one folder."""

    def __init__(self, folder: Path, home: Path, **extra: str) -> None:
        self.folder = folder
        self.environment = {
            **os.environ,
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            "HOME": str(home),
            "XDG_CACHE_HOME": str(home / "cache"),
            "NO_COLOR": "1",
            "STEMKIT_REAPER": "off",  # the pages show what everyone can run
            **extra,
        }

    def run(self, command: str) -> tuple[int, str]:
        script = f'{command}\ncode=$?\npwd > "$PLACE"\nexit $code'
        place = Path(self.environment["HOME"]) / "place"
        done = subprocess.run(
            ["bash", "-c", script],
            cwd=self.folder,
            env={**self.environment, "PLACE": str(place)},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=300,
            check=False,
        )
        self.folder = Path(place.read_text(encoding="utf-8").strip())
        return done.returncode, done.stdout.decode("utf-8")


def stemkit_calls(text: str) -> Iterator[list[str]]:
    """Find every call of the command in a text of shell commands or in a piece of code in a sentence."""
    for line in text.splitlines():
        for piece in re.split(r"&&|\||;", line.removeprefix("$ ")):
            try:
                words = shlex.split(piece, comments=True)
            except ValueError:  # a quote that ends in another piece
                continue
            if words[:1] == ["stemkit"]:
                yield words[1:]
