"""The pretend REAPER as a process: main loop, deferred scripts, actions, web interface.

``python -m tests.fakereaper.host PROJECT --resource DIR`` prints READY once its scripts run. Tests steer it through
the folder ``DIR/control``: each ``*.json`` file there is one order, taken at a tick.
"""

from __future__ import annotations

import argparse
import json
import os
import queue
import sys
import threading
import time
import traceback
import types
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from stemkit.reaper import inside_api
from tests.fakereaper.api import FakeApi
from tests.fakereaper.binding import build
from tests.fakereaper.process import functions
from tests.fakereaper.project_loader import load
from tests.fakereaper.rendering import DialogError, Renderer

__all__ = ["Host", "main"]

RENDER = 42230


class Script:
    """A running ReaScript with its own `__main__`."""

    def __init__(self, host: Host, path: Path) -> None:
        self._host, self._path = host, path
        self.deferred: list[str] = []
        self.at_exit: list[str] = []
        self.alive = True
        self.main = types.ModuleType("__main__")
        self.main.__dict__.update(
            {name: value for name, value in sys.modules["reaper_python"].__dict__.items() if name.startswith("RPR_")}
        )
        self.main.__dict__.update(
            __file__=str(path), obj=object(), RPR_defer=self.deferred.append, RPR_atexit=self.at_exit.append
        )

    def run(self, code: Any) -> None:
        saved = sys.modules["__main__"]
        sys.modules["__main__"] = self.main
        try:
            exec(code, self.main.__dict__)
        except Exception:
            self.alive = False
            self._host.log(f"script error in {self._path.name}: {traceback.format_exc()}")
        finally:
            sys.modules["__main__"] = saved

    def start(self) -> None:
        self.run(compile(self._path.read_text(encoding="utf-8"), str(self._path), "exec"))

    def tick(self) -> None:
        work, self.deferred[:] = self.deferred[:], []
        for code in work:
            if self.alive:
                self.run(code)

    def stop(self) -> None:
        for code in self.at_exit:
            self.run(code)


