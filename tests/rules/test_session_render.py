from __future__ import annotations

import base64

import pytest

from stemkit.model.audio import MediaInfo
from stemkit.rules.session_context import TargetRate
from tests.rules.projects import HEADER, changed, judged, outcome_of, song

WAV24 = "ZXZhdxgAAQ=="  # "evaw" 18 00 01: 24-bit PCM (reaper-facts.md 2.3)


def sink(text: bytes) -> str:
    return changed(WAV24, base64.b64encode(text).decode())


def test_the_default_settings_pass() -> None:
    assert judged(song(), "SK103") == []


@pytest.mark.parametrize(
    ("header", "said"),
    [
        # RENDER_NORMALIZE flags target brickwall fadein fadeout inshape outshape (reaper-facts.md 1.2, 5.1)
        (HEADER + "  RENDER_NORMALIZE 1 0.5 1 0 0 0 0\n", "Normalisation"),
        (HEADER + "  RENDER_NORMALIZE 64 0.5 1 0 0 0 0\n", "limiter"),
        (HEADER + "  RENDER_NORMALIZE 512 0.5 1 1 0 0 0\n", "Fades"),
        (HEADER + "  RENDER_NORMALIZE 16384 0.5 1 0 0 0 0\n", "trimmed"),
        (HEADER + "  RENDER_NORMALIZE 65536 0.5 1 0 0 0 0\n", "padded"),
        (changed("RENDER_ADDTOPROJ 0", "RENDER_ADDTOPROJ 2"), "skipped"),
        (changed("RENDER_DITHER 0", "RENDER_DITHER 4"), "dithered"),
        (changed("RENDER_STEMS 3", "RENDER_STEMS 128"), "through the master"),
        (changed("RENDER_RANGE 1", "RENDER_RANGE 2"), "time selection"),
        (changed("RENDER_RANGE 1", "RENDER_RANGE 4"), "selected items"),
        (changed("RENDER_RANGE 1 0 0", "RENDER_RANGE 0 1 2"), "set by hand"),
        (HEADER + "  <RENDER_CFG2\n    bDNwbQ==\n  >\n", "second format"),
        (sink(b"l3pm\x40\x01\x00\x00"), "MP3"),
        (sink(b"vggo"), "Ogg Vorbis"),
        (sink(b"SggO"), "Ogg Opus"),
        (sink(b"calf\x18\x00\x00\x00"), "FLAC and not WAV"),
        (sink(b"evaw\x10\x00\x01"), "16 bits"),
        (sink(b"evaw\x02\x00\x01"), "ADPCM"),
    ],
)
def test_each_hazard_is_named(header: str, said: str) -> None:
    found = judged(song(header=header), "SK103")
    assert len(found) == 1
    assert said in found[0].message


@pytest.mark.parametrize(
    "header",
    [
        # bit 262144 switches all post-processing off (reaper-facts.md 1.2)
        HEADER + f"  RENDER_NORMALIZE {1 | 512 | 262144} 0.5 1 0 0 0 0\n",
        # trim thresholds alone do nothing without their bits; this is REAPER's default line
        HEADER + "  RENDER_TRIM 0.000001 0.000001 0 0\n",
        sink(b"evaw\x20\x00\x01"),  # 32-bit float
        sink(b"????"),  # an unknown sink is no reason to accuse
        changed("RENDER_STEMS 3", "RENDER_STEMS 0"),
        changed("RENDER_DITHER 0", "RENDER_DITHER 20"),  # 16: dither disabled
    ],
)
def test_what_does_no_harm_passes(header: str) -> None:
    assert judged(song(header=header), "SK103") == []


def test_as_is_a_master_mix_gives_no_stems() -> None:
    found = judged(song(header=changed("RENDER_STEMS 3", "RENDER_STEMS 0")), "SK103", as_is=True)
    assert ["no stems" in f.message for f in found] == [True]


def test_a_forced_rate_passes_and_an_unforced_one_is_a_note() -> None:
    assert judged(song(), "SK104") == []
    loose = judged(song(header=changed("SAMPLERATE 48000 1 0", "SAMPLERATE 44100 0 0")), "SK104")
    assert [f.severity for f in loose] == ["note"]


def test_a_project_without_a_rate_cannot_be_judged() -> None:
    result = outcome_of(song(header=changed("  SAMPLERATE 48000 1 0\n", "")), "SK104")
    assert [s.rule for s in result.skipped] in (["SK104"], [])  # a reader may know REAPER's default
    assert all(f.severity == "note" for f in result.findings)


def test_the_briefs_target_asks_for_its_rate() -> None:
    found = judged(song(), "SK104", target_rate=TargetRate(rate_hz=44100, target="Spotify"))
    assert [(f.severity, f.measured, f.expected) for f in found] == [("warning", 48000, "44100")]


def test_a_profile_may_ask_for_rates() -> None:
    header = changed("SAMPLERATE 48000 1 0", "SAMPLERATE 44100 1 0")
    found = judged(song(header=header), "SK104", profile="atmos-music-source")
    assert [f.measured for f in found] == [44100]


def test_media_at_another_rate_is_counted() -> None:
    from pathlib import Path

    text = '  <TRACK {A}\n    NAME Kick\n    <ITEM\n      POSITION 0\n      LENGTH 1\n      <SOURCE WAVE\n        FILE "{}"\n      >\n    >\n  >\n'
    here = Path(__file__)
    session = song(text.replace("{}", here.name), path=here.parent / "song.rpp")
    known = {str(here): MediaInfo(sample_rate=44100, channels=2, frames=44100)}
    found = judged(session, "SK104", media=known)
    assert [(f.severity, f.measured) for f in found] == [("note", 1)]
    assert "1 at 44100 Hz" in found[0].message
    assert judged(session, "SK104", media={str(here): None}) == []
