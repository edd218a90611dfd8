from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stemkit.audio.trim import ORIGINATOR, trim_from, trim_note
from stemkit.model.container import Bext


@given(st.floats(-200, 200))
def test_a_trim_reads_back_to_a_millionth(trim_db: float) -> None:
    bext = Bext(originator=ORIGINATOR, description=f"01_Kick, {trim_note(trim_db)}, bounced")
    assert trim_from(bext) == pytest.approx(trim_db, abs=6e-7)


@pytest.mark.parametrize("originator", ["", "REAPER", "stemki", "stemkit2", "zz"])
def test_what_another_program_wrote_is_no_trim(originator: str) -> None:
    assert trim_from(Bext(originator=originator, description=trim_note(1.0))) is None


def test_without_a_note_there_is_none() -> None:
    assert trim_from(None) is None
    assert trim_from(Bext(originator=ORIGINATOR, description="01_Kick")) is None
