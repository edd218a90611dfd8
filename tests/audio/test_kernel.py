"""The compiled kernel against its definition in numpy, figure by figure."""

from __future__ import annotations

import math
from dataclasses import fields, is_dataclass
from functools import partial
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import soundfile
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from stemkit.audio import figures, fused, kernel
from stemkit.audio.chunks import CELLS, cell_frames_of
from stemkit.audio.measure import measure, measure_blocks

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from numpy.typing import NDArray

    from stemkit.model.audio import AudioFacts

pytestmark = pytest.mark.skipif(kernel.kernel_state() != "compiled", reason=f"the kernel is {kernel.kernel_state()}")

TOLERANCE = {
    "dc_offset": 2e-7,
    "correlation": 2e-6,
    "level": 0.0,
    "true_peak_dbtp": 1e-4,
    "mono_loss_at_s": math.inf,  # where all windows lose the same, rounding chooses
    "mono_loss_db": 5e-3,  # of two nearly inverted channels, little is left to compare
    "subsonic_db": 0.01,  # where there is next to nothing below 20 Hz, its rounding is what is measured
    "loudness_range_lu": 2e-3,
}
DECIBELS = 5e-4  # everything else that is a fraction: levels in decibels
QUIETEST_SUBSONIC_DB = -70.0
SUBTYPES = {"PCM_U8": 8, "PCM_16": 16, "PCM_24": 24, "PCM_32": 32, "FLOAT": None, "DOUBLE": None}
RATES = (1000, 8000, 11025, 22050, 44100, 48000, 96000, 192000)


class NoProbe:
    """In place of the search for codecs, which is the same code for both and takes most of the time."""

    def __init__(self, _rate: int, _frames: int | None) -> None: ...
    def feed(self, _block: object) -> None: ...
    def result(self) -> tuple[None, None]:
        return None, None


@pytest.fixture
def _whole() -> None:
    """Ask for the search for codecs as well."""


