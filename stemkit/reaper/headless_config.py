"""A folder of settings for one unattended run: the user's own, less what would make REAPER wait or change anything.

REAPER takes the folder of ``-cfgfile`` for its resource folder, so effects, plug-in lists and the licence have to be
in it, or plug-ins would vanish without a word. Large folders are linked, lists are copied: REAPER writes to those.
"""

from __future__ import annotations

import shutil
import sys
from typing import TYPE_CHECKING

from stemkit.reaper.headless_find import LICENCE_FILE

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from stemkit.reaper.headless_find import Installation

__all__ = ["PLUG_IN_LISTS", "make_config", "private_settings"]

PLUG_IN_LISTS = ("reaper-vst*.ini", "reaper-clap*.ini", "reaper-au*.ini", "reaper-lv2*.ini", "reaper-dx*.ini")
_COPIED_FILES = (*PLUG_IN_LISTS, "reaper-jsfx*.ini", LICENCE_FILE)
_LINKED = ("Effects", "Data", "UserPlugins")
_COPIED = ("presets",)  # REAPER writes to it whenever it meets a plug-in's own presets
_CLOSE_WHEN_DONE, _NO_NAMES_TWICE = 1, 16  # bits of renderclosewhendone: close the window; count file names up

# Section and key → value. Values of linux_audio_mode differ between sources: 2 is the dummy device by most.
_QUIET: dict[tuple[str, str], str] = {
    ("reaper", "splash"): "0",
    ("reaper", "verchk"): "0",
    ("reaper", "loadlastproj"): "0",
    ("reaper", "newprojdo"): "0",
    ("reaper", "errnowarn"): "5",
    ("reaper", "offlineinact"): "0",  # a program in the background would take its media offline
    ("reaper", "csurf_cnt"): "0",  # no web interface and no controllers
    ("audioconfig", "hasrecentlyopened"): "1",
}
_QUIET_ON_LINUX = {("reaper", "linux_audio_mode"): "2"}


def private_settings(text: str, *, platform: str = sys.platform) -> str:
    """Change the lines of a ``reaper.ini`` that would disturb an unattended run, and leave all others.

    Parameters
    ----------
    text
        The user's file; empty makes a new one.
    platform
        As `sys.platform` names it.
    """
    values = _QUIET | (_QUIET_ON_LINUX if platform.startswith("linux") else {})
    lines = text.splitlines()
    key = ("reaper", "renderclosewhendone")
    values[key] = str((_whole_number(_value(lines, *key)) | _CLOSE_WHEN_DONE) & ~_NO_NAMES_TWICE)
    for (section, name), value in values.items():
        _set(lines, section, name, value)
    return "\n".join([*lines, ""])


def make_config(installation: Installation, folder: Path) -> Path:
    """Make the private configuration.

    Parameters
    ----------
    installation
        Whose settings are taken.
    folder
        Where; it is made. It may be removed with everything in it: links are not followed.

    Returns
    -------
    Path
        The ``reaper.ini`` for ``-cfgfile``.
    """
    folder.mkdir(parents=True)
    source = installation.resource
    for name in _LINKED:
        if (source / name).is_dir():
            _link(source / name, folder / name)
    for name in _COPIED:
        if (source / name).is_dir():
            shutil.copytree(source / name, folder / name)
    for path in _matching((source, installation.program.parent), _COPIED_FILES):
        if not (folder / path.name).exists():  # the user's own win over those beside the program
            shutil.copy(path, folder)
    own = source / "reaper.ini"
    text = own.read_text(encoding="utf-8", errors="surrogateescape") if own.is_file() else ""
    made = folder / "reaper.ini"
    made.write_text(private_settings(text), encoding="utf-8", errors="surrogateescape")
    return made


def _matching(folders: Iterable[Path], patterns: Iterable[str]) -> list[Path]:
    return [path for folder in folders for pattern in patterns for path in sorted(folder.glob(pattern))]


def _link(source: Path, target: Path) -> None:
    try:
        target.symlink_to(source, target_is_directory=True)
    except OSError:  # Windows lets only some users make links
        shutil.copytree(source, target)


def _bounds(lines: list[str], section: str) -> tuple[int, int] | None:
    """Return where a section's lines begin and end; REAPER's own has no fixed capital letters."""
    heads = [place for place, line in enumerate(lines) if line.startswith("[")]
    for number, place in enumerate(heads):
        if lines[place].strip().lower() == f"[{section}]":
            return place + 1, heads[number + 1] if number + 1 < len(heads) else len(lines)
    return None


def _value(lines: list[str], section: str, name: str) -> str:
    start, end = _bounds(lines, section) or (0, 0)
    found = [line.partition("=")[2] for line in lines[start:end] if line.partition("=")[0].strip().lower() == name]
    return found[0] if found else ""


def _set(lines: list[str], section: str, name: str, value: str) -> None:
    bounds = _bounds(lines, section)
    if bounds is None:
        lines += [f"[{section}]", f"{name}={value}"]
        return
    start, end = bounds
    place = next((n for n in range(start, end) if lines[n].partition("=")[0].strip().lower() == name), None)
    if place is None:
        lines.insert(start, f"{name}={value}")
    else:
        lines[place] = f"{name}={value}"


def _whole_number(text: str) -> int:
    return int(text) if text.strip().isdigit() else 0
