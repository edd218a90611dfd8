"""Change the code in small ways and see whether a test minds: ``python -m tests.soak.mutants GROUP [--sample N] [--seed S]``.

The changes are those of `cosmic-ray` (from PyPI; not installed with the tests), but for annotations, decorators and
comparisons with ``is`` that mean the same. Each mutant runs in a fork that has numpy and pytest in memory already and
imports stemkit anew, so that it costs about a second. Survivors are printed: each is a test that is missing, or a
change that changes nothing.
"""

from __future__ import annotations

import argparse
import ast
import importlib
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

from tests.soak.forks import passes, preload

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ["GROUPS", "main"]


@dataclass(frozen=True, slots=True)
class Group:
    """Modules, and the tests that have to mind: those that run first, and slower ones for what survives them."""

    modules: tuple[str, ...]
    tests: tuple[str, ...]
    slow: tuple[str, ...] = ()


_RULES = ("test_every_rule", "test_registry", "test_targets")
GROUPS: dict[str, Group] = {
    "rules": Group(
        tuple(
            f"rules/{name}"
            for name in [
                "content",
                "format",
                "level",
                "naming",
                "numbering",
                "package",
                "package_contents",
                "pairs",
                "proof",
                "proof_timeline",
                "provenance",
                "shared",
                "targets",
                "timeline",
                "words",
            ]
        ),
        tuple(
            f"tests/rules/{name}.py"
            for name in (
                *(
                    f"test_{family}_rules"
                    for family in ["level", "format", "content", "timeline", "proof", "package", "pair"]
                ),
                *(*_RULES, "test_package_contents", "test_naming_rules"),
            )
        ),
        ("tests/rules/test_threshold_table.py",),
    ),
    "session rules": Group(
        tuple(
            f"rules/session_{name}"
            for name in [
                "cleanup",
                "context",
                "effects",
                "level",
                "master",
                "media",
                "names",
                "render",
                "routes",
                "time",
            ]
        ),
        tuple(
            f"tests/rules/test_session_{name}.py"
            for name in ["cleanup", "effects", "master", "media", "names", "render", "routes", "time"]
        ),
        ("tests/rules/test_every_rule.py", "tests/rules/test_session_any.py", "tests/rules/test_session_corpus.py"),
    ),
    "planner": Group(
        tuple(
            f"render/{name}"
            for name in [
                "planner",
                "cut",
                "bounds",
                "gain",
                "choices",
                "exclusions",
                "groups",
                "naming",
                "rate",
                "selection",
                "titles",
                "variants",
                "widths",
                "adds_up",
            ]
        ),
        tuple(
            f"tests/render/test_{name}.py"
            for name in [
                "planner_bounds",
                "planner_buses",
                "planner_cut",
                "planner_choices",
                "planner_groups",
                "choices",
                "gain",
                "naming_stems",
            ]
        ),
        ("tests/render/test_planner_corpus.py", "tests/render/test_planner_property.py"),
    ),
    "routing": Group(
        tuple(f"session/{name}" for name in ("routing", "graph", "edges", "solo", "routed", "channels")),
        (
            "tests/session/test_routing_graph.py",
            "tests/session/test_channels.py",
            "tests/render/test_planner_cut.py",
            "tests/render/test_planner_buses.py",
            "tests/session/test_routing_cases.py",
        ),
        (
            "tests/rules/test_session_routes.py",
            "tests/rules/test_session_master.py",
            "tests/render/test_planner_property.py",
        ),
    ),
    "finish": Group(
        ("render/finish", "render/gain", "audio/trim", "audio/wav_writer"),
        (
            "tests/render/test_finish.py",
            "tests/render/test_gain.py",
            "tests/audio/test_wav_writer.py",
            "tests/audio/test_trim.py",
        ),
    ),
}


@dataclass(frozen=True, slots=True)
class Mutant:
    """One change: the occurrence of an operator in a module."""

    module: str
    operator: str
    occurrence: int
    line: int

    @property
    def path(self) -> Path:
        """The module's file."""
        return Path("stemkit", f"{self.module}.py")


