"""The pretend REAPER has REAPER's traps; each is heard or seen."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from stemkit.reaper.render_settings import FLOAT_WAV
from tests.fakereaper.api import FakeApi
from tests.fakereaper.binding import StalePointerError
from tests.fakereaper.process import functions, open_here, renders
from tests.fakereaper.rendering import DialogError, Renderer
from tests.fakereaper.songs import RATE, SECONDS, write_song

FRAMES = round(RATE * SECONDS)


@pytest.fixture
def reaper(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[FakeApi, Renderer]:
    api = open_here(write_song(tmp_path / "song"), tmp_path / "resource", monkeypatch)
    set_up(api, tmp_path / "out")
    return api, renders(api)


def set_up(api: FakeApi, folder: Path, **numbers: float) -> None:
    clean = {
        "RENDER_SETTINGS": 3, "RENDER_BOUNDSFLAG": 0, "RENDER_STARTPOS": 0, "RENDER_ENDPOS": SECONDS,
        "RENDER_SRATE": RATE, "RENDER_ADDTOPROJ": 0, "RENDER_NORMALIZE": 0, "RENDER_TAILFLAG": 0,
    }  # fmt: skip
    api.project.numbers |= clean | numbers
    api.project.texts |= {"RENDER_FILE": str(folder), "RENDER_PATTERN": "sk_$tracknumber", "RENDER_FORMAT": FLOAT_WAV}


def select(api: FakeApi, *numbers: int) -> None:
    for place, track in enumerate(api.project.tracks, 1):
        track.values["I_SELECTED"] = float(place in numbers)


def peaks(path: Path) -> list[float]:
    return [float(p) for p in np.abs(soundfile.read(path)[0]).max(axis=0)]


def test_a_stem_has_the_fader_and_not_the_folder_nor_the_master(reaper: tuple[FakeApi, Renderer]) -> None:
    api, renderer = reaper
    select(api, 2, 3)
    kick, snare = renderer.render()
    assert [kick.name, snare.name] == ["sk_2.wav", "sk_3.wav"]
    assert peaks(kick) == pytest.approx([0.4 * 0.8, 0.32 * 0.8], abs=1e-3)
    assert peaks(snare) == pytest.approx([0.4, 0.0], abs=1e-3)  # hard left


def test_a_folder_stem_has_its_children(reaper: tuple[FakeApi, Renderer]) -> None:
    api, renderer = reaper
    select(api, 1)
    (with_children,) = renderer.render()
    api.project.tracks[1].values["B_MAINSEND"] = api.project.tracks[2].values["B_MAINSEND"] = 0.0
    api.project.texts["RENDER_FILE"] += "2"
    (alone,) = renderer.render()
    assert peaks(alone) == pytest.approx([0.2, 0.16], abs=1e-3)
    assert peaks(with_children)[0] > peaks(alone)[0] + 0.1


def test_an_effect_on_a_track_is_heard(reaper: tuple[FakeApi, Renderer]) -> None:
    api, renderer = reaper
    select(api, 4)
    (wet,) = renderer.render()
    api.project.tracks[3].effects[0].enabled = 0
    api.project.texts["RENDER_FILE"] += "2"
    (dry,) = renderer.render()
    assert peaks(dry)[1] / peaks(wet)[1] == pytest.approx(10 ** (12 / 20), rel=1e-4)


def test_two_is_the_master_mix(reaper: tuple[FakeApi, Renderer]) -> None:
    api, renderer = reaper
    api.project.numbers["RENDER_SETTINGS"] = 2
    select(api, 2, 3)
    assert len(renderer.targets()) == 1


@pytest.mark.parametrize("effect", ["stemkit_clip_0.1", "stemkit_gain_-20", "stemkit_delay_480"])
def test_the_master_mix_has_its_effects_before_its_fader(
    effect: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    api = open_here(write_song(tmp_path / "song", master_effect=effect), tmp_path / "resource", monkeypatch)
    renderer = renders(api)
    api.project.master.values |= {"D_VOL": 0.5, "D_PAN": 0.0}
    mixes = []
    for on in (1.0, 0.0):
        api.project.master.values["I_FXEN"] = on
        set_up(api, tmp_path / f"out{on}", RENDER_SETTINGS=0)
        mixes.append(soundfile.read(renderer.render()[0])[0])
    with_effect, without = mixes
    expected = {
        "stemkit_clip_0.1": np.clip(without / 0.5, -0.1, 0.1) * 0.5,
        "stemkit_gain_-20": without * 0.1,
        "stemkit_delay_480": np.vstack([np.zeros((480, 2)), without[:-480]]),
    }[effect]
    assert with_effect == pytest.approx(expected, abs=1e-6)


def test_via_master_has_the_returns_and_the_master(reaper: tuple[FakeApi, Renderer]) -> None:
    api, renderer = reaper
    api.project.master.values |= {"D_VOL": 1.0, "D_PAN": 0.0, "I_FXEN": 0.0}
    select(api, 5)
    (stem,) = renderer.render()
    api.project.texts["RENDER_FILE"] += "2"
    api.project.numbers["RENDER_SETTINGS"] = 128
    (via_master,) = renderer.render()
    assert peaks(via_master)[0] == pytest.approx(peaks(stem)[0] * (1 + 0.25 * 0.7), rel=1e-3)


def test_what_exists_opens_a_dialog(reaper: tuple[FakeApi, Renderer]) -> None:
    api, renderer = reaper
    select(api, 2)
    renderer.render()
    with pytest.raises(DialogError, match="already exist"):
        renderer.render()


def test_nothing_selected_opens_a_dialog(reaper: tuple[FakeApi, Renderer]) -> None:
    api, renderer = reaper
    select(api)
    with pytest.raises(DialogError, match="Nothing to render"):
        renderer.render()


def test_no_span_opens_a_dialog(reaper: tuple[FakeApi, Renderer]) -> None:
    api, renderer = reaper
    select(api, 2)
    api.project.numbers["RENDER_ENDPOS"] = 0.0
    with pytest.raises(DialogError, match="Nothing to render"):
        renderer.render()


def test_silent_files_are_left_out_on_request(reaper: tuple[FakeApi, Renderer]) -> None:
    api, renderer = reaper
    select(api, 2, 6)
    api.project.tracks[5].values["D_VOL"] = 0.0
    api.project.numbers["RENDER_ADDTOPROJ"] = 2
    assert [path.name for path in renderer.render()] == ["sk_2.wav"]


def test_normalising_and_trimming_spoil_a_stem(reaper: tuple[FakeApi, Renderer]) -> None:
    api, renderer = reaper
    select(api, 2)
    api.project.tracks[1].items[0].values["D_POSITION"] = 0.1
    api.project.numbers |= {"RENDER_NORMALIZE": 1 | 16384, "RENDER_NORMALIZE_TARGET": 0.9, "RENDER_TRIMSTART": 1e-6}
    (file,) = renderer.render()
    assert max(peaks(file)) == pytest.approx(0.9, abs=1e-3)
    assert FRAMES - soundfile.info(file).frames == pytest.approx(0.1 * RATE, abs=2)


@pytest.mark.parametrize(
    ("markers", "span"),
    [
        ([], (0.0, SECONDS)),
        ([(0, 3.0, 0.0, "later", 1, 0)], (0.0, 3.0)),
        ([(0, 0.1, 0.0, "=START", 1, 0), (0, 0.3, 0.0, "=END", 2, 0)], (0.1, 0.3)),
    ],
    ids=["items", "a marker behind", "start and end"],
)
def test_the_entire_project_is_moved_by_markers(
    markers: list[Any], span: tuple[float, float], reaper: tuple[FakeApi, Renderer]
) -> None:
    api, renderer = reaper
    api.project.markers = markers
    api.project.numbers["RENDER_BOUNDSFLAG"] = 1
    select(api, 2)
    (file,) = renderer.render()
    assert soundfile.info(file).frames == pytest.approx((span[1] - span[0]) * RATE, abs=1)


def test_solo_silences_the_other_stems(reaper: tuple[FakeApi, Renderer]) -> None:
    api, renderer = reaper
    select(api, 2, 5)
    api.project.tracks[4].values["I_SOLO"] = 1.0
    kick, dub = renderer.render()
    assert max(peaks(kick)) == 0.0
    assert max(peaks(dub)) > 0.1


def test_a_muted_track_is_silent(reaper: tuple[FakeApi, Renderer]) -> None:
    api, renderer = reaper
    select(api, 7)
    assert max(peaks(renderer.render()[0])) == 0.0


def test_the_binding_is_strict(reaper: tuple[FakeApi, Renderer]) -> None:
    api, _ = reaper
    rpr = functions(api)
    track = rpr.GetTrack(rpr.EnumProjects(-1, "", 512)[0], 0)
    with pytest.raises(TypeError, match="takes 2 arguments"):
        rpr.GetTrack(0)
    with pytest.raises(AttributeError):
        rpr.NoSuchFunction()
    with pytest.raises(StalePointerError):
        rpr.GetMediaItemInfo_Value(track, "D_POSITION")
    api.end_tick()
    with pytest.raises(StalePointerError):
        rpr.GetMediaTrackInfo_Value(track, "D_VOL")


def test_texts_end_with_the_buffer_and_have_to_be_utf_8(reaper: tuple[FakeApi, Renderer]) -> None:
    api, _ = reaper
    rpr = functions(api)
    assert rpr.GetAudioDeviceInfo("SRATE", "", 4)[2] == "480"
    api.project.tracks[0].name = b"Caf\xe9"
    track = rpr.GetTrack(rpr.EnumProjects(-1, "", 512)[0], 0)
    with pytest.raises(UnicodeDecodeError):
        rpr.GetSetMediaTrackInfo_String(track, "P_NAME", "", False)
