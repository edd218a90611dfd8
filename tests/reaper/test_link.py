"""From outside: every reason why REAPER does not answer is told apart, in time, and nothing hangs."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unittest.mock import ANY

import pytest

from stemkit.model.delivery import Choices
from stemkit.reaper import link_find
from stemkit.reaper.link import LinkError, open_link
from stemkit.reaper.link_find import ClosedDoor, Door, find_door
from stemkit.reaper.live import session_from_snapshot
from stemkit.reaper.live_engine import LiveEngine
from stemkit.reaper.resource_paths import RESOURCE_VARIABLE, standard_resource_path
from stemkit.render.planner import make_plan
from tests.fakereaper.running import ROOT, RunningReaper, running_reaper
from tests.fakereaper.songs import write_song

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="module")
def reaper(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningReaper]:
    folder = tmp_path_factory.mktemp("link")
    with running_reaper(write_song(folder / "song"), folder / "resource") as running:
        yield running


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def web_interface(states: dict[str, str], *, delay_s: float = 0.0) -> Iterator[int]:
    """REAPER's web interface with the ext states that a set-up leaves."""

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_: Any) -> None:
            pass

        def do_GET(self) -> None:
            time.sleep(delay_s)
            value = states.get(self.path.rsplit("/", 1)[-1], "")
            data = f"EXTSTATE\treapy\tx\t{value}\n".encode()
            try:
                self.send_response(200)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)
            except OSError:
                pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield int(server.server_address[1])
    finally:
        server.shutdown()
        server.server_close()


@pytest.fixture
def nobody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(RESOURCE_VARIABLE, str(tmp_path))
    monkeypatch.setattr(link_find, "reaper_runs", lambda: False)


def code_of(found: Door | ClosedDoor) -> str:
    assert isinstance(found, ClosedDoor)
    assert found.message.endswith(".")
    return found.code


@pytest.mark.usefixtures("nobody")
def test_nobody_there() -> None:
    assert code_of(find_door(free_port())) == "not_running"


