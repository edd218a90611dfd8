"""What the sum of the stems says about the mix, and about each stem."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

__all__ = [
    "Accusation",
    "Fault",
    "MissingContent",
    "PairFacts",
    "StemShare",
    "SumFacts",
]

Fault = Literal[
    "inverted",
    "gain",
    "late",
    "early",
    "drift",
    "silent",
    "doubled",
    "extra",
    "other_take",
    "tail_cut",
    "channel_missing",
    "channels_swapped",
    "balance",
    "processed",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Accusation:
    """One stem that the proof found guilty, of what, and how sure that is.

    `gain_db` is what the stem needs; `lag_samples` is how late it lies (negative: early) at the stems' rate, and
    `drift_ppm` how much later it gets; `explained_db` is the null depth once the stem is mended.
    """

    path: str
    fault: Fault
    confidence: float  # 0…1
    detail: str = ""  # one sentence
    twin: str | None = None  # a stem so alike that either of the two may be meant
    where: tuple[tuple[float, float], ...] = ()  # spans in seconds; empty: throughout
    gain_db: float | None = None
    lag_samples: float | None = None
    drift_ppm: float | None = None
    explained_db: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MissingContent:
    """Sound that the mix has and no stem: when, and between which frequencies. `level_db` is against the mix there."""

    start_s: float
    end_s: float
    low_hz: float
    high_hz: float
    level_db: float


@dataclass(frozen=True, slots=True, kw_only=True)
class PairFacts:
    """How a dry or wet file relates to its plain twin. The drier of the two is `dry`, the other `wet`.

    `lag_samples` is how late the wet sound lies against the dry one; None where that cannot be told. `residual_db` is
    what stays of the wet file when the dry one is taken away at the best gain; None when nothing stays. The ends are
    where each file's sound last lies above -60 dB of its own loudest moment; None for silence.
    """

    dry: str
    wet: str
    lag_samples: float | None = None
    residual_db: float | None = None
    dry_end_s: float | None = None
    wet_end_s: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StemShare:
    """How one stem takes part in the mix, from the proof. Figures are None where nothing could be told."""

    path: str
    gain_db: float | None = None  # what the stem needs to fit the mix
    inverted: bool | None = None
    lag_samples: float | None = None
    energy_share: float | None = None  # 0…1 of the mix
    confidence: float | None = None  # 0…1
    twin: str | None = None  # a stem so alike that the two cannot be told apart


@dataclass(frozen=True, slots=True, kw_only=True)
class SumFacts:
    """What the sum of the stems says about the mix. `null_db` is residual RMS over mix RMS."""

    reference: str
    null_db: float | None = None
    gain_db: float | None = None
    offset_samples: float | None = None
    inverted: bool = False
    bit_depth_floor_db: float | None = None
    sum_peak_dbfs: float | None = None  # sample peak of all plain stems added up as they are
    verdict: str = ""  # one sentence
    explained_by: tuple[str, ...] = ()
    shares: tuple[StemShare, ...] = ()
    per_second_db: tuple[float | None, ...] = ()
    per_band_db: tuple[tuple[float, float | None], ...] = ()  # (centre in Hz, null in dB)
    cannot_tell: str | None = None
    exact: bool = False  # the residual is zero to the last bit; `null_db` is None then
    adds_up: bool | None = None  # None: cannot tell
    accusations: tuple[Accusation, ...] = ()
    missing: tuple[MissingContent, ...] = ()
    bus: tuple[str, ...] = ()  # what the mix bus does, in words
    unrepeatable: tuple[str, ...] = ()  # stems that differ by something that does not repeat
    shared_dips: tuple[str, ...] | None = None  # stems whose gain dips at the same moments; None: not measured
    duplicates: tuple[tuple[str, ...], ...] = ()  # the same audio under several names, also at another gain or polarity
    drift_ppm: float | None = None  # of the whole mix against the stems
    compared_s: float | None = None  # how much of the song was compared
    notes: tuple[str, ...] = ()  # what limits the comparison: another rate, mono, another length
