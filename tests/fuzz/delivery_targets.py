"""Packages and texts from strangers: the zip, the manifest with its checksums, brief, profile and choices."""

from __future__ import annotations

import io
import json
import shutil
import struct
import zipfile
from typing import TYPE_CHECKING

from stemkit.errors import StemkitError
from tests.fuzz.mutate import mutate_bytes, mutate_lines
from tests.fuzz.seeds import REPOSITORY
from tests.fuzz.target import Target, demand_one_line

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path
    from random import Random

__all__ = ["TARGETS"]

_HASH = "0123456789abcdef" * 4
_MARKS = (b"PK\3\4", b"PK\1\2", b"PK\5\6")
_BRIEF = """title = "Night Bus"
artist = "The Makers"
key = "E minor"
deadline = 2026-12-01
plugins = ["ReaComp", "ReaEQ"]
[notes]
Kick = "leave the click"
"Vox Lead" = 'the breath is meant'
[effects_left_on]
Bass = "drive"
[[markers]]
place = "bar 5"
name = "Verse"
[[references]]
file = "Like this.flac"
note = "the low end"
[[references]]
link = "https://example.org/song"
"""
_CHOICES = """by = "track"
order = "instrument"
include = ["Kick", "Bass*"]
exclude = "Click"
dry = ["Vox"]
wet = "Vox"
start = "1:1"
end = 96.5
tail = 4
channels = "auto"
gain = "window"
encoding = "pcm24"
bypass_fx = false
sample_rate = 48000
[names]
Kick = "Kick_In"
[groups]
Drums = ["Kick", "Snare"]
[notes]
Kick = "loud"
"""


