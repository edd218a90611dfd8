"""The link script's server: reapy's protocol on the loopback interface, behind a token. Runs inside REAPER.

reapy's own server listens on every interface, runs whatever a peer names, and ends with the first peer that
misbehaves. This one keeps its protocol (8 bytes of length, then JSON; a greeting first), so that reapy's client
works unchanged, and runs two things: the list of function names that the client asks for when it is imported, and
`inside.dispatch` for peers that know the token. Every tick does a bounded amount of work and waits for nobody.
"""

from __future__ import annotations

import hmac
import importlib.util
import json
import os
import secrets
import select
import socket
import sys
import time
import traceback
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from types import ModuleType

__all__ = ["LINK_NAME", "LinkServer", "load_inside", "serve"]

LINK_NAME = "link.json"
_PACKAGE = "stemkit_inside"
_MAX_REQUEST_BYTES = 64 * 1024 * 1024
_MAX_PEERS = 32
_ACCEPTS_A_TICK = 8
_BYTES_A_TICK = 4 * 1024 * 1024
_SECONDS_A_TICK = 0.25  # spent on one big answer to a peer that keeps taking it
_SECONDS_FOR_MORE = 0.02
_RECEIVE_BYTES = 256 * 1024
_IDLE_TICKS = 900  # about half a minute: a peer that stalls inside a message is dropped then
_NAMES = ("reapy.reascript_api", "_get_api_names")
_DISPATCH = ("stemkit.reaper.inside", "dispatch")


def load_inside(folder: Path) -> ModuleType:
    """Load, or load again, the code that answers; its modules import each other as siblings.

    Parameters
    ----------
    folder
        Where `inside.py` lies. Nothing else of that folder's package is imported, so REAPER's Python needs none of
        stemkit's requirements.
    """
    for name in [n for n in sys.modules if n == _PACKAGE or n.startswith(_PACKAGE + ".")]:
        del sys.modules[name]
    spec = importlib.util.spec_from_file_location(
        _PACKAGE, str(folder / "inside.py"), submodule_search_locations=[str(folder)]
    )
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[_PACKAGE] = module
    spec.loader.exec_module(module)
    return module


class _Peer:
    """One connection with what it sent and what it has not taken yet."""

    def __init__(self, connection: socket.socket) -> None:
        self.socket = connection
        self.received = bytearray()
        self.waiting = bytearray()
        self.idle_ticks = 0

    def queue(self, data: bytes) -> None:
        self.waiting += len(data).to_bytes(8, "little") + data

    def send(self) -> None:
        """Send what the peer takes. Only a peer that takes something is waited for, and only for a moment."""
        deadline = time.monotonic() + _SECONDS_A_TICK
        while self.waiting and time.monotonic() < deadline:
            try:
                sent = self.socket.send(self.waiting)
            except BlockingIOError:
                return
            del self.waiting[:sent]
            self.idle_ticks = 0
            if self.waiting:
                select.select([], [self.socket], [], _SECONDS_FOR_MORE)

    def receive(self) -> bytes | None:
        """Take what came; return one whole message if there is one.

        Raises
        ------
        OSError
            The peer left, or sends what is no message.
        """
        came = 0
        while came < _BYTES_A_TICK:
            try:
                data = self.socket.recv(_RECEIVE_BYTES)
            except BlockingIOError:
                break
            if not data:
                raise ConnectionAbortedError
            self.received += data
            self.idle_ticks = 0
            came += len(data)
        if len(self.received) < 8:
            return None
        length = int.from_bytes(self.received[:8], "little")
        if not 0 < length <= _MAX_REQUEST_BYTES:
            raise ConnectionAbortedError
        if len(self.received) < 8 + length:
            return None
        message = bytes(self.received[8 : 8 + length])
        del self.received[: 8 + length]
        return message


