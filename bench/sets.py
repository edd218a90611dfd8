"""Generated deliveries to measure on: songs of struck notes with rests, and material without a single rest.

    python bench/sets.py FOLDER FILES SECONDS [--rate 48000] [--channels 2] [--kind song|dense] [--mix]

A file that is there already stays as it is: the same arguments give the same files. The mix is the sum of the stems
as 32-bit float, which no sum can clip. Dense are, in turn, white noise, steady sines, and noise clipped hard.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import soundfile

if TYPE_CHECKING:
    from numpy.typing import NDArray

BLOCK = 1 << 18
_SECTION_S = 16.0  # eight bars at 120 BPM: after each, a stem may rest
_STEP_S = 0.125  # a sixteenth
_END_S = 0.4  # before the end the last note begins, and fades out if it rings longer
#        lowest Hz, highest Hz, seconds a note rings, share of steps with a note, share of noise, sections that rest
_PARTS = {
    "Kick": (45.0, 60.0, 0.30, 0.25, 0.02, 0.2),
    "Snare": (180.0, 220.0, 0.25, 0.12, 0.70, 0.2),
    "HiHats": (6000.0, 9000.0, 0.08, 0.60, 0.95, 0.2),
    "Bass": (41.0, 110.0, 0.45, 0.40, 0.01, 0.2),
    "Synth_Lead": (440.0, 1760.0, 0.40, 0.30, 0.02, 0.5),
    "Synth_Pad": (110.0, 660.0, 3.50, 0.06, 0.03, 0.3),
    "Guitar": (82.0, 660.0, 1.20, 0.25, 0.05, 0.4),
    "Piano": (65.0, 1046.0, 1.50, 0.25, 0.01, 0.4),
    "Vocals": (130.0, 520.0, 0.60, 0.30, 0.15, 0.4),
    "Percussion": (300.0, 2000.0, 0.15, 0.30, 0.40, 0.3),
}


def song_stem(number: int, frames: int, rate: int, channels: int) -> NDArray[np.float32]:
    """Return one stem ``(frames, channels)``: notes on a grid of sixteenths, louder and softer, and rests."""
    rng = np.random.default_rng([number, rate, channels])
    low, high, ring_s, density, noise, rest = list(_PARTS.values())[number % len(_PARTS)]
    notes = [_note(rng, float(rng.uniform(low, high)), ring_s, noise, rate) for _ in range(8)]
    width = rng.uniform(0.3, 1.0, channels).astype(np.float32)
    out = np.zeros((frames, channels), np.float32)
    steps_a_section = int(_SECTION_S / _STEP_S)
    pattern = rng.random(32) < density
    pattern[0] = True
    sounding = True
    for step in range(int((frames / rate - _END_S) / _STEP_S)):
        if step % steps_a_section == 0:
            sounding = step == 0 or bool(rng.random() > rest)
        if not sounding or not pattern[step % 32]:
            continue
        note = notes[int(rng.integers(len(notes)))]
        start = round(step * _STEP_S * rate)
        piece = note[: frames - start, None] * (width * np.float32(rng.uniform(0.4, 1.0)))
        out[start : start + len(piece)] += piece
    fade = min(frames, round(_END_S / 2 * rate))
    out[frames - fade :] *= np.linspace(1, 0, fade, dtype=np.float32)[:, None] ** 2
    peak = float(np.abs(out).max()) or 1.0
    return np.asarray(out * np.float32(10 ** (rng.uniform(-6.0, -3.0) / 20) / peak))


def _note(rng: np.random.Generator, hz: float, ring_s: float, noise: float, rate: int) -> NDArray[np.float32]:
    t = np.arange(round(3 * ring_s * rate)) / rate
    wave = sum(np.sin(2 * np.pi * hz * k * t + rng.uniform(0, 6)) / k**1.5 for k in range(1, 9) if hz * k < 0.45 * rate)
    wave = (1 - noise) * wave + noise * rng.standard_normal(t.size)
    attack = np.minimum(1.0, t / 0.004)
    fade = np.minimum(1.0, (t[-1] - t) / 0.02)
    return np.asarray(wave * attack * fade * np.exp(-t / (ring_s / 2)), np.float32)


def dense_stem(number: int, frames: int, rate: int, channels: int) -> NDArray[np.float32]:
    """Return white noise, steady sines, or noise clipped hard, by turns: every sample may hold the next peak."""
    rng = np.random.default_rng([number, rate, channels])
    if number % 3 == 1:
        t = np.arange(frames) / rate
        wave = np.stack(
            [0.6 * np.sin(2 * np.pi * (997.0 + 1000 * number + 7 * c) * t) for c in range(channels)], axis=1
        )
        return wave.astype(np.float32)
    wave = rng.standard_normal((frames, channels), np.float32)
    return np.clip(wave * np.float32(0.12), -0.6, 0.6) if number % 3 == 0 else np.clip(wave, -1, 1)


def make_set(
    folder: Path, files: int, seconds: float, *, rate: int = 48000, channels: int = 2, dense: bool = False, mix: bool
) -> None:
    """Write stems to ``folder/Stems`` and, if wanted, their sum to ``folder/Rough_Mix.wav``."""
    stems = folder / "Stems"
    stems.mkdir(parents=True, exist_ok=True)
    frames = round(seconds * rate)
    make = dense_stem if dense else song_stem
    paths = []
    for number in range(files):
        part = "Dense" if dense else list(_PARTS)[number % len(_PARTS)]
        paths.append(stems / f"{number + 1:02}_{part}.wav")
        if not paths[-1].exists():
            _write(paths[-1], make(number, frames, rate, channels), rate, "PCM_24")
    if mix and not (folder / "Rough_Mix.wav").exists():
        _write_sum(paths, folder / "Rough_Mix.wav", rate, channels)


def _write(path: Path, wave: NDArray[Any], rate: int, subtype: str) -> None:
    part = path.with_suffix(".part")
    soundfile.write(part, wave, rate, subtype, format="WAV")
    part.replace(path)


def _write_sum(paths: list[Path], target: Path, rate: int, channels: int) -> None:
    part = target.with_suffix(".part")
    opened = [soundfile.SoundFile(path) for path in paths]
    with soundfile.SoundFile(part, "w", rate, channels, "FLOAT", format="WAV") as out:
        for _start in range(0, opened[0].frames, BLOCK):
            out.write(sum(file.read(BLOCK, always_2d=True) for file in opened))
    for file in opened:
        file.close()
    part.replace(target)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("files", type=int)
    parser.add_argument("seconds", type=float)
    parser.add_argument("--rate", type=int, default=48000)
    parser.add_argument("--channels", type=int, default=2)
    parser.add_argument("--kind", choices=("song", "dense"), default="song")
    parser.add_argument("--mix", action="store_true")
    asked = parser.parse_args()
    make_set(
        asked.folder,
        asked.files,
        asked.seconds,
        rate=asked.rate,
        channels=asked.channels,
        dense=asked.kind == "dense",
        mix=asked.mix,
    )
