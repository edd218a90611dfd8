# @noindex
"""What the Stemkit actions share: where stemkit is, a child process for the work, REAPER's console and message box.

The heavy part runs in stemkit's own Python, never in REAPER's.
"""

from __future__ import annotations

import importlib.util
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

TITLE = "Stemkit"
_COMMAND = "import sys; from stemkit.cli.entry import run; sys.exit(run(sys.argv[1:]))"
_INTERRUPTED = (
    "An earlier render was interrupted, and REAPER still has its settings.\n\nPut the project back as it was before? "
    "(Then run this action again.)"
)
_YES_OR_NO, _YES = 4, 6  # kind and answer of REAPER's message box
_FOUND_NOTHING = "Stemkit is not set up for this REAPER. Run 'stemkit setup' in a terminal, then restart REAPER."


def functions() -> Any:
    """Return REAPER's functions by way of reapy; None, with a message, where setup did not run."""
    import reaper_python

    where = _where(Path(reaper_python.RPR_GetResourcePath()))
    if where is None:
        reaper_python.RPR_ShowMessageBox(_FOUND_NOTHING, TITLE, 0)
        return None
    if where["reapy"] not in sys.path:
        sys.path.append(where["reapy"])  # last, so that nothing of REAPER's own Python is hidden
    from reapy import reascript_api

    return reascript_api


def start_link(rpr: Any) -> bool:
    """Start the link unless it runs already; say whether it runs."""
    where = None if rpr is None else _where(Path(rpr.GetResourcePath()))
    if where is None:
        return False
    if not _runs_here(_home(rpr) / "link.json"):
        folder = Path(where["package"])
        spec = importlib.util.spec_from_file_location("stemkit_server", str(folder / "server.py"))
        server = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(server)
        server.serve(folder)
    return True


def run(rpr: Any, arguments: list[str], *, report: bool = True) -> None:
    """Run a stemkit command beside REAPER, which stays usable; show what it prints and, at the end, its verdict."""
    if not start_link(rpr):
        return
    if "--live" in arguments and _wants_restore(rpr):
        arguments, report = ["doctor", "--restore"], False
    log = _home(rpr) / "last-action.log"
    page = _home(rpr) / "last-report.html"
    if page.exists():
        page.unlink()
    command = [_where(_home(rpr).parent)["python"], "-c", _COMMAND, *arguments]
    command += ["--report", str(page)] if report else []
    environment = dict(os.environ, STEMKIT_REAPER_RESOURCE=rpr.GetResourcePath(), PYTHONUTF8="1")
    with log.open("w", encoding="utf-8") as stream:
        process = subprocess.Popen(command, stdout=stream, stderr=subprocess.STDOUT, env=environment)  # noqa: S603  (our own command)
    rpr.ShowConsoleMsg("stemkit " + " ".join(arguments) + "\n")
    _follow(rpr, process, log, page, 0)


def _wants_restore(rpr: Any) -> bool:
    """Offer to put the project back, where an interrupted render left its journal and none is at work."""
    inside = sys.modules.get("stemkit_inside")
    told = json.loads(inside.dispatch("hello", "{}")) if inside is not None else {"ok": False}
    if not told["ok"] or not told["value"]["interrupted"] or told["value"]["rendering"]:
        return False
    return bool(rpr.ShowMessageBox(_INTERRUPTED, TITLE, _YES_OR_NO) == _YES)


def _where(resource: Path) -> Any:
    try:
        return json.loads((resource / "stemkit" / "home.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None


def _home(rpr: Any) -> Path:
    return Path(rpr.GetResourcePath()) / "stemkit"


def _runs_here(link: Path) -> bool:
    """Tell whether the link's file is this REAPER's own and not one that a dead REAPER left."""
    try:
        return json.loads(link.read_text(encoding="utf-8"))["pid"] == os.getpid()
    except (OSError, ValueError, KeyError):
        return False


def _follow(rpr: Any, process: Any, log: Path, page: Path, shown: int) -> None:
    """Show what the command printed since the last tick; at its end, the verdict."""
    import reapy

    over = process.poll() is not None
    text = log.read_text(encoding="utf-8", errors="replace")
    if text[shown:]:
        rpr.ShowConsoleMsg(text[shown:])
    if not over:
        reapy.defer(_follow, rpr, process, log, page, len(text))
        return
    opened = page.exists() and _open(page)
    details = "The report is open in your browser." if opened else f"Details: {page if page.exists() else log}"
    rpr.ShowMessageBox(f"{_verdict(text, process.returncode)}\n\n{details}", TITLE, 0)


def _verdict(text: str, code: int) -> str:
    """Say in a sentence or two how it went: the error that stopped it, or the last line of the report."""
    if code in (2, 3):
        return next((line for line in reversed(text.splitlines()) if line.startswith("stemkit: ")), text[-300:])
    found = re.findall(r"(?m)^(?:READY|NOT READY|Package:|Fixed:).*$", text)
    return found[-1] if found else ("Done." if code == 0 else "There are findings.")


def _open(page: Path) -> bool:
    import webbrowser

    return webbrowser.open(page.as_uri())


def ask_folder(rpr: Any, title: str) -> str | None:
    """Ask for a folder by asking for any file in it; REAPER itself has no dialog for folders."""
    if rpr is None:
        return None
    chosen, path, _, _ = rpr.GetUserFileNameForRead("", title, "wav")
    return str(Path(path).parent) if chosen else None


def output_folder(rpr: Any, name: str) -> str:
    """Return a folder beside the project that does not exist yet."""
    project = "" if rpr is None else rpr.EnumProjects(-1, "", 4096)[2]
    base = Path(project).parent if project else Path.home()
    tried = (base / (f"{Path(project).stem or 'Untitled'} {name}" + (f" {n}" if n > 1 else "")) for n in range(1, 1000))
    return str(next(folder for folder in tried if not folder.exists()))
