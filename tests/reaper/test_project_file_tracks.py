"""Tracks and sends, from raw lines as REAPER writes them."""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest

from stemkit.model.session import (
    ChannelRange,
    HardwareOut,
    MainSend,
    Send,
    Track,
)
from stemkit.reaper.project_file import session_from_document
from stemkit.reaper.rpp import parse


def tracks_of(*bodies: str, header: str = "") -> tuple[Track, ...]:
    tracks = "".join(f"<TRACK {{T{n}}}\n{textwrap.dedent(body)}\n>\n" for n, body in enumerate(bodies))
    text = f"<REAPER_PROJECT 0.1\n{header}\n{tracks}>\n"
    return session_from_document(parse(text.encode(), name="song.rpp"), Path("/songs/song.rpp")).tracks


def track_of(body: str, header: str = "") -> Track:
    return tracks_of(body, header=header)[0]


def test_a_bare_track_has_reapers_defaults() -> None:
    assert track_of("") == Track(guid="{T0}", index=0)


def test_the_lines_of_reaper_7() -> None:
    track = track_of("""\
        NAME "Lead Vocal"
        PEAKCOL 33521664
        AUTOMODE 4
        PANLAWFLAGS 3
        VOLPAN 0.5 -0.25 0.7 -1 1
        PANMODE 3
        MUTESOLO 1 2 1
        IPHASE 1
        PLAYOFFS 0.01 2
        ISBUS 2 -2
        SHOWINMIX 0 0.6667 0.5 0 0.5 -1 -1 -1
        SEL 1
        REC 1 5088 1 0 0 0 0 0
        NCHAN 4
        FX 0
        MAINSEND 0 63
        MAINSEND_NCH 2
        HWOUT 1024 0 0.5 0.25 1 0 0 -1:U -1
        """)
    assert track == Track(
        guid="{T0}",
        index=0,
        name="Lead Vocal",
        color=33521664 & 0xFFFFFF,
        automation_mode=4,
        pan_law_flags=3,
        volume=0.5,
        pan=-0.25,
        pan_law=0.7,
        pan_mode=3,
        mute=True,
        solo=2,
        solo_defeat=True,
        phase_inverted=True,
        play_offset=0.01,
        play_offset_flags=2,
        depth_change=-2,
        visible_in_mixer=False,
        visible_in_arrange=False,
        selected=True,
        record_armed=True,
        channels=4,
        fx=track.fx,
        main_send=MainSend(enabled=False, channel_offset=63, channel_count=2),
        hardware_outs=(HardwareOut(output=1024, volume=0.5, pan=0.25, mute=True),),
    )
    assert not track.fx.enabled


@pytest.mark.parametrize(
    ("lines", "facts"),
    [
        ("MUTESOLO 1 0", {"mute": True, "solo": 0, "solo_defeat": False}),  # v3: two fields
        ("MAINSEND 1", {"main_send": MainSend()}),  # v3: one field
        ("MAINSEND 0", {"main_send": MainSend(enabled=False)}),
        ("VOLPAN 0.5 0.1 -1", {"volume": 0.5, "pan": 0.1, "pan_law": None}),  # v3: three fields
        ("ISBUS 0", {"depth_change": 0}),  # v2: one field
        ("ISBUS 1", {"depth_change": 1}),
        ("ISBUS 2", {"depth_change": -1}),
        ("ISBUS 1 1", {"depth_change": 1}),
        ("SHOWINMIX 0 0.6667 0.5 1 0.5 0 0 0", {"visible_in_mixer": False, "visible_in_arrange": True}),
        ("PEAKCOL 16576", {"color": None}),  # REAPER's "no colour chosen"
        ("NAME 5.50", {"name": "5.50"}),  # no number
        ("NAME 01", {"name": "01"}),
        ("NAME <", {"name": "<"}),
    ],
)
def test_old_and_odd_forms(lines: str, facts: dict[str, object]) -> None:
    track = track_of(lines)
    assert {name: getattr(track, name) for name in facts} == facts


@pytest.mark.parametrize(
    ("header", "mode_line", "width", "dual_pan"),
    [
        ("PANMODE 3", "", 1.0, None),
        ("PANMODE 5", "", 0.25, None),
        ("PANMODE 3", "PANMODE 5", 0.25, None),
        ("PANMODE 5", "PANMODE 6", 1.0, (-0.5, 0.25)),
        ("PANMODE 6", "", 1.0, (-0.5, 0.25)),
        ("PANMODE 6", "PANMODE -1", 1.0, (-0.5, 0.25)),  # -1: the project's
    ],
)
def test_the_pan_mode_tells_what_the_last_pan_values_are(
    header: str, mode_line: str, width: float, dual_pan: tuple[float, float] | None
) -> None:
    track = track_of(f"VOLPAN 1 0 -1 -0.5 0.25\n{mode_line}", header)
    assert (track.width, track.dual_pan) == (width, dual_pan)


def test_a_name_block_holds_what_the_name_line_cannot() -> None:
    # The line is REAPER's spoiled copy of a name with all three quote signs.
    track = track_of("""\
        NAME `''''''\"\"\"`
        <NAME
          |'''```\"\"\"
        >
        """)
    assert track.name == "'''```\"\"\""


def test_guids_are_unique_whatever_the_file_says() -> None:
    text = "<REAPER_PROJECT 0.1\n<TRACK\nTRACKID {A}\n>\n<TRACK '{A}'\n>\n<TRACK\n>\n>\n"
    tracks = session_from_document(parse(text.encode(), name="song.rpp"), None).tracks
    assert [track.guid for track in tracks] == ["{A}", "{track-2}", "{track-3}"]


