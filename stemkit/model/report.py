"""Verdicts: findings, skips, and the report that holds them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from stemkit.model.audio import FileFacts, SumFacts
    from stemkit.model.plan import Fidelity, RenderPlan
    from stemkit.model.session import Session

__all__ = ["Finding", "Fix", "Guide", "Report", "Severity", "Skip", "StemLevel", "Verdict", "Where"]

Severity = Literal["error", "warning", "note"]
Guide = Literal["G1", "G2", "G3", "G4", "G5", "G6"]
Verdict = Literal["pass", "warn", "fail"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Where:
    """A place on the time line of a file or project. `channel` is 0-based; None means all."""

    start_s: float
    end_s: float
    channel: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Fix:
    """What can be done about a finding. `safe` fixes touch names and metadata, never the sound."""

    kind: str
    summary: str
    safe: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One rule's verdict on one subject."""

    rule: str
    name: str
    severity: Severity
    subject: str  # file or track as the user knows it
    message: str
    measured: float | str | None = None
    expected: str | None = None
    unit: str | None = None
    where: tuple[Where, ...] = ()
    guide: Guide | None = None
    fix: Fix | None = None
    handled: str | None = None  # how the plan takes care of it; then it does not count
    accepted: str | None = None  # why the user means it so; then it does not count


@dataclass(frozen=True, slots=True, kw_only=True)
class Skip:
    """A rule that could not judge, and why. Never a pass."""

    rule: str
    subject: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StemLevel:
    """How loud one stem would be printed.

    `peak_dbfs` is None for silence and where it is not known; `unknown` then says why. `approximate` lists what
    the engine that measured it did not do.
    """

    stem: str  # its file name
    subject: str  # its track, for people
    peak_dbfs: float | None = None
    unknown: str | None = None
    approximate: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """Everything one command found out."""

    kind: Literal["check", "inspect", "plan", "render", "deliver", "verify"]
    subject: str
    profile_id: str
    profile_title: str
    findings: tuple[Finding, ...] = ()
    skipped: tuple[Skip, ...] = ()
    checked: tuple[str, ...] = ()  # ids of the rules that ran on at least one subject
    files: tuple[FileFacts, ...] = ()
    levels: tuple[StemLevel, ...] = ()  # of stems before they are rendered, where they were asked for
    sum: SumFacts | None = None
    duplicates: tuple[tuple[str, ...], ...] = ()
    session: Session | None = field(default=None, repr=False)
    plan: RenderPlan | None = field(default=None, repr=False)
    fidelity: Mapping[str, Fidelity] = field(default_factory=dict, repr=False)  # by the plan's keys

    @property
    def open_findings(self) -> tuple[Finding, ...]:
        """Findings that count: neither handled by the plan nor accepted by the user."""
        return tuple(f for f in self.findings if f.handled is None and f.accepted is None)

    def count(self, severity: Severity) -> int:
        """Return how many open findings have this severity."""
        return sum(f.severity == severity for f in self.open_findings)

    @property
    def verdict(self) -> Verdict:
        """``fail`` on any error, ``warn`` on any warning, else ``pass``."""
        if self.count("error"):
            return "fail"
        return "warn" if self.count("warning") else "pass"
