"""The render, one step a tick. Runs inside REAPER (see `inside_api`).

A job comes from outside as a list of passes, each with the values it needs. The machine knows nothing of stems: it
records every value that any pass touches, writes the journal, and for each pass sets the values, reads all of them
back, asks REAPER which files it would write, renders, and looks at the files. Whatever happens, it then restores
and verifies. Undo is not what it relies on: an undo block never spans two ticks.
"""

from __future__ import annotations

import re
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from . import inside_api, inside_journal
from .inside_state import Desk, same_value
from .inside_wav import frames_of

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["RENDER_ACTION", "Machine", "RenderError", "open_projects"]

RENDER_ACTION = 42230  # File: Render project, using the most recent render settings, auto-close render dialog
_TRACK_FILE = re.compile(r"sk_0*(\d+)$")  # whether REAPER pads $tracknumber is not confirmed
_MAX_TABS = 1000
_DONE = frozenset({"done", "failed"})


def open_projects() -> Iterator[tuple[str, str]]:
    """Give pointer and path of the projects in all tabs: a pointer alone may be another project's by now."""
    rpr = inside_api.api()
    for index in range(_MAX_TABS):
        project, _, path, _ = rpr.EnumProjects(index, "", inside_api.BUFFER_BYTES)
        if inside_api.is_null(project):
            return
        yield project, path


