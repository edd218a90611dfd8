"""What the built-in engine costs, against reading and writing the same bytes; and its memory.

    python bench/engine.py [--tracks 32] [--minutes 4] [--rate 48000]

Makes its media in a temporary folder (or in --folder, where they stay), and prints CPU and wall time of

* reading every media file and writing as many float files as the render writes, with nothing in between,
* rendering one stem a track, the rough mix and the proof mix,
* the resampling of one stereo source at several ratios, against soxr at very high quality,

and the peak resident memory of the render.
"""

from __future__ import annotations

import argparse
import math
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import soundfile

from stemkit.model.plan import Bounds, PlannedStem, RenderPlan
from stemkit.model.session import Fade, Item, Session, Source, Take, Track
from stemkit.render.builtin import BuiltinEngine
from stemkit.render.builtin.resample import resampler

if TYPE_CHECKING:
    from collections.abc import Callable

BLOCK = 65_536
_ROUNDS = 7
_RATIOS = {
    "44.1 to 48 kHz": Fraction(147, 160),
    "48 to 44.1 kHz": Fraction(160, 147),
    "96 to 44.1 kHz": Fraction(320, 147),
    "96 to 48 kHz": Fraction(2),
    "24 to 48 kHz": Fraction(1, 2),
    "play rate 0.7371": Fraction(0.7371),
    "play rate 1.0594630943593": Fraction(1.0594630943593),
    "play rate 1.2345678": Fraction(1.2345678),
}


def make_media(folder: Path, tracks: int, frames: int, rate: int) -> list[Path]:
    paths = [folder / f"track_{n:02}.wav" for n in range(tracks)]
    rng = np.random.default_rng(0)
    sound = rng.standard_normal((BLOCK, 2)) * 0.05
    for n, path in enumerate(paths):
        if path.exists():
            continue
        with soundfile.SoundFile(path, "w", rate, 2, subtype="PCM_24") as file:
            for start in range(0, frames, BLOCK):
                file.write(np.roll(sound, 97 * n + start // BLOCK, axis=0)[: min(BLOCK, frames - start)])
    return paths


def song(paths: list[Path], seconds: float) -> Session:
    tracks = tuple(
        Track(
            guid=f"t{n}",
            index=n,
            name=f"Track {n}",
            volume=0.7,
            pan=0.3 * math.sin(n),
            items=(
                Item(
                    position_s=0.0,
                    length_s=seconds,
                    fade_in=Fade(length_s=0.01),
                    fade_out=Fade(length_s=0.01),
                    takes=(Take(source=Source(kind="wave", file=path.name, resolved_path=str(path))),),
                ),
            ),
        )
        for n, path in enumerate(paths)
    )
    return Session(source="made", tracks=tracks)


def plan_of(session: Session, frames: int, rate: int) -> RenderPlan:
    stems = tuple(
        PlannedStem(number=n, name=t.name, file_name=t.guid, kind="track", cut_guid=t.guid, inputs="items")
        for n, t in enumerate(session.tracks)
    )
    return RenderPlan(
        project="bench",
        by="track",
        stems=stems,
        excluded=(),
        stops=frozenset(),
        bounds=Bounds(start_s=0.0, end_s=frames / rate, start_frame=0, frames=frames),
        sample_rate=rate,
        sample_rate_reason="bench",
    )


def copy_only(paths: list[Path], folder: Path, frames: int, rate: int) -> None:
    """Read every source once and write as many float files as the render does."""
    for n in range(len(paths) + 2):
        with soundfile.SoundFile(folder / f"copy_{n}.wav", "w", rate, 2, subtype="FLOAT") as out:
            if n >= len(paths):
                silence = np.zeros((BLOCK, 2), dtype=np.float32)
                for start in range(0, frames, BLOCK):
                    out.write(silence[: min(BLOCK, frames - start)])
                continue
            with soundfile.SoundFile(paths[n]) as file:
                for block in file.blocks(BLOCK, dtype="float32"):
                    out.write(block)


def timed(name: str, action: object) -> float:
    wall, cpu = time.perf_counter(), time.process_time()
    assert callable(action)
    action()
    spent = time.process_time() - cpu
    print(f"{name:46} {spent:8.2f} s CPU {time.perf_counter() - wall:8.2f} s wall")
    return spent


def bench_resampling() -> None:
    import soxr

    source = np.random.default_rng(1).standard_normal((2, 48_000 * 20))

    def ours(ratio: Fraction) -> None:
        ours_at = resampler(ratio)
        padded = np.pad(source, ((0, 0), (1024, 4096)))
        total = int(source.shape[1] / ratio)
        for first in range(0, total, BLOCK):
            count = min(BLOCK, total - first)
            start, size = ours_at.span(first, count)
            ours_at.process(padded[:, start + 1024 : start + 1024 + size], first, count)

    interleaved = np.ascontiguousarray(source.T)
    print(f"resampling 20 s of stereo, median of {_ROUNDS} rounds that take turns; CPU time")
    for name, ratio in _RATIOS.items():
        rates = (float(ratio) * 48_000, 48_000.0)
        mine, theirs = [], []
        for _ in range(_ROUNDS):
            mine.append(_cpu_s(partial(ours, ratio)))
            theirs.append(_cpu_s(partial(soxr.resample, interleaved, *rates, quality="VHQ")))
        ours_s, soxr_s = statistics.median(mine), statistics.median(theirs)
        print(f"{name:32} {ours_s * 1000:6.0f} ms, soxr VHQ {soxr_s * 1000:6.0f} ms, ratio {ours_s / soxr_s:.2f}")


def _cpu_s(action: Callable[[], object]) -> float:
    begun = time.process_time()
    action()
    return time.process_time() - begun


def render(paths: list[Path], folder: Path, frames: int, rate: int) -> None:
    session = song(paths, frames / rate)
    BuiltinEngine().render(session, plan_of(session, frames, rate), folder)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--tracks", type=int, default=32)
    parser.add_argument("--minutes", type=float, default=4.0)
    parser.add_argument("--rate", type=int, default=48_000)
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--only", choices=["copy", "render", "resampling"], help="one part in this process")
    wish = parser.parse_args()
    frames = round(wish.minutes * 60 * wish.rate)
    if wish.only == "resampling":
        bench_resampling()
        return
    with tempfile.TemporaryDirectory() as temporary:
        folder = wish.folder or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        paths = make_media(folder, wish.tracks, frames, wish.rate)
        if wish.only == "copy":
            timed("reading and writing the same bytes", lambda: copy_only(paths, folder, frames, wish.rate))
            return
        if wish.only == "render":
            timed(
                f"rendering {wish.tracks} stems and two mixes",
                lambda: render(paths, folder / "staging", frames, wish.rate),
            )
            print(f"peak resident memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")
            return
        for part in ("copy", "render", "resampling"):
            command = [sys.executable, __file__, "--only", part, "--folder", str(folder)]
            command += ["--tracks", str(wish.tracks), "--minutes", str(wish.minutes), "--rate", str(wish.rate)]
            subprocess.run(command, check=True)


if __name__ == "__main__":
    main()
