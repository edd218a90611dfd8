"""Small songs with one fault each, made of sounds that no test changes, for the fixes to mend."""

from __future__ import annotations

import struct
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from stemkit.app.fix import FixResult
from stemkit.audio.wav_writer import WavHeader, encode_samples, header_bytes, write_pad

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
