"""What `tests.soak.defences` takes away is there, and so are the tests that have to mind."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.soak.defences import DEFENCES, Defence

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("defence", DEFENCES, ids=lambda defence: defence.what)
def test_the_words_of_a_defence_stand_in_its_module_once(defence: Defence) -> None:
    source = (ROOT / "stemkit" / f"{defence.module}.py").read_text(encoding="utf-8")
    assert source.count(defence.words) == 1
    compile(source.replace(defence.words, defence.without), defence.module, "exec")
    assert [test for test in defence.tests.split() if not (ROOT / test).is_file()] == []
