"""The faults that one stem can have, each tried on the residual."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from stemkit.audio.proof.cells import cell_energy, spectra
from stemkit.audio.proof.explain import Explanation, Ground, fit_coefficient, judge
from stemkit.audio.proof.lags import Lag, find_lags
from stemkit.audio.proof.master import fit_filter
from stemkit.audio.proof.speeds import replays
from stemkit.audio.proof.views import read_windows
from stemkit.audio.proof.warp import read_warped

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from stemkit.audio.proof.streams import Source

    Audio = NDArray[np.float32]

__all__ = ["explain_level", "explain_place"]

_SETTLED_DB = 20.0
_NEARLY_NOTHING = 0.35  # a gain below that is held against nothing at all
_LEAST_LAG = 0.05  # samples: a stem that is off by less is nobody's fault
_LEAST_LAG_BEHIND_A_BUS = 0.2


def explain_level(ground: Ground, index: int, source: Source) -> list[Explanation]:
    """Try the faults of one stem that leave it where it is: gain, polarity, channels."""
    own = read_windows(source, ground.views.starts, ground.views.size)
    if not own.any():
        return []
    shape = spectra(own)
    return [*_gains(ground, index, own, shape), *_channels(ground, index, own, shape)]


def explain_place(ground: Ground, index: int, source: Source, *, gone: bool) -> list[Explanation]:
    """Try the faults of one stem that move it in time or change its spectrum.

    Parameters
    ----------
    ground
        Where the investigation stands.
    index, source
        The stem.
    gone
        The stem has no share in the mix as it lies: look for it up to two seconds away.
    """
    own = read_windows(source, ground.views.starts, ground.views.size)
    found = _moved(ground, index, source, own, gone=gone)
    if gone and not any(_settles(e) for e in found):
        found += _at_other_rates(ground, index, source, own)
    return [*found, *_processed(ground, index, own)]


def _made(ground: Ground, index: int, fault: str, correction: Audio, **facts: Any) -> Explanation:
    moved = spectra(correction)
    likelihood, local, cells, agreed = judge(
        ground, cell_energy(ground.rest - moved, ground.views.rate), cell_energy(moved, ground.views.rate)
    )
    return Explanation(
        stem=index,
        fault=fault,
        correction=correction,
        likelihood=likelihood,
        local_db=local,
        cells=cells,
        agreed=agreed,
        **facts,
    )


def _gains(ground: Ground, index: int, own: Audio, shape: NDArray[np.complex64]) -> list[Explanation]:
    change = float(fit_coefficient(ground, ground.rest, shape)[0])
    gain = 1 + change
    fault = "gain" if gain > 0.1 else "inverted" if gain < -0.1 else "extra"
    found = [_made(ground, index, fault, own * np.float32(change), gain=gain, placed=own)]
    if abs(gain) < _NEARLY_NOTHING:
        found.append(_made(ground, index, "extra", -own, gain=0.0))
        found = [e for e in found if e.fault == "extra" and e.likelihood > 0.85 * found[0].likelihood][-1:] or found[:1]
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
        part = float(fit_coefficient(ground, ground.rest, spectra(other))[0])
        if abs(part) > 0.1:
            found.append(_made(ground, index, "channel_missing", other * np.float32(part), gain=part))
    else:
        change = fit_coefficient(ground, ground.rest, shape, channels=True)
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
    found = []
    for lag in find_lags(target[picked], lambda s, n: _two(source.read(s, n)), starts, reach):
        if lag.drift:
            moved = read_warped(source, views.starts, views.size, lag=lag.samples, drift=lag.drift, middle=lag.middle)
            found.append(_placed(ground, index, own, moved, lag))
        elif round(lag.samples):
            whole = float(round(lag.samples))
            moved = read_warped(source, views.starts, views.size, lag=whole)
            found.append(_placed(ground, index, own, moved, replace(lag, samples=whole)))
        if found and _settles(found[-1]):
            return found[-1:]
    near = max((e for e in found if not e.drift), key=lambda e: e.likelihood, default=None)
    begin = near.lag if near is not None and near.likelihood > 0 else 0.0
    part = _part(ground, source, target, begin)
    least = _LEAST_LAG if ground.kind == "plain" else _LEAST_LAG_BEHIND_A_BUS
    for samples in {part, float(round(part))} - {begin}:
        if abs(samples) > least:
            moved = read_warped(source, views.starts, views.size, lag=samples)
            found.append(_placed(ground, index, own, moved, Lag(samples=samples, drift=0.0, score=0.0)))
    return [e for e in found if abs(e.gain) > _NEARLY_NOTHING]  # what is not heard there has not been moved there


def _settles(explanation: Explanation) -> bool:
    """Tell whether a place needs no second opinion. A stem that should be silent there proves no place."""
    return explanation.local_db > _SETTLED_DB and abs(explanation.gain) > _NEARLY_NOTHING


def _part(ground: Ground, source: Source, target: Audio, lag: float) -> float:
    """Refine a lag to parts of a sample by the slope of the stem where it lies."""
    views = ground.views
    for _ in range(2):
        early, late = (read_warped(source, views.starts, views.size, lag=lag + step) for step in (-0.5, 0.5))
        step = float(
            fit_coefficient(ground, spectra(target - np.float32(0.5) * (early + late)), spectra(late - early))[0]
        )
        if abs(step) > 1:
            return 0.0
        lag += step
    return lag


def _at_other_rates(ground: Ground, index: int, source: Source, own: Audio) -> list[Explanation]:
    """Try the stem as if its header said another sample rate."""
    found = []
    for replay in replays(source, ground.bus.undone - ground.total + own, ground.views.starts):
        speed = Lag(samples=replay.lag, drift=replay.file_rate / source.file_rate - 1, score=replay.score)
        found.append(replace(_placed(ground, index, own, replay.audio, speed), file_rate=replay.file_rate))
    return [e for e in found if abs(e.gain) > _NEARLY_NOTHING]


def _placed(ground: Ground, index: int, own: Audio, moved: Audio, lag: Lag) -> Explanation:
    target = ground.bus.undone - ground.total + own
    gain = float(fit_coefficient(ground, spectra(target), spectra(moved))[0])
    if abs(gain - 1) < 0.02:
        gain = 1.0
    fault = "drift" if lag.drift else "late" if lag.samples > 0 else "early"
    return _made(
        ground,
        index,
        fault,
        moved * np.float32(gain) - own,
        placed=moved,
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
