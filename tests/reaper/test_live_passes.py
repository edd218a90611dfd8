"""Which stems REAPER renders together, and what is switched meanwhile."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from stemkit.model.delivery import Choices
from stemkit.reaper.live_passes import StemPass, master_values, shared_values, stem_passes
from stemkit.reaper.project_file import load_project
from stemkit.reaper.render_settings import FLOAT_WAV, MASTER_MIX, SELECTED_TRACKS, settings_values
from stemkit.render.planner import make_plan
from tests.fakereaper.songs import write_song

if TYPE_CHECKING:
    from stemkit.model.plan import RenderPlan
    from stemkit.model.session import Session

GUID = "{{00000000-0000-0000-0000-{:012d}}}".format
DRUMS, KICK, SNARE, VOX, DUB, ECHO = (GUID(n) for n in range(1, 7))


def planned(tmp_path: Path, extra: dict[str, str] | None = None, **choices: Any) -> tuple[Session, RenderPlan]:
    session = load_project(write_song(tmp_path / "song", extra=extra))
    return session, make_plan(session, Choices(tail="none", **choices), media={}, project_name="Song", gain="none")


def passes_of(session: Session, plan: RenderPlan) -> list[StemPass]:
    return stem_passes(session, plan, frozenset(stem.file_name for stem in plan.stems))


def test_a_folder_with_a_sound_of_its_own_is_alone_only_where_its_children_are_off(tmp_path: Path) -> None:
    """Nobody else hears the folder, so one pass is enough for all."""
    (single,) = passes_of(*planned(tmp_path))
    assert single.tracks == [DRUMS, KICK, SNARE, VOX, DUB, ECHO]
    assert single.values == [
        (("track", KICK, "B_MAINSEND"), 0.0),
        (("track", SNARE, "B_MAINSEND"), 0.0),
    ]


def test_a_dry_version_is_not_rendered_with_what_hears_it(tmp_path: Path) -> None:
    session, plan = planned(tmp_path, dry=("all",))
    first, second = passes_of(session, plan)
    assert ("effect", VOX, "{F0000000-0000-0000-0000-000000000002}") not in [name for name, _ in first.values]
    assert second.values == [(("effect", VOX, "{F0000000-0000-0000-0000-000000000002}"), 0)]
    assert second.tracks == [VOX]


def test_a_wet_version_turns_the_others_sends_off_in_a_pass_of_its_own(tmp_path: Path) -> None:
    first, second = passes_of(*planned(tmp_path, wet=("Dub",)))
    assert ECHO in first.tracks
    assert second.tracks == [DUB, ECHO]
    assert second.values == [(("send", ECHO, 0, VOX, "B_MUTE"), 1.0)]


def test_only_what_is_wanted_is_rendered(tmp_path: Path) -> None:
    session, plan = planned(tmp_path)
    kick = next(stem.file_name for stem in plan.stems if stem.cut_guid == KICK)
    (single,) = stem_passes(session, plan, frozenset({kick}))
    assert (single.tracks, single.values) == ([KICK], [])


def test_solo_goes_off_for_stems_and_stays_for_the_mix_as_heard(tmp_path: Path) -> None:
    session, _ = planned(tmp_path, extra={"Dub": "MUTESOLO 0 1 0"})
    assert dict(shared_values(session, solo_off=True)) == {("play_rate",): 1.0, ("track", DUB, "I_SOLO"): 0.0}
    assert dict(shared_values(session, solo_off=False)) == {("play_rate",): 1.0}


def test_the_neutral_master(tmp_path: Path) -> None:
    session, _ = planned(tmp_path)
    assert dict(master_values(session)) == {
        ("track", "master", "D_VOL"): 1.0,
        ("track", "master", "D_PAN"): 0.0,
        ("track", "master", "D_WIDTH"): 1.0,
        ("track", "master", "I_FXEN"): 0.0,
        ("track", "master", "B_MUTE"): 0.0,
    }


@pytest.mark.parametrize(("source", "pattern"), [(MASTER_MIX, "sk_mix"), (SELECTED_TRACKS, "sk_$tracknumber")])
def test_every_setting_is_said(source: int, pattern: str, tmp_path: Path) -> None:
    """The list of the issue: custom bounds, no tail, no dither, nothing normalised, added or left out, no names."""
    _, plan = planned(tmp_path)
    values = dict(settings_values(plan, source=source, folder=tmp_path, channels=2))
    assert {name[1]: value for name, value in values.items()} == {
        "RENDER_SETTINGS": source, "RENDER_BOUNDSFLAG": 0, "RENDER_STARTPOS": 0.0, "RENDER_ENDPOS": 0.5,
        "RENDER_TAILFLAG": 0, "RENDER_SRATE": 48000, "RENDER_CHANNELS": 2, "RENDER_DITHER": 16,
        "RENDER_ADDTOPROJ": 0, "RENDER_NORMALIZE": 0, "RENDER_FILE": str(tmp_path), "RENDER_PATTERN": pattern,
        "RENDER_FORMAT": FLOAT_WAV, "RENDER_FORMAT2": "",
    }  # fmt: skip
    assert FLOAT_WAV == "ZXZhdyAAAQ=="
