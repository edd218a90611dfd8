"""The K filter of ITU-R BS.1770-5 as matrix products.

A block of samples times a triangular Toeplitz matrix gives the filter's answer to the block itself, four state
variables carry what the past adds, and the states at the blocks' borders follow from products of the same kind.
This computes the recursive filter without a recursion over samples, which Python would be slow at.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from stemkit.audio.chunks import CELLS, cell_frames_of
from stemkit.audio.products import product

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["KFilter", "Section", "block_matrix", "k_filter_sections"]


SEEN = 512  # samples over which the output sees the states of a block
GROUP = 12  # states are scanned in groups of steps, groups of groups, and so on


class Section(NamedTuple):
    """A second-order section with a0 = 1."""

    b0: float
    b1: float
    b2: float
    a1: float
    a2: float


def k_filter_sections(sample_rate: int) -> tuple[Section, Section]:
    """Coefficients of the high shelf and of the high-pass at any rate.

    The analogue prototypes behind the standard's 48 kHz tables, recomputed by the bilinear transform (Brecht De
    Man, "Evaluation of implementations of the EBU R128 loudness measurement", 2018). At 48 kHz they equal
    BS.1770-5 tables 1 and 2.
    """
    k = math.tan(math.pi * 1681.974450955533 / sample_rate)
    q = 0.7071752369554196
    high = 10 ** (3.999843853973347 / 20)
    band = high**0.4996667741545416
    a0 = 1 + k / q + k * k
    shelf = Section(
        b0=(high + band * k / q + k * k) / a0,
        b1=2 * (k * k - high) / a0,
        b2=(high - band * k / q + k * k) / a0,
        a1=2 * (k * k - 1) / a0,
        a2=(1 - k / q + k * k) / a0,
    )
    k = math.tan(math.pi * 38.13547087602444 / sample_rate)
    q = 0.5003270373238773
    a0 = 1 + k / q + k * k
    return shelf, Section(b0=1.0, b1=-2.0, b2=1.0, a1=2 * (k * k - 1) / a0, a2=(1 - k / q + k * k) / a0)


def _one_sample(sections: tuple[Section, ...], state: NDArray[np.float64], value: float) -> NDArray[np.float64]:
    """Run the cascade (transposed direct form II) for one sample; return the new state and then the output."""
    moved = np.empty(len(state) + 1)
    for at, (b0, b1, b2, a1, a2) in enumerate(sections):
        out = b0 * value + state[2 * at]
        moved[2 * at] = b1 * value - a1 * out + state[2 * at + 1]
        moved[2 * at + 1] = b2 * value - a2 * out
        value = out
    moved[-1] = value
    return moved


def _powers(matrix: NDArray[np.float64], count: int) -> NDArray[np.float64]:
    """Powers 0 … count - 1, shape ``(count, 4, 4)``."""
    powers = np.empty((count, *matrix.shape))
    powers[0] = np.eye(len(matrix))
    for i in range(1, count):
        powers[i] = powers[i - 1] @ matrix
    return powers


def _running_states(carry: NDArray[np.float64], count: int) -> NDArray[np.float64]:
    """Matrix from `count` pushes of 4 values to the states before each step, beginning at rest."""
    powers = _powers(carry, count)
    matrix = np.zeros((count, 4, count, 4))
    for push in range(count - 1):
        matrix[push, :, push + 1 :, :] = powers[: count - 1 - push].transpose(1, 0, 2)
    return matrix.reshape(count * 4, count * 4)


class _Scan(NamedTuple):
    """How states run over a group of `GROUP` steps: ``state[i + 1] = state[i] @ carry + push[i]``."""

    carry: NDArray[np.float64]  # (4, 4)
    inside: NDArray[np.float64]  # pushes of a group to its states, beginning at rest
    reach: NDArray[np.float64]  # (4, 4 * GROUP): a group's first state to all its states


def _scans(carry: NDArray[np.float64], steps: int) -> tuple[_Scan, ...]:
    """One scan for the steps, one for the groups of steps, and so on until one group holds everything."""
    reach = _powers(carry, GROUP).transpose(1, 0, 2).reshape(4, -1)
    here = _Scan(carry, _running_states(carry, GROUP), reach)
    if steps <= GROUP:
        return (here,)
    return (here, *_scans(np.linalg.matrix_power(carry, GROUP), -(-steps // GROUP)))


def _run_scans(pushes: NDArray[np.float64], scans: tuple[_Scan, ...]) -> NDArray[np.float64]:
    """States before each step ``(channels, steps, 4)``, beginning at rest, without a loop over the steps."""
    channels, steps = pushes.shape[:2]
    groups = -(-steps // GROUP)
    padded = np.zeros((channels, groups * GROUP, 4))
    padded[:, :steps] = pushes
    grouped = padded.reshape(channels * groups, GROUP * 4)
    scan, *wider = scans
    states = product(grouped, scan.inside)
    if wider:
        group_pushes = states[:, -4:] @ scan.carry + grouped[:, -4:]
        starts = _run_scans(group_pushes.reshape(channels, groups, 4), tuple(wider))
        states += product(starts.reshape(-1, 4), scan.reach)
    return states.reshape(channels, -1, 4)[:, :steps]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Matrices:
    """The filter at one rate. States are row vectors: ``state @ carry`` is the state one block later."""

    block: int  # samples a block
    answer: NDArray[np.float32]  # (block + 4, block): samples and state to filtered samples
    push: NDArray[np.float32]  # (block, 4): what a block adds to the state
    carry: NDArray[np.float64]
    scans: tuple[_Scan, ...]


def _unit(sample_rate: int) -> NDArray[np.float64]:
    """Matrix ``(5, 5)`` from 4 states and a sample to the states after it and the filtered sample."""
    sections = k_filter_sections(sample_rate)
    return np.stack([_one_sample(sections, row[:4], row[4]) for row in np.eye(5)])


@lru_cache(maxsize=16)
def block_matrix(sample_rate: int, block: int) -> NDArray[np.float64]:
    """Matrix ``(4 + block, 4 + block)`` from states and samples to the states after them and the filtered samples.

    The states are those that the output sees, so that they may be kept, and added to, in single precision.
    """
    unit = _unit(sample_rate)
    matrix = np.eye(4, 4 + block)  # what is known of states and outputs so far, by what enters
    rows = np.concatenate([matrix, np.zeros((block, 4 + block))])
    for at in range(block):
        entering = np.concatenate([rows[:, :4], np.eye(4 + block)[:, [4 + at]]], axis=1)
        after = entering @ unit
        rows[:, :4], rows[:, 4 + at] = after[:, :4], after[:, 4]
    to_seen, from_seen, _directions = _seen_basis(_powers(unit[:4, :4], SEEN), unit[:4, 4])
    rows[:4] = from_seen @ rows[:4]
    rows[:, :4] = rows[:, :4] @ to_seen
    return rows


def _seen_basis(powers: NDArray[np.float64], out: NDArray[np.float64]) -> tuple[NDArray[np.float64], ...]:
    """Matrices to and from a basis of the states in which each is as large as its output over some steps, and those.

    As they are, each state alone is large and cancels against the others.
    """
    basis, size, directions = np.linalg.svd((powers @ out).T, full_matrices=False)
    return basis * size, (basis / size).T, directions


@lru_cache(maxsize=8)
def _matrices(sample_rate: int) -> _Matrices:
    length = CELLS * cell_frames_of(sample_rate)
    block = next(size for size in range(32, 51) if length % size == 0)  # 50 always divides
    unit = _unit(sample_rate)
    step, into, out, through = unit[:4, :4], unit[4, :4], unit[:4, 4], unit[4, 4]
    powers = _powers(step, block + 1)
    impulse = np.concatenate([[through], into @ powers[: block - 1] @ out])
    delay = np.arange(block)[None, :] - np.arange(block)[:, None]
    within = np.where(delay >= 0, impulse[np.maximum(delay, 0)], 0.0)
    to_seen, from_seen, directions = _seen_basis(powers[:block], out)
    carry = from_seen @ powers[block] @ to_seen
    return _Matrices(
        block=block,
        answer=np.concatenate([within, directions]).astype(np.float32),
        push=(into @ powers[block - 1 :: -1] @ to_seen).astype(np.float32),
        carry=carry,
        scans=_scans(carry, length // block + 1),
    )


class KFilter:
    """Filters whole chunks, several channels at once, and remembers its state between them.

    Samples are filtered in single precision (error below 1e-6 of the signal up to 96 kHz), the states in double.
    """

    def __init__(self, channels: int, sample_rate: int) -> None:
        self._m = _matrices(sample_rate)
        self._state = np.zeros((channels, 4))

    def run(self, samples: NDArray[np.float32]) -> NDArray[np.float32]:
        """Filter one chunk ``(channels, samples)``."""
        channels, block = len(samples), self._m.block
        blocks = samples.reshape(-1, block)
        pushes = product(blocks, self._m.push).reshape(channels, -1, 4)
        seen = np.empty((len(blocks), block + 4), np.float32)
        seen[:, :block] = blocks
        seen[:, block:] = self._states(pushes).reshape(-1, 4)
        return product(seen, self._m.answer).reshape(samples.shape)

    def _states(self, pushes: NDArray[np.float32]) -> NDArray[np.float64]:
        """States before each block. The state that is left from the last chunk enters as one push more."""
        entering = np.concatenate([self._state[:, None, :], pushes], axis=1)
        states = _run_scans(entering, self._m.scans)[:, 1:]
        self._state = states[:, -1] @ self._m.carry + pushes[:, -1]
        return states
