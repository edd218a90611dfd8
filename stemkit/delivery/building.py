"""The hidden folder in which a package grows, and how it gets its name at the end.

What was rendered is remembered there, so that a run that was interrupted behind the rendering goes on where it
stopped; a run that was interrupted before leaves nothing.
"""

from __future__ import annotations

import json
import os
import shutil
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from stemkit.delivery.checksums import CHECKSUMS_NAME, MANIFEST_NAME, listed_paths
from stemkit.delivery.roles import ignored_because
from stemkit.errors import InputError
from stemkit.render.atomic import staging_folder, start_of, this_computer

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

__all__ = ["Building", "building_folder", "demand_free", "publish", "require_room"]

_STATE = ".stemkit-state.json"


@dataclass(slots=True)
class Building:
    """A package that grows. `rendered` is what an earlier run with the same fingerprint remembered."""

    folder: Path
    fingerprint: str
    rendered: dict[str, Any] | None = None

    def remember(self, rendered: dict[str, Any] | None) -> None:
        """Write down who builds here and, where it is all there, the audio; flushed to the disk."""
        state = {"fingerprint": self.fingerprint, **_this_process(), "rendered": rendered}
        with (self.folder / _STATE).open("w", encoding="utf-8") as stream:
            json.dump(state, stream)
            stream.flush()
            os.fsync(stream.fileno())
        self.rendered = rendered

    def keep_only(self, paths: Iterable[str]) -> None:
        """Remove all but the rendered audio: the rest is made anew, perhaps from other references."""
        kept = {self.folder / path for path in paths} | {self.folder / _STATE}
        for path in sorted(self.folder.rglob("*")):
            if path not in kept and (path.is_symlink() or path.is_file()):
                path.unlink()


@contextmanager
def building_folder(target: Path, fingerprint: str) -> Iterator[Building]:
    """Give the hidden folder beside `target`; it goes on with what an earlier run of the same kind rendered.

    Parameters
    ----------
    target
        The package's final folder.
    fingerprint
        What the audio depends on; other audio is never taken over.

    Raises
    ------
    InputError
        Another run that still goes on builds the same package, or one on another computer may.
    """
    folder = target.parent / f".{target.name}.stemkit-part"
    state = _state(folder)
    if state is not None and _is_other_running(state):
        raise InputError(f"{target} is being delivered by another run right now; wait for it.")
    if state is not None and state.get("host", this_computer()) != this_computer():  # its processes cannot be seen
        raise InputError(
            f"{target} was begun on another computer and may still be delivered there; wait for it, or remove {folder} "
            "if no run goes on there."
        )
    _bring_back(target)
    building = _taken(folder, state, fingerprint)
    try:
        yield building
    except BaseException:
        if building.rendered is None:
            shutil.rmtree(folder, ignore_errors=True)
        raise


def _taken(folder: Path, state: dict[str, Any] | None, fingerprint: str) -> Building:
    """Make the folder this run's own, with what is usable of an earlier one; of several at a time, one gets it.

    It gets its name with the number of this process in it already: to move a folder is one step, and fails where
    another run's stands.
    """
    usable = state is not None and state.get("fingerprint") == fingerprint and state.get("rendered") is not None
    rendered = state.get("rendered") if usable and state is not None else None
    with staging_folder(folder.parent) as staging:
        own = staging / "own"
        try:
            if folder.exists():
                _move_away(folder, own, state)
            if not usable:
                shutil.rmtree(own, ignore_errors=True)
                own.mkdir()
            Building(own, fingerprint).remember(rendered)
            own.replace(folder)
        except OSError as error:
            other = _state(folder)
            if isinstance(error, FileNotFoundError) or (other is not None and _is_other_running(other)):
                name = folder.name.removeprefix(".").removesuffix(".stemkit-part")
                raise InputError(f"{folder.parent / name} is begun by another run right now; wait for it.") from error
            raise
    return Building(folder, fingerprint, rendered)


