"""What a mix bus does, as far as it can be modelled: a filter, a gain that moves, a curve.

Every explanation of a residual is judged with the same freedom for the mix bus, fitted anew each time, so that a
limiter or an equaliser is never taken for a fault of a stem, nor the other way round.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Audio = NDArray[np.float32]

__all__ = ["Bus", "BusKind", "fit_bus", "fit_filter", "smoothed"]

BusKind = Literal["plain", "filter", "dynamics", "curve"]

_TAPS_BEFORE, _TAPS = 96, 1024
_HOP = 256  # frames a step of the moving gain: 5 ms
_RIDGE = 0.03
_CURVE_BINS = 256


@dataclass(frozen=True, slots=True, kw_only=True)
class Bus:
    """A fitted mix bus.

    Attributes
    ----------
    predicted
        What the bus makes of the sum, shape (windows, channels, frames).
    undone
        The mix as it would be without the bus, as far as that is known; the same shape.
    response
        Gain against frequency (complex, half spectrum of a window), None for a plain bus.
    gain
        Moving gain, shape (windows, steps), None where it does not move.
    """

    kind: BusKind
    predicted: Audio
    undone: Audio
    response: NDArray[Any] | None = None
    gain: NDArray[np.float32] | None = None
    curve: tuple[NDArray[Any], NDArray[Any]] | None = None


def _filter(x: NDArray[Any], m: NDArray[Any], size: int) -> NDArray[np.complex64]:
    """Return the least-squares filter from spectra `x` to `m`, each (windows, channels, bins), loudness flattened."""
    import scipy.fft  # noqa: PLC0415  (a sum that nulls needs no scipy)
    import scipy.linalg  # noqa: PLC0415  (a sum that nulls needs no scipy)

    own = (x.real**2 + x.imag**2).sum(axis=(0, 1)).astype(np.float64)
    cross = (np.conj(x) * m).sum(axis=(0, 1)).astype(np.complex128)
    weight = 1 / (smoothed(own) + 1e-7 * own.max() + 1e-30)
    auto = scipy.fft.irfft(own * weight)[:_TAPS]
    auto[0] *= 1 + 1e-6
    reach = scipy.fft.irfft(cross * weight)
    wanted = np.concatenate([reach[-_TAPS_BEFORE:], reach[: _TAPS - _TAPS_BEFORE]])
    taps = scipy.linalg.solve_toeplitz(auto, wanted)
    whole = np.zeros(size)
    whole[: _TAPS - _TAPS_BEFORE] = taps[_TAPS_BEFORE:]
    whole[-_TAPS_BEFORE:] = taps[:_TAPS_BEFORE]
    return np.asarray(scipy.fft.rfft(whole), np.complex64)


def smoothed(power: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return a power spectrum smoothed over a third of an octave."""
    total = np.concatenate([[0.0], np.cumsum(power)])
    bins = np.arange(len(power))
    low = np.maximum(0, (bins / 1.12).astype(int) - 2)
    high = np.minimum(len(power), (bins * 1.12).astype(int) + 3)
    return np.asarray((total[high] - total[low]) / (high - low))