def _ranges_left_alone(source: str) -> list[tuple[tuple[int, int], tuple[int, int]]]:
    """Return begin and end of the annotations, which nobody runs, and of what only a type checker reads."""
    found: list[ast.AST] = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            found += [
                argument.annotation
                for argument in ast.walk(node.args)
                if isinstance(argument, ast.arg) and argument.annotation
            ]
            found += [node.returns] if node.returns else []
        if isinstance(node, ast.AnnAssign):
            found.append(node.annotation)
        if isinstance(node, ast.ClassDef):
            found += node.decorator_list  # whether a dataclass is frozen is held by mypy
        if isinstance(node, ast.If) and ast.unparse(node.test) in {"TYPE_CHECKING", "sys.version_info >= (3, 11)"}:
            found.append(node)
    return [((n.lineno, n.col_offset), (n.end_lineno, n.end_col_offset)) for n in found]  # type: ignore[attr-defined]


def _is_used(operator: str) -> bool:
    before, _, after = operator.rpartition("_")
    if operator.endswith("RemoveDecorator"):
        return False
    return (after in {"Is", "IsNot"}) == before.endswith(("_Is", "_IsNot"))  # else `is None` would become `== None`


def _mutants(modules: Sequence[str]) -> Iterator[Mutant]:
    plugins = importlib.import_module("cosmic_ray.plugins")
    trees = importlib.import_module("cosmic_ray.ast")
    for module in modules:
        source = Path("stemkit", f"{module}.py").read_text(encoding="utf-8")
        left_alone = _ranges_left_alone(source)
        nodes = list(trees.ast_nodes(trees.get_ast(source)))
        for operator in filter(_is_used, plugins.operator_names()):
            made = plugins.get_operator(operator)
            if made.arguments():
                continue
            places = (place for node in nodes for place in made().mutation_positions(node))
            for occurrence, (start, _) in enumerate(places):
                if not any(begin <= start < end for begin, end in left_alone):
                    yield Mutant(module, operator, occurrence, start[0])


def _changed(mutant: Mutant) -> str:
    plugins = importlib.import_module("cosmic_ray.plugins")
    mutating = importlib.import_module("cosmic_ray.mutating")
    source = mutant.path.read_text(encoding="utf-8")
    changed: str = mutating.mutate_code(source, plugins.get_operator(mutant.operator)(), mutant.occurrence)
    return changed


def _told(mutant: Mutant) -> str:
    """Show the changed line as it was and as it is."""
    was = mutant.path.read_text(encoding="utf-8").splitlines()
    now = _changed(mutant).splitlines()
    line, other = next((pair for pair in zip(was, now, strict=False) if pair[0] != pair[1]), ("", ""))
    return f"{mutant.path}:{mutant.line}  {line.strip()}  ->  {other.strip()}"


def _tests_for(group: Group, module: str) -> list[str]:
    """Put the tests that are called like the module first, since they are the ones that mind."""
    name = module.rpartition("/")[2]
    return sorted(group.tests, key=lambda test: name not in test)


def main() -> int:
    """Run the command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("group", choices=[*GROUPS])
    parser.add_argument("--sample", type=int, default=200, help="how many mutants of the group; 0: all")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", default="", help="only modules with this in their name")
    chosen = parser.parse_args()
    group = GROUPS[chosen.group]
    preload()
    everything = [mutant for mutant in _mutants(group.modules) if chosen.only in mutant.module]
    drawn = Random(chosen.seed).sample(everything, min(chosen.sample or len(everything), len(everything)))
    stages = [group.tests, group.slow] if group.slow else [group.tests]
    limits = []
    for tests in stages:
        passed, seconds = passes("", None, tests, 600.0)
        if not passed:
            raise SystemExit(f"{', '.join(tests)}: fail on the code as it is")
        limits.append(max(10.0, 6 * seconds))
    survivors, began = [], time.monotonic()
    for number, mutant in enumerate(sorted(drawn, key=lambda mutant: (mutant.module, mutant.line)), 1):
        source = _changed(mutant)
        if passes(mutant.module, source, _tests_for(group, mutant.module), limits[0])[0] and all(
            passes(mutant.module, source, tests, limits[1])[0] for tests in stages[1:]
        ):
            survivors.append(mutant)
            print(_told(mutant), flush=True)
        if number % 10 == 0:
            print(f"    {number} of {len(drawn)}, {time.monotonic() - began:.0f} s", file=sys.stderr, flush=True)
    killed = len(drawn) - len(survivors)
    print(
        f"{chosen.group}: {killed} of {len(drawn)} killed ({100 * killed / len(drawn):.1f} %), drawn with seed "
        f"{chosen.seed} from {len(everything)}"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
