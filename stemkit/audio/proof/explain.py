"""Explanations: what one stem would have to be for the residual to vanish, and how much of it does."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from stemkit.audio.proof.cells import cell_energy, cell_product, spectra
from stemkit.audio.proof.lags import Lag, find_lag
from stemkit.audio.proof.master import Bus, BusKind, fit_bus, fit_filter
from stemkit.audio.proof.views import read_windows
from stemkit.audio.proof.warp import read_warped

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from stemkit.audio.proof.streams import Source
    from stemkit.audio.proof.views import Views

    Audio = NDArray[np.float32]

# Changes of a gain of 1 that the search starts from: gone, inverted, every few dB up and down, and what a copy needs.
_STARTS = (
    -2.6,
    -2.25,
    -2.0,
    -1.8,
    -1.5,
    -1.0,
    -0.75,
    -0.5,
    -0.35,
    -0.2,
    -0.1,
    0.0,
    0.12,
    0.26,
    0.4,
    0.6,
    1.0,
    2.0,
    4.0,
)

__all__ = ["Explanation", "Ground", "explain_stem", "lay_ground"]

_LEAST_LAG = 0.2  # samples: a stem that is off by less is nobody's fault
_VISIBLE = 0.5  # a cell counts for an explanation that accounts for at least this part of its residual


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """Where an investigation stands: the sum as corrected so far, the mix, and the bus fitted between them.

    Attributes
    ----------
    error
        Cell energies of what is unexplained, in the mix.
    rest
        Spectra of the undone mix minus the sum: what corrections of stems have to explain.
    floor
        Cell energy below which nothing counts.
    """

    views: Views
    kind: BusKind
    total: Audio
    bus: Bus
    error: NDArray[np.float32]
    rest: NDArray[np.complex64]
    rest_cells: NDArray[np.float32]
    floor: NDArray[np.float32]
    level: NDArray[np.float32]

    @property
    def depth_db(self) -> float:
        """Return the residual over the mix in the windows."""
        return float(10 * np.log10(max(float(self.error.sum()), 1e-30) / max(float(self.level.sum()), 1e-30)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """One stem, one fault, and what it explains.

    Attributes
    ----------
    gain
        Linear gain that the stem needs.
    likelihood
        Sum over cells of log(residual before / after).
    local_db
        Mean fall of the residual in the cells that the explanation speaks about.
    cells
        How many those are.
    correction
        What to add to the sum, shape (windows, 2, frames).
    """

    stem: int
    fault: str
    gain: float = 1.0
    balance: tuple[float, float] | None = None
    lag: float = 0.0
    drift: float = 0.0
    likelihood: float = 0.0
    local_db: float = 0.0
    cells: int = 0
    score: float = 0.0
    correction: Audio = field(repr=False, default_factory=lambda: np.zeros((0, 2, 0), np.float32))


def lay_ground(views: Views, total: Audio, kind: BusKind, noise: float) -> Ground:
    """Fit the bus and measure what it leaves.

    Parameters
    ----------
    views
        Windows of the mix.
    total
        The corrected sum in the same windows.
    kind
        Which bus to allow.
    noise
        Mean square of rounding noise a sample.
    """
    bus = fit_bus(total, views.mix, kind)
    rest = spectra(bus.undone - total)
    level = cell_energy(spectra(views.mix), views.rate)
    taper = 0.375 * (views.size // 4)
    bins = cell_energy(np.ones((1, 1, 1, rest.shape[-1]), np.complex64), views.rate)
    floor = (bins * taper * noise * 4 + 1e-11 * level.max()).astype(np.float32)
    error = cell_energy(spectra(views.mix - bus.predicted), views.rate)
    return Ground(
        views=views,
        kind=kind,
        total=total,
        bus=bus,
        error=error,
        rest=rest,
        rest_cells=cell_energy(rest, views.rate),
        floor=floor,
        level=level,
    )


def gain_of(likelihood_before: NDArray[Any], after: NDArray[Any], floor: NDArray[Any]) -> float:
    """Return the sum over cells of log(before / after), each held above the floor."""
    return float(np.log((likelihood_before + floor) / (after + floor)).sum())


def _judge(ground: Ground, after: NDArray[Any], moved: NDArray[Any]) -> tuple[float, float, int]:
    """Return likelihood, local fall in dB, and the number of cells that are spoken about."""
    before = ground.rest_cells
    change = np.log((before + ground.floor) / (np.maximum(after, 0) + ground.floor))
    about = (moved >= _VISIBLE * before) & (before > 4 * ground.floor)
    count = int(about.sum())
    local = float(change[about].mean()) * 4.343 if count else 0.0
    return float(change.sum()), local, count


def _fit(ground: Ground, rest: NDArray[Any], shape: NDArray[Any], *, channels: bool = False) -> NDArray[np.float64]:
    """Return the coefficient of `shape` in `rest`, robustly: cells that it explains well count most.

    One coefficient a channel with `channels`, else one for both; shape (2,).
    """
    rate = ground.views.rate
    own, both, left = (
        v.astype(float) for v in (cell_energy(shape, rate), cell_product(shape, rest, rate), cell_energy(rest, rate))
    )
    axis = (0, 2, 3) if channels else (0, 1, 2, 3)
    floor = ground.floor + 1e-7 * left

    def after(value: NDArray[Any]) -> NDArray[Any]:
        value = value.reshape(1, -1, 1, 1)
        return np.maximum(left - 2 * value * both + value**2 * own, 0) + floor

    # The likelihood has more than one summit, so the climb starts at the best of a few plausible places.
    loss = np.stack([np.log(after(np.array([c]))).sum(axis=axis) for c in _STARTS])
    coefficient = np.asarray(_STARTS)[loss.argmin(axis=0)].reshape(-1)
    for _ in range(6):
        weight = 1 / after(coefficient)
        top, bottom = (weight * both).sum(axis=axis), (weight * own).sum(axis=axis)
        coefficient = np.asarray(top / np.maximum(bottom, 1e-30), float).reshape(-1)
    return np.broadcast_to(coefficient, (2,))


def explain_stem(ground: Ground, index: int, source: Source, *, gone: bool) -> list[Explanation]:
    """Try every fault that a stem can have.

    Parameters
    ----------
    ground
        Where the investigation stands.
    index, source
        The stem.
    gone
        The stem has no share in the mix as it lies: look for it elsewhere in time.
    """
    views = ground.views
    own = read_windows(source, views.starts, views.size)
    if not own.any():
        return []
    shape = spectra(own)
    found = [*_gains(ground, index, own, shape), *_channels(ground, index, own, shape)]
    best = max(found, key=lambda e: e.likelihood)
    if best.local_db < 25 or best.fault not in {"gain", "inverted"}:
        found += _moved(ground, index, source, own, gone=gone)
        found += _processed(ground, index, own)
    return found


def _made(ground: Ground, index: int, fault: str, correction: Audio, **facts: Any) -> Explanation:
    moved = spectra(correction)
    likelihood, local, cells = _judge(
        ground, cell_energy(ground.rest - moved, ground.views.rate), cell_energy(moved, ground.views.rate)
    )
    return Explanation(
        stem=index, fault=fault, correction=correction, likelihood=likelihood, local_db=local, cells=cells, **facts
    )


def _gains(ground: Ground, index: int, own: Audio, shape: NDArray[np.complex64]) -> list[Explanation]:
    change = float(_fit(ground, ground.rest, shape)[0])
    gain = 1 + change
    fault = "gain" if gain > 0.1 else "inverted" if gain < -0.1 else "extra"
    found = [_made(ground, index, fault, own * np.float32(change), gain=gain)]
    if fault == "extra":
        found[0] = replace(found[0], gain=0.0)
    return found


def _channels(ground: Ground, index: int, own: Audio, shape: NDArray[np.complex64]) -> list[Explanation]:
    found = []
    left, right = float(np.abs(own[:, 0]).max()), float(np.abs(own[:, 1]).max())
    if not np.array_equal(own[:, 0], own[:, 1]):
        found.append(_made(ground, index, "channels_swapped", own[:, ::-1] - own))
    if min(left, right) <= 1e-4 * max(left, right):
        empty = 0 if left < right else 1
        other = np.zeros_like(own)
        other[:, empty] = own[:, 1 - empty]
        part = float(_fit(ground, ground.rest, spectra(other))[0])
        if abs(part) > 0.1:
            found.append(_made(ground, index, "channel_missing", other * np.float32(part), gain=part))
    else:
        change = _fit(ground, ground.rest, shape, channels=True)
        found.append(
            _made(
                ground,
                index,
                "balance",
                own * change.astype(np.float32).reshape(1, 2, 1),
                balance=(1 + float(change[0]), 1 + float(change[1])),
            )
        )
    return found


def _moved(ground: Ground, index: int, source: Source, own: Audio, *, gone: bool) -> list[Explanation]:
    views = ground.views
    target = ground.bus.undone - ground.total + own
    picked = sorted(int(i) for i in np.argsort(-np.einsum("wcf,wcf->w", own, own))[:8])
    starts = [views.starts[i] for i in picked]
    reach = int(2.1 * views.rate) if gone else 256
    lag = find_lag(target[picked], lambda s, n: _two(source.read(s, n)), starts, reach)
    if lag.drift:
        middle = float(np.mean([s + views.size / 2 for s in starts]))
        moved = read_warped(source, views.starts, views.size, lag=lag.samples, drift=lag.drift, middle=middle)
        return [_placed(ground, index, own, target, moved, lag)]
    found = []
    whole = float(round(lag.samples))
    if whole:
        moved = read_warped(source, views.starts, views.size, lag=whole)
        found.append(_placed(ground, index, own, target, moved, replace(lag, samples=whole)))
    if not found or found[0].local_db < 20:
        part = _part(ground, source, target, whole)
        for samples in {part, float(round(part))} - {whole}:
            if abs(samples) > _LEAST_LAG:
                moved = read_warped(source, views.starts, views.size, lag=samples)
                found.append(_placed(ground, index, own, target, moved, replace(lag, samples=samples)))
    return found


def _part(ground: Ground, source: Source, target: Audio, lag: float) -> float:
    """Refine a lag to parts of a sample by the slope of the stem where it lies."""
    views = ground.views
    for _ in range(2):
        early, late = (read_warped(source, views.starts, views.size, lag=lag + step) for step in (-0.5, 0.5))
        step = float(_fit(ground, spectra(target - (early + late) / 2), spectra(late - early))[0])
        if abs(step) > 1:
            return 0.0
        lag += step
    return lag


def _placed(ground: Ground, index: int, own: Audio, target: Audio, moved: Audio, lag: Lag) -> Explanation:
    gain = float(_fit(ground, spectra(target), spectra(moved))[0])
    if abs(gain - 1) < 0.02:
        gain = 1.0
    fault = "drift" if lag.drift else "late" if lag.samples > 0 else "early"
    return _made(
        ground,
        index,
        fault,
        moved * np.float32(gain) - own,
        gain=gain,
        lag=lag.samples,
        drift=lag.drift,
        score=lag.score,
    )


def _processed(ground: Ground, index: int, own: Audio) -> list[Explanation]:
    target = ground.bus.undone - ground.total + own
    filtered = fit_filter(own, target)
    # A filter that only adds may as well be another sound made from this one, whose stem is missing: no accusation.
    before, after = (cell_energy(spectra(s), ground.views.rate).sum(axis=(0, 1, 2)) for s in (own, filtered))
    heard = before > 1e-4 * before.max()
    takes = bool((after[heard] < 0.5 * before[heard]).mean() > 0.1)
    return [_made(ground, index, "processed" if takes else "kin", filtered - own)]


def _two(block: Audio) -> Audio:
    return np.broadcast_to(block.T, (2, len(block)))


def best_explanation(found: Sequence[Explanation]) -> Explanation:
    """Return the explanation that explains most, a simple one before one with more freedom."""
    handicap = {"processed": 0.8, "kin": 0.8, "balance": 0.9, "drift": 0.95, "late": 0.97, "early": 0.97}
    return max(found, key=lambda e: e.likelihood * handicap.get(e.fault, 1.0))
