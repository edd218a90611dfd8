"""What a plan of fixes is made of: the steps, and what they come to for each file."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from stemkit.delivery.fix_audio import AudioEdit
from stemkit.model.delivery import FixStep

if TYPE_CHECKING:
    from collections.abc import Iterable

    from stemkit.model.audio import FileFacts
    from stemkit.model.report import Finding, Report
    from stemkit.rules.profiles.schema import Profile

__all__ = ["FilePlan", "FixJob"]


@dataclass(slots=True)
class FilePlan:
    """The steps, and what they come to for each file."""

    steps: list[FixStep] = field(default_factory=list)
    edits: dict[str, AudioEdit] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    references: dict[str, int] = field(default_factory=dict)  # time references to write, in samples
    repairs: set[str] = field(default_factory=set)  # files whose header sizes are wrong


@dataclass(frozen=True, slots=True, kw_only=True)
class FixJob:
    """A folder that is being planned for; `named` are the kinds of unsafe fixes that the user wants."""

    report: Report
    profile: Profile
    named: frozenset[str]
    plan: FilePlan

    def note(
        self,
        kind: str,
        subject: str,
        summary: str,
        rules: Iterable[str],
        *,
        safe: bool = False,
        blocked: str | None = None,
    ) -> bool:
        """Add a step and tell whether it is taken."""
        chosen = blocked is None and (safe or kind in self.named)
        self.plan.steps.append(
            FixStep(
                kind=kind,
                subject=subject,
                summary=summary,
                safe=safe,
                rules=tuple(dict.fromkeys(rules)),
                chosen=chosen,
                blocked=blocked,
            )
        )
        return chosen

    def edit(self, path: str, **changes: object) -> None:
        """Add to what happens to a file's samples."""
        self.plan.edits[path] = replace(self.plan.edits.get(path, AudioEdit()), **changes)  # type: ignore[arg-type]

    def findings(self, *rules: str) -> list[Finding]:
        """Return the open findings of some rules."""
        return [f for f in self.report.open_findings if f.rule in rules]

    def file(self, path: str) -> FileFacts | None:
        """Return the facts of a file."""
        return next((f for f in self.report.files if f.path == path), None)