def _move_away(folder: Path, own: Path, state: dict[str, Any] | None) -> None:
    """Take what a dead run left, unless another run has taken it since it was looked at."""
    folder.replace(own)
    if _state(own) != state:
        own.replace(folder)
        raise FileNotFoundError(folder)


def _state(folder: Path) -> dict[str, Any] | None:
    try:
        state = json.loads((folder / _STATE).read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError, ValueError):
        return None
    return state if isinstance(state, dict) else None


def _this_process() -> dict[str, Any]:
    return {"host": this_computer(), "pid": os.getpid(), "start": start_of(os.getpid())}


def _is_other_running(state: dict[str, Any]) -> bool:
    """Tell whether the process that wrote a state still runs: a number alone is given again after a restart."""
    import psutil  # noqa: PLC0415  (only where somebody began)

    pid, start = state.get("pid"), state.get("start")
    if not isinstance(pid, int) or pid <= 0 or pid == os.getpid():
        return False
    try:
        seen = start_of(pid)
    except psutil.AccessDenied:
        return False
    return seen is not None and start in (seen, None)


def _old_name(target: Path) -> Path:
    return target.parent / f".{target.name}.stemkit-old"


def _bring_back(target: Path) -> None:
    """Give an earlier package its name back, where a run was ended while it replaced it."""
    old = _old_name(target)
    if old.is_dir() and not old.is_symlink() and not target.exists():
        old.replace(target)


def publish(building: Building, target: Path, *, overwrite: bool) -> None:
    """Give the package its name, all at once.

    Parameters
    ----------
    building
        The finished package.
    target
        Its final folder.
    overwrite
        Replace an earlier package there; a folder that is none is never replaced.

    Raises
    ------
    InputError
        `target` exists and may not be replaced.
    """
    demand_free(target, overwrite=overwrite)
    old = _old_name(target)
    if old.exists():
        shutil.rmtree(old)
    if target.exists():
        target.replace(old)
    try:
        building.folder.replace(target)
    except OSError:
        _bring_back(target)
        raise
    (target / _STATE).unlink(missing_ok=True)  # not before: without it another run would take the folder
    shutil.rmtree(old, ignore_errors=True)


def demand_free(target: Path, *, overwrite: bool) -> None:
    """Refuse a target that is taken.

    Raises
    ------
    InputError
        `target` exists, and `overwrite` is off, or it is no package, or somebody put files of their own into it.
    """
    if not target.exists():
        return
    if not overwrite:
        raise InputError(f"{target} exists already; choose another folder or say --overwrite.")
    if not (target / MANIFEST_NAME).is_file():
        raise InputError(f"{target} is no package of stemkit and is not replaced; choose another folder.")
    if added := _added_by_people(target):
        more = f" and {len(added) - 1} more" if len(added) > 1 else ""
        raise InputError(
            f"{target} holds {added[0]}{more}, which stemkit did not put there and would be lost; move it out first."
        )


def _added_by_people(package: Path) -> list[str]:
    """Return the files that a package does not list, but for what systems leave behind."""
    try:
        listed = listed_paths((package / CHECKSUMS_NAME).read_text(encoding="utf-8", errors="replace"))
    except OSError:
        listed = frozenset()  # nothing is known to be ours
    listed |= {CHECKSUMS_NAME, MANIFEST_NAME}
    return [
        name
        for path in sorted(package.rglob("*"))
        if (path.is_symlink() or path.is_file())
        and (name := path.relative_to(package).as_posix()) not in listed
        and ignored_because(name) is None
    ]


def require_room(folder: Path, needed_bytes: int) -> None:
    """Refuse before the first sample when the disk is too small.

    Raises
    ------
    InputError
        Fewer bytes are free than needed.
    """
    free = shutil.disk_usage(folder).free
    if needed_bytes > free:
        raise InputError(
            f"The delivery needs {needed_bytes / 1e9:.2f} GB and {folder} has {free / 1e9:.2f} GB free; "
            "make room or choose another disk."
        )
