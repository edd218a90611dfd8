"""Every real file, harmed in every systematic way: ``python -m tests.soak.mutations [--every N]``.

WAV: cut at each border of a chunk, inside each header and inside the audio; each chunk doubled, dropped and exchanged
with the next; single bits flipped. Projects: cut at each line; lines doubled, dropped and exchanged; bits flipped.
Never anything but facts with damage or one sentence; and what was cut inside its audio is never called readable without
a fault. ``--every N`` takes each N-th harm of each file, the same ones in every run.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from stemkit.audio.wav import walk
from stemkit.errors import StemkitError
from stemkit.reaper.project_file import session_from_document
from stemkit.reaper.rpp import parse
from tests.fuzz.finds import broken_by
from tests.fuzz.mutate import riff_chunks
from tests.fuzz.seeds import shared_files
from tests.fuzz.target import demand_one_line

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Tally", "harm_projects", "harm_waves", "project_harms", "wave_harms"]

_BITS = 64  # flipped in each file, spread evenly over it
_BORDERS = 400  # cuts of each file at the most
_LARGEST_WAVE = 3_000_000


@dataclass(slots=True)
class Tally:
    """How many harms were tried, and which of them got through."""

    tried: int = 0
    wrong: list[str] = field(default_factory=list)


def _bits(data: bytes) -> Iterator[tuple[str, bytes]]:
    step = max(1, len(data) // _BITS)
    for at in range(0, len(data), step):
        flipped = bytearray(data)
        flipped[at] ^= 1 << at % 8
        yield f"bit {at % 8} of byte {at}", bytes(flipped)


def _moves(pieces: list[bytes], joint: bytes) -> Iterator[tuple[str, bytes]]:
    for at in range(1, len(pieces)):
        yield f"piece {at} twice", joint.join([*pieces[:at], pieces[at], *pieces[at:]])
        yield f"piece {at} missing", joint.join([*pieces[:at], *pieces[at + 1 :]])
        if at + 1 < len(pieces):
            yield (
                f"pieces {at} and {at + 1} exchanged",
                joint.join([*pieces[:at], pieces[at + 1], pieces[at], *pieces[at + 2 :]]),
            )


def wave_harms(data: bytes) -> Iterator[tuple[str, bytes]]:
    """Harm a WAV file; what is cut inside its first data chunk is called so, with the number of bytes left."""
    pieces, at = riff_chunks(data), 0
    audio_seen = False
    for piece in pieces:
        is_audio = piece[:4] == b"data" and not audio_seen and at > 0
        audio_seen = audio_seen or is_audio
        inner = [0, 1, 4, 7, 8, 9, len(piece) // 2, len(piece) - 1]
        for offset in sorted({o for o in inner if 0 <= o < len(piece)}):
            inside = is_audio and 8 < offset < len(piece) - 1 and len(piece) > 64
            yield f"{'AUDIO ' if inside else ''}cut at {at + offset}", data[: at + offset]
        at += len(piece)
    yield from _moves(pieces[:60], b"")
    yield from _bits(data)


def project_harms(data: bytes) -> Iterator[tuple[str, bytes]]:
    """Harm a project: a file cut anywhere before its last line is never whole."""
    lines = data.split(b"\n")
    ends = max(i for i, line in enumerate(lines) if line.strip()) if data.strip() else 0
    for at in range(0, len(lines), max(1, len(lines) // _BORDERS)):
        yield f"{'CUT ' if 0 < at <= ends else ''}before line {at + 1}", b"\n".join(lines[:at])
        half = lines[at][: len(lines[at]) // 2]
        yield f"{'CUT ' if at < ends else ''}in line {at + 1}", b"\n".join([*lines[:at], half])
    step = max(1, len(lines) // 40)
    for at in range(1, len(lines), step):
        yield f"line {at} twice", b"\n".join([*lines[:at], lines[at], *lines[at:]])
        yield f"line {at} missing", b"\n".join([*lines[:at], *lines[at + 1 :]])
        if at + 1 < len(lines):
            yield (
                f"lines {at} and {at + 1} exchanged",
                b"\n".join([*lines[:at], lines[at + 1], lines[at], *lines[at + 2 :]]),
            )
    yield from _bits(data)


def harm_waves(paths: list[Path], every: int = 1) -> Tally:
    """Harm each file and hold the walker to its promise."""
    tally = Tally()
    with tempfile.TemporaryDirectory(dir="/dev/shm" if Path("/dev/shm").is_dir() else None) as folder:
        place = Path(folder) / "take.wav"
        for path in paths:
            data = path.read_bytes()
            place.write_bytes(data)
            sound = walk(place)
            plain = sound.readable and not sound.damage and sound.container in ("wav", "rifx", "rf64", "bw64")

            def look(harmed: bytes) -> None:
                place.write_bytes(harmed)
                walk(place)

            for number, (what, harmed) in enumerate(wave_harms(data)):
                if number % every:
                    continue
                tally.tried += 1
                if error := broken_by(look, harmed):
                    tally.wrong.append(f"{path.name}: {what}: {type(error).__name__}: {error}")
                    continue
                if what.startswith("AUDIO") and plain and walk(place).readable:
                    tally.wrong.append(f"{path.name}: {what}: called readable")
    return tally


def harm_projects(paths: list[Path], every: int = 1) -> Tally:
    """Harm each project and hold the reader to its promise."""
    tally = Tally()
    for path in paths:
        data = path.read_bytes()
        try:
            parse(data, name=path.name)
            whole = True
        except StemkitError:
            whole = False
        passed = False

        def look(harmed: bytes, name: str = path.name) -> None:
            nonlocal passed
            passed = False
            try:
                document = parse(harmed, name=name)
                if document.roots[-1].tag == "REAPER_PROJECT":
                    session_from_document(document, None)
                passed = True
            except StemkitError as error:
                demand_one_line(error)

        for number, (what, harmed) in enumerate(project_harms(data)):
            if number % every:
                continue
            tally.tried += 1
            if error := broken_by(look, harmed):
                tally.wrong.append(f"{path.name}: {what}: {type(error).__name__}: {error}")
            elif passed and whole and what.startswith("CUT"):
                tally.wrong.append(f"{path.name}: {what}: passed")
    return tally


def main() -> int:
    """Run the command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--every", type=int, default=1)
    every = parser.parse_args().every
    waves = harm_waves(shared_files("audio/wav-fixtures", ".wav", largest=_LARGEST_WAVE), every)
    print(f"WAV files: {waves.tried:,} harms, {len(waves.wrong)} wrong")
    projects = harm_projects(shared_files("rpp/corpus", ".rpp", largest=10_000_000), every)
    print(f"Projects: {projects.tried:,} harms, {len(projects.wrong)} wrong")
    for line in [*waves.wrong, *projects.wrong]:
        print(line)
    return 1 if waves.wrong or projects.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
