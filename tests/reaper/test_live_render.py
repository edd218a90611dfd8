"""The live engine through a real socket: its sound is that of the project's file mixed offline, and the project stays."""

from __future__ import annotations

import json
import math
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import soundfile

from stemkit.app.demo_song import write_demo_project
from stemkit.errors import EngineError
from stemkit.model.delivery import Choices
from stemkit.reaper.link import LinkError, open_link
from stemkit.reaper.live import session_from_snapshot
from stemkit.reaper.live_engine import LiveEngine
from stemkit.reaper.project_file import load_project
from stemkit.reaper.resource_paths import RESOURCE_VARIABLE
from stemkit.render.builtin import BuiltinEngine
from stemkit.render.planner import make_plan
from tests.fakereaper.running import ROOT, RunningReaper, running_reaper
from tests.fakereaper.songs import write_song

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stemkit.model.plan import RenderPlan
    from stemkit.model.session import Session

GAIN = 10 ** (-12 / 20)  # of the effect on Vox, the only one on a track that the pretend REAPER runs


@pytest.fixture(scope="module")
def reaper(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningReaper]:
    folder = tmp_path_factory.mktemp("live")
    with running_reaper(write_song(folder / "song"), folder / "resource") as running:
        yield running


@pytest.fixture(autouse=True)
def _here(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if "reaper" in request.fixturenames:
        monkeypatch.setenv(RESOURCE_VARIABLE, str(request.getfixturevalue("reaper").resource))


def told() -> dict[str, Any]:
    with open_link() as link:
        facts: dict[str, Any] = link.ask("snapshot")
    facts.pop("seconds")
    return facts


def planned(session: Session, **choices: Any) -> RenderPlan:
    return make_plan(session, Choices(**{"tail": "none"} | choices), media={}, project_name="Song", gain="none")


def sound(path: Path) -> np.ndarray:
    return np.asarray(soundfile.read(path, dtype="float64", always_2d=True)[0])


def rendered(plan: RenderPlan, session: Session, staging: Path, **options: Any) -> dict[str, np.ndarray]:
    audio = LiveEngine(**options).render(session, plan, staging)
    for one in audio:
        data = sound(one.path)
        assert one.peak == pytest.approx(np.abs(data).max(initial=0.0))
        assert one.left_equals_right == bool(np.array_equal(data[:, 0], data[:, 1]))
    return {one.key: sound(one.path) for one in audio}


def offline(session: Session, plan: RenderPlan, folder: Path) -> dict[str, np.ndarray]:
    return {a.key: sound(a.path) for a in BuiltinEngine(bypass_fx=True).render(session, plan, folder)}


def test_every_stem_is_what_the_file_says(reaper: RunningReaper, tmp_path: Path) -> None:
    """The reference is the project's file, read by the product's reader and mixed without REAPER."""
    before = told()
    session = session_from_snapshot(before)
    plan = planned(session)
    live = rendered(plan, session, tmp_path / "live")
    file = load_project(Path(session.path or ""))
    reference = offline(file, planned(file), tmp_path / "file")
    assert live.keys() == reference.keys()
    names = {stem.file_name: stem.name for stem in plan.stems}
    assert sorted(names.values()) == ["Drums", "Dub", "Echo", "Kick", "Snare", "Vox"]
    for key, name in names.items():
        gain = GAIN if name == "Vox" else 1.0
        if name != "Echo":  # its input comes from Vox, of which only the pretend REAPER runs the effect
            assert live[key] == pytest.approx(reference[key] * gain, abs=2e-6), name
    assert np.abs(live["rough_mix"]).max() <= 0.1 * 0.5 * 1.3  # clipped by the master's effect, then its fader and pan
    stems = sum(live[key] for key in names)
    assert live["proof_mix"] == pytest.approx(stems, abs=2e-6)
    assert told() == before
    assert not reaper.journal.exists()


def test_unsaved_edits_are_rendered(reaper: RunningReaper, tmp_path: Path) -> None:
    reaper.order("set", track=1, key="D_VOL", value=0.4)
    try:
        session = session_from_snapshot(told())
        live = rendered(planned(session, include=("Kick",)), session, tmp_path / "live")
        key = next(key for key in live if "Kick" in key)
        assert np.abs(live[key]).max() == pytest.approx(0.4 * 0.4 * 0.5, abs=1e-3)  # item, fader, folder
    finally:
        reaper.order("set", track=1, key="D_VOL", value=0.8)


def test_a_dry_version_has_its_effect_off_and_the_stem_has_not(reaper: RunningReaper, tmp_path: Path) -> None:
    before = told()
    session = session_from_snapshot(before)
    vox = next(track for track in session.tracks if track.name == "Vox")
    plan = planned(session, dry=("Vox",))
    if not any(stem.variant == "dry" for stem in plan.stems):  # a gain is no creative effect by the table
        plan = planned(session, dry=("all",))
    live = rendered(plan, session, tmp_path / "live")
    stem = next(s for s in plan.stems if s.cut_guid == vox.guid and s.variant == "stem")
    dry = next(s for s in plan.stems if s.cut_guid == vox.guid and s.variant == "dry")
    assert dry.bypassed == ("{F0000000-0000-0000-0000-000000000002}",)
    assert live[stem.file_name] == pytest.approx(live[dry.file_name] * GAIN, abs=2e-6)
    assert told() == before


def test_a_wet_version_has_its_own_return_and_no_other(reaper: RunningReaper, tmp_path: Path) -> None:
    before = told()
    session = session_from_snapshot(before)
    plan = planned(session, wet=("Dub",))
    live = rendered(plan, session, tmp_path / "live")
    stem = next(s for s in plan.stems if s.name == "Dub" and s.variant == "stem")
    wet = next(s for s in plan.stems if s.variant == "wet")
    assert live[wet.file_name] == pytest.approx(live[stem.file_name] * (1 + 0.25 * 0.7), abs=2e-6)
    assert told() == before


def test_groups_are_summed(reaper: RunningReaper, tmp_path: Path) -> None:
    session = session_from_snapshot(told())
    plan = planned(session, by="group")
    live = rendered(plan, session, tmp_path / "live")
    stems = sum(live[stem.file_name] for stem in plan.stems)
    assert live["proof_mix"] == pytest.approx(stems, abs=4e-6)


def test_progress_goes_up_to_the_end(reaper: RunningReaper, tmp_path: Path) -> None:
    session = session_from_snapshot(told())
    seen: list[float] = []
    LiveEngine().render(session, planned(session), tmp_path / "live", progress=lambda part, _: seen.append(part))
    assert seen == sorted(seen)
    assert seen[-1] == 1.0


def test_a_writing_track_is_refused(reaper: RunningReaper, tmp_path: Path) -> None:
    reaper.order("set", track=3, key="I_AUTOMODE", value=3)
    try:
        session = session_from_snapshot(told())
        with pytest.raises(EngineError, match="Vox is in write mode"):
            LiveEngine().render(session, planned(session), tmp_path / "live")
    finally:
        reaper.order("set", track=3, key="I_AUTOMODE", value=0)


@pytest.mark.parametrize("mode", [0, 1])
def test_reading_modes_stay_as_they_are(mode: int, reaper: RunningReaper, tmp_path: Path) -> None:
    reaper.order("set", track=3, key="I_AUTOMODE", value=mode)
    session = session_from_snapshot(told())
    LiveEngine().render(session, planned(session), tmp_path / "live", keys=frozenset({"proof_mix"}))
    assert session_from_snapshot(told()).tracks[3].automation_mode == mode
    reaper.order("set", track=3, key="I_AUTOMODE", value=0)


def test_a_semicolon_in_the_folder_is_refused(reaper: RunningReaper, tmp_path: Path) -> None:
    session = session_from_snapshot(told())
    with pytest.raises(EngineError, match="semicolon"):
        LiveEngine().render(session, planned(session), tmp_path / "a;b")


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        ("cancel", "wrote no file"),
        ("drop", "left out 1 of"),
        ("short", "instead of 24000"),
    ],
)
def test_a_failed_render_is_named_and_restored(fault: str, message: str, reaper: RunningReaper, tmp_path: Path) -> None:
    before = told()
    session = session_from_snapshot(before)
    reaper.order("on_render", faults=[fault])
    with pytest.raises(EngineError, match=message) as caught:
        LiveEngine().render(session, planned(session), tmp_path / "live")
    reaper.order("on_render", faults=[])
    if fault != "drop":
        assert "The project is as it was" in str(caught.value)
    assert told() == before


