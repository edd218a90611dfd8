"""Each rule has a case that it passes, a case that it fails, and a docstring in five parts.

The cases stand in the test modules beside this one, each in a table ``CASES: {rule id: (passing, failing)}`` of
calls without arguments that return findings.
"""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from stemkit.report.rule_pages import rule_parts
from stemkit.rules.catalogue import all_rules

if TYPE_CHECKING:
    from stemkit.rules.registry import Rule
    from tests.rules.stems import Case

RULES = all_rules()


def _cases() -> dict[str, tuple[Case, Case]]:
    gathered: dict[str, tuple[Case, Case]] = {}
    for path in sorted(Path(__file__).parent.glob("test_*.py")):
        if path.name != Path(__file__).name and "CASES" in path.read_text(encoding="utf-8"):
            # The rest may skip itself while it is imported, and all of this with it.
            gathered.update(getattr(import_module(f"tests.rules.{path.stem}"), "CASES", {}))
    return gathered


CASES = _cases()


@pytest.mark.parametrize("rule_id", [rule.id for rule in RULES])
def test_it_has_a_passing_and_a_failing_case(rule_id: str) -> None:
    assert rule_id in CASES, f"{rule_id} has no entry in any CASES"
    passing, failing = CASES[rule_id]
    assert [f.rule for f in passing()] == []
    assert {f.rule for f in failing()} == {rule_id}


def test_no_case_is_for_a_rule_that_does_not_exist() -> None:
    assert set(CASES) <= {rule.id for rule in RULES}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_its_docstring_has_five_parts(rule: Rule) -> None:
    parts = rule_parts(rule.id)
    assert list(parts) == ["what", "why", "fix in reaper", "fix in any daw", "source"]
    assert all(len(text) > 8 for text in parts.values())


def test_names_and_ids_are_unique_and_needs_exist_in_the_same_scope() -> None:
    by_id = {rule.id: rule for rule in RULES}
    assert len({rule.name for rule in RULES}) == len(RULES)
    for rule in RULES:
        for needed in rule.needs:
            assert by_id[needed].scope == rule.scope, (rule.id, needed)
