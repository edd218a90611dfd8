"""How the channels relate: mono, one-sided, inverted; correlation; what a fold to mono takes away."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from stemkit.audio.chunks import CELLS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from stemkit.audio.chunks import Cells, Chunk
    from stemkit.model.audio import Encoding, Image

__all__ = ["ImageMeter", "Stereo"]

SILENT_PEAK = 10 ** (-90 / 20)  # one step of 16 bits, what dither alone may leave
ALIKE_RATIO = 1e-3  # difference against peak: 60 dB down
WINDOW_CELLS = 50  # 0.5 s
LOUD_POWER = 0.1  # windows down to 10 dB below the loudest count as loud
DEEPEST_DB = -120.0
_STEP = {"pcm8": 2.0**-7, "pcm16": 2.0**-15}
_FINE_STEP = 2.0**-23


@dataclass(frozen=True, slots=True, kw_only=True)
class Stereo:
    """What `ImageMeter` found."""

    image: Image
    correlation: float | None
    mono_loss_db: float | None
    mono_loss_at_s: float | None


class ImageMeter:
    """Compares the two channels of a stereo file.

    Two channels are one when they never differ by more than two quantisation steps (each may carry its own
    dither) and that difference lies 60 dB below the peak. Mono loss is the level of (L + R) / 2 against the mean
    level of both channels in windows of 0.5 s: 0 dB for equal channels, -3 for unrelated, far below for inverted.
    """

    def __init__(self, channels: int, sample_rate: int, encoding: Encoding) -> None:
        self._channels = channels
        self._rate = sample_rate
        self._tolerance = 2.1 * _STEP.get(encoding, _FINE_STEP)
        self._peaks = np.zeros(channels)
        self._worst_difference = 0.0
        self._worst_sum = 0.0
        self._windows: list[NDArray[np.float64]] = []  # rows: left, right, cross energy
        self._window_frames = 0

    def feed(self, chunk: Chunk) -> None:
        """Take the next chunk."""
        if self._channels != 2:
            self.take(chunk, np.zeros(0))
            return
        left, right = chunk.samples
        cells = (CELLS, chunk.cell_frames)
        self.take(chunk, np.einsum("ij,ij->i", left.reshape(cells), right.reshape(cells)))
        # Ordinary stereo settles both questions in its first sounding second.
        if self._alike(self._worst_difference):
            self._worst_difference = max(self._worst_difference, float(np.abs(left - right).max()))
        if self._alike(self._worst_sum):
            self._worst_sum = max(self._worst_sum, float(np.abs(left + right).max()))

    def take(self, cells: Cells, cross: NDArray[np.floating]) -> None:
        """Take the cells of the next chunks and, of two channels, the sums of left times right."""
        np.maximum(self._peaks, cells.magnitude.max(axis=1), out=self._peaks)
        if self._channels == 2:
            sums = np.stack([*cells.energy, cross])
            self._windows.append(sums.reshape(3, -1, WINDOW_CELLS).sum(axis=2))
            self._window_frames = WINDOW_CELLS * cells.cell_frames

    def note_worst(self, difference: float, total: float) -> None:
        """Take the greatest differences of left and right, and of left and inverted right."""
        self._worst_difference, self._worst_sum = difference, total

    def _alike(self, difference: float) -> bool:
        return difference <= self._tolerance

    def _image(self) -> Image:
        peak = float(self._peaks.max())
        if peak <= SILENT_PEAK:
            return "silent"
        if self._channels == 2:
            return self._pair(peak)
        return "mono" if self._channels == 1 else "multichannel"

    def _pair(self, peak: float) -> Image:
        left, right = self._peaks
        sides: tuple[tuple[Image, float, float], ...] = (("left_only", left, right), ("right_only", right, left))
        for name, one, other in sides:
            if other == 0 or (other <= SILENT_PEAK and other <= ALIKE_RATIO * one):
                return name
        if self._alike(self._worst_difference) and self._worst_difference <= ALIKE_RATIO * peak:
            return "dual_mono"
        if self._alike(self._worst_sum) and self._worst_sum <= ALIKE_RATIO * peak:
            return "inverted"
        return "stereo"

    def result(self) -> Stereo:
        """Return the image; correlation and mono loss only for two channels that both sound."""
        image = self._image()
        if self._channels != 2 or not self._windows or not (self._peaks > 0).all():
            return Stereo(image=image, correlation=None, mono_loss_db=None, mono_loss_at_s=None)
        left, right, cross = np.concatenate(self._windows, axis=1)
        product = math.sqrt(float(left.sum()) * float(right.sum()))
        if not 0 < product < math.inf:
            return Stereo(image=image, correlation=None, mono_loss_db=None, mono_loss_at_s=None)
        both = left + right
        loud = both >= LOUD_POWER * both.max()
        kept = np.where(loud, (both + 2 * cross) / np.where(loud, 2 * both, 1), math.inf)
        worst = int(kept.argmin())
        loss = float(kept[worst])
        return Stereo(
            image=image,
            correlation=max(-1.0, min(1.0, float(cross.sum()) / product)),
            mono_loss_db=max(DEEPEST_DB, min(0.0, 10 * math.log10(loss))) if loss > 0 else DEEPEST_DB,
            mono_loss_at_s=worst * self._window_frames / self._rate,
        )
