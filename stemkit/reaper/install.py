"""What `stemkit setup` changes in REAPER's settings: worked out as whole new texts, so that it can be shown first.

REAPER writes its settings when it ends, so they may only be changed while it does not run. Line ends, order, comments
and everything else stay as they are; only the lines named here change.
"""

from __future__ import annotations

import hashlib
import json
import re
import sys
import sysconfig
from dataclasses import dataclass
from difflib import unified_diff
from pathlib import Path
from typing import TYPE_CHECKING

from stemkit.reaper.resource_paths import home_folder

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = [
    "ACTIONS",
    "SHARED_SCRIPT",
    "Change",
    "action_id",
    "apply",
    "diff",
    "planned_changes",
    "python_library",
    "undo",
]

# Name in REAPER's list of actions, by the file of the script.
ACTIONS: dict[str, str] = {
    "Stemkit_Inspect project.py": "Stemkit: Inspect project",
    "Stemkit_Show stem plan.py": "Stemkit: Show stem plan",
    "Stemkit_Render and check stems.py": "Stemkit: Render and check stems",
    "Stemkit_Deliver.py": "Stemkit: Deliver",
    "Stemkit_Check a folder.py": "Stemkit: Check a folder",
    "Stemkit_Fix what I choose.py": "Stemkit: Fix what I choose",
    "Stemkit_Restore project after an interrupted render.py": "Stemkit: Restore project after an interrupted render",
    "Stemkit_Start link.py": "Stemkit: Start link",
}
LINK_SCRIPT = "Stemkit_Start link.py"
SHARED_SCRIPT = "stemkit_shared.py"
_BACKUP = ".before-stemkit.bak"
_START_MARK, _END_MARK = "-- stemkit: start link", "-- stemkit: end"


@dataclass(frozen=True, slots=True)
class Change:
    """One file before and after. `before` is None where it does not exist yet."""

    path: Path
    before: str | None
    after: str


def action_id(name: str) -> str:
    """Return the command id of a script: made of its name, so that running setup twice changes nothing."""
    return "RS" + hashlib.sha1(f"stemkit/{name}".encode()).hexdigest()  # noqa: S324  (a name, no secret)


def python_library() -> tuple[Path, str] | None:
    """Return folder and file name of the shared library of this Python, or None where it was built without one."""
    if sys.platform == "win32":
        name = f"python{sys.version_info.major}{sys.version_info.minor}.dll"
        folder = Path(sys.base_prefix)
    else:
        folder = Path(sysconfig.get_config_var("LIBDIR") or "")
        name = str(sysconfig.get_config_var("INSTSONAME") or sysconfig.get_config_var("LDLIBRARY") or "")
    return (folder, name) if name and (folder / name).is_file() else None


def planned_changes(
    resource: Path, *, scripts: Path, package: Path, library: tuple[Path, str] | None, start_with_reaper: bool
) -> list[Change]:
    """Work out every file that setup would change or make; nothing is written.

    Parameters
    ----------
    resource
        REAPER's folder of settings.
    scripts
        Where the actions lie in this installation.
    package
        Where `inside.py` lies.
    library
        Python's shared library; None leaves REAPER's Python as it is.
    start_with_reaper
        Whether the link starts with REAPER.
    """
    target = resource / "Scripts" / "Stemkit"
    texts = {target / name: (scripts / name).read_text(encoding="utf-8") for name in (*ACTIONS, SHARED_SCRIPT)}
    home = {"python": sys.executable, "package": str(package), "reapy": str(_reapy_folder())}
    texts[home_folder(resource) / "home.json"] = json.dumps(home, indent=1, ensure_ascii=False) + "\n"
    texts[resource / "reaper.ini"] = _with_python(_read(resource / "reaper.ini"), library)
    texts[resource / "reaper-kb.ini"] = _with_actions(_read(resource / "reaper-kb.ini"))
    if start_with_reaper:
        startup = resource / "Scripts" / "__startup.lua"
        texts[startup] = _with_start(_read(startup))
    changes = [Change(path, _read_or_none(path), after) for path, after in texts.items()]
    return [change for change in changes if change.before != change.after]


def _reapy_folder() -> Path:
    from importlib.util import find_spec  # noqa: PLC0415  (finds reapy without importing it)

    spec = find_spec("reapy")
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).parent.parent


def _read_or_none(path: Path) -> str | None:
    try:
        return path.read_bytes().decode("utf-8", "surrogateescape")
    except FileNotFoundError:
        return None


def _read(path: Path) -> str:
    return _read_or_none(path) or ""


def _line_end(text: str) -> str:
    return "\r\n" if "\r\n" in text else "\n"