class RenderError(Exception):
    """The render cannot go on; `code` names why and the message says it to a musician."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


class Machine:
    """One job from its first value to the last one restored.

    Parameters
    ----------
    job
        `project` (path), `tracks` (GUIDs in order), `heartbeat_s` and `passes`, each with `name`, `folder`, `values`
        (pairs of a value's name and what it has to be), `tracks` (GUIDs that have to give a file each; none: one file
        of the master), `frames` and `sample_rate`; with `only_targets` REAPER is asked for the files and renders none.

    Raises
    ------
    RenderError
        The open project is not the one that was planned.
    """

    def __init__(self, job: dict[str, Any]) -> None:
        self._job = job
        rpr = inside_api.api()
        self._project, _, path, _ = rpr.EnumProjects(-1, "", inside_api.BUFFER_BYTES)
        if path != job["project"] or list(Desk(self._project).tracks()) != job["tracks"]:
            raise RenderError("other_project", "The open project is not the one that was planned; plan it again.")
        self.state = "record"
        self.failure: RenderError | None = None
        self.not_restored: list[str] = []
        self.files: dict[str, dict[str, str]] = {}
        self.seen: dict[str, dict[str, Any]] = {}
        self._before: list[list[Any]] = []
        self._targets: dict[str, str] = {}
        self._number = 0
        self._busy = False
        self._entered = 0
        self._render_s = 0.0
        self._cancelled = False
        self._heard = time.monotonic()

    @property
    def over(self) -> bool:
        """Whether everything is restored, or as much as can be."""
        return self.state in _DONE

    @property
    def busy(self) -> bool:
        """Whether a step runs right now; then whoever asks was let in by REAPER while it renders."""
        return self._busy

    def status(self) -> dict[str, Any]:
        """Say where the job is; asking is the sign of life that keeps it going."""
        self._heard = time.monotonic()
        return {
            "state": self.state,
            "pass": self._number,
            "passes": len(self._job["passes"]),
            "files": self.files,
            "seen": self.seen,
            "failure": None if self.failure is None else [self.failure.code, self.failure.message],
            "not_restored": self.not_restored,
        }

    def cancel(self) -> None:
        """Stop before the next pass and restore."""
        self._cancelled = True

    def step(self) -> None:
        """Do the next thing. A step inside a step (REAPER may run timers while it renders) does nothing."""
        if self._busy or self.over:
            self._entered += self._busy
            return
        self._busy = True
        try:
            self._advance()
        finally:
            self._busy = False

    def abandon(self) -> None:
        """Restore at once: the link ends."""
        if not self.over and not self._busy:
            self._fail(RenderError("ended", "The link to REAPER was closed during the render."))
            self.step()

    def _advance(self) -> None:
        try:
            if self.state != "restore":
                self._require_client()
            getattr(self, "_do_" + self.state)()
        except RenderError as failure:
            self._fail(failure)
        except LookupError as error:
            self._fail(RenderError("project_changed", f"The project changed during the render: {error}."))
        except OSError as error:
            self._fail(RenderError("disk", f"{error.filename or 'The disk'}: {error.strerror or error}."))
        except Exception as error:  # noqa: BLE001  (whatever REAPER's binding throws, the values have to go back)
            self._fail(RenderError("internal", f"{type(error).__name__}: {error}"))

    def _fail(self, failure: RenderError) -> None:
        self.failure = self.failure or failure
        if self.state == "restore":
            self.not_restored.append(failure.message)
            self.state = "failed"
        else:
            self.state = "restore" if self._before else "failed"

    def _require_client(self) -> None:
        if self._cancelled:
            raise RenderError("cancelled", "The render was cancelled.")
        if time.monotonic() - self._heard > self._job["heartbeat_s"]:
            raise RenderError("client_gone", "stemkit's command ended during the render.")

    def _desk(self) -> Desk:
        """Return the project's values.

        Raises
        ------
        RenderError
            The project was closed.
        """
        if (self._project, self._job["project"]) not in open_projects():
            raise RenderError("project_closed", "The project was closed or renamed during the render.")
        return Desk(self._project)

    def _do_record(self) -> None:
        desk = self._desk()
        names: list[Any] = []
        for single in self._job["passes"]:
            names += [name for name, _ in single["values"] if name not in names]
        before = [[name, desk.read(name)] for name in names]
        inside_journal.write({"project": inside_journal.identity(desk), "values": before})
        self._before = before
        self.state = "set_up"

    def _do_set_up(self) -> None:
        """Set what this pass needs, and what an earlier pass changed back to what it was."""
        desk, single = self._desk(), self._pass()
        wanted = [[name, value] for name, value in self._before]
        for name, value in single["values"]:
            next(entry for entry in wanted if entry[0] == name)[1] = value
        self._write(desk, wanted, "stemkit: set up the render")
        self._require(desk, single["values"])
        if single.get("only_targets"):
            paths = str(desk.read(["project_text", "RENDER_TARGETS"])).split(";")
            self._end_pass({str(number): path for number, path in enumerate(paths) if path})
            return
        self._targets = self._expected_files(desk)
        self.state = "armed"

    def _do_armed(self) -> None:
        """Render. The tick before let the outside learn that REAPER will not answer for a while."""
        desk = self._desk()
        self._require(desk, self._pass()["values"])  # the user may have clicked since
        self._entered, start_s = 0, time.monotonic()
        try:
            desk.rpr.Main_OnCommandEx(RENDER_ACTION, 0, self._project)
        finally:
            self._heard = time.monotonic()  # nobody could ask meanwhile
            self._render_s = self._heard - start_s
        self.state = "look"

    def _do_look(self) -> None:
        """Take the files that REAPER promised, with the length that was asked for."""
        single = self._pass()
        self.seen[single["name"]] = {
            "render_s": self._render_s,
            "entered": self._entered,
            "changed": [name for name, _ in self._unlike(self._desk(), single["values"])],
        }
        missing = [path for path in self._targets.values() if not Path(path).is_file()]
        if len(missing) == len(self._targets):
            raise RenderError("no_file", "REAPER wrote no file: the render was cancelled, or nothing was rendered.")
        if missing:
            raise RenderError("fewer_files", f"REAPER left out {len(missing)} of {len(self._targets)} files.")
        for path in self._targets.values():
            frames, rate = frames_of(path)
            if abs(frames - single["frames"]) > 1 or rate != single["sample_rate"]:
                raise RenderError(
                    "wrong_length",
                    f"{Path(path).name} has {frames} frames at {rate} Hz instead of {single['frames']} at "
                    f"{single['sample_rate']} Hz: the render was cancelled, or the disk is full.",
                )
        self._end_pass(self._targets)

    def _end_pass(self, files: dict[str, str]) -> None:
        self.files[self._pass()["name"]] = files
        self._number += 1
        self.state = "set_up" if self._number < len(self._job["passes"]) else "restore"

    def _do_restore(self) -> None:
        desk = self._desk()
        self.not_restored = inside_journal.restore(desk, self._before)
        if not self.not_restored:
            inside_journal.drop()
        self.state = "failed" if self.failure is not None or self.not_restored else "done"

    def _pass(self) -> dict[str, Any]:
        found: dict[str, Any] = self._job["passes"][self._number]
        return found

    def _write(self, desk: Desk, values: list[list[Any]], label: str) -> None:
        desk.rpr.PreventUIRefresh(1)
        desk.rpr.Undo_BeginBlock2(self._project)
        try:
            for name, value in values:
                if not same_value(desk.read(name), value):
                    desk.write(name, value)
        finally:
            desk.rpr.Undo_EndBlock2(self._project, label, -1)
            desk.rpr.PreventUIRefresh(-1)

    def _require(self, desk: Desk, values: list[list[Any]]) -> None:
        for name, value in self._unlike(desk, values):
            now = desk.read(name)
            raise RenderError(
                "not_taken", f"REAPER did not keep a setting: {' '.join(map(str, name))} is {now!r}, not {value!r}."
            )

    @staticmethod
    def _unlike(desk: Desk, values: list[list[Any]]) -> list[list[Any]]:
        """Return the values that are not what they have to be."""
        return [[name, value] for name, value in values if not same_value(desk.read(name), value)]

    def _expected_files(self, desk: Desk) -> dict[str, str]:
        """Ask REAPER for the files that it would write, and find the track of each."""
        single = self._pass()
        text = str(desk.read(["project_text", "RENDER_TARGETS"]))
        paths = [path for path in text.split(";") if path]
        for path in paths:
            if Path(path).exists():
                raise RenderError("target_exists", f"{path} exists already; REAPER would ask about it.")
        if not single["tracks"]:
            if len(paths) != 1:
                raise RenderError("targets", f"REAPER would write {len(paths)} files of the mix instead of one.")
            return {"": paths[0]}
        order = self._job["tracks"]
        found: dict[str, str] = {}
        for path in paths:
            match = _TRACK_FILE.match(Path(path).stem)
            number = int(match.group(1)) if match else 0
            if 0 < number <= len(order):
                found[order[number - 1]] = path
        if len(found) != len(paths) or set(found) != set(single["tracks"]):
            raise RenderError(
                "targets", f"REAPER would write {len(paths)} files for {len(single['tracks'])} tracks: {text[:200]}"
            )
        return found
