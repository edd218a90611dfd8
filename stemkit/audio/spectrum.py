"""What the spectrum tells about a file's past: a lossy codec, or a lower sample rate.

The probe watches the stream and keeps at most 64 short stretches, those with the most treble of each part of the
file; the rest is thrown away at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from math import isfinite, log2
from typing import TYPE_CHECKING, overload

import numpy as np

from stemkit.audio.codec_borders import find_grid
from stemkit.audio.codec_grid import GRIDS, resampled
from stemkit.audio.codec_lattice import find_lattice
from stemkit.audio.kernel import library_in_use
from stemkit.audio.wall import find_wall, mean_spectrum_db, sounding_band, upsampled_from
from stemkit.model.audio import LossyEvidence

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from stemkit.audio.codec_grid import Grid
    from stemkit.audio.codec_lattice import LatticeTrace
    from stemkit.audio.kernel import Library

    Stretch = tuple[int, NDArray[np.float32]]

__all__ = ["SpectrumProbe"]

STRETCH_S = 0.17  # long enough for several frames of any codec
MAX_STRETCHES = 64
CANDIDATES = 4  # stretches looked at for each one kept
GRID_STRETCHES = 16  # the loudest of them are enough for the frame grid
CODEC_RATES_HZ = (44100, 48000)  # where a decoded file may have been converted from
SCORE_POSSIBLE = 5.5  # deviations; no more than a hint of where to look for rounded values
GROUPS_SURE = 60  # groups of lines on a lattice; fewer make a warning


@dataclass(slots=True)
class _Stretch:
    start: int
    treble: float
    samples: NDArray[np.float32]  # [frames, 1 or 2], the side with more treble first


class _Converted(Sequence["Stretch"]):
    """Stretches at a lower rate, converted when they are asked for: most searches end after three."""

    def __init__(self, stretches: Sequence[Stretch], from_hz: int, to_hz: int) -> None:
        self._stretches = stretches
        self._converted = cache(lambda index: resampled(stretches[index], from_hz, to_hz))

    def __len__(self) -> int:
        return len(self._stretches)

    @overload
    def __getitem__(self, index: int) -> Stretch: ...
    @overload
    def __getitem__(self, index: slice) -> list[Stretch]: ...
    def __getitem__(self, index: int | slice) -> Stretch | list[Stretch]:
        if isinstance(index, slice):
            return [self._converted(number) for number in range(len(self))[index]]
        return self._converted(range(len(self))[index])


class SpectrumProbe:
    """Gather evidence from a stream of blocks, in bounded memory.

    Parameters
    ----------
    sample_rate
        Frames a second.
    frames
        How long the stream will be, where that is known: the stretches then lie evenly from the start. A wrong length
        costs time, or stretches, and nothing else.
    """

    def __init__(self, sample_rate: int, frames: int | None = None) -> None:
        self._rate = sample_rate
        self._frames: int = 1 << max(12, round(log2(STRETCH_S * max(1, sample_rate))))  # 8192 at 44.1 and 48 kHz
        self._pending: list[NDArray[np.float32]] = []  # the beginning of the candidate that the last block cut
        self._fed = 0  # frames
        self._candidate = 0  # number of the next stretch to look at
        self._stride = 1  # stretches that share one kept stretch
        while frames is not None and frames // self._frames >= MAX_STRETCHES * self._stride:
            self._stride *= 2
        self._kept: list[_Stretch] = []
        self._library = library_in_use()

    def feed(self, block: NDArray[np.floating]) -> None:
        """Take the next block.

        Parameters
        ----------
        block
            Samples [frames, channels], full scale 1.0, following directly on the block before; not kept.
        """
        end = self._fed + len(block)
        while (first := self._candidate * self._frames) < end:
            part = np.asarray(block[max(0, first - self._fed) : first + self._frames - self._fed].T, np.float32)
            if first + self._frames > end:
                self._pending.append(part.copy())
                break
            self._keep(np.concatenate([*self._pending, part], axis=1) if self._pending else part, self._candidate)
            self._pending = []
            every = max(1, self._stride // CANDIDATES)
            self._candidate += every - self._candidate % every
        self._fed = end

    def result(self) -> tuple[LossyEvidence | None, int | None]:
        """Judge what was gathered.

        Returns
        -------
        tuple of LossyEvidence or None and int or None
            The evidence for a lossy past, None where there is too little sound to tell, and the sample rate in Hz
            that the file seems to come from where that is lower than its own.
        """
        loudest = sorted(self._kept, key=lambda s: -s.treble)
        stretches = [(s.start, s.samples) for s in loudest if s.treble > 0]
        if not stretches:
            return None, None
        spectrum = mean_spectrum_db([samples[:, 0] for _start, samples in stretches])
        band = sounding_band(spectrum)
        if band is None:
            return None, None
        wall_hz = find_wall(spectrum, self._rate)
        evidence = _judge(self._frames_found(stretches[:GRID_STRETCHES], band), wall_hz)
        return evidence, None if evidence.suspected else upsampled_from(spectrum, self._rate)

    def _frames_found(
        self, stretches: Sequence[Stretch], band: tuple[float, float]
    ) -> tuple[Grid, LatticeTrace] | None:
        """Look for frames at the file's own rate and, where nothing sounds above them, at the usual lower rates."""
        for rate in dict.fromkeys((self._rate, *CODEC_RATES_HZ)):
            share = rate / self._rate
            if share > 1 or band[1] > share / 2 + 0.005:
                continue
            there = stretches if share == 1 else _Converted(stretches, self._rate, rate)
            edges = band[0] / share, min(0.5, band[1] / share)
            traces = (find_grid(grid, there, edges, self._library) for grid in GRIDS)
            likely = [trace for trace in traces if trace is not None and trace.score >= SCORE_POSSIBLE]
            for trace in sorted(likely, key=lambda trace: -trace.score):
                lattice = find_lattice(trace, there, edges[1])
                if lattice.holds:
                    return trace.grid, lattice
        return None

    def _keep(self, block: NDArray[np.float32], number: int) -> None:
        treble = [_treble(side, self._library) for side in block]  # the louder side is enough
        if not all(map(isfinite, treble)):
            return
        energy = max(treble)
        channel = treble.index(energy)
        fills_slot = self._kept and self._slot(self._kept[-1]) == number // self._stride
        if fills_slot and energy <= self._kept[-1].treble:
            return
        sides = [channel] if len(block) != 2 else [channel, 1 - channel]  # joint stereo needs both
        stretch = _Stretch(number * self._frames, energy, block[sides].T)
        if fills_slot:
            self._kept[-1] = stretch
            return
        self._kept.append(stretch)
        if len(self._kept) >= MAX_STRETCHES:
            self._halve()

    def _slot(self, stretch: _Stretch) -> int:
        return stretch.start // self._frames // self._stride

    def _halve(self) -> None:
        self._stride *= 2
        best: dict[int, _Stretch] = {}
        for stretch in self._kept:
            slot = self._slot(stretch)
            if slot not in best or stretch.treble > best[slot].treble:
                best[slot] = stretch
        self._kept = list(best.values())


