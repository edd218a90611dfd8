"""The header of a project: raw lines as REAPER writes them, and the facts they become."""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest

from stemkit.errors import InputError
from stemkit.model.session import Marker, PanSettings, Region, RenderSettings, Session, TempoPoint
from stemkit.reaper.project_file import load_project, session_from_document
from stemkit.reaper.rpp import parse


def session_of(body: str, head: str = '<REAPER_PROJECT 0.1 "7.16/win64" 1700000000') -> Session:
    text = f"{head}\n{textwrap.indent(textwrap.dedent(body), '  ')}\n>\n"
    return session_from_document(parse(text.encode(), name="song.rpp"), Path("/songs/song.rpp"))


def test_a_bare_project_has_reapers_defaults() -> None:
    session = session_of("", head="<REAPER_PROJECT 0.1")
    assert session == Session(source="rpp", path="/songs/song.rpp")


@pytest.mark.parametrize(
    ("head", "version"),
    [
        ('<REAPER_PROJECT 0.1 "7.42/macOS-arm64" 1700000000', "7.42/macOS-arm64"),
        ('<REAPER_PROJECT 0.1 "6.52+dev0323/win64" 1 0', "6.52+dev0323/win64"),
        ("<REAPER_PROJECT 0.1 5.50c 1", "5.50c"),  # no number: versions are text
        ("<REAPER_PROJECT 0.1", ""),
        ("<REAPER_PROJECT", ""),
    ],
)
def test_version(head: str, version: str) -> None:
    assert session_of("", head=head).reaper_version == version


def test_words() -> None:
    session = session_of("""\
        <NOTES 0 2
          |genre: dub
          |
          |<loud>
        >
        TITLE "Night Drive"
        AUTHOR 'the "A" team'
        """)
    assert (session.title, session.author, session.notes) == ("Night Drive", 'the "A" team', "genre: dub\n\n<loud>")


@pytest.mark.parametrize(
    ("line", "rate", "forced"),
    [
        ("SAMPLERATE 44100 0 0", 44100, False),  # a default that nobody chose
        ("SAMPLERATE 48000 1 0", 48000, True),
        ("SAMPLERATE 96000 1", 96000, True),  # v3
        ("", None, False),
    ],
)
def test_sample_rate(line: str, rate: int | None, forced: bool) -> None:
    session = session_of(line)
    assert (session.sample_rate, session.sample_rate_forced) == (rate, forced)


def test_a_tempo_map_counts_only_when_active() -> None:
    body = """\
        TEMPO 180 3 8
        <TEMPOENVEX
          ACT {} -1
          VIS 1 0 1
          PT 0.000000000000 79.0000000000 1 262148 0 1
          PT 12.5 90 0 0 0 0
          PT 20 120.5
          PT 30 0 1 262148
          PT 40 100 1 4
          PT 50 100 1 262144
        >
        """
    still = session_of(body.format(0))
    assert (still.tempo_bpm, still.meter, still.tempo_points) == (180.0, (3, 8), ())
    moving = session_of(body.format(1))
    assert (moving.tempo_bpm, moving.meter) == (79.0, (4, 4))  # 262148 = 65536 * 4 + 4
    assert moving.tempo_points == (
        TempoPoint(time_s=0.0, bpm=79.0, numerator=4, denominator=4, linear=False),
        TempoPoint(time_s=12.5, bpm=90.0, linear=True),
        TempoPoint(time_s=20.0, bpm=120.5, linear=True),
        # No tempo at 30 s; at 40 and 50 s half a meter, which is none.
        TempoPoint(time_s=40.0, bpm=100.0),
        TempoPoint(time_s=50.0, bpm=100.0),
    )


