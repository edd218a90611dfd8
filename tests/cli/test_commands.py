from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import soundfile

from stemkit.app.demo_song import write_demo_project
from stemkit.cli.entry import run


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_demo_project(tmp_path_factory.mktemp("song"))


@pytest.fixture(scope="module")
def delivery(project: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("delivery") / "out"
    assert run(["render", str(project), "-o", str(folder), "--quiet"]) == 0
    return folder


def test_every_command_has_a_help_page_without_an_error(capsys: pytest.CaptureFixture[str]) -> None:
    for command in ("demo", "inspect", "plan", "render", "check", "rules", "profiles"):
        assert run([command, "--help"]) == 0
    assert "Traceback" not in capsys.readouterr().err


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--version"]) == 0
    assert capsys.readouterr().out.startswith("stemkit ")


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["inspect", "nowhere.rpp"], 2, "nowhere.rpp does not exist"),
        (["plan", "{damaged}"], 2, "the file ends inside <TRACK of line 2"),
        (["check", "nowhere"], 2, "nowhere"),
        (["rules", "SK999"], 2, "No rule starts with 'SK999'"),
        (["profiles", "mixprep"], 2, "mixprep"),
        (["check", ".", "--accept", "SK109"], 2, "needs a reason"),
        (["render", "{project}", "-o", "{out}", "--engine", "magic"], 2, "no engine 'magic'"),
        (["check", "--nonsense"], 2, "--nonsense"),
        (["plan", "{project}", "--rate", "0"], 2, "0"),
        (["plan", "no\nwhere.rpp"], 2, "no where.rpp"),
    ],
)
def test_mistakes_end_in_one_sentence(
    arguments: list[str], code: int, said: str, project: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    damaged = tmp_path / "damaged.rpp"
    damaged.write_text('<REAPER_PROJECT 0.1 "7.0"\n  <TRACK\n    NAME x\n')
    places = {"damaged": damaged, "project": project, "out": tmp_path / "out"}
    assert run([a.format(**places) for a in arguments]) == code
    shown = capsys.readouterr().err
    assert said in shown
    assert "Traceback" not in shown


def test_json_on_stdout_is_only_json(delivery: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["check", str(delivery), "--format", "json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert report["schema"] == "stemkit.report/1"
    assert report["set"]["sum"]["null_db"] < -120


def test_the_delivery_is_whole_and_of_one_length(delivery: Path) -> None:
    files = sorted(delivery.rglob("*"))
    waves = [f for f in files if f.is_file()]
    assert {f.parent.name for f in waves} == {"Stems", "Mix"}
    assert len({soundfile.info(f).frames for f in waves}) == 1
    assert not [f for f in files if f.name.startswith(".stemkit")]
    assert {soundfile.info(f).channels for f in waves if "Kick" in f.name} == {1}


def test_a_file_in_the_way_is_not_replaced(project: Path, delivery: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = {f: f.stat().st_mtime_ns for f in delivery.rglob("*.wav")}
    assert run(["render", str(project), "-o", str(delivery)]) == 2
    assert "--overwrite" in capsys.readouterr().err
    assert {f: f.stat().st_mtime_ns for f in delivery.rglob("*.wav")} == before


def test_findings_give_exit_code_one(delivery: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    copy = tmp_path / "Stems"
    copy.mkdir()
    source = next(delivery.rglob("*Kick.wav"))
    (copy / "01_Kick.wav").write_bytes(source.read_bytes()[:-5000])
    assert run(["check", str(tmp_path)]) == 1
    assert "SK204" in capsys.readouterr().out
    assert run(["check", str(tmp_path), "--fail-on", "never"]) == 0
    assert run(["check", str(tmp_path), "--ignore", "SK204", "--fail-on", "error"]) in {0, 1}


def test_a_page_is_written(delivery: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    page = tmp_path / "report.html"
    run(["check", str(delivery), "--report", str(page)])
    assert page.read_text(encoding="utf-8").startswith("<!doctype html>")
    assert str(page) in capsys.readouterr().err


def test_stems_that_need_reaper_end_with_three_unless_told_otherwise(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    soundfile.write(tmp_path / "tone.wav", np.full(48000, 0.4), 48000, subtype="PCM_24")
    track = (
        "  <TRACK {{{n}}}\n    NAME {name}\n    TRACKID {{{n}}}\n{fx}    <ITEM\n      POSITION 0\n      LENGTH 1\n"
        '      <SOURCE WAVE\n        FILE "tone.wav"\n      >\n    >\n  >\n'
    )
    effect = '    <FXCHAIN\n      BYPASS 0 0 0\n      <VST "VST: ReaEQ (Cockos)" reaeq.dll 0 "" 1\n      >\n    >\n'
    text = (
        '<REAPER_PROJECT 0.1 "7.0" 1\n  SAMPLERATE 48000 1 0\n  TEMPO 120 4 4\n'
        + track.format(n="1", name="Dry", fx="")
        + track.format(n="2", name="Wet", fx=effect)
        + ">\n"
    )
    song = tmp_path / "song.rpp"
    song.write_text(text)
    assert run(["render", str(song), "-o", str(tmp_path / "a")]) == 3
    shown = capsys.readouterr().err
    assert "02_Wet" in shown
    assert "ReaEQ" in shown
    assert not list((tmp_path / "a").rglob("*.wav")) if (tmp_path / "a").exists() else True
    assert run(["render", str(song), "-o", str(tmp_path / "b"), "--skip-impossible"]) in {0, 1}
    assert [f.name for f in (tmp_path / "b" / "Stems").iterdir()] == ["01_Dry.wav"]
    assert "Left out: 02_Wet" in capsys.readouterr().out
    assert run(["render", str(song), "-o", str(tmp_path / "c"), "--bypass-fx"]) in {0, 1}
    assert len(list((tmp_path / "c" / "Stems").iterdir())) == 2
    assert song.read_text() == text


def test_an_interrupted_render_leaves_no_file(project: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    # The render is held where its audio is whole and has no final names yet, so that a slow machine cannot miss it.
    # A shell that starts commands in the background tells them to ignore Ctrl-C.
    held = (
        "import signal, time, stemkit.app.render as r, stemkit.cli; r._finish_all = lambda *_: time.sleep(120); "
        "signal.signal(signal.SIGINT, signal.default_int_handler); stemkit.cli.main()"
    )
    command = [sys.executable, "-c", held, "render", str(project), "-o", str(out)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=dict(os.environ)) as process:
        deadline = time.monotonic() + 60
        while not list(out.glob(".stemkit-*-staging/*")) and process.poll() is None and time.monotonic() < deadline:
            time.sleep(0.005)
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=60)
    assert process.returncode == 130, errors.decode()
    assert b"nothing was left half-written" in errors
    assert [p for p in out.rglob("*") if p.is_file()] == []


def test_a_terminal_without_a_minus_sign_is_no_reason_to_crash(delivery: Path) -> None:
    command = [sys.executable, "-c", "import stemkit.cli; stemkit.cli.main()", "check", str(delivery)]
    environment = {**os.environ, "PYTHONIOENCODING": "cp1252"}
    done = subprocess.run(command, capture_output=True, env=environment, check=False, timeout=120)
    assert done.returncode == 0, done.stderr.decode()
    assert b"Traceback" not in done.stderr


def test_a_reader_that_has_seen_enough_is_no_error(delivery: Path) -> None:
    command = [sys.executable, "-c", "import stemkit.cli; stemkit.cli.main()", "rules"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        errors = process.stderr.read()
        process.wait(timeout=60)
    assert b"Traceback" not in errors
    assert b"BrokenPipe" not in errors


def test_a_fault_of_our_own_is_told_in_a_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(*_: object, **__: object) -> object:
        raise RuntimeError("oh")

    monkeypatch.setattr("stemkit.app.check.check", broken)
    assert run(["check", "."]) == 3
    shown = capsys.readouterr().err
    assert "a fault in stemkit itself (RuntimeError: oh)" in shown
    assert "Traceback" not in shown
    with pytest.raises(RuntimeError):
        run(["check", ".", "--debug"])