def test_a_dialog_is_told_and_the_project_restored_once_it_is_closed(reaper: RunningReaper, tmp_path: Path) -> None:
    before = told()
    session = session_from_snapshot(before)
    reaper.order("on_render", faults=["dialog: plug-in wants to be registered"])
    with pytest.raises(LinkError, match="dialog is probably open"):
        LiveEngine(stall_s=3.0, heartbeat_s=3.0).render(session, planned(session), tmp_path / "live")
    assert reaper.journal.exists()
    reaper.close_dialog()
    reaper.wait_for(lambda: not reaper.journal.exists(), "the restore")
    assert told() == before


def test_a_slow_render_is_no_time_out(reaper: RunningReaper, tmp_path: Path) -> None:
    session = session_from_snapshot(told())
    reaper.order("on_render", faults=["slow 3.5"])
    LiveEngine(heartbeat_s=3.0, stall_s=60.0).render(
        session, planned(session), tmp_path / "live", keys=frozenset({"proof_mix"})
    )


def test_two_at_once_the_second_is_turned_away(reaper: RunningReaper, tmp_path: Path) -> None:
    before = told()
    reaper.order("on_render", faults=["slow 0.5"] * 3)
    renders = reaper.log().count("render\n")
    client = Client(reaper, tmp_path / "first")
    reaper.wait_for(lambda: reaper.log().count("render\n") > renders, "the first render")
    (tmp_path / "second").mkdir()
    with pytest.raises(EngineError, match=r"Another stemkit is rendering|interrupted"):
        LiveEngine().render(session_from_snapshot(before), planned(session_from_snapshot(before)), tmp_path / "second")
    assert client.process.wait(60) == 0, client.errors()
    assert told() == before


