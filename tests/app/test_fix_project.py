"""Fixes of a project: they change what they say and nothing else, in a copy beside it."""

from __future__ import annotations

from pathlib import Path

import pytest

from stemkit.app.demo_song import write_demo_project
from stemkit.app.fix import fix
from stemkit.app.prepare import prepare
from stemkit.errors import UsageError


def project(tmp_path: Path) -> Path:
    path = write_demo_project(tmp_path / "song")
    text = path.read_bytes().decode()
    text = text.replace("MUTESOLO 0 0 0", "MUTESOLO 0 1 0", 3).replace("SAMPLERATE 48000 1 0", "SAMPLERATE 48000 0 0")
    text = text.replace('BYPASS 1 0 0\r\n      <VST "VST: ReaVerbate', 'BYPASS 0 0 0\r\n      <VST "VST: ReaVerbate')
    empty = "  <TRACK {00000000-0000-4000-8000-00000000AAAA}\r\n    NAME Old\r\n    ISBUS 0 0\r\n    MAINSEND 1 0\r\n  >\r\n"
    at = text.index("  <TRACK {00000000-0000-4000-8000-000000000003}")
    path.write_bytes((text[:at] + empty + text[at:]).replace("AUXRECV 6 ", "AUXRECV 7 ").encode())
    return path


def test_project_fixes_change_what_they_say_and_nothing_else(tmp_path: Path) -> None:
    source = project(tmp_path)
    original = source.read_bytes()
    kinds = ("delete_muted_items", "delete_unused_tracks", "clear_solo", "force_rate", "bypass_master_fx",
             "bypass_returns", "remove_automation")  # fmt: skip
    output = source.with_name("Fixed.rpp")
    result = fix(source, output, kinds=kinds, tracks=("Vox Lead",))
    assert {step.kind for step in result.steps if step.chosen} == {*kinds, "rename_tracks"}
    assert source.read_bytes() == original
    gone = {entry.split(" ", 1)[0] for entry in result.solved}
    assert {"SK106", "SK107", "SK110"} & gone == {"SK110"}, "what the plan takes care of was never open"
    session = prepare(output).session
    names = [track.name for track in session.tracks]
    assert names == [
        "Drums",
        "01_Kick",
        "02_Snare_Top",
        "03_Hats",
        "04_Bass",
        "05_Synth_Pad",
        "06_Vox_Lead",
        "07_Vox_Room",
    ]
    assert [track.depth_change for track in session.tracks] == [1, 0, 0, -1, 0, 0, 0, 0]
    assert not any(track.solo for track in session.tracks)
    assert (session.sample_rate, session.sample_rate_forced, session.master.fx.enabled) == (48_000, True, False)
    assert not any(item.mute for track in session.tracks for item in track.items)
    assert not session.tracks[6].envelopes
    assert not session.tracks[7].fx.enabled
    assert session.tracks[7].receives[0].source_guid == session.tracks[6].guid
    again = fix(output, output.with_name("Twice.rpp"), kinds=kinds, tracks=("06_Vox_Lead",))
    assert [step for step in again.steps if step.chosen] == []
    assert output.with_name("Twice.rpp").read_bytes() == output.read_bytes()


def test_a_finding_that_only_changed_its_name_is_not_called_solved(tmp_path: Path) -> None:
    source = project(tmp_path)
    result = fix(source, source.with_name("Fixed.rpp"))
    assert "SK110 Vox Lead" in {f"{f.rule} {f.subject}" for f in result.before.open_findings}
    assert not [entry for entry in result.solved if entry.startswith("SK110")]


def test_without_being_told_only_names_of_a_project_change(tmp_path: Path) -> None:
    source = project(tmp_path)
    output = source.with_name("Fixed.rpp")
    fix(source, output)
    before, after = source.read_bytes().split(b"\r\n"), output.read_bytes().split(b"\r\n")
    assert len(before) == len(after)
    changed = [new.strip() for old, new in zip(before, after, strict=True) if old != new]
    assert changed
    assert all(line.startswith(b"NAME ") for line in changed)


def test_the_last_track_of_a_folder_hands_its_closing_on(tmp_path: Path) -> None:
    source = project(tmp_path)
    text = source.read_bytes().decode()
    hats = text.index("  <TRACK {00000000-0000-4000-8000-000000000004}")
    bass = text.index("  <TRACK {00000000-0000-4000-8000-000000000005}")
    empty = text[hats:bass]
    empty = empty[: empty.index("    <ITEM")] + "  >\r\n"
    source.write_bytes((text[:hats] + empty + text[bass:]).encode())
    output = source.with_name("Fixed.rpp")
    fix(source, output, kinds=("delete_unused_tracks",))
    session = prepare(output).session
    assert [track.depth_change for track in session.tracks] == [1, 0, -1, 0, 0, 0, 0]
    assert session.tracks[6].receives[0].source_guid == session.tracks[5].guid


def test_a_project_is_never_written_where_its_media_would_be_lost(tmp_path: Path) -> None:
    source = project(tmp_path)
    with pytest.raises(UsageError, match="would not find its media"):
        fix(source, tmp_path / "Fixed.rpp")
