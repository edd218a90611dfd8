"""What the engine says of a stem by the way its sound takes: buses, sends, circles, the master, and what is played dry."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from stemkit.errors import EngineError
from stemkit.model.plan import Fidelity
from stemkit.model.session import ChannelRange, Effect, Master, Send, Source
from stemkit.render.builtin import BuiltinEngine
from tests.render.builtin.engine_songs import (
    COMP,
    EQ,
    envelope,
    item,
    live,
    plan,
    render,
    session,
    stem,
    track,
    verdict,
    write_wav,
)


@pytest.fixture
def steady(tmp_path: Path) -> Source:
    return write_wav(tmp_path / "steady.wav", np.full((4800, 2), 0.5))


def test_the_pre_fader_send_of_a_muted_track_is_told(steady: Source) -> None:
    def reasons(mode: int) -> tuple[str, ...]:
        send = Send(source_guid="a", destination_guid="room", mode=mode)
        song = session(track("a", item(steady), mute=True), track("room", item(steady), receives=(send,)))
        return verdict(song, plan(stem("room", "all"), seconds=0.1), "room").reasons

    assert reasons(0) == ()
    assert reasons(3) == ("the pre-fader send of the muted track 'a' is taken as silent",)


def test_dry_leaves_effects_out_and_says_so(steady: Source) -> None:
    song = session(track("bus", fx=live(COMP), depth_change=1), track("a", item(steady), fx=live(EQ), depth_change=-1))
    wish = plan(stem("a"), seconds=0.1)
    assert verdict(song, wish, "a").level == "impossible"
    assert verdict(song, wish, "a", bypass_fx=True) == Fidelity(
        level="approximate", reasons=("dry: 2 effects bypassed",)
    )


def test_a_dry_variant_takes_its_effects_as_off(steady: Source) -> None:
    song = session(track("a", item(steady), fx=live(EQ, COMP)))
    wish = plan(
        stem("a", file_name="half", bypassed=("{EQ}",)), stem("a", file_name="dry", bypassed=("{EQ}", "{COMP}"))
    )
    assert verdict(song, wish, "dry").level == "exact"
    assert verdict(song, wish, "half").reasons == ("'a' has 1 effect that only REAPER can run: ReaComp",)


def test_a_stem_is_judged_by_what_it_hears(steady: Source) -> None:
    """The bus's compressor stands in the way of its children and of the mixes, not of the track beside it."""
    song = session(
        track("bus", fx=live(COMP), depth_change=1),
        track("a", item(steady), depth_change=-1),
        track("b", item(steady)),
        track("muted", item(steady), fx=live(EQ), mute=True),
    )
    found = BuiltinEngine().fidelity(song, plan(stem("a"), stem("b"), seconds=0.1))
    assert {key: f.level for key, f in found.items()} == {
        "a": "impossible",
        "b": "exact",
        "rough_mix": "impossible",
        "proof_mix": "impossible",
    }


def test_a_send_before_the_effects_does_not_hear_them(steady: Source) -> None:
    def room(mode: int) -> str:
        send = Send(source_guid="a", destination_guid="room", mode=mode)
        song = session(track("a", item(steady), fx=live(EQ)), track("room", receives=(send,)))
        return verdict(song, plan(stem("room", "all"), seconds=0.1), "room").level

    assert [room(0), room(3), room(1)] == ["impossible", "impossible", "exact"]


@pytest.mark.parametrize(
    ("words", "facts"),
    [
        ("its pan", {"pan": 0.2}),
        ("mono", {"mono": True}),
        ("mono", {"destination_channels": ChannelRange(first=0, count=1)}),
        ("volume automation", {"envelopes": (envelope((0, 1.0), (1, 0), stage="send"),)}),
    ],
)
def test_sends_that_are_not_confirmed(steady: Source, words: str, facts: dict[str, Any]) -> None:
    send = Send(source_guid="a", destination_guid="room", **facts)
    song = session(track("a", item(steady)), track("room", receives=(send,)))
    found = verdict(song, plan(stem("room", "all"), seconds=0.1), "room")
    assert found.level == "approximate"
    assert words in found.reasons[0]


def test_master_effects_stand_in_the_way_of_the_rough_mix_alone(steady: Source) -> None:
    song = session(track("a", item(steady)), master=Master(fx=live(Effect(name="Limiter"))))
    wish = plan(stem("a"), seconds=0.1)
    assert verdict(song, wish, "rough_mix").reasons == ("the master has 1 effect that only REAPER can run: Limiter",)
    assert verdict(song, wish, "proof_mix").level == "exact"
    assert verdict(song, wish, "rough_mix", bypass_fx=True).reasons == ("dry: 1 effect bypassed",)


@pytest.mark.parametrize(
    "master", [Master(volume=0.5), Master(pan=0.1), Master(mute_solo=4), Master(mute_solo=1)], ids=str
)
def test_a_master_at_work_makes_the_rough_mix_approximate(steady: Source, master: Master) -> None:
    song = session(track("a", item(steady)), master=master)
    assert verdict(song, plan(seconds=0.1), "rough_mix").level == "approximate"


def test_a_circle_is_named_and_does_not_hang(tmp_path: Path, steady: Source) -> None:
    song = session(
        track("a", item(steady), receives=(Send(source_guid="b", destination_guid="a", volume=0.5),)),
        track("b", receives=(Send(source_guid="a", destination_guid="b", volume=0.5),)),
        track("c", item(steady)),
    )
    wish = plan(stem("a"), stem("c"), seconds=0.1)
    found = verdict(song, wish, "a")
    assert found.level == "impossible"
    assert "'a'" in found.reasons[0]
    assert "'b'" in found.reasons[0]
    assert verdict(song, wish, "c").level == "exact"
    assert set(render(song, wish, tmp_path / "out", keys=frozenset({"c"}))) == {"c"}
    with pytest.raises(EngineError, match="circle"):
        render(song, wish, tmp_path / "out")
    assert not list((tmp_path / "out").glob("a*"))
