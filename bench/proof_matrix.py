"""The proof's test matrix: songs × faults × mix busses, and the confusion table.

    python -m bench.proof_matrix [--songs band,metal] [--faults "inverted,-1 dB"] [--busses plain,EQ] [--stems 1]
                                 [--seed 0] [--healthy 3] [--pairs 0] [--every 1]

Each cell takes `--stems` stems at random, seeded, so that heavy and light ones have their turn. `--healthy` counts
cases without any fault per song and bus (stems dropped from stems and mix alike); `--pairs` cases with two faults.
`--every 3` takes every third fault of a song and bus, another third in the next song and bus, so that each fault meets
each bus in a part of the time.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections import Counter, defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import soundfile

from stemkit.audio.compare import MixInput, StemInput, prove
from tests.audio.proof_faults import (
    BUSSES,
    FAULTS,
    TEXTURES,
    makes_no_difference,
    names_for,
    rate_of,
    song,
    with_fault,
    write_mix,
)
from tests.audio.proof_songs import SONGS

if TYPE_CHECKING:
    from stemkit.model.audio import SumFacts


class Studio:
    """Files of one song: whole stems are written once, faulty ones each time."""

    def __init__(self, name: str, folder: Path) -> None:
        self.name, self.rate, self.folder = name, rate_of(name), folder / name
        self.folder.mkdir(parents=True)
        self.whole, self.takes = song(name), song(name, take=1)
        for label, audio in self.whole.items():
            soundfile.write(self._path(label), audio, self.rate, subtype="PCM_24")
        self._mixes: dict[Any, Path] = {}

    def _path(self, label: str) -> Path:
        return self.folder / f"{label}.wav"

    def mix(self, bus: str, left_out: tuple[str, ...] = ()) -> Path:
        key = bus, left_out
        if key not in self._mixes:
            place = self.folder / f"mix{len(self._mixes)}"
            place.mkdir()
            kept = {k: v for k, v in self.whole.items() if k not in left_out}
            self._mixes[key] = write_mix(place, kept, bus, self.rate)
        return self._mixes[key]

    def judge(self, delivered: dict[str, Any], bus: str, left_out: tuple[str, ...] = ()) -> SumFacts:
        inputs = []
        for label, audio in delivered.items():
            path = self._path(label)
            if self.whole.get(label) is not audio:
                path = self.folder / f"{label} faulty.wav"
                soundfile.write(path, audio, self.rate, subtype="PCM_24")
            inputs.append(StemInput(path=path, label=label))
        return prove(inputs, MixInput(path=self.mix(bus, left_out), label="mix"))


def outcome(facts: SumFacts, blamed: dict[str, str], whole: dict[str, Any]) -> str:
    """Say how a case ended: right, right stem but wrong fault, silent, or a healthy stem accused.

    Of two faults, one that is named makes a case right. A missing stem has no name in the delivery: where it is one
    of two faults and only the sound that no stem has is told, the case is neither right nor silent.
    """
    if facts.shared_dips:
        return "FALSE"
    named = {name for stem in blamed for name in (stem, f"{stem}_Copy")}
    for found in facts.accusations:
        if found.path not in named and found.twin not in named:
            return "FALSE"
    real = {stem: fault for stem, fault in blamed.items() if fault != "missing"}
    if not real:
        return "right" if bool(blamed) == bool(facts.missing) else "silent" if blamed else "FALSE"
    for found in facts.accusations:
        for stem, fault in real.items():
            if {found.path, found.twin} & {stem, f"{stem}_Copy"} and found.fault in names_for(fault, whole[stem]):
                return "right"
    if any(fault == "other take" and stem in TEXTURES & set(facts.unrepeatable) for stem, fault in real.items()):
        return "right"
    if facts.accusations:
        return "other fault"
    return "missing told" if facts.missing and len(real) < len(blamed) else "silent"


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--songs", default=",".join(SONGS))
    parser.add_argument("--faults", default=",".join(FAULTS))
    parser.add_argument("--busses", default=",".join(BUSSES))
    parser.add_argument("--stems", type=int, default=1)
    parser.add_argument("--healthy", type=int, default=3)
    parser.add_argument("--pairs", type=int, default=0)
    parser.add_argument("--every", type=int, default=1)
    parser.add_argument("--seed", type=int, default=0)
    chosen = parser.parse_args(arguments)
    table: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    spent = []
    with tempfile.TemporaryDirectory(prefix="proof") as folder:
        for name in chosen.songs.split(","):
            studio = Studio(name, Path(folder))
            for bus in chosen.busses.split(","):
                for row, delivered, blamed, left_out in _cases(studio, bus, chosen):
                    begun = time.process_time()
                    facts = studio.judge(delivered, bus, left_out)
                    spent.append(time.process_time() - begun)
                    how = outcome(facts, blamed, studio.whole)
                    table[row, bus][how] += 1
                    found = [(a.path, a.fault, round(a.confidence, 2)) for a in facts.accusations]
                    print(f"{how:12} {name:11} {bus:10} {blamed} null {facts.null_db} {found}", flush=True)
    _print(table, chosen)
    print(f"{len(spent)} cases, {np.mean(spent):.2f} s of CPU each")
    return 1 if any(counts["FALSE"] for counts in table.values()) else 0


def _cases(studio: Studio, bus: str, chosen: argparse.Namespace) -> Any:
    labels = list(studio.whole)
    place = list(SONGS).index(studio.name), list(BUSSES).index(bus)
    rng = np.random.default_rng([chosen.seed, *place])
    for number in range(chosen.healthy):
        gone = tuple(str(x) for x in rng.choice(labels, number, replace=False))
        yield "(healthy)", {k: v for k, v in studio.whole.items() if k not in gone}, {}, gone
    faults = [f for f in chosen.faults.split(",") if f]
    for fault in faults[(sum(place) + chosen.seed) % chosen.every :: chosen.every]:
        able = [label for label in labels if not makes_no_difference(studio.whole[label], fault, studio.takes[label])]
        for stem in rng.choice(able, min(chosen.stems, len(able)), replace=False):
            yield fault, _apply(studio, {str(stem): fault}), {str(stem): fault}, ()
    for _ in range(chosen.pairs):
        faults = [str(f) for f in rng.choice(list(FAULTS), 2, replace=False)]
        stems = [str(s) for s in rng.choice(labels, 2, replace=False)]
        blamed = dict(zip(stems, faults, strict=True))
        if not any(makes_no_difference(studio.whole[s], f, studio.takes[s]) for s, f in blamed.items()):
            yield "(two faults)", _apply(studio, blamed), blamed, ()


def _apply(studio: Studio, blamed: dict[str, str]) -> dict[str, Any]:
    delivered = dict(studio.whole)
    for stem, fault in blamed.items():
        delivered = with_fault(delivered, stem, fault, studio.takes[stem], studio.rate)
    return delivered


def _print(table: dict[tuple[str, str], Counter[str]], chosen: argparse.Namespace) -> None:
    busses = chosen.busses.split(",")
    rows = list(dict.fromkeys(row for row, _ in table))
    print("\nright/all (+ healthy stems accused)\n" + " " * 18 + "".join(f"{bus:>13}" for bus in busses))
    for row in [*rows, "ALL FAULTS"]:
        cells = []
        for bus in busses:
            counts: Counter[str] = Counter()
            for r in rows if row == "ALL FAULTS" else [row]:
                if row != "ALL FAULTS" or not r.startswith("("):
                    counts += table[r, bus]
            false = f" +{counts['FALSE']}" if counts["FALSE"] else ""
            cells.append(f"{counts['right']}/{counts.total()}{false}" if counts else "-")
        print(f"{row:18}" + "".join(f"{cell:>13}" for cell in cells))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