def _zip(*entries: tuple[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", method) as packed:
        for name, content in entries:
            packed.writestr(zipfile.ZipInfo(name, (2024, 1, 1, 0, 0, 0)), content, method)
    return stream.getvalue()


def _zips() -> list[bytes]:
    song = ("Song/Stems/01_Kick.wav", b"RIFF" + bytes(200))
    return [
        _zip(song, ("Song/manifest.json", b"{}")),
        _zip(song, method=zipfile.ZIP_STORED),
        _zip(("Song/", b""), song, ("Song/Sch\N{LATIN SMALL LETTER O WITH DIAERESIS}n.txt", b"a")),
        _zip(("../up.txt", b"a")),
        _zip(("/etc/up.txt", b"a"), ("C:/x", b"b")),
        _zip(("a/b", b"1"), ("A/b", b"2")),
        _zip(("a", b"1"), ("a/b", b"2")),
        _zip(),
    ]


def _mutate_zip(data: bytes, random: Random, others: Sequence[bytes] = ()) -> bytes:
    """Harm one field of one header in one time of two: random bytes mostly lead nowhere."""
    places = [at for mark in _MARKS for at in range(len(data)) if data.startswith(mark, at)]
    if not places or random.random() < 0.5:
        return mutate_bytes(data, random, others)
    at = random.choice(places) + random.randrange(4, 60)
    found = bytearray(data.ljust(at + 4, b"\0"))
    value = random.choice((0, 1, 8, 9, 14, 0xFFFF, 0xFFFFFFFF, 0x7FFFFFFF, len(data), random.getrandbits(16)))
    form = random.choice(("<H", "<I"))
    found[at : at + struct.calcsize(form)] = struct.pack(form, value & ((1 << 8 * struct.calcsize(form)) - 1))
    return bytes(found)


def _open_zip(scratch: Path) -> Callable[[bytes], None]:
    from stemkit.delivery.zip_reader import unpack

    archive, house = scratch / "package.zip", scratch / "house"

    def one(data: bytes) -> None:
        archive.write_bytes(data)
        inner = house / "inner"
        inner.mkdir(parents=True)
        try:
            unpack(archive, inner)
        except StemkitError as error:
            demand_one_line(error)
        finally:
            outside = [path for path in (*scratch.iterdir(), *house.iterdir()) if path not in (archive, house, inner)]
            linked = [path for path in inner.rglob("*") if path.is_symlink()]
            shutil.rmtree(house)
        assert not outside
        assert not linked

    return one


def _manifests() -> list[bytes]:
    file = {"path": "Stems/01_Kick.wav", "kind": "audio", "sha256": _HASH, "audio_sha256": _HASH, "role": "stem"}
    more: dict[str, object] = {
        "variant": "stem",
        "partner": None,
        "number": 1,
        "size_bytes": 10,
        "trim_db": -1.5,
        "source_tracks": [],
    }
    whole = {
        "schema": "stemkit.manifest/1",
        "stemkit": "1.0.0",
        "created": "2024-01-01T00:00:00Z",
        "title": "Night Bus",
        "artist": "The Makers",
        "key": "",
        "profile": {"id": "mix-prep"},
        "project": {},
        "tempo": {},
        "bounds": {},
        "gain": {},
        "engine": {},
        "excluded": [],
        "left_out": [],
        "findings": [{"rule": "SK301", "subject": "Stems/01_Kick.wav", "accepted": "meant"}],
        "sample_rate": 48000,
        "proof": None,
        "files": [{**file, **more, "note": None, "facts": {}}],
    }
    return [json.dumps(whole, indent=1).encode(), json.dumps({**whole, "files": []}).encode()]


def _open_manifest(_scratch: Path) -> Callable[[bytes], None]:
    from stemkit.delivery.changes import FoundFile, compare
    from stemkit.delivery.manifest import manifest_bytes, parse_manifest

    def one(data: bytes) -> None:
        try:
            manifest = parse_manifest(data, name="manifest.json")
        except StemkitError as error:
            demand_one_line(error)
            return
        assert parse_manifest(manifest_bytes(manifest), name="again") is not None
        own = FoundFile(path="manifest.json", size_bytes=len(data), sha256=_HASH)
        extra = FoundFile(path="other.wav", size_bytes=1, sha256=_HASH, audio_sha256=_HASH)
        compare(manifest, {"manifest.json": own, "other.wav": extra}, data.decode("utf-8", "replace"))

    return one


def _open_brief(scratch: Path) -> Callable[[bytes], None]:
    from stemkit.delivery.brief import brief_toml, missing_parts, parse_brief, reference_paths

    def one(data: bytes) -> None:
        try:
            brief = parse_brief(data.decode("utf-8"), name="brief.toml", path=scratch / "brief.toml")
        except UnicodeDecodeError:
            return  # the caller reads the file; see `choices` and `profile` for that
        except StemkitError as error:
            demand_one_line(error)
            return
        missing_parts(brief)
        reference_paths(brief)
        parse_brief(brief_toml(brief), name="again")

    return one


def _open_read_brief(scratch: Path) -> Callable[[bytes], None]:
    from stemkit.app.brief import read_brief

    (scratch / "song.rpp").write_bytes(b"<REAPER_PROJECT\n>\n")

    def one(data: bytes) -> None:
        (scratch / "brief.toml").write_bytes(data)
        try:
            read_brief(scratch / "song.rpp", None)
        except StemkitError as error:
            demand_one_line(error)

    return one


def _open_profile(scratch: Path) -> Callable[[bytes], None]:
    from stemkit.rules.profiles import load_profile

    path = scratch / "own.toml"

    def one(data: bytes) -> None:
        path.write_bytes(data)
        try:
            load_profile(str(path))
        except StemkitError as error:
            demand_one_line(error)

    return one


def _profiles() -> list[bytes]:
    shipped = (REPOSITORY / "stemkit" / "rules" / "profiles").glob("*.toml")
    return [
        b'[profile]\nextends = "mix-prep"\n[peak]\nmax_dbfs = -3\n',
        *(path.read_bytes() for path in sorted(shipped)),
    ]


def _open_choices(scratch: Path) -> Callable[[bytes], None]:
    from stemkit.app.plan import plan_project
    from tests.fuzz.project_targets import SONG

    project, path = scratch / "song.rpp", scratch / "stemkit.toml"
    project.write_bytes(SONG)

    def one(data: bytes) -> None:
        path.write_bytes(data)
        try:
            plan_project(project)
        except StemkitError as error:
            demand_one_line(error)

    return one


TARGETS = (
    Target(name="zip", seeds=_zips, open=_open_zip, mutate=_mutate_zip),
    Target(name="manifest", seeds=_manifests, open=_open_manifest, mutate=mutate_lines),
    Target(name="brief", seeds=lambda: [_BRIEF.encode()], open=_open_brief, mutate=mutate_lines),
    Target(name="brief-file", seeds=lambda: [_BRIEF.encode()], open=_open_read_brief, mutate=mutate_lines),
    Target(name="profile", seeds=_profiles, open=_open_profile, mutate=mutate_lines),
    Target(name="choices", seeds=lambda: [_CHOICES.encode()], open=_open_choices, mutate=mutate_lines),
)
