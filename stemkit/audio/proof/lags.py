"""Where one signal lies in another: whitened correlation, parts of a sample, drift."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from stemkit.audio.quantiles import quantiles

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    Audio = NDArray[np.float32]

__all__ = ["Lag", "correlate", "find_lag", "find_lags", "phase_lag", "whole_offset"]

_SOUNDING = 0.01  # of the loudest window's energy
_FEW = 5
_NEAR = 256  # frames
_FLOOR = 1e-3  # of the mean power: below that, whitening would only lift noise


@dataclass(frozen=True, slots=True, kw_only=True)
class Lag:
    """How late the second signal is against the first; negative is early.

    Attributes
    ----------
    samples
        At frame `middle` where it drifts.
    drift
        Samples a sample: 1e-6 is one part in a million; positive means that it falls back further and further.
    score
        Height of the peak over the RMS of everything else.
    """

    samples: float
    drift: float
    score: float
    middle: float = 0.0


def _whitened(cross: NDArray[Any], own_a: NDArray[Any], own_b: NDArray[Any]) -> NDArray[Any]:
    weight = np.sqrt((own_a + _FLOOR * own_a.mean()) * (own_b + _FLOOR * own_b.mean())) + 1e-30
    return np.asarray(cross / weight)


def _peak(correlation: NDArray[Any], reach: int) -> tuple[float, float, float]:
    """Return lag, height over the rest, and sign of the highest peak within `reach` of zero."""
    both = np.concatenate([correlation[-reach:], correlation[: reach + 1]]) if reach else correlation[:1]
    index = int(np.argmax(np.abs(both)))
    height = float(both[index])
    far = np.ones(len(both), bool)
    far[max(0, index - 64) : index + 65] = False
    rest = float(np.sqrt(np.mean(both[far] ** 2))) if far.any() else 0.0
    part = 0.0
    if 0 < index < len(both) - 1:
        left, middle, right = np.abs(both[index - 1 : index + 2])
        curve = left - 2 * middle + right
        part = float(0.5 * (left - right) / curve) if curve < 0 else 0.0
    return index - reach + part, abs(height) / max(rest, 1e-30), float(np.sign(height))


def whole_offset(
    total: Callable[[int, int], Audio], mix: Callable[[int, int], Audio], frames: tuple[int, int], rate: int
) -> tuple[float, float]:
    """Find the mix's offset against the sum, whatever it is, at about 3 kHz.

    Parameters
    ----------
    total, mix
        Readers: (start, frames) → (frames, channels).
    frames
        Length of the sum and of the mix.
    rate
        In Hz.

    Returns
    -------
    tuple of float
        The offset in frames (mix(t + offset) is sum(t)), and the height of its peak.
    """
    import scipy.fft  # noqa: PLC0415  (a sum that nulls needs no scipy)

    step = max(1, rate // 3000)
    a, b = (_thinned(read, min(count, 900 * rate), step) for read, count in ((total, frames[0]), (mix, frames[1])))
    size = scipy.fft.next_fast_len(len(a) + len(b), real=True)
    x, m = scipy.fft.rfft(a, size), scipy.fft.rfft(b, size)
    cross = np.conj(x) * m
    correlation = scipy.fft.irfft(cross / (np.abs(cross) + 1e-6 * np.abs(cross).mean() + 1e-30), size)
    reach = min(size // 2 - 1, max(len(a), len(b)))
    lag, score, _ = _peak(correlation, reach)
    return lag * step, score


def _thinned(read: Callable[[int, int], Audio], frames: int, step: int) -> NDArray[np.float32]:
    block = step * 8192
    parts = []
    for start in range(0, frames, block):
        mono = read(start, block).sum(axis=1)
        parts.append(mono.reshape(-1, step).mean(axis=1))
    return np.concatenate(parts) if parts else np.zeros(1, np.float32)


def correlate(target: Audio, wide: Audio, reach: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Correlate windows with wider windows of another signal.

    Parameters
    ----------
    target
        Shape (windows, channels, frames).
    wide
        The other signal from `reach` frames before each window to `reach` after it.
    reach
        Greatest lag, in frames.

    Returns
    -------
    tuple of ndarray
        Correlation a window, shape (windows, 2 * reach + 1), whitened, and of the signals as they are; index `reach`
        is lag 0, beyond it late.
    """
    import scipy.fft  # noqa: PLC0415  (a sum that nulls needs no scipy)

    size = scipy.fft.next_fast_len(wide.shape[-1] + 16, real=True)
    out = np.empty((2, len(target), 2 * reach + 1))
    taper = np.hanning(target.shape[-1]).astype(np.float32)
    for index, (here, there) in enumerate(zip(target, wide, strict=True)):
        t, s = scipy.fft.rfft(here * taper, size), scipy.fft.rfft(there, size)
        cross = (np.conj(t) * s).sum(axis=0)
        own = (np.abs(t) ** 2).sum(axis=0), (np.abs(s) ** 2).sum(axis=0)
        out[0, index] = scipy.fft.irfft(_whitened(cross, *own), size)[: 2 * reach + 1]
        out[1, index] = scipy.fft.irfft(cross, size)[: 2 * reach + 1]
    return out[0], out[1]


