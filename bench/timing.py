"""Times whole processes: processor, wall and peak memory of each, taking turns."""

from __future__ import annotations

import os
import platform
import statistics
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["Command", "Figures", "machine", "take_turns"]


@dataclass(frozen=True)
class Command:
    """What is timed. `share` is the part of the set that it is given; its times are scaled up by it."""

    name: str
    arguments: Sequence[str]
    environment: Mapping[str, str] = field(default_factory=dict)
    share: float = 1.0
    good_codes: frozenset[int] = frozenset({0})


@dataclass(frozen=True)
class Figures:
    """Medians of all rounds; the memory is the highest."""

    cpu_s: float
    wall_s: float
    peak_mb: float
    cpu_spread_s: tuple[float, float]


def take_turns(commands: Sequence[Command], rounds: int, log: Path) -> dict[str, Figures]:
    """Run every command once a round, so that what else the machine does hits all alike."""
    seen: dict[str, list[tuple[float, float, float]]] = {command.name: [] for command in commands}
    for command in commands:
        if command.arguments[0] == sys.executable:
            _run(command, log)  # compiles Python's modules, as an installation has done
    for _ in range(rounds):
        for command in commands:
            seen[command.name].append(_run(command, log))
    return {name: _median(runs) for name, runs in seen.items()}


def _run(command: Command, log: Path) -> tuple[float, float, float]:
    """Return CPU and wall seconds and megabytes of one run. This process stays small: a child inherits its peak."""
    start = time.perf_counter()
    with log.open("wb") as errors, Path(os.devnull).open("wb") as nowhere:
        actions = [(os.POSIX_SPAWN_DUP2, nowhere.fileno(), 1), (os.POSIX_SPAWN_DUP2, errors.fileno(), 2)]
        environment = {**os.environ, **command.environment, "PYTHONPYCACHEPREFIX": str(log.parent / "bytecode")}
        environment.pop("PYTHONDONTWRITEBYTECODE", None)  # what is installed is compiled already
        child = os.posix_spawnp(command.arguments[0], command.arguments, environment, file_actions=actions)
        _, status, used = os.wait4(child, 0)
    wall = time.perf_counter() - start
    code = os.waitstatus_to_exitcode(status)
    if code not in command.good_codes:
        raise SystemExit(f"{command.name} ended with {code}: {log.read_text(errors='replace')[-2000:]}")
    return (used.ru_utime + used.ru_stime) / command.share, wall / command.share, used.ru_maxrss / 1024


def _median(runs: list[tuple[float, float, float]]) -> Figures:
    cpu = [run[0] for run in runs]
    return Figures(
        cpu_s=statistics.median(cpu),
        wall_s=statistics.median(run[1] for run in runs),
        peak_mb=max(run[2] for run in runs),
        cpu_spread_s=(min(cpu), max(cpu)),
    )


def machine() -> str:
    """Name the machine by what a reader can compare: processors, model, architecture."""
    model = "of an unknown model"
    with Path("/proc/cpuinfo").open(encoding="utf-8") as lines:
        for line in lines:
            if line.startswith("model name"):
                model = line.partition(":")[2].strip()
                break
    count = {1: "one", 2: "two", 4: "four", 8: "eight"}.get(os.cpu_count() or 0, str(os.cpu_count()))
    kind = "virtual machine" if "hypervisor" in Path("/proc/cpuinfo").read_text(encoding="utf-8") else "machine"
    return f"a {count}-core {os.uname().machine} {kind} ({model}), Python {platform.python_version()}"
