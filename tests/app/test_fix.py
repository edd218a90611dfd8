from __future__ import annotations

import math
import struct
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray

from stemkit.app.demo_song import write_demo_project
from stemkit.app.fix import FILE_KINDS, FixResult, fix
from stemkit.app.prepare import prepare
from stemkit.audio.wav import walk
from stemkit.audio.wav_writer import WavHeader, encode_samples, header_bytes, write_pad
from stemkit.errors import InputError, UsageError

Sound = NDArray[np.float64]
RATE = 48_000
SECONDS = 6  # the proof needs some seconds of music
RNG = np.random.default_rng(3)


def write(path: Path, samples: Sound, **header: object) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    samples = samples if samples.ndim == 2 else samples[:, np.newaxis]
    wav = WavHeader(encoding="pcm24", sample_rate=RATE, channels=samples.shape[1], frames=len(samples), **header)  # type: ignore[arg-type]
    with path.open("wb") as stream:
        stream.write(header_bytes(wav))
        stream.write(encode_samples(samples, "pcm24"))
        write_pad(stream, wav)


def part(seed: int, peak: float = 0.6) -> Sound:
    """Bursts of coloured noise that begin and end in silence, unlike any other seed's."""
    rng = np.random.default_rng(seed)
    sound = np.convolve(rng.standard_normal(RATE * SECONDS), np.ones(1 + 3 * seed) / (1 + 3 * seed), "same")
    gate = np.repeat(rng.random(SECONDS * 4) > 0.35, RATE // 4).astype(float)
    gate[: RATE // 2] = gate[-RATE:] = 0
    gate = np.convolve(gate, np.hanning(960) / np.hanning(960).sum(), "same")
    sound *= gate
    return np.asarray(sound / np.abs(sound).max() * peak, dtype=np.float64)


PARTS = {"01_Kick": part(1), "02_Snare": part(2), "03_Bass": part(3)}
MIX: Sound = np.sum(list(PARTS.values()), axis=0)


def healthy(folder: Path, *, mixed: bool = True, changed: Mapping[str, Sound] | None = None) -> Path:
    for name, sound in {**PARTS, **(changed or {})}.items():
        write(folder / f"{name}.wav", sound)
    if mixed:
        write(folder / "Rough_Mix.wav", np.repeat((MIX * 0.4)[:, np.newaxis], 2, axis=1))
    return folder


def contents(folder: Path) -> dict[str, bytes]:
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def rules(result: FixResult, *, after: bool) -> set[str]:
    report = result.after if after else result.before
    assert report is not None
    return {f.rule for f in report.open_findings}


def stamped(folder: Path) -> None:
    healthy(folder)
    for place, (name, sound) in enumerate(PARTS.items()):
        write(folder / f"{name}.wav", sound, originator="x", time_reference_samples=0 if place else 4800)


def noisy_gap(folder: Path) -> None:
    sound = PARTS["03_Bass"].copy()
    hiss = RNG.standard_normal(len(sound)) * 10 ** (-60 / 20)
    hiss[: RATE // 2] = hiss[-RATE:] = 0
    sound[3 * RATE : 5 * RATE] = 0
    healthy(folder, mixed=False, changed={"03_Bass": sound + hiss})


def wrong_size(folder: Path) -> None:
    healthy(folder)
    path = folder / "02_Snare.wav"
    data = bytearray(path.read_bytes())
    struct.pack_into("<I", data, 4, 1000)
    path.write_bytes(data)


def unclosed(folder: Path) -> None:
    healthy(folder)
    path = folder / "02_Snare.wav"
    data = bytearray(path.read_bytes())
    struct.pack_into("<I", data, data.index(b"data") + 4, 0)
    path.write_bytes(data)


def stereo(left: Sound, right: Sound) -> Sound:
    return np.stack([left, right], axis=1)


def named(folder: Path, *names: str) -> None:
    for sound, name in zip(PARTS.values(), names, strict=True):
        write(folder / name, sound)


def contradicting(folder: Path) -> None:
    kick = healthy(folder, mixed=False) / "01_Kick.wav"
    kick.write_bytes(kick.read_bytes().replace(b"<FILE_SAMPLE_RATE>48000", b"<FILE_SAMPLE_RATE>44100"))


def late_entry(folder: Path) -> None:
    for name in PARTS:
        write(folder / f"{name}.wav", np.concatenate([np.zeros(RATE), KICK[RATE:]]),
              originator="x", time_reference_samples=1000)  # fmt: skip


def loud_together(folder: Path) -> None:
    """Each stem keeps the profile's -6 dBFS by itself; three of them at one instant do not."""
    together = {
        name: PARTS["01_Kick"] * gain + PARTS[name] * 0.05 for name, gain in zip(PARTS, (0.8, 0.75, 0.7), strict=True)
    }
    for name, sound in together.items():
        write(folder / f"{name}.wav", sound)
    total = np.sum(list(together.values()), axis=0)
    write(folder / "Rough_Mix.wav", np.repeat((total * 0.4)[:, np.newaxis], 2, axis=1))


KICK = PARTS["01_Kick"]
# Kind → what is broken, the rule that says so and must be silent afterwards.
FAULTS: dict[str, tuple[Callable[[Path], object], str]] = {
    "rename": (lambda f: named(f, "01_Kick drum!.wav", "02_Snare.wav", "03_Bass.wav"), "SK602"),
    "renumber": (lambda f: named(f, "01_Kick.wav", "01_Snare.wav", "05_Bass.wav"), "SK603"),
    "repair_header": (wrong_size, "SK204"),
    "repair_header ": (unclosed, "SK204"),
    "pad": (lambda f: healthy(f, changed={"02_Snare": PARTS["02_Snare"][: -RATE // 2]}), "SK401"),
    "shift": (lambda f: healthy(f, changed={"01_Kick": np.concatenate([np.zeros(480), KICK[:-480]])}), "SK402"),
    "time_reference": (stamped, "SK404"),
    "polarity": (lambda f: healthy(f, changed={"01_Kick": -KICK}), "SK802"),
    "gain": (lambda f: healthy(f, mixed=False, changed={"01_Kick": KICK / 0.6 * 0.95}), "SK301"),
    "remove_dc": (lambda f: healthy(f, mixed=False, changed={"01_Kick": KICK * 0.9 + 0.02}), "SK306"),
    "to_mono": (lambda f: healthy(f, changed={"01_Kick": stereo(KICK, KICK)}), "SK503"),
    "to_mono ": (lambda f: healthy(f, mixed=False, changed={"01_Kick": stereo(np.zeros_like(KICK), KICK)}), "SK502"),
    "invert_right": (lambda f: healthy(f, mixed=False, changed={"01_Kick": stereo(KICK, -KICK)}), "SK504"),
    "silence_gaps": (noisy_gap, "SK505"),
    "repair_metadata": (contradicting, "SK210"),
    "trim": (late_entry, "SK407"),
    "common_gain": (loud_together, "SK307"),
}


def strict_start(tmp_path: Path) -> str:
    profile = tmp_path / "library.toml"
    profile.write_text(
        '[profile]\nid = "x"\ntitle = "x"\nsource = "test"\nextends = "mix-prep"\n'
        "[content]\nleading_silence_max_s = 0.1\n"
    )
    return str(profile)


# The profile that asks for it, where the default one does not.
PROFILES: dict[str, Callable[[Path], str]] = {"trim": strict_start, "common_gain": lambda _: "stem-mastering"}


# What comes to light when a fault is gone: two sides that cancelled each other are one side twice.
SHOWS = {"invert_right": {"SK503"}}


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


def project(tmp_path: Path) -> Path:
    path = write_demo_project(tmp_path / "song")
    text = path.read_bytes().decode()
    text = text.replace("MUTESOLO 0 0 0", "MUTESOLO 0 1 0", 3).replace("SAMPLERATE 48000 1 0", "SAMPLERATE 48000 0 0")
    text = text.replace('BYPASS 1 0 0\r\n      <VST "VST: ReaVerbate', 'BYPASS 0 0 0\r\n      <VST "VST: ReaVerbate')
    empty = "  <TRACK {00000000-0000-4000-8000-00000000AAAA}\r\n    NAME Old\r\n    ISBUS 0 0\r\n    MAINSEND 1 0\r\n  >\r\n"
    at = text.index("  <TRACK {00000000-0000-4000-8000-000000000003}")
    path.write_bytes((text[:at] + empty + text[at:]).replace("AUXRECV 6 ", "AUXRECV 7 ").encode())
    return path


def test_project_fixes_change_what_they_say_and_nothing_else(tmp_path: Path) -> None:
    source = project(tmp_path)
    original = source.read_bytes()
    kinds = ("delete_muted_items", "delete_unused_tracks", "clear_solo", "force_rate", "bypass_master_fx",
             "bypass_returns", "remove_automation")  # fmt: skip
    output = source.with_name("Fixed.rpp")
    result = fix(source, output, kinds=kinds, tracks=("Vox Lead",))
    assert {step.kind for step in result.steps if step.chosen} == {*kinds, "rename_tracks"}
    assert source.read_bytes() == original
    gone = {entry.split(" ", 1)[0] for entry in result.solved}
    assert {"SK106", "SK107", "SK110"} & gone == {"SK110"}, "what the plan takes care of was never open"
    session = prepare(output).session
    names = [track.name for track in session.tracks]
    assert names == [
        "Drums",
        "01_Kick",
        "02_Snare_Top",
        "03_Hats",
        "04_Bass",
        "05_Synth_Pad",
        "06_Vox_Lead",
        "07_Vox_Room",
    ]
    assert [track.depth_change for track in session.tracks] == [1, 0, 0, -1, 0, 0, 0, 0]
    assert not any(track.solo for track in session.tracks)
    assert (session.sample_rate, session.sample_rate_forced, session.master.fx.enabled) == (48_000, True, False)
    assert not any(item.mute for track in session.tracks for item in track.items)
    assert not session.tracks[6].envelopes
    assert not session.tracks[7].fx.enabled
    assert session.tracks[7].receives[0].source_guid == session.tracks[6].guid
    again = fix(output, output.with_name("Twice.rpp"), kinds=kinds, tracks=("06_Vox_Lead",))
    assert [step for step in again.steps if step.chosen] == []
    assert output.with_name("Twice.rpp").read_bytes() == output.read_bytes()


def test_a_finding_that_only_changed_its_name_is_not_called_solved(tmp_path: Path) -> None:
    source = project(tmp_path)
    result = fix(source, source.with_name("Fixed.rpp"))
    assert "SK110 Vox Lead" in {f"{f.rule} {f.subject}" for f in result.before.open_findings}
    assert not [entry for entry in result.solved if entry.startswith("SK110")]


def test_without_being_told_only_names_of_a_project_change(tmp_path: Path) -> None:
    source = project(tmp_path)
    output = source.with_name("Fixed.rpp")
    fix(source, output)
    before, after = source.read_bytes().split(b"\r\n"), output.read_bytes().split(b"\r\n")
    assert len(before) == len(after)
    changed = [new.strip() for old, new in zip(before, after, strict=True) if old != new]
    assert changed
    assert all(line.startswith(b"NAME ") for line in changed)


def test_the_last_track_of_a_folder_hands_its_closing_on(tmp_path: Path) -> None:
    source = project(tmp_path)
    text = source.read_bytes().decode()
    hats = text.index("  <TRACK {00000000-0000-4000-8000-000000000004}")
    bass = text.index("  <TRACK {00000000-0000-4000-8000-000000000005}")
    empty = text[hats:bass]
    empty = empty[: empty.index("    <ITEM")] + "  >\r\n"
    source.write_bytes((text[:hats] + empty + text[bass:]).encode())
    output = source.with_name("Fixed.rpp")
    fix(source, output, kinds=("delete_unused_tracks",))
    session = prepare(output).session
    assert [track.depth_change for track in session.tracks] == [1, 0, -1, 0, 0, 0, 0]
    assert session.tracks[6].receives[0].source_guid == session.tracks[5].guid


def test_a_project_is_never_written_where_its_media_would_be_lost(tmp_path: Path) -> None:
    source = project(tmp_path)
    with pytest.raises(UsageError, match="would not find its media"):
        fix(source, tmp_path / "Fixed.rpp")
