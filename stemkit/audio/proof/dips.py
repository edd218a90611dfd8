"""A gain that moves in several stems together: a bus compressor that was printed into them, or is in the mix alone.

The gain that each stem would need, moment by moment, is fitted for all likely stems together. Where several of them
move by one curve, and that curve rises where they are loud, the stems were turned down together. A curve that falls
there is a compressor in the mix, which is no fault of the stems.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from stemkit.audio.products import product
from stemkit.audio.proof.cells import cell_energy, spectra
from stemkit.audio.proof.views import read_windows
from stemkit.audio.quantiles import quantiles

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from stemkit.audio.proof.explain import Ground
    from stemkit.audio.proof.streams import Source

    Audio = NDArray[np.float32]

__all__ = ["SharedGain", "find_shared_gain"]

_STEP = 2048  # frames a step of the gain, about 45 ms
_MOST_STEMS = 12
_RIDGE = 0.03
_EMPHASIS = np.float32(0.95)  # the bass would drown all else
_SAME_CURVE = 0.8
_SAME_DEPTH = 0.35  # of the stem that dips deepest
_LEAST_DEPTH = 0.04  # a third of a dB
_LEAST_FALL_DB = 6.0
_RISES = 0.2
_SOUNDS = 0.01  # of a step's usual weight
_SMOOTH = 5  # steps
_THERE_AND_BACK = 2.5


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedGain:
    """Stems whose gain moves together.

    Attributes
    ----------
    depth_db
        The residual over the mix in the windows once that gain is undone.
    printed
        The stems dip where they are loud; otherwise the mix does, or neither can be told.
    fade
        The gain goes one way, or there and back: somebody's fade, and no compressor.
    """

    stems: tuple[int, ...]
    depth_db: float
    printed: bool
    fade: bool


def find_shared_gain(sources: Sequence[Source], ground: Ground) -> SharedGain | None:
    """Find stems whose gain moves by one curve, None where no two of them do.

    Parameters
    ----------
    sources
        The stems.
    ground
        Sum and mix, the mix bus doing nothing.
    """
    rest = _emphasised(ground.views.mix - ground.total)
    likely = _likely(sources, ground, rest)
    if len(likely) < 2:
        return None
    gains, weights, level = _moving_gains([sources[k] for k in likely], ground, rest)
    curve, depth, alike = _one_curve(gains, weights)
    sure = np.sqrt((weights * gains**2).sum(axis=0) / np.maximum(weights.sum(axis=0), 1e-30)) > _LEAST_DEPTH
    members = np.flatnonzero((depth > _SAME_DEPTH * depth.max()) & (alike > _SAME_CURVE) & sure)
    if len(members) < 2:
        return None
    after = _undone_db(sources, ground, [(likely[m], float(depth[m])) for m in members], curve)
    if after > ground.depth_db - _LEAST_FALL_DB:
        return None
    # Halfway between the stems as they are and as they are in the mix: either alone would decide by itself.
    loud = level[:, members].sum(axis=1) * np.abs(1 + curve * depth[members].mean())
    weight = weights[:, members].sum(axis=1)
    rises = _correlation(curve, np.log10(loud + 1e-6 * loud.max() + 1e-30), weight) > _RISES
    fade = _is_fade(curve[weight > _SOUNDS * weight.mean()])
    stems = tuple(sorted(likely[m] for m in members))
    return SharedGain(stems=stems, depth_db=after, printed=rises and not fade, fade=fade)


def _is_fade(curve: NDArray[np.float64]) -> bool:
    """Tell whether a gain wanders no further than from one end of its range to the other and back.

    Measured: 1.1 times the range for a fade-out, 5.6 and more for 7 s of a compressor.
    """
    if len(curve) < _SMOOTH:
        return False
    smooth = np.convolve(np.pad(curve, _SMOOTH // 2, mode="edge"), np.full(_SMOOTH, 1 / _SMOOTH), "valid")
    low, high = quantiles(smooth, (0.01, 0.99))
    return bool(np.abs(np.diff(smooth)).sum() < _THERE_AND_BACK * (high - low))


def _emphasised(signal: Audio) -> Audio:
    out = signal.copy()
    out[..., 1:] -= _EMPHASIS * signal[..., :-1]
    return out


def _steps(a: Audio, b: Audio) -> NDArray[np.float64]:
    """Return the inner product of two signals a step, shape (windows, steps)."""
    shape = (*a.shape[:2], a.shape[2] // _STEP, _STEP)
    return np.asarray(np.einsum("wcsf,wcsf->ws", a.reshape(shape), b.reshape(shape)), np.float64)


def _likely(sources: Sequence[Source], ground: Ground, rest: Audio) -> list[int]:
    """Return the stems whose moving gain by itself explains most of the residual."""
    explained = []
    for source in sources:
        own = _emphasised(read_windows(source, ground.views.starts, ground.views.size))
        energy = _steps(own, own)
        explained.append(float((_steps(own, rest) ** 2 / (energy + _RIDGE * energy.mean() + 1e-20)).sum()))
    best = np.argsort(-np.array(explained))[:_MOST_STEMS]
    return sorted(int(k) for k in best if explained[k] > 1e-3 * max(explained))


def _moving_gains(
    sources: Sequence[Source], ground: Ground, rest: Audio
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Return the change of gain that each stem needs a step, all fitted together, and how much each fit counts.

    The third is each stem's energy; all of shape (steps of all windows, stems).
    """
    views, count = ground.views, len(sources)
    steps = views.size // _STEP
    gram = np.empty((len(views.starts) * steps, count, count))
    cross = np.empty((len(views.starts) * steps, count))
    level = np.empty((len(views.starts) * steps, count))
    for w, start in enumerate(views.starts):
        own = np.concatenate([read_windows(s, (start,), views.size) for s in sources])
        level[w * steps : (w + 1) * steps] = _steps(own, own).T
        own = _emphasised(own)
        cut = np.ascontiguousarray(own.reshape(count, 2, steps, _STEP).transpose(2, 0, 1, 3)).reshape(steps, count, -1)
        target = rest[w].reshape(2, steps, _STEP).transpose(1, 0, 2).reshape(steps, -1)
        for s in range(steps):
            both = np.concatenate([cut[s], target[s][None]])
            found = product(both, np.ascontiguousarray(both.T))
            gram[w * steps + s], cross[w * steps + s] = found[:count, :count], found[:count, count]
    own_energy = np.einsum("skk->sk", gram).copy()
    ridge = _RIDGE * own_energy.mean(axis=0) + 1e-20
    solved = np.linalg.solve(gram + np.eye(count) * ridge, cross[..., None])[..., 0]
    return solved, own_energy, level


