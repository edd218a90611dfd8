"""A song of a second, so small that it can be rendered and delivered a hundred times, and how to see that it is whole."""

from __future__ import annotations

import hashlib
import json
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import soundfile

from stemkit.audio.wav import walk

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["COMMANDS", "demand_whole", "hashes", "song", "unchanged", "write_stems"]

RATE = 48_000
# What each command is called with; {song}, {stems}, {package} are inputs and {out} does not exist yet.
COMMANDS: dict[str, list[str]] = {
    "inspect": ["inspect", "{song}"],
    "render": ["render", "{song}", "-o", "{out}"],
    "deliver": ["deliver", "{song}", "-o", "{out}", "--force", "--zip"],
    "check": ["check", "{stems}"],
    "fix": ["fix", "{stems}", "-o", "{out}"],
    "verify": ["verify", "{package}"],
}


def _sound(seed: int, frames: int = RATE) -> np.ndarray:
    return (
        0.3 * np.random.default_rng(seed).standard_normal((frames, 2)).clip(-2, 2) * np.linspace(1, 0, frames)[:, None]
    )


def _track(name: str, media: str, number: int) -> str:
    guid = f"{{00000000-0000-4000-8000-{number:012d}}}"
    return (
        f'  <TRACK {guid}\n    NAME "{name}"\n    VOLPAN 1 0 -1 -1 1\n    NCHAN 2\n    MAINSEND 1 0\n'
        f"    <ITEM\n      POSITION 0\n      LENGTH 1\n      LOOP 0\n      NAME take\n      VOLPAN 1 0 1 -1\n      SOFFS 0\n"
        f'      PLAYRATE 1 1 0 -1 0 0.0025\n      CHANMODE 0\n      <SOURCE WAVE\n        FILE "media/{media}"\n      >\n'
        "    >\n  >\n"
    )


def song(
    folder: Path, *, names: tuple[str, ...] = ("Kick", "Bass"), media: tuple[str, ...] = ("a.wav", "b.wav")
) -> Path:
    """Write a project of two tracks with a second of audio each, and a brief with a reference."""
    (folder / "media").mkdir(parents=True)
    for number, file in enumerate(media):
        soundfile.write(folder / "media" / file, _sound(number), RATE, subtype="PCM_24", format="WAV")
    tracks = "".join(_track(name, file, number) for number, (name, file) in enumerate(zip(names, media, strict=True)))
    path = folder / "Song.rpp"
    head = '<REAPER_PROJECT 0.1 "7.0/linux" 1\n  SAMPLERATE 48000 1 0\n  TEMPO 120 4 4\n  RENDER_RANGE 1 0 0 18 0\n'
    path.write_bytes(f"{head}{tracks}>\n".encode("utf-8", "surrogateescape"))
    soundfile.write(folder / "Like.wav", _sound(9, 4 * RATE), RATE, subtype="PCM_16")
    (folder / "brief.toml").write_text('title = "Song"\n[[references]]\nfile = "Like.wav"\n')
    return path


def write_stems(folder: Path) -> Path:
    """Write a folder of two stems and their sum."""
    folder.mkdir(parents=True)
    sounds = [_sound(number) for number in range(2)]
    for name, sound in (
        ("01_Kick.wav", sounds[0]),
        ("02_Bass.wav", sounds[1]),
        ("Rough_Mix.wav", sounds[0] + sounds[1]),
    ):
        soundfile.write(folder / name, sound, RATE, subtype="PCM_24")
    return folder


def hashes(folder: Path) -> dict[str, str]:
    """Return the SHA-256 of every ordinary file below a folder."""
    files = sorted(path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())
    return {path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


@contextmanager
def unchanged(*folders: Path) -> Iterator[None]:
    """Hold that every byte of the inputs is as it was."""
    before = [hashes(folder) for folder in folders]
    yield
    assert [hashes(folder) for folder in folders] == before


def demand_whole(out: Path) -> None:
    """Hold what stands under final names to be whole: audio by its header, packages by their lists, zips by their sums.

    Names that begin with a dot are nobody's deliveries.
    """
    visible = [path for path in out.rglob("*") if not any(p.startswith(".") for p in path.relative_to(out).parts)]
    for path in visible:
        if path.suffix == ".wav":
            assert walk(path).readable, path
        if path.suffix == ".json":
            json.loads(path.read_text())
        if path.suffix == ".zip":
            import zipfile

            with zipfile.ZipFile(path) as packed:
                assert packed.testzip() is None
    for folder in out.iterdir() if out.is_dir() else ():
        if folder.is_dir() and not folder.name.startswith(".") and (folder / "References").exists():
            lines = (folder / "SHA256SUMS").read_text().splitlines()  # a package is there with its lists, or not at all
            listed = {line.split("  ", 1)[1]: line.split("  ", 1)[0] for line in lines}
            found = hashes(folder)
            assert {path: found.get(path) for path in listed} == listed
