"""From outside into the running REAPER: find out politely whether it answers, then ask, one trip a question.

reapy connects while it is imported, waits for ever, and its own server ends when a peer connects and leaves. So
nothing here imports reapy before somebody is known to answer, every wait has an end, and every probe reads the
greeting that the server sends.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from stemkit.errors import EngineError
from stemkit.reaper.link_find import Door, find_door

if TYPE_CHECKING:
    from collections.abc import Callable

    from typing_extensions import Self

__all__ = ["Link", "LinkError", "open_link"]

ANSWER_S = 10.0  # REAPER asks its scripts about 30 times a second; longer than this it is busy or shows a dialog
_GREETING_S = 2.0
_POLL_S = 0.5
_MAX_ANSWER_BYTES = 1 << 30
_FOLDER = Path(__file__).resolve().parent
_BUSY = "REAPER does not answer: it is busy, or a dialog is open in it. Close the dialog and try again."
_STRANGER = (
    "What answers at REAPER's port is not stemkit's link; quit the program that uses the port, restart REAPER, and "
    "try again."
)
_LOST = "REAPER ended the connection; look whether it still runs, then try again."
# How reapy's own server comes to our code: it runs anything, so it can load a file.
# What is loaded already stays: it may be in the middle of a render.
_LOAD = """
import importlib.util, pathlib, sys
if getattr(sys.modules.get("stemkit_inside"), "FINGERPRINT", None) != WANTED:
    spec = importlib.util.spec_from_file_location("stemkit_server", str(pathlib.Path(FOLDER) / "server.py"))
    server = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(server)
    server.load_inside(pathlib.Path(FOLDER))
"""


class LinkError(EngineError):
    """REAPER cannot be asked, or refused; `code` is stable."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class Link:
    """A connection to the code inside REAPER.

    Parameters
    ----------
    door
        Where REAPER listens, as `find_door` found it.
    """

    def __init__(self, door: Door) -> None:
        self._door = door
        self._client = _connect(door.port)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def own(self) -> bool:
        """Whether our own server answers, which ticks the render by itself."""
        return self._door.token is not None

    def close(self) -> None:
        """Leave."""
        self._client.close()

    def ask(
        self,
        name: str,
        *,
        timeout_s: float = ANSWER_S,
        while_waiting: Callable[[], None] | None = None,
        **facts: Any,
    ) -> Any:
        """Ask one question of `stemkit.reaper.inside` in one trip.

        Parameters
        ----------
        name
            The question.
        timeout_s
            How long REAPER may take.
        while_waiting
            Called about twice a second meanwhile; then `timeout_s` does not count, and only what it raises ends the
            waiting.
        **facts
            The question's arguments.

        Raises
        ------
        LinkError
            REAPER does not answer in time, left, or says no.
        """
        return _value(self._request(self._question(name, facts), timeout_s, while_waiting))

    def shake_hands(self) -> dict[str, Any]:
        """Make sure that the code inside is the code here, loading it again if need be.

        Raises
        ------
        LinkError
            It is another version even then.
        """
        from stemkit.reaper.inside import fingerprint  # noqa: PLC0415  (read late: it hashes files at import)

        mine = fingerprint(_FOLDER)
        if not self.own:
            self._load(mine)
        facts = _hello(self.ask("hello"))
        if facts["fingerprint"] != mine and not facts["rendering"]:
            facts = _hello(self.ask("reload")) if self.own else facts
        if facts["fingerprint"] != mine:
            raise LinkError(
                "version",
                "REAPER runs another version of stemkit; run stemkit setup again and restart REAPER.",
            )
        return facts

    def _load(self, wanted: str) -> None:
        code = {"__callable__": True, "module_name": "builtins", "name": "exec"}
        form = {"function": code, "input": {"args": [_LOAD, {"FOLDER": str(_FOLDER), "WANTED": wanted}], "kwargs": {}}}
        self._request(form, ANSWER_S, None)

    def _question(self, name: str, facts: dict[str, Any]) -> dict[str, Any]:
        payload = json.dumps(facts)
        module, arguments = (
            ("stemkit.reaper.inside", [self._door.token, name, payload])
            if self.own
            else ("stemkit_inside", [name, payload])
        )
        function = {"__callable__": True, "module_name": module, "name": "dispatch"}
        return {"function": function, "input": {"args": arguments, "kwargs": {}}}

    def _request(self, form: dict[str, Any], timeout_s: float, while_waiting: Callable[[], None] | None) -> Any:
        try:
            self._client.send(json.dumps(form).encode())
            answer = self._client.patient_recv(timeout_s, while_waiting)
        except TimeoutError as error:
            raise LinkError("busy", _BUSY) from error
        except OSError as error:
            raise LinkError("lost", _LOST) from error
        told = _table(answer)
        if told.get("type") == "result" and "value" in told:
            return told["value"]
        lines = str(told.get("traceback", "")).split("\n")
        reason = next((line.strip() for line in reversed(lines) if line.strip()), "it gives no reason")
        raise LinkError("refused", f"REAPER's link refused: {_one_line(reason)}")


