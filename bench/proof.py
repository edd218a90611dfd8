"""What the proof costs: CPU and memory against reading the same files with `soundfile` alone, side by side.

    python -m bench.proof [--stems 53] [--seconds 180] [--files 16] [--fault inverted] [--bus saturator]

`--files` distinct files are written and repeated under other names until there are `--stems` of them, which keeps
the disk small; the mix is the sum of all of them. Each figure is taken in a process of its own.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import soundfile

RATE = 48000


def write_files(folder: Path, files: int, stems: int, seconds: float, fault: str, bus: str) -> None:
    rng = np.random.default_rng(1)
    frames = int(RATE * seconds)
    copies = [stems // files + (k < stems % files) for k in range(files)]
    mix = np.zeros((frames, 2))
    for k in range(files):
        with soundfile.SoundFile(folder / f"{k:02d}.wav", "w", RATE, 2, "PCM_24") as file:
            for start in range(0, frames, RATE):
                size = min(RATE, frames - start)
                t = (start + np.arange(size)) / RATE
                tone = np.sin(2 * np.pi * 55 * 2 ** (k / 5) * t)[:, None] * (1, 0.8)
                sound = (np.sin(2 * np.pi * (0.05 + 0.013 * k) * t + k) > -0.3)[:, None] * (
                    0.7 * tone + 0.3 * rng.standard_normal((size, 2)).cumsum(axis=0) * 0.02
                )
                sound = np.round(np.clip(0.01 * sound, -1, 1) * 2**23) / 2**23
                share = 0.0 if fault == "missing" and k == 3 else copies[k] - 2.0 * (fault == "inverted" and k == 3)
                mix[start : start + size] += share * sound
                file.write(sound)
    if bus == "saturator":
        mix = np.tanh(3 * mix) / 3
    soundfile.write(folder / "mix.wav", mix, RATE, subtype="PCM_24")


def paths(folder: Path, stems: int) -> list[Path]:
    files = sorted(p for p in folder.glob("*.wav") if p.name != "mix.wav")
    return [files[k % len(files)] for k in range(stems)]


def read_only(folder: Path, stems: int) -> None:
    for path in [*paths(folder, stems), folder / "mix.wav"]:
        with soundfile.SoundFile(path) as file:
            while len(file.read(65536, dtype="float32", always_2d=True)):
                pass


def prove_all(folder: Path, stems: int) -> str:
    from stemkit.audio.compare import MixInput, StemInput, prove

    inputs = [StemInput(path=path, label=f"{k:02d}_{path.stem}") for k, path in enumerate(paths(folder, stems))]
    return prove(inputs, MixInput(path=folder / "mix.wav", label="mix")).verdict


def _child(what: str, folder: Path, stems: int) -> None:
    begun = time.perf_counter()
    told = ""
    if what == "prove":
        told = prove_all(folder, stems)
    else:
        read_only(folder, stems)
    used = resource.getrusage(resource.RUSAGE_SELF)
    print(
        json.dumps(
            {
                "wall_s": time.perf_counter() - begun,
                "cpu_s": used.ru_utime + used.ru_stime,
                "peak_mb": _peak_mb(),
                "told": told,
            }
        )
    )


def _peak_mb() -> float:
    """Return the peak of this process alone; `ru_maxrss` would begin with that of the process it was forked from."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM")) / 1024


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--stems", type=int, default=53)
    parser.add_argument("--seconds", type=float, default=180)
    parser.add_argument("--files", type=int, default=16)
    parser.add_argument("--fault", default="none", choices=("none", "inverted", "missing"))
    parser.add_argument("--bus", default="plain", choices=("plain", "saturator"))
    parser.add_argument("--child", choices=("read", "prove"), help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help="keep the files here and use them again")
    chosen = parser.parse_args(arguments)
    if chosen.child:
        _child(chosen.child, chosen.folder, chosen.stems)
        return 0
    with tempfile.TemporaryDirectory(prefix="proof") as made:
        folder = chosen.folder or Path(made)
        if not (folder / "mix.wav").exists():
            folder.mkdir(parents=True, exist_ok=True)
            write_files(folder, chosen.files, chosen.stems, chosen.seconds, chosen.fault, chosen.bus)
        found = {}
        for what in ("read", "prove", "read", "prove"):
            command = [
                sys.executable,
                "-m",
                "bench.proof",
                "--child",
                what,
                "--folder",
                str(folder),
                "--stems",
                str(chosen.stems),
            ]
            found[what] = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
            print(
                f"{what:6} {found[what]['cpu_s']:7.2f} s CPU {found[what]['wall_s']:7.2f} s wall "
                f"{found[what]['peak_mb']:6.0f} MB  {found[what]['told']}"
            )
        print(f"the proof takes {found['prove']['cpu_s'] / found['read']['cpu_s']:.1f} times the CPU of reading")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
