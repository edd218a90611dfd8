"""What a finding tells of single samples and of channels, from the file on; tests/rules holds each rule at its line."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from stemkit.app.check import check
from tests.app.dirty_stems import tone, write

if TYPE_CHECKING:
    from pathlib import Path


def test_what_is_not_a_number_is_found_where_it_is(tmp_path: Path) -> None:
    wave = tone().astype(np.float32)
    wave[24000] = np.nan
    finding = check([write(tmp_path / "01_A.wav", wave, encoding="float32")], select=["SK209"]).findings[0]
    assert (finding.measured, finding.where[0].start_s) == (1, 0.5)


def test_six_channels_are_told(tmp_path: Path) -> None:
    path = write(tmp_path / "01_A.wav", np.stack([tone()] * 6, axis=1))
    assert [f.measured for f in check([path], select=["SK205"]).findings] == [6]