@pytest.mark.parametrize(
    ("line", "bpm", "meter"),
    [
        ("TEMPO 120 4 4", 120.0, (4, 4)),
        ("TEMPO 97.5 7 8 0", 97.5, (7, 8)),
        ("TEMPO 120.000000 3.000000", 120.0, (3, 4)),  # v2: beats of a measure, in quarters
        ("TEMPO 0 0 0", 120.0, (4, 4)),  # no tempo at all would divide by zero
        ("", 120.0, (4, 4)),
    ],
)
def test_tempo_line(line: str, bpm: float, meter: tuple[int, int]) -> None:
    session = session_of(line)
    assert (session.tempo_bpm, session.meter) == (bpm, meter)


def test_markers_and_regions() -> None:
    session = session_of("""\
        MARKER 1 1.00000000000000 '"Verse"' 0
        MARKER 2 0 Pickup 1 0 1 R {4280D332-50E9-42B8-9AB1-FF1A9F6394B6}
        MARKER 2 3.75 "" 1 0 1 R
        MARKER 3 4 "A Loop" 9 25198847 1 R {0F4E0923-2243-4B37-BEF0-5DF26ABB1E44} 0
        MARKER 1 4.5 "" 16 25198847 1 B {11DB5D79-F97B-4A5C-B755-2E67D8D633AC} 0
        MARKER 3 45 "" 9
        MARKER 5 50 lost 1
        """)
    assert session.markers == (
        Marker(index=1, position_s=1.0, name='"Verse"'),
        Marker(index=1, position_s=4.5, color=25198847 & 0xFFFFFF),  # flag 16: hidden, still a marker
    )
    assert session.regions == (
        Region(index=2, start_s=0.0, end_s=3.75, name="Pickup"),
        Region(index=3, start_s=4.0, end_s=45.0, name="A Loop", color=25198847 & 0xFFFFFF),
        Region(index=5, start_s=50.0, end_s=50.0, name="lost"),  # its second line is missing
    )


@pytest.mark.parametrize(
    ("line", "selection"),
    [
        ("SELECTION 1 2.5", (1.0, 2.5)),
        ("SELECTION 76.26374290536120 15.36169678522275", (15.36169678522275, 76.2637429053612)),
        ("SELECTION 39.912 39.912 0", None),
        ("SELECTION 0 0", None),
    ],
)
def test_time_selection(line: str, selection: tuple[float, float] | None) -> None:
    assert session_of(line).time_selection == selection


def test_project_wide_switches() -> None:
    session = session_of("""\
        PROJOFFS -2.5 4 0
        PANLAW 0.70794578
        PANMODE 5
        PANLAWFLAGS 3
        ITEMMIX 2
        PLAYRATE 1.25 0 0.25 4
        GLOBAL_AUTO 6
        LOCK 16385
        """)
    assert (session.time_offset_s, session.measure_offset) == (-2.5, 4)
    assert session.pan == PanSettings(law=0.70794578, mode=5, law_flags=3)
    assert (session.item_mix, session.play_rate, session.automation_override) == (2, 1.25, 6)
    assert session.locked
    assert session_of("PANLAW 0").pan.law == 1.0  # no law can silence the centre
    assert not session_of("LOCK 1").locked  # says what would be locked, with locking off


def test_master() -> None:
    session = session_of("""\
        MASTERAUTOMODE 1
        MASTERMUTESOLO 5
        MASTER_NCH 6 2
        MASTER_VOLUME 0.5 -0.25 0.7 -1 0.8
        MASTER_PANMODE 5
        MASTER_PANLAWFLAGS 3
        MASTER_FX 0
        <MASTERFXLIST
          BYPASS 0 0 0
          <JS loser/masterLimiter ""
          >
        >
        <MASTERVOLENV
          ACT 0
        >
        <MASTERPANENV2
          ACT 1 -1
          PT 0 0.5 0
        >
        <MASTERHWVOLENV
          ACT 1
        >
        """)
    master = session.master
    assert (master.volume, master.pan, master.width, master.pan_law) == (0.5, -0.25, 0.8, 0.7)
    assert (master.pan_mode, master.pan_law_flags, master.mute_solo) == (5, 3, 5)
    assert (master.channels, master.automation_mode) == (6, 1)
    assert not master.fx.enabled
    assert [effect.name for effect in master.fx.effects] == ["loser/masterLimiter"]
    # The envelope of a hardware out (MASTERHW…) moves nothing in a file.
    assert [(e.tag, e.target, e.stage, e.active) for e in master.envelopes] == [
        ("MASTERVOLENV", "volume", "master", False),
        ("MASTERPANENV2", "pan", "master", True),
    ]


