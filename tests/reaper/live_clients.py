"""What the tests of live renders share: questions to the pretend REAPER, and a stemkit in a process of its own."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING, Any

from stemkit.model.delivery import Choices
from stemkit.reaper.link import open_link
from stemkit.render.planner import make_plan
from tests.fakereaper.running import ROOT

if TYPE_CHECKING:
    from pathlib import Path

    from stemkit.model.plan import RenderPlan
    from stemkit.model.session import Session
    from tests.fakereaper.running import RunningReaper

__all__ = ["STATES", "Client", "command_line", "held_client", "planned", "told"]


def told() -> dict[str, Any]:
    with open_link() as link:
        facts: dict[str, Any] = link.ask("snapshot")
    facts.pop("seconds")
    return facts


def planned(session: Session, **choices: Any) -> RenderPlan:
    return make_plan(session, Choices(**{"tail": "none"} | choices), media={}, project_name="Song", gain="none")


class Client:
    """A stemkit in a process of its own."""

    def __init__(self, reaper: RunningReaper, folder: Path, heartbeat_s: float = 60.0) -> None:
        self._errors = folder.with_suffix(".errors")
        script = ROOT / "tests" / "reaper" / "live_client.py"
        with self._errors.open("w") as errors:
            self.process = subprocess.Popen(
                [sys.executable, str(script), str(folder), str(heartbeat_s)],
                env=reaper.environment | {"PYTHONPATH": str(ROOT)}, stderr=errors,
            )  # fmt: skip

    def errors(self) -> str:
        return self._errors.read_text()


def held_client(reaper: RunningReaper, folder: Path, state: str, heartbeat_s: float = 60.0) -> Client:
    """Start a stemkit and stop REAPER's scripts in a state of the render, or REAPER itself while it renders."""
    told = "render\n" if state == "rendering" else f"held {state}\n"
    before = reaper.log().count(told)
    if state == "rendering":
        reaper.order("on_render", faults=["slow 1.5"])
    else:
        reaper.order("hold", state=state)
    client = Client(reaper, folder, heartbeat_s)
    reaper.wait_for(lambda: reaper.log().count(told) > before, f"the state {state}")
    return client


# Between two ticks, and in the action that renders. "record" begins and ends within one tick, before any change.
STATES = ["set_up", "armed", "rendering", "look", "restore"]


def command_line(running: RunningReaper, *arguments: str) -> subprocess.CompletedProcess[str]:
    script = "import sys; from stemkit.cli.entry import run; sys.exit(run(sys.argv[1:]))"
    return subprocess.run(
        [sys.executable, "-c", script, *arguments],
        capture_output=True, text=True, timeout=600, check=False, env=running.environment,
    )  # fmt: skip
