"""What the code inside REAPER may use: REAPER's functions as the header declares them, and an old Python's library."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from tests.fakereaper.api import FakeApi
from tests.fakereaper.binding import SIGNATURES

ROOT = Path(__file__).resolve().parents[2]
INSIDE = sorted((ROOT / "stemkit" / "reaper").glob("inside*.py"))
IN_REAPER = [*INSIDE, ROOT / "stemkit" / "reaper" / "server.py", *sorted((ROOT / "reaper_scripts").rglob("*.py"))]
# Methods that Python 3.8, the oldest that REAPER users have, lacks.
NEWER = {"removeprefix", "removesuffix", "bit_count", "is_relative_to", "with_stem", "hardlink_to"}


def functions_used(path: Path) -> list[tuple[str, int | None]]:
    """REAPER's functions in a module: name, and how many arguments (None: only mentioned, or with a star)."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    calls = {id(node.func): node for node in ast.walk(tree) if isinstance(node, ast.Call)}
    found: list[tuple[str, int | None]] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and is_reaper(node.value):
            call = calls.get(id(node))
            starred = call is None or any(isinstance(a, ast.Starred) for a in call.args)
            found.append((node.attr, None if starred or call is None else len(call.args)))
    return found


def is_reaper(node: ast.expr) -> bool:
    if isinstance(node, ast.Name):
        return node.id == "rpr"
    if isinstance(node, ast.Attribute):
        return node.attr == "rpr"
    return isinstance(node, ast.Call) and ast.unparse(node.func) in {"inside_api.api", "api"}


@pytest.mark.parametrize("path", IN_REAPER, ids=lambda p: p.name)
def test_every_call_fits_the_header(path: Path) -> None:
    for name, count in functions_used(path):
        assert name in SIGNATURES, name
        assert count in {None, len(SIGNATURES[name]["args"])}, f"{name} takes {len(SIGNATURES[name]['args'])}"


def test_the_test_sees_the_calls() -> None:
    counted = [entry for path in INSIDE for entry in functions_used(path)]
    assert len({name for name, _ in counted}) > 50
    assert ("GetTrack", 2) in counted
    assert ("GetSetProjectInfo", 4) in counted


def test_the_extract_holds_nothing_that_nobody_calls() -> None:
    used = {name for path in IN_REAPER for name, _ in functions_used(path)}
    used |= {"GetExtState", "SetExtState", "DeleteExtState"}  # reapy's own
    assert set(SIGNATURES) - used == set()


def test_the_pretend_reaper_answers_every_function() -> None:
    assert [name for name in SIGNATURES if not hasattr(FakeApi, name)] == []


@pytest.mark.parametrize("path", IN_REAPER, ids=lambda p: p.name)
def test_the_syntax_is_that_of_python_3_8(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"), feature_version=(3, 8))
    attributes = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    assert not attributes & NEWER
    for node in ast.walk(tree):
        if isinstance(node, ast.keyword):
            assert node.arg not in {"slots", "kw_only", "strict"}, "newer than Python 3.8"


def test_it_loads_with_nothing_but_the_standard_library() -> None:
    script = (
        "import importlib.util, pathlib, sys\n"
        f"folder = pathlib.Path({str(ROOT / 'stemkit' / 'reaper')!r})\n"
        "spec = importlib.util.spec_from_file_location('stemkit_server', str(folder / 'server.py'))\n"
        "server = importlib.util.module_from_spec(spec)\n"
        "spec.loader.exec_module(server)\n"
        "inside = server.load_inside(folder)\n"
        "print(inside.dispatch('nothing', '{}'))\n"
        "print(*sorted(n for n in sys.modules if n.split('.')[0] in ('stemkit', 'numpy', 'reapy', 'typer')))\n"
    )
    told = subprocess.run(
        [sys.executable, "-I", "-S", "-c", script], capture_output=True, text=True, timeout=60, check=True
    ).stdout.splitlines()
    assert '"ok": false' in told[0]
    assert told[1:] == [""]
