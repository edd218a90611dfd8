"""The render machine inside: whatever happens in whatever state, the project is as it was, or the journal says how."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from stemkit.reaper import inside, inside_journal
from stemkit.reaper.inside_render import Machine, RenderError
from stemkit.reaper.live_mix import live_fidelity
from tests.fakereaper.process import open_here, renders
from tests.fakereaper.songs import RATE, SECONDS, write_song
from tests.reaper.live_jobs import Bench, bench, facts

FRAMES = round(RATE * SECONDS)


@pytest.fixture
def song(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Bench:
    return bench(write_song(tmp_path / "song"), tmp_path, monkeypatch, heartbeat_s=60.0)


def test_a_whole_render_gives_every_file_and_leaves_no_trace(song: Bench) -> None:
    machine = song.machine()
    song.run(machine)
    status = machine.status()
    assert (status["state"], status["failure"], status["not_restored"]) == ("done", None, [])
    for name, keys in song.keys_of_pass.items():
        for tracks in keys.values():
            for guid in tracks:
                assert soundfile.info(status["files"][name][guid]).frames == FRAMES
    assert facts() == song.before
    assert not song.journal.exists()


def test_the_journal_is_on_disk_before_the_first_change(song: Bench) -> None:
    machine = song.machine()
    song.tick(machine)
    assert machine.state == "set_up"
    assert facts() == song.before
    told = json.loads(song.journal.read_text())
    names = [tuple(name) for name, _ in told["values"]]
    assert ("project_number", "RENDER_SETTINGS") in names
    assert ("project_text", "RENDER_PATTERN") in names
    assert ("track", song.session.tracks[1].guid, "I_SELECTED") in names
    song.tick(machine)
    assert facts() != song.before


# Every state of the machine, in the first pass and in a later one.
STATES = [
    *(("record", 0), ("set_up", 0), ("armed", 0), ("look", 0)),
    *(("set_up", 1), ("armed", 1), ("look", 1), ("restore", 0)),
]


@pytest.mark.parametrize(("state", "number"), STATES)
def test_a_client_that_dies_in_any_state_costs_nothing(
    state: str, number: int, song: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine = song.machine()
    while not machine.over and not (machine.state == state and machine._number >= number):
        machine.status()
        song.tick(machine)
    monkeypatch.setattr("stemkit.reaper.inside_render.time.monotonic", lambda: machine._heard + 61.0)
    song.run(machine, alive=False)
    assert machine.over
    assert facts() == song.before
    assert not song.journal.exists()
    if state != "restore":
        assert machine.failure is not None
        assert machine.failure.code == "client_gone"


@pytest.mark.parametrize(("state", "number"), STATES)
def test_the_journal_brings_back_what_a_dead_script_left(state: str, number: int, song: Bench) -> None:
    machine = song.machine()
    while not machine.over and not (machine.state == state and machine._number >= number):
        machine.status()
        song.tick(machine)
    del machine  # nobody ticks any more; the values stand as they are
    answer = json.loads(inside.dispatch("restore", "{}"))
    assert answer["ok"], answer
    assert answer["value"]["not_restored"] == []
    assert facts() == song.before
    assert not song.journal.exists()


@pytest.mark.parametrize("state", ["set_up", "armed", "look"])
def test_a_new_reaper_restores_from_the_journal(
    state: str, song: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine = song.machine()
    while machine.state != state:
        machine.status()
        song.tick(machine)
    saved_meanwhile = song.api.project  # REAPER saved the changed values, then died; they are loaded again
    api = open_here(tmp_path / "song" / "Song.rpp", tmp_path / "resource", monkeypatch)
    api.project = saved_meanwhile
    assert json.loads(inside.dispatch("hello", "{}"))["value"]["interrupted"] is True
    assert json.loads(inside.dispatch("restore", "{}"))["value"] == {"found": True, "not_restored": []}
    assert facts() == song.before


def test_another_project_is_not_restored_into(song: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    song.tick(song.machine())
    open_here(write_song(tmp_path / "other"), tmp_path / "resource", monkeypatch)
    answer = json.loads(inside.dispatch("restore", "{}"))
    assert answer["code"] == "other_project"
    assert "Song.rpp" in answer["message"]
    assert song.journal.exists()


def test_a_render_after_an_interrupted_one_is_refused(song: Bench) -> None:
    song.tick(song.machine())
    answer = json.loads(inside.dispatch("render_start", json.dumps({"job": song.job})))
    assert answer["code"] == "interrupted"


def test_two_at_once_are_refused(song: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inside._Current, "machine", None)
    assert json.loads(inside.dispatch("render_start", json.dumps({"job": song.job})))["ok"]
    answer = json.loads(inside.dispatch("render_start", json.dumps({"job": song.job})))
    assert answer["code"] == "rendering"
    while json.loads(inside.dispatch("render_status", "{}"))["value"]["state"] != "done":
        inside.tick()
        song.api.end_tick()
    assert facts() == song.before


def test_a_step_inside_a_step_does_nothing(song: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inside._Current, "machine", None)
    inside.dispatch("render_start", json.dumps({"job": song.job}))
    render = song.api.run_action
    seen: list[Any] = []

    def renders_and_lets_timers_run(command: int) -> None:
        machine = inside._Current.machine
        assert machine is not None
        state = machine.state
        inside.tick()
        seen.append((state, machine.state))
        seen.append(json.loads(inside.dispatch("snapshot", "{}"))["code"])
        seen.append(json.loads(inside.dispatch("render_status", "{}"))["value"]["state"])
        render(command)

    song.api.run_action = renders_and_lets_timers_run
    while json.loads(inside.dispatch("render_status", "{}"))["value"]["state"] != "done":
        inside.tick()
        song.api.end_tick()
    assert seen[:3] == [("armed", "armed"), "rendering", "armed"]
    assert facts() == song.before


def test_a_project_that_was_closed_keeps_its_journal(
    song: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine = song.machine()
    while machine.state != "armed":
        song.tick(machine)
    closed = song.api.project
    api = open_here(write_song(tmp_path / "other"), tmp_path / "resource", monkeypatch)
    song.api = api
    song.run(machine)
    assert machine.state == "failed"
    assert machine.failure is not None
    assert machine.failure.code == "project_closed"
    assert song.journal.exists()
    api.project = closed
    assert json.loads(inside.dispatch("restore", "{}"))["value"] == {"found": True, "not_restored": []}
    assert facts() == song.before


def test_cancelling_stops_before_the_next_pass(song: Bench) -> None:
    machine = song.machine()
    while machine.state != "look":
        song.tick(machine)
    machine.cancel()
    song.run(machine)
    assert machine.failure is not None
    assert machine.failure.code == "cancelled"
    assert facts() == song.before


def test_the_table_of_states_is_complete(song: Bench) -> None:
    machine = song.machine()
    seen = []
    while not machine.over:
        seen.append(machine.state)
        song.tick(machine)
    assert set(seen) == {state for state, _ in STATES}


def test_another_project_than_planned_is_refused(song: Bench) -> None:
    with pytest.raises(RenderError, match="not the one that was planned"):
        Machine(song.job | {"project": "/elsewhere.rpp"})


def test_the_link_that_ends_restores_at_once(song: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inside._Current, "machine", None)
    inside.dispatch("render_start", json.dumps({"job": song.job}))
    for _ in range(3):
        inside.tick()
        song.api.end_tick()
    assert facts() != song.before
    inside.shut_down()
    assert facts() == song.before
    assert inside_journal.load() is None


def test_the_preference_that_counts_names_up_is_off_meanwhile(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    song = bench(write_song(tmp_path / "song"), tmp_path, monkeypatch)
    assert not any(name[0] == "config" for name, _ in song.job["passes"][0]["values"])
    song.api.project.config["renderclosewhendone"] = "17"
    (tmp_path / "again").mkdir()
    from stemkit.reaper.live_job import make_job

    job, _ = make_job(
        song.session, song.plan, tmp_path / "again", wanted=frozenset({"rough_mix"}), snapshot=facts(),
        can_set_config=True, heartbeat_s=60.0,
    )  # fmt: skip
    assert [["config", "renderclosewhendone"], "1"] in job["passes"][0]["values"]
    renders(song.api)
    machine = Machine(job)
    seen = set()
    while not machine.over:
        song.tick(machine)
        seen.add(song.api.project.config["renderclosewhendone"])
    assert seen == {"17", "1"}
    assert song.api.project.config["renderclosewhendone"] == "17"


def test_a_master_in_mono_is_stereo_for_the_proof_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    song = bench(write_song(tmp_path / "song", master_extra="MASTERMUTESOLO 4"), tmp_path, monkeypatch)
    fidelity = live_fidelity(song.session, song.plan)
    assert fidelity["proof_mix"].level == "exact"
    machine = song.machine()
    song.run(machine)
    assert machine.state == "done", machine.failure
    proof, rough = (soundfile.read(machine.files[key][""])[0] for key in ("proof_mix", "rough_mix"))
    assert np.abs(proof[:, 0] - proof[:, 1]).max() > 0.01
    assert proof[:, 0].any()
    assert np.corrcoef(rough[:, 0], rough[:, 1])[0, 1] == pytest.approx(1.0, abs=1e-6)  # mono, but for the pan after it
    assert song.api.project.flags == 4
    assert facts() == song.before


def test_a_master_that_plays_one_side_gives_no_proof(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    song = bench(write_song(tmp_path / "song", master_extra="MASTERMUTESOLO 12"), tmp_path, monkeypatch)
    proof = live_fidelity(song.session, song.plan)["proof_mix"]
    assert proof.level == "impossible"
    assert "set it to stereo" in proof.reasons[0]
