"""Our server on a raw socket: loopback only, two things and nothing else, and no peer can end it."""

from __future__ import annotations

import json
import os
import socket
import stat
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from stemkit.reaper import server as server_module
from stemkit.reaper.server import LinkServer, _publish, load_inside

FOLDER = Path(server_module.__file__).parent
TOKEN = "0123456789abcdef"


KEPT: list[socket.socket] = []


@pytest.fixture
def server() -> Any:
    found = LinkServer(TOKEN, FOLDER)
    yield found
    found.stop()
    for peer in KEPT:
        peer.close()
    KEPT.clear()


def connected(server: LinkServer) -> socket.socket:
    peer = socket.create_connection(("127.0.0.1", server.port), 2)
    KEPT.append(peer)
    return peer


class Peer:
    def __init__(self, server: LinkServer) -> None:
        self._server = server
        self.socket = connected(server)
        self.socket.setblocking(False)
        self._received = b""
        self.greeting = self.message()

    def bytes_after(self, ticks: int = 3000) -> bytes:
        for _ in range(ticks):
            self._server.step()
            try:
                data = self.socket.recv(1 << 20)
            except BlockingIOError:
                time.sleep(0.001)
                continue
            if not data:
                raise ConnectionAbortedError
            self._received += data
            if len(self._received) >= 8 and len(self._received) >= 8 + int.from_bytes(self._received[:8], "little"):
                return self._received
        raise TimeoutError

    def message(self) -> bytes:
        data = self.bytes_after()
        length = int.from_bytes(data[:8], "little")
        self._received = data[8 + length :]
        return data[8 : 8 + length]

    def ask(self, request: Any) -> Any:
        data = request if isinstance(request, bytes) else json.dumps(request).encode()
        self.socket.send(len(data).to_bytes(8, "little") + data)
        return json.loads(self.message())


def call(module: str, name: str, *args: Any) -> dict[str, Any]:
    return {
        "function": {"__callable__": True, "module_name": module, "name": name},
        "input": {"args": list(args), "kwargs": {}},
    }


def works(server: LinkServer) -> bool:
    """Whether a well-behaved peer still gets an answer."""
    peer = Peer(server)
    answer = peer.ask(call("stemkit.reaper.inside", "dispatch", TOKEN, "nothing", "{}"))
    peer.socket.close()
    return bool(answer["type"] == "result")


def test_it_listens_on_the_loopback_interface_only(server: LinkServer) -> None:
    assert server._socket.getsockname()[0] == "127.0.0.1"
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.connect(("192.0.2.1", 9))  # asks the system for its own address; nothing is sent
        own = probe.getsockname()[0]
    if own.startswith("127."):
        pytest.skip("this machine has no other interface")
    with pytest.raises(OSError, match=r"."):
        socket.create_connection((own, server.port), 0.5)


def test_it_greets_as_reapys_client_expects(server: LinkServer) -> None:
    assert Peer(server).greeting.startswith(b"('127.0.0.1'")


def test_the_token_opens_the_dispatch(server: LinkServer) -> None:
    answer = Peer(server).ask(call("stemkit.reaper.inside", "dispatch", TOKEN, "nothing", "{}"))
    assert answer["type"] == "result"
    assert json.loads(answer["value"])["code"] == "error"  # it was asked, and knows no such question


ATTACKS: list[Any] = [
    call("builtins", "exec", "open('owned', 'w')"),
    call("builtins", "eval", "__import__('os').getpid()"),
    call("os", "system", "touch owned"),
    call("os", "getpid"),
    call("subprocess", "check_output", ["id"]),
    call("stemkit.reaper.inside", "dispatch", "wrong", "snapshot", "{}"),
    call("stemkit.reaper.inside", "dispatch", "", "snapshot", "{}"),
    call("stemkit.reaper.inside", "dispatch", None, "snapshot", "{}"),
    call("stemkit.reaper.inside", "dispatch"),
    call("stemkit.reaper.inside", "shut_down"),
    call("stemkit_inside", "dispatch", TOKEN, "snapshot", "{}"),
    call("reapy.reascript_api", "ShowConsoleMsg", "x"),
    call("reapy.reascript_api", "_get_api_names.__globals__"),
    {"function": "HOLD", "input": None},
    {"function": "RELEASE", "input": None},
    {"function": {"__callable__": True}, "input": {}},
    {"__reapy__": True, "class": "Project", "args": [], "kwargs": {}},
    {"__callable__": True, "module_name": "antigravity", "name": "x"},
    [],
    None,
    b"no json",
    b"\xff\xfe",
    b"[" * 5000,
]