class Client:
    """A stemkit in a process of its own."""

    def __init__(self, reaper: RunningReaper, folder: Path, heartbeat_s: float = 60.0) -> None:
        self._errors = folder.with_suffix(".errors")
        script = ROOT / "tests" / "reaper" / "live_client.py"
        with self._errors.open("w") as errors:
            self.process = subprocess.Popen(
                [sys.executable, str(script), str(folder), str(heartbeat_s)],
                env=reaper.environment | {"PYTHONPATH": str(ROOT)}, stderr=errors,
            )  # fmt: skip

    def errors(self) -> str:
        return self._errors.read_text()


def held_client(reaper: RunningReaper, folder: Path, state: str, heartbeat_s: float = 60.0) -> Client:
    """Start a stemkit and stop REAPER's scripts in a state of the render, or REAPER itself while it renders."""
    told = "render\n" if state == "rendering" else f"held {state}\n"
    before = reaper.log().count(told)
    if state == "rendering":
        reaper.order("on_render", faults=["slow 1.5"])
    else:
        reaper.order("hold", state=state)
    client = Client(reaper, folder, heartbeat_s)
    reaper.wait_for(lambda: reaper.log().count(told) > before, f"the state {state}")
    return client


# Between two ticks, and in the action that renders. "record" begins and ends within one tick, before any change.
STATES = ["set_up", "armed", "rendering", "look", "restore"]


