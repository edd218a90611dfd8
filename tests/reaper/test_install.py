"""Setup: what it changes in REAPER's settings, that it does so once, and that it takes it back."""

from __future__ import annotations

from pathlib import Path

import pytest

from stemkit.app import setup as app_setup
from stemkit.app.setup import apply_setup, plan_setup, undo_setup
from stemkit.cli.entry import run
from stemkit.errors import InputError
from stemkit.reaper.install import ACTIONS, action_id
from stemkit.reaper.link_find import reaper_runs

INI = "; mine\r\n[audioconfig]\r\nmode=2\r\n[REAPER]\r\nreascript=0\r\ncsurf_cnt=1\r\ncsurf_0=HTTP 0 8080 '' 'index.html' 0 ''\r\n[recent]\r\nx=1\r\n"
KEYS = 'KEY 1 65 _RSmine 0\nSCR 4 0 RSmine "Custom: mine.lua" mine.lua'


@pytest.fixture(params=["plain", "with a space", "Résumé – 音楽"])
def resource(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr("stemkit.reaper.link_find.reaper_runs", lambda: False)
    folder = tmp_path / str(request.param)
    folder.mkdir()
    (folder / "reaper.ini").write_bytes(INI.encode())
    (folder / "reaper-kb.ini").write_bytes(KEYS.encode())
    return folder


def test_it_shows_every_change_and_makes_none(resource: Path) -> None:
    plan = plan_setup(resource, start_with_reaper=True)
    assert "+reascript=1" in plan.diff
    assert "Stemkit: Deliver" in plan.diff
    assert f"New file of stemkit: {resource / 'Scripts' / 'Stemkit' / 'Stemkit_Deliver.py'}" in plan.diff.splitlines()
    assert len(plan.diff.splitlines()) < 40  # to be read before it is agreed to
    assert sorted(path.name for path in resource.rglob("*")) == ["reaper-kb.ini", "reaper.ini"]


def test_it_changes_what_it_says_and_nothing_else(resource: Path) -> None:
    apply_setup(plan_setup(resource))
    text = (resource / "reaper.ini").read_bytes().decode()
    kept = [line for line in text.split("\r\n") if not line.startswith("pythonlib")]
    assert "\r\n".join(kept) == INI.replace("reascript=0", "reascript=1")
    keys = (resource / "reaper-kb.ini").read_text().splitlines()
    assert keys[:2] == KEYS.split("\n")
    assert len(keys) == 2 + len(ACTIONS)
    assert not (resource / "Scripts" / "__startup.lua").exists()
    assert (resource / "reaper.ini.before-stemkit.bak").read_bytes().decode() == INI


def test_the_action_lines_quote_their_paths(resource: Path) -> None:
    apply_setup(plan_setup(resource))
    lines = (resource / "reaper-kb.ini").read_text().splitlines()[2:]
    for line, (file, name) in zip(lines, ACTIONS.items(), strict=True):
        assert line == f'SCR 4 0 {action_id(file)} "Custom: {name}" "Stemkit/{file}"'
        assert (resource / "Scripts" / "Stemkit" / file).is_file()


def test_running_it_twice_changes_nothing(resource: Path) -> None:
    apply_setup(plan_setup(resource, start_with_reaper=True))
    assert plan_setup(resource, start_with_reaper=True).changes == ()


def test_a_python_that_the_user_chose_stays(resource: Path) -> None:
    ini = INI.replace("reascript=0", "reascript=1\r\npythonlibdll64=libmine.so\r\npythonlibpath64=/mine")
    (resource / "reaper.ini").write_bytes(ini.encode())
    assert not [change for change in plan_setup(resource).changes if change.path.name == "reaper.ini"]


def test_a_start_up_script_of_the_user_stays(resource: Path) -> None:
    startup = resource / "Scripts" / "__startup.lua"
    startup.parent.mkdir()
    startup.write_text("-- mine")
    apply_setup(plan_setup(resource, start_with_reaper=True))
    assert startup.read_text().startswith("-- mine\n-- stemkit: start link\n")
    assert action_id("Stemkit_Start link.py") in startup.read_text()
    undo_setup(resource)
    assert startup.read_text() == "-- mine\n"


def test_undo_takes_everything_out_again(resource: Path) -> None:
    apply_setup(plan_setup(resource, start_with_reaper=True))
    undo_setup(resource)
    assert (resource / "reaper-kb.ini").read_text() == KEYS + "\n"
    assert not (resource / "Scripts" / "Stemkit").exists()
    assert not (resource / "stemkit" / "home.json").exists()
    assert undo_setup(resource) == []


def test_bytes_that_are_no_utf_8_survive(resource: Path) -> None:
    (resource / "reaper.ini").write_bytes(b"[REAPER]\nname=Caf\xe9\n")
    apply_setup(plan_setup(resource))
    assert b"name=Caf\xe9\n" in (resource / "reaper.ini").read_bytes()


def test_nothing_is_written_while_reaper_runs(resource: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plan = plan_setup(resource)
    monkeypatch.setattr("stemkit.reaper.link_find.reaper_runs", lambda: True)
    with pytest.raises(InputError, match="close it first"):
        apply_setup(plan)
    with pytest.raises(InputError, match="close it first"):
        undo_setup(resource)
    assert not (resource / "Scripts").exists()


def test_a_folder_without_reaper_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"holds no reaper\.ini"):
        plan_setup(tmp_path)


def test_a_process_of_that_name_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    class Process:
        def __init__(self, name: str | None) -> None:
            self.info = {"name": name}

    monkeypatch.setattr("psutil.process_iter", lambda _: [Process(None), Process("bash")])
    assert not reaper_runs()
    monkeypatch.setattr("psutil.process_iter", lambda _: [Process("REAPER.exe")])
    assert reaper_runs()


def test_the_command_line(resource: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["setup", "--resource", str(resource), "--dry-run"]) == 0
    assert not (resource / "Scripts").exists()
    assert run(["setup", "--resource", str(resource), "--yes"]) == 0
    assert "Backup:" in capsys.readouterr().out
    assert run(["setup", "--resource", str(resource), "--yes"]) == 0
    assert "Nothing to change" in capsys.readouterr().out
    assert run(["setup", "--resource", str(resource), "--undo"]) == 0
    assert "Taken back" in capsys.readouterr().out


def test_doctor_says_what_is_missing(
    resource: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STEMKIT_REAPER_RESOURCE", str(resource))
    assert run(["doctor"]) == 1
    before = capsys.readouterr().out
    assert "✗ Actions                  0 of 8" in before
    apply_setup(plan_setup(resource))
    (resource / "stemkit" / "journal.json").write_text("{}")
    run(["doctor"])
    after = capsys.readouterr().out
    assert "✓ Actions                  8 of 8" in after
    assert "✗ Interrupted render" in after
    assert "REAPER is not running" in after


def test_the_scripts_are_found_in_a_checkout() -> None:
    package = Path(app_setup.__file__).parents[1] / "reaper"
    assert {path.name for path in app_setup._scripts_folder(package).glob("Stemkit_*.py")} == set(ACTIONS)
