from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from stemkit.errors import UsageError
from stemkit.rules.catalogue import all_rules, select
from stemkit.rules.registry import Problem, Rule, Unknown, matches, rule, run_rules

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stemkit.model.report import Severity


def made(rule_id: str, *results: Problem | Unknown, severity: Severity = "error", needs: tuple[str, ...] = ()) -> Rule:
    def judge(_subject: Any, _context: Any) -> Iterator[Problem | Unknown]:
        yield from results

    return Rule(
        id=rule_id, name=rule_id.lower(), severity=severity, family="level", scope="file", guide=None, judge=judge,
        needs=needs,
    )  # fmt: skip


BAD, UNKNOWN = Problem(subject="a", message="bad"), Unknown(subject="a", reason="no idea")


def test_a_rule_whose_need_failed_is_skipped_with_the_reason_and_so_are_its_dependants() -> None:
    rules = [made("SK301", BAD, needs=("SK303",)), made("SK302", BAD, needs=("SK301",)), made("SK303", BAD)]
    outcome = run_rules(rules, None, "a", None)
    assert [f.rule for f in outcome.findings] == ["SK303"]
    assert {(s.rule, s.reason) for s in outcome.skipped} == {
        ("SK301", "SK303 sk303 failed"),
        ("SK302", "SK303 sk303 failed"),
    }
    assert outcome.checked == {"SK303"}


def test_a_need_that_found_only_a_warning_stops_nothing() -> None:
    rules = [made("SK301", needs=("SK303",)), made("SK303", BAD, severity="warning")]
    assert run_rules(rules, None, "a", None).skipped == []


def test_a_need_that_could_not_judge_stops_its_dependants() -> None:
    rules = [made("SK301", needs=("SK303",)), made("SK303", UNKNOWN)]
    assert [s.reason for s in run_rules(rules, None, "a", None).skipped] == [
        "no idea",
        "SK303 could not judge: no idea",
    ]


def test_a_profile_changes_and_switches_off_but_a_problem_only_softens() -> None:
    soft = Problem(subject="a", message="meh", severity="note")
    hard = Problem(subject="a", message="bad", severity="error")
    rules = [made("SK301", soft), made("SK302", hard, severity="note"), made("SK303", BAD)]
    outcome = run_rules(rules, None, "a", None, severities={"SK301": "warning", "SK303": "off"})
    assert [(f.rule, f.severity) for f in outcome.findings] == [("SK301", "note"), ("SK302", "note")]


def test_rules_are_chosen_by_prefix_whatever_the_case() -> None:
    assert {r.family for r in select(["sk3"])} == {"level"}
    assert "SK301" not in {r.id for r in select(["SK3"], ["SK301"])}
    assert select() == all_rules()
    assert matches("SK301", ["sk30"])


@pytest.mark.parametrize("prefix", ["SK9", "X", "SK3011"])
def test_a_prefix_that_fits_no_rule_is_told(prefix: str) -> None:
    with pytest.raises(UsageError, match=prefix):
        select([prefix])
    with pytest.raises(UsageError, match=prefix):
        select([], [prefix])


@pytest.mark.parametrize(("rule_id", "told"), [("SK301", "taken"), ("SK901", "no family"), ("XX301", "no family")])
def test_an_id_is_given_once_and_belongs_to_a_family(rule_id: str, told: str) -> None:
    all_rules()
    with pytest.raises(ValueError, match=told):
        rule(rule_id, "twice", severity="note", scope="file")(lambda _s, _c: iter(()))
