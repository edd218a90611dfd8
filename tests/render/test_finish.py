from __future__ import annotations

import subprocess
import sys
from datetime import datetime, timezone
from pathlib import Path

import numpy as np
import pytest
import soundfile

from stemkit.errors import EngineError, InputError
from stemkit.model.plan import Fidelity, RenderedAudio
from stemkit.render import finish
from stemkit.render.atomic import part_file, staging_folder, sweep
from stemkit.render.finish import FinishJob, common_tail_frames, finish_file, now_or_fixed, output_channels

NOON = datetime(2026, 1, 2, 12, 0, 0, tzinfo=timezone.utc)


def staged(tmp_path: Path, samples: np.ndarray, rate: int = 48000) -> RenderedAudio:
    path = tmp_path / "staged.wav"
    soundfile.write(path, samples, rate, subtype="FLOAT")
    return RenderedAudio(
        key="k",
        path=path,
        channels=samples.shape[1],
        frames=len(samples),
        sample_rate=rate,
        peak=float(np.abs(samples).max(initial=0)),
        left_equals_right=bool((samples[:, 0] == samples[:, -1]).all()),
        fidelity=Fidelity(level="exact"),
    )


def job(audio: RenderedAudio, target: Path, **changes: object) -> FinishJob:
    facts: dict[str, object] = {
        "audio": audio,
        "target": target,
        "channels": audio.channels,
        "planned_frames": audio.frames,
        "frames": audio.frames,
        "encoding": "pcm24",
        "gain_db": 0.0,
        "start_frame": 0,
        "project": "Song",
        "label": "01_Kick",
        "made_at": NOON,
    }
    return FinishJob(**(facts | changes))  # type: ignore[arg-type]


def test_gain_is_applied_in_float_before_the_one_rounding(tmp_path: Path) -> None:
    samples = np.full((1000, 2), 1.5)  # above full scale: only float survives the way to here
    target = tmp_path / "out" / "01_Kick.wav"
    finish_file(job(staged(tmp_path, samples), target, gain_db=-6.0))
    read, _ = soundfile.read(target)
    assert np.abs(read - 1.5 * 10 ** (-6 / 20)).max() <= 2**-24


@pytest.mark.parametrize("off_by", [-1, 0, 1])
def test_one_frame_too_few_or_too_many_is_mended(tmp_path: Path, off_by: int) -> None:
    audio = staged(tmp_path, np.ones((100, 2)) * 0.5)
    finish_file(job(audio, tmp_path / "a.wav", planned_frames=100 + off_by, frames=100 + off_by))
    assert soundfile.info(tmp_path / "a.wav").frames == 100 + off_by


@pytest.mark.parametrize(("made", "asked"), [(1, 1), (1, 2), (2, 1), (2, 2), (4, 2), (4, 4)])
def test_channels_are_spread_or_left_out(made: int, asked: int, tmp_path: Path) -> None:
    samples = np.full((50, made), 0.25) * np.arange(1, made + 1) / made
    finish_file(job(staged(tmp_path, samples), tmp_path / "a.wav", channels=asked, encoding="float32"))
    read, _ = soundfile.read(tmp_path / "a.wav", always_2d=True)
    assert np.array_equal(read, np.repeat(samples, asked, axis=1) if made == 1 else samples[:, :asked])


def test_a_short_render_is_a_failure_and_leaves_nothing(tmp_path: Path) -> None:
    audio = staged(tmp_path, np.ones((100, 2)))
    target = tmp_path / "out" / "a.wav"
    with pytest.raises(EngineError, match="100 samples long instead of 200"):
        finish_file(job(audio, target, planned_frames=200, frames=200))
    assert list(target.parent.iterdir()) == []


def test_an_existing_file_is_kept_unless_told_otherwise(tmp_path: Path) -> None:
    audio = staged(tmp_path, np.ones((10, 2)))
    target = tmp_path / "a.wav"
    target.write_bytes(b"mine")
    with pytest.raises(InputError, match="exists already"):
        finish_file(job(audio, target))
    assert target.read_bytes() == b"mine"
    finish_file(job(audio, target), overwrite=True)
    assert soundfile.info(target).frames == 10


