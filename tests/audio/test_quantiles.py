from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stemkit.audio.quantiles import quantiles

FINITE = st.floats(-1e6, 1e6)


@given(values=st.lists(FINITE, min_size=1, max_size=50), share=st.floats(0, 1))
def test_quantiles_are_those_of_numpy(values: list[float], share: float) -> None:
    expected = np.percentile(values, [100 * share, 50])
    assert quantiles(np.array(values), [share, 0.5]) == pytest.approx(expected, rel=1e-9, abs=1e-6)


def test_one_share_gives_one_value() -> None:
    assert float(quantiles(np.array([3.0, 1.0, 2.0]), 0.5)) == 2.0
