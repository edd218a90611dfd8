"""Fixes of rendered files: each does what it promises, in a copy, and only once."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
import soundfile

from stemkit.app.fix import FILE_KINDS, fix
from stemkit.audio.wav import walk
from stemkit.errors import InputError, UsageError
from tests.app.fix_songs import (
    FAULTS,
    KICK,
    MIX,
    PARTS,
    PROFILES,
    RATE,
    SECONDS,
    SHOWS,
    contents,
    contradicting,
    healthy,
    late_entry,
    named,
    noisy_gap,
    rules,
    strict_start,
    write,
)


@pytest.mark.parametrize("case", FAULTS)
def test_a_fix_does_what_it_promises_in_a_copy_and_only_once(case: str, tmp_path: Path) -> None:
    kind, (spoil, rule) = case.strip(), FAULTS[case]
    source = tmp_path / "in"
    spoil(source)
    original = contents(source)
    profile = PROFILES[kind](tmp_path) if kind in PROFILES else "mix-prep"
    planned = fix(source, None, profile=profile, dry_run=True)
    assert rule in rules(planned, after=False), "the fault is not found at all"
    assert kind in {step.kind for step in planned.steps if step.blocked is None}
    result = fix(source, tmp_path / "out", profile=profile, kinds=(kind,))
    assert any(step.chosen and step.kind == kind for step in result.steps)
    assert rule not in rules(result, after=True)
    known = rules(result, after=False) | SHOWS.get(kind, set())
    assert rules(result, after=True) <= known, "the fix broke something else"
    assert contents(source) == original
    again = fix(tmp_path / "out", tmp_path / "twice", profile=profile, kinds=(kind,))
    assert [step for step in again.steps if step.chosen] == []
    assert contents(tmp_path / "twice") == contents(tmp_path / "out")


@pytest.mark.parametrize(
    "case",
    [
        c
        for c in FAULTS
        if c.strip() not in ("rename", "renumber", "repair_header", "time_reference", "repair_metadata")
    ],
)
def test_an_unsafe_fix_is_only_taken_when_it_is_named(case: str, tmp_path: Path) -> None:
    source = tmp_path / "in"
    FAULTS[case][0](source)
    profile = PROFILES[case.strip()](tmp_path) if case.strip() in PROFILES else "mix-prep"
    result = fix(source, tmp_path / "out", profile=profile)
    assert [step for step in result.steps if step.chosen and step.kind == case.strip()] == []
    assert all(step.safe for step in result.steps if step.chosen)
    assert contents(source) == contents(tmp_path / "out")


def test_what_is_not_fixed_keeps_its_bytes(tmp_path: Path) -> None:
    source = healthy(tmp_path / "in", changed={"01_Kick": -KICK})
    (source / "lyrics.txt").write_text("la la")
    fix(source, tmp_path / "out", kinds=("polarity",))
    before, after = contents(source), contents(tmp_path / "out")
    assert {name for name in before if before[name] != after[name]} == {"01_Kick.wav"}
    flipped, _ = soundfile.read(tmp_path / "out/01_Kick.wav", dtype="int32")
    kept, _ = soundfile.read(source / "01_Kick.wav", dtype="int32")
    assert np.array_equal(flipped.astype(np.int64), -kept.astype(np.int64))


def test_a_short_stem_is_never_padded_by_guessing(tmp_path: Path) -> None:
    source = healthy(tmp_path / "in", mixed=False, changed={"02_Snare": PARTS["02_Snare"][: -RATE // 2]})
    result = fix(source, tmp_path / "out", kinds=("pad",))
    [step] = [step for step in result.steps if step.kind == "pad"]
    assert step.blocked is not None
    assert "nothing tells whether its start or its end is short" in step.blocked
    assert contents(source) == contents(tmp_path / "out")


def test_equal_time_stamps_are_evidence_for_a_common_start(tmp_path: Path) -> None:
    for name, sound in PARTS.items():
        cut = sound[: -RATE // 2] if name == "02_Snare" else sound
        write(tmp_path / "in" / f"{name}.wav", cut, originator="x", time_reference_samples=4800)
    result = fix(tmp_path / "in", tmp_path / "out", kinds=("pad",))
    assert "SK401" not in rules(result, after=True)
    assert walk(tmp_path / "out/02_Snare.wav").bext.time_reference_samples == 4800  # type: ignore[union-attr]


def test_a_lossy_file_is_never_renamed(tmp_path: Path) -> None:
    source = healthy(tmp_path / "in")
    soundfile.write(source / "04_Pad lead.ogg", PARTS["01_Kick"] * 0.9, RATE)
    result = fix(source, tmp_path / "out")
    assert (tmp_path / "out/04_Pad lead.ogg").read_bytes() == (source / "04_Pad lead.ogg").read_bytes()
    assert any(step.blocked and "no WAV file" in step.blocked for step in result.steps)


def test_a_name_that_says_nothing_is_left_to_people(tmp_path: Path) -> None:
    named(tmp_path / "in", "01_Track_3.wav", "02_Snare.wav", "03_Bass.wav")
    result = fix(tmp_path / "in", tmp_path / "out")
    assert [s.blocked for s in result.steps if "SK605" in s.rules] == ["only you know what plays in it"]
    assert "01_Track_3.wav" in contents(tmp_path / "out")


def test_gaps_become_digital_silence_with_fades_and_the_rest_stays_to_the_bit(tmp_path: Path) -> None:
    noisy_gap(tmp_path / "in")
    fix(tmp_path / "in", tmp_path / "out", kinds=("silence_gaps",))
    before, _ = soundfile.read(tmp_path / "in/03_Bass.wav")
    after, _ = soundfile.read(tmp_path / "out/03_Bass.wav")
    changed = np.flatnonzero(before != after)
    middle = slice(int(3.2 * RATE), int(4.6 * RATE))
    assert not after[middle].any()
    assert np.abs(np.diff(after))[changed[:-1]].max() <= np.abs(np.diff(before)).max()
    loud = np.abs(before) > 0.05
    assert np.array_equal(before[loud], after[loud])


def test_the_gain_is_written_into_the_file_so_that_the_proof_can_undo_it(tmp_path: Path) -> None:
    source = healthy(tmp_path / "in", changed={"01_Kick": KICK / 0.6 * 0.95})
    write(source / "Rough_Mix.wav", np.repeat(((MIX - KICK + KICK / 0.6 * 0.95) * 0.4)[:, np.newaxis], 2, axis=1))
    result = fix(source, tmp_path / "out", kinds=("gain",))
    assert result.after is not None
    [kick] = [f for f in result.after.files if f.path == "01_Kick.wav"]
    assert kick.audio is not None
    assert kick.audio.sample_peak_dbfs == pytest.approx(-3.1, abs=0.01)
    assert kick.trim_db == pytest.approx(-3.1 - 20 * math.log10(0.95), abs=0.01)
    assert result.after.sum is not None
    assert result.after.sum.null_db is not None
    assert result.after.sum.null_db < -90


def test_a_quiet_stem_is_not_raised_again_and_again(tmp_path: Path) -> None:
    healthy(tmp_path / "in", mixed=False, changed={"01_Kick": KICK * 0.05})
    fix(tmp_path / "in", tmp_path / "out", kinds=("gain",))
    raised, _ = soundfile.read(tmp_path / "out/01_Kick.wav")
    assert 20 * math.log10(np.abs(raised).max() / (0.6 * 0.05)) == pytest.approx(12, abs=0.01)
    fix(tmp_path / "out", tmp_path / "twice", kinds=("gain",))
    assert contents(tmp_path / "out") == contents(tmp_path / "twice")


@pytest.mark.parametrize(
    ("output", "kinds", "error", "said"),
    [
        ("in/copy", (), InputError, "lies inside"),
        ("taken", (), InputError, "exists already"),
        ("out", ("magic",), UsageError, "There is no fix 'magic'"),
        (None, (), UsageError, "Say where the copy goes"),
    ],
)
def test_mistakes_are_told_before_anything_is_written(
    output: str | None, kinds: tuple[str, ...], error: type[Exception], said: str, tmp_path: Path
) -> None:
    source = healthy(tmp_path / "in")
    (tmp_path / "taken").mkdir()
    with pytest.raises(error, match=said):
        fix(source, None if output is None else tmp_path / output, kinds=kinds)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["in", "taken"]


def test_metadata_that_disagree_are_written_anew_and_the_samples_stay(tmp_path: Path) -> None:
    source = tmp_path / "in"
    contradicting(source)
    fix(source, tmp_path / "out")
    before, after = (soundfile.read(folder / "01_Kick.wav", dtype="int32")[0] for folder in (source, tmp_path / "out"))
    assert np.array_equal(before, after)
    assert contents(tmp_path / "out").keys() == contents(source).keys()


def test_shared_silence_is_cut_from_all_files_and_their_time_stamps_follow(tmp_path: Path) -> None:
    late_entry(tmp_path / "in")
    fix(tmp_path / "in", tmp_path / "out", kinds=("trim",), profile=strict_start(tmp_path))
    cut = RATE * SECONDS - soundfile.info(tmp_path / "out/01_Kick.wav").frames
    assert cut >= RATE
    assert walk(tmp_path / "out/01_Kick.wav").bext.time_reference_samples == 1000 + cut  # type: ignore[union-attr]
    after, _ = soundfile.read(tmp_path / "out/01_Kick.wav")
    before, _ = soundfile.read(tmp_path / "in/01_Kick.wav")
    assert np.array_equal(before[cut:], after)


def test_a_stem_that_enters_later_is_never_cut_to_its_entry(tmp_path: Path) -> None:
    source = healthy(tmp_path / "in", mixed=False)
    write(source / "02_Snare.wav", np.concatenate([np.zeros(3 * RATE), PARTS["02_Snare"][3 * RATE :]]))
    result = fix(source, tmp_path / "out", kinds=("trim",), profile=strict_start(tmp_path))
    [step] = [step for step in result.steps if step.kind == "trim"]
    assert step.blocked is not None
    assert "would move it" in step.blocked


def test_every_kind_of_file_fix_is_tried_here() -> None:
    assert set(FILE_KINDS) == {case.strip() for case in FAULTS}
