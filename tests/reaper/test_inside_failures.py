"""The render machine inside, when a render goes wrong: each fault has its name, and the project is as it was."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from tests.fakereaper.songs import write_song
from tests.reaper.live_jobs import Bench, bench, facts


@pytest.fixture
def song(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Bench:
    return bench(write_song(tmp_path / "song"), tmp_path, monkeypatch, heartbeat_s=60.0)


def renders_but(song: Bench, then: Any) -> None:
    render = song.api.run_action

    def run(command: int) -> None:
        render(command)
        then(sorted(Path(song.job["passes"][0]["folder"]).glob("*.wav")))

    song.api.run_action = run


def failing_run(song: Bench) -> str:
    machine = song.machine()
    song.run(machine)
    assert machine.state == "failed"
    assert machine.failure is not None
    assert machine.not_restored == []
    assert facts() == song.before
    assert not song.journal.exists()
    return machine.failure.code


def test_a_cancelled_render_is_named(song: Bench) -> None:
    song.api.run_action = lambda _: None
    assert failing_run(song) == "no_file"


def test_fewer_files_are_named(song: Bench) -> None:
    renders_but(song, lambda files: files[0].unlink())
    assert failing_run(song) == "fewer_files"


def test_a_shorter_file_is_named(song: Bench) -> None:
    def cut(files: list[Path]) -> None:
        files[0].write_bytes(files[0].read_bytes()[:-4000])

    renders_but(song, cut)
    assert failing_run(song) == "wrong_length"


def test_a_file_that_is_no_sound_is_named(song: Bench) -> None:
    renders_but(song, lambda files: files[0].write_bytes(b"no sound"))
    assert failing_run(song) == "wrong_length"


@pytest.mark.parametrize("off_by", [-1, 1])
def test_one_frame_more_or_less_is_taken(off_by: int, song: Bench) -> None:
    def change(files: list[Path]) -> None:
        audio, rate = soundfile.read(files[0], dtype="float32")
        changed = audio[:-1] if off_by < 0 else np.vstack([audio, audio[-1:]])
        soundfile.write(files[0], changed, rate, subtype="FLOAT")

    renders_but(song, change)
    machine = song.machine()
    song.run(machine)
    assert machine.state == "done"


def test_a_file_in_the_way_is_found_before_reaper_asks(song: Bench) -> None:
    folder = Path(song.job["passes"][0]["folder"])
    (folder / "sk_2.wav").touch()
    assert failing_run(song) == "target_exists"


def test_a_disk_that_is_full_is_named_and_nothing_was_changed(song: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: Any) -> None:
        raise OSError(28, "No space left on device", "journal.json")

    monkeypatch.setattr("stemkit.reaper.inside_journal.os.fsync", full)
    machine = song.machine()
    song.run(machine)
    assert machine.failure is not None
    assert machine.failure.code == "disk"
    assert "No space left" in machine.failure.message
    assert facts() == song.before


def test_a_crashing_call_is_named_and_restored(song: Bench) -> None:
    def crash(_: int) -> None:
        raise RuntimeError("the plug-in fell over")

    song.api.run_action = crash
    assert failing_run(song) == "internal"


def test_a_setting_that_reaper_does_not_take_stops_the_render(song: Bench) -> None:
    song.api.deaf = frozenset({"RENDER_NORMALIZE"})
    assert failing_run(song) == "not_taken"


def test_a_selection_that_changes_meanwhile_stops_the_render(song: Bench) -> None:
    machine = song.machine()
    while machine.state != "armed":
        song.tick(machine)
    song.api.project.tracks[6].values["I_SELECTED"] = 1.0
    song.run(machine)
    assert machine.failure is not None
    assert machine.failure.code == "not_taken"
    assert facts() == song.before


def test_a_reaper_that_renders_other_tracks_is_caught_by_its_targets(song: Bench) -> None:
    targets = song.api.targets
    song.api.targets = lambda: targets()[:-1]
    assert failing_run(song) == "targets"


def test_a_track_that_goes_away_meanwhile_is_named(song: Bench) -> None:
    machine = song.machine()
    while machine.state != "armed":
        song.tick(machine)
    gone = song.api.project.tracks.pop()
    song.run(machine)
    assert machine.failure is not None
    assert machine.failure.code == "project_changed"
    assert machine.not_restored
    assert all(gone.guid in told for told in machine.not_restored)
    assert song.journal.exists()


def test_a_reaper_that_keeps_its_mono_is_refused_and_left_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    song = bench(write_song(tmp_path / "song", master_extra="MASTERMUTESOLO 4"), tmp_path, monkeypatch)
    song.api.quirks = frozenset({"no-mono"})
    assert failing_run(song) == "not_taken"
