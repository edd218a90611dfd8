"""How exactly the proof measures time: offsets, parts of a sample, drift and rates, without and behind a mix bus.

    python -m bench.proof_lags [--song hiphop] [--busses plain,limiter,EQ,"MP3 128"] [--what offsets,parts,drift,rate]

Drift of 1 ppm is tried on a song of `--long` seconds; the other faults on the songs of the matrix.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import soundfile

from stemkit.audio.compare import MixInput, StemInput, prove
from tests.audio.proof_faults import HEADROOM, drifting, late, late_in_part, write_mix
from tests.audio.proof_songs import RATES, SONGS

if TYPE_CHECKING:
    from stemkit.model.audio import Accusation
    from tests.audio.proof_songs import Audio, Song

OFFSETS_S = (0.01, 0.1, 0.5, 1.0, 2.0)
OFFSETS_SAMPLES = (1, -1, 3, 37, -480)
PARTS = (0.1, 0.25, 0.37, 0.5, -0.25)
DRIFTS_PPM = (1.0, -5.0, 50.0)


class Bench:
    """One song on disk, and the mixes of it."""

    def __init__(self, folder: Path, name: str, seconds: float, busses: list[str]) -> None:
        self.folder, self.rate = folder, RATES[name]
        self.stems: Song = {label: audio * HEADROOM for label, audio in SONGS[name](seconds=seconds).items()}
        for label, audio in self.stems.items():
            soundfile.write(folder / f"{label}.wav", audio, self.rate, subtype="PCM_24")
        self.mixes = {bus: write_mix(self._place(bus), self.stems, bus, self.rate) for bus in busses}

    def _place(self, bus: str) -> Path:
        place = self.folder / bus
        place.mkdir()
        return place

    def ask(self, bus: str, stem: str, audio: Audio, rate: int | None = None) -> list[Accusation]:
        wrong = self.folder / "wrong.wav"
        soundfile.write(wrong, audio, rate or self.rate, subtype="PCM_24")
        inputs = [
            StemInput(path=wrong if label == stem else self.folder / f"{label}.wav", label=label)
            for label in self.stems
        ]
        return list(prove(inputs, MixInput(path=self.mixes[bus], label="mix")).accusations)


def _tell(what: str, bus: str, stem: str, wanted: float, found: list[Accusation], figure: str) -> None:
    named = [a for a in found if a.path == stem]
    others = [a.path for a in found if a.path != stem and a.twin != stem]
    value = getattr(named[0], figure) if named else None
    error = "-" if value is None else f"{value - wanted:+.3f}"
    fault = named[0].fault if named else "nobody"
    told = "-" if value is None else f"{value:.3f}"
    wrong = f" WRONGLY {others}" if others else ""
    print(f"{what:10} {bus:10} {stem:18} {wanted:12.3f} {told:>12} {error:>9}  {fault}{wrong}", flush=True)


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--song", default="hiphop", choices=list(SONGS))
    parser.add_argument("--busses", default="plain,limiter,EQ,MP3 128")
    parser.add_argument("--what", default="offsets,parts,drift,rate")
    parser.add_argument("--long", type=float, default=180.0)
    parser.add_argument("--seed", type=int, default=0)
    chosen = parser.parse_args(arguments)
    busses, rng = chosen.busses.split(","), np.random.default_rng(chosen.seed)
    print(f"{'what':10} {'bus':10} {'stem':18} {'real':>12} {'found':>12} {'error':>9}  as")
    for what in chosen.what.split(","):
        seconds = chosen.long if what == "drift" else 20.0
        with tempfile.TemporaryDirectory(prefix="lags") as place:
            bench = Bench(Path(place), chosen.song, seconds, busses)
            for bus in busses:
                _RUNS[what](bench, bus, rng)
    return 0


def _pick(bench: Bench, rng: np.random.Generator) -> str:
    return str(rng.choice(list(bench.stems)))


def _offsets(bench: Bench, bus: str, rng: np.random.Generator) -> None:
    for frames in (*OFFSETS_SAMPLES, *(round(s * bench.rate) for s in OFFSETS_S)):
        stem = _pick(bench, rng)
        moved = late(frames)(bench.stems[stem], bench.stems[stem], bench.rate)
        _tell("offset", bus, stem, frames, bench.ask(bus, stem, moved), "lag_samples")


def _parts(bench: Bench, bus: str, rng: np.random.Generator) -> None:
    for part in PARTS:
        stem = _pick(bench, rng)
        _tell("part", bus, stem, part, bench.ask(bus, stem, late_in_part(bench.stems[stem], part)), "lag_samples")


def _drift(bench: Bench, bus: str, rng: np.random.Generator) -> None:
    for ppm in DRIFTS_PPM:
        stem = _pick(bench, rng)
        moved = drifting(bench.stems[stem], bench.stems[stem], bench.rate, ppm)
        _tell("drift ppm", bus, stem, ppm, bench.ask(bus, stem, moved), "drift_ppm")


def _rate(bench: Bench, bus: str, rng: np.random.Generator) -> None:
    wrong = 48000 if bench.rate == 44100 else 44100
    for _ in range(3):
        stem = _pick(bench, rng)
        found = bench.ask(bus, stem, bench.stems[stem], wrong)
        _tell("rate ppm", bus, stem, (bench.rate / wrong - 1) * 1e6, found, "drift_ppm")


_RUNS = {"offsets": _offsets, "parts": _parts, "drift": _drift, "rate": _rate}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
