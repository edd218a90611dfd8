"""The lines of a pass project, one after the other."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from stemkit.reaper.headless_files import collect
from stemkit.reaper.headless_passes import bypass_values, make_passes
from stemkit.reaper.headless_project import PassOrder, has_lf_only, write_pass
from stemkit.reaper.project_file import load_project, session_from_document
from stemkit.reaper.rpp import parse
from tests.fakereaper.songs import write_song
from tests.reaper.headless_songs import planned

CONTAINER = """<FXCHAIN
BYPASS 0 0 0
<CONTAINER Container "" ""
BYPASS 0 0 0
<JS inner ""
>
FXID {F0000000-0000-0000-0000-00000000000A}
<JS bare ""
>
FXID {F0000000-0000-0000-0000-00000000000B}
>
FXID {F0000000-0000-0000-0000-00000000000C}
>"""


def written(project: Path, *, values: list[Any] | None = None, names: dict[str, str] | None = None, **choices: Any) -> bytes:  # fmt: skip
    document = parse(project.read_bytes(), name=str(project))
    session, plan = planned(project, **choices)
    order = PassOrder(folder=Path("/staging/pass"), names=names or {}, values=values or [], channels=2)
    return write_pass(document, session, plan, order)


def lines_of(content: bytes, *keys: str) -> list[str]:
    lines = [line.strip() for line in content.decode().replace("\r\n", "\n").split("\n")]
    return [line for line in lines if line.split(" ")[0] in keys]


def test_the_render_lines_of_a_mix(tmp_path: Path) -> None:
    """Stale settings go: a time selection, a tail, normalising, silent files left out, MP3 beside, a lock."""
    project = write_song(tmp_path / "song")
    project.write_bytes(project.read_bytes().replace(b"  SELECTION", b"  LOCK 16385\r\n  SELECTION"))
    content = written(project)
    keys = ["RENDER_FILE", "RENDER_PATTERN", "RENDER_FMT", "RENDER_RANGE", "RENDER_STEMS", "RENDER_ADDTOPROJ", "RENDER_DITHER", "RENDER_NORMALIZE", "LOCK"]  # fmt: skip
    assert lines_of(content, *keys) == [
        'RENDER_FILE "/staging/pass"', "RENDER_PATTERN sk_mix", "RENDER_FMT 0 2 48000", "RENDER_RANGE 0 0 0.5 0 0",
        "RENDER_STEMS 0", "RENDER_ADDTOPROJ 0", "RENDER_DITHER 0", "RENDER_NORMALIZE 0 1 1 0 0 0 0", "LOCK 1",
    ]  # fmt: skip
    assert b"ZXZhdyAAAQ==" in content
    assert b"RENDER_CFG2" not in content
    assert b"SELECTION 0.1 0.2" in content  # of no importance with custom bounds
    assert lines_of(content, "SEL", "NAME") == lines_of(project.read_bytes(), "SEL", "NAME")


def test_stems_are_selected_and_named_and_nobody_else(tmp_path: Path) -> None:
    project = write_song(tmp_path / "song")
    vox = load_project(project).tracks[3].guid
    content = written(project, names={vox: "sk_0004"})
    assert lines_of(content, "RENDER_PATTERN", "RENDER_STEMS") == ["RENDER_PATTERN $track", "RENDER_STEMS 3"]
    assert lines_of(content, "NAME") == [
        f"NAME {n}" for n in ("Drums", "Kick", "Snare", "sk_0004", "Dub", "Echo", "Out")
    ]
    assert lines_of(content, "SEL") == ["SEL 0", "SEL 1"]  # that of Kick, and a new one


@pytest.mark.parametrize("end", ["\r\n", "\n"])
def test_line_ends_stay(end: str, tmp_path: Path) -> None:
    project = write_song(tmp_path / "song")
    project.write_bytes(project.read_bytes().replace(b"\r\n", end.encode()))
    content = written(project, names={load_project(project).tracks[1].guid: "sk_0002"})
    assert content.count(b"\n") == content.count(end.encode())
    assert has_lf_only(parse(content, name="x")) == (end == "\n")


def test_of_a_backup_only_the_newest_project_is_rendered(tmp_path: Path) -> None:
    project = write_song(tmp_path / "song")
    old = project.read_bytes().replace(b"NAME Kick", b"NAME Older")
    project.write_bytes(old + project.read_bytes())
    content = written(project)
    assert content.count(b"<REAPER_PROJECT") == 1
    assert b"Older" not in content


def test_media_is_led_to_where_it_is_and_emptied_where_it_is_not(tmp_path: Path) -> None:
    project = write_song(tmp_path / "song")
    text = (
        project.read_bytes().replace(b'"Kick.wav"', b'"D:\\\\elsewhere\\\\Kick.wav"').replace(b"Dub.wav", b"gone.wav")
    )
    project.write_bytes(text)
    content = written(project)
    found = lines_of(content, "FILE")
    assert f'FILE "{project.parent / "Kick.wav"}"' in [line.replace("FILE /", 'FILE "/') + ("" if line.endswith('"') else '"') for line in found]  # fmt: skip
    assert 'FILE "Snare.wav"' in found
    assert not any("gone" in line for line in found)
    again = session_from_document(parse(content, name="x"), project)
    (item,) = again.tracks[4].items
    assert item.takes[0].source is not None
    assert item.takes[0].source.kind == "empty"


def test_effects_in_containers_and_without_a_switch(tmp_path: Path) -> None:
    project = write_song(tmp_path / "song", extra={"Dub": CONTAINER})
    dub = load_project(project).tracks[4].guid
    guid = "{{F0000000-0000-0000-0000-00000000000{}}}".format
    content = written(project, values=[(("effect", dub, guid("A")), 0), (("effect", dub, guid("B")), 0)])
    (box,) = session_from_document(parse(content, name="x"), project).tracks[4].fx.effects
    assert (box.enabled, [fx.enabled for fx in box.children]) == (True, [False, False])


def test_every_effect_off_but_instruments(tmp_path: Path) -> None:
    synth = '<FXCHAIN\nBYPASS 0 0 0\n<VST "VSTi: Synth (Maker)" synth.dll 0 "" 1<2\n>\nFXID {A}\nBYPASS 0 0 0\n<JS filter ""\n>\nFXID {B}\n>'
    project = write_song(tmp_path / "song", extra={"Dub": synth})
    project.write_bytes(
        project.read_bytes().replace(b"<SOURCE WAVE", b'<TAKEFX\nBYPASS 0 0 0\n<JS x ""\n>\n>\n<SOURCE WAVE', 1)
    )
    session = load_project(project)
    content = written(project, values=list(bypass_values(session)))
    again = session_from_document(parse(content, name="x"), project)
    assert [fx.enabled for fx in again.tracks[4].fx.effects] == [True, False]
    assert again.tracks[3].fx.enabled is False
    assert again.master.fx.enabled is False
    assert [fx.enabled for fx in again.tracks[0].items[0].takes[0].fx.effects] == [False]


def test_a_neutral_master_for_the_proof_and_the_artists_for_the_rough_mix(tmp_path: Path) -> None:
    project = write_song(tmp_path / "song", extra={"Dub": "MUTESOLO 0 2 0"})
    project.write_bytes(project.read_bytes().replace(b"  MASTER_FX 1", b"  MASTERMUTESOLO 7\r\n  MASTER_FX 1"))
    session, plan = planned(project)
    document = parse(project.read_bytes(), name=str(project))
    passes = {
        single.title: session_from_document(parse(write_pass(document, session, plan, single.order), name="x"), project)
        for single in make_passes(
            session, plan, Path("/s"), wanted=frozenset({"rough_mix", "proof_mix"}), bypass_fx=False
        )
    }
    proof, rough = passes["proof mix"], passes["rough mix"]
    assert (proof.master.volume, proof.master.pan, proof.master.fx.enabled, proof.master.mute_solo) == (1, 0, False, 2)
    assert (rough.master.volume, rough.master.pan, rough.master.mute_solo) == (0.5, 0.25, 7)
    assert [track.solo for track in proof.tracks if track.solo] == []
    assert rough.tracks[4].solo == 2


@pytest.mark.parametrize(
    ("file", "settings", "fault"),
    [
        ("sk_0001.wav", {}, None),
        ("01-sk_0001.wav", {}, None),  # a version that puts a number in front
        ("sk_0001.wav", {"frames": 999}, "999 frames instead of 1002"),
        ("sk_0001.wav", {"frames": 1001}, None),  # `finish` mends one
        ("sk_0001.wav", {"rate": 44_100}, "44100 Hz instead of"),
        ("sk_0001.wav", {"channels": 1}, "1 channels"),
        ("sk_0001.wav", {"subtype": "PCM_24"}, "pcm24 samples"),
        ("other.wav", {}, "sk_0001"),
    ],
)
def test_files_are_judged_by_what_is_in_them(
    file: str, settings: dict[str, Any], fault: str | None, tmp_path: Path
) -> None:
    _, plan = planned(write_song(tmp_path / "song"), end="0:00.020875")
    made: dict[str, Any] = {"frames": plan.bounds.frames, "rate": 48_000, "channels": 2, "subtype": "FLOAT"} | settings
    folder = tmp_path / "out"
    folder.mkdir()
    soundfile.write(folder / file, np.ones((made["frames"], made["channels"])), made["rate"], subtype=made["subtype"])
    harvest = collect(folder, ["sk_0001"], plan, channels=2)
    assert harvest.complete == (fault is None)
    if fault is not None:
        assert fault in " ".join([*harvest.wrong, *harvest.missing])


def test_a_file_that_came_twice_is_ambiguous(tmp_path: Path) -> None:
    _, plan = planned(write_song(tmp_path / "song"))
    for name in ("sk_0001.wav", "sk_0001-001.wav"):
        soundfile.write(tmp_path / name, np.ones((plan.bounds.frames, 2)), 48_000, subtype="FLOAT")
    assert collect(tmp_path, ["sk_0001"], plan, channels=2).wrong == ("sk_0001 was written 2 times",)