@pytest.mark.parametrize(("wish", "same", "expected"), [("auto", True, 1), ("auto", False, 2), ("stereo", True, 2)])
def test_mono_only_when_left_equals_right_throughout(tmp_path: Path, wish: str, same: bool, expected: int) -> None:
    samples = np.random.default_rng(0).uniform(-1, 1, (50, 2))
    if same:
        samples[:, 1] = samples[:, 0]
    audio = staged(tmp_path, samples)
    assert output_channels(audio, wish=wish) == expected


def test_shared_silence_at_the_end_goes_up_to_a_whole_second(tmp_path: Path) -> None:
    samples = np.zeros((48000 * 10, 2))
    samples[: 48000 * 3 + 5] = 0.1
    audio = staged(tmp_path, samples)
    assert common_tail_frames((audio,), len(samples), floor=48000, sample_rate=48000) == 48000 * 4
    assert common_tail_frames((audio,), len(samples), floor=48000 * 7, sample_rate=48000) == 48000 * 7


@pytest.mark.parametrize(("last", "frames"), [(0, 1000), (998, 1000), (999, 1000), (1000, 2000), (2999, 3000)])
@pytest.mark.parametrize("block", [64, 4096])
def test_the_last_sound_is_found_to_the_sample(
    last: int, frames: int, block: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(finish, "_BLOCK_FRAMES", block)
    samples = np.zeros((5000, 2))
    samples[last, 1] = 2**-20
    audio = staged(tmp_path, samples, rate=1000)
    assert common_tail_frames((audio,), 5000, floor=0, sample_rate=1000) == frames
    assert common_tail_frames((audio,), 5000, floor=4001, sample_rate=1000) == 5000
    assert common_tail_frames((audio,), 1500, floor=0, sample_rate=1000) == min(frames, 1500)


def test_the_same_input_gives_the_same_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    audio = staged(tmp_path, np.random.default_rng(3).uniform(-1, 1, (500, 2)))
    for name in ("a.wav", "b.wav"):
        finish_file(job(audio, tmp_path / name, made_at=now_or_fixed()))
    assert (tmp_path / "a.wav").read_bytes() == (tmp_path / "b.wav").read_bytes()


def test_an_error_inside_leaves_no_file_and_no_rest(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), part_file(tmp_path / "a.wav") as stream:
        stream.write(b"half")
        raise ZeroDivisionError
    assert list(tmp_path.iterdir()) == []


def test_what_a_killed_run_left_is_swept_and_nothing_else(tmp_path: Path) -> None:
    script = (
        "import os, pathlib, signal, sys\n"
        "from stemkit.render.atomic import part_file, staging_folder\n"
        "folder = pathlib.Path(sys.argv[1])\n"
        "with staging_folder(folder) as s, part_file(folder / 'x.wav') as stream:\n"
        "    (s / 'stem.wav').write_bytes(b'1')\n"
        "    stream.write(b'half')\n"
        "    stream.flush()\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    subprocess.run([sys.executable, "-c", script, str(tmp_path)], check=False, timeout=60)
    assert len(list(tmp_path.iterdir())) == 2
    (tmp_path / ".stemkit-notes").write_text("mine")
    with staging_folder(tmp_path) as live:  # sweeps first, and its own folder survives another sweep
        sweep(tmp_path)
        assert live.is_dir()
    assert [p.name for p in tmp_path.iterdir()] == [".stemkit-notes"]


def test_a_shared_silent_end_is_left_out(tmp_path: Path) -> None:
    audio = staged(tmp_path, np.ones((100, 2)))
    finish_file(job(audio, tmp_path / "a.wav", frames=60))
    assert soundfile.info(tmp_path / "a.wav").frames == 60