def _table(answer: bytes | str) -> dict[str, Any]:
    """Read one answer; whoever listens at the port may have sent anything."""
    try:
        told = json.loads(answer)
    except (ValueError, TypeError, RecursionError):
        told = None
    if not isinstance(told, dict):
        raise LinkError("stranger", _STRANGER)
    return told


def _value(text: Any) -> Any:
    answer = _table(text)
    if answer.get("ok") is True and "value" in answer:
        return answer["value"]
    if not isinstance(answer.get("code"), str) or not isinstance(answer.get("message"), str):
        raise LinkError("stranger", _STRANGER)
    raise LinkError(answer["code"], _one_line(answer["message"]))


def _hello(facts: Any) -> dict[str, Any]:
    if not isinstance(facts, dict) or not {"fingerprint", "rendering"} <= facts.keys():
        raise LinkError("stranger", _STRANGER)
    return facts


def _one_line(text: str) -> str:
    return " ".join(text.split()) or "it gives no reason"


def open_link() -> Link:
    """Find the running REAPER and shake hands with the code inside it.

    Raises
    ------
    LinkError
        REAPER is not running, its link is off, or it does not answer; the message says what to do.
    """
    found = find_door()
    if not isinstance(found, Door):
        raise LinkError(found.code, found.message)
    try:
        return Link(found)
    except TimeoutError as error:
        raise LinkError("busy", _BUSY) from error
    except OSError as error:
        raise LinkError("lost", _LOST) from error


def _connect(port: int) -> Any:
    """Open reapy's own client, with an end to every wait."""
    from stemkit.reaper.link_reapy import import_reapy_quietly  # noqa: PLC0415  (reapy costs a second)

    client_class = import_reapy_quietly()

    class PatientClient(client_class):  # type: ignore[misc,valid-type]  # (reapy has no types)
        """reapy's client, but for ever waiting."""

        def _connect(self, port: int, host: str) -> None:
            self._socket.settimeout(_GREETING_S)
            try:
                self._socket.connect((host, port))
                self.address = self.patient_recv(_GREETING_S).decode("ascii", "replace")
            except OSError:
                self._socket.close()
                raise

        def patient_recv(self, timeout_s: float, while_waiting: Callable[[], None] | None = None) -> bytes:
            """Receive one message."""
            length = int.from_bytes(self._exactly(8, timeout_s, while_waiting), "little")
            if not 0 < length <= _MAX_ANSWER_BYTES:
                raise ConnectionAbortedError
            return self._exactly(length, timeout_s, while_waiting)

        def _exactly(self, count: int, timeout_s: float, while_waiting: Callable[[], None] | None) -> bytes:
            found = bytearray()
            self._socket.settimeout(timeout_s if while_waiting is None else _POLL_S)
            while len(found) < count:
                try:
                    data = self._socket.recv(min(count - len(found), 1 << 20))
                except TimeoutError:
                    if while_waiting is None:
                        raise
                    while_waiting()
                    continue
                if not data:
                    raise ConnectionAbortedError
                found += data
            return bytes(found)

    return PatientClient(port, "127.0.0.1")
