from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import soundfile as sf

from stemkit.app.check import check
from stemkit.errors import InputError, UsageError
from stemkit.report import exit_code, render
from tests.app.dirty_stems import song, tone, write

if TYPE_CHECKING:
    from pathlib import Path

    from stemkit.model.report import Finding, Report


def rules_on(report: Report, subject: str) -> set[str]:
    return {f.rule for f in report.findings if f.subject == subject}


def one(path: Path, rule: str, **options: Any) -> tuple[Finding, ...]:
    return check([path], select=[rule], **options).findings


def test_a_song_that_holds_everything_passes(tmp_path: Path) -> None:
    report = check([song(tmp_path)])
    assert [(f.rule, f.subject, f.message) for f in report.findings if f.severity != "note"] == []
    assert report.verdict == "pass"
    roles = {f.path: f.role for f in report.files}
    assert roles == {
        "Mix/Rough_Mix.wav": "rough_mix",
        "References/Song.wav": "reference",
        "Stems/01_Kick.wav": "stem",
        "Stems/02_Bass.wav": "stem",
        "Stems/03_Lead.wav": "stem",
    }
    assert report.sum is not None
    assert report.sum.null_db is None or report.sum.null_db < -90
    assert exit_code(report, "warning") == 0


def test_the_usual_faults_are_found_and_nothing_else(tmp_path: Path) -> None:
    folder = song(tmp_path)
    stems = folder / "Stems"
    write(stems / "04_Hot.wav", tone(peak=0.9))
    write(stems / "05_Clipped.wav", np.clip(tone(peak=1.5), -1, 1))
    write(stems / "06_Silent.wav", np.zeros(96000))
    write(stems / "07_Late.wav", tone(2.5))
    write(stems / "08_Rate.wav", tone(2.0, rate=44100), rate=44100)
    write(stems / "09_Depth.wav", tone(), encoding="pcm16")
    write(stems / "10_Wide.wav", np.stack([tone()] * 2, axis=1))
    (stems / "11_Cut.wav").write_bytes((stems / "01_Kick.wav").read_bytes()[:100_000])
    report = check([folder], select=["SK2", "SK3", "SK401", "SK404", "SK405", "SK5", "SK6"])
    by_file = {
        path: rules_on(report, f"Stems/{path}.wav")
        for path in ("01_Kick", "04_Hot", "05_Clipped", "06_Silent", "08_Rate", "09_Depth", "10_Wide", "11_Cut")
    }
    assert by_file == {
        "01_Kick": set(),
        "04_Hot": {"SK301"},
        "05_Clipped": {"SK301", "SK303", *(by_file["05_Clipped"] & {"SK305"})},
        "06_Silent": {"SK501"},
        "08_Rate": {"SK203"},
        "09_Depth": {"SK202"},
        "10_Wide": {"SK503"},
        "11_Cut": {"SK204"},
    }
    assert rules_on(report, "the set") == {"SK401"}
    assert report.verdict == "fail"
    assert exit_code(report) == 1
    clip = next(f for f in report.findings if f.rule == "SK303")
    assert all(0.5 < place.start_s < 1.5 for place in clip.where)  # the tone is loudest in its middle


# Just inside and just outside of each edge of the window: one 24-bit step is 0.000001 dB there.
@pytest.mark.parametrize("rate", [44100, 48000, 96000])
@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize("encoding", ["pcm16", "pcm24", "float32"])
def test_the_window_end_to_end(tmp_path: Path, rate: int, channels: int, encoding: str) -> None:
    for peak_dbfs, expected in ((-2.95, {"SK301"}), (-3.0, set()), (-6.0, set()), (-6.05, {"SK302"})):
        wave = tone(0.5, rate=rate, peak=10 ** (peak_dbfs / 20))
        both = wave if channels == 1 else np.stack([wave, 0.5 * wave], axis=1)
        path = write(tmp_path / f"01_{abs(peak_dbfs)}.wav", both, rate=rate, encoding=encoding)
        report = check([path], select=["SK301", "SK302", "SK303"])
        assert {f.rule for f in report.findings} == expected, peak_dbfs
        audio = report.files[0].audio
        assert audio is not None
        assert audio.sample_peak_dbfs == pytest.approx(peak_dbfs, abs=0.005)


@pytest.mark.parametrize("encoding", ["pcm16", "pcm24"])
@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize(("run", "clips"), [(2, False), (3, True), (50, True)])
def test_clipping_starts_at_three_samples_on_either_side(
    tmp_path: Path, encoding: str, sign: int, run: int, clips: bool
) -> None:
    wave = tone(0.5, peak=0.5)
    wave[12000 : 12000 + run] = sign
    findings = one(write(tmp_path / "01_A.wav", wave, encoding=encoding), "SK303")
    assert bool(findings) is clips
    if clips:
        assert findings[0].where[0].start_s == pytest.approx(0.25, abs=1e-3)


def test_float_above_full_scale_does_not_clip(tmp_path: Path) -> None:
    path = write(tmp_path / "01_A.wav", tone(0.5, peak=2.0), encoding="float32")
    assert {f.rule for f in check([path], select=["SK3"]).findings} >= {"SK301"}
    assert not one(path, "SK303")


def test_one_sample_of_length_is_found(tmp_path: Path) -> None:
    write(tmp_path / "01_A.wav", tone())
    write(tmp_path / "02_B.wav", tone()[:-1])
    assert [f.rule for f in one(tmp_path, "SK401")] == ["SK401"]


def test_what_a_chosen_rule_needs_runs_along_but_is_not_told(tmp_path: Path) -> None:
    path = write(tmp_path / "01_A.wav", np.zeros(48000))
    report = check([path], select=["SK302"])
    assert report.findings == ()
    assert [(s.rule, s.reason) for s in report.skipped] == [("SK302", "SK501 silent failed")]
    assert report.checked == ()


