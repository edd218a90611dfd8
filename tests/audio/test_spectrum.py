from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
import soxr
from scipy.signal import butter, resample_poly, sosfilt

from stemkit.audio.codec_borders import find_grid
from stemkit.audio.codec_grid import GRIDS
from stemkit.audio.mpeg_filterbank import layer3_vectors
from stemkit.audio.spectrum import MAX_STRETCHES, SpectrumProbe
from tests.audio.clean_sounds import clean_sounds
from tests.audio.coded_sounds import rounded_in_frames
from tests.audio.framed_sounds import framed_sounds
from tests.audio.music import play

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from stemkit.model.audio import LossyEvidence

CLEAN = (*clean_sounds(), *framed_sounds())


def judged(sound: NDArray[np.float64], rate: int, block: int = 65536) -> tuple[LossyEvidence | None, int | None]:
    probe = SpectrumProbe(rate)
    whole = np.round(np.clip(sound, -1, 1) * 2**23) / 2**23  # as 24-bit files hold it
    for start in range(0, len(whole), block):
        probe.feed(whole[start : start + block])
    return probe.result()


@pytest.fixture
def _edges_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave out the search for codecs, which costs most; what it finds could only hide a lower rate."""
    monkeypatch.setattr(SpectrumProbe, "_frames_found", lambda *_: None)


def found(sound: NDArray[np.float64], rate: int) -> LossyEvidence:
    evidence, _upsampled = judged(sound, rate)
    assert evidence is not None
    return evidence


def test_there_are_enough_clean_sounds() -> None:
    assert len(CLEAN) >= 100


@pytest.mark.parametrize(("rate", "make"), [case[1:] for case in CLEAN], ids=[case[0] for case in CLEAN])
def test_clean_sounds_are_not_accused(rate: int, make: Callable[[], NDArray[np.float64]]) -> None:
    evidence, _upsampled = judged(make(), rate)
    assert evidence is None or (not evidence.suspected and evidence.confidence <= 0.2), evidence


@pytest.mark.parametrize("shift", [0, 1, 500])
def test_frames_are_found_wherever_they_begin(shift: int) -> None:
    sound = rounded_in_frames(play("rock", 44100, 2.0)[:, 0], 1024, 5e-3)[shift:]
    evidence = found(np.stack([sound, sound], axis=1), 44100)
    assert evidence.suspected
    assert "AAC" in evidence.explanation
    assert evidence.confidence > 0.8


def test_frames_are_found_behind_sum_and_difference() -> None:
    """Joint stereo rounds the sum and the difference, so that neither side lies on a lattice."""
    both = play("rock", 44100, 2.0)
    middle, side = (rounded_in_frames((both[:, 0] + sign * both[:, 1]) / 2, 1024, 5e-3) for sign in (1, -1))
    assert found(np.stack([middle + side, middle - side], axis=1), 44100).suspected


def test_one_frame_repeated_is_no_evidence() -> None:
    sound = rounded_in_frames(play("rock", 44100, 2.0)[:, 0], 1024, 5e-3)[40 * 1024 : 42 * 1024]
    assert not found(np.tile(sound, 50)[:, None], 44100).suspected


def test_fine_rounding_in_frames_leaves_no_trace() -> None:
    sound = rounded_in_frames(play("rock", 44100, 2.0)[:, 0], 1024, 1e-7)
    assert not found(np.stack([sound, sound], axis=1), 44100).suspected


def test_offset_of_the_frames_is_exact() -> None:
    sound = rounded_in_frames(play("rock", 44100, 2.0)[:, 0], 1024, 5e-3)
    stretches = [(start, sound[start : start + 8192, None].astype(np.float32)) for start in range(30, 70_000, 8_000)]
    trace = find_grid(GRIDS[1], stretches, (0.1, 0.35))
    assert trace is not None
    assert trace.offset == 0


def test_layer3_vectors_sit_at_their_frequencies() -> None:
    lines = (5, 40, 200, 371, 500)
    for line, vector in zip(lines, layer3_vectors(np.array(lines)), strict=True):
        peak = int(np.argmax(np.abs(np.fft.rfft(vector, 11520))))
        assert peak / 11520 == pytest.approx((line + 0.5) / 1152, abs=0.0006)
        assert np.linalg.norm(vector) == pytest.approx(1)


def test_layer3_vectors_of_some_lines_are_those_of_all() -> None:
    some = np.array([0, 7, 8, 9, 10, 17, 18, 25, 26, 300, 557, 558, 575])
    assert np.array_equal(layer3_vectors(some), layer3_vectors(np.arange(576))[some])


def test_layer3_vectors_are_nearly_orthogonal() -> None:
    """The hybrid filter bank is close to a lapped orthogonal transform: better than 90 dB, says the standard."""
    vectors = layer3_vectors(np.arange(30, 80))
    gram = vectors @ vectors.T - np.eye(50)
    assert np.max(np.abs(gram)) < 1e-3
    late = np.pad(vectors, ((0, 0), (576, 0)))[:, : vectors.shape[1]]
    assert np.max(np.abs(vectors @ late.T)) < 1e-3


@pytest.mark.parametrize(
    ("low", "high"), [(44100, 96000), (48000, 96000), (44100, 88200), (22050, 44100), (32000, 48000), (24000, 48000)]
)
@pytest.mark.parametrize("voice", ["cymbals", "rock"])
def test_upsampling_is_seen(low: int, high: int, voice: str) -> None:
    sound = soxr.resample(play(voice, low, 2.0), low, high, "HQ")
    evidence, upsampled = judged(sound, high)
    assert upsampled == low
    assert evidence is not None
    assert not evidence.suspected


@pytest.mark.usefixtures("_edges_alone")
@pytest.mark.parametrize("rate", [44100, 48000, 96000])
@pytest.mark.parametrize("voice", ["cymbals", "rock", "pad", "vocals"])
def test_sounds_of_their_own_rate_are_not_upsampled(rate: int, voice: str) -> None:
    assert judged(play(voice, rate, 2.0), rate)[1] is None


@pytest.mark.usefixtures("_edges_alone")
@pytest.mark.parametrize("low", [44100, 48000])
def test_cheap_upsampling_to_a_high_rate_is_seen(low: int) -> None:
    sound = resample_poly(play("plucked", low, 3.0), 96000 // 300, low // 300)
    assert judged(sound, 96000)[1] == low


@pytest.mark.usefixtures("_edges_alone")
@pytest.mark.parametrize("order", [2, 8])
def test_a_filter_in_a_file_of_high_rate_is_no_upsampling(order: int) -> None:
    sound = sosfilt(butter(order, 20000, fs=96000, output="sos"), play("cymbals", 96000, 2.0), axis=0)
    assert judged(sound, 96000)[1] is None


@pytest.mark.usefixtures("_edges_alone")
@pytest.mark.parametrize(
    "name",
    ["rock through a low-pass of order 8 at 16000 Hz", "sub bass", "saw at 1000 Hz", "elliptic at 16 kHz"]
    + [
        f"brick wall at {hertz} Hz" for hertz in (15000, 16000, 19000, 20000)
    ],  # at 11 kHz it would be what 22.05 kHz leaves,
)
def test_low_passed_sounds_are_not_upsampled(name: str) -> None:
    rate, make = next(case[1:] for case in CLEAN if case[0] == name)
    assert judged(make(), rate)[1] is None


@pytest.mark.parametrize("sound", [np.zeros((0, 2)), np.zeros((100, 2)), np.ones((100_000, 1)), np.zeros((100_000, 2))])
def test_nothing_to_tell(sound: NDArray[np.float64]) -> None:
    assert judged(sound, 48000) == (None, None)


def test_a_sound_without_treble_cannot_be_told_from_a_coded_one() -> None:
    t = np.arange(3 * 44100) / 44100
    assert judged(0.5 * np.sin(2 * np.pi * 45 * t)[:, None], 44100) == (None, None)


def test_blocks_do_not_matter() -> None:
    sound = play("drums", 44100, 2.0)
    assert judged(sound, 44100, 1000) == judged(sound, 44100, 100_000)


def test_non_finite_samples_do_no_harm() -> None:
    sound = play("drums", 44100, 2.0)
    sound[50_000:50_010] = np.nan
    sound[70_000] = np.inf
    probe = SpectrumProbe(44100)
    probe.feed(sound)
    evidence, _upsampled = probe.result()
    assert evidence is not None
    assert not evidence.suspected


def test_memory_is_bounded() -> None:
    probe = SpectrumProbe(8000)
    block = np.random.default_rng(1).uniform(-0.1, 0.1, (1 << 16, 1)).astype(np.float32)
    for _ in range(200):
        probe.feed(block)
        assert len(probe._kept) < MAX_STRETCHES
    starts = [stretch.start for stretch in probe._kept]
    assert max(np.diff(starts)) < 200 * (1 << 16) / 10  # from all over the file
