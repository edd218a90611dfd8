"""The proof as a whole: what adds up, what does not and who is guilty, and mixes that are awkward to compare."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from stemkit.audio.compare import MixInput, StemInput, prove
from stemkit.errors import InputError, UsageError
from stemkit.model.audio import SumFacts
from tests.audio.proof_faults import FAULTS, HEADROOM, compression, late_in_part, mixdown, two, with_fault, write_mix
from tests.audio.proof_songs import RATES, SONGS, Song

SECONDS = 7.5
SONG = "hiphop"
RATE = RATES[SONG]
FULL = 2**23


@pytest.fixture(scope="session")
def stems() -> Song:
    """Return a short song, each sample already on the grid of 24 bits."""
    whole = SONGS[SONG](seconds=SECONDS)
    return {name: np.asarray(np.round(audio * HEADROOM * FULL) / FULL, np.float32) for name, audio in whole.items()}


@pytest.fixture(scope="session")
def takes() -> Song:
    return {name: audio * HEADROOM for name, audio in SONGS[SONG](seconds=SECONDS, take=1).items()}


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory, stems: Song) -> Path:
    """Return a folder with the whole stems and the plain mix."""
    place = tmp_path_factory.mktemp("song")
    for name, audio in stems.items():
        soundfile.write(place / f"{name}.wav", audio, RATE, subtype="PCM_24")
    soundfile.write(place / "mix.wav", mixdown(stems), RATE, subtype="PCM_24")
    return place


def inputs(folder: Path, stems: Song, tmp_path: Path, delivered: Song) -> list[StemInput]:
    found = []
    for name, audio in delivered.items():
        path = folder / f"{name}.wav"
        if stems.get(name) is not audio:
            path = tmp_path / f"{name}.wav"
            soundfile.write(path, audio, RATE, subtype="PCM_24")
        found.append(StemInput(path=path, label=name))
    return found


def against(
    folder: Path, stems: Song, mix: Any, tmp_path: Path, *, rate: int = RATE, subtype: str = "FLOAT"
) -> SumFacts:
    path = tmp_path / "mix.wav"
    soundfile.write(path, mix, rate, subtype=subtype)
    return prove(inputs(folder, stems, tmp_path, stems), MixInput(path=path, label="mix"))


def test_integers_that_add_up_do_so_to_the_last_bit(folder: Path, stems: Song, tmp_path: Path) -> None:
    facts = prove(inputs(folder, stems, tmp_path, stems), MixInput(path=folder / "mix.wav", label="mix"))
    assert (facts.exact, facts.adds_up, facts.null_db) == (True, True, None)
    assert facts.verdict == "the stems add up to the mix, to the last bit"
    assert not facts.accusations


def test_one_bit_in_one_sample_is_not_exact(folder: Path, stems: Song, tmp_path: Path) -> None:
    mix = mixdown(stems).astype(np.float64)
    mix[RATE, 0] += 1 / FULL
    facts = against(folder, stems, mix, tmp_path, subtype="PCM_24")
    assert (facts.exact, facts.adds_up) == (False, True)
    assert facts.null_db is not None
    assert facts.null_db < -150


def test_trims_are_undone(folder: Path, stems: Song, tmp_path: Path) -> None:
    trimmed = {name: audio * np.float32(10 ** (-3.7 / 20)) for name, audio in stems.items()}
    given = [StemInput(path=s.path, label=s.label, trim_db=-3.7) for s in inputs(folder, stems, tmp_path, trimmed)]
    facts = prove(given, MixInput(path=folder / "mix.wav", label="mix"))
    assert facts.adds_up
    assert facts.gain_db == 0
    delivered = sum(two(audio).astype(np.float64) for audio in trimmed.values())
    assert facts.sum_peak_dbfs == pytest.approx(20 * np.log10(np.abs(delivered).max()), abs=1e-4)


@pytest.mark.parametrize(("gain", "offset"), [(0.5, 0), (-1.0, 0), (1.0, 37), (0.8, -1200), (-0.7, 30000)])
def test_a_change_of_the_whole_mix_is_measured_and_undone(
    folder: Path, stems: Song, tmp_path: Path, gain: float, offset: int
) -> None:
    mixed = mixdown(stems)
    moved = np.pad(mixed, ((max(offset, 0), 0), (0, 0)))[max(-offset, 0) :]
    facts = against(folder, stems, gain * moved, tmp_path)
    assert facts.offset_samples == offset
    assert facts.gain_db == pytest.approx(20 * np.log10(abs(gain)), abs=0.01)
    assert facts.inverted is (gain < 0)
    assert facts.adds_up
    assert not facts.accusations


def test_copies_are_told_once_a_group(folder: Path, stems: Song, tmp_path: Path) -> None:
    kick, other = list(stems)[:2]
    copies = {f"{kick}_Copy": stems[kick], f"{kick}_Quiet": -0.5 * stems[kick], f"{other}_Copy": stems[other]}
    delivered = {**stems, **copies}
    facts = prove(inputs(folder, stems, tmp_path, delivered), MixInput(path=folder / "mix.wav", label="mix"))
    assert facts.duplicates == ((kick, f"{kick}_Copy", f"{kick}_Quiet"), (other, f"{other}_Copy"))


@pytest.mark.parametrize("part", [0.1, 0.37, -0.5])
def test_parts_of_a_sample_are_measured(folder: Path, stems: Song, tmp_path: Path, part: float) -> None:
    facts = against(folder, stems, late_in_part(mixdown(stems), part), tmp_path)
    assert facts.offset_samples == pytest.approx(part, abs=0.03)
    assert not facts.accusations


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


def test_a_mix_with_the_wrong_rate_in_its_header_is_told(folder: Path, stems: Song, tmp_path: Path) -> None:
    facts = against(folder, stems, mixdown(stems), tmp_path, rate=48000)
    assert facts.cannot_tell is not None
    assert "plays as if its rate were 44100 Hz, and its file says 48000 Hz" in facts.cannot_tell


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


@pytest.mark.parametrize("bus", ["limiter", "16-bit", "MP3 128"])
def test_a_processed_mix_accuses_nobody(folder: Path, stems: Song, tmp_path: Path, bus: str) -> None:
    path = write_mix(tmp_path, stems, bus, RATE)
    facts = prove(inputs(folder, stems, tmp_path, stems), MixInput(path=path, label="mix"))
    assert not facts.accusations
    assert not facts.missing
    assert facts.adds_up or facts.bus


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


def test_a_mono_mix_is_compared_in_mono(folder: Path, stems: Song, tmp_path: Path) -> None:
    facts = against(folder, stems, mixdown(stems).mean(axis=1), tmp_path)
    assert facts.adds_up
    assert facts.notes == ("mix is mono, so the sides were compared together",)
    flipped = {**stems, "06_Loop": -stems["06_Loop"]}
    mono = MixInput(path=tmp_path / "mix.wav", label="mix")
    facts = prove(inputs(folder, stems, tmp_path, flipped), mono)
    assert [(a.path, a.fault) for a in facts.accusations] == [("06_Loop", "inverted")]


def test_a_mix_at_another_rate_is_converted(folder: Path, stems: Song, tmp_path: Path) -> None:
    import soxr

    facts = against(folder, stems, soxr.resample(mixdown(stems), RATE, 48000, "VHQ"), tmp_path, rate=48000)
    assert facts.adds_up
    assert not facts.accusations
    assert "48000 Hz" in facts.notes[0]


def test_a_shorter_mix_is_compared_as_far_as_it_goes(folder: Path, stems: Song, tmp_path: Path) -> None:
    facts = against(folder, stems, mixdown(stems)[: 5 * RATE], tmp_path)
    assert facts.adds_up
    assert facts.notes == ("mix covers 0.0 to 5.0 s of the stems",)
    assert facts.compared_s == 5.0


def test_another_song_cannot_be_judged(folder: Path, stems: Song, tmp_path: Path) -> None:
    other = mixdown({k: v * HEADROOM for k, v in SONGS["ambient"](seconds=SECONDS).items()})
    facts = against(folder, stems, other, tmp_path)
    assert facts.cannot_tell is not None
    assert facts.adds_up is None
    assert not facts.accusations


def test_a_silent_mix_cannot_be_judged(folder: Path, stems: Song, tmp_path: Path) -> None:
    facts = against(folder, stems, np.zeros((3 * RATE, 2)), tmp_path)
    assert facts.cannot_tell == "mix is silent where the stems play"


def test_no_stems_and_surround_are_refused_in_words(folder: Path, tmp_path: Path) -> None:
    mix = MixInput(path=folder / "mix.wav", label="mix")
    with pytest.raises(UsageError, match="no stems"):
        prove([], mix)
    soundfile.write(tmp_path / "six.wav", np.zeros((100, 6)), RATE)
    with pytest.raises(InputError, match="6 channels"):
        prove([StemInput(path=tmp_path / "six.wav", label="six.wav")], mix)


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
