"""Explanations: what one stem would have to be for the residual to vanish, and how much of it does."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from stemkit.audio.proof.cells import cell_energy, cell_product, spectra
from stemkit.audio.proof.master import fit_bus

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from stemkit.audio.proof.master import Bus, BusKind
    from stemkit.audio.proof.views import Views

    Audio = NDArray[np.float32]

__all__ = ["Explanation", "Ground", "best_explanation", "fit_coefficient", "judge", "lay_ground", "refit", "weigh"]

# Changes of a gain of 1 that the search starts from: gone, inverted, every few dB up and down, and what a copy needs.
_FALLS = (-2.6, -2.25, -2.0, -1.8, -1.5, -1.0, -0.75, -0.5, -0.35, -0.2, -0.1)
_STARTS = (*_FALLS, 0.0, 0.12, 0.26, 0.4, 0.6, 1.0, 2.0, 4.0)
_NOTHING = 0.15  # a gain below that, found behind a bus, is none
_FALLS_AT_ALL = 0.7  # nepers of energy, 3 dB
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
    agreed
        The part of them in which the residual falls by 3 dB.
    placed
        The stem where it should lie, when its gain is part of the explanation.
    file_rate
        In Hz, the rate at which the stem's file would have to be read; None where its own will do.
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
    agreed: float = 1.0
    score: float = 0.0
    file_rate: int | None = None
    placed: Audio | None = field(repr=False, default=None)
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


def judge(ground: Ground, after: NDArray[Any], moved: NDArray[Any]) -> tuple[float, float, int, float]:
    """Return likelihood, local fall in dB, the number of cells that are spoken about, and the part that agrees."""
    before = ground.rest_cells
    change = np.log((before + ground.floor) / (np.maximum(after, 0) + ground.floor))
    about = (moved >= _VISIBLE * before) & (before > 4 * ground.floor)
    count = int(about.sum())
    local = float(change[about].mean()) * 4.343 if count else 0.0
    agreed = float((change[about] > _FALLS_AT_ALL).mean()) if count else 0.0
    return float(change.sum()), local, count, agreed


def fit_coefficient(
    ground: Ground, rest: NDArray[Any], shape: NDArray[Any], *, channels: bool = False
) -> NDArray[np.float64]:
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
        return np.asarray(np.maximum(left - 2 * value * both + value**2 * own, 0) + floor)

    # The likelihood has more than one summit, so the climb starts at the best of a few plausible places.
    loss = np.stack([np.log(after(np.array([c]))).sum(axis=axis) for c in _STARTS])
    coefficient = np.asarray(_STARTS)[loss.argmin(axis=0)].reshape(-1)
    for _ in range(6):
        weight = 1 / after(coefficient)
        top, bottom = (weight * both).sum(axis=axis), (weight * own).sum(axis=axis)
        coefficient = np.asarray(top / np.maximum(bottom, 1e-30), float).reshape(-1)
    return np.broadcast_to(coefficient, (2,))


def refit(ground: Ground, explanation: Explanation, noise: float) -> tuple[Explanation, Ground]:
    """Fit the bus anew to the sum as the explanation mends it, and say what the explanation is then worth.

    The gain is refined on the way: the bus that it was found with had the fault fitted into it.
    """
    mended = explanation
    after = lay_ground(ground.views, ground.total + mended.correction, ground.kind, noise)
    if mended.placed is not None and mended.fault != "extra":
        change = float(fit_coefficient(after, after.rest, spectra(mended.placed))[0])
        if 1e-3 < abs(change) < 1:
            mended = _with_gain(mended, mended.gain + change)
            after = lay_ground(ground.views, ground.total + mended.correction, ground.kind, noise)
    return weigh(ground, after, mended), after


def _with_gain(explanation: Explanation, gain: float) -> Explanation:
    """Return the explanation with another gain; one that is next to nothing becomes nothing."""
    assert explanation.placed is not None
    fault = explanation.fault
    if fault in {"gain", "inverted"} and abs(gain) < _NOTHING:
        fault, gain = "extra", 0.0
    change = explanation.placed * np.float32(gain - explanation.gain)
    return replace(explanation, fault=fault, gain=gain, correction=explanation.correction + change)


def weigh(before: Ground, after: Ground, explanation: Explanation) -> Explanation:
    """Return the explanation with its worth measured in the mix, the bus fitted before and after."""
    change = np.log((before.error + before.floor) / (after.error + after.floor))
    moved = cell_energy(spectra(explanation.correction), before.views.rate)
    about = (moved >= _VISIBLE * before.error) & (before.error > 4 * before.floor)
    count = int(about.sum())
    local = float(change[about].mean()) * 4.343 if count else 0.0
    return replace(explanation, likelihood=float(change.sum()), local_db=local, cells=count)


def best_explanation(found: Sequence[Explanation]) -> Explanation:
    """Return the explanation that explains most, a simple one before one with more freedom."""
    handicap = {"processed": 0.6, "kin": 0.6, "balance": 0.9, "drift": 0.95, "late": 0.97, "early": 0.97}

    def worth(e: Explanation) -> float:
        return e.likelihood * handicap.get(e.fault, 1.0) * (0.99 if e.lag != round(e.lag) else 1.0)

    return max(found, key=worth)
