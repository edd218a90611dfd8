"""The resampler: its table, tones at other rates, and that blocks leave no seam."""

from __future__ import annotations

import math
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from stemkit.render.builtin.resample import cutoff_of, phases_of, resampler, sinc_table
from stemkit.render.builtin.resample_drifting import DriftingResampler
from stemkit.render.builtin.resample_steady import SteadyResampler
from tests.render.builtin.engine_songs import item, noise, null_db, plan, render, session, track, write_wav


def converted(source: Any, ratio: Fraction, mode: int = 3, batch: int = 100_000) -> Any:
    """Resample all of a (channels, frames) source, asking for `batch` outputs at a time."""
    reader = resampler(ratio, mode)
    total = int(source.shape[1] / ratio)
    parts = []
    for first in range(0, total, batch):
        count = min(batch, total - first)
        start, size = reader.span(first, count)
        lead, tail = max(0, -start), max(0, start + size - source.shape[1])
        padded = np.pad(source, ((0, 0), (lead, tail)))
        parts.append(reader.process(padded[:, start + lead : start + lead + size], first, count))
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
    """The pattern of phases of 160/147 repeats and is a matrix; that of one a hair off does not, and drifts."""
    source = noise(6, 3000).T
    repeating, drifting = Fraction(160, 147), Fraction(160, 147) + Fraction(1, 10**12)
    assert isinstance(resampler(repeating), SteadyResampler)
    assert isinstance(resampler(drifting), DriftingResampler)
    assert null_db(converted(source, drifting), converted(source, repeating)[:, :2756]) < -120


def one_by_one(source: Any, ratio: Fraction, phases: int, outputs: range, taps: int = 192) -> Any:
    """Outputs as the sheet describes them, each for itself: its position, two phases of the filter, their mix."""
    low_pass = 1.0 if ratio <= 1 else 1 / (1.03 * float(ratio))

    def weight(away: float) -> float:
        """Weight of a source sample `away` from the output."""
        turn = 2 * math.pi * (away + taps / 2) / taps
        window = 0.35875 - 0.48829 * math.cos(turn) + 0.14128 * math.cos(2 * turn) - 0.01168 * math.cos(3 * turn)
        angle = math.pi * low_pass * away
        return window * (math.sin(angle) / angle if angle else 1.0)

    gain = sum(weight(k - taps // 2 + p / phases) for k in range(taps) for p in range(phases)) / phases
    found = []
    for n in outputs:
        at = n * ratio
        near, between = divmod(at % 1 * phases, 1)
        total = np.zeros(source.shape[0])
        for k in range(-(taps // 2) + 1, taps // 2 + 1):
            sample = int(at) + k
            if 0 <= sample < source.shape[1]:
                low, high = weight(k - int(near) / phases), weight(k - (int(near) + 1) / phases)
                total += source[:, sample] * (low + float(between) * (high - low)) / gain
        found.append(total)
    return np.array(found).T


@pytest.mark.parametrize(
    ("ratio", "phases", "limit_db"),
    [
        (Fraction(48_000, 44_100), 32, -200),
        (Fraction(44_100, 48_000), 32, -200),
        (Fraction(96_000, 44_100), 32, -200),
        (Fraction(88_200, 48_000), 32, -200),
        (Fraction(22_050, 44_100), 2, -200),  # few phases: just those, without lines in between
        (Fraction(32_000, 48_000), 3, -200),
        (Fraction(96_000, 48_000), 1, -200),
        (Fraction(1.0594630943593), 32, -128),  # in single precision
        (Fraction(1.2345678901), 32, -128),
        (Fraction(0.43219), 32, -128),
        (Fraction(3.1415926), 32, -128),
    ],
)
def test_the_matrices_are_the_filter_of_the_sheet(ratio: Fraction, phases: int, limit_db: float) -> None:
    """Mixing-math sheet, section 0; WDL's source for the middle of the filter and the few phases."""
    source = noise(7, 4000).T
    whole = converted(source, ratio, batch=1500)
    for outputs in (range(40), range(whole.shape[1] // 2, whole.shape[1] // 2 + 40), range(*whole_end(whole))):
        wanted = one_by_one(source, ratio, phases, outputs)
        assert null_db(whole[:, outputs.start : outputs.stop], wanted) < limit_db


def whole_end(whole: Any) -> tuple[int, int]:
    return whole.shape[1] - 40, whole.shape[1]


def test_few_phases_make_no_difference_where_the_table_has_them() -> None:
    """At 2 : 1 and 1 : 2 every output falls on one of the 32 phases; only the mean gain differs, by 2e-8."""
    for ratio, phases in ((Fraction(2), 1), (Fraction(1, 2), 2)):
        few = sinc_table(192, cutoff_of(float(ratio)), phases)
        many = sinc_table(192, cutoff_of(float(ratio)))
        assert few == pytest.approx(many[:: 32 // phases], abs=1e-7)
    assert [phases_of(Fraction(a, b)) for a, b in ((160, 147), (147, 160), (2, 3), (80, 147), (1, 2))] == [
        *(32, 32, 3, 32, 2)
    ]


@pytest.mark.parametrize("loop", [False, True])
def test_an_item_starts_as_if_nothing_came_before_its_source(tmp_path: Path, *, loop: bool) -> None:
    """A looped source does not ring in from its own end before it was played, and one that ends rings no further."""
    rate = 48_000
    sound = np.concatenate([np.zeros(4000), np.full(800, 0.5)])
    source = write_wav(tmp_path / "end.wav", sound, rate)
    short = item(source, 0.0, 0.05, loop=loop)
    got = render(session(track("a", short)), plan(seconds=0.05, rate=44_100), tmp_path / "short")["proof_mix"]
    assert np.abs(got[:3000]).max() < 1e-9
    long = item(source, 0.0, 0.15)
    got = render(session(track("a", long)), plan(seconds=0.15, rate=44_100), tmp_path / "long")["proof_mix"]
    assert np.abs(got[4410:]).max() == 0.0
    assert got[4409, 0] != 0.0


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
