"""The search for borders of codec frames: the compiled kernel against numpy, and numpy against the definition."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stemkit.audio.codec_borders import LINES, NEIGHBOURS, _dips, _line_means, _medians
from stemkit.audio.codec_grid import FLOOR, GRIDS, Grid, frame_lines
from stemkit.audio.kernel import library_in_use
from stemkit.audio.spectrum import _treble

if TYPE_CHECKING:
    from numpy.typing import NDArray

compiled = pytest.mark.skipif(library_in_use() is None, reason="there is no compiled kernel in use")
RNG = np.random.default_rng(3)


def sound(frames: int, colour: float, level: float, seed: int) -> NDArray[np.float32]:
    """Noise that falls towards the treble by `colour` a decade."""
    spectrum = np.fft.rfft(np.random.default_rng(seed).standard_normal(frames))
    spectrum *= np.maximum(np.arange(spectrum.size), 1.0) ** -colour
    wave = np.fft.irfft(spectrum, frames)
    return np.asarray(wave * level / max(1e-30, np.abs(wave).max()), np.float32)


@pytest.mark.parametrize("grid", GRIDS, ids=lambda grid: f"{grid.codec}-{grid.window}")
def test_means_are_those_of_the_lines_of_frames(grid: Grid) -> None:
    """A frame that begins at a sample has the lines that its codec computes there."""
    samples = sound(4096, 1.0, 0.5, 1)
    means = _line_means(grid, samples, (0.2, 0.4), None)
    rungs = [round(np.log(2 * edge) / 0.1) * 0.1 for edge in (0.2, 0.4)]
    first, last = (grid.hop * np.exp(rung) for rung in rungs)
    chosen = np.linspace(first, last - 2, LINES).astype(int)
    for at in (0, 1, 577, 4096 - grid.taps):
        lines = frame_lines(grid, samples[None, at : at + grid.taps])[0, chosen]
        assert means[at] == pytest.approx(float(np.log10(np.abs(lines) + FLOOR).mean()), abs=2e-3)
    assert means.size == 4096 - grid.taps + 1


@compiled
@settings(max_examples=40, deadline=None)
@given(
    grid=st.sampled_from(GRIDS),
    frames=st.integers(2600, 9000),
    band=st.tuples(st.floats(0.0, 0.3), st.floats(0.31, 0.5)),
    colour=st.floats(0.0, 3.0),
    level=st.sampled_from([1e-7, 0.01, 1.0, 1e12]),
)
def test_compiled_lines_are_those_of_numpy(
    grid: Grid, frames: int, band: tuple[float, float], colour: float, level: float
) -> None:
    samples = sound(frames, colour, level, frames)
    plain, fast = (_line_means(grid, samples, band, library) for library in (None, library_in_use()))
    assert np.isfinite(fast).all()
    # Where the bass is a million times louder, the treble's lines lie at the rounding of either transform.
    magnitudes = np.abs(plain - fast)
    assert float(np.median(magnitudes)) < 0.02
    if colour <= 1:
        assert float(magnitudes.max()) < 0.05


@compiled
@pytest.mark.parametrize("count", [NEIGHBOURS + 1, 576, 1024])
@pytest.mark.parametrize("kinds", [3, 10**6])
def test_compiled_medians_are_those_of_numpy(count: int, kinds: int) -> None:
    values = RNG.integers(0, kinds, count).astype(float)
    assert np.array_equal(_medians(values, library_in_use()), _medians(values, None))
    assert np.array_equal(_dips(values, library_in_use()), _dips(values, None))


def test_no_sound_has_no_dips() -> None:
    means = _line_means(GRIDS[1], np.zeros(4096, np.float32), (0.2, 0.4), library_in_use())
    assert not _dips(means[:1024], library_in_use()).any()


@compiled
@pytest.mark.parametrize("frames", [0, 1, 2, 3, 100, 8192])
def test_compiled_treble_is_that_of_numpy(frames: int) -> None:
    samples = RNG.standard_normal(frames).astype(np.float32)
    assert _treble(samples, library_in_use()) == pytest.approx(_treble(samples, None), rel=1e-4)
    assert _treble(samples[::2], library_in_use()) == pytest.approx(_treble(samples[::2], None), rel=1e-4)
