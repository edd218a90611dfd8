"""The link to REAPER, both ends: what strangers may send to our server, and what may answer our client."""

from __future__ import annotations

import json
import socket
import sys
import threading
import weakref
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING
from unittest.mock import patch

from stemkit.errors import StemkitError
from tests.fuzz.mutate import mutate_lines
from tests.fuzz.target import Target, demand_one_line

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["TARGETS"]

_TOKEN = "0123456789abcdef"
_GREETING = b"('127.0.0.1', 1)"
_TICKS = 4


def _call(module: str, name: str, *arguments: object) -> bytes:
    function = {"__callable__": True, "module_name": module, "name": name}
    return json.dumps({"function": function, "input": {"args": arguments, "kwargs": {}}}, indent=1).encode()


def _framed(message: bytes) -> bytes:
    return len(message).to_bytes(8, "little") + message


_GOOD = _call("stemkit.reaper.inside", "dispatch", _TOKEN, "nothing", "{}")


def _requests() -> list[bytes]:
    questions = ("hello", "nothing", "render_status", "forget", "reload", "snapshot", "render_start", "restore")
    payloads = ("{}", "[]", '{"job": {}}', '{"x": NaN}', "{")
    return [
        *(_call("stemkit.reaper.inside", "dispatch", _TOKEN, name, "{}") for name in questions),
        *(_call("stemkit.reaper.inside", "dispatch", _TOKEN, "hello", payload) for payload in payloads),
        _call("stemkit.reaper.inside", "dispatch", "wrong", "hello", "{}"),
        _call("builtins", "exec", "open('owned', 'w')"),
        _call("reapy.reascript_api", "_get_api_names"),
        b'{"function": "x", "input": null}',
        b"[" * 5000,
        _framed(_GOOD) + _framed(_GOOD),
    ]


def _open_server(_scratch: Path) -> Callable[[bytes], None]:
    """Send each input as it is and as a message; afterwards a well-behaved peer must get its answer."""
    from stemkit.reaper import server as module

    server = module.LinkServer(_TOKEN, Path(module.__file__).parent)
    reapy = ModuleType("reapy")  # the real one looks for a REAPER when it is imported
    reapy.reascript_api = ModuleType("reapy.reascript_api")  # type: ignore[attr-defined]  # a stand-in
    reapy.reascript_api.__all__ = ["RPR_Name"]

    def exchange(data: bytes) -> bytes:
        ours, theirs = socket.socketpair()
        with theirs:
            for end in (ours, theirs):
                end.setblocking(False)
            peer = module._Peer(ours)
            server._peers.append(peer)
            theirs.send(data)
            for _ in range(_TICKS):
                server.step()
            try:
                return theirs.recv(1 << 20)
            except BlockingIOError:
                return b""
            finally:
                if peer in server._peers:
                    server._drop(peer)

    def one(data: bytes) -> None:
        with patch.dict(sys.modules, {"reapy": reapy}):
            exchange(data)
            answer = exchange(_framed(data))
            if answer:
                said = json.loads(answer[8 : 8 + int.from_bytes(answer[:8], "little")])
                assert said["type"] == "error" or _TOKEN.encode() in data or b"_get_api_names" in data
            assert json.loads(exchange(_framed(_GOOD))[8:])["type"] == "result"
        assert not server._peers

    weakref.finalize(one, server.stop)
    return one


def _answers() -> list[bytes]:
    def told(value: object) -> bytes:
        return json.dumps({"type": "result", "value": json.dumps(value)}).encode()

    return [
        told({"ok": True, "value": {"fingerprint": "0", "rendering": False}}),
        told({"ok": False, "code": "rendering", "message": "REAPER is rendering.", "traceback": ""}),
        b'{"type": "error", "traceback": "Traceback:\\nPermissionError: no"}',
        b'{"type": "error"}',
        b'{"type": "result", "value": 1}',
        b"[]",
    ]


class _Peer:
    """Who answers at REAPER's port: anybody. It greets, takes one question, and says what it was told to say."""

    def __init__(self) -> None:
        self._door = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._door.getsockname()[1])
        self.says = b""
        self.greets = True
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._door.shutdown(socket.SHUT_RDWR)  # which wakes the thread
        self._thread.join()
        self._door.close()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._door.accept()
            except OSError:
                return
            with connection:
                try:
                    if self.greets:
                        connection.sendall(_framed(_GREETING))
                        connection.recv(1 << 16)
                        connection.sendall(self.says)
                    else:
                        connection.sendall(self.says)
                    connection.shutdown(socket.SHUT_WR)
                    while connection.recv(1 << 16):
                        pass
                except OSError:
                    continue


def _open_client(_scratch: Path) -> Callable[[bytes], None]:
    """Let each input be an answer, a whole stream, and a greeting."""
    from stemkit.reaper.link import Link
    from stemkit.reaper.link_find import Door

    peer = _Peer()

    def one(data: bytes) -> None:
        for says, greets in ((_framed(data), True), (data, True), (data, False), (_framed(data), False)):
            peer.says, peer.greets = says, greets
            try:
                with Link(Door(peer.port, _TOKEN)) as link:
                    link.ask("hello")
                with Link(Door(peer.port, _TOKEN)) as link:
                    link.shake_hands()
            except OSError:
                continue  # `open_link` says that nobody sensible answers
            except StemkitError as error:
                demand_one_line(error)

    weakref.finalize(one, peer.close)
    return one


TARGETS = (
    Target(name="server", seeds=_requests, open=_open_server, mutate=mutate_lines),
    Target(name="client", seeds=_answers, open=_open_client, mutate=mutate_lines),
)
