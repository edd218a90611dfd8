"""Real projects become sessions: what a person finds in the text is what the session says."""

from __future__ import annotations

import csv
import time
from pathlib import Path

import pytest

from stemkit.errors import InputError
from stemkit.reaper.project_file import load_project, session_from_document
from stemkit.reaper.rpp import parse

SHARED = Path(__file__).resolve().parents[2].parent / "shared" / "rpp"
CORPUS = SHARED / "corpus"
FILES = sorted(CORPUS.glob("*.rpp"))
NO_PROJECT = (
    "DropSnorz__OwlPlug__owlplug-parsers_src_test_resources_reaper_simple",
    "helgoboss__reaper-rs__main",
    "codeflows__rebass__examples_Invalid",
    "johnjallday__dolphin",
)

pytestmark = pytest.mark.skipif(not FILES, reason=f"the corpus of real projects is not here: {CORPUS}")


def index() -> dict[str, dict[str, str]]:
    with (CORPUS / "index.csv").open(newline="", encoding="utf-8") as stream:
        return {row["file"]: row for row in csv.DictReader(stream)}


@pytest.mark.parametrize("path", FILES, ids=[path.name[:48] for path in FILES])
def test_a_real_project_is_read_in_a_second(path: Path) -> None:
    """Counts were made by a separate script that walks the text."""
    began = time.process_time()
    if path.name.startswith(NO_PROJECT):
        with pytest.raises(InputError, match=r"line \d+"):
            load_project(path)
        return
    session = load_project(path)
    assert time.process_time() - began < 1.0
    row = index()[path.name]
    tracks = session.tracks
    assert len(tracks) == int(row["tracks"])
    assert sum(len(track.items) for track in tracks) == int(row["items"])
    assert sum(len(track.receives) for track in tracks) == int(row["auxrecv"])
    assert sum(len(track.hardware_outs) for track in tracks) == int(row["hwout"])
    assert sum(track.depth_change > 0 for track in tracks) == int(row["folders"])
    assert sum(track.mute for track in tracks) == int(row["muted_tracks"])
    assert sum(item.mute for track in tracks for item in track.items) == int(row["muted_items"])
    assert sum(track.name == "" for track in tracks) == int(row["blank_names"])
    assert sum(track.freeze_count for track in tracks) == int(row["frozen"])
    assert len(session.regions) == int(row["regions"])
    assert session.render.file == row["render_file"]
    assert session.render.settings == int(row["render_stems"] or 0)
    assert session.reaper_version == row["version"]


def test_tricky_names() -> None:
    (path,) = CORPUS.glob("*tricky-strings*")
    names = [track.name for track in load_project(path).tracks]
    assert names[1:9] == ['"', '""', '"""', "'", "''", "'''", "`", "``"]
    assert "'''```\"\"\"" in names


def test_a_project_with_all_its_media() -> None:
    path = SHARED / "projects" / "unityreaperparser" / "reaper" / "ReaperSession.RPP"
    session = load_project(path)
    assert [track.name for track in session.tracks] == ["Ambient", "Gunshot"]
    for track in session.tracks:
        for item in track.items:
            take = item.active_take
            assert take is not None
            assert take.source is not None
            assert take.source.resolved_path is not None
            assert Path(take.source.resolved_path).is_file()


def test_a_multichannel_project() -> None:
    (path,) = (SHARED / "projects" / "ear-2obj-2bed-hoa").rglob("*.rpp")
    session = load_project(path)
    scene = session.tracks[2]
    assert (scene.name, scene.channels, scene.main_send.enabled) == ("EAR Scene", 64, False)
    assert [send.source_channels.count for send in scene.receives if send.source_channels] == [1, 1, 2, 2, 4]
    assert [send.destination_channels.first for send in scene.receives] == [0, 1, 2, 4, 6]


def test_five_thousand_items_take_well_under_a_second() -> None:
    item = (
        "    <ITEM\n      POSITION {n}\n      SNAPOFFS 0\n      LENGTH 25\n      LOOP 1\n      ALLTAKES 0\n"
        "      FADEIN 1 0.01 0 1 0 0 0\n      FADEOUT 1 0.01 0 1 0 0 0\n      MUTE 0 0\n      SEL 0\n"
        '      IGUID {{I{n}}}\n      IID 15\n      NAME "take {n}.wav"\n      VOLPAN 1 0 1 -1\n      SOFFS 0\n'
        "      PLAYRATE 1 1 0 -1 0 0.0025\n      CHANMODE 0\n      GUID {{G{n}}}\n      <SOURCE WAVE\n"
        '        FILE "media/take {n}.wav"\n      >\n    >\n'
    )
    tracks = "".join(
        f'  <TRACK {{T{t}}}\n    NAME "Track {t}"\n' + "".join(item.format(n=t * 100 + n) for n in range(17)) + "  >\n"
        for t in range(300)
    )
    data = f"<REAPER_PROJECT 0.1\n{tracks}>\n".encode()
    began = time.process_time()
    session = session_from_document(parse(data, name="big.rpp"), Path("/songs/big.rpp"))
    assert time.process_time() - began < 2.0  # 0.35 s where this was written
    assert sum(len(track.items) for track in session.tracks) == 5100