def find_lags(target: Audio, read: Callable[[int, int], Audio], starts: Sequence[int], reach: int) -> list[Lag]:
    """Find where a stem may lie against what it should be, the likeliest place first.

    Parameters
    ----------
    target
        What the mix holds in the stem's place, shape (windows, channels, frames).
    read
        The stem: (start, frames) → (2, frames).
    starts
        First frame of each window.
    reach
        Greatest lag, in frames.

    Returns
    -------
    list of Lag
        A drift first, where the windows agree on one; then the highest peaks of the whitened and of the plain
        correlation, since whitening loses sounds of few partials and the plain one those with a steady pitch.
    """
    size = target.shape[-1]
    wide = np.stack([read(start - reach, size + 2 * reach) for start in starts])
    white, plain = correlate(target, wide, reach)
    found: dict[int, Lag] = {}
    for curves in (white, plain):
        curve = _around(curves.sum(axis=0), reach)
        for _ in range(2):
            samples, score, _sign = _peak(curve, reach)
            found.setdefault(round(samples), Lag(samples=samples, drift=0.0, score=score))
            curve = _without(curve, round(samples))
    fixed = list(found.values())
    target, starts = _denser(target, starts)
    if len(starts) < 3:
        return fixed
    if target.shape[-1] != size:
        size = target.shape[-1]
        white, plain = correlate(target, np.stack([read(start - reach, size + 2 * reach) for start in starts]), reach)
    middle = np.array(starts, float) + _centres(target)
    lines = []
    # What drifts little has no higher peak elsewhere, and a sound of few partials has many.
    for near in dict.fromkeys((reach, min(reach, _NEAR))):
        for curves in (white, plain):
            peaks = [_peak(_around(c[reach - near : reach + near + 1], near), near) for c in curves]
            line = _line(middle, np.array([p[0] for p in peaks]), np.array([p[1] for p in peaks]), fixed[0])
            lines += [line] if line.drift else []
    return [*lines, *fixed]


def _centres(target: Audio) -> NDArray[np.float64]:
    """Return the frame of each window around which its sound lies, which is where its lag was measured."""
    taper = np.hanning(target.shape[-1]).astype(np.float32)
    power = np.einsum("wcf,wcf,f->wf", target, target, taper**2)
    frames = np.arange(target.shape[-1])
    total = power.sum(axis=1)
    return np.asarray(np.where(total > 0, (power @ frames) / np.maximum(total, 1e-30), target.shape[-1] / 2))


def _denser(target: Audio, starts: Sequence[int]) -> tuple[Audio, Sequence[int]]:
    """Cut windows into quarters where too few of them sound to draw a line through: what plays once drifts, too."""
    energy = np.einsum("wcf,wcf->w", target, target)
    if (energy > _SOUNDING * energy.max()).sum() >= _FEW:
        return target, starts
    windows, channels, size = target.shape
    part = size // 4
    parts = target.reshape(windows, channels, 4, part).transpose(0, 2, 1, 3).reshape(-1, channels, part)
    begins = [start + quarter * part for start in starts for quarter in range(4)]
    energy = np.einsum("wcf,wcf->w", parts, parts)
    kept = np.flatnonzero(energy > _SOUNDING * energy.max())
    return np.ascontiguousarray(parts[kept]), [begins[k] for k in kept]


