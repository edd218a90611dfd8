"""Projects from strangers: the lossless reader, the session that is built from it, its plan and its rules."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stemkit.errors import StemkitError
from tests.fuzz.mutate import mutate_lines
from tests.fuzz.seeds import shared_files
from tests.fuzz.target import Target, demand_one_line

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

__all__ = ["SONG", "TARGETS"]

SONG = b"""<REAPER_PROJECT 0.1 "7.0/linux" 1700000000
  SAMPLERATE 48000 1 0
  TEMPO 120 4 4
  PROJOFFS 0 1 0
  MASTER_VOLUME 1 0 -1 -1 1
  MASTER_NCH 2 2
  MARKER 1 4 "Verse" 0 0 1 R {A} 0
  MARKER 2 8 "Chorus" 1 0 1 R {B} 0
  MARKER 2 12 "" 1
  RENDER_FMT 0 2 48000
  RENDER_RANGE 1 0 0 18 1000
  <RENDER_CFG
    ZXZhdxgBAA==
  >
  <TEMPOENVEX
    ACT 1 -1
    PT 0 120 0 262148 0 1
    PT 8 90 1
  >
  <MASTERFXLIST
    BYPASS 0 0 0
    <VST "VST: ReaLimit (Cockos)" realimit.dll 0 "" 1919708532<56535472> ""
      dG1sckAAAAA=
    >
    FXID {C}
  >
  <TRACK {1}
    NAME Drums
    VOLPAN 0.8 0.25 -1 -1 1
    MUTESOLO 0 0 0
    ISBUS 1 1
    NCHAN 4
    MAINSEND 1 0
    <FXCHAIN
      BYPASS 0 0 0
      <JS loser/3BandEQ ""
        0 200 0 2000 0 0 - -
      >
      FXID {F}
      <PARMENV 0 0 1 0.5
        ACT 1 -1
        PT 0 0.5 0
        PT 4 0.75 5 1 0 0 -0.5
      >
    >
  >
  <TRACK {2}
    NAME "Vox 'lead'"
    ISBUS 2 -1
    NCHAN 2
    AUXRECV 0 0 1 0 0 0 0 0 0 -1:U 0 -1 ''
    <VOLENV2
      ACT 1 -1
      PT 0 1 0
      PT 3.5 0.25 2
    >
    <ITEM
      POSITION 1.5
      LENGTH 4
      LOOP 1
      FADEIN 1 0.01 0 1 0 0 0
      FADEOUT 1 0.01 0 1 0 0 0
      MUTE 0 0
      NAME take
      VOLPAN 1 0 1 -1
      SOFFS 0.5
      PLAYRATE 1.25 1 0 -1 0 0.0025
      CHANMODE 0
      <SOURCE SECTION
        LENGTH 2
        STARTPOS 0.25
        OVERLAP 0.01
        <SOURCE WAVE
          FILE "media\\lead.wav"
        >
      >
      TAKE SEL
      NAME other
      <SOURCE MIDI
        HASDATA 1 960 QN
        E 0 90 3c 60
        E 480 80 3c 00
        E 0 b0 7b 00
      >
    >
  >
>
"""


def _seeds() -> list[bytes]:
    return [SONG, *(path.read_bytes() for path in shared_files("rpp/corpus", ".rpp", largest=60_000))]


def _open_reader(scratch: Path) -> Callable[[bytes], None]:
    from stemkit.reaper.project_file import session_from_document
    from stemkit.reaper.rpp import parse, tokenize
    from stemkit.reaper.rpp_editor import Editor, rename_track

    def one(data: bytes) -> None:
        try:
            document = parse(data, name="song.rpp")
        except StemkitError as error:
            demand_one_line(error)
            return
        assert document.to_bytes() == data
        assert Editor(document).to_bytes() == data
        for line in document.lines[:50]:
            tokenize(line)
        try:
            session = session_from_document(document, scratch / "song.rpp")
        except StemkitError as error:
            demand_one_line(error)
            return
        tracks = document.project.children("TRACK")
        assert len(session.tracks) == len(tracks)
        if tracks:
            editor = Editor(document)
            rename_track(editor, tracks[0], "New 'name' with \"quotes\"")
            assert len(parse(editor.to_bytes(), name="song.rpp").project.children("TRACK")) == len(tracks)

    return one


def _open_inspection(scratch: Path) -> Callable[[bytes], None]:
    from stemkit.app.inspect import inspect_project
    from stemkit.app.plan import plan_project
    from stemkit.delivery.zip_names import folded, name_problem
    from stemkit.report import render

    path = scratch / "song.rpp"

    def one(data: bytes) -> None:
        path.write_bytes(data)
        try:
            render(inspect_project(path, media=False), "text")
            plan = plan_project(path).plan
        except StemkitError as error:
            demand_one_line(error)
            return
        assert plan is not None
        names = [stem.file_name for stem in plan.stems]
        assert [name for name in names if name_problem(name)] == []
        assert len({folded(name) for name in names}) == len(names)

    return one


TARGETS = (
    Target(name="rpp", seeds=_seeds, open=_open_reader, mutate=mutate_lines),
    Target(name="project", seeds=_seeds, open=_open_inspection, mutate=mutate_lines),
)
