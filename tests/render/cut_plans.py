"""Plans of made sessions, reduced to what a test of the cut looks at."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from stemkit.model.delivery import Choices
from stemkit.render.planner import make_plan

if TYPE_CHECKING:
    from stemkit.model.plan import RenderPlan
    from stemkit.model.session import Session


def planned(session: Session, **choices: Any) -> RenderPlan:
    return make_plan(session, Choices(**choices), project_name="Song")


def shape(plan: RenderPlan) -> list[tuple[str, str, str, tuple[str, ...]]]:
    """Reduce stems to what matters for a cut: name, kind, inputs, way."""
    return [(s.name, s.kind, s.inputs, tuple(guid.strip("{}") for guid in s.through)) for s in plan.stems]


def codes(plan: RenderPlan) -> dict[str, str]:
    return {track.name: track.code for track in plan.excluded}
