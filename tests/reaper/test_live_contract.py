"""One project read both ways: from its file by the product's reader, and open in the pretend REAPER, which reads it
with a reader of its own and answers through REAPER's functions. Every field has to agree, or stand in `NOT_TOLD`."""

from __future__ import annotations

import json
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

import pytest

from stemkit.app.demo_song import write_demo_project
from stemkit.reaper.inside_snapshot import snapshot
from stemkit.reaper.live import NOT_TOLD, session_from_snapshot
from stemkit.reaper.project_file import load_project
from tests.fakereaper.process import open_here

CORPUS = Path(__file__).resolve().parents[2].parent / "shared" / "rpp" / "corpus"
NO_PROJECTS = ("johnjallday", "simpleReaperFile", "Invalid", "fx-chain-tag")  # damaged, or pieces of a project
MADE_UP_GUIDS = ("navid-m",)  # its tracks have none, so that each reader has to invent them
PROJECTS = [
    path for path in sorted(CORPUS.glob("*.rpp")) if not any(part in path.name for part in NO_PROJECTS + MADE_UP_GUIDS)
]

# Fields of the classes by the names that NOT_TOLD uses, and the two that say where a session comes from.
EXEMPT = {
    "Marker": {"name"},
    "Region": {"name"},
    "Source": {"file", "searched", "file_flags", "offline", "midi", "section_overlap_s"},
    "RenderSettings": {"resample_mode"},
    "Effect": {"identifier"},
    "Session": {"source", "reaper_version", "locked", "pooled_envelopes"},
    "Track": {"lanes_playing"},  # without fixed lanes' own line all play; REAPER tells each
}


def differences(file: Any, live: Any, where: str = "") -> list[str]:
    if is_dataclass(file) and is_dataclass(live):
        kind = type(file).__name__
        if kind != type(live).__name__:
            return [f"{where}: {file!r} and {live!r}"]
        return [
            found
            for field in fields(file)
            if field.name not in EXEMPT.get(kind, ())
            for found in differences(getattr(file, field.name), getattr(live, field.name), f"{where}.{field.name}")
        ]
    if isinstance(file, tuple) and isinstance(live, tuple):
        if where.endswith(".envelopes"):
            file = tuple(envelope for envelope in file if getattr(envelope, "tag", "") != "PROGRAMENV")
        if len(file) != len(live):
            return [f"{where}: {len(file)} and {len(live)} entries"]
        return [
            found
            for place, (one, other) in enumerate(zip(file, live, strict=True))
            for found in differences(one, other, f"{where}[{place}]")
        ]
    same = file == pytest.approx(live) if isinstance(file, float) else file == live
    return [] if same else [f"{where}: {file!r} in the file and {live!r} live"]


def both(path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    open_here(path, tmp_path, monkeypatch)
    told = json.loads(json.dumps(snapshot()))
    return differences(load_project(path), session_from_snapshot(told))


def test_the_demo_project_is_the_same_both_ways(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert both(write_demo_project(tmp_path), tmp_path, monkeypatch) == []


@pytest.mark.skipif(not PROJECTS, reason="the corpus of real projects is not beside this checkout")
@pytest.mark.parametrize("path", PROJECTS, ids=lambda p: p.name[:40])
def test_a_real_project_is_the_same_both_ways(path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert both(path, tmp_path, monkeypatch) == []


def test_a_changed_value_does_not_go_unseen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write_demo_project(tmp_path)
    api = open_here(path, tmp_path, monkeypatch)
    api.project.tracks[1].values["D_VOL"] *= 0.5
    found = differences(load_project(path), session_from_snapshot(snapshot()))
    assert len(found) == 1
    assert found[0].startswith(".tracks[1].volume")


def test_every_exemption_has_its_reason() -> None:
    told = {name.split(".")[-1] for name in NOT_TOLD}
    exempt = {name for names in EXEMPT.values() for name in names}
    assert exempt - told == {"source", "reaper_version", "lanes_playing", "name", "resample_mode"} - told
