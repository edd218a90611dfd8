from __future__ import annotations

import time
import wave
from pathlib import Path

import numpy as np
import pytest

from stemkit.app.inspect import inspect_project
from stemkit.errors import InputError, UsageError
from stemkit.model.report import Report
from stemkit.report import render

RATE = 48000
HEADER = """<REAPER_PROJECT 0.1 "7.22/linux-x86_64" 1700000000
  RENDER_RANGE 1 0 0 18 1000
  RENDER_STEMS 3
  <RENDER_CFG
    ZXZhdxgAAQ==
  >
  SAMPLERATE 48000 1 0
  TEMPO 120 4 4
  <MASTERFXLIST
    BYPASS 0 0 0
    <VST "VST: ReaLimit (Cockos)" x.dll 0 "" 0<> ""
    >
  >
"""


def write_wave(path: Path, *parts: np.ndarray) -> None:
    samples = np.concatenate(parts)
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(np.round(samples * 32767).astype("<i2").tobytes())


def tone(seconds: float, peak: float) -> np.ndarray:
    return peak * np.sin(2 * np.pi * 480 * np.arange(round(seconds * RATE)) / RATE)


def hiss(seconds: float, peak: float) -> np.ndarray:
    return np.random.default_rng(7).uniform(-peak, peak, round(seconds * RATE))


def track(name: str, file: str, length: float, *extra: str) -> str:
    lines = "".join(f"    {line}\n" for line in extra)
    return (
        f'  <TRACK {{{name}}}\n    NAME "{name}"\n{lines}    <ITEM\n      POSITION 0\n      LENGTH {length}\n      LOOP 0\n'
        f'      <SOURCE WAVE\n        FILE "{file}"\n      >\n    >\n  >\n'
    )


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("song")
    write_wave(folder / "hot.wav", tone(2, 0.95))
    write_wave(folder / "vox.wav", tone(1, 0.6), hiss(2, 0.004), tone(1, 0.6))
    effect = '    <FXCHAIN\n      BYPASS 0 0 0\n      <VST "VST: ReaComp (Cockos)" x.dll 0 "" 0<> ""\n      >\n    >\n'
    path = folder / "song.rpp"
    path.write_text(
        HEADER
        + track("Bass", "hot.wav", 2)
        + track("Vox", "vox.wav", 4)
        + track("Old", "hot.wav", 2, "MUTESOLO 1 0 0")
        + track("Squashed", "hot.wav", 2).replace("    <ITEM", effect + "    <ITEM", 1)
        + ">\n",
        encoding="utf-8",
    )
    return path


@pytest.fixture(scope="module")
def report(project: Path) -> Report:
    return inspect_project(project, levels=True)


def test_the_plan_takes_care_of_master_and_mutes(report: Report) -> None:
    handled = {(f.rule, f.subject) for f in report.findings if f.handled}
    assert {("SK101", "Master"), ("SK105", "Old")} <= handled
    assert report.verdict == "pass"
    assert report.plan is not None
    assert len(report.plan.stems) == 3


def test_noise_between_the_phrases_is_heard_in_the_media(report: Report) -> None:
    found = [f for f in report.findings if f.rule == "SK118"]
    assert [f.subject for f in found] == ["Vox"]
    assert 0.9 < found[0].where[0].start_s < 1.3
    assert 2.7 < found[0].where[-1].end_s < 3.1
    expected_dbfs = 20 * np.log10(0.004 / np.sqrt(3))  # RMS of uniform noise
    assert found[0].measured == pytest.approx(expected_dbfs, abs=1.0)


def test_levels_are_those_of_the_stems_and_name_the_fader_move(report: Report) -> None:
    levels = {level.subject: level for level in report.levels}
    assert levels["Bass"].peak_dbfs == pytest.approx(20 * np.log10(0.95), abs=0.01)
    assert levels["Vox"].peak_dbfs == pytest.approx(20 * np.log10(0.6), abs=0.01)
    assert levels["Squashed"].peak_dbfs is None
    assert levels["Squashed"].unknown is not None
    assert "ReaComp" in levels["Squashed"].unknown
    moves = {f.subject: f.message for f in report.findings if f.rule == "SK125"}
    assert "move its fader by -2.7 dB" in moves["Bass"]
    assert "Vox" not in moves


def test_as_is_nothing_is_taken_care_of_by_a_plan(project: Path) -> None:
    planned = inspect_project(project, media=False)
    as_is = inspect_project(project, media=False, as_is=True)
    assert next(f.handled for f in planned.findings if f.rule == "SK105") is not None
    assert next(f.handled for f in as_is.findings if f.rule == "SK105") is None


def test_without_media_the_rule_is_skipped_with_its_reason(project: Path) -> None:
    skips = {skip.rule: skip.reason for skip in inspect_project(project, media=False).skipped}
    assert "--no-media" in skips["SK118"]


