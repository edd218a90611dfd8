"""`import stemkit`: what it offers, what it costs, and that it is typed. Its examples run in `tests/docs`."""

from __future__ import annotations

import inspect
import subprocess
import sys
from importlib.resources import files
from pathlib import Path

import pytest

import stemkit
import stemkit.render.planner
from stemkit import api

USE_CASES = ("check", "deliver", "inspect", "plan", "render", "verify")


@pytest.mark.parametrize("name", stemkit.__all__)
def test_everything_that_is_offered_is_there(name: str) -> None:
    assert getattr(stemkit, name) is not None


@pytest.mark.parametrize("name", USE_CASES)
def test_every_use_case_says_what_it_takes_gives_and_raises_and_its_source(name: str) -> None:
    function = getattr(api, name)
    named = inspect.getdoc(function) or ""
    for part in ("Parameters", "Returns", "Raises", "References", "Examples"):
        assert f"\n{part}\n{'-' * len(part)}\n" in named, part
    assert all(parameter in named for parameter in inspect.signature(function).parameters)


def test_render_is_the_room_and_the_use_case(tmp_path: Path) -> None:
    assert stemkit.render.planner is sys.modules["stemkit.render.planner"]  # type: ignore[attr-defined]
    with pytest.raises(stemkit.InputError):
        stemkit.render(tmp_path / "absent.rpp", tmp_path / "out")


def test_errors_are_for_people() -> None:
    with pytest.raises(stemkit.StemkitError, match=r"no such folder") as caught:
        stemkit.check(["no such folder"])
    assert caught.value.exit_code == 2


def test_importing_loads_nothing_heavy() -> None:
    script = "import sys, stemkit; print(*sorted(sys.modules))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split())
    assert not loaded & {"numpy", "scipy", "soundfile", "typer", "rich", "jinja2", "stemkit.app", "stemkit.cli"}
    assert len([module for module in loaded if module.startswith("stemkit")]) < 8


def test_the_package_says_that_it_is_typed_and_its_version() -> None:
    assert (files("stemkit") / "py.typed").is_file()
    from importlib.metadata import version

    assert stemkit.__version__ == version("stemkit")