class Host:
    """The process's main loop."""

    def __init__(self, api: FakeApi, hz: float) -> None:
        self.api, self._period = api, 1 / hz
        self._renderer = Renderer(api)
        self._scripts: list[Script] = []
        self._actions: dict[str, Path] = {}
        self._orders = queue.Queue[Any]()
        self._control = api.resource_path / "control"
        self._control.mkdir(parents=True, exist_ok=True)
        self._on_render: list[str] = []
        self._quit = False
        self._hold = ""
        self._told_hold = ""
        api.run_action = self._run_command
        api.targets = self._renderer.targets
        api.ask = self._wait_for_user
        sys.modules["reaper_python"] = build(api)
        found = functions(api)
        inside_api.functions = lambda: found  # the renderer's way to the state; scripts go through reapy

    def log(self, text: str) -> None:
        with (self.api.resource_path / "host.log").open("a", encoding="utf-8") as stream:
            stream.write(text.rstrip() + "\n")

    def add_action(self, name: str, path: Path) -> None:
        self._actions[name] = path

    def start(self, path: Path) -> None:
        script = Script(self, path)
        script.start()
        if script.alive:
            self._scripts.append(script)

    def on_main(self, work: Any) -> Any:
        """Run something on the main loop and wait for it, as the web interface does."""
        done = threading.Event()
        box: list[Any] = []

        def job() -> None:
            box.append(work())
            done.set()

        self._orders.put(job)
        return box[0] if done.wait(10) else ""

    def _run_command(self, command: int) -> None:
        if command != RENDER:
            return
        self.log("render")
        fault = self._on_render.pop(0) if self._on_render else ""
        if fault == "die":
            os._exit(9)
        if fault == "cancel":
            return
        if fault.startswith("dialog"):
            self._wait_for_user(fault)
            return
        if fault.startswith("slow"):
            time.sleep(float(fault.split()[1]))
        try:
            written = self._renderer.render()
        except DialogError as dialog:
            self._wait_for_user(str(dialog))
            return
        if fault == "crash":  # a plug-in takes REAPER with it
            os._exit(139)
        if fault == "drop":
            written[-1].unlink()
        if fault == "short":
            os.truncate(written[0], written[0].stat().st_size // 2)
        self.log(f"rendered {len(written)}")

    def _wait_for_user(self, title: str) -> None:
        """Block, as a modal dialog does, until the order to close it comes."""
        self.log(f"dialog: {title}")
        while not (self._control / "close").exists():
            time.sleep(0.01)
        (self._control / "close").unlink()

    def loop(self) -> None:
        next_tick = time.perf_counter()
        while not self._quit:
            while not self._orders.empty():
                self._orders.get()()
            self._take_orders()
            if not self._is_held():
                for script in self._scripts:
                    script.tick()
            self._scripts = [s for s in self._scripts if s.alive and s.deferred]
            self.api.end_tick()
            next_tick = max(next_tick + self._period, time.perf_counter())
            time.sleep(max(0.0, next_tick - time.perf_counter()))
        for script in self._scripts:
            script.stop()

    def _is_held(self) -> bool:
        """Tell whether the render is in the state in which a test wants to look at it."""
        inside = sys.modules.get("stemkit_inside")
        machine = inside._Current.machine if inside is not None else None
        held = bool(self._hold) and machine is not None and machine.state == self._hold
        if held and self._told_hold != self._hold:
            self.log(f"held {self._hold}")
        self._told_hold = self._hold if held else ""
        return held

    def _order_hold(self, state: str) -> None:
        self._hold = state

    def _take_orders(self) -> None:
        for path in sorted(self._control.glob("*.json")):
            order = json.loads(path.read_text(encoding="utf-8"))
            path.unlink()
            getattr(self, "_order_" + order.pop("do"))(**order)

    def _order_set(self, track: int, key: str, value: float) -> None:
        self.api.project.tracks[track].values[key] = value

    def _order_on_render(self, faults: list[str]) -> None:
        self._on_render = faults

    def _order_deaf(self, keys: list[str]) -> None:
        self.api.deaf = frozenset(keys)

    def _order_disk(self, bytes_a_file: int) -> None:
        """Let no file grow beyond a size, as on a full disk; -1 takes the limit away."""
        import resource  # not on Windows

        resource.setrlimit(resource.RLIMIT_FSIZE, (bytes_a_file, resource.RLIM_INFINITY))

    def _order_quit(self) -> None:
        self._quit = True

    def _order_freeze(self, seconds: float) -> None:
        time.sleep(seconds)

    def _order_stop_scripts(self) -> None:
        for script in self._scripts:
            script.stop()
        self._scripts = []

    def run_action(self, name: str) -> None:
        path = self._actions.get(name.strip('"'))
        if path is not None:
            self.start(path)


def serve_web(host: Host, port: int) -> ThreadingHTTPServer:
    """REAPER's web interface, as far as reapy asks it."""

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_: Any) -> None:
            pass

        def do_GET(self) -> None:
            parts = [unquote(part) for part in self.path.split("/")[2:]]
            body = ""
            if parts[:2] == ["GET", "EXTSTATE"]:
                value = host.on_main(lambda: host.api.GetExtState(parts[2], parts[3]))
                body = f"EXTSTATE\t{parts[2]}\t{parts[3]}\t{value}\n"
            else:
                host.on_main(lambda: host.run_action(parts[0]))
            data = body.encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("project", type=Path)
    parser.add_argument("--resource", type=Path, required=True)
    parser.add_argument("--hz", type=float, default=300.0)
    parser.add_argument("--start", type=Path, action="append", default=[], help="a ReaScript to start")
    parser.add_argument("--action", action="append", default=[], help="NAME=SCRIPT")
    parser.add_argument("--ext", action="append", default=[], help="SECTION/KEY=VALUE")
    parser.add_argument("--web-port", type=int)
    parser.add_argument(
        "--type", action="append", default=[], help="what its user types into dialogs, one after another"
    )
    parser.add_argument("--quirk", action="append", default=[], help="in what this REAPER is not as stemkit assumes")
    parser.add_argument("--lacking", action="append", default=[], help="functions that this REAPER is too old for")
    arguments = parser.parse_args()
    api = FakeApi(load(arguments.project), arguments.resource)
    api.lacking = frozenset(arguments.lacking)
    api.quirks = frozenset(arguments.quirk)
    api.answers = arguments.type
    host = Host(api, arguments.hz)
    for entry in arguments.action:
        name, _, path = entry.partition("=")
        host.add_action(name, Path(path))
    for entry in arguments.ext:
        place, _, value = entry.partition("=")
        section, _, key = place.partition("/")
        api.SetExtState(section, key, value, 1)
    if arguments.web_port:
        serve_web(host, arguments.web_port)
    for script in arguments.start:
        host.start(script)
    print("READY", flush=True)
    host.loop()


if __name__ == "__main__":
    main()
