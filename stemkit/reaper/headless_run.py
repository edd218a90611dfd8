"""Running REAPER once: start, watch the files grow, notice a stall, and leave no process behind."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

from stemkit.errors import EngineError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    import psutil

    from stemkit.reaper.headless_find import Installation

__all__ = ["LIMIT_VARIABLES", "Limits", "Outcome", "command_line", "end_tree", "run_reaper"]

_POLL_S = 0.05
_GRACE_S = 3.0
_LONGEST_SAID = 160  # characters
LIMIT_VARIABLES = {
    "start_s": "STEMKIT_REAPER_START_S",
    "stall_s": "STEMKIT_REAPER_STALL_S",
    "slowest": "STEMKIT_REAPER_SLOWEST",
}
End = Literal["exit", "no start", "stall", "too long"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How long REAPER may take.

    `start_s` until the first byte (plug-ins are loaded, samples read), `stall_s` without a new byte afterwards, and
    `slowest` times the length of the song in all.
    """

    start_s: float = 300.0
    stall_s: float = 60.0
    slowest: float = 20.0

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> Limits:
        """Take the limits that the environment names.

        Raises
        ------
        EngineError
            A value is no positive number.
        """
        variables = os.environ if environment is None else environment
        told = {field: variables[name] for field, name in LIMIT_VARIABLES.items() if variables.get(name)}
        try:
            values = {field: float(text) for field, text in told.items()}
        except ValueError:
            values = {"": 0.0}
        if not all(value > 0 for value in values.values()):
            raise EngineError(f"{', '.join(LIMIT_VARIABLES.values())} have to be positive numbers.")
        return cls(**values)


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a run ended. `code` is REAPER's own where it ended by itself; no source says what it means."""

    end: End
    code: int | None
    waited_s: float
    said: str = ""  # the last line that it printed


def command_line(installation: Installation, config: Path, project: Path) -> list[str]:
    """Return the command for one unattended render.

    Raises
    ------
    EngineError
        There is no display, and no Xvfb to stand in for it.
    """
    run = [str(installation.program), "-newinst", "-nosplash", "-ignoreerrors"]
    run += ["-cfgfile", str(config), "-renderproject", str(project)]
    return [*_display(installation), *run]


def _display(installation: Installation) -> list[str]:
    if not sys.platform.startswith("linux") or os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"):
        return []
    if _needs_no_display(installation):
        return []
    found = shutil.which("xvfb-run")
    if found is None:
        raise EngineError(
            "REAPER needs a display, and there is none: install Xvfb (package xvfb), whose xvfb-run stemkit then uses, "
            "or set DISPLAY."
        )
    return [found, "-a"]


def _needs_no_display(installation: Installation) -> bool:
    """Scripts that stand in for REAPER bring a display themselves, if they need one."""
    with installation.program.open("rb") as stream:
        return stream.read(2) == b"#!"


def run_reaper(
    command: list[str],
    folder: Path,
    *,
    limits: Limits,
    length_s: float,
    is_complete: Callable[[], bool],
    on_bytes: Callable[[int], None],
) -> Outcome:
    """Run REAPER until it ends, stalls or has written everything.

    Parameters
    ----------
    command
        As `command_line` makes it.
    folder
        Empty folder that the files go to; beside it, REAPER's own output is kept until the staging folder goes.
    limits
        How long it may take.
    length_s
        Length of the song.
    is_complete
        Asked when nothing grows any more: whether all files are there and whole, so that a REAPER that does not end
        costs nothing.
    on_bytes
        Told how many bytes are written.
    """
    options: dict[str, Any] = {"start_new_session": True} if os.name == "posix" else {}
    said = folder.parent / f"{folder.name}.log"
    with said.open("wb") as log:
        try:
            process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, **options)  # noqa: S603  (the program that the user named)
        except OSError as error:
            raise EngineError(f"{command[0]} cannot be started ({error.strerror or error}).") from error
        try:
            outcome = _Watch(process, folder, limits, length_s, is_complete, on_bytes).until_over()
            return replace(outcome, said=_last_line(said))
        finally:
            if process.returncode is None:  # else its number may be another program's by now
                end_tree(process.pid)
            _end_session(process.pid)
            with suppress(subprocess.TimeoutExpired):
                process.wait(_GRACE_S)


@dataclass(frozen=True, slots=True)
class _Watch:
    """Follows one run by its files."""

    process: subprocess.Popen[bytes]
    folder: Path
    limits: Limits
    length_s: float
    is_complete: Callable[[], bool]
    on_bytes: Callable[[int], None]

    def until_over(self) -> Outcome:
        began = moved = time.monotonic()
        size = 0
        while True:
            code = self.process.poll()
            now, grown = time.monotonic(), _bytes_in(self.folder)
            if grown != size:
                size, moved = grown, now
                self.on_bytes(size)
            if code is not None:
                return Outcome("exit", code, now - began)
            end = self._too_late(size, now - moved, now - began)
            if end is not None:
                return Outcome("exit" if self.is_complete() else end, None, now - moved)
            time.sleep(_POLL_S)

    def _too_late(self, size: int, still_s: float, running_s: float) -> End | None:
        if size == 0:
            return "no start" if still_s > self.limits.start_s else None
        if still_s > self.limits.stall_s:
            return "stall"
        longest_s = self.limits.start_s + max(self.limits.stall_s, self.limits.slowest * self.length_s)
        return "too long" if running_s > longest_s else None


def _last_line(log: Path) -> str:
    lines = log.read_text(encoding="utf-8", errors="replace").split("\n")
    return next((line.strip()[:_LONGEST_SAID] for line in reversed(lines) if line.strip()), "")


def _bytes_in(folder: Path) -> int:
    sizes = 0
    for path in folder.rglob("*"):
        with suppress(FileNotFoundError):  # a file that REAPER renames this very moment
            sizes += path.stat().st_size if path.is_file() else 0
    return sizes


def end_tree(pid: int) -> None:
    """End a process that was started here and what it started itself (Xvfb, plug-in bridges)."""
    import psutil  # noqa: PLC0415  (`stemkit --help` must not pay for it)

    try:
        parent = psutil.Process(pid)
        family = [parent, *parent.children(recursive=True)]
    except psutil.NoSuchProcess:
        return
    _end(family)


def _end_session(leader: int) -> None:
    """End what outlived the program that was started here; the number is not given again while any of it lives."""
    if os.name != "posix":
        return
    import psutil  # noqa: PLC0415  (as above)

    family = []
    for process in psutil.process_iter():
        with suppress(ProcessLookupError, PermissionError):
            if os.getsid(process.pid) == leader:
                family.append(process)
    _end(family)


def _end(family: list[psutil.Process]) -> None:
    import psutil  # noqa: PLC0415  (as above)

    for kind in ("terminate", "kill"):
        for process in family:
            with suppress(psutil.NoSuchProcess, psutil.AccessDenied):  # another user's is not ours to end
                getattr(process, kind)()
        _, family = psutil.wait_procs(family, timeout=_GRACE_S)
        if not family:
            return