def _moving_gain(y: Audio, m: Audio) -> NDArray[np.float32]:
    """Return the gain from `y` to `m` every 5 ms, one for both channels, shape (windows, steps)."""
    windows, channels, frames = y.shape
    shape = (windows, channels, frames // _HOP, _HOP)
    top = np.einsum("wcsf,wcsf->ws", y.reshape(shape), m.reshape(shape))
    bottom = np.einsum("wcsf,wcsf->ws", y.reshape(shape), y.reshape(shape))
    top, bottom = _three(top), _three(bottom)
    near = np.maximum(bottom.mean(axis=1, keepdims=True), 1e-12)
    level = top.sum(axis=1, keepdims=True) / np.maximum(bottom.sum(axis=1, keepdims=True), 1e-12)
    return np.asarray((top + _RIDGE * near * level) / (bottom + _RIDGE * near), np.float32)


def _three(values: NDArray[Any]) -> NDArray[Any]:
    padded = np.pad(values, ((0, 0), (1, 1)), mode="edge")
    return padded[:, :-2] * 0.25 + padded[:, 1:-1] * 0.5 + padded[:, 2:] * 0.25


def _spread(gain: NDArray[np.float32]) -> NDArray[np.float32]:
    """Interpolate the moving gain to frames, shape (windows, 1, frames)."""
    padded = np.pad(gain, ((0, 0), (1, 1)), mode="edge")
    ramp = (np.arange(_HOP, dtype=np.float32) + 0.5) / _HOP
    early = padded[:, :-1, None] * (1 - ramp) + padded[:, 1:, None] * ramp
    flat = early.reshape(len(gain), -1)
    half = _HOP // 2
    return np.asarray(flat[:, None, half : half + gain.shape[1] * _HOP], np.float32)


def _curve(y: Audio, m: Audio) -> tuple[NDArray[Any], NDArray[Any]]:
    """Return the mean of `m` for each level of `y`: the static curve from one to the other."""
    a, b = y[..., ::3].ravel(), m[..., ::3].ravel()
    peak = float(np.abs(a).max()) or 1.0
    index = np.clip(((a / peak + 1) * (_CURVE_BINS / 2)).astype(np.intp), 0, _CURVE_BINS - 1)
    count = np.bincount(index, minlength=_CURVE_BINS)
    used = count > 20
    if used.sum() < 3:
        return np.array([-1.0, 1.0]), np.array([-1.0, 1.0])
    level = np.bincount(index, a, _CURVE_BINS)[used] / count[used]
    mean = np.bincount(index, b, _CURVE_BINS)[used] / count[used]
    return level, np.maximum.accumulate(mean)


def _bend(signal: Audio, curve: tuple[NDArray[Any], NDArray[Any]]) -> Audio:
    level, mean = curve
    out = np.interp(signal, level, mean)
    # Beyond the curve's ends its last slope goes on, so that a louder sample stays louder.
    low, high = signal < level[0], signal > level[-1]
    out[low] = signal[low] - level[0] + mean[0]
    out[high] = signal[high] - level[-1] + mean[-1]
    return np.asarray(out, np.float32)


def fit_bus(total: Audio, mix: Audio, kind: BusKind) -> Bus:
    """Fit one kind of mix bus from the sum to the mix.

    Parameters
    ----------
    total, mix
        Shape (windows, channels, frames).
    kind
        ``plain`` does nothing, since the common gain is undone before; ``filter`` is an equaliser with any small
        delay; ``dynamics`` a filter and a gain that moves in steps of 5 ms; ``curve`` a filter and a static curve.
    """
    if kind == "plain":
        return Bus(kind=kind, predicted=total, undone=mix)
    import scipy.fft  # noqa: PLC0415  (a tenth of a second that a sum without a bus need not pay)

    size = total.shape[-1]
    x = scipy.fft.rfft(total)
    response = _filter(x, scipy.fft.rfft(mix), size)
    filtered: Audio = np.asarray(scipy.fft.irfft(x * response, size), np.float32)
    gain_track = curve = None
    target: NDArray[Any] = mix
    if kind == "dynamics":
        moving = _spread(_moving_gain(filtered, mix))
        response = _filter(x, scipy.fft.rfft(mix / np.where(np.abs(moving) < 0.05, 1, moving)), size)
        filtered = np.asarray(scipy.fft.irfft(x * response, size), np.float32)
        gain_track = _moving_gain(filtered, mix)
        moving = _spread(gain_track)
        predicted = np.asarray(filtered * moving, np.float32)
        target = mix / np.where(np.abs(moving) < 0.05, 1, moving)
    elif kind == "curve":
        curve = _curve(filtered, mix)
        predicted = _bend(filtered, curve)
        target = _bend(mix, (curve[1] + 1e-9 * np.arange(len(curve[1])), curve[0]))
    else:
        predicted = filtered
    own = response.real**2 + response.imag**2
    inverse = np.conj(response) / (own + 1e-3 * own.mean())
    undone = scipy.fft.irfft(scipy.fft.rfft(target) * inverse, size)
    return Bus(
        kind=kind,
        predicted=np.asarray(predicted, np.float32),
        undone=np.asarray(undone, np.float32),
        response=response,
        gain=gain_track,
        curve=curve,
    )


def fit_filter(own: Audio, target: Audio) -> Audio:
    """Return `own` through the filter that brings it nearest to `target`; shapes (windows, channels, frames)."""
    import scipy.fft  # noqa: PLC0415  (a sum that nulls needs no scipy)

    size = own.shape[-1]
    x = scipy.fft.rfft(own)
    return np.asarray(scipy.fft.irfft(x * _filter(x, scipy.fft.rfft(target), size), size), np.float32)