@pytest.fixture(autouse=True)
def _no_probe(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if "_whole" not in request.fixturenames:
        monkeypatch.setattr(figures, "SpectrumProbe", NoProbe)
        monkeypatch.setattr(fused, "SpectrumProbe", NoProbe)


def both_ways(measured: Callable[[], AudioFacts]) -> tuple[AudioFacts, AudioFacts]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("STEMKIT_KERNEL", "numpy")
        plain = measured()
    return plain, measured()


def differences(name: str, one: Any, other: Any) -> Iterator[str]:
    if is_dataclass(one) and is_dataclass(other):
        for field in fields(one):
            yield from differences(f"{name}.{field.name}", getattr(one, field.name), getattr(other, field.name))
    elif isinstance(one, tuple) and isinstance(other, tuple) and len(one) == len(other):
        for index, pair in enumerate(zip(one, other, strict=True)):
            yield from differences(f"{name}.{index}", *pair)
    elif isinstance(one, float) and isinstance(other, float):
        parts = name.split(".")
        allowed = next((TOLERANCE[part] for part in reversed(parts) if part in TOLERANCE), DECIBELS)
        if "subsonic_db" in parts and max(one, other) < QUIETEST_SUBSONIC_DB:
            return
        if not math.isclose(one, other, rel_tol=1e-6, abs_tol=allowed):
            yield f"{name}: {one!r} by numpy, {other!r} by the kernel"
    elif one != other:
        yield f"{name}: {one!r} by numpy, {other!r} by the kernel"


def assert_alike(measured: Callable[[], AudioFacts]) -> AudioFacts:
    plain, compiled = both_ways(measured)
    assert list(plain.envelope) == list(compiled.envelope)
    found = [line for line in differences("facts", plain, compiled) if not line.startswith("facts.envelope:")]
    assert found == []
    return compiled


def piece(kind: str, frames: int, level: float, rate: int, noise: np.random.Generator) -> NDArray[np.float64]:
    time = np.arange(frames) / rate
    sine = np.sin(2 * math.pi * min(440, rate / 5) * time + noise.random())
    shapes: dict[str, Callable[[], NDArray[np.float64]]] = {
        "silence": lambda: np.zeros(frames),
        "noise": lambda: noise.uniform(-1, 1, frames),
        "hiss": lambda: 10 ** (-60 / 20) * noise.standard_normal(frames),
        "sine": lambda: sine,
        "slow": lambda: np.sin(2 * math.pi * 7 * time),
        "flat": lambda: np.clip(1.6 * sine, -1, 1),
        "hot": lambda: np.clip(4 * noise.standard_normal(frames), -1, 1),
        "square": lambda: np.sign(sine),
        "offset": lambda: np.full(frames, 0.5),
        "crushed": lambda: np.round(4 * sine) / 4,
        "spike": lambda: sine * 0.2 + (np.arange(frames) == frames // 2),
        "hole": lambda: sine * (np.abs(np.arange(frames) - frames // 2) > rate // 200),
        "fade": lambda: sine * np.linspace(1, 0, frames) ** 2,
    }
    return level * shapes[kind]()


KINDS = (
    "silence",
    "noise",
    "hiss",
    "sine",
    "slow",
    "flat",
    "hot",
    "square",
    "offset",
    "crushed",
    "spike",
    "hole",
    "fade",
)
LEVELS = (1.0, 0.999, 0.5, 0.1, 0.003, 1e-5)
PIECES = st.lists(
    st.tuples(st.sampled_from(KINDS), st.integers(1, 160), st.integers(-2, 2), st.sampled_from(LEVELS)),
    min_size=1,
    max_size=4,
)
CHANNELS = st.sampled_from((1, 2, 2, 2, 3, 6))
WAYS = st.sampled_from(("alike", "apart", "inverted", "one"))


def sound(
    pieces: list[tuple[str, int, int, float]], rate: int, channels: int, way: str, seed: int
) -> NDArray[np.float64]:
    """Pieces of so many cells and a few frames more or less, at most two seconds at any rate."""
    noise = np.random.default_rng(seed)
    cell = cell_frames_of(rate)
    lengths = [max(1, cells * cell + more) for _kind, cells, more, _level in pieces]
    parts = [piece(p[0], n, p[3], rate, noise) for p, n in zip(pieces, lengths, strict=True)]
    left = np.concatenate(parts)[: 3 * CELLS * cell]
    gains = {"alike": (1.0, 1.0), "apart": (1.0, 0.3), "inverted": (1.0, -1.0), "one": (1.0, 0.0)}[way]
    out = np.stack([left * gains[channel % 2] for channel in range(channels)], axis=1)
    if way == "apart" and channels > 1:
        out[:, 1] += 0.1 * noise.uniform(-1, 1, len(left)) * (left != 0)
    return out


@settings(max_examples=30, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(PIECES, st.sampled_from(RATES[:6]), CHANNELS, WAYS, st.sampled_from(sorted(SUBTYPES)), st.integers(0, 99))
@example([("hot", 150, 0, 1.0), ("silence", 60, 1, 1.0), ("hiss", 90, -1, 1.0)], 44100, 2, "apart", "PCM_24", 1)
@example([("sine", 30, 0, 1.0)], 96000, 2, "apart", "PCM_32", 2)
@example([("noise", 30, 0, 0.5)], 192000, 1, "alike", "FLOAT", 3)
def test_files_of_any_kind(
    tmp_path: Path, pieces: list[Any], rate: int, channels: int, way: str, subtype: str, seed: int
) -> None:
    path = tmp_path / "sound.wav"
    soundfile.write(path, np.clip(sound(pieces, rate, channels, way, seed), -1, 1), rate, subtype=subtype)
    assert_alike(lambda: measure(path))


@settings(max_examples=15, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(PIECES, st.sampled_from(RATES[1:5]), CHANNELS, st.integers(0, 99), st.lists(st.integers(1, 50_000), max_size=4))
def test_blocks_of_any_length(pieces: list[Any], rate: int, channels: int, seed: int, cuts: list[int]) -> None:
    samples = sound(pieces, rate, channels, "apart", seed).astype(np.float32)
    borders = sorted(cut for cut in cuts if cut < len(samples))
    assert_alike(lambda: measure_blocks(np.split(samples, borders), rate))


BAD = st.lists(st.tuples(st.integers(0, 20_000), st.sampled_from((math.nan, math.inf, -math.inf, 1e15))), max_size=5)


@settings(max_examples=10, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(BAD, st.sampled_from(("FLOAT", "DOUBLE")), st.integers(1, 3))
@example([(8000, math.nan), (7999, math.inf)], "DOUBLE", 2)
def test_numbers_that_are_none(tmp_path: Path, bad: list[tuple[int, float]], subtype: str, channels: int) -> None:
    samples = sound([("sine", 300, 0, 0.5)], 8000, channels, "apart", 5)
    for at, value in bad:
        samples[at, at % channels] = value
    path = tmp_path / "sound.wav"
    soundfile.write(path, samples, 8000, subtype=subtype)
    facts = assert_alike(lambda: measure(path))
    assert facts.non_finite == len({at for at, _ in bad} & set(np.flatnonzero(~np.isfinite(samples).all(axis=1))))


@pytest.mark.parametrize("off", [-2, -1, 0, 1, 2])
@pytest.mark.parametrize("length", [1, 2, 3, 9])
def test_runs_across_the_border_of_a_chunk(off: int, length: int) -> None:
    samples = 0.2 * np.sin(np.arange(20_000) / 9).astype(np.float32)
    begin = 8000 - length // 2 + off
    for value in (1.0, -1.0, 0.0):
        cut = samples.copy()
        cut[begin : begin + length] = value
        facts = assert_alike(partial(measure_blocks, [cut], 8000, encoding="pcm24"))
        if value and length >= 3:
            assert facts.clipped_run_count == 1


@pytest.mark.parametrize("encoding", ["pcm8", "pcm16", "pcm24", "pcm32", "float32", "float64", "other"])
def test_bits_of_decoded_samples(encoding: Any) -> None:
    samples = np.round(np.sin(np.arange(20_000) / 50) * 2**11) / 2**12
    facts = assert_alike(lambda: measure_blocks([samples], 8000, encoding=encoding))
    assert facts.effective_bits == (None if encoding == "other" else min(facts.effective_bits or 0, 13))


def test_many_channels_and_hours_in_little_memory() -> None:
    block = np.tile(np.sin(np.arange(8000) / 7).astype(np.float32)[:, None] * 0.3, (1, 40))
    facts = assert_alike(lambda: measure_blocks([block] * 8, 8000))
    assert facts.channels == 40
    slots = kernel.Kernel(_source(40)).slots
    assert slots == 3


def _source(channels: int) -> Any:
    from stemkit.audio.source import block_source

    return block_source(iter([np.zeros((1, channels))]), 8000, encoding="float32")


@pytest.mark.usefixtures("_whole")
def test_with_the_search_for_codecs(tmp_path: Path) -> None:
    path = tmp_path / "sound.wav"
    noise = np.random.default_rng(3)
    soundfile.write(path, 0.3 * noise.standard_normal((100_000, 2)), 44100, subtype="PCM_24")
    assert_alike(lambda: measure(path))


def test_nothing_at_all() -> None:
    assert_alike(lambda: measure_blocks([], 48000))
    assert_alike(lambda: measure_blocks([np.zeros((0, 2))], 48000))


def test_the_kernel_can_be_switched_off(monkeypatch: pytest.MonkeyPatch) -> None:
    assert kernel.kernel_in_use()
    monkeypatch.setenv("STEMKIT_KERNEL", "numpy")
    assert not kernel.kernel_in_use()
    assert kernel.kernel_state() == "numpy, by STEMKIT_KERNEL"


def test_a_kernel_of_another_version_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    """In a checkout, the library may be older than the files beside it."""
    older = SimpleNamespace(ffi=None, lib=SimpleNamespace(KERNEL_VERSION=kernel.VERSION - 1))
    monkeypatch.delenv("STEMKIT_KERNEL", raising=False)
    monkeypatch.setattr(kernel, "import_module", lambda _name: older)
    assert kernel.kernel_library.__wrapped__() is None
    older.lib.KERNEL_VERSION = kernel.VERSION
    assert kernel.kernel_library.__wrapped__() is not None
