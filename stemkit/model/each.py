"""What came out of one of many deliveries that were checked together."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["DeliveryResult"]


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryResult:
    """One delivery's verdict, or why there is none. Small: thousands of them fit into memory."""

    path: str  # as the user would give it to `stemkit check`
    exit_code: int  # what `stemkit check` of this delivery alone would return
    verdict: str | None = None  # pass, warn, fail; None where it could not be checked
    counts: Mapping[str, int] = field(default_factory=dict)  # open findings, by severity
    stems: int = 0
    null_db: float | None = None  # see `SumFacts`
    adds_up: bool | None = None
    rules: tuple[str, ...] = ()  # ids of the open errors, and of the warnings behind them, each once
    error: str | None = None
    stale: tuple[str, ...] = ()  # files whose cache entries a new measurement did not bear out
    report: Mapping[str, Any] | None = None  # the whole report as `stemkit.report/1`, where it was asked for