def test_tempo_and_play_rate_envelopes_belong_to_the_project() -> None:
    session = session_of("""\
        <MASTERPLAYSPEEDENV
          ACT 1 -1
          PT 0 1.5 0
        >
        <TEMPOENVEX
          ACT 0 -1
        >
        """)
    assert session.master.envelopes == ()
    assert [(e.tag, e.target, e.stage, e.active) for e in session.project_envelopes] == [
        ("MASTERPLAYSPEEDENV", "play_rate", "project", True),
        ("TEMPOENVEX", "tempo", "project", False),
    ]


def test_render_settings() -> None:
    session = session_of(r"""
        RENDER_FILE "C:\Users\x\my song.wav"
        RENDER_PATTERN "$tracknumber $track"
        RENDER_FMT 0 4 96000
        RENDER_1X 3
        RENDER_RANGE 0 1.5 9 18 2500
        RENDER_RESAMPLE 9 0 1
        RENDER_ADDTOPROJ 2
        RENDER_STEMS 131
        RENDER_DITHER 4
        RENDER_NORMALIZE 32769 0.5 1 0.01 0.02 0 0
        RENDER_TRIM 0.001 0.002 0.5 0.75
        <RENDER_CFG
          ZXZhdx
          gAAQ==
        >
        <RENDER_CFG2
          bDNwbQ==
        >
        """)
    assert session.render == RenderSettings(
        settings=131,
        bounds_flag=0,
        start_s=1.5,
        end_s=9.0,
        tail_flag=18,
        tail_ms=2500.0,
        sample_rate=96000,
        channels=4,
        add_to_project=2,
        dither=4,
        normalize=32769,
        normalize_target=0.5,
        trim_start_threshold=0.001,
        trim_end_threshold=0.002,
        pad_start_s=0.5,
        pad_end_s=0.75,
        fade_in_s=0.01,
        fade_out_s=0.02,
        speed=3,
        resample_mode=9,
        file=r"C:\Users\x\my song.wav",
        pattern="$tracknumber $track",
        format="ZXZhdxgAAQ==",
        format_secondary="bDNwbQ==",
    )


def test_pooled_envelopes_come_in_seconds() -> None:
    """From a real project at 79 BPM: an instance of 0.0433228508773 s of a pool of 0.057042 quarter notes."""
    (pool,) = session_of("""\
        TEMPO 79 4 4
        <POOLEDENV
          ID 2
          NAME "2"
          SRCLEN 0.057042
          LFO 0 0 0 0 0 0 0
          PPT 0 0.25 0 0
          PPT 0.057042 1 5 0 0 0 -0.5
        >
        """).pooled_envelopes
    assert pool.pool_id == 2
    assert pool.length_s == pytest.approx(0.0433228508773, abs=1e-6)
    assert [(point.value, point.shape, point.tension) for point in pool.points] == [(0.25, 0, 0.0), (1.0, 5, -0.5)]
    assert pool.points[1].time_s == pytest.approx(pool.length_s)


def test_only_the_newest_project_of_a_backup_counts(tmp_path: Path) -> None:
    path = tmp_path / "song.rpp-bak"
    path.write_bytes(b'<REAPER_PROJECT 0.1 "6.0" 1\n  TITLE old\n>\n<REAPER_PROJECT 0.1 "6.1" 2\n  TITLE new\n>\n')
    session = load_project(path)
    assert (session.title, session.path) == ("new", str(path))


def test_a_missing_file_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"no\.rpp: the project cannot be read \(No such file"):
        load_project(tmp_path / "no.rpp")


def test_a_folder_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="the project cannot be read"):
        load_project(tmp_path)