def test_rules_can_be_chosen_and_findings_accepted(project: Path) -> None:
    chosen = inspect_project(project, media=False, select=("SK101", "SK105"), ignore=("SK105",), as_is=True)
    assert {f.rule for f in chosen.findings} == {"SK101"}
    accepted = inspect_project(project, media=False, select=("SK101",), as_is=True, accept={"SK101": "it is the sound"})
    assert [f.accepted for f in accepted.findings] == ["it is the sound"]
    with pytest.raises(UsageError):
        inspect_project(project, media=False, select=("SK999",))


def test_progress_runs_from_nothing_to_the_end(project: Path) -> None:
    seen: list[tuple[float, str]] = []
    inspect_project(project, levels=True, progress=lambda part, doing: seen.append((part, doing)))
    parts = [part for part, _ in seen]
    assert parts == sorted(parts)
    assert 0 <= parts[0] < 0.5 < parts[-1] <= 1
    assert any("vox.wav" in doing for _, doing in seen)


def test_a_file_that_is_no_project_is_refused_in_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"nothing\.rpp"):
        inspect_project(tmp_path / "nothing.rpp")


def test_the_text_is_grouped_by_guide_step_and_says_what_to_press(report: Report) -> None:
    text = render(report, "text", width=100)
    assert text.index("G1  Gain staging") < text.index("G2  Export") < text.index("G3  Clean-up") < text.index("Plan")
    assert "In REAPER: Item > Item processing > Dynamic split items" in " ".join(text.split())
    assert "✓ Nothing is soloed." in text
    assert "Stems/01_Bass" in text
    assert "Old: it is muted" in text
    assert "only REAPER can tell" in text
    assert max(len(line) for line in text.splitlines()) <= 100
    assert text.rstrip().splitlines()[-1].startswith("READY")


def test_nothing_in_a_project_can_move_the_cursor(tmp_path: Path) -> None:
    path = tmp_path / "song.rpp"
    path.write_text(HEADER + track("Evil\x1b[2Jname", "gone.wav", 1) + ">\n", encoding="utf-8")
    text = render(inspect_project(path), "text")
    assert "\x1b" not in text
    assert "\\x1b[2J" in text


def big_project(path: Path, *, tracks: int, items: int) -> None:
    points = "".join(f"      PT {n} {n % 3 / 2} 0\n" for n in range(20))
    effects = "".join(
        f'      BYPASS 0 0 0\n      <VST "VST: {name} (Cockos)" x.dll 0 "" 0<> ""\n        {"QUJD" * 30}\n      >\n'
        for name in ("ReaEQ", "ReaComp", "ReaLimit")
    )
    lines = [HEADER]
    for n in range(tracks):
        receives = (
            "".join(f"    AUXRECV {s} 0 1 0 0 0 0 0 0 -1:U 0 -1 ''\n" for s in range(0, n, 40)) if n % 50 == 49 else ""
        )
        folder = "1 1" if n % 10 == 0 else "2 -1" if n % 10 == 9 else "0 0"
        lines.append(f'  <TRACK {{{n}}}\n    NAME "Part {n}"\n    ISBUS {folder}\n{receives}')
        lines.append(f"    <VOLENV2\n      ACT 1 -1\n{points}    >\n    <FXCHAIN\n{effects}    >\n")
        lines += [
            f"    <ITEM\n      POSITION {i // tracks * 4}\n      LENGTH 3\n      MUTE {i % 2} 0\n      <SOURCE WAVE\n"
            f'        FILE "media/{i % 500}.wav"\n      >\n    >\n'
            for i in range(n, items, tracks)
        ]
        lines.append("  >\n")
    path.write_text("".join([*lines, ">\n"]), encoding="utf-8")


def test_a_project_of_300_tracks_and_5000_items_is_read_at_once_and_stays_readable(tmp_path: Path) -> None:
    path = tmp_path / "big.rpp"
    big_project(path, tracks=300, items=5000)
    began = time.process_time()
    report = inspect_project(path, media=False)
    assert time.process_time() - began < 2.0
    assert report.session is not None
    assert sum(len(track.items) for track in report.session.tracks) == 5000
    muted = [f for f in report.findings if f.rule == "SK106"]
    assert sum(int(f.measured or 0) for f in muted) == 2500
    findings_text, _, _ = render(report, "text", width=100).partition("\nPlan\n")
    assert len(findings_text.splitlines()) < 150


def test_it_takes_less_than_200_megabytes(tmp_path: Path) -> None:
    import tracemalloc

    path = tmp_path / "big.rpp"
    big_project(path, tracks=300, items=5000)
    tracemalloc.start()
    inspect_project(path, media=False)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 200e6
