"""Envelopes of tracks, from raw lines as REAPER writes them."""

from __future__ import annotations

import textwrap

import pytest

from stemkit.model.session import AutomationItem, Envelope, EnvelopePoint
from stemkit.reaper.project_file import session_from_document
from stemkit.reaper.rpp import parse


def envelopes_of(body: str) -> tuple[Envelope, ...]:
    text = f"<REAPER_PROJECT 0.1\n<TRACK\n{textwrap.dedent(body)}\n>\n>\n"
    return session_from_document(parse(text.encode(), name="song.rpp"), None).tracks[0].envelopes


@pytest.mark.parametrize(
    ("tag", "target", "stage"),
    [
        ("VOLENV", "volume", "pre_fx"),
        ("VOLENV2", "volume", "post_fx"),
        ("VOLENV3", "volume", "trim"),
        ("PANENV", "pan", "pre_fx"),
        ("PANENV2", "pan", "post_fx"),
        ("DUALPANENVL", "pan", "pre_fx"),
        ("DUALPANENV2", "pan", "post_fx"),
        ("WIDTHENV", "width", "pre_fx"),
        ("WIDTHENV2", "width", "post_fx"),
        ("MUTEENV", "mute", "post_fx"),
    ],
)
def test_what_track_envelopes_move(tag: str, target: str, stage: str) -> None:
    (envelope,) = envelopes_of(f"<{tag}\nACT 1 -1\n>")
    assert (envelope.tag, envelope.target, envelope.stage) == (tag, target, stage)


def test_envelopes_of_hardware_outs_move_nothing() -> None:
    assert envelopes_of("HWOUT 0 0 1 0 0 0 0 -1:U -1\n<HWVOLENV\nACT 1\n>") == ()


def test_a_bare_envelope_is_active_and_out_of_sight() -> None:
    (envelope,) = envelopes_of("<VOLENV2\n>")
    assert envelope == Envelope(tag="VOLENV2", target="volume", stage="post_fx", active=True)


def test_the_lines_of_an_envelope() -> None:
    (envelope,) = envelopes_of("""\
        <VOLENV2
          EGUID {83C7BD09-5B6C-4C6A-9C0E-4F1D7B8F1A3E}
          ACT 1 -1
          VIS 1 1 1
          LANEHEIGHT 0 0
          ARM 1
          DEFSHAPE 0 -1 -1
          VOLTYPE 1
          POOLEDENVINST 6 1.375 0.399 0.115 0.355 1 0.25 -1 1 0 0 1280 1 0 0.012 0
          PT 0 1 0
          PT 0.5 0.25 1 0 1
          PT 1.500000 -0.2 5 0 0 0 -0.7
          PT 2 0.5
        >
        """)
    assert (envelope.active, envelope.visible, envelope.armed, envelope.fader_scaled) == (True, True, True, True)
    assert envelope.points == (
        EnvelopePoint(time_s=0.0, value=1.0),
        EnvelopePoint(time_s=0.5, value=0.25, shape=1),
        EnvelopePoint(time_s=1.5, value=-0.2, shape=5, tension=-0.7),
        EnvelopePoint(time_s=2.0, value=0.5),
    )
    assert envelope.automation_items == (
        AutomationItem(
            pool_id=6,
            position_s=1.375,
            length_s=0.399,
            start_offset_s=0.115,
            play_rate=0.355,
            baseline=0.25,
            amplitude=-1.0,
            loop=True,
            muted=True,
        ),
    )
