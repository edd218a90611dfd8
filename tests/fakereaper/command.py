"""The pretend REAPER as a command: ``reaper -renderproject song.rpp``, with the traps of the real one.

The environment switches traps on: FAKEREAPER_TRAP names one, FAKEREAPER_LOG a file of what happened. A
dialog is a wait without end, as it is for whoever cannot see it.
"""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path
from typing import NoReturn

__all__ = ["install", "main"]

_DIALOG_S = 600.0
_ALONE = {"-newinst", "-nosplash", "-ignoreerrors"}


def log(event: str, text: str) -> None:
    """Write to the file that the test reads."""
    path = os.environ.get("FAKEREAPER_LOG")
    if path:
        with Path(path).open("a", encoding="utf-8") as stream:
            stream.write(json.dumps({"event": event, "text": text, "pid": os.getpid()}) + "\n")


def dialog(title: str) -> NoReturn:
    log("dialog", title)
    time.sleep(_DIALOG_S)
    raise SystemExit(1)


def parse(arguments: list[str]) -> tuple[Path, Path | None]:
    """Return the project and the configuration."""
    found: dict[str, str] = {}
    rest = list(arguments)
    while rest:
        word = rest.pop(0)
        if word in {"-renderproject", "-cfgfile"}:
            found[word] = rest.pop(0)
        elif word not in _ALONE:
            raise SystemExit(f"unknown option {word}")
    config = found.get("-cfgfile")
    return Path(found["-renderproject"]), Path(config) if config else None


def before_loading(trap: str, project: Path, config: Path | None) -> None:
    """Traps that need no look into the project."""
    licensed = config is not None and (config.parent / "reaper-license.rk").is_file()
    if trap == "nag" and not licensed:
        dialog("About REAPER: still evaluating")
    if trap == "lf" and b"\r\n" not in project.read_bytes():
        dialog("(no window at all)")
    time.sleep(float(os.environ.get("FAKEREAPER_DELAY_S", "0")))
    if trap == "slow start":
        time.sleep(_DIALOG_S)
    if trap == "missing media":
        dialog("Replace missing file")
    if trap == "exit 0 on failure":
        sys.exit(0)


def main(arguments: list[str]) -> int:
    project, config = parse(arguments)
    trap = os.environ.get("FAKEREAPER_TRAP", "")
    log("started", " ".join(arguments))
    before_loading(trap, project, config)
    from tests.fakereaper.command_render import render  # what traps above hang on costs no import

    return render(project, config, trap)


def install(folder: Path) -> Path:
    """Write a program that is this REAPER, with an empty folder of settings beside it, and return its path."""
    folder.mkdir(parents=True, exist_ok=True)
    root = Path(__file__).resolve().parents[2]
    program = folder / "reaper"
    program.write_text(
        f"#!{sys.executable} -I\nimport sys\nsys.path.insert(0, {str(root)!r})\n"
        "from tests.fakereaper.command import main\nsys.exit(main(sys.argv[1:]))\n",
        encoding="utf-8",
    )
    program.chmod(0o755)
    (folder / "reaper.ini").write_text("[REAPER]\n", encoding="utf-8")
    (folder / "reaper-license.rk").write_text("none", encoding="utf-8")
    return program


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