def find_lag(target: Audio, read: Callable[[int, int], Audio], starts: Sequence[int], reach: int) -> Lag:
    """Return the likeliest of `find_lags`."""
    return find_lags(target, read, starts, reach)[0]


def _around(curve: NDArray[Any], reach: int) -> NDArray[Any]:
    """Turn a curve whose middle is lag 0 into one that begins with it."""
    return np.concatenate([curve[reach:], curve[:reach]])


def _without(curve: NDArray[Any], lag: int) -> NDArray[Any]:
    out = curve.copy()
    out[np.arange(lag - 8, lag + 9) % len(out)] = 0
    return out


def _line(at: NDArray[Any], lags: NDArray[Any], scores: NDArray[Any], fixed: Lag) -> Lag:
    """Return the straight line that most windows agree on, or `fixed` when a constant does as well."""
    sounding = np.isfinite(scores) & (scores > 0)  # where either signal is silent there is no peak
    at, lags, scores = at[sounding], lags[sounding], scores[sounding]
    best: tuple[float, float, float] | None = None
    tolerance = 2.0
    agree_fixed = float(scores[np.abs(lags - fixed.samples) <= tolerance].sum())
    for i in range(len(at)):
        for j in range(i + 1, len(at)):
            slope = (lags[j] - lags[i]) / (at[j] - at[i])
            if abs(slope) > 0.12:
                continue
            agree = float(scores[np.abs(lags - lags[i] - slope * (at - at[i])) <= tolerance].sum())
            if best is None or agree > best[0]:
                best = (agree, slope, lags[i] - slope * at[i])
    if best is None or best[0] < 0.5 * scores.sum():
        return fixed
    near = np.abs(lags - best[2] - best[1] * at) <= tolerance
    if near.sum() < 3:
        return fixed
    slope, level = np.polyfit(at[near], lags[near], 1, w=np.sqrt(scores[near]))
    spread = abs(slope) * (at.max() - at.min())
    noise = float(np.std(lags[near] - level - slope * at[near])) / np.sqrt(near.sum())
    if spread < max(0.3, 6 * noise) or (best[0] <= agree_fixed * 1.01 and spread < 1.0):
        return fixed
    middle = float(at.mean())
    return Lag(
        samples=float(level + slope * middle),
        drift=float(slope),
        score=float(quantiles(scores[near], 0.5)),
        middle=middle,
    )


def phase_lag(x: Audio, y: Audio, *, highest: float = 0.8) -> float:
    """Return the part of a sample by which `y` is late against `x`, from the slope of the phase.

    Both of shape (windows, channels, frames) and already aligned to the sample; `highest` is the part of the
    spectrum that counts.
    """
    import scipy.fft  # noqa: PLC0415  (a sum that nulls needs no scipy)

    taper = np.hanning(x.shape[-1]).astype(np.float32)
    a, b = scipy.fft.rfft(x * taper), scipy.fft.rfft(y * taper)
    cross = (np.conj(a) * b).sum(axis=(0, 1))
    own = (np.abs(a) ** 2).sum(axis=(0, 1)), (np.abs(b) ** 2).sum(axis=(0, 1))
    # Pool bins before taking the angle: one bin alone is noise where something else sounds too.
    pool = 64
    usable = int(len(cross) * highest) // pool * pool
    white = _whitened(cross, *own)[:usable].reshape(-1, pool).sum(axis=1)
    omega = np.pi * (np.arange(len(white)) + 0.5) * pool / (len(cross) - 1)
    lag = 0.0
    for _ in range(3):
        turned = white * np.exp(1j * omega * lag)
        weight = np.abs(turned) * np.maximum(turned.real, 0)
        total = float(np.sum(weight * omega**2))
        if total <= 0:
            return 0.0
        lag -= float(np.sum(weight * omega * np.angle(turned))) / total
    return lag
