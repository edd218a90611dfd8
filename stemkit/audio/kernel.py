"""The compiled kernel: whether it is there, and the memory that it works in."""

from __future__ import annotations

import os
import sys
from functools import lru_cache
from importlib import import_module
from importlib.util import module_from_spec, spec_from_file_location
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from stemkit.audio.bit_depth import grid_bits
from stemkit.audio.chunks import CELLS, HISTORY_CELLS, cell_frames_of
from stemkit.audio.clipping import NEAR_FULL_SCALE, full_scale_of
from stemkit.audio.flat_tops import LONGEST_S, SHORTEST_RUN
from stemkit.audio.k_filter import block_matrix
from stemkit.audio.loudness import LOWEST_RATE
from stemkit.audio.runs import MAX_LISTED, first_runs
from stemkit.audio.source import bits_of
from stemkit.audio.subsonic import AVERAGES
from stemkit.audio.true_peak import interpolator, outer_taps, oversampling, paired_taps, phase_gain
from stemkit.model.audio import Run

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from stemkit.audio.source import Source

__all__ = ["Kernel", "Library", "kernel_in_use", "kernel_state", "library_in_use", "listed_runs"]

SWITCH = "STEMKIT_KERNEL"
VERSION = 3  # of the declarations that this file fills, KERNEL_VERSION of _kernel.h
FORMATS = {"pcm16": 2, "pcm24": 3, "pcm32": 4, "float32": 5, "float64": 6}  # of raw bytes, as _samples.c numbers them
PLANAR32, PLANAR64 = 0, 1  # decoded already
MOST_SLOTS = 64  # chunks whose figures are collected before they are looked at together
MOST_DROPOUTS = 10
K_BLOCK = 12  # samples that the K filter takes at a time
ALL_CELLS = HISTORY_CELLS + CELLS


class Library(NamedTuple):
    """The two halves of a compiled library, of types that only it knows."""

    ffi: Any
    lib: Any


@lru_cache(maxsize=1)
def kernel_library() -> Library | None:
    """Return the compiled library's `ffi` and `lib`; None where there is none that fits.

    One does not fit a processor it cannot run on, nor files that have changed since it was built.
    """
    chosen = os.environ.get(SWITCH, "")
    try:
        module = _loaded(chosen) if chosen.endswith(".so") else import_module("stemkit.audio._kernel")
    except ImportError:
        return None
    fits = sys.byteorder == "little" and getattr(module.lib, "KERNEL_VERSION", 1) == VERSION
    return Library(module.ffi, module.lib) if fits else None


def _loaded(path: str) -> Any:
    spec = spec_from_file_location("_kernel", path)
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def library_in_use() -> Library | None:
    """Return the compiled library if it is to be used.

    The environment variable `STEMKIT_KERNEL` switches it off with `numpy`; with the path of a library it names
    another build of it, as `tests/sanitize.sh` does.
    """
    return None if os.environ.get(SWITCH) == "numpy" else kernel_library()


def kernel_in_use() -> bool:
    """Whether a compiled kernel measures."""
    return library_in_use() is not None


def kernel_state() -> str:
    """Say in a few words which of the two measures, and why."""
    if kernel_in_use():
        return "compiled"
    return f"numpy, by {SWITCH}" if kernel_library() is not None else "numpy"