def test_look_alikes_are_not_counted() -> None:
    (track,) = tracks_of(
        """\
        <FREEZE 0
          <FXCHAIN
            <JS frozen/effect ""
            >
          >
          <ITEM
            POSITION 1
          >
          <TRACK {FROZEN}
          >
        >
        <FREEZE 1
        >
        <ITEM
          POSITION 2
        >
        """,
        header="""\
        <EXTENSIONS
          <SWSSNAPSHOT
            <TRACK {SNAPSHOT}
              <ITEM
              >
            >
          >
        >
        """,
    )
    assert track.guid == "{T0}"
    assert track.freeze_count == 2
    assert [item.position_s for item in track.items] == [2.0]
    assert track.fx.effects == ()


def test_sends_stand_on_their_destination() -> None:
    source, destination = tracks_of(
        "",
        """\
        AUXRECV 0 3 0.5 -0.25 1 1 1 2 1026 0.7:U 31 2 ''
        <AUXVOLENV
          ACT 1 -1
          PT 0 1 0
        >
        <AUXMUTEENV
          ACT 0 -1
        >
        AUXRECV 0 0 1 0 0 0 0 -1 0 -1:U 0 -1 ''
        <VOLENV2
          ACT 1
        >
        AUXRECV 9 0 1 0 0 0 0 0 0 -1:U 0 -1 ''
        """,
    )
    assert source.receives == ()
    first, second = destination.receives  # the third comes from a track that is not there
    assert first == Send(
        source_guid="{T0}",
        destination_guid="{T1}",
        mode=3,
        volume=0.5,
        pan=-0.25,
        mute=True,
        mono=True,
        phase_inverted=True,
        source_channels=ChannelRange(first=2, count=2),
        destination_channels=ChannelRange(first=2, count=1),
        pan_law=0.7,
        carries_midi=False,
        automation_mode=2,
        envelopes=first.envelopes,
    )
    assert [(e.tag, e.target, e.stage, e.active) for e in first.envelopes] == [
        ("AUXVOLENV", "volume", "send", True),
        ("AUXMUTEENV", "mute", "send", False),
    ]
    assert (second.source_channels, second.pan_law, second.carries_midi) == (None, None, True)
    assert second.envelopes == ()
    assert [envelope.tag for envelope in destination.envelopes] == ["VOLENV2"]


@pytest.mark.parametrize("flag", ["mute", "mono", "phase_inverted"])
def test_switches_of_a_send(flag: str) -> None:
    flags = " ".join(str(int(name == flag)) for name in ("mute", "mono", "phase_inverted"))
    _, track = tracks_of("", f"AUXRECV 0 0 1 0 {flags} 0 0 -1:U 0 -1 ''")
    assert track.receives[0] == Send(
        source_guid="{T0}",
        destination_guid="{T1}",
        mute=flag == "mute",
        mono=flag == "mono",
        phase_inverted=flag == "phase_inverted",
    )


def test_a_send_of_version_3_stops_after_eleven_fields() -> None:
    _, destination = tracks_of("", "AUXRECV 0 0 0.25 0.5 0 0 0 0 0 -1.00000000000000 0")
    (send,) = destination.receives
    assert send == Send(source_guid="{T0}", destination_guid="{T1}", volume=0.25, pan=0.5)


@pytest.mark.parametrize(
    ("source", "destination", "from_channels", "to_channels"),
    [
        (0, 0, ChannelRange(first=0, count=2), ChannelRange(first=0, count=2)),
        (2, 4, ChannelRange(first=2, count=2), ChannelRange(first=4, count=2)),
        (1025, 1024, ChannelRange(first=1, count=1), ChannelRange(first=0, count=1)),
        (1025, 0, ChannelRange(first=1, count=1), ChannelRange(first=0, count=2)),  # mono to both sides
        (2048, 6, ChannelRange(first=0, count=4), ChannelRange(first=6, count=4)),
        (3072, 2, ChannelRange(first=0, count=6), ChannelRange(first=2, count=6)),
        (32768, 0, ChannelRange(first=0, count=64), ChannelRange(first=0, count=64)),
        (-1, 2, None, ChannelRange(first=2, count=2)),
    ],
)
def test_channel_codes(
    source: int, destination: int, from_channels: ChannelRange | None, to_channels: ChannelRange
) -> None:
    _, track = tracks_of("", f"AUXRECV 0 0 1 0 0 0 0 {source} {destination} -1:U 0 -1 ''")
    assert track.receives[0].source_channels == from_channels
    assert track.receives[0].destination_channels == to_channels


def test_fixed_lanes() -> None:
    item = "<ITEM\nYPOS {} 0.25 2\n>\n"
    lanes = "".join(item.format(top) for top in (0, 0.25, 0.5))
    track = track_of(f"FREEMODE 2\nFIXEDLANES 9 0 0 0 0\nLANESOLO 4 0 0 0 0 0 0 0\n{lanes}")
    assert (track.free_mode, track.lane_count, track.lanes_playing) == (2, 4, 4)
    assert [(item.lane_top, item.lane_height) for item in track.items] == [(0.0, 0.25), (0.25, 0.25), (0.5, 0.25)]


def test_without_lanesolo_all_lanes_play() -> None:
    assert track_of("FREEMODE 2\n<ITEM\nYPOS 0 0.5 2\n>").lanes_playing is None
    assert track_of("LANESOLO 1 0 0 0 0 0 0 0").lanes_playing is None  # lanes are off: the line is a left-over
