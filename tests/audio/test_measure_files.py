from __future__ import annotations

import hashlib
import struct
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
import soundfile

from stemkit.audio.hashing import hash_file
from stemkit.audio.measure import measure, measure_and_hash, measure_blocks
from stemkit.audio.wav import walk
from stemkit.errors import InputError
from tests.audio.tones import (
    SUBTYPES,
    facts,
    file_facts,
    noise,
    quantised,
    sine,
    stereo,
)

if TYPE_CHECKING:
    from pathlib import Path

    from stemkit.model.audio import Encoding


@pytest.mark.parametrize("encoding", [*SUBTYPES, "pcm8", "float64"])
@pytest.mark.parametrize("channels", [1, 2, 3, 6])
def test_our_decoder_reads_what_libsndfile_reads(tmp_path: Path, encoding: Encoding, channels: int) -> None:
    subtype = {**SUBTYPES, "pcm8": "PCM_U8", "float64": "DOUBLE"}[encoding]
    path = tmp_path / "x.wav"
    x = np.random.default_rng(2).uniform(-1, 1, (3001, channels))
    soundfile.write(path, x, 48_000, subtype)
    y = soundfile.read(path, always_2d=True)[0]
    ours, theirs = measure(path), facts(y, encoding=encoding)
    assert ours == theirs


@pytest.mark.parametrize(
    ("form", "endian"),
    [
        ("WAVEX", "FILE"),
        ("RF64", "FILE"),
        ("W64", "FILE"),
        ("WAV", "BIG"),
        ("AIFF", "FILE"),
        ("CAF", "FILE"),
        ("FLAC", "FILE"),
    ],
)
def test_the_container_changes_no_figure(tmp_path: Path, form: str, endian: str) -> None:
    x = (quantised(stereo(noise(1.1), sine(440, 1.1, dbfs=-6)), 24) * 2**31).astype(np.int32)  # nothing to round
    path = tmp_path / "x.audio"
    soundfile.write(path, x, 48_000, "PCM_24", endian=endian, format=form)
    assert measure(path) == file_facts(tmp_path / "x.wav", x)


@pytest.mark.parametrize("suffix", ["flac", "aiff", "ogg"])
def test_other_containers_are_measured_by_libsndfile(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"x.{suffix}"
    soundfile.write(path, stereo(sine(440, 1, dbfs=-6)), 48_000)
    measured = measure(path)
    assert (measured.frames, measured.channels) == (48_000, 2)
    assert measured.sample_peak_dbfs == pytest.approx(-6, abs=0.3)


def test_an_empty_file_has_no_frames(tmp_path: Path) -> None:
    path = tmp_path / "empty.wav"
    soundfile.write(path, np.zeros((0, 2)), 44_100, "PCM_24")
    measured = measure(path)
    assert (measured.frames, measured.channels, measured.image) == (0, 2, "silent")
    assert measured.envelope == ()
    assert measure_blocks([], 44_100).frames == 0


def test_truncated_data_are_measured_as_far_as_they_go(tmp_path: Path) -> None:
    path = tmp_path / "cut.wav"
    x = stereo(noise(2))
    soundfile.write(path, x, 48_000, "PCM_24")
    whole = path.read_bytes()
    path.write_bytes(whole[: 44 + 6 * 30_000 + 5])
    measured = measure(path)
    assert measured.frames == 30_000
    assert measured.sample_peak_dbfs == pytest.approx(facts(x[:30_000]).sample_peak_dbfs, abs=1e-4)


def test_bytes_behind_the_data_are_no_audio(tmp_path: Path) -> None:
    path = tmp_path / "tagged.wav"
    soundfile.write(path, stereo(sine(440, 0.5, dbfs=-12)), 48_000, "PCM_16")
    before = measure(path)
    with path.open("ab") as file:
        file.write(b"note" + struct.pack("<I", 4000) + b"\x7f" * 4000)
    assert measure(path) == before


def test_a_file_that_is_no_audio_is_one_sentence(tmp_path: Path) -> None:
    path = tmp_path / "kick.wav"
    path.write_bytes(b"this is no audio at all" * 40)
    with pytest.raises(InputError, match=r"kick\.wav"):
        measure(path)


@pytest.mark.parametrize(("field", "value"), [("channels", 60_000), ("sample_rate", 4_000_000_000)])
def test_nonsense_in_the_header_allocates_nothing(tmp_path: Path, field: str, value: int) -> None:
    path = tmp_path / "x.wav"
    soundfile.write(path, np.zeros(48_000), 48_000, "PCM_16")
    container = replace(walk(path), **{field: value})  # type: ignore[arg-type]
    with pytest.raises(InputError, match=r"x\.wav claims"):
        measure(path, container)


@pytest.mark.parametrize("tail", [b"", b"note" + struct.pack("<I", 2) + b"ab"])
@pytest.mark.parametrize("frames", [0, 1, 48_000, 130_001])
def test_hashing_in_the_same_read_gives_the_same(tmp_path: Path, frames: int, tail: bytes) -> None:
    path = tmp_path / "x.wav"
    soundfile.write(path, noise(3)[:frames], 48_000, "PCM_24")
    with path.open("ab") as file:
        file.write(tail)
    data = path.read_bytes()
    container = walk(path)
    assert container.data_offset is not None
    audio = data[container.data_offset :][: 3 * frames]
    expected = hashlib.sha256(data).hexdigest(), hashlib.sha256(audio).hexdigest()
    assert measure_and_hash(path, container) == (measure(path), *expected)
    assert hash_file(path, container) == expected


def test_a_file_that_goes_away_is_one_sentence(tmp_path: Path) -> None:
    path = tmp_path / "x.wav"
    soundfile.write(path, noise(0.1), 48_000, "PCM_24")
    container = walk(path)
    path.unlink()
    for work in (measure, measure_and_hash, hash_file):
        with pytest.raises(InputError, match=r"x\.wav cannot be read"):
            work(path, container)


def test_the_hash_of_the_audio_ignores_the_metadata(tmp_path: Path) -> None:
    path = tmp_path / "x.wav"
    soundfile.write(path, noise(1), 48_000, "PCM_24")
    whole, audio = hash_file(path, walk(path))
    with path.open("ab") as file:
        file.write(b"note" + struct.pack("<I", 2) + b"ab")
    whole_tagged, audio_tagged = hash_file(path, walk(path))
    assert whole != whole_tagged
    assert audio == audio_tagged
    assert audio is not None
    assert len(audio) == 64


def test_a_container_without_plain_data_has_no_audio_hash(tmp_path: Path) -> None:
    path = tmp_path / "x.flac"
    soundfile.write(path, noise(0.1), 48_000)
    container = replace(walk(path), data_offset=None)
    whole = hashlib.sha256(path.read_bytes()).hexdigest()
    assert hash_file(path, container) == (whole, None)
    assert measure_and_hash(path, container)[1:] == (whole, None)
