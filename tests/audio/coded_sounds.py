"""What a transform codec leaves in a sound, without any codec."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


def rounded_in_frames(sound: NDArray[np.float64], hop: int, step: float) -> NDArray[np.float64]:
    """Round the lines of a sound in frames of `hop` as AAC does: to a step times whole numbers ** (4/3)."""
    n = np.arange(2 * hop)
    kaiser = np.cumsum(np.kaiser(hop + 1, 4 * np.pi))
    half = np.sqrt(kaiser[:-1] / kaiser[-1])
    window = np.concatenate([half, half[::-1]]) * np.sqrt(2 / hop)
    basis = (np.cos(np.pi / hop * (n + 0.5 + hop / 2) * (np.arange(hop)[:, None] + 0.5)) * window).astype(np.float32)
    frames = np.lib.stride_tricks.sliding_window_view(sound.astype(np.float32), 2 * hop)[::hop]
    lines = frames @ basis.T
    rounded = step * np.sign(lines) * np.round((np.abs(lines) / step) ** 0.75) ** (4 / 3)
    back = rounded.astype(np.float32) @ basis
    return np.asarray((back[1:, :hop] + back[:-1, hop:]).ravel(), np.float64)
