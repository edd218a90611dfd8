"""One pass over the windows of all stems: how each of them relates to the residual."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from stemkit.audio.fourier import real_spectrum
from stemkit.audio.products import gram
from stemkit.audio.quantiles import quantiles

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from stemkit.audio.proof.streams import Source

    Audio = NDArray[np.float32]

__all__ = ["Relations", "relate"]

_POOL = 16  # bins that one value of a filter stands for: filters and lags up to 40 ms are seen
_DYNAMIC_RANGE = 1e-6


@dataclass(frozen=True, slots=True, kw_only=True)
class Relations:
    """Statistics of N stems against the residual, whitened by the residual's own spectrum.

    Attributes
    ----------
    gram
        Inner products of stems a window, shape (windows, N, N).
    cross
        Inner products of stems and residual a window, shape (windows, N).
    raw_gram, raw_cross
        The same without whitening, over all windows: stems against stems, and stems against the undone mix.
    power
        Whitened energy of the residual a window.
    filtered
        Part of the residual that any short filter of a stem would explain, 0…1, shape (N,).
    swapped
        Part that exchanging the stem's channels would explain, 0…1, shape (N,).
    """

    gram: NDArray[np.float64]
    cross: NDArray[np.float64]
    raw_gram: NDArray[np.float64]
    raw_cross: NDArray[np.float64]
    power: NDArray[np.float64]
    filtered: NDArray[np.float64]
    swapped: NDArray[np.float64]

    def gains(self, *, without: int | None = None) -> NDArray[np.float64]:
        """Return how much each stem's gain should change, all stems fitted together; `without` leaves out a window."""
        keep = np.ones(len(self.gram), bool)
        if without is not None:
            keep[without] = False
        whole, cross = self.gram[keep].sum(axis=0), self.cross[keep].sum(axis=0)
        own = np.diag(whole)
        scale = np.sqrt(np.maximum(own, 1e-30))
        correlation = whole / scale[:, None] / scale + 1e-3 * np.eye(len(own))
        found = np.linalg.solve(correlation, cross / scale) / scale
        return np.where(own > 1e-20 * max(own.max(), 1e-30), found, 0.0)

    def spread(self) -> NDArray[np.float64]:
        """Return the standard error of `gains` by leaving out one window after the other."""
        count = len(self.gram)
        if count < 3:
            return np.full(self.gram.shape[1], np.inf)
        each = np.stack([self.gains(without=i) for i in range(count)])
        return np.asarray(np.sqrt((count - 1) / count * ((each - each.mean(axis=0)) ** 2).sum(axis=0)))

    def common(self) -> float | None:
        """Return the gain that at least half of the stems ask for alike, None where they ask for different ones."""
        gains, spread = 1 + self.gains(), self.spread()
        sure = np.sort(gains[spread < 0.05])
        if len(sure) < 2:
            return None
        half = max(2, (len(sure) + 1) // 2)
        width = sure[half - 1 :] - sure[: len(sure) - half + 1]
        first = int(np.argmin(width))
        if width[first] > 0.03:
            return None
        return float(quantiles(sure[first : first + half], 0.5))

    def strangers(self) -> bool:
        """Tell whether most stems have no share in the mix at all."""
        own = np.diag(self.raw_gram)
        sounding = own > 1e-7 * own.max()
        gone = np.abs(1 + self.gains()) < 0.3
        return bool(sounding.sum() > 1 and gone[sounding].mean() > 0.6)

    def alone(self) -> NDArray[np.float64]:
        """Return the part of the residual that each stem's gain alone would explain, 0…1."""
        own = np.einsum("wkk->k", self.gram)
        return np.asarray(self.cross.sum(axis=0) ** 2 / np.maximum(own, 1e-30) / max(self.power.sum(), 1e-30))

    def likeness(self) -> NDArray[np.float64]:
        """Return the normalised correlation between stems, shape (N, N)."""
        scale = np.sqrt(np.maximum(np.diag(self.raw_gram), 1e-30))
        return np.asarray(self.raw_gram / scale[:, None] / scale)


def _smooth(power: NDArray[Any]) -> NDArray[Any]:
    """Smooth a power spectrum over about a third of an octave; shape (channels, bins)."""
    total = np.concatenate([np.zeros((len(power), 1)), np.cumsum(power, axis=1, dtype=np.float64)], axis=1)
    bins = np.arange(power.shape[1])
    low = np.maximum(0, (bins / 1.12).astype(int) - 2)
    high = np.minimum(power.shape[1], (bins * 1.12).astype(int) + 3)
    return np.asarray((total[:, high] - total[:, low]) / (high - low))


def relate(
    sources: Sequence[Source], residual: Audio, undone: Audio, starts: Sequence[int], *, fold: bool = False
) -> Relations:
    """Read every stem in every window and relate it to the residual.

    Parameters
    ----------
    sources
        The stems.
    residual, undone
        What is unexplained, and the mix with its bus undone; shape (windows, 2, frames).
    starts
        First frame of each window.
    fold
        Compare in mono.
    """
    if not residual.any():
        return _nothing_left(sources, undone, starts, fold=fold)
    windows, _, size = residual.shape
    count = len(sources)
    taper = np.hanning(size + 1)[:-1].astype(np.float32)
    grams, cross = np.zeros((windows, count, count)), np.zeros((windows, count))
    raw_gram, raw_cross = np.zeros((count, count)), np.zeros(count)
    power = np.zeros(windows)
    bins = size // 2 // _POOL * _POOL
    linked = np.zeros((count, bins), np.complex64)
    own = np.zeros((count, bins), np.float32)
    swap = np.zeros((2, count))
    spectrum = np.empty((count, 2, bins), np.complex64)  # the one large array: all stems of one window
    for w, start in enumerate(starts):
        for k, source in enumerate(sources):
            spectrum[k] = real_spectrum(_sides(source, start, size, fold=fold) * taper)[..., :bins]
        rest = real_spectrum(residual[w] * taper)[..., :bins]
        mix = real_spectrum(undone[w] * taper)[..., :bins]
        flat = _real(spectrum)
        raw_gram += gram(flat)
        raw_cross += np.einsum("kf,f->k", flat, _real(mix[None])[0])
        loud = _smooth(np.abs(mix) ** 2)
        weight = 1 / np.sqrt(_smooth(np.abs(rest) ** 2) + _DYNAMIC_RANGE * loud + 1e-12 * loud.max() + 1e-30)
        spectrum *= weight.astype(np.float32)
        rest = rest * weight.astype(np.float32)
        flat = _real(spectrum)
        grams[w] = gram(flat)
        cross[w] = np.einsum("kf,f->k", flat, _real(rest[None])[0])
        power[w] = float((np.abs(rest) ** 2).sum())
        for c in range(2):
            linked += np.conj(spectrum[:, c]) * rest[c]
            own += spectrum[:, c].real ** 2 + spectrum[:, c].imag ** 2
        side = spectrum[:, 1] - spectrum[:, 0]
        swap[0] += (np.conj(side) * (rest[0] - rest[1])).real.sum(axis=1)
        swap[1] += 2 * (np.abs(side) ** 2).sum(axis=1)
    linked_pool = np.abs(linked.reshape(count, -1, _POOL).sum(axis=2)) ** 2
    own_pool = own.reshape(count, -1, _POOL).sum(axis=2)
    total = max(power.sum(), 1e-30)
    return Relations(
        gram=grams,
        cross=cross,
        raw_gram=raw_gram,
        raw_cross=raw_cross,
        power=power,
        filtered=np.asarray((linked_pool / np.maximum(own_pool, 1e-30)).sum(axis=1) / total, np.float64),
        swapped=np.where(swap[1] > 0, np.maximum(swap[0], 0) ** 2 / np.maximum(swap[1], 1e-30) / total, 0.0),
    )


def _nothing_left(sources: Sequence[Source], undone: Audio, starts: Sequence[int], *, fold: bool) -> Relations:
    """Relate stems to no residual: only how they are like each other is left, which needs no spectra (Parseval)."""
    windows, _, size = undone.shape
    count = len(sources)
    taper = np.hanning(size + 1)[:-1].astype(np.float32)
    raw_gram, raw_cross = np.zeros((count, count)), np.zeros(count)
    stems = np.empty((count, 2, size), np.float32)
    for mix, start in zip(undone, starts, strict=True):
        for k, source in enumerate(sources):
            np.multiply(_sides(source, start, size, fold=fold), taper, out=stems[k])
        flat = stems.reshape(count, -1)
        raw_gram += gram(flat)
        raw_cross += np.einsum("kf,f->k", flat, (mix * taper).ravel())
    nothing = np.zeros(count)
    return Relations(
        gram=np.zeros((windows, count, count)),
        cross=np.zeros((windows, count)),
        raw_gram=raw_gram,
        raw_cross=raw_cross,
        power=np.zeros(windows),
        filtered=nothing,
        swapped=nothing,
    )


def _sides(source: Source, start: int, size: int, *, fold: bool) -> Audio:
    block = source.read(start, size)
    return block.mean(axis=1)[None] if fold else block.T


def _real(spectrum: NDArray[Any]) -> NDArray[np.float32]:
    """Lay channels, real and imaginary parts side by side: inner products become real ones; shape (N, values)."""
    return np.ascontiguousarray(spectrum).view(np.float32).reshape(len(spectrum), -1)
