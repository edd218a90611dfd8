"""The probe against real codecs: MP3 by lame, AAC and Vorbis by ffmpeg, on synthetic music and on recordings.

The recordings are those of Debian's packages sonic-pi-samples and libasound2-data, where they are installed.
"""

from __future__ import annotations

import shutil
import subprocess
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import soundfile

from stemkit.audio.spectrum import SpectrumProbe
from tests.audio.music import VOICES, play

SONIC_PI = Path("/usr/share/sonic-pi/samples")
RECORDINGS = (
    *(SONIC_PI / f"{name}.flac" for name in ("guit_em9", "loop_amen_full", "loop_tabla", "ambi_piano", "drum_roll")),
    *(SONIC_PI / f"{name}.flac" for name in ("loop_safari", "perc_bell2", "drum_cymbal_open", "ambi_choir")),
    *(Path("/usr/share/sounds/alsa") / f"{name}.wav" for name in ("Front_Center", "Noise")),
)
SECONDS = 4.0


@dataclass(frozen=True, slots=True)
class Codec:
    """How to encode; `caught` is the share of files that must be found, None where it is only reported."""

    name: str
    suffix: str
    command: tuple[str, ...]
    caught: float | None


def _ffmpeg(*options: str) -> tuple[str, ...]:
    return ("ffmpeg", "-v", "error", "-y", "-i", "{source}", *options, "{target}")


CODECS = (
    Codec("MP3 128", "mp3", ("lame", "--silent", "-b", "128", "{source}", "{target}"), 0.9),
    Codec("MP3 192", "mp3", ("lame", "--silent", "-b", "192", "{source}", "{target}"), 0.9),
    Codec("MP3 V2", "mp3", ("lame", "--silent", "-V", "2", "{source}", "{target}"), 0.9),
    Codec("MP3 320", "mp3", ("lame", "--silent", "-b", "320", "{source}", "{target}"), None),
    Codec("AAC 128", "m4a", _ffmpeg("-c:a", "aac", "-b:a", "128k"), 0.9),
    Codec("AAC 256", "m4a", _ffmpeg("-c:a", "aac", "-b:a", "256k"), None),
    Codec("Vorbis q5", "ogg", _ffmpeg("-c:a", "libvorbis", "-q:a", "5"), None),
)

pytestmark = pytest.mark.skipif(
    shutil.which("ffmpeg") is None or shutil.which("lame") is None,
    reason="needs ffmpeg and lame (Debian packages of these names) on the PATH",
)


def suspected(path: Path) -> bool:
    with soundfile.SoundFile(path) as file:
        probe = SpectrumProbe(file.samplerate)
        for block in file.blocks(65536, always_2d=True, dtype="float32"):
            probe.feed(block)
    evidence, _upsampled = probe.result()
    return evidence is not None and evidence.suspected


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    folder = tmp_path_factory.mktemp("sources")
    made = []
    for index, voice in enumerate(VOICES):
        rate = (44100, 48000)[index % 2]
        made.append(folder / f"{voice}.wav")
        soundfile.write(made[-1], play(voice, rate, SECONDS, seed=index), rate, subtype="PCM_24")
    for recording in RECORDINGS:
        if recording.exists():
            samples, rate = soundfile.read(recording, frames=5 * 48000)
            made.append(folder / f"{recording.stem}.wav")
            soundfile.write(made[-1], samples, rate, subtype="PCM_24")
    return made


def _through(codec: Codec, source: Path, folder: Path) -> Path:
    target = folder / f"{source.stem}.{codec.suffix}"
    subprocess.run([part.format(source=source, target=target) for part in codec.command], check=True)
    decoded = folder / f"{source.stem}.wav"
    subprocess.run(["ffmpeg", "-v", "error", "-y", "-i", target, "-c:a", "pcm_s24le", decoded], check=True)
    return decoded


def test_confusion_table(sources: list[Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    caught: dict[str, list[str]] = defaultdict(list)
    missed: dict[str, list[str]] = defaultdict(list)
    for source in sources:
        (missed if not suspected(source) else caught)["untouched"].append(source.stem)
        for codec in CODECS:
            found = suspected(_through(codec, source, tmp_path))
            (caught if found else missed)[codec.name].append(source.stem)
    with capsys.disabled():
        print(f"\n{'':>10} {'lossy':>6} {'clean':>6}   called clean")
        for name in ("untouched", *(codec.name for codec in CODECS)):
            names = "" if name == "untouched" else ", ".join(missed[name])
            print(f"{name:>10} {len(caught[name]):>6} {len(missed[name]):>6}   {names}")
    assert caught["untouched"] == []
    for codec in CODECS:
        if codec.caught is not None:
            assert len(caught[codec.name]) >= codec.caught * len(sources), codec.name


@pytest.mark.parametrize("rate", [48000, 96000])
def test_conversion_to_a_higher_rate_does_not_hide_mp3(rate: int, tmp_path: Path) -> None:
    source = tmp_path / "source.wav"
    soundfile.write(source, play("plucked", 44100, SECONDS), 44100, subtype="PCM_24")
    decoded = _through(CODECS[0], source, tmp_path)
    raised = tmp_path / "raised.wav"
    subprocess.run(["ffmpeg", "-v", "error", "-i", decoded, "-ar", str(rate), "-c:a", "pcm_s24le", raised], check=True)
    assert suspected(raised)


@pytest.mark.parametrize("subtype", ["PCM_16", "FLOAT"])
def test_gain_and_depth_do_not_hide_mp3(subtype: str, tmp_path: Path) -> None:
    source = tmp_path / "source.wav"
    soundfile.write(source, play("mix", 44100, SECONDS), 44100, subtype="PCM_24")
    samples, rate = soundfile.read(_through(CODECS[1], source, tmp_path))
    quieter = tmp_path / "quieter.wav"
    soundfile.write(quieter, np.concatenate([np.zeros((777, 2)), 0.3 * samples]), rate, subtype=subtype)
    assert suspected(quieter)
