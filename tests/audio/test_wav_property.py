from __future__ import annotations

import struct
import time
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stemkit.audio.wav import walk
from stemkit.model.audio import ContainerFacts
from tests.audio.wav_bytes import bext, chunk, fmt, riff

if TYPE_CHECKING:
    from pathlib import Path

AUDIO = bytes(range(240))
LOOPS = chunk(b"smpl", struct.pack("<9I", 0, 0, 1, 60, 0, 0, 0, 1, 0) + bytes(24))
CUES = chunk(b"cue ", struct.pack("<I", 1) + bytes(24)) + chunk(b"LIST", b"adtl" + chunk(b"labl", bytes(4) + b"verse"))
FULL = riff(
    chunk(b"JUNK", bytes(28)),
    chunk(b"bext", bext()),
    fmt(),
    chunk(b"data", AUDIO),
    LOOPS,
    CUES,
    chunk(b"LIST", b"INFO" + chunk(b"INAM", b"Song")),
    chunk(b"iXML", b"<BWFXML><PROJECT>Song</PROJECT></BWFXML>"),
)
WIDE = riff(
    chunk(b"ds64", struct.pack("<QQQI", 400, 240, 40, 1) + b"data" + struct.pack("<Q", 240)),
    fmt(),
    chunk(b"data", AUDIO, size=0xFFFFFFFF),
    magic=b"RF64",
    size=0xFFFFFFFF,
)
SIZES = st.sampled_from([0, 1, 2, 3, 7, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFE, 0xFFFFFFFF]) | st.integers(0, 2**32 - 1)


@pytest.fixture(scope="module")
def scratch(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("walk") / "take.wav"


def assert_total(path: Path, content: bytes) -> ContainerFacts:
    path.write_bytes(content)
    started = time.process_time()
    facts = walk(path)
    assert time.process_time() - started < 1
    assert isinstance(facts, ContainerFacts)
    assert facts.size_bytes == len(content)
    if facts.data_bytes is not None and facts.data_offset is not None:
        assert 0 <= facts.data_bytes <= len(content) - min(facts.data_offset, len(content))
    if facts.frames is not None and facts.block_align is not None:
        assert facts.frames * facts.block_align <= len(content)
    return facts


calm = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@calm
@given(base=st.sampled_from([FULL, WIDE]), where=st.integers(0, 200), size=SIZES)
def test_any_word_may_lie(scratch: Path, base: bytes, where: int, size: int) -> None:
    at = where * 4 % (len(base) - 4)
    assert_total(scratch, base[:at] + struct.pack("<I", size) + base[at + 4 :])


@calm
@given(base=st.sampled_from([FULL, WIDE]), cut=st.integers(0, len(FULL)))
def test_any_end_may_be_missing(scratch: Path, base: bytes, cut: int) -> None:
    facts = assert_total(scratch, base[:cut])
    data_end = base.index(AUDIO) + len(AUDIO)
    if cut < data_end:
        assert not facts.readable


@calm
@given(
    content=st.binary(max_size=400),
    head=st.sampled_from([b"", FULL[:12], FULL[:80], WIDE[:60], b"ID3", b"\xff\xfb\x90"]),
)
def test_any_bytes_at_all(scratch: Path, head: bytes, content: bytes) -> None:
    assert_total(scratch, head + content)


@calm
@given(
    st.lists(st.sampled_from([fmt(), fmt(rate=0), chunk(b"data", AUDIO), chunk(b"odd ", b"x", pad=False), LOOPS, CUES]))
)
def test_any_order_of_chunks(scratch: Path, chunks: list[bytes]) -> None:
    facts = assert_total(scratch, riff(*chunks))
    if chunks.count(fmt()) == 1 and chunks.count(chunk(b"data", AUDIO)) == 1 and len(chunks) == 2:
        assert facts.readable is (chunks[0] == fmt())


@calm
@given(
    channels=st.integers(1, 64),
    rate=st.integers(1, 768000),
    bits=st.sampled_from([8, 16, 24, 32]),
    frames=st.integers(0, 50),
    pad=st.booleans(),
)
def test_what_is_right_stays_right(scratch: Path, channels: int, rate: int, bits: int, frames: int, pad: bool) -> None:
    data = chunk(b"data", b"\x11" * (channels * bits // 8 * frames), pad=pad)
    facts = assert_total(scratch, riff(fmt(channels=channels, rate=rate & 0xFFFFFFFF, bits=bits), data))
    assert facts.damage == ()
    assert (facts.channels, facts.sample_rate, facts.bits, facts.frames) == (channels, rate, bits, frames)
