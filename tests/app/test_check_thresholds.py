"""Each rule on sound, from the file to the finding: just inside its line and just outside of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from stemkit.app.check import check
from tests.app.dirty_stems import tone, write

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

Wave = Callable[[int], "NDArray[Any]"]


def amplitude(dbfs: float) -> float:
    return float(10 ** (dbfs / 20))


def with_dc(dbfs: float) -> Wave:
    return lambda rate: tone(rate=rate, peak=0.4) + amplitude(dbfs)


def at_peak(dbfs: float) -> Wave:
    return lambda rate: tone(rate=rate, peak=amplitude(dbfs))


def between_samples(dbtp: float) -> Wave:
    """Return a tone at a quarter of the rate whose samples all miss its tops by 3 dB (Tech 3341, cases 16 and 19)."""

    def make(rate: int) -> NDArray[Any]:
        n = np.arange(rate)
        fade = np.clip(np.minimum(n, rate - 1 - n) / (rate / 10), 0, 1)
        return np.asarray(amplitude(dbtp) * np.sin(np.pi / 2 * n + np.pi / 4) * fade)

    return make


def rumbling(below_hearing_db: float) -> Wave:
    """Return a tone with a share of its whole energy at 10 Hz."""

    def make(rate: int) -> NDArray[Any]:
        share = 10 ** (below_hearing_db / 10)
        low = tone(4.0, rate=rate, hz=10.0)
        high = tone(4.0, rate=rate, hz=220.0)
        low *= np.sqrt(share / (1 - share) * (high**2).sum() / (low**2).sum())
        return np.asarray(0.5 * (low + high))

    return make


def noisy_gap(rms_dbfs: float) -> Wave:
    def make(rate: int) -> NDArray[Any]:
        noise = np.random.default_rng(1).standard_normal(2 * rate) * amplitude(rms_dbfs)
        return np.concatenate([tone(1.0, rate=rate), noise, tone(1.0, rate=rate)])

    return make


def with_hole(frames: int) -> Wave:
    def make(rate: int) -> NDArray[Any]:
        wave = tone(rate=rate, hz=231.0)
        wave[rate + 37 : rate + 37 + frames] = 0
        return wave

    return make


def cut_at(part: float) -> Wave:
    return lambda rate: tone(rate=rate)[: round(2 * rate * part)]


def on_grid(bits: int) -> Wave:
    return lambda rate: np.round(tone(rate=rate) * 2 ** (bits - 1)) / 2 ** (bits - 1)


def limited(ceiling: float) -> Wave:
    return lambda rate: np.clip(tone(rate=rate, peak=0.6), -ceiling, ceiling)


def sides(right: float, *, other_hz: float = 0.0) -> Wave:
    def make(rate: int) -> NDArray[Any]:
        left = tone(rate=rate)
        return np.stack([left, right * left + (0.3 * tone(rate=rate, hz=other_hz) if other_hz else 0)], axis=1)

    return make


# Rule, a sound inside its line, one outside of it, and the encodings in which both can be stored.
ALL, WIDE = ("pcm16", "pcm24", "float32"), ("pcm24", "float32")
TABLE: list[tuple[str, Wave, Wave, tuple[str, ...]]] = [
    ("SK207", on_grid(17), on_grid(16), WIDE),
    ("SK301", at_peak(-3.05), at_peak(-2.95), ALL),
    ("SK302", at_peak(-5.95), at_peak(-6.05), ALL),
    ("SK304", limited(0.61), limited(0.4), ALL),
    ("SK305", between_samples(-0.3), between_samples(0.3), ALL),
    ("SK306", with_dc(-50.3), with_dc(-49.7), ALL),
    ("SK405", cut_at(1.0), cut_at(0.5), ALL),
    ("SK501", at_peak(-59.0), at_peak(-61.0), ALL),
    ("SK502", sides(0.001), sides(0.0), ALL),
    ("SK503", sides(0.99), sides(1.0), ALL),
    ("SK504", sides(-0.99), sides(-1.0), ALL),
    ("SK505", noisy_gap(-71.5), noisy_gap(-68.5), ALL),
    ("SK506", with_hole(0), with_hole(200), ALL),
    ("SK507", sides(-0.1), sides(-0.7), ALL),
    ("SK508", rumbling(-13.5), rumbling(-10.5), ALL),
]
RATES = {"pcm16": 44100, "pcm24": 48000, "float32": 96000}


@pytest.mark.parametrize("encoding", ALL)
@pytest.mark.parametrize(("rule", "inside", "outside", "encodings"), TABLE, ids=[row[0] for row in TABLE])
def test_a_rule_holds_at_its_line(
    tmp_path: Path, rule: str, inside: Wave, outside: Wave, encodings: tuple[str, ...], encoding: str
) -> None:
    rate = RATES[encoding]
    for wave, expected in ((inside, set[str]()), (outside, {rule})):
        if encoding in encodings:
            path = write(tmp_path / "01_A.wav", wave(rate), rate=rate, encoding=encoding)
            report = check([path], select=[rule])
            assert {f.rule for f in report.findings} == expected
            assert report.skipped == ()


@pytest.mark.parametrize("rule", ["SK301", "SK306", "SK405", "SK501", "SK508"])
def test_the_second_channel_is_heard_as_well(tmp_path: Path, rule: str) -> None:
    outside = next(row[2] for row in TABLE if row[0] == rule)(48000)
    quiet = 0.01 * tone(len(outside) / 48000, hz=500.0) if rule != "SK501" else 0.5 * outside
    path = write(tmp_path / "01_A.wav", np.stack([quiet, outside], axis=1))
    assert {f.rule for f in check([path], select=[rule]).findings} == {rule}


def test_what_is_not_a_number_is_found_where_it_is(tmp_path: Path) -> None:
    wave = tone().astype(np.float32)
    wave[24000] = np.nan
    finding = check([write(tmp_path / "01_A.wav", wave, encoding="float32")], select=["SK209"]).findings[0]
    assert (finding.measured, finding.where[0].start_s) == (1, 0.5)


def test_six_channels_are_told(tmp_path: Path) -> None:
    path = write(tmp_path / "01_A.wav", np.stack([tone()] * 6, axis=1))
    assert [f.measured for f in check([path], select=["SK205"]).findings] == [6]
