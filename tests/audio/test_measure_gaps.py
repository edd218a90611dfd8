from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from tests.audio.tones import RATES, Sound, facts, gain, noise, silence, sine, stereo

if TYPE_CHECKING:
    from stemkit.model.audio import Gap


def _join(*parts: Sound) -> Sound:
    return np.concatenate(parts)


def _song(rate: int = 48_000, seconds: float = 2.0, seed: int = 1) -> Sound:
    return noise(seconds, rate, -20, seed)


def _seconds(gap: Gap, rate: int) -> tuple[float, float]:
    return gap.start_frame / rate, gap.end_frame / rate


def _pink(seconds: float, rate: int, dbfs: float) -> Sound:
    spectrum = np.fft.rfft(noise(seconds, rate, 0, 6))
    x = np.fft.irfft(spectrum / np.sqrt(np.maximum(1, np.arange(len(spectrum)))), round(seconds * rate))
    return x / x.std() * gain(dbfs)


def _hum(seconds: float, rate: int, mains: float, dbfs: float) -> Sound:
    x = sum(sine(mains * n, seconds, rate, -4 * n, phase=n) for n in range(1, 7))
    return x / x.std() * gain(dbfs)  # type: ignore[union-attr]


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize("dbfs", [-53, -65, -85])
@pytest.mark.parametrize("colour", ["white", "pink"])
def test_noise_in_a_gap_has_its_level(rate: int, channels: int, dbfs: float, colour: str) -> None:
    hiss = noise(1.5, rate, dbfs, 5) if colour == "white" else _pink(1.5, rate, dbfs)
    x = _join(_song(rate), hiss, _song(rate, seed=2))
    (gap,) = facts(stereo(x) if channels == 2 else x, rate).gaps
    assert _seconds(gap, rate) == pytest.approx((2.0, 3.5), abs=0.06)
    assert not gap.digital
    assert gap.noise_dbfs == pytest.approx(dbfs, abs=0.7)
    assert gap.hum_hz is None


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("mains", [50.0, 60.0])
def test_hum_in_a_gap_is_named(rate: int, mains: float) -> None:
    hum = _hum(2, rate, mains, -58) + noise(2, rate, -75, 5)
    (gap,) = facts(_join(_song(rate), hum, _song(rate)), rate).gaps
    assert gap.hum_hz == mains
    assert gap.noise_dbfs == pytest.approx(-58, abs=0.5)


@pytest.mark.parametrize("rate", RATES)
def test_digital_zero_inside_is_a_gap_and_at_the_ends_is_not(rate: int) -> None:
    nothing = silence(1, rate)
    measured = facts(_join(nothing, _song(rate), nothing, _song(rate), nothing), rate)
    (gap,) = measured.gaps
    assert gap.digital
    assert gap.noise_dbfs is None
    assert _seconds(gap, rate) == pytest.approx((3.0, 4.0), abs=0.011)


def test_noise_before_the_first_and_after_the_last_note_counts() -> None:
    hiss = noise(1, dbfs=-62, seed=4)
    first, last = facts(_join(hiss, _song(), hiss)).gaps
    assert _seconds(first, 48_000) == pytest.approx((0, 1), abs=0.06)
    assert _seconds(last, 48_000) == pytest.approx((3, 4), abs=0.06)


def test_a_gate_that_opens_into_noise_gives_both_kinds() -> None:
    kinds = [gap.digital for gap in facts(_join(_song(), silence(1), noise(1, dbfs=-60, seed=4), _song())).gaps]
    assert kinds == [True, False]


def test_the_noise_is_measured_behind_a_reverb_tail() -> None:
    tail = noise(2, dbfs=-20, seed=3) * 10 ** (-60 * np.arange(96_000) / 48_000 / 20)
    hiss = noise(4, dbfs=-66, seed=7)
    hiss[:96_000] += tail
    (gap,) = facts(_join(_song(), hiss, _song())).gaps
    assert gap.noise_dbfs == pytest.approx(-66, abs=0.7)
    assert 2.6 < gap.start_frame / 48_000 < 3.3


def _tail(half_life_s: float) -> Sound:
    return noise(3, dbfs=-22, seed=3) * 0.5 ** (np.arange(144_000) / 48_000 / half_life_s)


QUIET_BUT_PLAYING: dict[str, Sound] = {
    "a reverb tail": _tail(0.15),
    "a quiet held chord": sum(sine(hz, 3, dbfs=-64) for hz in (220.1, 277.3, 331.7, 415.2)),
    "a quiet held organ note": sum(sine(131.3 * n, 3, dbfs=-60 - 3 * n) for n in range(1, 9)),
    "a swelling noise": noise(3, dbfs=-55, seed=5) * np.linspace(0.01, 1, 144_000) ** 2,
    "ticks": np.where(np.arange(144_000) % 12_000 < 20, 0.003, 0.0) + noise(3, dbfs=-120),
    "a short pause": noise(0.4, dbfs=-60, seed=5),
    "a soft passage": noise(3, dbfs=-42, seed=5),
}


@pytest.mark.parametrize("name", QUIET_BUT_PLAYING)
def test_quiet_sound_is_no_noise_floor(name: str) -> None:
    gaps = facts(_join(_song(), QUIET_BUT_PLAYING[name], _song())).gaps
    loud = [gap for gap in gaps if gap.noise_dbfs is not None and gap.noise_dbfs > -90]
    assert loud == []


def test_a_file_that_is_nothing_but_quiet_noise_has_no_gap() -> None:
    assert facts(noise(5, dbfs=-60)).gaps == ()


def test_the_noise_on_one_side_is_enough() -> None:
    quiet = stereo(silence(2), noise(2, dbfs=-55, seed=3))
    (gap,) = facts(_join(stereo(_song()), quiet, stereo(_song()))).gaps
    assert gap.noise_dbfs == pytest.approx(-55, abs=0.5)


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize(
    ("name", "cut"),
    [
        ("sound to the end", True),
        ("a fade of 5 ms", False),
        ("a fade of a second", False),
        ("silence behind", False),
        ("a tail cut at -45", True),
        ("a tail into noise at -70", False),
    ],
)
def test_a_tail_that_is_cut(name: str, cut: bool, rate: int) -> None:
    x = _song(rate, 2)
    end = {
        "sound to the end": x,
        "a fade of 5 ms": x * np.minimum(1, np.arange(len(x))[::-1] / (0.005 * rate)),
        "a fade of a second": x * np.minimum(1, np.arange(len(x))[::-1] / rate),
        "silence behind": _join(x, silence(0.1, rate)),
        "a tail cut at -45": x * gain(-25) ** (np.arange(len(x)) / len(x)),
        "a tail into noise at -70": _join(x, noise(1, rate, -70)),
    }[name]
    assert facts(end, rate).tail_cut is cut


def test_constant_noise_that_stops_is_no_cut_tail() -> None:
    hiss = noise(1, dbfs=-52, seed=3)
    measured = facts(_join(hiss, _song(), hiss))
    assert measured.tail_level_dbfs == pytest.approx(-52, abs=1)
    assert measured.tail_cut is False


def test_a_low_note_that_stops_at_a_zero_crossing_is_still_cut() -> None:
    assert facts(sine(40, 2, dbfs=-12)).tail_cut is True


def test_too_short_to_tell() -> None:
    assert facts(noise(0.03)).tail_cut is None
