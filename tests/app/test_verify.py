from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from stemkit.app.verify import verify_package
from stemkit.errors import InputError
from tests.app.demo_package import copy_of, delivered

INTEGRITY = ("SK705", "SK706", "SK707")
KICK = "Stems/01_Kick.wav"


def named(package: Path) -> list[tuple[str, str, object]]:
    report = verify_package(package, select=INTEGRITY)
    return [(f.rule, f.subject, f.measured) for f in report.open_findings]


def flip(path: Path, at: int = -1) -> None:
    data = bytearray(path.read_bytes())
    data[at] ^= 1
    path.write_bytes(data)


@pytest.mark.parametrize("kind", ["package", "archive", "the folder around it"])
def test_what_was_delivered_is_accepted(kind: str, tmp_path: Path) -> None:
    result = delivered()
    assert result.package is not None
    assert result.archive is not None
    package = {"package": result.package, "archive": result.archive}.get(kind) or copy_of(tmp_path).parent
    report = verify_package(package)
    assert report.kind == "verify"
    assert [f for f in report.open_findings if f.severity == "error"] == []
    assert report.sum is not None
    assert report.sum.null_db is not None
    assert report.sum.null_db < -100
    assert {f.role for f in report.files} == {"stem", "proof_mix", "reference"}
    assert all(f.file_sha256 and f.audio_sha256 for f in report.files if f.role == "stem")


def all_files() -> list[str]:
    package = delivered().package
    assert package is not None
    return sorted(path.relative_to(package).as_posix() for path in package.rglob("*") if path.is_file())


def test_one_byte_changed_in_any_file_is_named(tmp_path: Path) -> None:
    package = copy_of(tmp_path)
    for label in all_files():
        if label == "manifest.json":
            continue
        kept = (package / label).read_bytes()
        flip(package / label, -20)
        assert label in [subject for _, subject, _ in named(package)]
        assert len(named(package)) <= (2 if label == "SHA256SUMS" else 1)
        (package / label).write_bytes(kept)
    assert named(package) == []


def test_a_byte_changed_in_the_manifest_is_named_or_refused(tmp_path: Path) -> None:
    package = copy_of(tmp_path)
    manifest = package / "manifest.json"
    text = manifest.read_text()
    manifest.write_text(text.replace("leave the click", "leave the clack"))
    assert ("SK705", "manifest.json", "content") in named(package)
    manifest.write_text(text[:-3])
    with pytest.raises(InputError, match=r"manifest\.json is damaged"):
        verify_package(package)


def test_a_changed_hash_in_the_manifest_is_no_way_to_hide_a_changed_file(tmp_path: Path) -> None:
    package = copy_of(tmp_path)
    document = json.loads((package / "manifest.json").read_text())
    document["files"][0]["sha256"] = "0" * 64
    (package / "manifest.json").write_text(json.dumps(document))
    assert {subject for _, subject, _ in named(package)} == {"Brief.md", "manifest.json", "SHA256SUMS"}


@pytest.mark.parametrize("label", [KICK, "Brief.md", "SHA256SUMS", "MIDI/Tempo_Map.mid"])
def test_a_removed_file_is_named(label: str, tmp_path: Path) -> None:
    package = copy_of(tmp_path)
    (package / label).unlink()
    assert named(package) == [("SK707", label, "missing")]


def test_without_the_manifest_it_is_no_package(tmp_path: Path) -> None:
    package = copy_of(tmp_path)
    (package / "manifest.json").unlink()
    with pytest.raises(InputError, match=r"has no manifest\.json"):
        verify_package(package)


def test_added_and_renamed_files_are_named(tmp_path: Path) -> None:
    package = copy_of(tmp_path)
    (package / "Stems/08_Old.wav").write_bytes(b"RIFF")
    (package / KICK).rename(package / "Stems/01_Bassdrum.wav")
    assert named(package) == [
        ("SK706", "Stems/08_Old.wav", "added"),
        ("SK707", "Stems/01_Bassdrum.wav", "renamed"),
    ]


def test_what_a_system_or_a_daw_leaves_behind_is_no_change(tmp_path: Path) -> None:
    package = copy_of(tmp_path)
    for name in (".DS_Store", "Stems/._01_Kick.wav", "Stems/01_Kick.wav.reapeaks", "Thumbs.db"):
        (package / name).write_bytes(b"x")
    assert named(package) == []


