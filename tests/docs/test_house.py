"""What strangers rely on outside the package: changelog, hooks, action, workflows, the one version."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

import stemkit
from stemkit.rules.catalogue import all_rules

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

ROOT = Path(__file__).resolve().parents[2]
ACTION = re.compile(r"uses: (?P<name>\S+)@(?P<pin>\S+)(?P<version>  # v[\d.]+)?$", re.MULTILINE)
WORKFLOWS = [*sorted((ROOT / ".github" / "workflows").glob("*.yml")), ROOT / "action.yml"]
RANGE = re.compile(r"SK(\d{3})(?: to SK(\d{3}))?")


def test_the_changelog_names_every_rule() -> None:
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    named = {n for low, high in RANGE.findall(text) for n in range(int(low), int(high or low) + 1)}
    assert {rule.id for rule in all_rules()} <= {f"SK{n}" for n in named}


def test_the_changelog_has_this_version() -> None:
    assert f"\n## {stemkit.__version__}" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")


def test_the_version_stands_in_one_place() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert "version" not in project
    assert "version" in project["dynamic"]


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.name)
def test_every_action_is_pinned_to_a_commit_and_says_its_version(workflow: Path) -> None:
    used = list(ACTION.finditer(workflow.read_text(encoding="utf-8")))
    assert used
    for action in used:
        assert re.fullmatch(r"[0-9a-f]{40}", action["pin"]), action["name"]
        assert action["version"], f"{action['name']} does not say its version"


def test_a_wheel_is_built_for_every_system() -> None:
    text = (ROOT / ".github" / "workflows" / "wheels.yml").read_text(encoding="utf-8")
    for system in ("ubuntu-24.04,", "ubuntu-24.04-arm", "macos-15-intel", "macos-15,", "windows-2025"):
        assert system in text


def test_the_readme_holds_exactly_the_two_commands_that_are_run() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert re.findall(r"<!-- ci: (\w+) -->", text) == ["main", "tests"]


def test_the_bench_of_the_task_runner_starts() -> None:
    (script,) = re.findall(r'session\.run\("python", "(bench/\w+\.py)"', (ROOT / "noxfile.py").read_text("utf-8"))
    done = subprocess.run(
        [sys.executable, script, "--help"], cwd=ROOT, capture_output=True, text=True, check=False, timeout=120
    )
    assert done.returncode == 0, done.stderr
