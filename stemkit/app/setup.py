"""Install stemkit into REAPER, or take it out again."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from stemkit.errors import InputError

if TYPE_CHECKING:
    from stemkit.reaper.install import Change

__all__ = ["SetupPlan", "apply_setup", "plan_setup", "undo_setup"]


@dataclass(frozen=True, slots=True)
class SetupPlan:
    """What setup would do in one REAPER; `notes` say what it cannot do."""

    resource: Path
    changes: tuple[Change, ...]
    diff: str
    notes: tuple[str, ...]


def plan_setup(resource: Path | None = None, *, start_with_reaper: bool = False) -> SetupPlan:
    """Work out what setup would change; nothing is written.

    Parameters
    ----------
    resource
        REAPER's folder of settings (for a portable REAPER: the folder of the program); None takes the standard one.
    start_with_reaper
        Whether stemkit's link starts with REAPER.

    Raises
    ------
    InputError
        There is no REAPER at that place.
    """
    from stemkit.reaper import install
    from stemkit.reaper.resource_paths import resource_paths

    folder = resource or resource_paths()[0]
    if not (folder / "reaper.ini").is_file():
        raise InputError(
            f"{folder} holds no reaper.ini; start REAPER once, or name its folder of settings with --resource "
            "(Options > Show REAPER resource path in explorer/finder)."
        )
    library = install.python_library()
    notes = () if library else ("This Python has no shared library; set one for ReaScript in REAPER's preferences.",)
    package = Path(install.__file__).parent
    changes = install.planned_changes(
        folder,
        scripts=_scripts_folder(package),
        package=package,
        library=library,
        start_with_reaper=start_with_reaper,
    )
    return SetupPlan(folder, tuple(changes), install.diff(changes), notes)


def _scripts_folder(package: Path) -> Path:
    """Find the actions: beside the package in a checkout, in the package where it is installed.

    Raises
    ------
    InputError
        They are at neither place.
    """
    for folder in (package / "scripts", package.parents[1] / "reaper_scripts" / "Stemkit"):
        if folder.is_dir():
            return folder
    raise InputError(f"{package / 'scripts'} is missing; install stemkit again.")


def apply_setup(plan: SetupPlan) -> list[Path]:
    """Write the changes.

    Returns
    -------
    list of Path
        The backups.

    Raises
    ------
    InputError
        REAPER runs; it would write its own settings over ours when it ends.
    """
    from stemkit.reaper import install

    _require_stopped()
    return install.apply(plan.changes)


def undo_setup(resource: Path | None = None) -> list[Path]:
    """Take the actions, the start-up lines and stemkit's files out again.

    Returns
    -------
    list of Path
        What was changed or removed.

    Raises
    ------
    InputError
        REAPER runs.
    """
    from stemkit.reaper import install
    from stemkit.reaper.resource_paths import resource_paths

    _require_stopped()
    return install.undo(resource or resource_paths()[0])


def _require_stopped() -> None:
    from stemkit.reaper.link_find import reaper_runs

    if reaper_runs():
        raise InputError("REAPER is running and would write its settings over the new ones; close it first.")