def test_changed_audio_is_told_from_changed_metadata(tmp_path: Path) -> None:
    package = copy_of(tmp_path)
    data = (package / KICK).read_bytes()
    at = data.index(b"stemkit trim")
    (package / KICK).write_bytes(data.replace(b"stemkit trim", b"STEMKIT TRIM"))
    [finding] = verify_package(package, select=INTEGRITY).open_findings
    assert finding.measured == "metadata"
    assert "its samples are the ones that were sent" in finding.message
    assert at < data.index(b"data")
    (package / KICK).write_bytes(data[: len(data) // 2])
    [cut] = verify_package(package, select=INTEGRITY).open_findings
    assert (cut.measured, "bytes are missing" in cut.message) == ("audio", True)


def test_a_link_in_a_package_is_not_followed(tmp_path: Path) -> None:
    package = copy_of(tmp_path)
    shutil.move(package / KICK, tmp_path / "elsewhere.wav")
    try:
        (package / KICK).symlink_to(tmp_path / "elsewhere.wav")
    except OSError:
        pytest.skip("this system makes no links")
    assert [subject for _, subject, _ in named(package)] == [KICK]
    listened = {file.path for file in verify_package(package).files}
    assert "Stems/03_Hats.wav" in listened
    assert KICK not in listened


@pytest.mark.parametrize("path", ["../elsewhere.wav", "/elsewhere.wav", "Stems/../../elsewhere.wav", "C:elsewhere.wav"])
def test_a_path_in_the_manifest_leads_nowhere_else(path: str, tmp_path: Path) -> None:
    package = copy_of(tmp_path)
    shutil.copy(package / KICK, tmp_path / "elsewhere.wav")
    document = json.loads((package / "manifest.json").read_text())
    next(entry for entry in document["files"] if entry["path"] == KICK)["path"] = path
    (package / "manifest.json").write_text(json.dumps(document))
    with pytest.raises(InputError, match="is damaged: the path"):
        verify_package(package)


def test_what_the_sender_accepted_is_accepted_and_an_integrity_finding_never(tmp_path: Path) -> None:
    package = copy_of(tmp_path)
    manifest = package / "manifest.json"
    document = json.loads(manifest.read_text())
    for rule, subject in (("SK507", "Stems/05_Synth_Pad.wav"), ("SK705", "Brief.md")):
        document["findings"].append(
            {"rule": rule, "subject": subject, "severity": "note", "message": "", "handled": None, "accepted": "meant"}
        )
    manifest.write_text(json.dumps(document))
    flip(package / "Brief.md")
    report = verify_package(package)
    told = {(f.rule, f.subject): f.accepted for f in report.findings}
    assert told["SK507", "Stems/05_Synth_Pad.wav"] == "the sender says: meant"
    assert told["SK705", "Brief.md"] is None


def test_the_proof_uses_the_trims_of_the_manifest(tmp_path: Path) -> None:
    package = copy_of(tmp_path)
    manifest = package / "manifest.json"
    document = json.loads(manifest.read_text())
    for entry in document["files"]:
        if entry["path"] == "Stems/05_Synth_Pad.wav":
            entry["trim_db"] += 6.0
    manifest.write_text(json.dumps(document))
    report = verify_package(package)
    assert any(f.rule == "SK802" and "Synth_Pad" in f.subject for f in report.open_findings)


def test_a_profile_name_from_outside_opens_no_file(tmp_path: Path) -> None:
    package = copy_of(tmp_path)
    (tmp_path / "evil.toml").write_text("[profile]")
    manifest = package / "manifest.json"
    document = json.loads(manifest.read_text())
    document["profile"]["id"] = str(tmp_path / "evil.toml")
    manifest.write_text(json.dumps(document))
    report = verify_package(package, select=INTEGRITY)
    assert report.profile_id == "mix-prep"
    assert any("is not known here" in skip.reason for skip in report.skipped)


@pytest.mark.parametrize("content", [b"", b"hello", b"PK\x03\x04 and then nothing"])
def test_what_is_no_package_is_refused_in_one_sentence(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "Delivery.zip").write_bytes(content)
    with pytest.raises(InputError, match=r"Delivery\.zip is (neither a folder nor a zip|no zip or is damaged)"):
        verify_package(tmp_path / "Delivery.zip")