@pytest.mark.parametrize("state", STATES)
def test_a_client_killed_in_any_state_costs_nothing(state: str, reaper: RunningReaper, tmp_path: Path) -> None:
    """kill -9, in the state; REAPER misses the signs of life and puts everything back by itself."""
    before = told()
    client = held_client(reaper, tmp_path / "live", state, heartbeat_s=2.0)
    client.process.kill()
    assert client.process.wait(60) == -signal.SIGKILL
    assert reaper.journal.exists()
    reaper.order("hold", state="")
    with open_link() as link:
        reaper.wait_for(lambda: not link.ask("hello")["rendering"], "the end of the render")
    assert not reaper.journal.exists()
    assert told() == before


@pytest.mark.parametrize("state", STATES)
def test_reaper_killed_in_any_state_leaves_a_project_that_is_as_it_was(
    state: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """REAPER dies with the changes in it, and starts again with the project as it lies on the disk."""
    song, resource = write_song(tmp_path / "song"), tmp_path / "resource"
    monkeypatch.setenv(RESOURCE_VARIABLE, str(resource))
    with running_reaper(song, resource) as first:
        before = told()
        client = held_client(first, tmp_path / "live", state)
        first.kill()
        assert client.process.wait(60) == 3
        assert "REAPER" in client.errors()
        assert first.journal.exists()
    with running_reaper(song, resource):
        with open_link() as link:
            assert link.ask("hello")["interrupted"] is True
            assert link.ask("restore") == {"found": True, "not_restored": []}
        assert told() == before
        assert not (resource / "stemkit" / "journal.json").exists()


@pytest.mark.parametrize("fault", ["die", "crash"])
def test_a_plug_in_that_takes_reaper_with_it(fault: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    song, resource = write_song(tmp_path / "song"), tmp_path / "resource"
    monkeypatch.setenv(RESOURCE_VARIABLE, str(resource))
    with running_reaper(song, resource) as first:
        before = told()
        first.order("on_render", faults=[fault])
        session = session_from_snapshot(before)
        with pytest.raises(LinkError, match="REAPER ended the connection"):
            LiveEngine().render(session, planned(session), tmp_path / "live")
        assert first.journal.exists()
    with running_reaper(song, resource):
        (tmp_path / "again").mkdir()
        with pytest.raises(EngineError, match="doctor --restore"):
            LiveEngine().render(session, planned(session), tmp_path / "again")
        with open_link() as link:
            assert link.ask("restore")["not_restored"] == []
        assert told() == before


def test_a_script_that_is_stopped_restores_on_its_way_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    song, resource = write_song(tmp_path / "song"), tmp_path / "resource"
    monkeypatch.setenv(RESOURCE_VARIABLE, str(resource))
    with running_reaper(song, resource) as running:
        client = held_client(running, tmp_path / "live", "armed")
        assert running.journal.exists()
        running.order("stop_scripts")
        assert not running.journal.exists()
        assert not (resource / "stemkit" / "link.json").exists()
        assert client.process.wait(60) == 3, client.errors()


def first_folder(staging: Path) -> Path:
    return staging / "reaper-stems-1"


def go_on(reaper: RunningReaper, client: Client, *, says: str) -> None:
    """Let a held render go on to its named failure."""
    reaper.order("hold", state="")
    assert client.process.wait(60) == 3, client.errors()
    assert says in client.errors()
    assert "The project is as it was" in client.errors()
    assert not reaper.journal.exists()


def test_a_file_in_the_way_is_named(reaper: RunningReaper, tmp_path: Path) -> None:
    before = told()
    client = held_client(reaper, tmp_path / "live", "set_up")
    (first_folder(tmp_path / "live") / "sk_2.wav").touch()
    go_on(reaper, client, says="exists already")
    assert told() == before


def test_a_selection_that_changes_meanwhile_stops_the_render(reaper: RunningReaper, tmp_path: Path) -> None:
    before = told()
    client = held_client(reaper, tmp_path / "live", "armed")
    reaper.order("set", track=6, key="I_SELECTED", value=1)
    go_on(reaper, client, says="did not keep a setting")
    assert told() == before


def test_a_folder_that_goes_away_meanwhile_is_named(reaper: RunningReaper, tmp_path: Path) -> None:
    before = told()
    client = held_client(reaper, tmp_path / "live", "armed")
    first_folder(tmp_path / "live").rmdir()
    first_folder(tmp_path / "live").touch()
    go_on(reaper, client, says="reaper-stems-1")
    assert told() == before


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no limit for the size of files")
def test_a_disk_without_room_for_the_journal_is_named(reaper: RunningReaper, tmp_path: Path) -> None:
    """Before the first change. A disk that is full in the middle of a file gives a short one, as tested above."""
    before = told()
    session = session_from_snapshot(before)
    reaper.order("disk", bytes_a_file=0)
    try:
        with pytest.raises(EngineError, match=r"The disk: .* The project is as it was"):
            LiveEngine().render(session, planned(session), tmp_path / "live")
    finally:
        reaper.order("disk", bytes_a_file=-1)
    assert told() == before
    assert not reaper.journal.exists()
    assert not reaper.journal.with_suffix(".part").exists()


def test_a_folder_that_cannot_be_written_is_named(reaper: RunningReaper, tmp_path: Path) -> None:
    before = told()
    session = session_from_snapshot(before)
    (tmp_path / "file").touch()
    with pytest.raises((EngineError, OSError)):
        LiveEngine().render(session, planned(session), tmp_path / "file" / "staging")
    assert told() == before


def test_three_hundred_tracks_in_one_trip(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = write_song(tmp_path / "song").read_text()
    head, track = (
        text[: text.index("<TRACK")],
        text[text.index("<TRACK") : text.index("<TRACK", text.index("<TRACK") + 1)],
    )
    path = tmp_path / "song" / "Big.rpp"
    path.write_text(
        head + "".join(track.replace("000000000001}", f"{n:012d}}}") for n in range(1, 301)) + ">\n", newline="\r\n"
    )
    hz = 30.0
    with running_reaper(path, tmp_path / "resource", hz=hz) as running:
        monkeypatch.setenv(RESOURCE_VARIABLE, str(running.resource))
        with open_link() as link:
            link.ask("hello")
            best_s = math.inf
            for _ in range(20):  # a busy machine may be slow once; the limit is for one that is not
                start_s = time.perf_counter()
                assert len(link.ask("snapshot")["tracks"]) == 300
                best_s = min(best_s, time.perf_counter() - start_s)
                if best_s < 2 / hz + 0.5:
                    break
    assert best_s < 2 / hz + 0.5


@pytest.mark.parametrize(("write", "hz"), [(write_demo_project, 30.0), (write_demo_project, 300.0), (write_song, 30.0)])
def test_the_whole_way_from_the_command_line(write: Any, hz: float, tmp_path: Path) -> None:
    """CLI → reapy's client → socket → server → inside → pretend REAPER → files → check.

    The song's plain tones have no treble, which the checker takes for a lossy past (SK206).
    """
    project = write(tmp_path / "song")
    with running_reaper(project, tmp_path / "resource", hz=hz) as running:
        done = command_line(
            running, "render", "--live", "-o", str(tmp_path / "out"), "--format", "json", "--ignore", "SK206"
        )
    report = json.loads(done.stdout)
    errors = [finding["rule"] for finding in report["findings"] if finding["severity"] == "error"]
    assert (done.returncode, errors) == (0, []), done.stderr
    assert report["set"]["sum"]["null_db"] < -120
    assert min(p.name for p in (tmp_path / "out" / "Stems").iterdir()).startswith("01_")
    assert not [p for p in (tmp_path / "out").iterdir() if p.name.startswith(".")]


def command_line(running: RunningReaper, *arguments: str) -> subprocess.CompletedProcess[str]:
    script = "import sys; from stemkit.cli.entry import run; sys.exit(run(sys.argv[1:]))"
    return subprocess.run(
        [sys.executable, "-c", script, *arguments],
        capture_output=True, text=True, timeout=600, check=False, env=running.environment,
    )  # fmt: skip
