"""A job for the machine inside, made of a real plan, and a way to run it tick by tick in the test's own process."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from stemkit.model.delivery import Choices
from stemkit.reaper import inside_render
from stemkit.reaper.inside_snapshot import snapshot
from stemkit.reaper.live import session_from_snapshot
from stemkit.reaper.live_job import make_job
from stemkit.render.planner import make_plan
from tests.fakereaper.process import open_here, renders

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from stemkit.model.plan import RenderPlan
    from stemkit.model.session import Session
    from stemkit.reaper.inside_render import Machine
    from tests.fakereaper.api import FakeApi

__all__ = ["Bench", "bench", "facts"]


def facts() -> dict[str, Any]:
    """Everything that a snapshot tells, as JSON carries it."""
    found: dict[str, Any] = json.loads(json.dumps(snapshot()))
    return found


@dataclass
class Bench:
    """A project open in a pretend REAPER, planned, with the job that renders it."""

    api: FakeApi
    session: Session
    plan: RenderPlan
    job: dict[str, Any]
    keys_of_pass: dict[str, dict[str, tuple[str, ...]]]
    before: dict[str, Any]

    @property
    def journal(self) -> Path:
        return self.api.resource_path / "stemkit" / "journal.json"

    def machine(self) -> Machine:
        return inside_render.Machine(json.loads(json.dumps(self.job)))

    def tick(self, machine: Machine) -> None:
        """One tick of REAPER; pointers do not survive it."""
        machine.step()
        self.api.end_tick()

    def run(self, machine: Machine, *, alive: bool = True) -> None:
        for _ in range(200):
            if machine.over:
                return
            if alive:
                machine.status()
            self.tick(machine)
        raise AssertionError(f"the machine stays in {machine.state}")


def bench(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, heartbeat_s: float = 60.0, **choices: Any
) -> Bench:
    api = open_here(project, tmp_path / "resource", monkeypatch)
    renders(api)
    before = facts()
    session = session_from_snapshot(before)
    plan = make_plan(session, Choices(**{"tail": "none"} | choices), media={}, project_name="Song", gain="none")
    staging = tmp_path / "staging"
    staging.mkdir()
    wanted = frozenset([*(stem.file_name for stem in plan.stems), "rough_mix", "proof_mix"])
    job, keys = make_job(
        session, plan, staging, wanted=wanted, snapshot=before, can_set_config=True, heartbeat_s=heartbeat_s
    )
    return Bench(api, session, plan, job, keys, before)
