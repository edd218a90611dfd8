"""Channels of a take, of a send and of a main send."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from stemkit.render.builtin.grid import Signal

__all__ = ["DOWNMIX", "MONO_SUM_GAIN", "RIGHT", "Bus", "chosen_channels", "pick", "take_channels"]

NORMAL, SWAP, DOWNMIX, LEFT, RIGHT = range(5)
MONO_SUM_GAIN = 0.5  # 4, downmix gain ½ assumed, [?]
# 4, CHANMODE, DOC [1]: (first mode, last mode, first channel, channels)
_RANGES = ((5, 66, 2, 1), (67, 130, 0, 2), (131, 194, 64, 1), (195, 257, 64, 2))


def chosen_channels(mode: int) -> tuple[int, int] | None:
    """First channel and count that a channel mode takes out of a many-channel take; None: another kind of mode."""
    for first_mode, last_mode, channel, count in _RANGES:
        if first_mode <= mode <= last_mode:
            return channel + mode - first_mode, count
    return {LEFT: (0, 1), RIGHT: (1, 1)}.get(mode)


def take_channels(data: Signal, mode: int) -> Signal:
    """Apply a take's channel mode (4, CHANMODE). One row means the same on both sides."""
    channels = data.shape[0]
    if channels == 1 and mode <= RIGHT:
        return data
    if mode == SWAP:
        return np.concatenate([data[1::-1], data[2:]])
    if mode == DOWNMIX:
        return (data[:1] + data[1:2]) * MONO_SUM_GAIN
    if (chosen := chosen_channels(mode)) is not None:
        return pick(data, *chosen)
    return data


def pick(data: Signal, first: int, count: int) -> Signal:
    """Rows `first` … `first + count`; rows that are not there are silent."""
    rows = data[first : first + count]
    if rows.shape[0] == count:
        return rows
    return np.concatenate([rows, np.zeros((count - rows.shape[0], data.shape[1]))])


class Bus:
    """A sum of signals with a fixed number of channels; silent until something arrives.

    The first signal that fits is borrowed, not copied, and never written to.
    """

    __slots__ = ("_own", "channels", "frames", "signal")

    def __init__(self, channels: int, frames: int) -> None:
        self.channels, self.frames = channels, frames
        self.signal: Signal | None = None
        self._own = False

    def add(self, signal: Signal, first: int = 0) -> None:
        """Add a signal of the bus's length from channel `first` on; channels beyond the bus are lost."""
        rows = signal[: max(0, self.channels - first)]
        if not rows.shape[0]:
            return
        if self.signal is None and rows.shape[0] == self.channels:
            self.signal = rows
            return
        if self.signal is not None and not self._own and rows.shape[0] == self.channels:
            self.signal = self.signal + rows
            self._own = True
            return
        self.writable()[first : first + rows.shape[0]] += rows

    def writable(self) -> Signal:
        """Give the sum as an array that may be changed in place."""
        if self.signal is None:
            self.signal = np.zeros((self.channels, self.frames))
        elif not self._own:
            self.signal = self.signal.copy()
        self._own = True
        return self.signal
