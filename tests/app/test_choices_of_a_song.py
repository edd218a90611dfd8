"""Every choice on the example song: as an option, in `stemkit.toml` beside it, and in the files that come of it."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from stemkit.app.demo_song import write_demo_project
from stemkit.app.prepare import prepare
from stemkit.app.render import render_prepared
from stemkit.errors import UsageError
from stemkit.model.plan import RenderPlan


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("choices")
    write_demo_project(folder)
    return folder


@pytest.fixture
def song(home: Path, tmp_path: Path) -> Path:
    shutil.copytree(home, tmp_path / "song")
    return next((tmp_path / "song").glob("*.rpp"))


def planned(song: Path, **choices: Any) -> RenderPlan:
    return prepare(song, overrides=choices).plan


def names(plan: RenderPlan, variant: str = "stem") -> list[str]:
    return [stem.name for stem in plan.stems if stem.variant == variant]


ALL = ["Kick", "Snare_Top", "Hats", "Bass", "Synth_Pad", "Vox_Lead", "Vox_Room"]
# One bar of 4/4 at the demo's 100 BPM lasts 2.4 s.
CHOICES: list[tuple[dict[str, Any], str, dict[str, Any]]] = [
    ({"by": "group"}, 'by = "group"', {"stems": ["Drums", "Bass", "Synth_Pad", "Vox_Lead", "Vox_Room"]}),
    ({"order": "instrument"}, 'order = "instrument"', {"stems": ALL}),
    ({"include": ("Vox*",)}, 'include = ["Vox*"]', {"stems": ["Vox_Lead", "Vox_Room"]}),
    ({"exclude": ("folder:Drums",)}, 'exclude = "folder:Drums"', {"stems": ALL[3:]}),
    ({"start": "3:1"}, "start = 3", {"start_s": 4.8, "end_s": 19.2}),
    ({"start": "2.5s"}, "start = 2.5", {"start_s": 2.5, "end_s": 19.2}),
    ({"end": "5:1"}, 'end = "5:1"', {"start_s": 0.0, "end_s": 9.6}),
    ({"tail": "1.5"}, "tail = 1.5", {"start_s": 0.0, "end_s": 20.7}),
    ({"channels": "stereo"}, 'channels = "stereo"', {"channels": {2}}),
    ({"channels": "source"}, 'channels = "source"', {"channels": {None, 2}}),
    ({"sample_rate": 44100}, "sample_rate = 44100", {"rate": 44100}),
    ({"encoding": "float32"}, 'encoding = "float32"', {"encoding": "float32"}),
    ({"gain": "none"}, 'gain = "none"', {"gain": "none"}),
    ({"wet": ("Vox Lead",)}, 'wet = ["Vox Lead"]', {"wet": ["Vox_Lead"]}),
]


def facts(plan: RenderPlan) -> dict[str, Any]:
    return {
        "stems": names(plan),
        "wet": names(plan, "wet"),
        "start_s": pytest.approx(plan.bounds.start_s),
        "end_s": pytest.approx(plan.bounds.end_s),
        "channels": {stem.channels for stem in plan.stems},
        "rate": plan.sample_rate,
        "encoding": plan.encoding,
        "gain": plan.gain,
    }


@pytest.mark.parametrize(("option", "toml", "expected"), CHOICES, ids=[toml for _, toml, _ in CHOICES])
def test_an_option_and_the_file_beside_the_project_plan_the_same(
    song: Path, option: dict[str, Any], toml: str, expected: dict[str, Any]
) -> None:
    by_option = planned(song, **option)
    song.with_name("stemkit.toml").write_text(toml, encoding="utf-8")
    assert planned(song) == by_option
    told = facts(by_option)
    assert {key: told[key] for key in expected} == expected


def test_an_option_wins_over_the_file(song: Path) -> None:
    song.with_name("stemkit.toml").write_text('include = ["Vox*"]\nsample_rate = 44100', encoding="utf-8")
    plan = planned(song, include=("* Bass",))
    assert (names(plan), plan.sample_rate) == (["Bass"], 44100)


def test_dry_versions_of_a_song_without_effects_are_none_and_the_plan_says_so(song: Path) -> None:
    plan = planned(song, dry=("all",))
    assert names(plan, "dry") == []
    assert "No stem has an effect that is on, so there is no dry version of any." in plan.notes


@pytest.mark.parametrize(
    ("choices", "why"),
    [
        ({"start": "999:1"}, "Nothing sounds behind the start"),
        ({"start": "5s", "end": "5s"}, "does not lie behind the start"),
        ({"sample_rate": -5}, "-5 is no sample rate"),
        ({"sample_rate": 3}, "3 is no sample rate"),
        ({"tail": "-1"}, "is no length"),
        ({"start": "soon"}, "no place on the time line"),
    ],
)
def test_wishes_that_make_no_sense(song: Path, choices: dict[str, Any], why: str) -> None:
    with pytest.raises(UsageError, match=why):
        planned(song, **choices)


def test_what_the_user_leaves_out_is_one_obstacle(song: Path) -> None:
    (obstacle,) = planned(song, include=("Vox*",)).adds_up.obstacles
    assert obstacle == "'kick', 'Snare (top)', 'Track 4' and 2 others are in the mix but left out"


def rendered(song: Path, output: Path, **choices: Any) -> dict[str, np.ndarray[Any, np.dtype[np.float64]]]:
    prepared = prepare(song, overrides={"gain": "none", "encoding": "float32", "channels": "stereo", **choices})
    render_prepared(prepared, output, skip_impossible=True)
    return {path.relative_to(output).as_posix(): soundfile.read(path)[0] for path in sorted(output.rglob("*.wav"))}


def test_groups_and_tracks_add_up_to_the_same(song: Path, tmp_path: Path) -> None:
    by_group = rendered(song, tmp_path / "g", by="group")
    by_track = rendered(song, tmp_path / "t", by="track")
    assert [name for name in by_group if name.startswith("Stems/")] == [
        "Stems/01_Drums.wav",
        "Stems/02_Bass.wav",
        "Stems/03_Synth_Pad.wav",
        "Stems/04_Vox_Lead.wav",
        "Stems/05_Vox_Room.wav",
    ]
    groups = sum(audio for name, audio in by_group.items() if name.startswith("Stems/"))
    tracks = sum(audio for name, audio in by_track.items() if name.startswith("Stems/"))
    assert np.max(np.abs(groups - tracks)) < 1e-6  # 32-bit float files
    assert np.max(np.abs(groups)) > 0.1


def test_a_wet_version_is_the_stem_with_its_return(song: Path, tmp_path: Path) -> None:
    files = rendered(song, tmp_path / "w", include=("Vox*",), wet=("Vox Lead",))
    both = files["Stems/01_Vox_Lead.wav"] + files["Stems/02_Vox_Room.wav"]
    assert np.max(np.abs(files["Stems_Wet/01_Vox_Lead_Wet.wav"] - both)) < 1e-6
    assert np.max(np.abs(files["Stems/02_Vox_Room.wav"])) > 0.01
