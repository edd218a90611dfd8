"""JSON, JUnit, annotations, message and rule pages."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from stemkit.model.audio import SumFacts
from stemkit.model.report import Fix, Where
from stemkit.report import render
from stemkit.report.rule_pages import rule_list, rule_page, rule_parts
from stemkit.rules.catalogue import all_rules, select
from tests.report.reports import Make, clean, dirty, evil, finding, of
from tests.rules.stems import report_on, stem

# The keys that design.md fixes for stemkit.report/1.
TOP = {"schema", "stemkit", "profile", "subject", "verdict", "counts", "files", "set", "findings", "skipped"}
FILE = (
    {"path", "role", "variant", "partner", "trim_db", "container", "encoding", "sample_rate", "channels", "frames"}
    | {"duration_s", "sample_peak_dbfs", "sample_peak_at_s", "true_peak_dbtp", "integrated_lufs", "crest_db"}
    | {"max_momentary_lufs", "max_short_term_lufs", "loudness_range_lu", "rms_dbfs", "dc_offset", "lead_silence_s"}
    | {"tail_silence_s", "effective_bits", "clipped_runs", "image", "file_sha256", "audio_sha256"}
)
FINDING = {
    "rule",
    "name",
    "severity",
    "subject",
    "message",
    "measured",
    "expected",
    "unit",
    "where",
    "guide",
    "fix",
    "handled",
}
SUM = {"reference", "null_db", "gain_db", "offset_samples", "explained_by"}
REPORTS = pytest.mark.parametrize("make", [clean, dirty, evil], ids=lambda make: make.__name__)


@REPORTS
def test_json_has_every_key_and_is_strict(make: Make) -> None:
    report = make()
    found = json.loads(render(report, "json"), parse_constant=pytest.fail)
    assert found.keys() >= TOP
    assert found["schema"] == "stemkit.report/1"
    assert found["counts"].keys() == {"error", "warning", "note"}
    assert found["set"].keys() >= {"sum", "duplicates"}
    assert all(file.keys() >= FILE for file in found["files"])
    assert all(f.keys() >= FINDING for f in found["findings"])
    assert render(report, "json") == render(make(), "json")


def test_silence_and_infinity_are_null() -> None:
    broken = stem(sample_peak_dbfs=None, rms_dbfs=float("-inf"), crest_db=float("nan"), image="silent")
    file = json.loads(render(report_on(broken), "json"))["files"][0]
    assert (file["sample_peak_dbfs"], file["rms_dbfs"], file["crest_db"]) == (None, None, None)
    assert (file["duration_s"], file["sample_peak_at_s"], file["clipped_runs"]) == (10.0, 1.0, [])


def test_the_sum_and_a_finding_in_json() -> None:
    where = (Where(start_s=1.0, end_s=2.0, channel=1),)
    problem = finding(measured=3, where=where, fix=Fix(kind="gain", summary="lower", safe=False), guide="G1")
    report = of(problem, sum=SumFacts(reference="Mix.wav", null_db=-61.25, explained_by=("limiter",)))
    found = json.loads(render(report, "json"))
    assert found["set"]["sum"].keys() >= SUM
    assert (found["set"]["sum"]["null_db"], found["set"]["sum"]["explained_by"]) == (-61.25, ["limiter"])
    assert found["findings"][0]["where"] == [{"start_s": 1.0, "end_s": 2.0, "channel": 1}]
    assert found["findings"][0]["fix"] == {"kind": "gain", "summary": "lower", "safe": False}
    assert found["verdict"] == "fail"


def test_an_unread_file_has_facts_of_its_container_only() -> None:
    file = json.loads(render(report_on(stem(audio=None, unreadable="cut")), "json"))["files"][0]
    assert (file["sample_rate"], file["image"], file["clipped_runs"], file["unreadable"]) == (48000, None, None, "cut")


@REPORTS
def test_junit_is_well_formed_and_counts_what_it_holds(make: Make) -> None:
    report = make()
    root = ET.fromstring(render(report, "junit"))
    cases, failures = root.findall(".//testcase"), root.findall(".//failure")
    assert int(root.attrib["tests"]) == len(cases)
    assert int(root.attrib["failures"]) == len(failures) == report.count("error")
    assert int(root.attrib["skipped"]) == len(root.findall(".//skipped")) == len(report.skipped)
    for suite in root:
        assert int(suite.attrib["tests"]) == len(suite)


def test_junit_fails_on_errors_only_and_not_on_what_is_explained() -> None:
    report = of(finding("warning"), finding("error", handled="the plan lowers it"))
    root = ET.fromstring(render(report, "junit"))
    assert root.findall(".//failure") == []
    assert [out.text for out in root.findall(".//system-out") if out.text and "the plan lowers it" in out.text]


def test_a_file_without_findings_is_a_passed_case() -> None:
    root = ET.fromstring(render(clean(), "junit"))
    assert [s.attrib["failures"] for s in root if s.attrib["name"] == "02_Bass.wav"] == ["0"]
    assert root.findall(".//testsuite[@name='02_Bass.wav']/testcase")


@REPORTS
def test_annotations_are_one_command_a_line(make: Make) -> None:
    report = make()
    *commands, last = render(report, "github").splitlines()
    assert len(commands) == len(report.open_findings)
    assert all(re.fullmatch(r"::(error|warning|notice) [^\r\n]*::[^\r\n]+", line) for line in commands)
    assert not last.startswith("::")


def test_annotations_escape_what_github_would_read() -> None:
    report = of(finding("note", name="a,b:c", message="100 % sure\n::error::no", where=(Where(start_s=1, end_s=1),)))
    assert render(report, "github").splitlines()[0] == (
        "::notice title=SK303 a%2Cb%3Ac::01_Kick.wav: 100 %25 sure\\n::error::no At 0:01.000."
    )


def test_annotations_name_the_file_below_the_working_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    inside, outside = tmp_path / "Stems" / "01_Kick.wav", Path(tmp_path.anchor) / "elsewhere" / "01_Kick.wav"
    for path, told in ((inside, "Stems/01_Kick.wav"), (outside, outside.as_posix().replace(":", "%3A"))):
        report = of(finding(), files=(stem(absolute_path=str(path)),))
        assert f"::error file={told},title=" in render(report, "github")


def test_the_message_asks_politely_and_says_how() -> None:
    text = render(dirty(), "message")
    assert text.startswith("Hello,\n\nthank you for the 4 stems. Before I can use everything, could you")
    assert "1. 02_Snare.wav: The sound clips 8 times" in text or "02_Snare.wav: The sound clips 16 times" in text
    assert "Lower the channel before the clip" in text
    assert "Only for your information" in text
    assert text.rstrip().endswith("Thank you!")
    assert "SK" not in text
    assert max(map(len, text.splitlines())) <= 76


def test_the_message_for_a_clean_delivery_only_thanks() -> None:
    text = render(clean(), "message")
    assert "I have checked everything" in text
    assert "1." not in text


def test_the_message_joins_files_with_one_fault() -> None:
    files = [stem(f"{n:02d}_A.wav", encoding="pcm16") for n in range(1, 10)]
    text = " ".join(render(report_on(*files, rules=("SK202",)), "message").split())
    assert "1. 01_A.wav, 02_A.wav, 03_A.wav, 04_A.wav, 05_A.wav, 06_A.wav and 3 more: The samples are pcm16" in text
    assert "one point" in text


@REPORTS
def test_the_message_is_plain_text(make: Make) -> None:
    assert render(make(), "message").replace("\n", "").isprintable()


def test_a_rules_page_has_its_five_parts() -> None:
    page = rule_page(select(["SK301"])[0], width=80)
    assert page.startswith(
        "SK301 peak-above-window\nseverity warning; one verdict a file; guide step G1; needs SK204\n\n"
    )
    for title in ("Why", "Fix in REAPER", "Fix in any DAW", "Source"):
        assert f"\n{title}\n  " in page
    assert max(map(len, page.splitlines())) <= 80


@pytest.mark.parametrize("width", [60, 80, 100, 120])
def test_the_list_tells_in_full_what_each_rule_asks(width: int) -> None:
    text = rule_list(all_rules(), width=width)
    assert max(map(len, text.splitlines())) <= width
    assert [line[:5] for line in text.splitlines() if line.startswith("SK")] == [rule.id for rule in all_rules()]
    entries = dict(re.findall(r"^(SK\d{3})((?:.*\n?)(?: .*\n?)*)", text, re.MULTILINE))
    for rule in all_rules():
        assert " ".join(entries[rule.id].split()) == f"{rule.name} {rule.severity} {rule.summary}"


def test_a_rule_that_is_gone_has_no_parts() -> None:
    assert rule_parts("SK999") == {}


@pytest.mark.parametrize("form", ["message", "github"])
def test_a_file_is_not_named_twice_where_the_message_begins_with_it(form: str) -> None:
    accused = finding(rule="SK802", subject="04_Bass.wav", message="04_Bass.wav is inverted.")
    text = render(of(accused), form)
    assert "04_Bass.wav is inverted." in text
    assert "04_Bass.wav: 04_Bass.wav" not in text
    other = finding(rule="SK301", subject="04_Bass.wav", message="The peak is too high.")
    assert "04_Bass.wav: The peak is too high." in render(of(other), form)
