"""Finding REAPER on this computer, and saying what would keep it from working unattended."""

from __future__ import annotations

import os
import plistlib
import re
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from stemkit.errors import EngineError
from stemkit.reaper.resource_paths import RESOURCE_VARIABLE, standard_resource_path

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["LICENCE_FILE", "REAPER_VARIABLE", "Installation", "find_reaper", "obstacles", "standard_programs"]

REAPER_VARIABLE = "STEMKIT_REAPER"
LICENCE_FILE = "reaper-license.rk"
_SWITCHED_OFF = "off"  # value of the variable on computers whose REAPER is not to be used
_IN_FOLDERS = ("reaper", "reaper.exe", "REAPER", "Contents/MacOS/REAPER", "REAPER.app/Contents/MacOS/REAPER")
_VERSION = re.compile(r"v?(\d+\.\d+[\w.+-]*)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Installation:
    """One REAPER. `version` is empty where nothing beside the program tells it."""

    program: Path
    resource: Path  # the user's settings, plug-in lists and effects
    version: str = ""
    portable: bool = False

    @property
    def label(self) -> str:
        """Name and version for people."""
        return f"REAPER {self.version}".rstrip()


def find_reaper(named: Path | None = None) -> Installation | None:
    """Find the REAPER to use.

    Parameters
    ----------
    named
        Program, application bundle or folder of a REAPER; None asks ``STEMKIT_REAPER``, then the standard places.

    Returns
    -------
    Installation or None
        None where nobody named one and none is installed, or ``STEMKIT_REAPER`` is ``off``.

    Raises
    ------
    EngineError
        What was named is no REAPER.
    """
    told = os.environ.get(REAPER_VARIABLE, "")
    if named is None and told == _SWITCHED_OFF:
        return None
    wanted = named if named is not None else Path(told) if told else None
    if wanted is not None:
        program = _program_in(wanted)
        if program is None:
            where = "--reaper" if named is not None else REAPER_VARIABLE
            raise EngineError(f"{wanted} is no REAPER; give {where} the path of the program itself.")
        return _installation(program)
    found = next((path for path in standard_programs() if path.is_file()), None)
    return None if found is None else _installation(found)


def standard_programs(
    platform: str = sys.platform, home: Path | None = None, environment: Mapping[str, str] | None = None
) -> Iterator[Path]:
    """Give the places where an ordinary installation puts the program (vendors' and users' reports).

    Parameters
    ----------
    platform
        As `sys.platform` names it.
    home
        The user's folder; None asks the system.
    environment
        Variables; None takes those of this process.
    """
    base = home or Path.home()
    variables = os.environ if environment is None else environment
    if platform == "win32":
        for name in ("ProgramW6432", "ProgramFiles", "ProgramFiles(x86)"):
            if name in variables:
                for own in ("REAPER (x64)", "REAPER", "REAPER (arm64ec)"):
                    yield Path(variables[name]) / own / "reaper.exe"
    elif platform == "darwin":
        for folder in (Path("/Applications"), base / "Applications"):
            for bundle in ("REAPER.app", "REAPER64.app"):
                yield folder / bundle / "Contents" / "MacOS" / "REAPER"
    else:
        yield Path("/opt/REAPER/reaper")
        yield base / "opt" / "REAPER" / "reaper"
        on_path = shutil.which("reaper", path=variables.get("PATH"))
        if on_path is not None:
            yield Path(on_path)


def obstacles(installation: Installation) -> list[str]:
    """Say what would make this REAPER wait for a person, each in one clause.

    What its settings ask for otherwise (last project, news of a version, splash) is off in the private configuration.
    """
    resource = installation.resource
    found = []
    if not (resource / "reaper.ini").is_file():
        found.append(f"this user has never started it (no reaper.ini in {resource}), so it may ask its first questions")
    if not any((folder / LICENCE_FILE).is_file() for folder in (resource, installation.program.parent)):
        found.append(f"no licence ({LICENCE_FILE}) lies in {resource}, so it may wait in its evaluation window")
    return found


def _program_in(path: Path) -> Path | None:
    if path.is_file():
        return path.absolute()
    inside = (path / name for name in _IN_FOLDERS)
    return next((program.absolute() for program in inside if program.is_file()), None)


def _installation(program: Path) -> Installation:
    real = program.resolve()  # a link on the search path says nothing about its neighbours
    named = os.environ.get(RESOURCE_VARIABLE)
    portable = not named and (real.parent / "reaper.ini").is_file()
    resource = Path(named) if named else real.parent if portable else standard_resource_path()
    return Installation(program=program, resource=resource.absolute(), version=_version(real), portable=portable)


def _version(program: Path) -> str:
    """Read the version beside the program: the bundle's list on macOS, else the change log (inferred places)."""
    bundle = program.parent.parent / "Info.plist"
    try:
        if bundle.is_file():
            return str(plistlib.loads(bundle.read_bytes()).get("CFBundleShortVersionString", ""))
        with (program.parent / "whatsnew.txt").open(encoding="utf-8", errors="replace") as stream:
            match = _VERSION.search(stream.readline())
    except (OSError, plistlib.InvalidFileException):
        return ""
    return match[1] if match else ""
