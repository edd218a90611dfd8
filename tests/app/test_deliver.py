"""What a package holds, and that its parts say the same."""

from __future__ import annotations

import hashlib
import json
import math
import shutil
import subprocess
import zipfile
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import jsonschema
import numpy as np
import pytest
import soundfile

from stemkit.app.deliver import deliver_project
from stemkit.app.prepare import prepare
from stemkit.render.builtin import BuiltinEngine
from tests.app.demo_package import delivered, song, stems_of

SCHEMA = Path(__file__).resolve().parents[2] / "stemkit" / "delivery" / "manifest.schema.json"
DAWPROJECT = Path(__file__).resolve().parents[2].parent / "shared" / "dawproject"


@pytest.fixture(scope="module")
def package() -> Path:
    path = delivered().package
    assert path is not None
    return path


@pytest.fixture(scope="module")
def manifest(package: Path) -> dict[str, Any]:
    document: dict[str, Any] = json.loads((package / "manifest.json").read_text())
    return document


def test_the_package_holds_what_the_design_lists(package: Path) -> None:
    assert package.name == "The Makers - Night Bus"
    names = {path.relative_to(package).as_posix() for path in package.rglob("*") if path.is_file()}
    assert names == {
        *(f"Stems/0{n}_{name}.wav" for n, name in enumerate(
            ("Kick", "Snare_Top", "Hats", "Bass", "Synth_Pad", "Vox_Lead", "Vox_Room"), 1)),
        "Mix/Proof_Mix.wav", "References/Like this.flac", "MIDI/Tempo_Map.mid", "Brief.md", "Report.html",
        "Session.rpp", "Session.dawproject", "manifest.json", "SHA256SUMS",
    }  # fmt: skip


def test_nothing_hidden_stays_beside_the_package(package: Path) -> None:
    assert sorted(path.name for path in package.parent.iterdir()) == [package.name, f"{package.name}.zip"]


