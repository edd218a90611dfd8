"""The probe against real codecs: MP3 by lame, AAC and Vorbis by ffmpeg, on synthetic music and on recordings.

The recordings are those of Debian's packages sonic-pi-samples and libasound2-data, where they are installed.
"""

from __future__ import annotations

import shutil
import subprocess
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
import soundfile

from stemkit.audio.spectrum import SpectrumProbe
from tests.audio.music import VOICES, play

if TYPE_CHECKING:
    from numpy.typing import NDArray

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
    Codec("AAC 128", "m4a", _ffmpeg("-c:a", "aac", "-b:a", "128k"), 0.9),
    Codec("MP3 V2", "mp3", ("lame", "--silent", "-V", "2", "{source}", "{target}"), None),
    Codec("MP3 320", "mp3", ("lame", "--silent", "-b", "320", "{source}", "{target}"), None),
    Codec("AAC 256", "m4a", _ffmpeg("-c:a", "aac", "-b:a", "256k"), None),
    Codec("Vorbis q5", "ogg", _ffmpeg("-c:a", "libvorbis", "-q:a", "5"), None),
)

pytestmark = pytest.mark.skipif(
    shutil.which("ffmpeg") is None or shutil.which("lame") is None,
    reason="needs ffmpeg and lame (Debian packages of these names) on the PATH",
)


def suspected(samples: NDArray[np.float32], rate: int) -> bool:
    probe = SpectrumProbe(rate)
    for start in range(0, len(samples), 65536):
        probe.feed(samples[start : start + 65536])
    evidence, _upsampled = probe.result()
    return evidence is not None and evidence.suspected


def _read(path: Path) -> tuple[NDArray[np.float32], int]:
    samples, rate = soundfile.read(path, dtype="float32", always_2d=True)
    return samples, rate


def _sources() -> dict[tuple[int, int], dict[str, NDArray[np.float32]]]:
    """Return all sources by rate and channels: those that share both are encoded as one file, which saves minutes."""
    together: dict[tuple[int, int], dict[str, NDArray[np.float32]]] = defaultdict(dict)
    for index, voice in enumerate(VOICES):
        rate = (44100, 48000)[index % 2]
        together[rate, 2][voice] = play(voice, rate, SECONDS, seed=index).astype(np.float32)
    for recording in RECORDINGS:
        if recording.exists():
            samples, rate = _read(recording)
            together[rate, samples.shape[1]][recording.stem] = samples[: 5 * rate]
    return together


def _through(codec: Codec, samples: NDArray[np.float32], rate: int, folder: Path) -> Path:
    source, target, decoded = folder / "source.wav", folder / f"coded.{codec.suffix}", folder / "decoded.wav"
    soundfile.write(source, samples, rate, subtype="PCM_24")
    subprocess.run([part.format(source=source, target=target) for part in codec.command], check=True)
    subprocess.run(["ffmpeg", "-v", "error", "-y", "-i", target, "-c:a", "pcm_s24le", decoded], check=True)
    return decoded


def _each_through(codec: Codec, sounds: dict[str, NDArray[np.float32]], rate: int, folder: Path) -> dict[str, bool]:
    """Encode the sounds as one file, decode it, cut it apart again, and judge each of them.

    Of a codec whose share of catches is only reported, every other sound is enough.
    """
    if codec.caught is None:
        sounds = dict(list(sounds.items())[::2])
    decoded, _rate = _read(_through(codec, np.concatenate(list(sounds.values())), rate, folder))
    ends = np.cumsum([len(sound) for sound in sounds.values()])
    return {
        name: suspected(decoded[end - len(sound) : end], rate)
        for (name, sound), end in zip(sounds.items(), ends, strict=True)
    }


def test_confusion_table(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    verdicts: dict[str, dict[str, bool]] = defaultdict(dict)
    for (rate, _channels), sounds in _sources().items():
        verdicts["untouched"] |= {name: suspected(sound, rate) for name, sound in sounds.items()}
        for codec in CODECS:
            verdicts[codec.name] |= _each_through(codec, sounds, rate, tmp_path)
    with capsys.disabled():
        print(f"\n{'':>10} {'lossy':>6} {'clean':>6}   called clean")
        for origin, found in verdicts.items():
            names = "" if origin == "untouched" else ", ".join(name for name, lossy in found.items() if not lossy)
            print(f"{origin:>10} {sum(found.values()):>6} {len(found) - sum(found.values()):>6}   {names}")
    assert not any(verdicts["untouched"].values())
    for codec in CODECS:
        if codec.caught is not None:
            assert sum(verdicts[codec.name].values()) >= codec.caught * len(verdicts[codec.name]), codec.name


@pytest.mark.parametrize("rate", [48000, 96000])
def test_conversion_to_a_higher_rate_does_not_hide_mp3(rate: int, tmp_path: Path) -> None:
    decoded = _through(CODECS[0], play("plucked", 44100, SECONDS).astype(np.float32), 44100, tmp_path)
    raised = tmp_path / "raised.wav"
    subprocess.run(["ffmpeg", "-v", "error", "-i", decoded, "-ar", str(rate), "-c:a", "pcm_s24le", raised], check=True)
    assert suspected(*_read(raised))


@pytest.mark.parametrize("subtype", ["PCM_16", "FLOAT"])
def test_gain_and_depth_do_not_hide_mp3(subtype: str, tmp_path: Path) -> None:
    samples, rate = _read(_through(CODECS[1], play("mix", 44100, SECONDS).astype(np.float32), 44100, tmp_path))
    quieter = tmp_path / "quieter.wav"
    soundfile.write(quieter, np.concatenate([np.zeros((777, 2)), 0.3 * samples]), rate, subtype=subtype)
    assert suspected(*_read(quieter))
