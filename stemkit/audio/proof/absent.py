"""Sound that the mix has and no stem explains: where it is, and whether one stem shows that it should have had it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from stemkit.audio.proof.cells import band_edges_hz, cell_energy, cell_product, pattern, spectra
from stemkit.audio.proof.repeats import attacks_apart_s, envelope, likeness
from stemkit.audio.proof.tails import cut_tails
from stemkit.audio.proof.views import read_windows
from stemkit.audio.quantiles import quantiles
from stemkit.model.audio import MissingContent

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from stemkit.audio.proof.explain import Ground
    from stemkit.audio.proof.scan import Scan
    from stemkit.audio.proof.streams import Source
    from stemkit.audio.proof.suspects import Relations

__all__ = ["Lack", "find_lack", "find_other_moments", "missing_content", "shows_by_itself", "unexplained"]

_LEAST_MISSING = 1e-6  # of the mix
_LEAST_BEHIND_A_BUS = 1e-4
_HEARD = 0.25  # of a cell's energy
_FEWEST_CELLS = 12
_ROUNDING = 100  # times the floor
_OTHER_HAND_S = 0.003  # a sampler is as exact as its block; a hand is off by 5 to 20 ms
_ONE_SOUND = 0.8  # measured: 0.86 to 0.99 for the sides of reverbs and pads, 0.59 to 0.62 for doubled guitars

LackFault = Literal["silent", "tail_cut", "channel_missing", "other_take"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Lack:
    """A stem that lacks what the mix has. `likeness` is 0…1."""

    stem: int
    fault: LackFault
    likeness: float
    from_s: float | None = None


def unexplained(ground: Ground, *, clean: bool, added: bool = True) -> NDArray[np.float64]:
    """Return the energy a cell that the mix has beyond the sum and beyond what a mix bus leaves.

    Shape (windows, channels, quarters, bands); zero where nothing is missing. Without `added`, also what the mix has
    instead of something else, as where another take plays.
    """
    error, level = ground.error.astype(float), ground.level.astype(float)
    if clean:
        return np.where(error > 100 * ground.floor + 1e-8 * level, error, 0.0)
    fitted = spectra(ground.bus.predicted)
    predicted = cell_energy(fitted, ground.views.rate).astype(float)
    own = cell_energy(spectra(ground.total), ground.views.rate).astype(float)
    loud = level > 1e-5 * level.max()
    usual, least = (
        _quantile_a_band(np.where(loud, part / np.maximum(whole, 1e-30), np.nan), share)
        for part, whole, share in ((error, level, 0.3), (level, own, 0.1))
    )
    beyond = loud & (error > _HEARD * level) & (error > 4 * usual * level)
    if not added:
        return np.where(beyond & (level > predicted), error, 0.0)
    # Sound that comes on top adds its energy. A codec that puts noise in the place of sound keeps the level, also where
    # the fitted bus takes that noise for nothing.
    beyond &= level > np.maximum(predicted, least * own) + _HEARD * error
    # A bus of many bands turns and bends each cell by itself; sound that no stem has is like nothing in the sum.
    beyond &= _unlike(fitted, spectra(ground.views.mix), ground.views.rate) > _HEARD
    # Of some thousand cells a few are odd behind any bus; a sound of a second fills a dozen.
    return np.where(beyond & (beyond.sum() >= _FEWEST_CELLS), error, 0.0)


def _quantile_a_band(ratio: NDArray[np.float64], share: float) -> NDArray[np.float64]:
    """Return a quantile of the loud cells of each band; 1 for a band without any."""
    import warnings  # noqa: PLC0415  (only a mix bus needs it)

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # a band without a loud cell has no quantile: nothing counts
        found = np.nanquantile(ratio, share, axis=(0, 1, 2), keepdims=True)
    return np.where(np.isnan(found), 1.0, found)


def _unlike(a: NDArray[Any], b: NDArray[Any], rate: int) -> NDArray[np.float64]:
    """Return the part of each cell of `b` that no gain and phase of that cell makes of `a`, 0…1."""
    both = np.hypot(cell_product(a, b, rate), cell_product(a, np.complex64(1j) * b, rate)).astype(float)
    own, other = (cell_energy(v, rate).astype(float) for v in (a, b))
    return np.asarray(1 - both**2 / np.maximum(own * other, 1e-30))


def find_lack(
    sources: Sequence[Source], scan: Scan, ground: Ground, relations: Relations, *, clean: bool
) -> Lack | None:
    """Find the one stem that shows that it should have held the unexplained sound.

    Parameters
    ----------
    sources, scan
        The stems and when they sound.
    ground
        Where the investigation stands.
    relations
        How the stems relate to what is unexplained.
    clean
        The mix has no bus processing.
    """
    rest = unexplained(ground, clean=clean, added=False)
    if not rest.any():
        return None
    # In the order of how much each kind of evidence says: a stem whose share is gone outweighs one that looks alike.
    for kind in (
        _other_take(sources, ground, relations),
        _silent(scan),
        _cut(scan, ground, sources),
        _one_sided(sources, scan, ground, rest),
    ):
        found = sorted(kind, key=lambda f: -f.likeness)
        if found and not (len(found) > 1 and found[1].likeness > 0.97 * found[0].likeness):
            return found[0]
    return None


def shows_by_itself(lack: Lack, ground: Ground) -> bool:
    """Tell whether a lack is seen in a residual so faint that a limiter that hardly works could have left it.

    Another take is: its share is gone. A tail that was cut is, where there is but rounding before it. Nothing else is.
    """
    if lack.fault != "tail_cut" or lack.from_s is None:
        return lack.fault == "other_take"
    views = ground.views
    quarter = views.size // 4
    begins = np.array(views.starts)[:, None] + quarter * np.arange(4)
    before = begins + quarter <= lack.from_s * views.rate
    error, floor = ground.error.sum(axis=(1, 3), dtype=float), 2 * float(ground.floor.sum())
    return bool(error[before].sum() < _ROUNDING * floor * before.sum())


def _silent(scan: Scan) -> list[Lack]:
    quiet = [k for k, energy in enumerate(scan.energy) if not energy.any()]
    return [Lack(stem=quiet[0], fault="silent", likeness=0.9)] if len(quiet) == 1 else []


def _other_take(sources: Sequence[Source], ground: Ground, relations: Relations) -> list[Lack]:
    gains, spread = relations.gains(), relations.spread()
    found = []
    for k in np.flatnonzero((np.abs(gains + 1) < 0.3) & (spread < 0.2)).tolist():
        own = spectra(read_windows(sources[k], ground.views.starts, ground.views.size))
        cells = cell_energy(own, ground.views.rate)
        without = cell_energy(ground.rest + own, ground.views.rate)
        about = cells > 0.3 * ground.rest_cells
        if about.sum() < 8:
            continue
        # Without the wrong take, about half of the residual goes, and what stays plays in the same places.
        fall = float(quantiles(np.log(ground.rest_cells[about] / np.maximum(without[about], 1e-30)), 0.5)) * 4.343
        alike = pattern(without, cells)
        if fall > 1.0 and alike > 0.5:
            found.append(Lack(stem=k, fault="other_take", likeness=alike))
    return found


def find_other_moments(sources: Sequence[Source], ground: Ground, stem: int) -> Lack | None:
    """Return another take, None where the stem's sounds begin with those of the mix: an effect that is random."""
    own = read_windows(sources[stem], ground.views.starts, ground.views.size)
    apart_s = attacks_apart_s(own, ground.bus.undone - ground.total + own, ground.views.rate)
    if apart_s is None or apart_s < _OTHER_HAND_S:
        return None
    return Lack(stem=stem, fault="other_take", likeness=0.9)


