from __future__ import annotations

import struct
from typing import TYPE_CHECKING

import pytest

from stemkit.audio.wav import walk
from stemkit.model.audio import CuePoint, SampleLoop
from tests.audio.wav_bytes import bext, chunk, fmt, from_hex, riff

if TYPE_CHECKING:
    from pathlib import Path

    from stemkit.model.audio import ContainerFacts

DATA = chunk(b"data", bytes(60))


def walked(tmp_path: Path, *chunks: bytes) -> ContainerFacts:
    path = tmp_path / "07_Vocals_Lead.wav"
    path.write_bytes(riff(fmt(), DATA, *chunks))
    return walk(path)


def test_every_field_of_bext(tmp_path: Path) -> None:
    facts = walked(tmp_path, chunk(b"bext", bext()))
    found = facts.bext
    assert found is not None
    assert facts.damage == ()
    assert (found.description, found.originator, found.originator_reference) == (
        "Lead vocal",
        "REAPER",
        "DEXXX0123456789",
    )
    assert (found.origination_date, found.origination_time) == ("2024-05-17", "12-30-59")
    assert (found.time_reference_samples, found.version, found.umid) == (172_800_000, 2, bytes(range(64)))
    assert (found.loudness_value_lufs, found.loudness_range_lu, found.max_true_peak_dbtp) == (-23.1, 5.4, -1.2)
    assert (found.max_momentary_lufs, found.max_short_term_lufs) == (-18.9, -20.5)
    assert found.coding_history == "A=PCM,F=48000,W=24,M=stereo,T=stemkit"


@pytest.mark.parametrize(
    ("version", "levels"), [(1, (-2310, 540, -120, -1890, -2050)), (2, (0x7FFF,) * 5), (2, (0,) * 5)]
)
def test_levels_that_nobody_measured(tmp_path: Path, version: int, levels: tuple[int, int, int, int, int]) -> None:
    found = walked(tmp_path, chunk(b"bext", bext(version=version, levels=levels))).bext
    assert found is not None
    assert found.loudness_value_lufs is None
    assert found.max_short_term_lufs is None


def test_time_reference_of_64_bits(tmp_path: Path) -> None:
    found = walked(tmp_path, chunk(b"bext", bext(time_reference=(1 << 33) + 5))).bext
    assert found is not None
    assert found.time_reference_samples == (1 << 33) + 5


@pytest.mark.parametrize(
    ("raw", "text"), [("Gesang für später".encode("latin-1"), "Gesang für später"), ("歌".encode(), "歌")]
)
def test_description_in_any_code_page(tmp_path: Path, raw: bytes, text: str) -> None:
    found = walked(tmp_path, chunk(b"bext", bext(description=raw))).bext
    assert found is not None
    assert found.description == text


IXML = b"""<?xml version="1.0" encoding="UTF-8"?>
<BWFXML><IXML_VERSION>3.01</IXML_VERSION><PROJECT>Song</PROJECT>
<TRACK_LIST><TRACK_COUNT>2</TRACK_COUNT><TRACK><NAME>Kick</NAME></TRACK><TRACK><NAME>Snare</NAME></TRACK></TRACK_LIST>
<SPEED><FILE_SAMPLE_RATE>44100</FILE_SAMPLE_RATE><AUDIO_BIT_DEPTH>24</AUDIO_BIT_DEPTH>
<TIMESTAMP_SAMPLES_SINCE_MIDNIGHT_HI>1</TIMESTAMP_SAMPLES_SINCE_MIDNIGHT_HI>
<TIMESTAMP_SAMPLES_SINCE_MIDNIGHT_LO>158760000</TIMESTAMP_SAMPLES_SINCE_MIDNIGHT_LO></SPEED></BWFXML>"""


def test_ixml(tmp_path: Path) -> None:
    facts = walked(tmp_path, chunk(b"iXML", IXML + bytes(3)))
    found = facts.ixml
    assert found is not None
    assert found.well_formed
    assert facts.damage == ()
    assert (found.project, found.file_sample_rate, found.bit_depth) == ("Song", 44100, 24)
    assert (found.timestamp_samples, found.track_count) == ((1 << 32) + 158760000, 2)
    assert found.track_names == ("Kick", "Snare")


