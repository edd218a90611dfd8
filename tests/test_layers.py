"""The arrows of the design: imports between rooms run downwards only, and `--help` pays for nothing."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.app.dirty_stems import tone, write

ROOT = Path(__file__).resolve().parents[1] / "stemkit"
# From the top down; rooms on one level may not import each other.
LEVELS: tuple[frozenset[str], ...] = (
    frozenset({"cli", "api"}),
    frozenset({"app"}),
    frozenset({"delivery", "report"}),
    frozenset({"reaper"}),
    frozenset({"render"}),
    frozenset({"rules"}),
    frozenset({"session", "audio"}),
    frozenset({"model"}),
    frozenset({"errors", "_version"}),
)
LEVEL = {room: number for number, rooms in enumerate(LEVELS) for room in rooms}
MODULES = sorted(p for p in ROOT.rglob("*.py") if p.parent != ROOT or p.stem in LEVEL)


def room_of(path: Path) -> str:
    return path.relative_to(ROOT).parts[0].removesuffix(".py")


def imported_rooms(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("stemkit"):
            parts = (node.module or "").split(".")
            found |= {parts[1]} if len(parts) > 1 else {alias.name for alias in node.names}
        elif isinstance(node, ast.Import):
            found |= {a.name.split(".")[1] for a in node.names if a.name.startswith("stemkit.")}
    return found


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(ROOT)))
def test_imports_run_downwards(path: Path) -> None:
    own = room_of(path)
    for room in imported_rooms(path) - {own, "__version__"}:
        assert LEVEL[room] > LEVEL[own], f"{own} may not import {room}"


def test_no_module_imports_reapy_at_its_top() -> None:
    for path in MODULES:
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            names = [a.name for a in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            assert not any(name.split(".")[0] == "reapy" for name in names), path


@pytest.mark.parametrize("kernel", ["", "numpy"])
def test_a_check_loads_nothing_that_it_does_not_need(kernel: str, tmp_path: Path) -> None:
    """Each of these would cost a short check more than the measuring."""
    write(tmp_path / "01_Bass.wav", tone(1.5))
    script = (
        "import sys; from stemkit.cli import main\ntry: main()\nfinally: print(*sorted(sys.modules), file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, "check", str(tmp_path), "--no-cache", "--quiet", "--fail-on", "never"],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "STEMKIT_KERNEL": kernel},
    )
    heavy = {"numpy.ma", "pydantic", "reapy", "rich", "scipy", "soundfile", "stemkit.session.routing", "xml.etree"}
    loaded = set(done.stderr.split())
    assert "stemkit.audio.measure" in loaded
    assert heavy & loaded == set()


def test_the_command_line_starts_without_the_heavy_libraries() -> None:
    script = "import sys, stemkit.cli; print(*sorted(sys.modules))"
    loaded = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout.split()
    assert not {"numpy", "scipy", "soundfile", "soxr", "rich", "reapy", "jinja2"} & set(loaded)
