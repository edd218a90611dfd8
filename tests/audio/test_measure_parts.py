from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stemkit.audio.chunks import CELLS, HISTORY_CELLS, read_chunks
from stemkit.audio.products import product
from stemkit.audio.runs import MAX_LISTED, RunCollector, find_runs
from stemkit.audio.source import block_source
from tests.audio.tones import in_blocks, noise


@settings(max_examples=60, deadline=None)
@given(mask=st.lists(st.booleans(), max_size=40), cuts=st.lists(st.integers(1, 9), min_size=1, max_size=4))
def test_runs_are_found_across_any_cuts(mask: list[bool], cuts: list[int]) -> None:
    text = "".join("x" if on else " " for on in mask)
    expected = []
    at = 0
    for word in text.split(" "):
        if len(word) >= 3:
            expected.append((at, at + len(word)))
        at += len(word) + 1
    whole = RunCollector(0, 3)
    at = 0
    for part in in_blocks(np.array(mask, bool), cuts):
        whole.feed(at, part.astype(bool), np.ones(len(part), np.float32))
        at += len(part)
    whole.close()
    assert [(run.start_frame, run.end_frame) for run in whole.listed] == expected
    assert whole.count == len(expected)


def test_a_list_is_capped_and_the_count_is_not() -> None:
    collector = RunCollector(1, 3)
    mask = np.tile([True, True, True, False], 2 * MAX_LISTED)
    collector.feed(0, mask, np.ones(len(mask), np.float32))
    collector.close()
    assert (len(collector.listed), collector.count) == (MAX_LISTED, 2 * MAX_LISTED)


@pytest.mark.parametrize(
    ("mask", "expected"),
    [([], []), ([0], []), ([1], [(0, 1)]), ([1, 1, 0, 1], [(0, 2), (3, 4)]), ([0, 1, 1, 0], [(1, 3)])],
)
def test_find_runs(mask: list[int], expected: list[tuple[int, int]]) -> None:
    starts, ends = find_runs(np.array(mask, bool))
    assert list(zip(starts.tolist(), ends.tolist(), strict=True)) == expected


@pytest.mark.parametrize("rows", [0, 1, 100, 4096, 4097, 9999])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_product_in_slices_is_the_product(rows: int, dtype: Any) -> None:
    rng = np.random.default_rng(rows)
    left, right = rng.random((rows, 8)).astype(dtype), rng.random((8, 8)).astype(dtype)
    assert product(left, right) == pytest.approx(left @ right, rel=1e-6)
    assert product(left, right).dtype == dtype


@settings(max_examples=20, deadline=None)
@given(frames=st.integers(1, 9_000), sizes=st.lists(st.integers(1, 4_000), min_size=1, max_size=4))
def test_chunks_hold_every_frame_once_with_its_past(frames: int, sizes: list[int]) -> None:
    rate = 2_000  # cells of 20 frames
    x = noise(frames / rate, rate).astype(np.float32)
    source = block_source(in_blocks(x, sizes), rate, encoding="float32")
    assert source is not None
    seen = np.zeros(0, np.float32)
    padded = np.concatenate([np.zeros(HISTORY_CELLS * 20, np.float32), x, np.zeros(CELLS * 20, np.float32)])
    for chunk in read_chunks(source):
        assert chunk.start == len(seen)
        assert np.array_equal(chunk.buffer[0], padded[chunk.start :][: chunk.buffer.shape[1]])
        cells = chunk.samples[0].reshape(CELLS, 20)
        assert np.array_equal(chunk.highest[0], cells.max(axis=1))
        assert np.array_equal(chunk.lowest[0], cells.min(axis=1))
        assert chunk.energy[0] == pytest.approx((cells.astype(float) ** 2).sum(axis=1), rel=1e-5)
        assert (chunk.full_cells, chunk.used_cells) == (chunk.frames // 20, -(-chunk.frames // 20))
        seen = np.concatenate([seen, chunk.samples[0, : chunk.frames]])
    assert np.array_equal(seen, x)