@pytest.mark.parametrize("request_", ATTACKS, ids=lambda r: str(r)[:60])
def test_nothing_else_runs(request_: Any, server: LinkServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    peer = Peer(server)
    assert peer.ask(request_)["type"] == "error"
    assert list(tmp_path.iterdir()) == []
    assert works(server)


def leave_at_once(server: LinkServer) -> None:
    connected(server).close()


def reset_at_once(server: LinkServer) -> None:
    peer = connected(server)
    peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    peer.close()


def speak_http(server: LinkServer) -> None:
    connected(server).send(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")


def claim_nothing(server: LinkServer) -> None:
    connected(server).send(bytes(8))


def claim_too_much(server: LinkServer) -> None:
    connected(server).send((1 << 62).to_bytes(8, "little"))


def stop_inside_a_message(server: LinkServer) -> None:
    peer = connected(server)
    peer.send((1 << 20).to_bytes(8, "little") + b"half")


def ask_and_leave(server: LinkServer) -> None:
    peer = Peer(server)
    data = json.dumps(call("stemkit.reaper.inside", "dispatch", TOKEN, "nothing", "{}")).encode()
    peer.socket.send(len(data).to_bytes(8, "little") + data)
    peer.socket.close()


def many_that_say_nothing(server: LinkServer) -> None:
    for _ in range(20):
        connected(server)


PEERS = [
    leave_at_once, reset_at_once, speak_http, claim_nothing, claim_too_much, stop_inside_a_message, ask_and_leave,
    many_that_say_nothing,
]  # fmt: skip


@pytest.mark.parametrize("misbehave", PEERS, ids=lambda f: f.__name__)
def test_no_peer_ends_it(misbehave: Callable[[LinkServer], None], server: LinkServer) -> None:
    misbehave(server)
    for _ in range(5):
        server.step()
    assert works(server)


@pytest.mark.parametrize("misbehave", [claim_nothing, claim_too_much, speak_http], ids=lambda f: f.__name__)
def test_a_length_that_nobody_sends_ends_the_talk_at_once(
    misbehave: Callable[[LinkServer], None], server: LinkServer
) -> None:
    """Else the peer could fill the memory, byte by byte, until the message is whole."""
    misbehave(server)
    for _ in range(5):
        server.step()
    assert server._peers == []


def test_a_tick_with_a_stalled_peer_takes_no_time(server: LinkServer) -> None:
    stop_inside_a_message(server)
    server.step()
    best_s = 60.0
    for _ in range(10):  # a busy machine may be slow once
        start_s = time.perf_counter()
        for _ in range(20):
            server.step()
        best_s = min(best_s, time.perf_counter() - start_s)
    assert best_s < 0.5


def test_a_stalled_peer_is_dropped_in_the_end(server: LinkServer) -> None:
    stop_inside_a_message(server)
    for _ in range(server_module._IDLE_TICKS + 5):
        server.step()
    assert server._peers == []


def test_a_crowd_is_turned_away(server: LinkServer) -> None:
    crowd = [connected(server) for _ in range(server_module._MAX_PEERS + 5)]
    for _ in range(20):
        server.step()
    assert len(server._peers) == server_module._MAX_PEERS
    for peer in crowd:
        peer.close()
    for _ in range(20):
        server.step()
    assert works(server)


def test_reloading_needs_the_token_and_loads_again(server: LinkServer) -> None:
    before = server.inside
    assert Peer(server).ask(call("stemkit.reaper.inside", "dispatch", "wrong", "reload", "{}"))["type"] == "error"
    assert server.inside is before
    assert Peer(server).ask(call("stemkit.reaper.inside", "dispatch", TOKEN, "reload", "{}"))["type"] == "result"
    assert server.inside is not before


def test_the_loaded_code_is_a_package_of_its_own() -> None:
    module = load_inside(FOLDER)
    assert module.__name__ == "stemkit_inside"
    assert json.loads(module.dispatch("nothing", "{}"))["ok"] is False


@pytest.mark.skipif(os.name == "nt", reason="Windows keeps the user's folders to the user by its own means")
def test_only_the_user_can_read_the_token(tmp_path: Path) -> None:
    path = tmp_path / "link.json"
    old = os.umask(0)
    try:
        _publish(path, {"token": TOKEN})
        _publish(path, {"token": TOKEN})
    finally:
        os.umask(old)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [p.name for p in tmp_path.iterdir()] == ["link.json"]
