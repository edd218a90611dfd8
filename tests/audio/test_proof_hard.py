"""What the proof once got wrong: two faults at once, quiet stems, takes and tails, and what other programs do to mixes."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import numpy as np
import pytest
import soundfile

from stemkit.audio.compare import MixInput, StemInput, prove
from stemkit.audio.proof.repeats import attacks_apart_s
from stemkit.model.audio import SumFacts
from tests.audio.proof_faults import HEADROOM, mixdown, names_for, saturator, two, with_fault
from tests.audio.proof_songs import RATES, SONGS, Audio, Song

SECONDS = {"hiphop": 15.0, "metal": 12.0, "electronic": 20.0, "ballad": 20.0, "ambient": 20.0}


@lru_cache(maxsize=4)
def song(name: str, *, take: int = 0) -> Song:
    return {label: audio * HEADROOM for label, audio in SONGS[name](seconds=SECONDS[name], take=take).items()}


def proved(
    name: str,
    delivered: Song,
    folder: Path,
    *,
    mix: Audio | None = None,
    subtype: str = "PCM_24",
) -> SumFacts:
    rate, given = RATES[name], []
    for label, audio in delivered.items():
        soundfile.write(folder / f"{label}.wav", audio, rate, subtype="PCM_24")
        given.append(StemInput(path=folder / f"{label}.wav", label=label))
    whole = mixdown(song(name)) if mix is None else mix
    soundfile.write(folder / "mix.wav", whole, rate, subtype=subtype)
    return prove(given, MixInput(path=folder / "mix.wav", label="mix"))


def with_faults(name: str, faults: dict[str, str]) -> Song:
    delivered = dict(song(name))
    for stem, fault in faults.items():
        take = song(name, take=1 if fault == "other take" else 0)[stem]
        delivered = with_fault(delivered, stem, fault, take, RATES[name])
    return delivered


def named(facts: SumFacts) -> dict[str, str]:
    return {a.path: a.fault for a in facts.accusations}


def test_two_faults_of_one_weight_are_both_named(tmp_path: Path) -> None:
    """Each explains something else, so that neither is the other's rival."""
    faults = {"03_Snare": "+2 dB", "06_Guitar_L1": "-1 dB"}
    facts = proved("metal", with_faults("metal", faults), tmp_path)
    assert named(facts) == {"03_Snare": "gain", "06_Guitar_L1": "gain"}


def test_a_loud_stem_that_is_late_does_not_make_the_song_another_one(tmp_path: Path) -> None:
    faults = {"01_Piano": "doubled", "04_Vocals_Lead": "late 24000"}
    facts = proved("ballad", with_faults("ballad", faults), tmp_path)
    assert facts.cannot_tell is None
    assert named(facts)["04_Vocals_Lead"] == "late"


def test_a_quiet_stem_that_stops_keeps_the_stems_from_adding_up(tmp_path: Path) -> None:
    """Its tail lies 60 dB below the mix, and still it is gone."""
    facts = proved("electronic", with_faults("electronic", {"11_Shaker": "tail cut"}), tmp_path)
    assert facts.adds_up is False
    assert named(facts) == {"11_Shaker": "tail_cut"}


@pytest.mark.parametrize("samples", [30, 200])
def test_a_mix_that_clips_a_little_makes_nobody_guilty_of_a_silent_stem(samples: int, tmp_path: Path) -> None:
    """Silent stems are often meant; what a clipper that hardly works leaves is nobody's sound."""
    delivered = song("hiphop") | {"99_Muted": np.zeros((len(song("hiphop")["02_Kick"]), 2), np.float32)}
    mix = mixdown(song("hiphop"))
    top = np.sort(np.abs(mix), axis=None)[-samples]
    facts = proved("hiphop", delivered, tmp_path, mix=np.clip(mix, -top, top))
    assert facts.null_db is not None
    assert -80 < facts.null_db < -50
    assert not facts.accusations
    assert not facts.missing


@pytest.mark.parametrize(
    ("name", "stem"), [("ballad", "06_Vocals_Return"), ("hiphop", "10_Adlibs"), ("ambient", "09_Piano")]
)
def test_a_tail_that_was_cut_is_named_also_when_it_is_short_or_covers_all_bands_or_ends_on_another_note(
    name: str, stem: str, tmp_path: Path
) -> None:
    facts = proved(name, with_faults(name, {stem: "tail cut"}), tmp_path)
    assert named(facts) == {stem: "tail_cut"}


def test_another_take_with_the_same_envelope_is_told_by_its_attacks(tmp_path: Path) -> None:
    facts = proved("electronic", with_faults("electronic", {"09_Lead": "other take"}), tmp_path)
    assert named(facts) == {"09_Lead": "other_take"}
    assert not facts.unrepeatable


