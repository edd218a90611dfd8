"""Stems added up in C against the same in numpy."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING

import numpy as np
import pytest
import soundfile
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stemkit.audio import kernel
from stemkit.audio.proof.adding import _compiled, _plain
from stemkit.audio.proof.scan import scan_stems
from stemkit.audio.proof.streams import Source

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from numpy.typing import NDArray

pytestmark = pytest.mark.skipif(kernel.kernel_state() != "compiled", reason=f"the kernel is {kernel.kernel_state()}")

RATE, CELL, BLOCK = 8000, 400, 2400


def added(
    source: Source, choose: Callable[[Source, ExitStack], object], *, delivered: bool
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Add one stem to a sum that is there already: the sum, the files as they are, and the energy."""
    total = np.full((source.frames, 2), 0.25)
    as_is = np.zeros((source.frames, 2))
    energy = []
    with ExitStack() as stack:
        add = choose(source, stack)
        assert callable(add)
        for start in range(0, source.frames, BLOCK):
            part = slice(start, start + BLOCK)
            block, beside = np.ascontiguousarray(total[part]), np.ascontiguousarray(as_is[part])
            energy.append(add(start, block, beside if delivered else None, CELL))
            total[part], as_is[part] = block, beside
    return total, as_is, np.concatenate(energy, axis=1)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    subtype=st.sampled_from(["PCM_16", "PCM_24", "PCM_32", "FLOAT"]),
    channels=st.integers(1, 2),
    frames=st.integers(1, 3 * BLOCK + 1),
    gain=st.sampled_from([1.0, 0.5, 1.7]),
    seed=st.integers(0, 99),
    delivered=st.booleans(),
)
def test_the_kernel_adds_as_numpy_does(
    tmp_path: Path, subtype: str, channels: int, frames: int, gain: float, seed: int, *, delivered: bool
) -> None:
    rng = np.random.default_rng(seed)
    samples = rng.uniform(-1, 1, (frames, channels)) * rng.integers(0, 2, (frames, 1))
    if subtype == "FLOAT" and seed % 3 == 0:
        samples[rng.integers(0, frames)] = rng.choice([np.nan, np.inf, -np.inf])
    path = tmp_path / "stem.wav"
    soundfile.write(path, samples, RATE, subtype)
    source = Source(path, "stem", gain=gain)
    ours = added(source, _compiled, delivered=delivered)
    theirs = added(source, lambda s, _: _plain(s), delivered=delivered)
    source.close()
    # Floats of 24 bits hold the narrower formats exactly; the gain and samples of 32 bits are rounded by numpy.
    exact = gain == 1 and subtype != "PCM_32"
    for mine, other in zip(ours[:2], theirs[:2], strict=True):
        assert np.abs(mine - other).max() <= (0 if exact else 3e-7)
    assert ours[2] == pytest.approx(theirs[2], rel=1e-5, abs=1e-12)


@pytest.mark.parametrize("compiled", [True, False])
def test_a_sum_of_integers_is_exact_whichever_adds(
    compiled: bool,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("STEMKIT_KERNEL", "" if compiled else "numpy")
    rng = np.random.default_rng(5)
    parts = rng.integers(-(2**23), 2**23, (5, RATE, 2))
    sources = []
    for number, part in enumerate(parts):
        path = tmp_path / f"{number}.wav"
        soundfile.write(path, (part << 8).astype(np.int32), RATE, "PCM_24")
        sources.append(Source(path, path.name))
    scan = scan_stems(sources, RATE)
    assert np.array_equal(scan.total.read_raw(0, RATE), parts.sum(axis=0))
    assert scan.peak == np.abs(parts.sum(axis=0)).max() / 2**23
    scan.total.close()
    for source in sources:
        source.close()


@pytest.mark.parametrize(
    ("name", "subtype"), [("stem.flac", "PCM_24"), ("stem.aiff", "PCM_24"), ("stem.wav", "PCM_U8")]
)
def test_what_does_not_lie_plainly_in_the_file_is_left_to_numpy(name: str, subtype: str, tmp_path: Path) -> None:
    soundfile.write(tmp_path / name, np.zeros((RATE, 1)), RATE, subtype)
    source = Source(tmp_path / name, name)
    with ExitStack() as stack:
        assert _compiled(source, stack) is None
    source.close()
