from __future__ import annotations

import io
import zipfile
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree as ET

import mido
import pytest

from stemkit.delivery.midi import TICKS_PER_QUARTER, instrument_midi, tempo_map_midi
from stemkit.delivery.session_dawproject import session_dawproject
from stemkit.delivery.session_layout import SessionLayout, fader_gains, lay_out
from stemkit.delivery.session_rpp import session_rpp
from stemkit.model.audio import AudioFacts, ContainerFacts, FileFacts
from stemkit.model.plan import Bounds, PlannedStem, RenderPlan
from stemkit.model.session import (
    Item,
    Marker,
    MidiEvent,
    MidiSource,
    Region,
    Session,
    Source,
    Take,
    TempoPoint,
    Track,
)
from stemkit.reaper.project_file import session_from_document
from stemkit.reaper.rpp import parse
from stemkit.render.finish import now_or_fixed
from stemkit.session.tempo import TempoMap

SHARED = Path(__file__).resolve().parents[2].parent / "shared" / "dawproject"
RATE = 48_000
SONG = Session(
    source="made",
    tempo_bpm=120,
    measure_offset=-2,  # the ruler counts from bar -1, so that bar 1 lies two bars in
    tempo_points=(
        TempoPoint(time_s=0, bpm=120, numerator=4, denominator=4),
        TempoPoint(time_s=8, bpm=120, linear=True),
        TempoPoint(time_s=12, bpm=90, numerator=3, denominator=4),
        TempoPoint(time_s=20, bpm=140),
    ),
    markers=(Marker(index=1, position_s=1.0, name="Count in"), Marker(index=2, position_s=4.0, name='Verse "A"')),
    regions=(Region(index=1, start_s=12.0, end_s=16.0, name="Waltz", color=0x0000FF),),
    tracks=(
        Track(guid="{F}", index=0, name="Drums", depth_change=1, color=0x00FF00),
        Track(guid="{1}", index=1, name="Kick", color=0x123456),
        Track(guid="{2}", index=2, name="Snare", depth_change=-1),
        Track(guid="{3}", index=3, name="Bass"),
    ),
)


def plan(start_s: float) -> RenderPlan:
    stems = [("01_Kick", "{1}"), ("02_Snare", "{2}"), ("03_Bass", "{3}")]
    return RenderPlan(
        project="Song",
        by="track",
        stems=tuple(
            PlannedStem(number=n, name=name[3:], file_name=name, kind="track", cut_guid=guid, inputs="items")
            for n, (name, guid) in enumerate(stems, 1)
        ),
        excluded=(),
        stops=frozenset(),
        bounds=Bounds(start_s=start_s, end_s=start_s + 20, start_frame=0, frames=20 * RATE),
        sample_rate=RATE,
        sample_rate_reason="",
    )


def audio(path: str, role: str = "stem") -> FileFacts:
    facts = AudioFacts(sample_rate=RATE, channels=2, frames=20 * RATE)
    header = ContainerFacts(container="wav", size_bytes=1, sample_rate=RATE)
    return FileFacts(path=path, role=role, container=header, audio=facts)  # type: ignore[arg-type]


TRIMS = {"Stems/01_Kick.wav": 6.0, "Stems/02_Snare.wav": -2.0, "Stems/03_Bass.wav": 0.0}


def layout(start_s: float = 4.0) -> SessionLayout:
    files = [*map(audio, TRIMS), audio("Mix/Rough_Mix.wav", "rough_mix"), audio("References/A.wav", "reference")]
    return lay_out(SONG, plan(start_s), files, TRIMS, title="Song <&>", artist="A & B")


def reread(laid: SessionLayout) -> Session:
    return session_from_document(parse(session_rpp(laid), name="Session.rpp"), None)


HOSTILE = """a
  >
  <TRACK {X}\r
    NAME "b" 'c' `d`\0\x1b[2J\u2028\udcff <&]]>"""


