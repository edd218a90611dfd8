from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.audio.tones import RATES, Sound, facts, gain, noise, quantised, silence, sine, stereo

if TYPE_CHECKING:
    from stemkit.model.audio import Encoding, Image

VOICE = noise(2, dbfs=-20)
OTHER = noise(2, dbfs=-20, seed=9)
IMAGES: dict[str, tuple[Sound, Image]] = {
    "one channel": (VOICE, "mono"),
    "two the same": (stereo(VOICE), "dual_mono"),
    "one turned over": (stereo(VOICE, -VOICE), "inverted"),
    "unrelated": (stereo(VOICE, OTHER), "stereo"),
    "the same at another level": (stereo(VOICE, 0.9 * VOICE), "stereo"),
    "nearly the same": (stereo(VOICE, VOICE + 0.01 * OTHER), "stereo"),
    "the same, one frame late": (stereo(VOICE[1:], VOICE[:-1]), "stereo"),
    "left": (stereo(VOICE, 0 * VOICE), "left_only"),
    "right": (stereo(0 * VOICE, VOICE), "right_only"),
    "left, and dither": (stereo(VOICE, np.sign(OTHER) * 2.0**-16), "left_only"),
    "left, and a faint right": (stereo(VOICE, VOICE * gain(-40)), "stereo"),
    "both nothing": (stereo(silence(2)), "silent"),
    "both dither": (stereo(np.sign(OTHER) * 2.0**-16), "silent"),
    "faint but there": (stereo(VOICE * gain(-50), OTHER * gain(-50)), "stereo"),
    "three": (np.stack([VOICE, VOICE, VOICE], axis=1), "multichannel"),
    "three, all silent": (np.zeros((5000, 3)), "silent"),
}


@pytest.mark.parametrize("name", IMAGES)
def test_image(name: str) -> None:
    x, expected = IMAGES[name]
    assert facts(x).image == expected


@pytest.mark.parametrize("encoding", ["pcm16", "pcm24"])
@pytest.mark.parametrize(("sign", "expected"), [(1, "dual_mono"), (-1, "inverted")])
def test_dither_of_its_own_on_each_side_hides_nothing(encoding: Encoding, sign: int, expected: Image) -> None:
    bits = 16 if encoding == "pcm16" else 24
    rng = np.random.default_rng(3)
    dither = (rng.random((len(VOICE), 2)) - 0.5) * 2.0 ** (1 - bits)
    assert facts(quantised(stereo(VOICE, sign * VOICE) + dither, bits), encoding=encoding).image == expected


def test_a_second_of_stereo_late_in_the_file_is_noticed() -> None:
    x = stereo(noise(6, dbfs=-20))
    x[250_000:251_000, 1] *= 0.5
    assert facts(x).image == "stereo"


@pytest.mark.parametrize("rate", RATES)
def test_correlation_and_mono_loss(rate: int) -> None:
    time = round(3 * rate)
    a, b = noise(3, rate, -20, 1), noise(3, rate, -20, 2)
    for left, right, correlation, loss in (
        (a, a, 1.0, 0.0),
        (a, -a, -1.0, -120.0),
        (a, b, 0.0, -3.01),
        (a, 0.5 * a, 1.0, 10 * np.log10(0.75**2 / 0.625)),
    ):
        assert len(left) == time
        measured = facts(stereo(left, right), rate)
        assert measured.correlation == pytest.approx(correlation, abs=0.02)
        assert measured.mono_loss_db == pytest.approx(loss, abs=0.2)


def test_the_worst_loud_window_and_its_place() -> None:
    x = stereo(noise(8, dbfs=-20))
    x[240_000:288_000, 1] *= -1  # from 5 to 6 s
    x[:24_000, 1] *= -1  # the first half second too, but faint
    x[:24_000] *= gain(-30)
    measured = facts(x)
    assert measured.mono_loss_db == -120
    assert measured.mono_loss_at_s == pytest.approx(5.0)


def test_one_channel_or_one_side_has_no_correlation() -> None:
    for x in (VOICE, stereo(VOICE, 0 * VOICE), stereo(silence(1))):
        measured = facts(x)
        assert (measured.correlation, measured.mono_loss_db, measured.mono_loss_at_s) == (None, None, None)


@settings(max_examples=15, deadline=None)
@given(db=st.floats(-40, 0), pan=st.floats(0, 1))
def test_a_panned_sound_correlates_at_any_level(db: float, pan: float) -> None:
    x = sine(300, 0.6, dbfs=db - 3)
    measured = facts(stereo(x * np.cos(pan), x * np.sin(pan)) if pan else stereo(x))
    if pan > 1e-3:
        assert measured.correlation == pytest.approx(1.0, abs=1e-5)