def test_attacks_lie_apart_in_another_take_and_together_in_another_render() -> None:
    rate, rng = 48000, np.random.default_rng(1)
    decay = np.exp(-np.arange(rate // 3) / rate * 12)

    def played(jitter_s: float) -> Audio:
        out = np.zeros((1, 1, 5 * rate), np.float32)
        for number in range(8):
            at = int((0.3 + 0.5 * number + jitter_s * rng.standard_normal()) * rate)
            out[0, 0, at : at + rate // 3] += rng.standard_normal(rate // 3) * decay
        return out

    first = played(0)
    again, other = attacks_apart_s(first, played(0), rate), attacks_apart_s(first, played(0.01), rate)
    assert again is not None
    assert other is not None
    assert again < 0.002 < 0.005 < other
    assert attacks_apart_s(np.ones((1, 1, rate), np.float32), np.ones((1, 1, rate), np.float32), rate) is None


@pytest.mark.parametrize(
    ("name", "stem"), [("ambient", "03_Sub_Swell"), ("ballad", "09_Bells"), ("hiphop", "05_Open_Hat")]
)
def test_a_drift_is_named_in_a_sine_in_three_notes_and_in_rare_hits(name: str, stem: str, tmp_path: Path) -> None:
    """Whitened, a sine is noise; and a lag was measured where the sound lies, not in the middle of its window."""
    facts = proved(name, with_faults(name, {stem: "drifting"}), tmp_path)
    [accused] = facts.accusations
    assert (accused.path, accused.fault) == (stem, "drift")
    assert accused.drift_ppm == pytest.approx(100, abs=5)


def test_a_place_that_fits_one_hit_only_is_none(tmp_path: Path) -> None:
    """One hit of three lies 25 samples late and the others elsewhere: nobody may call the stem late by 25."""
    name, stem = "hiphop", "03_Snare"
    whole = song(name)
    hits = np.array_split(np.arange(len(whole[stem])), 3)
    moved = np.zeros_like(whole[stem])
    for part, late in zip(hits, (25, 400, 1300), strict=True):
        at = part[part + late < len(moved)]
        moved[at + late] += whole[stem][at]
    facts = proved(name, whole | {stem: moved}, tmp_path)
    assert not {"late", "early"} & set(named(facts).values())


def test_dither_with_shaped_noise_adds_up(tmp_path: Path) -> None:
    mix = mixdown(song("hiphop"))
    noise = np.random.default_rng(2).standard_normal((len(mix), 2))
    for _ in range(4):  # each difference turns the noise up by 6 dB an octave
        noise = np.diff(noise, axis=0, prepend=0)
    shaped = mix + (10 ** (-72 / 20) * noise / noise.std()).astype(np.float32)
    facts = proved("hiphop", song("hiphop"), tmp_path, mix=shaped, subtype="PCM_16")
    assert facts.adds_up is True
    assert not facts.missing
    # The same noise in a file that needs no dither is sound that the stems do not have.
    assert proved("hiphop", song("hiphop"), tmp_path, mix=shaped).adds_up is False


def test_a_fade_of_the_mix_is_no_compressor_in_the_stems(tmp_path: Path) -> None:
    mix = mixdown(song("hiphop"))
    fade = np.clip((len(mix) - np.arange(len(mix))) / (3 * RATES["hiphop"]), 0, 1).astype(np.float32)
    facts = proved("hiphop", song("hiphop"), tmp_path, mix=mix * fade[:, None])
    assert not facts.shared_dips
    assert not facts.accusations
    assert not facts.missing
    assert "fade" in facts.bus[0]


def test_stems_that_were_each_normalised_are_told_by_their_gains(tmp_path: Path) -> None:
    whole = song("hiphop")
    gains = {label: 0.25 / float(np.abs(audio).max()) for label, audio in whole.items()}
    delivered = {label: audio * np.float32(gains[label]) for label, audio in whole.items()}
    facts = proved("hiphop", delivered, tmp_path)
    assert {a.fault for a in facts.accusations} == {"gain"}
    for accused in facts.accusations:
        assert accused.gain_db == pytest.approx(-20 * np.log10(gains[accused.path]), abs=0.1)
    assert len(facts.accusations) == len(whole)


def test_noise_in_the_place_of_sound_is_no_missing_sound(tmp_path: Path) -> None:
    """A codec that writes noise of the same level where it spares bits adds nothing to the mix."""
    mix, rate = mixdown(song("metal")).astype(np.float64), RATES["metal"]
    spectrum = np.fft.rfft(mix, axis=0)
    spectrum[: 7000 * len(mix) // rate] = 0
    high = np.fft.irfft(spectrum, len(mix), axis=0)
    signs = np.random.default_rng(3).choice([-1.0, 1.0], -(-len(mix) // 48)).repeat(48)[: len(mix), None]
    noisy = mix - high + high * signs + 5e-2 * np.random.default_rng(4).standard_normal(mix.shape) * np.abs(mix)
    facts = proved("metal", song("metal"), tmp_path, mix=noisy.astype(np.float32))
    assert not facts.missing
    assert not facts.accusations


@pytest.mark.parametrize(("seconds", "told"), [(0.2, False), (4.0, True)])
def test_behind_a_bus_a_few_odd_cells_are_no_missing_sound(seconds: float, tmp_path: Path, *, told: bool) -> None:
    mix, rate = mixdown(song("hiphop")), RATES["hiphop"]
    at = np.arange(5 * rate, int((5 + seconds) * rate))
    extra = np.zeros_like(mix)
    extra[at] = 0.1 * np.sin(np.outer(at, 2 * np.pi * np.array([3000, 3000]) / rate)) * (1 + np.sin(at / 700))[:, None]
    facts = proved("hiphop", song("hiphop"), tmp_path, mix=saturator(mix + extra, rate))
    assert not facts.accusations
    assert bool(facts.missing) is told


def test_a_stem_of_one_side_that_loses_it_is_silent(tmp_path: Path) -> None:
    delivered = with_faults("metal", {"06_Guitar_L1": "channel missing"})
    assert not two(delivered["06_Guitar_L1"]).any()
    [(stem, fault)] = named(proved("metal", delivered, tmp_path)).items()
    assert stem == "06_Guitar_L1"
    assert fault in names_for("channel missing", song("metal")[stem])
