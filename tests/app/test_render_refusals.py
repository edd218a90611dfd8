"""What stands in the way of a render is said in one sentence, with the file or the stem that it is about."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
import soundfile

from stemkit.app.inspect import inspect_project
from stemkit.app.prepare import prepare
from stemkit.app.render import render_project
from stemkit.errors import EngineError, InputError, StemkitError

RATE = 8000
# NAME, then one item (POSITION, LENGTH) that plays a file (reaper-facts.md 5.3)
TRACK = """\
  <TRACK {{{name}}}
    NAME {name}
    <ITEM
      POSITION 0
      LENGTH 1
      LOOP 0
      <SOURCE WAVE
        FILE "{name}.wav"
      >
    >
  >
"""


@pytest.fixture
def song(tmp_path: Path) -> Path:
    tone = 0.25 * np.sin(2 * np.pi * 440 * np.arange(RATE) / RATE)
    for name in ("Kick", "Bass"):
        soundfile.write(tmp_path / f"{name}.wav", tone, RATE, subtype="PCM_24")
    project = tmp_path / "song.rpp"
    tracks = "".join(TRACK.format(name=name) for name in ("Kick", "Bass"))
    project.write_text(f'<REAPER_PROJECT 0.1 "7.0" 1\n  SAMPLERATE {RATE} 1 0\n{tracks}>\n', encoding="utf-8")
    return project


def refusal(song: Path, output: Path) -> StemkitError:
    with pytest.raises(StemkitError) as caught:
        render_project(song, output)
    assert "\n" not in caught.value.message
    return caught.value


def as_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


@pytest.mark.parametrize(
    ("spoil", "why"),
    [
        (Path.unlink, "is missing: Bass.wav"),
        (as_folder, "is missing: Bass.wav"),
        (lambda path: path.write_bytes(b""), "cannot be read"),
        (lambda path: path.write_bytes(bytes(range(256)) * 40), "cannot be read"),
    ],
)
def test_media_that_cannot_be_rendered_is_named_and_reaper_is_not_blamed(song: Path, spoil, why: str) -> None:  # type: ignore[no-untyped-def]  # any call on a path
    spoil(song.with_name("Bass.wav"))
    error = refusal(song, song.parent / "out")
    assert isinstance(error, EngineError)
    assert error.message.startswith(
        "1 of 2 stems cannot be rendered while their media is missing or unreadable: 02_Bass"
    )
    assert why in error.message
    assert "need REAPER" not in error.message
    assert not (song.parent / "out").exists()


def test_media_that_was_cut_short_is_an_error_before_and_after_the_render(song: Path) -> None:
    bass = song.with_name("Bass.wav")
    bass.write_bytes(bass.read_bytes()[:6000])
    before = [f for f in inspect_project(song).findings if f.rule == "SK113"]
    assert [(f.subject, f.severity) for f in before] == [("Bass", "error")]
    assert "Bass.wav (the file ends after" in before[0].message
    report = render_project(song, song.parent / "out").report
    assert [f.message for f in report.findings if f.rule == "SK113"] == [before[0].message]
    assert report.verdict == "fail"
    quiet = render_project(song, song.parent / "out", overwrite=True, ignore=("SK113",)).report
    assert "SK113" not in [f.rule for f in quiet.findings]


def test_a_file_where_the_folder_should_be(song: Path) -> None:
    (song.parent / "taken").write_text("mine", encoding="utf-8")
    error = refusal(song, song.parent / "taken")
    assert isinstance(error, InputError)
    assert "taken cannot be made a folder (a file of that name is in the way)" in error.message
    assert "cannot be made a folder" in refusal(song, song.parent / "taken" / "below").message


def test_a_disk_that_is_too_small_is_found_out_before_anything_is_made(
    song: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = type("Usage", (), {"free": 100_000})
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage)
    assert "has 0 MB free; make room first" in refusal(song, song.parent / "out" / "deep").message
    assert not (song.parent / "out").exists()


def test_what_needs_reaper_says_so_and_offers_what_helps(song: Path) -> None:
    effect = '    <FXCHAIN\n      BYPASS 0 0 0\n      <VST "VST: ReaComp (Cockos)" reacomp.dll 0 ""\n      >\n    >\n'
    text = song.read_text(encoding="utf-8")
    song.write_text(text.replace("    NAME Bass\n", f"    NAME Bass\n{effect}"), encoding="utf-8")
    error = refusal(song, song.parent / "out")
    assert error.message.startswith("1 of 2 stems need REAPER itself: 02_Bass (")
    assert "--bypass-fx" in error.message
    assert "--skip-impossible" in error.message


def test_a_project_that_is_not_there_and_one_that_is_a_folder(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="does not exist"):
        prepare(tmp_path / "gone.rpp")
    with pytest.raises(InputError, match="is not a file"):
        prepare(tmp_path)
