from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from stemkit.app import check as check_module
from stemkit.app.each import EachOrder, check_each, find_deliveries
from stemkit.app.executor import open_pool
from stemkit.cli.entry import run
from stemkit.errors import InputError, UsageError
from stemkit.model.each import DeliveryResult
from stemkit.report import render
from tests.app.dirty_stems import song, tone, write

ORDER = EachOrder(profile="mix-prep", cached=False)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "Inbox"
    song(folder / "2 Good")
    write(folder / "10 Damaged" / "01_Kick.wav", tone())
    whole = (folder / "10 Damaged" / "01_Kick.wav").read_bytes()
    (folder / "10 Damaged" / "02_Cut.wav").write_bytes(whole[:60_000])
    (folder / "3 Empty").mkdir()
    (folder / ".hidden").mkdir()
    (folder / "notes.txt").write_text("a file is no delivery")
    return folder


def results(root: Path, order: EachOrder = ORDER, jobs: int = 1) -> list[DeliveryResult]:
    with open_pool(jobs=jobs) as pool:
        return list(check_each(find_deliveries([str(root)]), order, pool))


def test_every_sub_folder_is_one_delivery_in_the_order_of_its_name(root: Path) -> None:
    found = results(root)
    assert [(Path(r.path).name, r.verdict, r.exit_code, r.stems) for r in found] == [
        ("2 Good", "pass", 0, 3),
        ("3 Empty", None, 2, 0),
        ("10 Damaged", "fail", 1, 2),
    ]
    assert found[0].adds_up
    assert found[2].rules[0] == "SK204"
    assert "no audio file" in (found[1].error or "")


def test_threads_give_the_same_results(root: Path) -> None:
    assert results(root, jobs=3) == results(root)


def test_several_roots_are_looked_into(root: Path, tmp_path: Path) -> None:
    song(tmp_path / "More" / "A")
    assert [Path(p).name for p in find_deliveries([str(tmp_path / "More"), str(root)])] == [
        "A",
        "2 Good",
        "3 Empty",
        "10 Damaged",
    ]


def test_a_fault_in_one_delivery_disturbs_no_other(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    original = check_module.check

    def faulty(paths: list[str], **rest: Any) -> Any:
        if "2 Good" in paths[0]:
            raise ZeroDivisionError("planted")
        return original(paths, **rest)

    monkeypatch.setattr(check_module, "check", faulty)
    found = results(root)
    assert [(r.verdict, r.exit_code) for r in found] == [(None, 3), (None, 2), ("fail", 1)]
    assert "ZeroDivisionError: planted" in (found[0].error or "")


@pytest.mark.skipif(os.name == "nt", reason="links need rights there")
def test_a_link_to_a_folder_is_told_and_not_followed(root: Path) -> None:
    (root / "1 Link").symlink_to(root, target_is_directory=True)
    found = results(root)
    assert (found[0].exit_code, found[0].verdict) == (2, None)
    assert "is a link" in (found[0].error or "")


@pytest.mark.parametrize(
    ("order", "match"),
    [
        (EachOrder(profile="nobody"), "nobody"),
        (EachOrder(profile="mix-prep", select=("SK9",)), "SK9"),
        (EachOrder(profile="mix-prep", accept={"SK9": "why"}), "SK9"),
    ],
)
def test_what_is_wrong_for_all_is_said_once(root: Path, order: EachOrder, match: str) -> None:
    with pytest.raises(UsageError, match=match):
        results(root, order)


def test_without_folders_there_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="every delivery lies in its own"):
        find_deliveries([str(tmp_path)])
    with pytest.raises(InputError, match="cannot be opened"):
        find_deliveries([str(tmp_path / "nowhere")])


def test_lines_of_json_hold_what_a_check_of_each_alone_says(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["check", str(root), "--each", "--format", "json", "--quiet"]) == 2
    lines = [json.loads(line, parse_constant=pytest.fail) for line in capsys.readouterr().out.splitlines()]
    assert [line["exit_code"] for line in lines] == [0, 2, 1]
    assert {line["schema"] for line in lines} == {"stemkit.each/1"}
    for line in (lines[0], lines[2]):
        assert line["report"] == json.loads(render(check_module.check([line["path"]]), "json"))
        assert line["counts"] == line["report"]["counts"]
        assert line["error"] is None
    assert lines[1]["report"] is None
    assert "no audio file" in lines[1]["error"]


def test_the_table_has_a_line_each_and_the_reasons(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code = run(["check", str(root), "--each", "--quiet", "--select", "SK204,SK801"])
    shown = capsys.readouterr().out.replace(str(root) + os.sep, "")
    assert code == 2
    assert shown.splitlines() == [
        "        stems  errors  warnings  notes      sum  delivery",
        "READY       3       0         0      0  adds up  2 Good",
        "UNREAD      –       –         –      –        –  3 Empty",
        "        There is no audio file in 3 Empty; give the folder that holds the stems.",
        "FIX         2       1         0      0        –  10 Damaged",
        "        SK204",
        "",
        "3 deliveries: 1 READY, 1 FIX, 1 UNREAD.",
    ]


def test_fail_on_decides_as_for_one(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    song(tmp_path / "A")
    write(tmp_path / "B" / "01_Hot.wav", tone(peak=0.9))
    assert run(["check", str(tmp_path), "--each", "--quiet", "--select", "SK301"]) == 0
    assert run(["check", str(tmp_path), "--each", "--quiet", "--select", "SK301", "--fail-on", "warning"]) == 1
    assert "1 LOOK" in capsys.readouterr().out


@pytest.mark.parametrize(
    "extra", [["--mix", "a.wav"], ["--project", "a.rpp"], ["--report", "a.html"], ["--plot"], ["--format", "junit"]]
)
def test_what_is_about_one_delivery_is_refused(
    root: Path, extra: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["check", str(root), "--each", *extra]) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert "--each" in shown.err
