"""How the whole mix lies against the whole sum: offset to parts of a sample, gain, polarity."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from stemkit.audio.proof.cells import cell_energy, cell_product, spectra
from stemkit.audio.proof.lags import find_lag, phase_lag, whole_offset
from stemkit.audio.proof.residual import AlignedMix, Alignment
from stemkit.audio.proof.views import read_windows, window_size
from stemkit.audio.proof.warp import read_warped

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from stemkit.audio.proof.scan import Scan
    from stemkit.audio.proof.streams import Source

    Audio = NDArray[np.float32]

__all__ = ["align_mix", "needs_fold"]

_LOUD = 6
_FINER = 0.25
_CLEARLY = 1.02


def needs_fold(mix: Source, scan: Scan) -> bool:
    """Tell whether the comparison has to be in mono: the mix has one sound for both sides, the stems have two."""
    if mix.channels == 1:
        same = True
    else:
        block = mix.read(mix.frames // 3, min(mix.frames, 4 * mix.rate))
        same = bool(block.any()) and bool(np.array_equal(block[:, 0], block[:, 1]))
    if not same:
        return False
    block = scan.total.read(scan.frames // 3, min(scan.frames, 4 * mix.rate))
    return not np.array_equal(block[:, 0], block[:, 1])


def align_mix(mix: Source, scan: Scan, *, fold: bool) -> tuple[Alignment, float]:
    """Find offset, gain and polarity of the mix.

    Returns
    -------
    Alignment
        To be undone before sum and mix are compared.
    float
        Drift of the mix against the sum, in frames a frame.
    """
    rate = mix.rate
    coarse, height = whole_offset(scan.total.read, mix.read, (scan.frames, mix.frames), rate)
    size = window_size(rate)
    starts = _loud_windows(scan, size)
    total = np.stack([_two(scan.total.read(s, size), fold=fold) for s in starts])
    shift = round(coarse)
    lag = find_lag(total, lambda s, n: _two(mix.read(s + shift, n), fold=fold), starts, 2048)

    def there(offset: float) -> Audio:
        return read_windows(AlignedMix(mix, Alignment(offset_samples=offset, fold=fold)), starts, size)

    # One loud stem that is late pulls the whole correlation with it; what counts is where most of the sound agrees.
    offset = float(shift + round(lag.samples))
    if offset and _agreement(total, there(offset), rate) < _CLEARLY * _agreement(total, there(0.0), rate):
        offset = 0.0
    elif lag.drift:
        source = read_warped(mix, starts, size, lag=shift + lag.samples, drift=lag.drift, middle=lag.middle)
        if _left(total, source) < _FINER * _left(total, there(offset)):
            return Alignment(offset_samples=offset, fold=fold, confidence=_confidence(lag.score)), lag.drift
    part = phase_lag(total, there(offset))
    # A stem that is wrong bends the phase too: only an offset that all share makes the residual fall like this.
    if 0.02 < abs(part) < 2 and _left(total, there(offset + part)) < _FINER * _left(total, there(offset)):
        offset += part
    gain = _common_gain(total, there(offset), rate)
    confidence = max(_confidence(lag.score), min(1.0, height / 40))
    return Alignment(offset_samples=offset, gain=gain, fold=fold, confidence=confidence), 0.0


def _agreement(total: Audio, mix: Audio, rate: int) -> float:
    """Return how much of the sound lies alike in both: the mean correlation of the loud cells, whatever their level."""
    x, m = spectra(total), spectra(mix)
    own, both, other = cell_energy(x, rate), cell_product(x, m, rate), cell_energy(m, rate)
    loud = (own > 1e-6 * own.max()) & (other > 1e-6 * other.max())
    return float(np.abs(both[loud] / np.sqrt(own[loud] * other[loud])).mean()) if loud.any() else 0.0


def _confidence(score: float) -> float:
    return float(np.clip((score - 6) / 20, 0, 1))


def _two(block: Audio, *, fold: bool) -> Audio:
    if fold:
        block = block.mean(axis=1, keepdims=True)
    return np.broadcast_to(block.T, (2, len(block)))


def _loud_windows(scan: Scan, size: int) -> tuple[int, ...]:
    count = max(1, scan.frames // size)
    cells = np.minimum(np.arange(scan.energy.shape[2]) * scan.cell_frames // size, count - 1)
    energy = np.bincount(cells, scan.energy.sum(axis=(0, 1)), count)
    thirds = np.array_split(np.arange(count), 3)
    picked = [int(i) for part in thirds for i in part[np.argsort(-energy[part])[: _LOUD // 3]]]
    return tuple(size * i for i in sorted(picked))


def _left(total: Audio, mix: Audio) -> float:
    gain = float(np.vdot(total, mix)) / max(float(np.vdot(total, total)), 1e-30)
    return float(np.sum((mix - np.float32(gain) * total) ** 2, dtype=np.float64))


def _common_gain(total: Audio, mix: Audio, rate: int) -> float:
    """Return the gain that most cells of time and frequency agree on; one wrong stem cannot move it far."""
    x, m = spectra(total), spectra(mix)
    own, both, other = cell_energy(x, rate), cell_product(x, m, rate), cell_energy(m, rate)
    likeness = both**2 / np.maximum(own * other, 1e-30)
    sound = (own > 1e-6 * own.max()) & (likeness > 0.2)
    if sound.sum() < 8:
        return 1.0
    ratio = np.sort(both[sound] / own[sound])
    # The half-sample mode: a stem that is wrong spreads its cells, the others stand together.
    while len(ratio) > 3:
        half = len(ratio) // 2 + 1
        first = int(np.argmin(ratio[half - 1 :] - ratio[: len(ratio) - half + 1]))
        ratio = ratio[first : first + half]
    gain = float(ratio.mean())
    if abs(gain) < 1e-3:
        return 1.0
    return float(np.sign(gain)) if abs(abs(gain) - 1) < 2e-3 else gain
