"""The locked versions: every dependency is among them, in a version that it allows, and by its hash."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest
from packaging.requirements import Requirement

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

ROOT = Path(__file__).resolve().parents[2]
LOCK = (ROOT / ".ci" / "requirements.txt").read_text(encoding="utf-8")
ENTRIES = re.findall(
    r"^([A-Za-z0-9._-]+)==(\S+)[^\n]*\\\n((?: +--hash=sha256:[0-9a-f]{64}[^\n]*\n)+)", LOCK, flags=re.MULTILINE
)


def wanted() -> list[Requirement]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]
    tools = [line.split("#")[0].strip() for line in (ROOT / ".ci" / "tools.in").read_text().splitlines()]
    lists = (project["dependencies"], extras["test"], extras["docs"], filter(None, tools))
    return [Requirement(line) for lines in lists for line in lines]


def test_every_entry_has_a_hash() -> None:
    lines = [line for line in LOCK.splitlines() if line and not line.startswith((" ", "#"))]
    assert len(lines) == len(ENTRIES) > 50


@pytest.mark.parametrize("requirement", wanted(), ids=str)
def test_every_dependency_is_locked_in_a_version_that_it_allows(requirement: Requirement) -> None:
    def plain(name: str) -> str:
        return re.sub(r"[-_.]+", "-", name).lower()

    versions = [version for name, version, _ in ENTRIES if plain(name) == plain(requirement.name)]
    assert versions
    assert [version for version in versions if not requirement.specifier.contains(version, prereleases=True)] == []
