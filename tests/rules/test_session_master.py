from __future__ import annotations

import pytest

from tests.rules.projects import HEADER, chain, changed, fx, item, judged, song, track

LIMITER = "VST: FabFilter Pro-L 2 (FabFilter)"


# MASTERFXLIST holds the master's effects; BYPASS bypassed offline before each (reaper-facts.md 5.1, 5.4).
def test_a_limiter_on_the_master_is_a_warning_and_an_eq_a_note() -> None:
    session = song(chain(fx(LIMITER, "VST: ReaEQ (Cockos)", "VST3: SPAN (Voxengo)"), tag="MASTERFXLIST"))
    found = judged(session, "SK101")
    assert [(f.severity, f.measured) for f in found] == [("warning", 1), ("note", 1)]
    assert "Pro-L 2 (FabFilter) (limiter)" in found[0].message
    assert "SPAN" not in found[1].message


@pytest.mark.parametrize(
    "master",
    [
        "",
        chain(fx("VST3: SPAN (Voxengo)"), tag="MASTERFXLIST"),  # a meter is harmless
        chain(fx(LIMITER, bypassed=1), tag="MASTERFXLIST"),
        chain(fx(LIMITER, offline=1), tag="MASTERFXLIST"),
    ],
)
def test_a_master_without_live_processing_passes(master: str) -> None:
    assert judged(song(master), "SK101") == []


def test_a_master_chain_that_is_switched_off_passes() -> None:
    session = song(chain(fx(LIMITER), tag="MASTERFXLIST"), header=changed("MASTER_FX 1", "MASTER_FX 0"))
    assert judged(session, "SK101") == []
    off = judged(session, "SK112")
    assert [f.subject for f in off] == ["Master"]
    assert "whole effect chain" in off[0].message


def test_as_is_an_eq_on_the_master_is_as_bad_as_a_limiter() -> None:
    session = song(
        chain(fx("VST: ReaEQ (Cockos)"), tag="MASTERFXLIST"), header=changed("RENDER_STEMS 3", "RENDER_STEMS 0")
    )
    assert [f.severity for f in judged(session, "SK101", as_is=True)] == ["warning"]


def test_profiles_that_only_list_the_master_effects_get_a_note() -> None:
    session = song(chain(fx(LIMITER), tag="MASTERFXLIST"))
    assert [f.severity for f in judged(session, "SK101", profile="library-music")] == ["note"]


@pytest.mark.parametrize(("stems", "handled"), [("3", True), ("0", False), ("128", False), ("131", False)])
def test_as_is_the_projects_own_render_source_decides(stems: str, handled: bool) -> None:
    # RENDER_STEMS: 3 stems only, 0 master mix, 128 selected tracks via master (reaper-facts.md 1.1)
    header = changed("RENDER_STEMS 3", f"RENDER_STEMS {stems}")
    found = judged(song(chain(fx(LIMITER), tag="MASTERFXLIST"), header=header), "SK101", as_is=True)
    assert (found[0].handled is not None) is handled


@pytest.mark.parametrize(
    ("line", "now", "said"),
    [
        ("MASTER_VOLUME 1 0 -1 -1 1", "MASTER_VOLUME 0.5 0 -1 -1 1", "-6.0 dB"),
        ("MASTER_VOLUME 1 0 -1 -1 1", "MASTER_VOLUME 1 -0.5 -1 -1 1", "50% left"),
        ("MASTER_VOLUME 1 0 -1 -1 1", "MASTER_VOLUME 0 0 -1 -1 1", "turned all the way down"),
        ("MASTERMUTESOLO 0", "MASTERMUTESOLO 4", "mono"),  # bits: reaper-facts.md 5.1
        ("MASTERMUTESOLO 0", "MASTERMUTESOLO 1", "muted"),
        ("MASTERMUTESOLO 0", "MASTERMUTESOLO 24", "left minus right"),
    ],
)
def test_what_the_master_does_to_the_level_is_said(line: str, now: str, said: str) -> None:
    found = judged(song(header=changed(line, now)), "SK102")
    assert len(found) == 1
    assert said in found[0].message


def envelope(tag: str, *points: str, act: int = 1) -> str:
    body = "".join(f"    PT {point}\n" for point in points)
    return f"  <{tag}\n    ACT {act} -1\n    ARM 0\n{body}  >\n"


def test_a_neutral_master_passes() -> None:
    flat = envelope("MASTERVOLENV2", "0 1 0", "10 1 0")
    off = envelope("MASTERPANENV2", "0 -1 0", "10 1 0", act=0)
    assert judged(song(flat, off), "SK102") == []


def test_a_master_fade_is_automation() -> None:
    found = judged(song(envelope("MASTERVOLENV2", "0 1 0", "10 0 0")), "SK102")
    assert [f.message for f in found] == ["The master's volume moves between -inf dB and +0.0 dB."]


def test_a_play_rate_is_said() -> None:
    assert "0.5 times" in judged(song(header=HEADER + "  PLAYRATE 0.5 0 0.25 4\n"), "SK102")[0].message


def test_a_limiter_on_a_track_is_said_and_a_compressor_is_not() -> None:
    session = song(
        track("Bass", item(), chain(fx("VST: ReaEQ (Cockos)", "VST: ReaLimit (Cockos)"))),
        track("Vox", item(), chain(fx("VST: ReaComp (Cockos)"))),
        track("Off", item(), chain(fx("VST: ReaLimit (Cockos)", bypassed=1))),
        track("Gone", item(), chain(fx("VST: ReaLimit (Cockos)")), MUTESOLO="1 0 0"),
    )
    found = judged(session, "SK111")
    assert [f.subject for f in found] == ["Bass"]
    assert "ends the track's effects" in found[0].message
