"""The pages that come from metadata are fresh, and the schemas say what is really written."""

from __future__ import annotations

import json
import runpy
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from stemkit.app.demo_song import write_demo_project
from stemkit.app.plan import plan_project
from stemkit.model.audio import SumFacts
from stemkit.model.report import Fix, Report, StemLevel, Where
from stemkit.report.json import report_dict
from tests.report.reports import clean, dirty, evil, finding, of

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
GENERATOR = runpy.run_path(str(DOCS / "generate.py"))
SCHEMA = json.loads((ROOT / "stemkit" / "report" / "report.schema.json").read_text(encoding="utf-8"))
HINT = "python docs/generate.py writes it anew"


@pytest.fixture(scope="module")
def made() -> dict[str, str]:
    pages: dict[str, str] = GENERATOR["pages"]()
    return pages


def test_no_generated_page_is_stale(made: dict[str, str]) -> None:
    for path, text in made.items():
        file = DOCS / path
        assert file.is_file(), f"docs/{path} is missing; {HINT}"
        assert file.read_text(encoding="utf-8") == text, f"docs/{path} is stale; {HINT}"


def test_no_page_outlives_its_rule_or_profile(made: dict[str, str]) -> None:
    there = {p.relative_to(DOCS).as_posix() for folder in ("rules", "profiles") for p in (DOCS / folder).glob("*.md")}
    assert there <= made.keys()


def test_every_rule_page_says_why_and_how_to_fix_it(made: dict[str, str]) -> None:
    for path, text in made.items():
        if path.startswith("rules/SK"):
            assert "## Why a mixing engineer cares" in text, path
            assert "## Fix in REAPER" in text, path
            assert "## Fix in any DAW" in text, path
            assert "## Source" in text, path


@pytest.mark.parametrize("file", ["report/report.schema.json", "delivery/manifest.schema.json"])
def test_the_schemas_are_schemas(file: str) -> None:
    schema = json.loads((ROOT / "stemkit" / file).read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)


def with_everything() -> Report:
    summed = SumFacts(reference="Rough.wav", null_db=-9.0, explained_by=("a",), per_second_db=(None, -3.0))
    fixable = finding(fix=Fix(kind="rename", summary="Rename it.", safe=True), where=(Where(start_s=0.0, end_s=1.0),))
    level = StemLevel(stem="01_Kick", subject="Kick", peak_dbfs=-3.0)
    return of(fixable, sum=summed, duplicates=(("a.wav", "b.wav"),), levels=(level,))


def undescribed(found: Any, schema: Mapping[str, Any], place: str) -> Iterator[str]:
    """Name each key that is written and that the schema, where it lists keys at all, does not know."""
    if isinstance(found, list):
        for entry in found:
            yield from undescribed(entry, schema.get("items", {}), f"{place}[]")
    elif isinstance(found, dict) and "properties" in schema:
        for key, value in found.items():
            if key in schema["properties"]:
                yield from undescribed(value, schema["properties"][key], f"{place}.{key}")
            elif place not in {".plan.stems[]", ".set.sum.shares[]", ".set.sum.accusations[]"}:  # the model describes
                yield f"{place}.{key}"


@pytest.mark.parametrize("make", [clean, dirty, evil, with_everything], ids=lambda make: make.__name__)
def test_reports_are_what_the_schema_says(make: Any) -> None:
    found = json.loads(json.dumps(report_dict(make())))
    jsonschema.validate(found, SCHEMA, jsonschema.Draft202012Validator)
    assert list(undescribed(found, SCHEMA, "")) == []


def test_a_plan_is_what_the_schema_says(tmp_path: Path) -> None:
    found = json.loads(json.dumps(report_dict(plan_project(write_demo_project(tmp_path)))))
    jsonschema.validate(found, SCHEMA, jsonschema.Draft202012Validator)
    assert found["plan"]["fidelity"]
    assert list(undescribed(found, SCHEMA, "")) == []


def test_the_schema_refuses_what_is_no_report() -> None:
    found = report_dict(clean())
    for key in SCHEMA["required"]:
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate({k: v for k, v in found.items() if k != key}, SCHEMA, jsonschema.Draft202012Validator)
