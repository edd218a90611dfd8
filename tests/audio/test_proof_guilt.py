"""Who is guilty where stems do not add up to the mix: the stem is named with its fault, and nobody else is."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile

from stemkit.audio.compare import MixInput, StemInput, prove
from stemkit.model.audio import SumFacts
from tests.audio.proof_delivery import RATE, SECONDS, against, inputs
from tests.audio.proof_faults import FAULTS, HEADROOM, compression, late_in_part, mixdown, two, with_fault, write_mix
from tests.audio.proof_songs import RATES, SONGS, Song


def test_parts_of_a_sample_are_measured_on_one_stem(folder: Path, stems: Song, tmp_path: Path) -> None:
    delivered = {**stems, "03_Snare": late_in_part(stems["03_Snare"], 0.37)}
    facts = prove(inputs(folder, stems, tmp_path, delivered), MixInput(path=folder / "mix.wav", label="mix"))
    assert [(a.path, a.fault) for a in facts.accusations] == [("03_Snare", "late")]
    assert facts.accusations[0].lag_samples == pytest.approx(0.37, abs=0.03)


CASES = [
    ("02_Kick", "inverted"),
    ("07_Vocals_Lead", "-1 dB"),
    ("03_Snare", "+2 dB"),
    ("06_Loop", "late 1"),
    ("07_Vocals_Lead", "late 24000"),
    ("06_Loop", "drifting"),
    ("01_808", "doubled"),
    ("07_Vocals_Lead", "other take"),
    ("03_Snare", "tail cut"),
    ("06_Loop", "channel missing"),
    ("08_Vocals_Double_L", "channels swapped"),
]


@pytest.mark.parametrize(("name", "fault"), CASES)
def test_the_guilty_stem_is_named_with_its_fault(
    folder: Path, stems: Song, takes: Song, tmp_path: Path, name: str, fault: str
) -> None:
    delivered = with_fault(stems, name, fault, takes[name], RATE)
    facts = prove(inputs(folder, stems, tmp_path, delivered), MixInput(path=folder / "mix.wav", label="mix"))
    assert not facts.adds_up
    found = facts.accusations
    assert len(found) == 1
    assert name in {found[0].path, found[0].twin}
    assert found[0].fault in FAULTS[fault][1]


def test_a_stem_with_the_wrong_rate_in_its_header_is_named(folder: Path, stems: Song, tmp_path: Path) -> None:
    soundfile.write(tmp_path / "kick.wav", stems["02_Kick"], 48000, subtype="PCM_24")
    given = [s for s in inputs(folder, stems, tmp_path, stems) if s.label != "02_Kick"]
    given.append(StemInput(path=tmp_path / "kick.wav", label="02_Kick"))
    facts = prove(given, MixInput(path=folder / "mix.wav", label="mix"))
    assert [(a.path, a.fault) for a in facts.accusations] == [("02_Kick", "drift")]
    assert "plays in the mix as if its rate were 44100 Hz, and its file says 48000 Hz" in facts.verdict
    assert facts.accusations[0].drift_ppm == pytest.approx((44100 / 48000 - 1) * 1e6)


def test_an_inverted_stem_reads_like_a_sentence(folder: Path, stems: Song, takes: Song, tmp_path: Path) -> None:
    delivered = with_fault(stems, "02_Kick", "inverted", takes["02_Kick"], RATE)
    facts = prove(inputs(folder, stems, tmp_path, delivered), MixInput(path=folder / "mix.wav", label="mix"))
    assert facts.verdict.startswith("02_Kick is inverted: the mix is explained to ")
    assert facts.verdict.endswith(" when it is flipped")
    share = next(s for s in facts.shares if s.path == "02_Kick")
    assert (share.inverted, share.lag_samples) == (True, 0.0)


def test_a_missing_stem_is_missing_sound_and_nobody_elses_fault(
    folder: Path, stems: Song, takes: Song, tmp_path: Path
) -> None:
    delivered = with_fault(stems, "10_Adlibs", "missing", takes["10_Adlibs"], RATE)
    facts = prove(inputs(folder, stems, tmp_path, delivered), MixInput(path=folder / "mix.wav", label="mix"))
    assert not facts.accusations
    assert facts.missing
    sounding = np.flatnonzero(np.abs(two(stems["10_Adlibs"])).max(axis=1) > 1e-4) / RATE
    assert facts.missing[0].start_s <= sounding[0] + 0.05 <= facts.missing[0].end_s + 0.05
    assert facts.missing[-1].end_s >= sounding[-1] - 0.05
    assert facts.missing[-1].end_s < sounding[-1] + 1.0


def test_a_silent_stem_is_named_when_sound_is_missing(folder: Path, stems: Song, tmp_path: Path) -> None:
    delivered = {**stems, "06_Loop": np.zeros_like(stems["06_Loop"])}
    facts = prove(inputs(folder, stems, tmp_path, delivered), MixInput(path=folder / "mix.wav", label="mix"))
    assert [(a.path, a.fault) for a in facts.accusations] == [("06_Loop", "silent")]


@pytest.mark.parametrize(
    ("name", "fault", "bus"),
    [
        ("07_Vocals_Lead", "inverted", "limiter"),
        ("07_Vocals_Lead", "inverted", "MP3 128"),
        ("02_Kick", "doubled", "EQ"),
    ],
)
def test_the_guilty_stem_is_found_behind_a_processed_mix(
    folder: Path, stems: Song, takes: Song, tmp_path: Path, name: str, fault: str, bus: str
) -> None:
    path = write_mix(tmp_path, stems, bus, RATE)
    delivered = with_fault(stems, name, fault, takes[name], RATE)
    facts = prove(inputs(folder, stems, tmp_path, delivered), MixInput(path=path, label="mix"))
    assert len(facts.accusations) == 1
    assert name in {facts.accusations[0].path, facts.accusations[0].twin}
    assert facts.accusations[0].fault in FAULTS[fault][1]


GROUP = ("07_Vocals_Lead", "08_Vocals_Double_L", "09_Vocals_Double_R", "10_Adlibs")


def test_a_compressor_printed_into_several_stems_is_told(folder: Path, stems: Song, tmp_path: Path) -> None:
    group = mixdown({name: stems[name] for name in GROUP})
    dips = compression(group, RATE, threshold_db=-24.0)
    delivered = {name: audio * dips if name in GROUP else audio for name, audio in stems.items()}
    facts = prove(inputs(folder, stems, tmp_path, delivered), MixInput(path=folder / "mix.wav", label="mix"))
    assert facts.shared_dips == GROUP
    assert not facts.accusations
    assert not facts.missing
    assert "dip in level at the same moments" in facts.verdict


def test_a_compressor_on_a_group_of_the_mix_is_no_dip_of_the_stems(folder: Path, stems: Song, tmp_path: Path) -> None:
    group = mixdown({name: stems[name] for name in GROUP})
    rest = mixdown({name: audio for name, audio in stems.items() if name not in GROUP})
    facts = against(folder, stems, rest + group * compression(group, RATE, threshold_db=-24.0), tmp_path)
    assert not facts.shared_dips
    assert not facts.accusations
    assert facts.bus == (f"a gain that moves in {', '.join(GROUP)} together (a compressor on their bus)",)


def test_a_loud_stem_that_is_late_does_not_make_the_others_early(tmp_path: Path) -> None:
    """The loud stem moves the mix as a whole; judged where the mix lies, it is the only one that is off."""
    rate = RATES["ballad"]
    song = {name: audio * HEADROOM for name, audio in SONGS["ballad"](seconds=SECONDS).items()}
    loud = "04_Vocals_Lead"
    song[loud] *= 2
    soundfile.write(tmp_path / "mix.wav", mixdown(song), rate, subtype="FLOAT")
    facts = against_mix(song | {loud: np.pad(song[loud], ((1, 0), (0, 0)))[:-1]}, tmp_path, rate)
    [accused] = facts.accusations
    assert (accused.path, accused.fault) == (loud, "late")
    assert accused.lag_samples == pytest.approx(1, abs=0.1)


def against_mix(song: Song, folder: Path, rate: int) -> SumFacts:
    given = []
    for name, audio in song.items():
        soundfile.write(folder / f"{name}.wav", audio, rate, subtype="FLOAT")
        given.append(StemInput(path=folder / f"{name}.wav", label=name))
    return prove(given, MixInput(path=folder / "mix.wav", label="Mix"))