def _one_curve(
    gains: NDArray[np.float64], weights: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Return the one curve that fits all gains best, how far each stem follows it, and how exactly (−1…1)."""
    depth = np.ones(gains.shape[1])
    curve = np.zeros(len(gains))
    for _ in range(12):
        curve = (weights * gains * depth).sum(axis=1) / np.maximum((weights * depth**2).sum(axis=1), 1e-30)
        depth = (weights * gains * curve[:, None]).sum(axis=0) / np.maximum(
            (weights * curve[:, None] ** 2).sum(axis=0), 1e-30
        )
        depth /= max(float(np.abs(depth).max()), 1e-30)
    own = np.sqrt((weights * gains**2).sum(axis=0) * (weights * curve[:, None] ** 2).sum(axis=0))
    return curve, depth, (weights * gains * curve[:, None]).sum(axis=0) / np.maximum(own, 1e-30)


def _correlation(a: NDArray[Any], b: NDArray[Any], weight: NDArray[Any]) -> float:
    weight = weight / max(float(weight.sum()), 1e-30)
    x, y = a - (weight * a).sum(), b - (weight * b).sum()
    return float((weight * x * y).sum() / max(float(np.sqrt((weight * x**2).sum() * (weight * y**2).sum())), 1e-30))


def _undone_db(
    sources: Sequence[Source], ground: Ground, members: list[tuple[int, float]], curve: NDArray[np.float64]
) -> float:
    """Return the residual over the mix with the shared curve undone, in dB."""
    views = ground.views
    steps = views.size // _STEP
    centres = (np.arange(steps) + 0.5) * _STEP
    frames = np.arange(views.size)
    moving = np.stack([np.interp(frames, centres, c) for c in curve.reshape(-1, steps)]).astype(np.float32)
    total = ground.total.copy()
    for index, depth in members:
        total += read_windows(sources[index], views.starts, views.size) * (np.float32(depth) * moving[:, None])
    error = cell_energy(spectra(views.mix - total), views.rate)
    return float(10 * np.log10(max(float(error.sum()), 1e-30) / max(float(ground.level.sum()), 1e-30)))
