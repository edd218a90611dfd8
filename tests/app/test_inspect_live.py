"""`inspect --live --levels`: REAPER itself renders what is measured, plug-ins included, and the project stays."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import pytest

from stemkit.app.inspect import inspect_project
from tests.fakereaper.process import open_here, renders
from tests.fakereaper.songs import write_song
from tests.reaper.live_jobs import facts
from tests.reaper.near_link import connect_here

if TYPE_CHECKING:
    from pathlib import Path


def test_the_levels_of_the_open_project_are_those_behind_its_effects(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    song = write_song(tmp_path / "song")
    api = open_here(song, tmp_path / "resource", monkeypatch)
    renders(api)
    connect_here(api, monkeypatch)
    before = facts()
    live = {level.subject: level for level in inspect_project(None, media=False, levels=True).levels}
    assert facts() == before
    assert {level.unknown for level in live.values()} == {None}
    (vox,) = [level.peak_dbfs for name, level in live.items() if "Vox" in name]
    (kick,) = [level.peak_dbfs for name, level in live.items() if "Kick" in name]
    item, pan_at_03 = 0.4, math.cos(1.3 * math.pi / 4) * (1 + math.sqrt(2) - 1 / math.cos(0.3 * math.pi / 4))
    right = math.sin(1.3 * math.pi / 4) * (1 + math.sqrt(2) - 1 / math.cos(0.3 * math.pi / 4))
    loudest = max(pan_at_03, 0.8 * right)
    assert vox == pytest.approx(20 * math.log10(item * 0.9 * loudest) - 12, abs=0.1)  # the effect turns it down
    assert kick == pytest.approx(20 * math.log10(item * 0.8 * 0.5), abs=0.1)  # fader and folder