class Kernel:
    """One measurement: the kernel's structure and the arrays that it points to."""

    def __init__(self, source: Source) -> None:
        library = kernel_library()
        assert library is not None
        self._ffi, self._lib = library
        self._kept: list[Any] = []  # what the structure points to
        self.channels, self.cell_frames = source.channels, cell_frames_of(source.sample_rate)
        self.slots = max(1, min(MOST_SLOTS, 2 * MOST_SLOTS // self.channels))
        self.chunk_frames = CELLS * self.cell_frames
        self.meter: Any = self._ffi.new("kernel_meter *")
        self.raw = source.fetch is not None and source.encoding in FORMATS
        wide = source.dtype is np.float64
        self.meter.format = FORMATS[source.encoding] if self.raw else PLANAR64 if wide else PLANAR32
        self._describe(source)
        self._make_room()
        self.incoming = np.zeros((0 if self.raw else self.channels, self.chunk_frames), source.dtype)

    def _describe(self, source: Source) -> None:
        meter, rate = self.meter, source.sample_rate
        bits, full_scale = bits_of(source.encoding), full_scale_of(source.encoding)
        meter.channels, meter.cell_frames = self.channels, self.cell_frames
        meter.grid_bits = grid_bits(source.encoding) or 0
        meter.is_float, meter.is_integer = bits is None, bits is not None
        meter.full_scale = 1.0 if full_scale is None else full_scale
        meter.near_full_scale = min(NEAR_FULL_SCALE, meter.full_scale)
        meter.step = 0.0 if bits is None else 2.0 ** (1 - bits)
        meter.longest_flat = max(SHORTEST_RUN, round(LONGEST_S * rate))
        phases = interpolator(oversampling(rate))
        outer = outer_taps(phases, self._lib.KERNEL_INNER_PAIRS)
        meter.gain, meter.outer_gain = phase_gain(phases), phase_gain(outer)
        meter.middle, meter.even, meter.odd = paired_taps(phases).tolist()
        meter.k_weighted = rate >= LOWEST_RATE
        if meter.k_weighted:
            block = block_matrix(rate, K_BLOCK)
            meter.k_carried, meter.k_step = block[:4, :4].tolist(), block_matrix(rate, 1).tolist()
            added = np.concatenate([np.zeros((4, 4)), block[4:, :4]])
            meter.k_rows = np.concatenate([block[:, 4:], added], axis=1).tolist()
        meter.first_sound = meter.non_finite_at = -1

    def _make_room(self) -> None:
        channels, slots = self.channels, self.slots
        self.buffer = self._array("buffer", (channels, ALL_CELLS * self.cell_frames), np.float32)
        self._array("scratch", (self.chunk_frames + 16,), np.float32)
        self._array("marks", (self.chunk_frames + 16,), np.uint8)
        cells = (slots, channels, CELLS)
        self.lowest = self._array("lowest", cells, np.float32)
        self.highest = self._array("highest", cells, np.float32)
        self.total = self._array("total", cells, np.float32)
        self.energy = self._array("energy", cells, np.float64)
        self.k_energy = self._array("k_energy", cells, np.float64)
        self.cross = self._array("cross", (slots, CELLS), np.float64)
        self.means = self._array("means", (slots, channels, AVERAGES), np.float32)
        self.peaks = self._array("peaks", (channels,), np.float32)
        self.peak_frames = self._array("peak_frames", (channels,), np.int64)
        self._array("k_state", (channels, 4), np.float64)
        self._array("steepest", (channels, ALL_CELLS), np.float32)
        self._array("zeros", (channels, ALL_CELLS), np.int32).fill(self.cell_frames)  # the past is silence
        self._runs("clip_open", channels * 2)
        self._runs("clip_runs", channels * 2 * MAX_LISTED)
        self.clip_counts = self._array("clip_counts", (channels, 2), np.int64)
        self._runs("dropouts", channels * MOST_DROPOUTS)
        self._runs("clicks", channels * CELLS)

    def _array(self, name: str, shape: tuple[int, ...], dtype: type[np.generic]) -> NDArray[Any]:
        array = np.zeros(shape, dtype)
        pointer = self._ffi.typeof(self.meter).item.fields
        setattr(self.meter, name, self._ffi.cast(dict(pointer)[name].type, self._ffi.from_buffer(array)))
        self._kept.append(array)
        return array

    def _runs(self, name: str, count: int) -> None:
        runs = self._ffi.new("kernel_run[]", count)
        setattr(self.meter, name, runs)
        self._kept.append(runs)

    @property
    def samples(self) -> NDArray[np.float32]:
        """The last chunk, decoded: ``(channels, 100 * cell_frames)``."""
        return self.buffer[:, -self.chunk_frames :]

    def read_from(self, source: Source) -> Iterator[int]:
        """Run over the stream, chunk by chunk, and yield the frames of each."""
        if not self.raw:
            while frames := source.read(self.incoming):
                self._lib.kernel_chunk(self.meter, self._ffi.from_buffer("uint8_t[]", self.incoming), frames)
                yield frames
            return
        assert source.fetch is not None
        frame_bytes = source.frame_bytes
        while frames := len(data := source.fetch(self.chunk_frames)) // frame_bytes:
            self._lib.kernel_chunk(self.meter, self._ffi.from_buffer("uint8_t[]", data), frames)
            yield frames

    def clipped_runs(self) -> tuple[tuple[Run, ...], int]:
        """Return the first runs in the order of time, and how many there are."""
        runs = [
            run
            for way, count in enumerate(self.clip_counts.ravel().tolist())
            for run in listed_runs(self.meter.clip_runs + way * MAX_LISTED, count)
        ]
        return first_runs(runs), int(self.clip_counts.sum())

    def finish(self) -> None:
        """End what waits for samples to come."""
        self._lib.kernel_finish(self.meter)


def listed_runs(runs: Any, count: int) -> Iterator[Run]:
    """Read the first of the kernel's runs."""
    for run in runs[0 : min(count, MAX_LISTED)]:
        yield Run(start_frame=run.start_frame, end_frame=run.end_frame, channel=run.channel, level=run.level)
