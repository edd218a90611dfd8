from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stemkit.model.session import (
    AutomationItem,
    Envelope,
    EnvelopePoint,
    EnvelopeTarget,
    PooledEnvelope,
    Send,
    Session,
    Track,
)
from stemkit.session.automation import judge, master_automation, track_automation


def envelope(
    target: EnvelopeTarget, *values: float, active: bool = True, items: tuple[AutomationItem, ...] = ()
) -> Envelope:
    points = tuple(EnvelopePoint(time_s=float(n), value=value) for n, value in enumerate(values))
    return Envelope(tag="VOLENV2", target=target, stage="post_fx", active=active, points=points, automation_items=items)


@pytest.mark.parametrize(
    ("target", "values", "state"),
    [
        ("volume", (1.0, 1.0), "neutral"),
        ("volume", (0.5,), "holds"),
        ("volume", (1.0, 0.5), "moves"),
        ("volume", (), "off"),
        ("pan", (0.0, 0.0), "neutral"),
        ("mute", (1.0,), "neutral"),
        ("mute", (0.0,), "holds"),
        ("parameter", (0.0, 0.0), "holds"),  # nobody knows a parameter's neutral value
        ("play_rate", (1.0,), "neutral"),
    ],
)
def test_state(target: EnvelopeTarget, values: tuple[float, ...], state: str) -> None:
    assert judge(envelope(target, *values))[0] == state


def test_a_bypassed_envelope_is_off_whatever_it_holds() -> None:
    assert judge(envelope("volume", 1.0, 0.0, active=False)) == ("off", None, None)


@given(st.floats(0.001, 4.0), st.integers(1, 20))
@settings(max_examples=40)
def test_a_flat_envelope_is_never_movement(value: float, count: int) -> None:
    state, low, high = judge(envelope("volume", *[value] * count))
    assert state in ("holds", "neutral")
    assert low == high == value
    assert (state == "neutral") is math.isclose(value, 1.0, rel_tol=1e-4, abs_tol=1e-4)


@given(st.lists(st.floats(0.0, 4.0), min_size=2, max_size=10))
@settings(max_examples=40)
def test_movement_is_told_with_its_range(values: list[float]) -> None:
    state, low, high = judge(envelope("volume", *values))
    assert (low, high) == (min(values), max(values))
    if max(values) - min(values) > 0.01:
        assert state == "moves"


def item(*, muted: bool = False) -> AutomationItem:
    return AutomationItem(pool_id=7, position_s=0, length_s=1, muted=muted)


@pytest.mark.parametrize(
    ("automation_item", "pooled", "state"),
    [
        (item(), (0.1, 0.9), "moves"),
        (item(), (0.5, 0.5), "neutral"),
        (item(), None, "moves"),  # contents that nobody can see
        (item(muted=True), (0.1, 0.9), "neutral"),
    ],
)
def test_automation_items_count_by_what_their_pool_does(
    automation_item: AutomationItem, pooled: tuple[float, ...] | None, state: str
) -> None:
    points = tuple(EnvelopePoint(time_s=float(n), value=v) for n, v in enumerate(pooled or ()))
    known = {} if pooled is None else {7: PooledEnvelope(pool_id=7, length_s=1, points=points)}
    assert judge(envelope("volume", 1.0, items=(automation_item,)), known)[0] == state


def test_parameter_modulation_has_no_points_and_moves() -> None:
    lfo = Envelope(tag="PROGRAMENV", target="parameter", stage="fx", active=True)
    assert judge(lfo)[0] == "moves"


def test_a_receives_envelope_belongs_to_the_track_that_receives() -> None:
    source = Track(guid="{A}", index=0, name="Vox")
    send = Send(source_guid="{A}", destination_guid="{B}", envelopes=(envelope("volume", 0.0, 1.0),))
    muted = Send(source_guid="{A}", destination_guid="{C}", mute=True, envelopes=(envelope("volume", 0.0, 1.0),))
    destination = Track(guid="{B}", index=1, receives=(send,))
    closed = Track(guid="{C}", index=2, receives=(muted,))
    session = Session(source="made", tracks=(source, destination, closed))
    names = {"{A}": "Vox"}
    assert [row.what for row in track_automation(destination, session, names)] == ["volume of the send from Vox"]
    assert track_automation(source, session, names) == ()
    assert track_automation(closed, session, names) == ()


def test_the_masters_automation_takes_in_the_play_rate_but_not_the_tempo() -> None:
    rate = Envelope(
        tag="MASTERPLAYSPEEDENV", target="play_rate", stage="project", active=True,
        points=(EnvelopePoint(time_s=0, value=1.0), EnvelopePoint(time_s=9, value=1.5)),
    )  # fmt: skip
    tempo = Envelope(
        tag="TEMPOENVEX", target="tempo", stage="project", active=True,
        points=(EnvelopePoint(time_s=0, value=120.0), EnvelopePoint(time_s=9, value=90.0)),
    )  # fmt: skip
    session = Session(source="made", project_envelopes=(rate, tempo))
    assert [(row.what, row.detail) for row in master_automation(session)] == [("play rate", "moves between 1 and 1.5")]
