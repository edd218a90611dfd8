"""Start and stop a pretend REAPER for a test."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from stemkit.reaper.resource_paths import RESOURCE_VARIABLE

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["ROOT", "RunningReaper", "running_reaper"]

ROOT = Path(__file__).resolve().parents[2]
INSIDE = ROOT / "stemkit" / "reaper"


class RunningReaper:
    """The process, and the folder by which a test steers it."""

    def __init__(self, process: subprocess.Popen[str], resource: Path) -> None:
        self.process, self.resource = process, resource
        self._orders = 0

    @property
    def environment(self) -> dict[str, str]:
        return os.environ | {RESOURCE_VARIABLE: str(self.resource)}

    @property
    def journal(self) -> Path:
        return self.resource / "stemkit" / "journal.json"

    def order(self, do: str, **facts: Any) -> None:
        """Give an order and wait until it is taken."""
        self._orders += 1
        path = self.resource / "control" / f"{self._orders:04d}.json"
        part = path.with_suffix(".part")
        part.write_text(json.dumps({"do": do, **facts}), encoding="utf-8")
        part.replace(path)
        if do not in {"freeze", "quit"}:
            self.wait_for(lambda: not path.exists(), f"the order {do}")

    def close_dialog(self) -> None:
        (self.resource / "control" / "close").touch()

    def log(self) -> str:
        path = self.resource / "host.log"
        return path.read_text(encoding="utf-8") if path.exists() else ""

    def wait_for(self, condition: Any, what: str, seconds: float = 60.0) -> None:
        end = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < end, f"{what} did not happen; log: {self.log()}"
            time.sleep(0.005)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait(60)


@contextmanager
def running_reaper(
    project: Path, resource: Path, *options: str, link: bool = True, hz: float = 300.0
) -> Iterator[RunningReaper]:
    """Run a pretend REAPER with a project open and, if wanted, our link started."""
    resource.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "tests.fakereaper.host", str(project), "--resource", str(resource)]
    command += ["--hz", str(hz), *options]
    if link:
        command += ["--start", str(ROOT / "tests" / "fakereaper" / "scripts" / "start_link.py")]
    environment = os.environ | {"STEMKIT_INSIDE": str(INSIDE), "PYTHONPATH": str(ROOT)}
    with (resource / "stderr.txt").open("w") as errors:
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors, text=True, env=environment, cwd=ROOT)
    running = RunningReaper(process, resource)
    try:
        assert process.stdout is not None
        line = process.stdout.readline()  # ends with the process, if it cannot start
        assert line.strip() == "READY", (resource / "stderr.txt").read_text()
        yield running
    finally:
        process.kill()
        process.wait(60)
        if process.stdout is not None:
            process.stdout.close()
