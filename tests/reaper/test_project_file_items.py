"""Items, takes, sources and MIDI, from raw lines as REAPER writes them."""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest

from stemkit.errors import InputError
from stemkit.model.session import Fade, Item, MidiEvent, MidiSource, Source, Take
from stemkit.reaper.project_file import session_from_document
from stemkit.reaper.rpp import parse


def items_of(body: str, folder: Path = Path("/songs")) -> tuple[Item, ...]:
    text = f"<REAPER_PROJECT 0.1\n<TRACK\n{textwrap.dedent(body)}\n>\n>\n"
    return session_from_document(parse(text.encode(), name="song.rpp"), folder / "song.rpp").tracks[0].items


def item_of(body: str) -> Item:
    return items_of(f"<ITEM\n{textwrap.dedent(body)}\n>")[0]


def take_of(body: str) -> Take:
    (take,) = item_of(body).takes
    return take


WAVE = '<SOURCE WAVE\n  FILE "a.wav"\n>\n'


def test_the_lines_of_an_item() -> None:
    item = item_of(f"""\
POSITION 1.5
SNAPOFFS 0
LENGTH 25
LOOP 1
ALLTAKES 1
FADEIN 1.1 7.25 0.5 1 1 -0.25 0.0225
FADEOUT 5 0.125 0 5 0 0 0
MUTE 1 -1
COLOR 24516003 R
SEL 0
LOCK 1
IGUID {{I}}
<NOTES
  |sing louder
>
NAME Ambient.ogg
VOLPAN 0.5 -0.25 -0.75 0.7
SOFFS 0.125
PLAYRATE 0.5 0 -12 -1 0 0.0025
CHANMODE 3
GUID {{G}}
{WAVE}SM 0 0 + 0.574 0.5 + 1.348 1.273
<VOLENV
  ACT 1 -1
  PT 0 0.5 0
>
<PITCHENV
  ACT 0 -1
>
<TAKEFX
  BYPASS 0 0 0
  <JS utility/volume ""
  >
>
""")
    (take,) = item.takes
    assert item == Item(
        position_s=1.5,
        length_s=25.0,
        guid="{I}",
        loop=True,
        mute=True,
        solo_state=-1,
        volume=0.5,
        fade_in=Fade(shape=1.1, length_s=7.25, auto_length_s=0.5, curvature=-0.25),
        fade_out=Fade(shape=5.0, length_s=0.125),
        all_takes=True,
        takes=(take,),
        locked=True,
        color=24516003 & 0xFFFFFF,
        notes="sing louder",
    )
    assert take == Take(
        name="Ambient.ogg",
        guid="{G}",
        active=True,
        source=take.source,
        volume=-0.75,
        pan=-0.25,
        pan_law=0.7,
        source_offset_s=0.125,
        play_rate=0.5,
        preserve_pitch=False,
        pitch_semitones=-12.0,
        channel_mode=3,
        stretch_markers=3,
        fx=take.fx,
        envelopes=take.envelopes,
    )
    # VOLENV means something else inside an item than on a track.
    assert [(e.tag, e.target, e.stage, e.active) for e in take.envelopes] == [
        ("VOLENV", "volume", "take", True),
        ("PITCHENV", "pitch", "take", False),
    ]
    assert [effect.name for effect in take.fx.effects] == ["utility/volume"]


def test_version_3_leaves_most_fields_out() -> None:
    item = item_of(f"POSITION 16.000000\nLENGTH 4.027520\nLOOP 1\nFADEIN 0 0.25 0.000000\nMUTE 0\n{WAVE}")
    assert item.fade_in == Fade(shape=0.0, length_s=0.25)
    assert item.fade_out == Fade()
    assert (item.mute, item.solo_state) == (False, 0)
    assert item.takes[0].play_rate == 1.0


TAKES = f"""\
NAME one
VOLPAN 1 0 0.5 -1
{WAVE}TAKE{{first}}
NAME two
TAKEVOLPAN 0.25 0.75 -1.000000
SOFFS 1
{WAVE}TAKE NULL{{null}}
TAKE{{last}}
NAME three
{WAVE}"""


@pytest.mark.parametrize(
    ("marks", "active"),
    [
        ({"first": "", "null": "", "last": ""}, 0),  # none is marked: the first plays
        ({"first": " SEL", "null": "", "last": ""}, 1),
        ({"first": "", "null": " SEL", "last": ""}, 2),
        ({"first": "", "null": "", "last": " SEL"}, 3),
    ],
)
def test_takes(marks: dict[str, str], active: int) -> None:
    takes = item_of(TAKES.format(**marks)).takes
    assert [take.name for take in takes] == ["one", "two", "", "three"]
    assert [take.active for take in takes] == [place == active for place in range(4)]
    assert [take.source is None for take in takes] == [False, False, True, False]
    # Later takes: pan, volume, law; the first: item volume, pan, volume, law.
    assert [(take.volume, take.pan) for take in takes] == [(0.5, 0.0), (0.75, 0.25), (1.0, 0.0), (1.0, 0.0)]


def test_an_item_without_a_source_is_empty() -> None:
    item = item_of("NAME note\nVOLPAN 1 0 1 -1\n<NOTES\n  |buy milk\n>")
    assert (item.takes, item.active_take, item.notes) == ((), None, "buy milk")


