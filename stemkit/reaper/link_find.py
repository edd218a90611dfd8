"""Is there a REAPER to talk to? Looked at politely, with an end to every wait, and told apart by what to do."""

from __future__ import annotations

import json
import socket
import urllib.request
from dataclasses import dataclass
from typing import TYPE_CHECKING

from stemkit.reaper.resource_paths import home_folder, resource_paths

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["WEB_PORT", "ClosedDoor", "Door", "find_door", "reaper_runs"]

WEB_PORT = 2307  # where reapy's set-up puts REAPER's web interface
_WEB_S = 0.5
_REAPER_NAMES = frozenset({"reaper", "reaper.exe"})


@dataclass(frozen=True, slots=True)
class Door:
    """Where a REAPER listens. Without a token it is reapy's own server."""

    port: int
    token: str | None


@dataclass(frozen=True, slots=True)
class ClosedDoor:
    """Why nobody answers, and what to do about it."""

    code: str
    message: str


_CLOSED = {
    "not_running": "REAPER is not running; start it, open the project, and try again.",
    "link_off": (
        'REAPER runs, but stemkit\'s link in it is off; run the action "Stemkit: Start link" in REAPER, or '
        "stemkit setup if it is not there."
    ),
    "not_set_up": (
        "REAPER's web interface answers, but reapy was never set up in it; run stemkit setup and restart REAPER."
    ),
    "no_python": (
        "REAPER cannot run Python scripts: its Python is missing or of another kind; run stemkit doctor to see why."
    ),
    "busy": "REAPER does not answer: it is busy, or a dialog is open in it. Close the dialog and try again.",
}


def _closed(code: str) -> ClosedDoor:
    return ClosedDoor(code, _CLOSED[code])


def find_door(web_port: int = WEB_PORT) -> Door | ClosedDoor:
    """Find where REAPER listens: our own link first, then reapy's.

    Parameters
    ----------
    web_port
        Port of REAPER's web interface, by which reapy's own server is found.
    """
    for resource in resource_paths():
        door = _own_door(home_folder(resource) / "link.json")
        if door is not None:
            return door
    return _reapy_door(web_port)


def reaper_runs() -> bool:
    """Tell whether a process of that name runs."""
    import psutil  # noqa: PLC0415  (not needed where the link answers)

    return any((process.info["name"] or "").lower() in _REAPER_NAMES for process in psutil.process_iter(["name"]))


def _own_door(path: Path) -> Door | None:
    """Read the file in which our server says where it listens; one that a dead REAPER left says nothing."""
    import psutil  # noqa: PLC0415  (as above)

    try:
        facts = json.loads(path.read_text(encoding="utf-8"))
        door, process = Door(int(facts["port"]), str(facts["token"])), int(facts["pid"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return door if psutil.pid_exists(process) else None


def _reapy_door(web_port: int) -> Door | ClosedDoor:
    try:
        port = _ext_state(web_port, "server_port")
        if not port:
            action = _ext_state(web_port, "activate_reapy_server")
            if not action:
                return _closed("not_set_up")
            _get(web_port, json.loads(action))
            port = _ext_state(web_port, "server_port")
    except TimeoutError:
        return _closed("busy")
    except (OSError, ValueError) as error:
        if isinstance(getattr(error, "reason", None), TimeoutError):
            return _closed("busy")
        return _closed("link_off" if reaper_runs() else "not_running")
    if not port.isdigit():
        return _closed("no_python")
    return Door(int(port), None) if _greets(int(port)) else _closed("busy")


def _get(port: int, path: str) -> str:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/_/{path}", timeout=_WEB_S) as answer:
        text: str = answer.read(65536).decode("utf-8", "replace")
    return text


def _ext_state(port: int, key: str) -> str:
    return _get(port, f"GET/EXTSTATE/reapy/{key}").rstrip("\n").split("\t")[-1]


def _greets(port: int) -> bool:
    """Read a server's whole greeting before leaving: reapy's own ends when a peer leaves sooner."""
    try:
        with socket.create_connection(("127.0.0.1", port), _WEB_S) as peer:
            peer.settimeout(_WEB_S)
            length = int.from_bytes(peer.recv(8, socket.MSG_WAITALL), "little")
            greeting = peer.recv(length, socket.MSG_WAITALL) if 0 < length < 256 else b""
            return 0 < length == len(greeting)
    except OSError:
        return False
