from __future__ import annotations

from pathlib import Path

import pytest

from stemkit.model.audio import AudioFacts, Gap, MediaInfo
from stemkit.model.session import Session
from tests.rules.projects import judged, outcome_of, song, track

RATE = 48000


def wave(
    file: str,
    position: float = 0,
    length: float = 10,
    *,
    offset: float = 0,
    rate: float = 1,
    mute: int = 0,
    kind: str = "WAVE",
) -> str:
    # SOFFS start in the media, PLAYRATE rate …, SOURCE <type> FILE "path" (reaper-facts.md 5.3)
    return (
        f"    <ITEM\n      POSITION {position}\n      LENGTH {length}\n      MUTE {mute} 0\n      SOFFS {offset}\n"
        f'      PLAYRATE {rate} 1 0 -1\n      <SOURCE {kind}\n        FILE "{file}"\n      >\n    >\n'
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "there.wav").write_bytes(b"RIFF")
    return tmp_path


def here(folder: Path, *tracks: str) -> Session:
    return song(*tracks, path=folder / "song.rpp")


def test_a_missing_file_is_an_error_with_the_places_looked_at(folder: Path) -> None:
    session = here(
        folder,
        track("Vox", wave("gone.wav"), wave("gone.wav", 20), wave("there.wav", 40)),
        track("Ok", wave("there.wav")),
    )
    found = judged(session, "SK113")
    assert [(f.subject, f.severity, f.measured) for f in found] == [("Vox", "error", 1)]
    assert "1 media file not found, 2 items silent: gone.wav." in found[0].message
    assert str(folder / "gone.wav") in found[0].message
    assert [w.start_s for w in found[0].where] == [0, 20]


def test_missing_media_that_nobody_would_hear_is_only_a_note(folder: Path) -> None:
    session = here(
        folder, track("Old", wave("gone.wav"), MUTESOLO="1 0 0"), track("Muted item", wave("gone.wav", mute=1))
    )
    found = judged(session, "SK113")
    assert [(f.subject, f.severity, f.handled) for f in found] == [("Old", "note", "the track is not heard")]


def test_media_that_is_forced_offline(folder: Path) -> None:
    found = judged(here(folder, track("Vox", wave("there.wav", kind="_OFFLINE_WAVE"))), "SK113")
    assert [f.severity for f in found] == ["error"]
    assert "offline" in found[0].message


def test_a_project_that_was_copied_without_its_media_is_told_so_once(folder: Path) -> None:
    session = here(folder, track("Vox", wave("a.wav")), track("Bass", wave("media\\b.wav")))
    project, vox, bass = judged(session, "SK113")
    assert project.subject == "Project"
    assert project.message.startswith("None of the 2 media files is there")
    assert str(folder / "a.wav") in project.message
    assert (vox.message, bass.message) == (
        "1 media file not found, 1 item silent: a.wav.",
        "1 media file not found, 1 item silent: media\\b.wav.",
    )


@pytest.mark.parametrize("also", [track("Ok", wave("there.wav")), track("Vox 2", wave("b.wav"), MUTESOLO="1 0 0")])
def test_one_file_that_is_lost_is_no_project_without_media(folder: Path, also: str) -> None:
    found = judged(here(folder, track("Vox", wave("a.wav")), also), "SK113")
    assert "Project" not in [f.subject for f in found]


def test_media_that_is_there_and_cannot_be_read(folder: Path) -> None:
    path = str(folder / "there.wav")
    session = here(folder, track("Vox", wave("there.wav")), track("Film", wave("there.wav", kind="VIDEO")))
    found = judged(session, "SK113", media={path: None})
    assert [(f.subject, f.severity) for f in found] == [("Vox", "warning")]
    assert found[0].message == "1 media file not whole: there.wav (it cannot be read)."
    info = MediaInfo(sample_rate=48000, channels=1, frames=100)
    assert judged(session, "SK113", media={path: info}) == []
    cut = judged(session, "SK113", media={path: info}, damage={path: "the file ends early"})
    assert [(f.severity, f.message) for f in cut] == [
        ("error", "1 media file not whole: there.wav (the file ends early).")
    ]


def test_media_that_is_there_passes(folder: Path) -> None:
    click = "    <ITEM\n      POSITION 0\n      LENGTH 4\n      <SOURCE CLICK\n      >\n    >\n"
    assert judged(here(folder, track("Vox", wave("there.wav")), track("Click", click)), "SK113") == []


@pytest.mark.parametrize(
    ("kind", "file", "lossy"),
    [
        ("MP3", "a.mp3", True),
        ("VORBIS", "a.ogg", True),
        ("WAVE", "a.wav", False),
        ("FLAC", "a.flac", False),
        ("VIDEO", "a.m4a", True),
        ("WAVE", "a.mp3.wav", False),
    ],
)
def test_media_that_a_codec_has_thinned_out(folder: Path, kind: str, file: str, lossy: bool) -> None:
    found = judged(here(folder, track("Vox", wave(file, kind=kind), wave(file, 20, kind=kind))), "SK127")
    assert [(f.subject, f.severity, f.message) for f in found] == [
        ("Vox", "warning", f"1 lossy file played: {file}.") for _ in range(lossy)
    ]


def test_lossy_media_that_is_not_heard_troubles_nobody(folder: Path) -> None:
    assert judged(here(folder, track("Old", wave("a.mp3", kind="MP3"), MUTESOLO="1 0 0")), "SK127") == []


def gap(start_s: float, end_s: float, noise_dbfs: float | None) -> Gap:
    frames = round(start_s * RATE), round(end_s * RATE)
    return Gap(start_frame=frames[0], end_frame=frames[1], digital=noise_dbfs is None, noise_dbfs=noise_dbfs)


def facts(*gaps: Gap) -> AudioFacts:
    return AudioFacts(sample_rate=RATE, channels=1, frames=RATE * 20, gaps=gaps)


def test_noise_in_a_gap_is_placed_in_the_song(folder: Path) -> None:
    session = here(folder, track("Vox", wave("there.wav", 100, 10, offset=2, rate=2)))
    audio = {str(folder / "there.wav"): facts(gap(4, 8, -50.0))}
    found = judged(session, "SK118", audio=audio)
    assert [(f.subject, f.measured) for f in found] == [("Vox", -50.0)]
    assert [(w.start_s, w.end_s) for w in found[0].where] == [(101.0, 103.0)]


@pytest.mark.parametrize(
    "quiet",
    [
        gap(4, 8, None),  # digital silence
        gap(4, 8, -80.0),  # below the profile's limit
        gap(4, 4.2, -50.0),  # shorter than a gap
        gap(15, 18, -50.0),  # behind the item's end
    ],
)
def test_gaps_that_do_not_matter_pass(folder: Path, quiet: Gap) -> None:
    session = here(folder, track("Vox", wave("there.wav", 100, 10)))
    assert judged(session, "SK118", audio={str(folder / "there.wav"): facts(quiet)}) == []


def test_media_that_nobody_listened_to_is_skipped_with_the_reason(folder: Path) -> None:
    result = outcome_of(here(folder, track("Vox", wave("there.wav"))), "SK118", audio_unknown="--no-media")
    assert [(s.rule, s.reason) for s in result.skipped] == [("SK118", "--no-media")]
    assert "SK118" not in result.checked
