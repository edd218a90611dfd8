"""Audio from strangers: the container walker, the decoder behind it, and a whole check of one file."""

from __future__ import annotations

import json
import struct
from typing import TYPE_CHECKING

import numpy as np

from stemkit.errors import StemkitError
from tests.audio.wav_bytes import bext, chunk, fmt, riff
from tests.fuzz.mutate import mutate_chunks
from tests.fuzz.seeds import shared_files
from tests.fuzz.target import Target

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from stemkit.model.audio import ContainerFacts

__all__ = ["TARGETS"]

_AUDIO = bytes(range(240))
_BLOCK_FRAMES = 4096
_MOST_BLOCKS = 64
_EXTENSION = struct.pack("<HHI", 22, 24, 3) + struct.pack("<HH", 1, 0) + bytes.fromhex("0000 1000 8000 00aa00389b71")


def _own_seeds() -> list[bytes]:
    data = chunk(b"data", _AUDIO)
    loops = chunk(b"smpl", struct.pack("<9I", 0, 0, 1, 60, 0, 0, 0, 1, 0) + bytes(24))
    marks = chunk(b"cue ", struct.pack("<I", 1) + bytes(24)) + chunk(b"LIST", b"adtl" + chunk(b"labl", bytes(4) + b"v"))
    names = chunk(b"LIST", b"INFO" + chunk(b"INAM", b"Song"))
    ixml = chunk(
        b"iXML", b"<BWFXML><PROJECT>Song</PROJECT><SPEED><FILE_SAMPLE_RATE>48000</FILE_SAMPLE_RATE></SPEED></BWFXML>"
    )
    sizes = chunk(b"ds64", struct.pack("<QQQI", 400, 240, 40, 1) + b"data" + struct.pack("<Q", 240))
    wide = chunk(b"data", _AUDIO, size=0xFFFFFFFF)
    loud = chunk(b"data", struct.pack("<960h", *(30000 if n % 100 < 50 else -30000 for n in range(960))))
    return [
        riff(fmt(), data),
        riff(chunk(b"JUNK", bytes(28)), chunk(b"bext", bext()), fmt(), data, loops, marks, names, ixml),
        riff(sizes, fmt(), wide, magic=b"RF64", size=0xFFFFFFFF),
        riff(sizes, fmt(), wide, magic=b"BW64", size=0xFFFFFFFF),
        riff(fmt(order=">"), chunk(b"data", _AUDIO, order=">"), magic=b"RIFX", order=">"),
        riff(fmt(tag=0xFFFE, extra=_EXTENSION), data),
        riff(fmt(tag=3, bits=32, channels=1), data),
        riff(fmt(tag=3, bits=64, channels=2), data),
        riff(fmt(bits=8, channels=1), data),
        riff(fmt(bits=16, channels=1), loud),
        b"FORM\0\0\1\0AIFFCOMM\0\0\0\x12\0\1\0\0\0\x10\0\x10\x40\x0e\xbb\x80\0\0\0\0\0\0SSND\0\0\0\x28" + bytes(40),
        b"fLaC" + bytes(60),
        b"ID3\4\0\0\0\0\0\0\xff\xfb\x90\0" + bytes(400),
    ]


def _seeds() -> list[bytes]:
    return _own_seeds() + [path.read_bytes() for path in shared_files("audio/wav-fixtures", ".wav", largest=20_000)]


def _demand_sane(facts: ContainerFacts, size: int) -> None:
    assert facts.size_bytes == size
    if facts.data_bytes is not None and facts.data_offset is not None:
        assert 0 <= facts.data_bytes <= size - min(facts.data_offset, size)
    if facts.frames is not None and facts.block_align is not None:
        assert facts.frames * facts.block_align <= size
    if not facts.readable:
        assert any(damage.message for damage in facts.damage)


def _open_walker(scratch: Path) -> Callable[[bytes], None]:
    from stemkit.audio.source import open_source
    from stemkit.audio.wav import walk

    path = scratch / "take.wav"

    def one(data: bytes) -> None:
        path.write_bytes(data)
        facts = walk(path)
        _demand_sane(facts, len(data))
        if not facts.readable:
            return
        try:
            with open_source(path, facts) as source:
                out = np.zeros((source.channels, _BLOCK_FRAMES), source.dtype)
                frames = 0
                for _ in range(_MOST_BLOCKS):
                    got = source.read(out)
                    frames += got
                    if got < _BLOCK_FRAMES:
                        break
                else:
                    return
        except StemkitError:
            return
        if facts.encoding != "other" and facts.container in ("wav", "rf64", "bw64"):
            assert frames == facts.frames

    return one


def _open_check(scratch: Path) -> Callable[[bytes], None]:
    from stemkit.app.check import check
    from stemkit.report import FORMATS, render
    from stemkit.report.html import render_html

    folder = scratch / "Song"
    folder.mkdir()

    def one(data: bytes) -> None:
        (folder / "01_Kick.wav").write_bytes(data)
        try:
            report = check([folder], hashes=True)
        except StemkitError:
            return
        assert len(report.files) == 1
        assert report.files[0].audio is not None or report.findings, "neither measured nor found fault with"
        for name in FORMATS:
            render(report, name)
        json.loads(render(report, "json"), parse_constant=lambda text: 1 / 0)  # NaN and Infinity are no JSON
        render_html(report)

    return one


TARGETS = (
    Target(name="wav", seeds=_seeds, open=_open_walker, mutate=mutate_chunks),
    Target(name="check", seeds=_seeds, open=_open_check, mutate=mutate_chunks),
)
