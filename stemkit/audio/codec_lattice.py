"""The rounded values that a lossy codec leaves in its frames.

MP3, AAC and Vorbis store small whole numbers k: within a group of neighbouring lines each line is one step times
k ** (4/3) in MP3 and AAC (ISO/IEC 11172-3 and 14496-3), times k in Vorbis, and many k are 0. At the right border of a
frame, and only there, the lines of a decoded sound fall on that lattice again. Eight lines that do so within a few
percent, one of them 0 and five not, are hardly ever chance; in frame after frame and at several places of the band,
never.

What other sounds share with such frames is told apart here. The frame of a click has lines of equal height, but no
zeros among them. Steady tones have zeros, at every border alike. A loop as long as a frame shows one frame again and
again, which counts once. Gates in the domain of frames leave zeros between lines of any height.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from stemkit.audio.codec_grid import FLOOR, frame_lines

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from stemkit.audio.codec_borders import GridTrace
    from stemkit.audio.codec_grid import Grid

__all__ = ["LatticeTrace", "find_lattice"]

GROUP = 8  # lines; codecs keep one step for at least 4, and for more the higher they are
GROUP_STEP = 4
HIGHEST = 4  # whole number; above it the lattice is too fine to be told from chance
NEAR = 0.06  # of a whole number, or of the step for a zero
LEAST_STEP = 20 * FLOOR
LOWEST_SHARE = 0.1  # of the highest line that sounds; below it tones stand too close
ELSEWHERE = (1, -1, 137)  # samples from the border: what happens there as well is no frame
LEAST_NOT_ZERO = 5  # lines of a group; three a step apart are chance in a tenth of the groups that a gate thins out
FEW_STRETCHES = 4
PLENTY_OF_GROUPS = 200  # so many in few stretches make it needless to look at the others; so does none at all
MIN_GROUPS = 16
MIN_GROUPS_APART = 2  # that share no line with the place in the band where most are
MIN_FRAMES = 6  # that differ from each other
TIMES_ELSEWHERE = 6


@dataclass(frozen=True, slots=True)
class LatticeTrace:
    """How many groups of lines lie on a lattice, in how many frames that differ, and how many do at other borders."""

    groups: int
    groups_apart: int
    frames: int
    groups_elsewhere: int

    @property
    def holds(self) -> bool:
        """Whether this is a codec's doing."""
        return (
            self.groups >= max(MIN_GROUPS, TIMES_ELSEWHERE * self.groups_elsewhere)
            and self.groups_apart >= MIN_GROUPS_APART
            and self.frames >= MIN_FRAMES
        )


def find_lattice(
    trace: GridTrace, stretches: Sequence[tuple[int, NDArray[np.float32]]], highest: float
) -> LatticeTrace:
    """Look for rounded values in the frames that `find_grid` suggests.

    Parameters
    ----------
    trace
        The codec and the border.
    stretches
        Pairs of the first frame's number in the file and float32 [frames, 1 or 2].
    highest
        Upper edge of what sounds, as a share of the sample rate (0…0.5).

    Returns
    -------
    LatticeTrace
        What was found there and beside it.
    """
    few = _found_in(trace, stretches[:FEW_STRETCHES], highest)
    if few.groups == 0 or (few.holds and few.groups >= PLENTY_OF_GROUPS):
        return few
    return _found_in(trace, stretches, highest)


def _found_in(trace: GridTrace, stretches: Sequence[tuple[int, NDArray[np.float32]]], highest: float) -> LatticeTrace:
    codes = _codes_at(trace.grid, trace.offset, stretches, highest)
    at_place = np.count_nonzero(codes, axis=0)
    fullest = int(np.argmax(at_place))
    here = LatticeTrace(
        groups=int(at_place.sum()),
        groups_apart=int(at_place.sum() - at_place[max(0, fullest - 1) : fullest + 2].sum()),
        frames=len(codes),
        groups_elsewhere=0,
    )
    if not here.holds:  # most sounds end here; the other borders cost three times as much
        return here
    elsewhere = (_codes_at(trace.grid, trace.offset + away, stretches, highest) for away in ELSEWHERE)
    return replace(here, groups_elsewhere=max(int(np.count_nonzero(other)) for other in elsewhere))


def _codes_at(
    grid: Grid, offset: int, stretches: Sequence[tuple[int, NDArray[np.float32]]], highest: float
) -> NDArray[np.int64]:
    """Return the whole numbers found [frames that differ, groups], 0 where there are none."""
    lines = slice(*_line_range(grid, highest))
    rows = []
    for start, samples in stretches:
        borders = np.arange((offset - start) % grid.hop, len(samples) - grid.taps + 1, grid.hop)
        at = borders[:, None] + np.arange(grid.taps)
        ways = np.stack([_codes(np.abs(way), grid.power) for way in _ways(grid, samples, at, lines)])
        best = np.argmax(np.count_nonzero(ways, axis=2), axis=0)
        rows.append(ways[best, np.arange(len(borders))])
    # The same as np.unique, which loads numpy.ma, and that costs more.
    differ = {row.tobytes(): row for row in np.concatenate(rows)}
    codes = np.array(list(differ.values()), np.int64).reshape(-1, rows[0].shape[1])
    return np.asarray(codes[codes.any(axis=1)])


def _line_range(grid: Grid, highest: float) -> tuple[int, int]:
    last = min(grid.hop, int(2 * grid.hop * highest) // GROUP_STEP * GROUP_STEP)
    return min(int(LOWEST_SHARE * last), grid.hop - GROUP), max(last, GROUP)


def _ways(grid: Grid, samples: NDArray[np.float32], at: NDArray[np.intp], lines: slice) -> list[NDArray[np.float32]]:
    """Lines of the channels and, where there are two, of what joint stereo stores: their sum and difference."""
    left, right = samples[:, 0], samples[:, -1]
    one = frame_lines(grid, left[at])[:, lines]
    if np.array_equal(left, right):
        return [one]
    other = frame_lines(grid, right[at])[:, lines]
    return [one, other, (one + other) * np.float32(0.5**0.5), (one - other) * np.float32(0.5**0.5)]


def _codes(lines: NDArray[np.float32], power: float) -> NDArray[np.int64]:
    """Read groups of lines [frames, lines] as whole numbers: one code [frames, groups] for each, 0 for none."""
    groups = np.lib.stride_tricks.sliding_window_view(lines, GROUP, axis=1)[:, ::GROUP_STEP]
    top = groups.max(axis=2)
    where = np.nonzero((top > LEAST_STEP) & (groups.min(axis=2) < NEAR * top))
    codes = np.zeros(top.shape, np.int64)
    values, tops = groups[where], top[where]
    found = np.zeros(len(values), np.int64)
    for highest in range(1, HIGHEST + 1):
        step = tops / highest**power
        units = values / step[:, None]
        exact = units ** (1 / power)
        whole = np.where(units < NEAR, 0, np.maximum(1, np.round(exact))).astype(np.int64)
        near = (whole == 0) | (np.abs(exact - whole) < NEAR)
        zeros = np.count_nonzero(whole == 0, axis=1)
        fits = near.all(axis=1) & (zeros >= 1) & (zeros <= GROUP - LEAST_NOT_ZERO) & (step > LEAST_STEP)
        found = np.where(fits & (found == 0), whole @ (HIGHEST + 1) ** np.arange(GROUP), found)
    codes[where] = found
    return codes