def test_the_manifest_fits_its_schema_and_the_files(package: Path, manifest: dict[str, Any]) -> None:
    schema = json.loads(SCHEMA.read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.Draft202012Validator(schema).validate(manifest)
    for entry in manifest["files"]:
        data = (package / entry["path"]).read_bytes()
        assert (len(data), hashlib.sha256(data).hexdigest()) == (entry["size_bytes"], entry["sha256"])
    assert manifest["proof"]["null_db"] < -100
    assert manifest["project"]["sha256"] == hashlib.sha256(song().read_bytes()).hexdigest()
    [kick] = [entry for entry in manifest["files"] if entry["path"] == "Stems/01_Kick.wav"]
    assert (kick["note"], kick["source_tracks"][0]["name"], kick["number"]) == ("leave the click", "kick", 1)


def test_a_broken_manifest_does_not_fit_the_schema(manifest: dict[str, Any]) -> None:
    schema = jsonschema.Draft202012Validator(json.loads(SCHEMA.read_text()))
    for spoiled in (
        manifest | {"schema": "stemkit.manifest/2"},
        {key: value for key, value in manifest.items() if key != "gain"},
        manifest | {"files": [manifest["files"][0] | {"path": "../outside"}]},
        manifest | {"files": [manifest["files"][0] | {"sha256": "abc"}]},
    ):
        assert not schema.is_valid(spoiled)


@pytest.mark.skipif(shutil.which("sha256sum") is None, reason="sha256sum is not installed")
def test_sha256sum_reads_the_checksums(package: Path) -> None:
    done = subprocess.run(["sha256sum", "-c", "SHA256SUMS"], cwd=package, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count(": OK") == 15


def test_the_brief_speaks_in_sentences_and_cannot_be_taken_for_markup(package: Path) -> None:
    text = (package / "Brief.md").read_text()
    assert text.startswith("# The Makers - Night \\*Bus\\*\n")
    for told in ("The genre is synth pop.", "released on Spotify.", "The tempo is 100 BPM, the meter 4/4",
                 "01\\_Kick: leave the click.", "06\\_Vox\\_Lead: the breath at the start is meant.",
                 "LUFS, true peak", "the low end.", "https://example.org/song", "2026-12-01", "maker@example.org"):  # fmt: skip
        assert told in text, told


def test_the_choice_of_gain_is_told_in_one_sentence_everywhere(package: Path, manifest: dict[str, Any]) -> None:
    told = manifest["gain"]["explanation"]
    assert told.startswith("Each stem was brought by itself to a peak between -6 and -3 dBFS")
    assert told in (package / "Brief.md").read_text()
    plan = delivered().report.plan
    assert plan is not None
    assert told in plan.notes
    assert told.count(". ") == 0


def test_session_rpp_nulls_against_the_mix_without_master(
    package: Path, manifest: dict[str, Any], tmp_path: Path
) -> None:
    session = prepare(package / "Session.rpp", overrides={"gain": "none"})
    [audio] = BuiltinEngine().render(session.session, session.plan, tmp_path, keys=frozenset({"proof_mix"}))
    rendered, rate = soundfile.read(audio.path, always_2d=True)
    proof, proof_rate = soundfile.read(package / "Mix/Proof_Mix.wav", always_2d=True)
    assert (rate, rendered.shape) == (proof_rate, proof.shape)
    shift = 10 ** (-min(stems_of(manifest).values()) / 20)
    residual = math.sqrt(np.mean((rendered * shift - proof) ** 2) / np.mean(proof**2))
    assert 20 * math.log10(residual) < -100


def test_session_rpp_shows_faders_folders_markers_and_muted_mixes(package: Path, manifest: dict[str, Any]) -> None:
    session = prepare(package / "Session.rpp").session
    assert [m.name for m in session.markers] == ["Intro", "Verse"]
    assert (session.sample_rate, session.sample_rate_forced, session.title) == (48_000, True, "Night *Bus*")
    by_file = {t.items[0].takes[0].source.file: t for t in session.tracks if t.items and t.items[0].takes[0].source}
    trims = stems_of(manifest)
    lowest = min(trims.values())
    for path, trim in trims.items():
        assert 20 * math.log10(by_file[path].volume) == pytest.approx(lowest - trim, abs=1e-9)
        assert (by_file[path].pan, by_file[path].mute, by_file[path].items[0].position_s) == (0, False, 0)
    assert max(by_file[path].volume for path in trims) == 1
    assert by_file["Mix/Proof_Mix.wav"].mute
    assert by_file["References/Like this.flac"].mute
    assert [t.name for t in session.tracks if t.depth_change == 1] == ["Drums", "Mix and references"]
    assert sum(t.depth_change for t in session.tracks) == 0


@pytest.mark.skipif(not DAWPROJECT.is_dir(), reason="the schemas of DAWproject are not beside the checkout")
@pytest.mark.parametrize(("inner", "schema"), [("project.xml", "Project.xsd"), ("metadata.xml", "MetaData.xsd")])
def test_session_dawproject_is_valid_by_its_schema(package: Path, inner: str, schema: str) -> None:
    import xmlschema

    with zipfile.ZipFile(package / "Session.dawproject") as archive:
        xmlschema.XMLSchema(str(DAWPROJECT / schema)).validate(archive.read(inner).decode())


def test_session_dawproject_gives_the_same_faders_back(package: Path, manifest: dict[str, Any]) -> None:
    with zipfile.ZipFile(package / "Session.dawproject") as archive:
        root = ET.fromstring(archive.read("project.xml"))
    tracks = {track.get("id"): track for track in root.iter("Track")}
    trims = stems_of(manifest)
    seen = 0
    for lanes in root.findall("Arrangement/Lanes/Lanes"):
        file = lanes.find(".//File")
        channel = tracks[lanes.get("track")].find("Channel")
        assert file is not None
        assert channel is not None
        assert file.get("external") == "true"
        assert (package / str(file.get("path"))).is_file()
        assert channel.find("Pan").get("value") == "0.5"  # type: ignore[union-attr]
        muted = channel.find("Mute").get("value") == "true"  # type: ignore[union-attr]
        gain = float(channel.find("Volume").get("value"))  # type: ignore[union-attr, arg-type]
        trim = trims.get(str(file.get("path")))
        assert muted == (trim is None)
        if trim is not None:
            seen += 1
            assert 20 * math.log10(gain) == pytest.approx(min(trims.values()) - trim, abs=1e-9)
    assert seen == len(trims)


def test_the_report_is_about_the_package_and_knows_no_path_of_this_machine(package: Path) -> None:
    page = (package / "Report.html").read_text()
    assert str(song().parent) not in page
    assert str(package.parent) not in page
    assert str(song().parent) not in (package / "manifest.json").read_text()


def test_the_same_project_at_the_same_time_gives_the_same_bytes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    packages = [deliver_project(song(), tmp_path / name, archive=True) for name in ("one", "two")]
    archives = [result.archive for result in packages]
    assert all(archives)
    assert archives[0].read_bytes() == archives[1].read_bytes()  # type: ignore[union-attr]