@pytest.mark.usefixtures("nobody")
def test_reaper_runs_without_our_link(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(link_find, "reaper_runs", lambda: True)
    assert code_of(find_door(free_port())) == "link_off"


@pytest.mark.usefixtures("nobody")
def test_a_web_interface_in_which_reapy_was_never_set_up() -> None:
    with web_interface({}) as port:
        assert code_of(find_door(port)) == "not_set_up"


@pytest.mark.usefixtures("nobody")
def test_a_reaper_that_cannot_run_python() -> None:
    with web_interface({"activate_reapy_server": '"_RSx"'}) as port:
        assert code_of(find_door(port)) == "no_python"


@pytest.mark.usefixtures("nobody")
def test_a_web_interface_that_does_not_answer() -> None:
    with web_interface({}, delay_s=1.5) as port:
        start = time.perf_counter()
        assert code_of(find_door(port)) == "busy"
        assert time.perf_counter() - start < 30.0


@pytest.mark.usefixtures("nobody")
def test_a_port_that_listens_and_is_not_served() -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        with web_interface({"server_port": str(silent.getsockname()[1])}) as port:
            assert code_of(find_door(port)) == "busy"


@pytest.mark.usefixtures("nobody")
@pytest.mark.parametrize("text", ["", "no json", "[]", '{"port": "x"}', '{"port": 1, "token": "x", "pid": 999999999}'])
def test_a_file_that_a_dead_reaper_left_says_nothing(text: str, tmp_path: Path) -> None:
    (tmp_path / "stemkit").mkdir()
    (tmp_path / "stemkit" / "link.json").write_text(text)
    assert code_of(find_door(free_port())) == "not_running"


def test_the_open_project_in_one_trip(reaper: RunningReaper, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(RESOURCE_VARIABLE, str(reaper.resource))
    with open_link() as link:
        assert link.own
        assert link.shake_hands()["reaper"].startswith("7.78")
        assert [track["name"] for track in link.ask("snapshot")["tracks"]][:2] == ["Drums", "Kick"]


def test_a_no_from_inside_has_its_code(reaper: RunningReaper, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(RESOURCE_VARIABLE, str(reaper.resource))
    with open_link() as link, pytest.raises(LinkError, match="forgot") as caught:
        link.ask("render_status")
    assert caught.value.code == "no_render"
    assert caught.value.exit_code == 3


def test_a_wrong_token_is_refused(reaper: RunningReaper, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    facts = json.loads((reaper.resource / "stemkit" / "link.json").read_text())
    (tmp_path / "stemkit").mkdir()
    (tmp_path / "stemkit" / "link.json").write_text(json.dumps(facts | {"token": "wrong"}))
    monkeypatch.setenv(RESOURCE_VARIABLE, str(tmp_path))
    with open_link() as link, pytest.raises(LinkError, match="token is wrong"):
        link.ask("snapshot")


def test_a_busy_reaper_is_told_in_time_and_answers_later(
    reaper: RunningReaper, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(RESOURCE_VARIABLE, str(reaper.resource))
    with open_link() as link:
        os.kill(reaper.process.pid, signal.SIGSTOP)
        try:
            start = time.perf_counter()
            with pytest.raises(LinkError, match="dialog is open"):
                link.ask("hello", timeout_s=0.3)
            with pytest.raises(LinkError, match="dialog is open"):
                open_link()
            assert time.perf_counter() - start < 30.0
        finally:
            os.kill(reaper.process.pid, signal.SIGCONT)
    with open_link() as link:
        assert link.ask("hello")["rendering"] is False


def test_waiting_watches_and_can_be_ended(reaper: RunningReaper, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(RESOURCE_VARIABLE, str(reaper.resource))
    seen: list[float] = []

    def look() -> None:
        seen.append(time.monotonic())
        if len(seen) == 2:
            raise LinkError("stalled", "enough.")

    with open_link() as link:
        reaper.order("freeze", seconds=2.0)
        time.sleep(0.1)
        with pytest.raises(LinkError, match="enough"):
            link.ask("hello", while_waiting=look)


def test_a_reaper_that_dies_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with running_reaper(write_song(tmp_path / "song"), tmp_path / "resource") as running:
        monkeypatch.setenv(RESOURCE_VARIABLE, str(running.resource))
        with open_link() as link:
            running.kill()
            with pytest.raises(LinkError) as caught:
                link.ask("snapshot")
            assert caught.value.code == "lost"


def test_other_code_inside_is_loaded_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """REAPER started with yesterday's code; the link sees it and has it loaded again."""
    import shutil

    old = tmp_path / "old"
    old.mkdir()
    for path in (ROOT / "stemkit" / "reaper").glob("*.py"):
        if path.name.startswith("inside") or path.name == "server.py":
            shutil.copy(path, old)
    new_text = (old / "inside.py").read_text()
    (old / "inside.py").write_text(new_text + "\n# yesterday\n")
    monkeypatch.setattr("tests.fakereaper.running.INSIDE", old)
    with running_reaper(write_song(tmp_path / "song"), tmp_path / "resource") as running:
        monkeypatch.setenv(RESOURCE_VARIABLE, str(running.resource))
        with open_link() as link, pytest.raises(LinkError, match="another version"):
            link.shake_hands()
        (old / "inside.py").write_text(new_text)
        with open_link() as link:
            assert link.shake_hands()["rendering"] is False


def test_reapys_own_server_works_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the user has reapy set up with REAPER's web interface, nothing of ours has to run."""
    web, port = free_port(), free_port()
    monkeypatch.setenv("REAPY_TEST_PORT", str(port))
    monkeypatch.setenv(RESOURCE_VARIABLE, str(tmp_path / "resource"))
    monkeypatch.setattr("stemkit.reaper.link.find_door", lambda: find_door(web))
    script = ROOT / "tests" / "fakereaper" / "scripts" / "start_reapy.py"
    options = ["--web-port", str(web), "--action", f"_RSx={script}", "--ext", 'reapy/activate_reapy_server="_RSx"']
    with (
        running_reaper(write_song(tmp_path / "song"), tmp_path / "resource", *options, link=False),
        open_link() as link,
    ):
        assert not link.own
        assert link.shake_hands()["rendering"] is False
        before = link.ask("snapshot")
        assert len(before["tracks"]) == 7
        session = session_from_snapshot(before)
        plan = make_plan(session, Choices(tail="none"), media={}, project_name="Song", gain="none")
        (mix,) = LiveEngine().render(session, plan, tmp_path / "staging", keys=frozenset({"proof_mix"}))
        assert mix.frames == plan.bounds.frames
        link.shake_hands()  # the code that is loaded stays, with what it knows
        assert link.ask("render_status")["state"] == "done"
        assert link.ask("snapshot") == before | {"seconds": ANY}


@pytest.mark.usefixtures("nobody")
def test_importing_the_link_does_not_import_reapy() -> None:
    script = "import sys, stemkit.reaper.link, stemkit.reaper.live_engine; print('reapy' in sys.modules)"
    told = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=True)
    assert told.stdout.strip() == "False"


def test_render_live_without_reaper_ends_in_three_seconds(tmp_path: Path) -> None:
    script = "import sys; from stemkit.cli.entry import run; sys.exit(run(sys.argv[1:]))"
    command = [sys.executable, "-c", script, "render", "--live", "-o", str(tmp_path / "out")]
    environment = os.environ | {RESOURCE_VARIABLE: str(tmp_path / "none")}
    took: list[float] = []
    used: list[float] = []
    while not took or (min(took) > 3.0 and len(took) < 4):  # again, should the machine be busy with other things
        start_s, before = time.perf_counter(), os.times()
        done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False, env=environment)
        took.append(time.perf_counter() - start_s)
        after = os.times()
        used.append(after.children_user + after.children_system - before.children_user - before.children_system)
        assert done.returncode == 3
        assert "REAPER is not running; start it" in done.stderr
        assert not (tmp_path / "out").exists()
    # Where the machine never gave it three seconds of its own, it may not have used two of them, nor waited long.
    assert min(took) < 3.0 or (min(used) < 2.0 and min(took) < 30.0)


@pytest.mark.parametrize(
    ("platform", "expected"),
    [
        ("win32", "AppData/Roaming/REAPER"),
        ("darwin", "Library/Application Support/REAPER"),
        ("linux", ".config/REAPER"),
    ],
)
def test_where_each_system_keeps_the_settings(
    platform: str, expected: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("APPDATA", raising=False)
    assert standard_resource_path(platform, tmp_path) == tmp_path / expected