BOMB = (
    b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
    b"<BWFXML><PROJECT>&b;</PROJECT></BWFXML>"
)


@pytest.mark.parametrize(
    "raw",
    [
        BOMB,
        BOMB.decode().encode("utf-16"),
        b'<!DOCTYPE x SYSTEM "file:///etc/passwd"><BWFXML/>',
        b"<BWFXML>",
        b"\xff\xfe\x01",
        b'<?xml version="1.0" encoding="klingon"?><BWFXML/>',
        b"",
    ],
)
def test_ixml_that_is_not_read(tmp_path: Path, raw: bytes) -> None:
    facts = walked(tmp_path, chunk(b"iXML", raw))
    assert facts.ixml is not None
    assert not facts.ixml.well_formed
    assert facts.ixml.project is None
    assert [(d.code, d.fatal) for d in facts.damage] == [("bad_ixml", False)]


@pytest.mark.parametrize("number", ["", "48k", "-5", "\u0664\u0664", "9" * 400])
def test_ixml_numbers_that_are_none(tmp_path: Path, number: str) -> None:
    raw = f"<BWFXML><SPEED><FILE_SAMPLE_RATE>{number}</FILE_SAMPLE_RATE></SPEED></BWFXML>".encode()
    found = walked(tmp_path, chunk(b"iXML", raw)).ixml
    assert found is not None
    assert found.file_sample_rate is None


CUES = from_hex("""
63 75 65 20  34 00 00 00      # "cue ", 52 bytes
02 00 00 00                   # two points
01 00 00 00  00 00 00 00      # id 1, position
64 61 74 61                   # in "data"
00 00 00 00  00 00 00 00
80 bb 00 00                   # frame 48000
02 00 00 00  00 00 00 00      # id 2
64 61 74 61
00 00 00 00  00 00 00 00
04 00 00 00                   # frame 4
""")
LABELS = from_hex("""
4c 49 53 54  36 00 00 00      # LIST, 54 bytes
61 64 74 6c                   # "adtl"
6c 61 62 6c  0c 00 00 00      # labl, 12 bytes
01 00 00 00                   # of id 1
52 65 66 72 c3 a4 6e 00       # "Refrän" in UTF-8, as REAPER writes it
6c 74 78 74  15 00 00 00      # ltxt, 21 bytes
02 00 00 00                   # of id 2
e8 03 00 00                   # 1000 frames long
72 67 6e 20                   # "rgn "
00 00  00 00  00 00  00 00    # country, language, dialect, code page
00 00                         # no text, odd size, padded
""")


def test_markers_and_regions(tmp_path: Path) -> None:
    facts = walked(tmp_path, CUES, LABELS)
    assert facts.damage == ()
    assert facts.cues == (
        CuePoint(identifier=2, frame=4, label="", length_frames=1000),
        CuePoint(identifier=1, frame=48000, label="Refrän"),
    )


def test_more_cues_promised_than_there(tmp_path: Path) -> None:
    facts = walked(tmp_path, chunk(b"cue ", struct.pack("<I", 0xFFFFFFFF) + CUES[12:36]))
    assert [point.frame for point in facts.cues] == [48000]


def test_loops(tmp_path: Path) -> None:
    body = struct.pack("<9I", 0, 0, 20833, 60, 0, 0, 0, 1, 0) + struct.pack("<6I", 0, 0, 100, 199, 0, 7)
    facts = walked(tmp_path, chunk(b"smpl", body))
    assert facts.loops == (SampleLoop(start_frame=100, end_frame=199, play_count=7),)
    assert facts.damage == ()


def test_info_tags(tmp_path: Path) -> None:
    body = b"INFO" + chunk(b"INAM", b"Song\0") + chunk(b"IART", b"Band") + chunk(b"IKEY", b"x" * 9, size=4000)
    facts = walked(tmp_path, chunk(b"LIST", body))
    assert facts.info == {"INAM": "Song", "IART": "Band", "IKEY": "x" * 9}
