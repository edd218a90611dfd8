"""Show what would be rendered, without rendering it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stemkit.model.report import Report

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

__all__ = ["plan_project"]


def plan_project(
    project: Path | None, *, profile: str = "mix-prep", overrides: Mapping[str, object] | None = None
) -> Report:
    """Plan a project's stems.

    Parameters
    ----------
    project
        A ``.rpp`` file; None plans the project that is open in REAPER.
    profile
        Name of a profile, or path of a TOML file.
    overrides
        Fields of `Choices` that win over the ``stemkit.toml`` beside the project.

    Returns
    -------
    Report
        Of kind ``plan``: the session, the plan, and for each stem how true the built-in engine would be to it.
    """
    from stemkit.app.prepare import fidelity_of, prepare

    prepared = prepare(project, profile=profile, overrides=overrides)
    return Report(
        kind="plan",
        subject=str(prepared.path),
        profile_id=prepared.profile.id,
        profile_title=prepared.profile.title,
        session=prepared.session,
        plan=prepared.plan,
        fidelity=fidelity_of(prepared),
    )
