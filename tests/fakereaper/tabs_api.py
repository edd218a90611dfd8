"""The pretend REAPER's project tabs, and how it saves: the file it once read, with the strips' values as they are now."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from tests.fakereaper.model import Project, Track
from tests.fakereaper.project_loader import load
from tests.fakereaper.project_tree import words

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["TabFunctions", "project_text"]

NEW_TAB, CLOSE_TAB, MASTER_MONO = 40859, 40860, 40917


class TabFunctions:
    """What `FakeApi` answers about its tabs. `ask` is a dialog; it blocks until somebody closes it."""

    tabs: list[Project]
    shown: int
    unsaved: set[int]
    quirks: frozenset[str]
    forget_project: Callable[[Project], None]
    ask: Callable[[str], None]

    @property
    def project(self) -> Project:
        return self.tabs[self.shown]

    @project.setter
    def project(self, project: Project) -> None:
        self.tabs[self.shown] = project

    def run_own_action(self, command: int) -> bool:
        """Make or close a tab, or switch the master to mono, if that is the command."""
        if command == NEW_TAB and "no-tabs" not in self.quirks:
            self.tabs.append(Project(numbers={"RENDER_SETTINGS": 0.0}))
            self.shown = len(self.tabs) - 1
        elif command == CLOSE_TAB:
            if id(self.project) in self.unsaved:
                self.ask("Save changes?")
            self.forget_project(self.project)
            del self.tabs[self.shown]
            self.tabs = self.tabs or [Project()]
            self.shown = max(0, self.shown - 1)
        elif command == MASTER_MONO and "no-mono" not in self.quirks:
            self.project.flags ^= 4
        return command in {NEW_TAB, CLOSE_TAB, MASTER_MONO}

    def Main_openProject(self, name: str) -> None:
        if id(self.project) in self.unsaved and not name.startswith("noprompt:"):
            self.ask("Save changes?")
        preferences = {key: value for key, value in self.project.config.items() if key.startswith("renderclose")}
        self.project = load(Path(name.removeprefix("noprompt:")))
        self.project.config |= preferences

    def Main_SaveProject(self, project: Project, save_as: int) -> None:
        if save_as or not project.path:
            self.ask("Save project")
        self._write(project, Path(project.path))
        self.unsaved.discard(id(project))

    def Main_SaveProjectEx(self, project: Project, name: str, options: int) -> None:
        if name and Path(name).exists():
            self.ask("File exists")
        self._write(project, Path(name or project.path))
        if "copy-renames" in self.quirks or options & 8:
            project.path = name
        if "copy-counts-as-saved" in self.quirks or options & 8:
            self.unsaved.discard(id(project))

    def IsProjectDirty(self, project: Project) -> int:
        return int(id(project) in self.unsaved)

    def MarkProjectDirty(self, project: Project) -> None:
        self.unsaved.add(id(project))

    def _write(self, project: Project, path: Path) -> None:
        source = Path(project.path)
        text = source.read_text("utf-8", "surrogateescape") if "stale-copy" in self.quirks else project_text(project)
        path.write_text(text, "utf-8", "surrogateescape", newline="\r\n")

    def SelectProjectInstance(self, project: Project) -> None:
        self.shown = next(place for place, tab in enumerate(self.tabs) if tab is project)


def project_text(project: Project) -> str:
    """Write a project: its old lines, with each strip's volume, pan, mute and solo, and media by full paths."""
    source = Path(project.path)
    folder = source.parent
    found: list[str] = []
    blocks: list[str] = []
    tracks = iter(project.tracks)
    strip: Track = project.master
    for line in source.read_text("utf-8", "surrogateescape").splitlines():
        bare = line.strip()
        if bare.startswith("<"):
            blocks.append(bare[1:].split(" ", 1)[0])
            strip = next(tracks) if blocks[1:] == ["TRACK"] else strip
        found.append(_line(bare, blocks, strip, folder, project))
        if bare == ">":
            blocks.pop()
    return "\n".join(found) + "\n"


def _line(bare: str, blocks: list[str], strip: Track, folder: Path, project: Project) -> str:
    key = bare.split(" ", 1)[0]
    values = strip.values
    if blocks[1:] == ["TRACK"] and key == "VOLPAN":
        return " ".join([key, repr(values["D_VOL"]), repr(values["D_PAN"]), *words(bare)[3:]])
    if blocks[1:] == ["TRACK"] and key == "MUTESOLO":
        return " ".join([key, str(int(values["B_MUTE"])), str(int(values["I_SOLO"])), *words(bare)[3:]])
    if len(blocks) == 1 and key == "MASTER_VOLUME":
        master = project.master.values
        return " ".join([key, repr(master["D_VOL"]), repr(master["D_PAN"]), *words(bare)[3:]])
    if blocks[-1:] == ["SOURCE"] and key == "FILE":
        name, *rest = words(bare)[1:]
        full = name if not name or Path(name).is_absolute() else str(folder / name)
        return " ".join([key, f'"{full}"', *rest])
    return bare
