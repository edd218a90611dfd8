"""Dry and wet pairs, made so that the answer is known."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from stemkit.audio.pairs import relate_pair
from stemkit.model.audio import PairFacts

RATE = 44100
RNG = np.random.default_rng(7)
DRY = 0.1 * RNG.standard_normal(6 * RATE) * (np.arange(6 * RATE) % RATE < RATE // 2)
DRY[4 * RATE :] = 0


def reverb(x: Any, direct: float = 1.0) -> Any:
    tail = np.random.default_rng(8).standard_normal(RATE) * np.exp(-np.arange(RATE) / (0.15 * RATE))
    size = len(x) + len(tail)
    wet = np.fft.irfft(np.fft.rfft(x, size) * np.fft.rfft(tail, size), size)[: len(x)]
    return direct * x + 0.03 * wet


def related(tmp_path: Path, dry: Any, wet: Any, wet_rate: int = RATE) -> PairFacts | None:
    soundfile.write(tmp_path / "dry.wav", dry, RATE, subtype="PCM_24")
    soundfile.write(tmp_path / "wet.wav", wet, wet_rate, subtype="PCM_24")
    return relate_pair(tmp_path / "dry.wav", tmp_path / "wet.wav", labels=("dry", "wet"))


def test_a_healthy_pair_lies_together_and_the_wet_one_rings_on(tmp_path: Path) -> None:
    facts = related(tmp_path, DRY, reverb(DRY))
    assert facts is not None
    assert facts.lag_samples == 0
    assert facts.residual_db is not None
    assert facts.residual_db > -20
    assert facts.dry_end_s == pytest.approx(3.5, abs=0.06)
    assert facts.wet_end_s is not None
    assert facts.wet_end_s > 4


@pytest.mark.parametrize(("moved", "told"), [(-700, -700), (1, 0), (64, 64), (5000, 5000)])
def test_a_moved_version_is_found_unless_it_is_within_a_sample_of_its_place(
    tmp_path: Path, moved: int, told: int
) -> None:
    facts = related(tmp_path, DRY, np.roll(reverb(DRY), moved))
    assert facts is not None
    assert facts.lag_samples == told


def test_an_amplifier_leaves_the_sound_in_place(tmp_path: Path) -> None:
    facts = related(tmp_path, DRY, np.tanh(20 * DRY) * 0.3)
    assert facts is not None
    assert facts.lag_samples == 0


def test_a_tail_without_direct_sound_is_no_statement_of_a_lag(tmp_path: Path) -> None:
    facts = related(tmp_path, DRY, np.roll(reverb(DRY, direct=0), 500))
    assert facts is not None
    assert facts.lag_samples is None


def test_the_same_audio_at_another_gain_leaves_nothing(tmp_path: Path) -> None:
    stereo = np.stack([DRY, DRY], axis=1)
    facts = related(tmp_path, DRY, 0.5 * stereo)
    assert facts is not None
    assert facts.residual_db is None or facts.residual_db < -100


def test_silence_and_other_rates_are_not_compared(tmp_path: Path) -> None:
    facts = related(tmp_path, DRY, 0 * DRY)
    assert facts is not None
    assert (facts.wet_end_s, facts.lag_samples) == (None, None)
    assert related(tmp_path, DRY, DRY, wet_rate=48000) is None
    assert relate_pair(tmp_path / "none.wav", tmp_path / "wet.wav", labels=("none", "wet")) is None
