from __future__ import annotations

from dataclasses import replace

import pytest

from stemkit.model.plan import Bounds, RenderPlan
from tests.rules.projects import HEADER, item, judged, outcome_of, song, track


def plan(start_s: float, end_s: float) -> RenderPlan:
    bounds = Bounds(
        start_s=start_s, end_s=end_s, start_frame=round(start_s * 48000), frames=round((end_s - start_s) * 48000)
    )
    return RenderPlan(
        project="song",
        by="track",
        stems=(),
        excluded=(),
        stops=frozenset(),
        bounds=bounds,
        sample_rate=48000,
        sample_rate_reason="",
    )


def marker(position: float, name: str) -> str:
    return f'  MARKER 1 {position} "{name}" 0\n'  # MARKER idx pos "name" flags (reaper-facts.md 5.1)


def test_an_item_before_bar_one() -> None:
    session = song(track("Pick-up", item(1), item(4)), track("Kick", item(2)))
    found = judged(session, "SK115", bar_one_s=2.0)
    assert [(f.subject, f.measured, f.handled) for f in found] == [("Pick-up", 1.0, None)]
    assert judged(session, "SK115", bar_one_s=0.0) == []


def test_the_plan_takes_an_early_item_in_or_cuts_it() -> None:
    session = song(track("Pick-up", item(1)))
    taken = judged(session, "SK115", bar_one_s=2.0, plan=plan(0.0, 9.0))
    assert [f.handled for f in taken] == ["the files start at 0.000 s"]
    cut = judged(session, "SK115", bar_one_s=0.0, plan=plan(1.5, 9.0))
    assert [f.handled for f in cut] == [None]
    assert "are cut" in cut[0].message


def test_without_bar_one_nobody_knows() -> None:
    result = outcome_of(song(track("Kick", item())), "SK115")
    assert [s.rule for s in result.skipped] == ["SK115"]


@pytest.mark.parametrize("name", ["=END", "end", "End"])
def test_an_item_past_the_end_marker(name: str) -> None:
    session = song(marker(10, name), track("Vox", item(2, 4), item(12, 1)), track("Bass", item(0, 10)))
    found = judged(session, "SK124")
    assert [(f.subject, f.measured) for f in found] == [("Vox", 3.0)]


def test_other_markers_end_nothing() -> None:
    assert judged(song(marker(1, "Ending chorus"), track("Vox", item(2))), "SK124") == []


def test_an_item_past_the_end_of_the_files_is_cut() -> None:
    found = judged(song(track("Vox", item(2, 4))), "SK124", plan=plan(0, 5))
    assert "1.000 s past the end of the files, and are cut" in found[0].message


def test_muted_tracks_are_not_judged() -> None:
    session = song(marker(1, "end"), track("Old", item(5), MUTESOLO="1 0 0"))
    assert judged(session, "SK124") == []
    assert judged(session, "SK115", bar_one_s=9.0) == []


def test_tempo_and_meter_changes() -> None:
    # TEMPOENVEX: PT time bpm shape [65536*denominator+numerator] (reaper-facts.md 5.1)
    points = f"  <TEMPOENVEX\n    ACT 1 -1\n    PT 0 120 1\n    PT 8 90 1 {65536 * 4 + 3} 0 1\n  >\n"
    found = judged(song(points, track("Kick", item())), "SK122")
    assert [f.message for f in found] == ["The tempo moves between 90 and 120 BPM and the meter changes 1 time."]
    handled = judged(song(points), "SK122", plan=plan(0, 9))
    assert [f.handled for f in handled] == ["the delivery carries a tempo map"]


def test_one_tempo_passes() -> None:
    points = "  <TEMPOENVEX\n    ACT 1 -1\n    PT 0 120 1\n  >\n"
    assert judged(song(points), "SK122") == []
    assert judged(replace(song(header=HEADER), tempo_bpm=97.3), "SK122") == []