def _treble(samples: NDArray[np.float32], library: Library | None) -> float:
    """Return the energy of the second difference, which weighs up the treble, where codecs leave their traces."""
    if library:
        held = np.ascontiguousarray(samples)
        return float(library.lib.kernel_treble(library.ffi.from_buffer("float[]", held), held.size))
    bends = np.diff(samples, 2)
    return float(np.dot(bends, bends))


def _judge(found: tuple[Grid, LatticeTrace] | None, wall_hz: float | None) -> LossyEvidence:
    if found is not None:
        grid, lattice = found
        above = f"; nothing sounds above {wall_hz / 1000:.1f} kHz" if wall_hz is not None else ""
        return LossyEvidence(
            suspected=True,
            confidence=round(min(1.0, (0.8 if lattice.groups >= GROUPS_SURE else 0.6) + lattice.groups / 2500), 2),
            cutoff_hz=wall_hz,
            explanation=f"the sound is rounded in frames of {grid.hop} samples, as in {grid.codec}{above}",
        )
    if wall_hz is not None:
        text = f"the sound ends in a wall at {wall_hz / 1000:.1f} kHz, but carries no frames of a codec"
        return LossyEvidence(suspected=False, confidence=0.2, cutoff_hz=wall_hz, explanation=text)
    return LossyEvidence(suspected=False, confidence=0.0, explanation="no sign of a lossy codec")