def test_the_topmost_empty_take_has_no_line() -> None:
    takes = item_of(f"VOLPAN 1 0 1 -1\nTAKE\nNAME two\n{WAVE}").takes
    assert [(take.name, take.source is None) for take in takes] == [("", True), ("two", False)]


def test_a_take_name_with_all_quote_signs() -> None:
    assert take_of(f"NAME `''\"`\n<NAME\n  |'`\"\n>\n{WAVE}").name == "'`\""


def test_effects_and_envelopes_belong_to_the_take_they_follow() -> None:
    chain = '<TAKEFX\n<JS {} ""\n>\n>\n<PANENV\nACT 1\n>\n'
    takes = item_of(f"{WAVE}{chain.format('a')}TAKE\n{WAVE}{chain.format('b')}").takes
    assert [take.fx.effects[0].name for take in takes] == ["a", "b"]
    assert [len(take.envelopes) for take in takes] == [1, 1]


def test_a_section_plays_a_window_of_its_child() -> None:
    source = take_of("""\
        <SOURCE SECTION
          LENGTH 190.492625
          STARTPOS 10
          OVERLAP 0.01
          MODE 2
          <SOURCE _OFFLINE_MP3
            FILE "C:\\x\\astronomia.mp3" 1
          >
        >
        """).source
    assert source is not None
    assert (source.kind, source.section_start_s, source.section_length_s) == ("section", 10.0, 190.492625)
    assert (source.section_overlap_s, source.section_mode) == (0.01, 2)
    assert (source.media.kind, source.media.offline, source.media.file_flags) == ("mp3", True, ("1",))
    assert source.media.file == "C:\\x\\astronomia.mp3"
    assert source.media.resolved_path is None


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        ("WAVE", "wave"),
        ("VORBIS", "vorbis"),
        ("VIDEO", "video"),
        ("EMPTY", "empty"),
        ("CLICK", "click"),
        ("LTC", "ltc"),
        ("RPP_PROJECT", "rpp_project"),
        ("", "empty"),
    ],
)
def test_source_kinds(head: str, kind: str) -> None:
    assert take_of(f"<SOURCE {head}\n>").source == Source(kind=kind)


MIDI = """\
<SOURCE {kind}
  HASDATA 1 480 QN
  POOLEDEVTS {{P}}
  E 0 90 3c 0a
  e 960 80 3c 00
  Em 10 90 40 7f
  E 0 c1 05 00
  <X 5 0 0 0 3 "PART BASS"
    /wNQQVJUIEJBU1M=
  >
  <x 0 0
    8AECAwQF9w==
  >
  E 25 b0 7b 00
  GUID {{98B591DE-C8F2-48A8-8C33-ECF32C7E41E5}}
  IGNTEMPO 0 120 4 4
>
"""
MIDI_EVENTS = MidiSource(
    ticks_per_quarter=480,
    length_ticks=1000,
    events=(
        MidiEvent(tick=0, data=b"\x90\x3c\x0a"),
        MidiEvent(tick=960, data=b"\x80\x3c\x00"),
        # Em is muted in the editor: it moves the clock and makes no sound.
        MidiEvent(tick=970, data=b"\xc1\x05"),  # program change: the second data byte means nothing
        MidiEvent(tick=975, data=b"\xff\x03PART BASS"),
        MidiEvent(tick=975, data=b"\xf0\x01\x02\x03\x04\x05\xf7"),
        # The all-notes-off at the end is REAPER's end mark.
    ),
)


def test_midi_events() -> None:
    assert take_of(MIDI.format(kind="MIDI")).source == Source(kind="midi", midi=MIDI_EVENTS)


def test_pooled_midi_is_found_in_the_item_that_holds_it() -> None:
    ghost = "<ITEM\n<SOURCE MIDIPOOL\n  POOLEDEVTS {P}\n>\n>\n"
    lost = "<ITEM\n<SOURCE MIDIPOOL\n  POOLEDEVTS {OTHER}\n>\n>\n"
    items = items_of(f"{ghost}<ITEM\n{MIDI.format(kind='MIDI')}>\n{lost}")
    sources = [item.takes[0].source for item in items]
    assert sources == [Source(kind="midi", midi=MIDI_EVENTS)] * 2 + [Source(kind="midi")]


def test_spoiled_midi_is_left_out() -> None:
    source = take_of("<SOURCE MIDI\nHASDATA 1 960 QN\nE 10 zz 3c 0a\n<X 5 0\n???\n>\nE 5 90 3c 0a\n>").source
    assert source is not None
    assert source.midi == MidiSource(
        ticks_per_quarter=960, length_ticks=20, events=(MidiEvent(tick=20, data=b"\x90\x3c\x0a"),)
    )


def test_sections_cannot_be_nested_for_ever() -> None:
    depth = 5000
    with pytest.raises(InputError, match=r"song\.rpp, line \d+: sources lie more than 64 deep"):
        item_of("<SOURCE SECTION\n" * depth + ">\n" * depth)


def test_media_paths_are_looked_for_beside_the_project(tmp_path: Path) -> None:
    (tmp_path / "Audio").mkdir()
    (tmp_path / "Audio" / "Kick 01.wav").touch()
    (item,) = items_of('<ITEM\n<SOURCE WAVE\n  FILE "Audio\\Kick 01.wav"\n>\n>', tmp_path)
    source = item.takes[0].source
    assert source is not None
    assert source.resolved_path == str(tmp_path / "Audio" / "Kick 01.wav")
    assert source.file == "Audio\\Kick 01.wav"
