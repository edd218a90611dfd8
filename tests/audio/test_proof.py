"""The proof as a whole: what adds up and what does not, and mixes that are awkward to compare."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile

from stemkit.audio.compare import MixInput, StemInput, prove
from stemkit.errors import InputError, UsageError
from tests.audio.proof_delivery import FULL, RATE, SECONDS, against, inputs
from tests.audio.proof_faults import HEADROOM, late_in_part, mixdown, two, write_mix
from tests.audio.proof_songs import SONGS, Song


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


def test_a_mix_with_the_wrong_rate_in_its_header_is_told(folder: Path, stems: Song, tmp_path: Path) -> None:
    facts = against(folder, stems, mixdown(stems), tmp_path, rate=48000)
    assert facts.cannot_tell is not None
    assert "plays as if its rate were 44100 Hz, and its file says 48000 Hz" in facts.cannot_tell


@pytest.mark.parametrize("bus", ["limiter", "16-bit", "MP3 128"])
def test_a_processed_mix_accuses_nobody(folder: Path, stems: Song, tmp_path: Path, bus: str) -> None:
    path = write_mix(tmp_path, stems, bus, RATE)
    facts = prove(inputs(folder, stems, tmp_path, stems), MixInput(path=path, label="mix"))
    assert not facts.accusations
    assert not facts.missing
    assert facts.adds_up or facts.bus


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