def test_hostile_names_add_nothing_to_the_session_files() -> None:
    """Line ends, each kind of quote, markup, controls, and bytes that are no text: names stay names."""
    hostile = replace(
        SONG,
        markers=tuple(replace(marker, name=HOSTILE) for marker in SONG.markers),
        regions=tuple(replace(region, name=HOSTILE) for region in SONG.regions),
        tracks=tuple(replace(track, name=HOSTILE) for track in SONG.tracks),
    )
    renamed = plan(4.0)
    renamed = replace(renamed, stems=tuple(replace(stem, name=HOSTILE) for stem in renamed.stems))
    files = [*map(audio, TRIMS), audio("Mix/Rough_Mix.wav", "rough_mix"), audio("References/A.wav", "reference")]
    laid = lay_out(hostile, renamed, files, TRIMS, title=HOSTILE, artist=HOSTILE)
    assert len(session_rpp(laid).splitlines()) == len(session_rpp(layout()).splitlines())
    assert [track.depth_change for track in reread(laid).tracks] == [
        track.depth_change for track in reread(layout()).tracks
    ]
    with zipfile.ZipFile(io.BytesIO(session_dawproject(laid, genre=HOSTILE, made_at=now_or_fixed()))) as packed:
        shapes = [[node.tag for node in ET.fromstring(packed.read(n)).iter()] for n in ("project.xml", "metadata.xml")]
    with zipfile.ZipFile(io.BytesIO(session_dawproject(layout(), genre="x", made_at=now_or_fixed()))) as packed:
        assert shapes == [
            [node.tag for node in ET.fromstring(packed.read(n)).iter()] for n in ("project.xml", "metadata.xml")
        ]
    assert len(mido.MidiFile(file=io.BytesIO(tempo_map_midi(laid))).tracks) == 1


def test_faders_undo_the_trims_and_the_highest_stands_at_0_db() -> None:
    gains = fader_gains({"a": 6.0, "b": -2.0, "c": 0.0})
    assert gains["b"] == 1
    assert gains["a"] == pytest.approx(10 ** (-8 / 20))
    assert fader_gains({}) == {}


def test_the_start_becomes_the_sessions_zero_with_its_bar_number() -> None:
    laid = layout()
    assert (laid.position_s, laid.first_bar) == (0.0, 1)
    assert [m.name for m in laid.markers] == ['Verse "A"', "Waltz"]
    assert [(round(s.time_s, 9), s.bpm) for s in laid.tempo] == [(0, 120), (4, 120), (8, 90), (16, 140)]


def test_a_start_between_bar_lines_keeps_the_grid() -> None:
    laid = layout(5.0)
    assert laid.position_s == pytest.approx(1.0)
    assert laid.position_quarters == pytest.approx(2.0)
    assert reread(laid).tracks[1].items[0].position_s == pytest.approx(1.0)


def test_the_tempo_map_of_session_rpp_has_every_bar_where_the_project_has_it() -> None:
    ours, theirs = TempoMap.of(reread(layout())), TempoMap.of(SONG)
    for bar in range(1, 14):
        assert ours.time_of(bar) == pytest.approx(theirs.time_of(bar) - 4.0, abs=1e-6)
        assert ours.beats_in(bar) == theirs.beats_in(bar)


def test_session_rpp_keeps_names_colours_folders_and_regions() -> None:
    session = reread(layout())
    assert [(t.name, t.depth_change) for t in session.tracks] == [
        ("Drums", 1), ("01 Kick", 0), ("02 Snare", -1), ("03 Bass", 0),
        ("Mix and references", 1), ("Rough Mix", 0), ("A", -1),
    ]  # fmt: skip
    assert (session.tracks[0].color, session.tracks[1].color, session.tracks[2].color) == (0x00FF00, 0x123456, None)
    assert [t.mute for t in session.tracks] == [False] * 4 + [False, True, True]
    assert [(r.start_s, r.end_s, r.name, r.color) for r in session.regions] == [(8, 12, "Waltz", 0x0000FF)]
    assert [m.name for m in session.markers] == ['Verse "A"']
    assert (session.title, session.author) == ("Song <&>", "A & B")


def test_dry_and_wet_versions_lie_beside_their_stem_and_are_muted() -> None:
    planned = plan(4.0)
    dry = replace(planned.stems[0], file_name="01_Kick_Dry", variant="dry")
    planned = replace(planned, stems=(*planned.stems, dry))
    twin = replace(audio("Stems_Dry/01_Kick_Dry.wav"), variant="dry")
    trims = {**TRIMS, twin.path: 6.0}
    laid = lay_out(SONG, planned, [*map(audio, TRIMS), twin], trims, title="Song", artist="")
    kick, _, kick_dry = laid.folders[0].tracks
    assert (kick_dry.name, kick_dry.muted, kick.muted) == ("01 Kick Dry", True, False)
    assert kick_dry.gain == kick.gain


