"""The resampler: its table, tones at other rates, and that blocks leave no seam."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from stemkit.render.builtin.resample import Resampler, sinc_table
from tests.render.builtin.engine_songs import item, noise, null_db, plan, render, session, track, write_wav


def converted(source: Any, ratio: Fraction, mode: int = 3, batch: int = 100_000) -> Any:
    """Resample all of a (channels, frames) source, asking for `batch` outputs at a time."""
    resampler = Resampler(ratio, mode)
    total = int(source.shape[1] / ratio)
    parts = []
    for first in range(0, total, batch):
        count = min(batch, total - first)
        start, size = resampler.span(first, count)
        lead, tail = max(0, -start), max(0, start + size - source.shape[1])
        padded = np.pad(source, ((0, 0), (lead, tail)))
        parts.append(resampler.process(padded[:, start + lead : start + lead + size], first, count))
    return np.concatenate(parts, axis=1)


def test_the_table_is_normalised_and_ends_where_it_begins() -> None:
    """Mixing-math sheet, section 0: 192 taps, 32 phases, mean gain 1 at 0 Hz; the last row is the first, one on."""
    table = sinc_table(192, 1.0)
    assert table.shape == (33, 192)
    assert table[1:].sum(axis=1).mean() == pytest.approx(1.0, abs=1e-12)
    assert table[0, :-1] == pytest.approx(table[32, 1:], abs=1e-9)
    assert np.argmax(table[0]) == 95


@pytest.mark.parametrize(
    ("source_rate", "rate"), [(48_000, 44_100), (44_100, 48_000), (96_000, 48_000), (88_200, 48_000), (32_000, 96_000)]
)
def test_a_tone_keeps_its_shape(tmp_path: Path, source_rate: int, rate: int) -> None:
    """1 kHz against the tone itself; the straight lines between 32 phases leave -90 dB at most."""
    t = np.arange(source_rate) / source_rate
    source = write_wav(tmp_path / "tone.wav", 0.5 * np.sin(2 * np.pi * 1000 * t), source_rate)
    got = render(session(track("a", item(source))), plan(seconds=1.0, rate=rate), tmp_path / "out")["proof_mix"][:, 0]
    wanted = 0.5 * np.sin(2 * np.pi * 1000 * np.arange(rate) / rate)
    inner = slice(1000, -1000)
    assert null_db(got[inner], wanted[inner]) < -90


def test_what_the_new_rate_cannot_hold_is_taken_away(tmp_path: Path) -> None:
    t = np.arange(96_000) / 96_000
    source = write_wav(tmp_path / "tone.wav", 0.5 * np.sin(2 * np.pi * 30_000 * t), 96_000)
    got = render(session(track("a", item(source))), plan(seconds=1.0), tmp_path / "out")["proof_mix"]
    assert np.abs(got[500:-500]).max() < 1e-4


@pytest.mark.parametrize(
    "ratio", [Fraction(147, 160), Fraction(160, 147), Fraction(2), Fraction(3, 7), Fraction(1.0594630943593)]
)
@pytest.mark.parametrize("mode", [0, 1, 2, 3, 4, 8, 9])
def test_blocks_leave_no_seam(ratio: Fraction, mode: int) -> None:
    source = noise(5, 3000).T
    whole = converted(source, ratio, mode)
    pieces = converted(source, ratio, mode, batch=37)
    assert pieces == pytest.approx(whole, abs=1e-6)


def test_both_ways_of_computing_agree() -> None:
    """The pattern of phases of 160/147 repeats and is a matrix; one a hair off does not, and is gathered."""
    source = noise(6, 3000).T
    repeating, gathered = Fraction(160, 147), Fraction(160, 147) + Fraction(1, 10**12)
    assert Resampler(repeating)._periodic
    assert not Resampler(gathered)._periodic
    assert null_db(converted(source, gathered), converted(source, repeating)[:, :2756]) < -120


def test_linear_mode_draws_straight_lines() -> None:
    source = np.array([[0.0, 1.0, 0.0, -1.0, 0.0, 0.0]])
    assert converted(source, Fraction(1, 4), mode=1)[0, :9] == pytest.approx(
        [0, 0.25, 0.5, 0.75, 1, 0.75, 0.5, 0.25, 0]
    )


def test_varispeed_moves_the_pitch(tmp_path: Path) -> None:
    t = np.arange(48_000) / 48_000
    source = write_wav(tmp_path / "tone.wav", 0.5 * np.sin(2 * np.pi * 1000 * t))
    fast = item(source, 0.0, 0.5, take={"play_rate": 1.5, "preserve_pitch": False})
    got = render(session(track("a", fast)), plan(seconds=0.5), tmp_path / "out")["proof_mix"][:, 0]
    wanted = 0.5 * np.sin(2 * np.pi * 1500 * np.arange(24_000) / 48_000)
    assert null_db(got[500:-500], wanted[500:-500]) < -90


def test_the_offset_of_a_resampled_source_counts_source_frames(tmp_path: Path) -> None:
    sound = noise(9, 44_100)
    source = write_wav(tmp_path / "n.wav", sound, 44_100)
    later = write_wav(tmp_path / "later.wav", sound[1000:], 44_100)
    song = session(
        track("a", item(source, 0, 0.5, take={"source_offset_s": 999.6 / 44_100})),
        track("b", item(later, 0, 0.5, take={"volume": -1.0})),
    )
    got = render(song, plan(seconds=0.5), tmp_path / "out")["proof_mix"]
    assert np.abs(got[200:]).max() < 1e-7
