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

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["KFilter", "Section", "k_filter_sections"]


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


@dataclass(frozen=True, slots=True, kw_only=True)
class _Matrices:
    """The filter at one rate. States are row vectors: ``state @ carry`` is the state one block later."""

    block: int  # samples a block
    blocks: int  # blocks a chunk
    group: int  # blocks a group: the scan over blocks runs in groups, then over groups
    groups: int
    answer: NDArray[np.float32]  # (block + 4, block): samples and state to filtered samples
    push: NDArray[np.float32]  # (block, 4): what a block adds to the state
    carry: NDArray[np.float64]
    inside_group: NDArray[np.float64]
    over_groups: NDArray[np.float64]
    reach: NDArray[np.float64]  # (4, group, 4): a group's first state to the states of its blocks
    reach_groups: NDArray[np.float64]  # (4, groups, 4)


@lru_cache(maxsize=8)
def _matrices(sample_rate: int) -> _Matrices:
    length = CELLS * cell_frames_of(sample_rate)
    block = next(size for size in range(32, 51) if length % size == 0)  # 50 always divides
    blocks = length // block
    sections = k_filter_sections(sample_rate)
    unit = np.stack([_one_sample(sections, row[:4], row[4]) for row in np.eye(5)])
    step, into, out, through = unit[:4, :4], unit[4, :4], unit[:4, 4], unit[4, 4]
    powers = _powers(step, block + 1)
    impulse = np.concatenate([[through], into @ powers[: block - 1] @ out])
    delay = np.arange(block)[None, :] - np.arange(block)[:, None]
    within = np.where(delay >= 0, impulse[np.maximum(delay, 0)], 0.0)
    carry = powers[block]
    group = math.isqrt(blocks)
    groups = -(-blocks // group)
    group_carry = np.linalg.matrix_power(carry, group)
    return _Matrices(
        block=block,
        blocks=blocks,
        group=group,
        groups=groups,
        answer=np.concatenate([within, (powers[:block] @ out).T]).astype(np.float32),
        push=(into @ powers[block - 1 :: -1]).astype(np.float32),
        carry=carry,
        inside_group=_running_states(carry, group),
        over_groups=_running_states(group_carry, groups),
        reach=_powers(carry, group).transpose(1, 0, 2).copy(),
        reach_groups=_powers(group_carry, groups).transpose(1, 0, 2).copy(),
    )


class KFilter:
    """Filters whole chunks, several channels at once, and remembers its state between them.

    Samples are filtered in single precision (error near 1e-7 of the signal), the states in double.
    """

    def __init__(self, channels: int, sample_rate: int) -> None:
        self._m = _matrices(sample_rate)
        self._state = np.zeros((channels, 4))
        self._padded = np.empty((channels, self._m.blocks, self._m.block + 4), np.float32)
        self._filtered = np.empty((channels, self._m.blocks, self._m.block), np.float32)

    def run(self, samples: NDArray[np.float32]) -> NDArray[np.float32]:
        """Filter one chunk ``(channels, samples)``; the answer is overwritten by the next call."""
        blocks = samples.reshape(len(samples), self._m.blocks, self._m.block)
        pushes = (blocks @ self._m.push).astype(np.float64)
        self._padded[:, :, : self._m.block] = blocks
        self._padded[:, :, self._m.block :] = self._states(pushes)
        np.matmul(self._padded, self._m.answer, out=self._filtered)
        return self._filtered.reshape(samples.shape)

    def _states(self, pushes: NDArray[np.float64]) -> NDArray[np.float64]:
        """States before each block: ``state[i + 1] = state[i] @ carry + push[i]``, without a loop over i."""
        m, channels = self._m, len(pushes)
        padded = np.zeros((channels, m.groups * m.group, 4))
        padded[:, : m.blocks] = pushes
        grouped = padded.reshape(channels, m.groups, m.group * 4)
        inside = grouped @ m.inside_group
        group_pushes = inside[..., -4:] @ m.carry + grouped[..., -4:]
        starts = (group_pushes.reshape(channels, -1) @ m.over_groups).reshape(channels, m.groups, 4)
        starts += (self._state @ m.reach_groups.reshape(4, -1)).reshape(starts.shape)
        states = inside + starts @ m.reach.reshape(4, -1)
        states = states.reshape(channels, -1, 4)[:, : m.blocks]
        self._state = states[:, -1] @ m.carry + pushes[:, -1]
        return states
