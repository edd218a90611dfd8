"""Deliveries that stop, break off, meet what is there, or come from projects of other people."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from stemkit.app import render as render_module
from stemkit.app.deliver import deliver_project
from stemkit.app.demo_song import write_demo_project
from stemkit.app.prepare import prepare
from stemkit.app.verify import verify_package
from stemkit.delivery.building import demand_free
from stemkit.errors import InputError
from tests.app.demo_package import delivered, song, stems_of

PROJECTS = Path(__file__).resolve().parents[2].parent / "shared" / "rpp" / "projects"
EAR_TEMPLATE = (
    "ear-2obj-2bed-hoa/packaging/Templates/EPS two objects, two stereo beds plus HOA template/"
    "EPS two objects, two stereo beds plus HOA template.rpp"
)
# Projects with media that other people published, and what their makers would have to say of them.
OPEN_PROJECTS: dict[str, dict[str, object]] = {
    "rebass-patrolcar/examples/PatrolCar.RPP": {},
    "unityreaperparser/reaper/ReaperSession.RPP": {},
    EAR_TEMPLATE: {
        "bypass_fx": True
    },  # every track plays through a plug-in of the EAR suite, which only REAPER can run
}


def test_an_unhandled_error_stops_before_rendering_unless_forced_or_accepted(tmp_path: Path) -> None:
    project = write_demo_project(tmp_path / "song")
    (tmp_path / "song/media/bass.wav").unlink()
    stopped = deliver_project(project, tmp_path / "out", skip_impossible=True)
    assert stopped.package is None
    assert [f.rule for f in stopped.report.open_findings if f.severity == "error"] == ["SK113"]
    assert not (tmp_path / "out").exists()
    accepted = deliver_project(project, tmp_path / "out", skip_impossible=True, accept={"SK113": "sent later"})
    assert accepted.package is not None
    told = json.loads((accepted.package / "manifest.json").read_text())
    assert [f["accepted"] for f in told["findings"] if f["rule"] == "SK113"] == ["sent later"]
    assert told["left_out"]


def test_an_interrupted_run_leaves_nothing_and_a_later_one_takes_over_its_audio(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from stemkit.app import package as package_module

    def broken(*_: object) -> None:
        raise KeyboardInterrupt

    output = tmp_path / "out"
    with monkeypatch.context() as patch:
        patch.setattr(package_module, "write_lists", broken)
        with pytest.raises(KeyboardInterrupt):
            deliver_project(song(), output)
    assert [path.name for path in output.iterdir()] == [".The Makers - Night Bus.stemkit-part"]
    with monkeypatch.context() as patch:
        patch.setattr(render_module, "render_prepared", broken)  # rendering again would fail
        result = deliver_project(song(), output)
    assert result.resumed
    assert [path.name for path in output.iterdir()] == ["The Makers - Night Bus"]


def test_a_run_that_breaks_off_while_rendering_leaves_nothing_at_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(render_module, "render_prepared", broken)
    with pytest.raises(InputError, match="is full, so nothing was delivered"):
        deliver_project(song(), tmp_path / "out")
    assert list((tmp_path / "out").iterdir()) == []


def test_a_full_disk_is_noticed_before_the_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = shutil.disk_usage(tmp_path)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage._replace(free=1_000_000))
    with pytest.raises(InputError, match=r"The delivery needs 0\.\d+ GB and .* has 0.00 GB free"):
        deliver_project(song(), tmp_path / "out")
    assert list((tmp_path / "out").iterdir()) == []


def test_a_package_is_replaced_only_on_request_and_other_folders_never(tmp_path: Path) -> None:
    target = tmp_path / "The Makers - Night Bus"
    target.mkdir()
    (target / "diary.txt").write_text("mine")
    with pytest.raises(InputError, match="exists already"):
        deliver_project(song(), tmp_path)
    with pytest.raises(InputError, match="is no package of stemkit"):
        deliver_project(song(), tmp_path, overwrite=True)
    assert (target / "diary.txt").read_text() == "mine"


def test_files_that_people_put_into_a_package_are_never_replaced(tmp_path: Path) -> None:
    package = tmp_path / "Song"
    shutil.copytree(delivered().package or tmp_path, package)
    demand_free(package, overwrite=True)
    (package / ".DS_Store").write_bytes(b"x")
    demand_free(package, overwrite=True)
    (package / "Stems" / "notes for the mix.txt").write_text("less reverb")
    with pytest.raises(InputError, match=r"holds Stems/notes for the mix\.txt, which stemkit did not put there"):
        demand_free(package, overwrite=True)


def test_a_reference_that_is_missing_is_named_before_anything_happens(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"nowhere\.mp3 is not a file"):
        deliver_project(song(), tmp_path / "out", references=[tmp_path / "nowhere.mp3"])


def test_stem_mastering_gets_one_gain_for_all(tmp_path: Path) -> None:
    result = deliver_project(song(), tmp_path, profile="stem-mastering")
    assert result.package is not None
    manifest = json.loads((result.package / "manifest.json").read_text())
    assert manifest["gain"]["mode"] == "common"
    assert len(set(stems_of(manifest).values())) == 1
    assert result.gain.startswith(("All stems were changed by the same", "No stem was made louder"))
    faders = {t.volume for t in prepare(result.package / "Session.rpp").session.tracks}
    assert faders == {1.0}


def test_the_project_and_its_media_stay_as_they_are() -> None:
    folder = song().parent
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    delivered()
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before


@pytest.mark.skipif(not PROJECTS.is_dir(), reason="the open projects with media are not beside the checkout")
@pytest.mark.parametrize("name", OPEN_PROJECTS)
def test_an_open_project_gives_a_package_that_its_receiver_accepts(name: str, tmp_path: Path) -> None:
    accept = {"SK206": "the recording is an MP3, an Ogg or an AAC file"}
    overrides = OPEN_PROJECTS[name]
    result = deliver_project(PROJECTS / name, tmp_path, skip_impossible=True, accept=accept, overrides=overrides)
    assert result.package is not None
    report = verify_package(result.package)
    assert [f for f in report.open_findings if f.severity == "error"] == []
    assert report.sum is not None
    assert report.sum.exact or (report.sum.null_db is not None and report.sum.null_db < -100)