def _cut(scan: Scan, ground: Ground, sources: Sequence[Source]) -> list[Lack]:
    return [
        Lack(stem=stem, fault="tail_cut", likeness=alike, from_s=end / ground.views.rate)
        for stem, alike, end in cut_tails(sources, scan, ground)
    ]


def _one_sided(sources: Sequence[Source], scan: Scan, ground: Ground, rest: NDArray[Any]) -> list[Lack]:
    sides = rest.sum(axis=(0, 2, 3))
    empty = int(np.argmax(sides))
    if sides[1 - empty] > 0.1 * sides[empty]:
        return []
    found = []
    for k, source in enumerate(sources):
        left, right = (float(e.sum()) for e in scan.energy[k])
        if source.channels == 2 and (left, right)[empty] <= 1e-8 * (left, right)[1 - empty]:
            windows = read_windows(source, ground.views.starts, ground.views.size)
            own = cell_energy(spectra(windows), ground.views.rate)
            alike = pattern(own[:, 1 - empty], rest[:, empty])
            # The two sides of one sound move together; the other guitar of a pair plays the same, but never so exactly.
            step = ground.views.rate // 20
            sides = windows[:, 1 - empty, None], (ground.bus.undone - ground.total)[:, empty, None]
            together = likeness(*(envelope(side, step) for side in sides))
            if alike > 0.6 and together > _ONE_SOUND:
                found.append(Lack(stem=k, fault="channel_missing", likeness=alike))
    return found


def missing_content(ground: Ground, *, clean: bool) -> tuple[MissingContent, ...]:
    """Return the spans in which the mix has what no stem has, at most the twelve strongest, in order of time."""
    rest = unexplained(ground, clean=clean)
    views, level = ground.views, ground.level
    if rest.sum() < (_LEAST_MISSING if clean else _LEAST_BEHIND_A_BUS) * level.sum():
        return ()
    quarter = views.size // 4
    track = rest.sum(axis=(1, 3)).ravel()
    begins = (np.array(views.starts)[:, None] + quarter * np.arange(4)).ravel()
    heard = np.flatnonzero(track > 1e-3 * track.max())
    edges = band_edges_hz(views.rate)
    groups = np.split(heard, np.flatnonzero(np.diff(begins[heard]) > 1.5 * quarter) + 1)
    spans = []
    for group in groups:
        bands = rest.sum(axis=1).reshape(-1, rest.shape[-1])[group].sum(axis=0)
        inside = np.flatnonzero(bands > 0.05 * bands.max())
        whole = level.sum(axis=(1, 3)).ravel()[group].sum()
        spans.append(
            MissingContent(
                start_s=float(begins[group[0]] / views.rate),
                end_s=float((begins[group[-1]] + quarter) / views.rate),
                low_hz=float(edges[inside[0]]),
                high_hz=float(edges[inside[-1] + 1]),
                level_db=float(10 * np.log10(bands.sum() / max(whole, 1e-30))),
            )
        )
    strongest = sorted(spans, key=lambda s: -s.level_db)[:12]
    return tuple(sorted(strongest, key=lambda s: s.start_s))
