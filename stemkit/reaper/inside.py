"""What stemkit can ask of REAPER from outside: one call, JSON text in and JSON text out, never an exception.

Runs inside REAPER (see `inside_api`).
"""

from __future__ import annotations

import hashlib
import json
import time
import traceback
from pathlib import Path
from typing import TYPE_CHECKING, Any

from . import inside_api, inside_fix, inside_journal, inside_lab
from .inside_record import Recorder
from .inside_render import Machine, RenderError
from .inside_snapshot import snapshot
from .inside_state import Desk

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["FINGERPRINT", "dispatch", "fingerprint", "shut_down", "tick"]

_ANSWERED_WHILE_RENDERING = frozenset({"hello", "render_status", "render_cancel"})


class _Current:
    """The one render of this REAPER, if any."""

    machine: Machine | None = None
    ticks_by_itself = False  # whether our own deferred loop runs, where no link script ticks us


def fingerprint(folder: Path) -> str:
    """Return a fingerprint of the code that runs inside REAPER, by which both sides know that they agree."""
    digest = hashlib.sha256()
    for path in sorted(folder.glob("inside*.py")):
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:16]


FINGERPRINT = fingerprint(Path(__file__).resolve().parent)  # of what was loaded, not of what lies there later


def dispatch(name: str, payload: str) -> str:
    """Answer one question.

    Parameters
    ----------
    name
        One of the questions below.
    payload
        Its keyword arguments as a JSON object.

    Returns
    -------
    str
        JSON: `ok` with `value`, or `code`, `message` and `traceback`.
    """
    try:
        machine = _Current.machine
        if machine is not None and machine.busy and name not in _ANSWERED_WHILE_RENDERING:
            raise RenderError("rendering", "REAPER is rendering.")  # noqa: TRY301  (one place gives every answer)
        if inside_api.Recording.recorder is not None:
            inside_api.Recording.recorder.question(name)
        return json.dumps({"ok": True, "value": _QUESTIONS[name](**json.loads(payload))})
    except RenderError as failure:
        return json.dumps({"ok": False, "code": failure.code, "message": failure.message, "traceback": ""})
    except Exception as error:  # noqa: BLE001  (an exception would end reapy's server)
        message = f"{type(error).__name__}: {error}"
        return json.dumps({"ok": False, "code": "error", "message": message, "traceback": traceback.format_exc()})


def tick() -> None:
    """Let a render go on by one step."""
    if _Current.machine is not None:
        _Current.machine.step()


def shut_down() -> None:
    """Put everything back, since nobody will tick any more."""
    if _Current.machine is not None:
        _Current.machine.abandon()


def _hello() -> dict[str, Any]:
    rpr = inside_api.api()
    return {
        "fingerprint": FINGERPRINT,
        "reaper": rpr.GetAppVersion(),
        "resource_path": rpr.GetResourcePath(),
        "can_set_config": inside_api.has("set_config_var_string"),
        "interrupted": inside_journal.is_there(),
        "rendering": _Current.machine is not None and not _Current.machine.over,
    }


def _demand_no_render() -> None:
    if _Current.machine is not None and not _Current.machine.over:
        raise RenderError("rendering", "Another stemkit is rendering in this REAPER; wait until it is done.")


def _demand_no_journal() -> None:
    if inside_journal.is_there():
        raise RenderError(
            "interrupted", "An earlier render was interrupted; restore the project first (stemkit doctor --restore)."
        )


def _start(job: dict[str, Any], *, deferred: bool = False) -> dict[str, Any]:
    _demand_no_render()
    _demand_no_journal()
    _Current.machine = Machine(job)
    if deferred and not _Current.ticks_by_itself:
        _tick_by_itself()
    return _Current.machine.status()


def _tick_by_itself() -> None:
    """Tick where the link is reapy's own server, which knows nothing of us."""
    import reapy  # noqa: PLC0415  (outside REAPER the import itself would open a connection)

    tick()
    _Current.ticks_by_itself = _Current.machine is not None and not _Current.machine.over
    if _Current.ticks_by_itself:
        reapy.defer(_tick_by_itself)


def _status() -> dict[str, Any]:
    if _Current.machine is None:
        raise RenderError("no_render", "REAPER forgot the render; it was restarted.")
    return _Current.machine.status()


def _cancel() -> None:
    if _Current.machine is not None:
        _Current.machine.cancel()


def _restore() -> dict[str, Any]:
    """Restore what an interrupted render left, if the same project is open."""
    try:
        journal = inside_journal.load()
    except ValueError as error:
        raise RenderError(
            "damaged_journal",
            f"What the interrupted render wrote down is damaged ({error}), so nothing can be put back; look at the "
            "render settings and at what is muted or soloed in that project, then say stemkit doctor --forget.",
        ) from error
    if journal is None:
        return {"found": False, "not_restored": []}
    if _Current.machine is not None and not _Current.machine.over:
        raise RenderError("rendering", "A render is going on; cancel it or wait.")
    desk = Desk(inside_api.api().EnumProjects(-1, "", inside_api.BUFFER_BYTES)[0])
    if not inside_journal.is_same_project(inside_journal.identity(desk), journal["project"]):
        where = journal["project"]["path"] or "an unsaved project"
        raise RenderError("other_project", f"The interrupted render was of {where}; open it first.")
    failed = inside_journal.restore(desk, journal["values"])
    if not failed:
        inside_journal.drop()
    return {"found": True, "not_restored": failed}


def _forget() -> None:
    """Give up on restoring, on the user's word; a render that goes on keeps its journal."""
    _demand_no_render()
    if inside_journal.is_there():
        inside_journal.drop()


def _change(**wish: Any) -> None:
    """Make a change, unless a render holds the project's values: the render may have begun since the user was asked."""
    _demand_no_render()
    _demand_no_journal()
    inside_fix.change(**wish)


def _record_start() -> None:
    inside_api.Recording.recorder = Recorder(inside_api.functions())


def _record_stop() -> list[str]:
    """Stop recording and hand over what was noted."""
    recorder, inside_api.Recording.recorder = inside_api.Recording.recorder, None
    return [] if recorder is None else recorder.lines


def _console(text: str) -> None:
    inside_api.api().ShowConsoleMsg(text)


def _timed_snapshot() -> dict[str, Any]:
    start = time.perf_counter()
    facts = snapshot()
    facts["seconds"] = time.perf_counter() - start
    return facts


_QUESTIONS: dict[str, Callable[..., Any]] = {
    "hello": _hello,
    "snapshot": _timed_snapshot,
    "render_start": _start,
    "render_status": _status,
    "render_cancel": _cancel,
    "restore": _restore,
    "forget": _forget,
    "console": _console,
    "record_start": _record_start,
    "record_stop": _record_stop,
    "ask_user": inside_fix.ask_user,
    "change": _change,
    "lab_open": inside_lab.open_tab,
    "lab_close": inside_lab.close_tab,
    "lab_shapes": inside_lab.shapes,
    "save_copy": inside_lab.save_copy,
}