def test_an_accepted_finding_stays_but_no_longer_counts(tmp_path: Path) -> None:
    path = write(tmp_path / "01_A.wav", np.zeros(48000))
    report = check([path], select=["SK501"], accept={"SK5": "a placeholder"})
    assert [f.accepted for f in report.findings] == ["a placeholder"]
    assert report.verdict == "pass"
    with pytest.raises(UsageError, match="SK9"):
        check([path], accept={"SK9": "why"})


def test_the_named_mix_decides_even_against_a_proof_mix(tmp_path: Path) -> None:
    folder = song(tmp_path / "Song")
    write(folder / "Mix" / "Proof_Mix.wav", tone())
    elsewhere = write(tmp_path / "bounce.wav", tone(rate=44100), rate=44100)
    report = check([folder / "Stems"], mix=elsewhere, select=["SK203"])
    assert {f.subject for f in report.findings} == {"01_Kick.wav", "02_Bass.wav", "03_Lead.wav"}
    assert next(f for f in report.files if f.role == "rough_mix").path == elsewhere.as_posix()
    report = check([folder], mix=folder / "Mix" / "Rough_Mix.wav", select=["SK203"])
    assert report.sum is not None
    assert report.sum.reference == "Mix/Rough_Mix.wav"


def test_hashes_tell_audio_from_metadata_and_find_twins(tmp_path: Path) -> None:
    write(tmp_path / "01_A.wav", tone())
    whole = (tmp_path / "01_A.wav").read_bytes()
    (tmp_path / "02_B.wav").write_bytes(whole + b"LIST\x04\x00\x00\x00INFO")
    report = check([tmp_path], hashes=True)
    one_file, other = report.files
    assert one_file.audio_sha256 == other.audio_sha256
    assert one_file.file_sha256 != other.file_sha256
    assert report.duplicates == (("01_A.wav", "02_B.wav"),)
    assert check([tmp_path]).files[0].file_sha256 is None


def test_two_processes_find_what_one_finds(tmp_path: Path) -> None:
    folder = song(tmp_path)
    assert render(check([folder], jobs=2), "json") == render(check([folder]), "json")


def test_progress_grows_to_one_and_names_what_is_done(tmp_path: Path) -> None:
    seen: list[tuple[float, str]] = []
    check([song(tmp_path)], progress=lambda fraction, doing: seen.append((fraction, doing)))
    fractions = [fraction for fraction, _ in seen]
    assert fractions == sorted(fractions)
    assert 0 < fractions[0] <= fractions[-1] <= 1
    assert any("Stems/01_Kick.wav" in doing for _, doing in seen)


def test_nonsense_in_a_folder_is_told_and_stops_nothing(tmp_path: Path) -> None:
    write(tmp_path / "01_Kick.wav", tone())
    (tmp_path / "02_Text.wav").write_text("no audio at all", encoding="utf-8")
    (tmp_path / "03_Empty.wav").write_bytes(b"")
    (tmp_path / "04_Header.wav").write_bytes(b"RIFF\xff\xff\xff\xffWAVE")
    report = check([tmp_path])
    assert rules_on(report, "01_Kick.wav") == set()
    for name in ("02_Text.wav", "03_Empty.wav", "04_Header.wav"):
        assert rules_on(report, name) & {"SK201", "SK204"}, name
    for fmt in ("text", "json", "junit", "github", "message"):
        assert "Traceback" not in render(report, fmt)
    json.loads(render(report, "json"), parse_constant=pytest.fail)


@pytest.mark.parametrize(("container", "severity"), [("FLAC", "warning"), ("AIFF", "warning"), ("OGG", "error")])
def test_other_containers_named_wav_are_told_by_content_and_still_measured(
    tmp_path: Path, container: str, severity: str
) -> None:
    sf.write(tmp_path / "01_Kick.wav", tone(peak=0.9), 48000, format=container)
    report = check([tmp_path], select=["SK201", "SK301"])
    assert [(f.rule, f.severity) for f in report.findings] == [("SK201", severity), ("SK301", "warning")]


def test_the_project_that_the_files_came_from_decides_on_the_rate(tmp_path: Path) -> None:
    project = tmp_path / "song.rpp"
    project.write_text('<REAPER_PROJECT 0.1 "7.0/linux" 1\n  SAMPLERATE 44100 1 0\n>\n', encoding="utf-8")
    write(tmp_path / "Stems" / "01_Kick.wav", tone())
    report = check([tmp_path / "Stems"], project=project, select=["SK203"])
    assert [f.message for f in report.findings] == ["The sample rate is 48 kHz; the project has 44.1 kHz."]
    assert report.session is not None


def test_a_path_that_is_not_there_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"nowhere cannot be opened \(No such file"):
        check([tmp_path / "nowhere"])
    with pytest.raises(UsageError, match="no profile"):
        check([tmp_path], profile="mine")


@pytest.mark.parametrize("gain_db", [-20.0, -6.0, 1.3])
def test_gain_moves_the_peaks_by_itself_and_nothing_else(tmp_path: Path, gain_db: float) -> None:
    write(tmp_path / "01_A.wav", tone(peak=0.5), encoding="float32")
    write(tmp_path / "02_B.wav", tone(peak=0.5 * 10 ** (gain_db / 20)), encoding="float32")
    a, b = (f.audio for f in check([tmp_path], select=["SK301"]).files)
    assert a is not None
    assert b is not None
    for name in ("sample_peak_dbfs", "true_peak_dbtp", "integrated_lufs", "rms_dbfs"):
        assert getattr(b, name) - getattr(a, name) == pytest.approx(gain_db, abs=0.01), name
    assert b.image == a.image
