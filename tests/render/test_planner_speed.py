from __future__ import annotations

import time

from stemkit.model.delivery import Choices
from stemkit.render.planner import make_plan
from tests.session.made_sessions import folder, item, made, send, track


def test_a_large_session_is_planned_in_a_moment() -> None:
    """300 tracks with 5,000 items, in folders of ten, with effects and four returns that all feed."""
    groups = [
        folder(
            track(f"Folder {g}", fx=["ReaEQ"]),
            *(track(f"Track {g}-{n}", *(item(i * 2.0, 1.5) for i in range(19)), fx=["ReaComp"]) for n in range(9)),
        )
        for g in range(30)
    ]
    singers = [t for group in groups for t in group if t.items]
    returns = [track(f"Verb {n}", fx=["ReaVerbate"]) for n in range(4)]
    sends = [send(t.name, r.name) for t in singers for r in returns]
    session = made(*(t for group in groups for t in group), *returns, sends=sends)
    assert len(session.tracks) == 304
    assert sum(len(t.items) for t in session.tracks) > 5000
    began = time.process_time()
    plan = make_plan(session, Choices(), project_name="Large")
    took_s = time.process_time() - began
    assert len(plan.stems) == 270 + 4
    assert plan.stems[0].file_name == "001_Track_0-0"
    assert took_s < 5  # a tenth of a second on an idle core
