"""How true each stem and mix will be, and why, in words for a musician."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stemkit.render.builtin.item_reasons import ItemJudge
from stemkit.render.builtin.reasons import Reasons
from stemkit.render.builtin.strip_reasons import (
    effects_reasons,
    master_reasons,
    muted_send_reasons,
    send_reasons,
    track_reasons,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from stemkit.model.plan import Fidelity, RenderPlan
    from stemkit.model.session import Session
    from stemkit.render.builtin.routes import Route, Wiring

__all__ = ["judge"]


def judge(session: Session, plan: RenderPlan, wiring: Wiring, *, bypass_fx: bool) -> dict[str, Fidelity]:
    """Say for each key of a plan how true the engine's audio will be."""
    judge_ = _Judge(session, plan, wiring, bypass_fx=bypass_fx)
    verdicts = {stem.file_name: judge_.route(wiring.route(plan, stem), frozenset(stem.bypassed)) for stem in plan.stems}
    if plan.rough_mix:
        verdicts["rough_mix"] = judge_.rough_mix()
    if plan.proof_mix:
        verdicts["proof_mix"] = judge_.route(wiring.mix(wiring.heard), frozenset())
    return verdicts


class _Judge:
    def __init__(self, session: Session, plan: RenderPlan, wiring: Wiring, *, bypass_fx: bool) -> None:
        self._session, self._wiring, self._bypass_fx = session, wiring, bypass_fx
        self._items = ItemJudge(session, plan)
        self._in_circle = {guid: ring for ring in wiring.cycles for guid in ring}

    def route(self, route: Route, bypassed: frozenset[str]) -> Fidelity:
        """Collect what is heard on a route: items, strips, sends, effects and circles."""
        reasons = Reasons()
        self._collect(route, bypassed, reasons)
        return reasons.verdict()

    def rough_mix(self) -> Fidelity:
        """Judge the mix with the master as the artist heard it."""
        wiring, reasons = self._wiring, Reasons()
        heard = wiring.heard if wiring.soloed is None else wiring.heard & wiring.soloed
        self._collect(wiring.mix(heard), frozenset(), reasons)
        if wiring.soloed is not None:
            reasons.approximate("tracks are soloed, and the mix has only what they let through")
        master_reasons(self._session, reasons, bypass_fx=self._bypass_fx)
        return reasons.verdict()

    def _collect(self, route: Route, bypassed: frozenset[str], reasons: Reasons) -> None:
        wiring = self._wiring
        inside = {guid for cut, everything in route.cuts if everything for guid in wiring.upstream(cut)}
        played = {guid for guid, _ in route.cuts} | inside
        passed = inside | set(route.order)
        edges = {e for guid in inside for e in wiring.edges[guid] if e.target in inside}
        edges |= {e for guid in route.order for e in route.edges[guid]}
        if self._session.play_rate != 1.0:
            reasons.approximate(f"the project plays at {self._session.play_rate:g} times its speed, rendered at 1")
        behind = {e.source for e in edges if e.tap != "pre_fx"}  # whose sound goes on behind their effects
        for guid in wiring.in_order(played | passed):
            if guid in played and guid in wiring.heard:
                self._items.judge(wiring.tracks[guid], wiring.labels[guid], reasons)
            if guid in passed:
                self._passing(guid, bypassed, behind, reasons)
        for edge in sorted((e for e in edges if e.send is not None), key=lambda e: (e.source, e.target)):
            send_reasons(self._session, edge, wiring, reasons)
        self._circles(passed, reasons)

    def _passing(self, guid: str, bypassed: frozenset[str], behind: set[str], reasons: Reasons) -> None:
        track, label = self._wiring.tracks[guid], self._wiring.labels[guid]
        track_reasons(self._session, track, label, reasons)
        muted_send_reasons(track, self._wiring, reasons)
        if guid in behind:
            effects_reasons(track, label, bypassed, reasons, bypass_fx=self._bypass_fx)

    def _circles(self, passed: Iterable[str], reasons: Reasons) -> None:
        for ring in dict.fromkeys(self._in_circle[guid] for guid in passed if guid in self._in_circle):
            names = " → ".join(f"'{self._wiring.labels[guid]}'" for guid in (*ring, ring[0]))
            reasons.impossible(f"these tracks feed each other in a circle: {names}")