class LinkServer:
    """A server for reapy's client that survives every peer.

    Parameters
    ----------
    token
        What a peer has to know for anything but the names of REAPER's functions.
    inside_folder
        Where `inside.py` lies.
    port
        0 lets the system choose.
    """

    def __init__(self, token: str, inside_folder: Path, port: int = 0) -> None:
        self._token = token
        self._folder = inside_folder
        self._peers: list[_Peer] = []
        self._socket = socket.socket()
        if os.name != "nt":  # on Windows the option would let another program share the port
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._socket.bind(("127.0.0.1", port))
        self._socket.listen()
        self._socket.setblocking(False)
        self.inside = load_inside(inside_folder)

    @property
    def port(self) -> int:
        """The port that the system gave."""
        return int(self._socket.getsockname()[1])

    def step(self) -> None:
        """Do one tick's work: new peers, one message a peer, one step of a render."""
        self._accept_some()
        for peer in list(self._peers):
            if not self._is_served(peer):
                self._drop(peer)
        self.inside.tick()

    def stop(self) -> None:
        """Restore what a render changed and close everything."""
        self.inside.shut_down()
        for peer in list(self._peers):
            self._drop(peer)
        self._socket.close()

    def _accept_some(self) -> None:
        for _ in range(_ACCEPTS_A_TICK):
            try:
                connection, address = self._socket.accept()
            except OSError:  # nobody there, or gone already
                return
            if len(self._peers) >= _MAX_PEERS:
                connection.close()
                continue
            connection.setblocking(False)
            peer = _Peer(connection)
            peer.queue(str(address).encode("ascii"))
            self._peers.append(peer)

    def _is_served(self, peer: _Peer) -> bool:
        """Answer what a peer asks; False when it left, broke the protocol, or stalls inside a message."""
        peer.idle_ticks += 1
        try:
            peer.send()
            message = peer.receive()
            if message is not None:
                peer.queue(self._answer(message))
                peer.send()
        except OSError:
            return False
        return not ((peer.received or peer.waiting) and peer.idle_ticks > _IDLE_TICKS)

    def _drop(self, peer: _Peer) -> None:
        self._peers.remove(peer)
        peer.socket.close()

    def _answer(self, message: bytes) -> bytes:
        try:
            request = json.loads(message.decode("utf-8"))
            result = {"type": "result", "value": self._run(request)}
        except Exception:  # noqa: BLE001  (reapy's client knows this form, and nothing may end the loop)
            result = {"type": "error", "traceback": traceback.format_exc(limit=-1)}
        return json.dumps(result).encode("ascii")

    def _run(self, request: dict[str, Any]) -> Any:
        """Run one of the two things that are allowed; names are compared and never looked up."""
        function = request["function"]
        asked = (function["module_name"], function["name"]) if isinstance(function, dict) else (None, function)
        if asked == _NAMES:
            from reapy import reascript_api  # noqa: PLC0415  (only now is it certain that reapy is complete)

            return list(reascript_api.__all__)
        if asked != _DISPATCH:
            raise PermissionError("this link runs stemkit's questions only")
        token, name, payload = request["input"]["args"]
        if not hmac.compare_digest(str(token).encode(), self._token.encode()):
            raise PermissionError("the token is wrong")
        if name == "reload":
            return self._reload()
        return self.inside.dispatch(str(name), str(payload))

    def _reload(self) -> str:
        self.inside.shut_down()
        self.inside = load_inside(self._folder)
        answer: str = self.inside.dispatch("hello", "{}")
        return answer


def _publish(path: Path, facts: dict[str, Any]) -> None:
    """Write the file that lets the user's own programs in, readable to the user alone."""
    part = path.with_suffix(".part")
    part.unlink(missing_ok=True)
    with os.fdopen(os.open(str(part), os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as stream:
        json.dump(facts, stream)
    part.replace(path)


def serve(inside_folder: Path) -> LinkServer:
    """Start the link in a running REAPER and keep it going with REAPER's timer.

    Parameters
    ----------
    inside_folder
        Where `inside.py` lies.
    """
    import reapy  # noqa: PLC0415  (outside REAPER the import itself would open a connection)
    from reapy import reascript_api  # noqa: PLC0415  (as above)

    rpr: Any = reascript_api

    token = secrets.token_hex(16)
    server = LinkServer(token, inside_folder)
    home = Path(rpr.GetResourcePath()) / "stemkit"
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    link = home / LINK_NAME
    _publish(link, {"port": server.port, "token": token, "pid": os.getpid(), "reaper": rpr.GetAppVersion()})

    def loop() -> None:
        server.step()
        reapy.defer(loop)

    def close() -> None:
        link.unlink(missing_ok=True)
        server.stop()

    reapy.at_exit(close)
    loop()
    return server