def tempo_times(data: bytes) -> list[tuple[float, str]]:
    """Play a MIDI file's clock and return when each meter and marker comes."""
    file = mido.MidiFile(file=io.BytesIO(data))
    assert file.ticks_per_beat == TICKS_PER_QUARTER
    now, tempo, told = 0.0, 500_000, []
    for message in mido.merge_tracks(file.tracks):
        now += mido.tick2second(message.time, TICKS_PER_QUARTER, tempo)
        if message.type == "set_tempo":
            tempo = message.tempo
        elif message.type == "time_signature":
            told.append((now, f"{message.numerator}/{message.denominator}"))
        elif message.type == "marker":
            told.append((now, message.text))
    return told


def test_the_tempo_map_as_midi_puts_meters_and_markers_at_their_times() -> None:
    told = tempo_times(tempo_map_midi(layout()))
    assert [name for _, name in told] == ["4/4", 'Verse "A"', "3/4", "Waltz"]
    assert [at for at, _ in told] == pytest.approx([0, 0, 8, 8], abs=0.002)  # ticks and microseconds are rounded


def test_the_notes_of_an_instrument_loop_end_with_their_item_and_lie_at_their_time() -> None:
    events = (MidiEvent(tick=0, data=b"\x90\x3c\x64"), MidiEvent(tick=480, data=b"\x80\x3c\x00"))
    source = Source(kind="midi", midi=MidiSource(ticks_per_quarter=960, length_ticks=1920, events=events))
    item = Item(position_s=4.0, length_s=2.1, loop=True, takes=(Take(active=True, source=source),))
    track = Track(guid="{M}", index=0, name="Synth", items=(item,))
    data = instrument_midi(Session(source="made", tempo_bpm=120, tracks=(track,)), track, 4.0)
    assert data is not None
    now, notes = 0, []
    for message in mido.MidiFile(file=io.BytesIO(data)).tracks[0]:
        now += message.time
        if message.type in ("note_on", "note_off"):
            notes.append((now, message.type))
    assert notes == [(0, "note_on"), (480, "note_off"), (1920, "note_on"), (2400, "note_off"),
                     (3840, "note_on"), (4032, "note_off")]  # fmt: skip
    assert instrument_midi(SONG, SONG.tracks[1], 0.0) is None


def project_xml(laid: SessionLayout) -> bytes:
    packed = session_dawproject(laid, genre="Pop", made_at=now_or_fixed())
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        assert archive.namelist() == ["project.xml", "metadata.xml"]
        return archive.read("project.xml")


@pytest.mark.skipif(not SHARED.is_dir(), reason="the schemas of DAWproject are not beside the checkout")
@pytest.mark.parametrize("start_s", [4.0, 5.0])
def test_dawproject_with_tempo_map_folders_and_markers_is_valid(start_s: float) -> None:
    import xmlschema

    xmlschema.XMLSchema(str(SHARED / "Project.xsd")).validate(project_xml(layout(start_s)).decode())


def test_dawproject_holds_tempo_meter_markers_colours_and_times() -> None:
    root = ET.fromstring(project_xml(layout(5.0)))
    points = root.findall("Arrangement/TempoAutomation/RealPoint")
    assert [(float(p.get("time", "")), float(p.get("value", ""))) for p in points][:2] == [(0, 120), (8, 120)]
    assert points[1].get("interpolation") == "linear"
    meters = root.findall("Arrangement/TimeSignatureAutomation/TimeSignaturePoint")
    assert [m.get("numerator") for m in meters] == ["4", "4", "3", "3"]
    assert [m.get("name") for m in root.findall("Arrangement/Markers/Marker")] == ['Verse "A"', "Waltz"]
    assert root.find("Structure/Track").get("color") == "#00ff00"  # type: ignore[union-attr]
    clip = root.find(".//Clip")
    assert clip is not None
    assert (float(clip.get("time", "")), clip.get("contentTimeUnit"), clip.get("playStop")) == (2.0, "seconds", "20")
