"""The proof on recorded sounds, with sums, effects, masters and codecs of other programs.

    python -m bench.proof_real [--songs loops,fluid] [--mixes "sum;limiter"] [--faults "inverted,-1 dB"] [--every 4]
                               [--healthy 1] [--seed 0] [--seeds 1]

For each song and mix, `--healthy` fault-free deliveries (the second and further ones with stems left out of both) and
every `--every`th fault on a stem at random. Needs Debian's sonic-pi-samples, fluid-soundfont-gm, fluidsynth, sox and
ffmpeg, and says which of them is missing.
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

from bench.proof_matrix import outcome
from bench.real_songs import REAL_SONGS, lacking, run
from stemkit.audio.compare import MixInput, StemInput, prove
from tests.audio.proof_faults import FAULTS, makes_no_difference, with_fault

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from stemkit.model.audio import SumFacts

_OTHER = {44100: 48000, 48000: 44100}
_TOO_ALIKE = 0.9  # correlation of two takes


def _sox(*effects: str, bits: int = 24) -> Callable[[Path, Path], Path]:
    def make(source: Path, target: Path) -> Path:
        run("sox", source, "-b", str(bits), target.with_suffix(".wav"), *effects)
        return target.with_suffix(".wav")

    return make


def _ffmpeg(filters: str, *options: str, suffix: str = ".wav", decode: bool = False) -> Callable[[Path, Path], Path]:
    """Filter and encode; with `decode`, write what the decoder makes of it, as people send what they got."""

    def make(source: Path, target: Path) -> Path:
        path = target.with_suffix(suffix)
        chosen = options or ("-c:a", "pcm_s24le")
        rate = str(soundfile.info(source).samplerate)
        chosen = chosen if "-ar" in chosen else (*chosen, "-ar", rate)
        run("ffmpeg", "-y", "-i", source, *(("-af", filters) if filters else ()), *chosen, path)
        if not decode:
            return path
        plain = target.with_suffix(".wav")
        run("ffmpeg", "-y", "-i", path, "-c:a", "pcm_s16le", "-ar", rate, plain)
        return plain

    return make


_EQ = "equalizer=f=90:t=q:w=0.8:g=2.5,equalizer=f=400:t=q:w=1:g=-2,highshelf=f=9000:g=3"
_GLUE = "acompressor=threshold=-20dB:ratio=2.5:attack=15:release=150:makeup=1.5"
_LIMIT = "alimiter=level_in=2.5:limit=0.5:attack=5:release=60:level=false"

MIXES: dict[str, Callable[[Path, Path], Path]] = {
    "sum": _sox(),
    "16-bit, shaped": _sox("dither", "-s", bits=16),
    "at -6 dB": _sox("gain", "-6"),
    "mono": _sox("remix", "1-2"),
    "other rate": lambda source, target: _sox("rate", "-v", str(_OTHER[soundfile.info(source).samplerate]))(
        source, target
    ),
    "lead-in": _sox("pad", "0.7313"),
    "excerpt": _sox("trim", "2.3131", "17"),
    "fade-out": _sox("fade", "t", "0", "-0", "4"),
    "early, longer": _sox("trim", "0.05", "pad", "0", "4"),
    "EQ": _ffmpeg(_EQ),
    "compressor": _ffmpeg(_GLUE),
    "limiter": _ffmpeg(_LIMIT),
    "soft clip": _ffmpeg("volume=6dB,asoftclip=type=tanh"),
    "multiband": _ffmpeg("mcompand"),
    "loudness": _ffmpeg("loudnorm=I=-14:TP=-1:LRA=7"),
    "MP3 128": _ffmpeg("", "-c:a", "libmp3lame", "-b:a", "128k", suffix=".mp3"),
    "MP3 V0": _ffmpeg("", "-c:a", "libmp3lame", "-q:a", "0", suffix=".mp3"),
    "AAC as WAV": _ffmpeg("", "-c:a", "aac", "-b:a", "160k", suffix=".m4a", decode=True),
    "Vorbis": _ffmpeg("", "-c:a", "libvorbis", "-q:a", "5", suffix=".ogg"),
    "Opus": _ffmpeg("", "-c:a", "libopus", "-b:a", "128k", "-ar", "48000", suffix=".opus"),
    "master": _ffmpeg(f"{_EQ},{_GLUE},{_LIMIT}", "-c:a", "pcm_s16le"),
    "master, MP3": _ffmpeg(f"{_EQ},{_GLUE},{_LIMIT}", "-c:a", "libmp3lame", "-b:a", "192k", suffix=".mp3"),
}
SUBTYPES = "PCM_24", "PCM_16", "FLOAT"


class Studio:
    """The files of one song."""

    def __init__(self, name: str, seed: int, folder: Path) -> None:
        self.folder, self.rate = folder, (44100, 48000)[seed % 2]
        folder.mkdir(parents=True)
        # A delivery has one sort of files; 16-bit stems are dithered here by nobody, as many workstations do.
        self.subtype = SUBTYPES[seed % 3]
        self.whole = REAL_SONGS[name](seed, self.rate, folder)
        self.takes = REAL_SONGS[name](seed, self.rate, folder, take=1)
        for label, audio in self.whole.items():
            self._write(label, audio)
        self._mixes: dict[Any, Path] = {}

    def _write(self, name: str, audio: Any) -> Path:
        path = self.folder / f"{name}.wav"
        soundfile.write(path, audio, self.rate, subtype=self.subtype)
        return path

    def mix(self, kind: str, left_out: tuple[str, ...] = ()) -> Path:
        """Add the files of the stems up by SoX and send them through a master."""
        if left_out not in self._mixes:
            files = [self.folder / f"{k}.wav" for k in self.whole if k not in left_out]
            summed = self.folder / f"sum {len(self._mixes)}.wav"
            stereo = []
            for file in files:
                wide = self.folder / f"{file.stem} wide.wav"
                channels = ("remix", "1", "1") if soundfile.info(file).channels == 1 else ()
                run("sox", file, "-b", "32", "-e", "floating-point", wide, *channels)
                stereo += ["-v", "1", str(wide)]
            run("sox", "-m", *stereo, "-b", "32", "-e", "floating-point", summed)
            self._mixes[left_out] = summed
        key = kind, left_out
        if key not in self._mixes:
            self._mixes[key] = MIXES[kind](self._mixes[left_out], self.folder / f"mix {len(self._mixes)}.wav")
        return self._mixes[key]

    def judge(self, delivered: dict[str, Any], kind: str, left_out: tuple[str, ...] = ()) -> SumFacts:
        """Prove a delivery against a mix."""
        inputs = []
        for label, audio in delivered.items():
            path = self.folder / f"{label}.wav"
            if self.whole.get(label) is not audio:
                path = self._write(f"{label} faulty", audio)
            inputs.append(StemInput(path=path, label=label))
        return prove(inputs, MixInput(path=self.mix(kind, left_out), label="mix"))


def _cases(
    studio: Studio, place: tuple[int, int, int], chosen: argparse.Namespace
) -> Iterator[tuple[str, dict[str, Any], dict[str, str], tuple[str, ...]]]:
    labels = list(studio.whole)
    rng = np.random.default_rng([77, *place])
    for number in range(chosen.healthy):
        gone = tuple(sorted(str(x) for x in rng.choice(labels, number, replace=False)))
        yield "(healthy)", {k: v for k, v in studio.whole.items() if k not in gone}, {}, gone
    faults = [f for f in chosen.faults.split(",") if f]
    for fault in faults[sum(place) % chosen.every :: chosen.every]:
        able = [k for k in labels if not _pointless(studio, k, fault)]
        stem = str(rng.choice(able))
        yield fault, with_fault(studio.whole, stem, fault, studio.takes[stem], studio.rate), {stem: fault}, ()


def _pointless(studio: Studio, stem: str, fault: str) -> bool:
    whole, take = studio.whole[stem], studio.takes[stem]
    if fault == "other take" and np.corrcoef(whole.ravel(), take.ravel())[0, 1] > _TOO_ALIKE:
        return True
    return makes_no_difference(whole, fault, take)


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--songs", default=",".join(REAL_SONGS))
    parser.add_argument("--mixes", default=";".join(MIXES), help="separated by semicolons")
    parser.add_argument("--faults", default=",".join(FAULTS))
    parser.add_argument("--every", type=int, default=5)
    parser.add_argument("--healthy", type=int, default=1)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--seeds", type=int, default=1)
    chosen = parser.parse_args(arguments)
    if missing := lacking():
        print(f"Not installed: {', '.join(missing)}. apt-get install {' '.join(missing)}")
        return 2
    table: dict[str, Counter[str]] = defaultdict(Counter)
    healthy: dict[str, Counter[str]] = defaultdict(Counter)
    for seed in range(chosen.seed, chosen.seed + chosen.seeds):
        for number, name in enumerate(chosen.songs.split(",")):
            with tempfile.TemporaryDirectory(prefix="proof") as folder:
                studio = Studio(name, seed, Path(folder) / name)
                for mix in chosen.mixes.split(";"):
                    place = seed, number, list(MIXES).index(mix)
                    for row, delivered, blamed, left_out in _cases(studio, place, chosen):
                        begun = time.process_time()
                        facts = studio.judge(delivered, mix, left_out)
                        how = outcome(facts, blamed, studio.whole)
                        (healthy if row == "(healthy)" else table)[mix][how] += 1
                        found = [(a.path, a.fault, a.gain_db, round(a.confidence, 2)) for a in facts.accusations]
                        print(
                            f"{how:12} {seed} {name:6} {mix:14} {blamed} null {facts.null_db} {found} "
                            f"[{facts.verdict}] {time.process_time() - begun:.1f} s",
                            flush=True,
                        )
    print(f"\n{'mix':16}{'fault-free':>12}{'right':>10}{'other':>7}{'silent':>8}{'accused':>9}")
    for mix in chosen.mixes.split(";"):
        clean, counts = healthy[mix], table[mix]
        print(
            f"{mix:16}{clean['right']:>8}/{clean.total():<3}{counts['right']:>7}/{counts.total():<3}"
            f"{counts['other fault']:>6}{counts['silent']:>8}{counts['FALSE'] + clean['FALSE']:>9}"
        )
    total: Counter[str] = sum((table[m] for m in table), Counter())
    print(f"all faults: {dict(total)}; fault-free: {dict(sum((healthy[m] for m in healthy), Counter()))}")
    return 1 if any(c["FALSE"] for c in (*table.values(), *healthy.values())) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