def _with_python(text: str, library: tuple[Path, str] | None) -> str:
    """Switch ReaScript on and tell where Python is. A Python that the user chose already is left alone."""
    wanted = {"reascript": "1"}
    if library is not None and not re.search(r"(?im)^pythonlibdll64=\S", text):
        wanted |= {"pythonlibpath64": str(library[0]), "pythonlibdll64": library[1]}
    end = _line_end(text)
    lines = text.splitlines()
    head = next((i for i, line in enumerate(lines) if line.strip().lower() == "[reaper]"), None)
    if head is None:
        lines, head = ["[REAPER]", *lines], 0
    stop = next((i for i in range(head + 1, len(lines)) if lines[i].lstrip().startswith("[")), len(lines))
    for key, value in wanted.items():
        found = [i for i in range(head + 1, stop) if lines[i].partition("=")[0].strip().lower() == key]
        if found:
            lines[found[0]] = f"{key}={value}"
        else:
            lines.insert(head + 1, f"{key}={value}")
            stop += 1
    return end.join(lines) + end


def _with_actions(text: str) -> str:
    """Add the actions to REAPER's list; those that stand there already stay."""
    end = _line_end(text)
    lines = text.splitlines()
    for file, name in ACTIONS.items():
        line = f'SCR 4 0 {action_id(file)} "Custom: {name}" "Stemkit/{file}"'
        place = next((i for i, old in enumerate(lines) if f" {action_id(file)} " in old), None)
        if place is None:
            lines.append(line)
        else:
            lines[place] = line
    return end.join(lines) + end


def _with_start(text: str) -> str:
    """Let REAPER's start-up script run the link, between two marks that setup finds again."""
    end = _line_end(text)
    block = end.join(
        [
            _START_MARK,
            f'local link = reaper.NamedCommandLookup("_{action_id(LINK_SCRIPT)}")',
            "reaper.defer(function() reaper.Main_OnCommand(link, 0) end)",
            _END_MARK,
            "",
        ]
    )
    rest = _without_start(text)
    return rest + ("" if not rest or rest.endswith("\n") else end) + block


def _without_start(text: str) -> str:
    return re.sub(rf"{re.escape(_START_MARK)}\r?\n.*?{re.escape(_END_MARK)}\r?\n?", "", text, flags=re.DOTALL)


def diff(changes: Iterable[Change]) -> str:
    """Name each file of stemkit, and show each line that changes in a file of REAPER's."""
    found: list[str] = []
    for change in changes:
        label = str(change.path)
        if _is_ours(change.path):
            found.append(f"{'New' if change.before is None else 'Newer'} file of stemkit: {label}")
            continue
        old = label if change.before is not None else "(new file)"
        before = (change.before or "").splitlines()
        found += unified_diff(before, change.after.splitlines(), old, label, lineterm="", n=1)
    return "\n".join(found)


def apply(changes: Iterable[Change]) -> list[Path]:
    """Write the changes, each file whole or not at all; what existed is kept beside it, the first version only.

    Returns
    -------
    list of Path
        The backups that were made.
    """
    backups = []
    for change in changes:
        change.path.parent.mkdir(parents=True, exist_ok=True)
        if change.before is not None and not _is_ours(change.path):
            backup = change.path.with_name(change.path.name + _BACKUP)
            if not backup.exists():
                _write(backup, change.before)
                backups.append(backup)
        _write(change.path, change.after)
    return backups


def undo(resource: Path) -> list[Path]:
    """Take back what setup did: its actions, its start-up lines and its files.

    The ReaScript and Python settings stay, because other scripts may need them by now; the backups stay as well.

    Returns
    -------
    list of Path
        What was changed or removed.
    """
    touched = []
    ids = {action_id(file) for file in ACTIONS}
    edits = {
        resource / "reaper-kb.ini": lambda text: "".join(
            line for line in text.splitlines(keepends=True) if not ids & set(line.split())
        ),
        resource / "Scripts" / "__startup.lua": _without_start,
    }
    for path, edit in edits.items():
        before = _read_or_none(path)
        if before is not None and edit(before) != before:
            _write(path, edit(before))
            touched.append(path)
    folder = resource / "Scripts" / "Stemkit"
    for path in [*(folder / name for name in (*ACTIONS, SHARED_SCRIPT)), home_folder(resource) / "home.json"]:
        if path.exists():
            path.unlink()
            touched.append(path)
    if folder.is_dir() and not any(folder.iterdir()):
        folder.rmdir()
    return touched


def _is_ours(path: Path) -> bool:
    return path.parent.name == "Stemkit" or path.name == "home.json"


def _write(path: Path, text: str) -> None:
    part = path.with_name(path.name + ".stemkit-part")
    part.write_bytes(text.encode("utf-8", "surrogateescape"))
    part.replace(path)
