"""The stamp: what is kept of a self-test, and what live commands say of a REAPER without a good one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from stemkit.app.selftest import SelfTest
from stemkit.app.selftest_evidence import Answer
from stemkit.app.stamp import DATA_VARIABLE, is_good, say_if_untested, stamp_of, store_stamp

if TYPE_CHECKING:
    from pathlib import Path

GOOD = SelfTest("7.99/test", (Answer("settings-3-is-stems", "confirmed", ""),))
HARMLESS = SelfTest("7.99/test", (Answer("settings-2-is-no-stems", "contradicted", ""),))
BAD = SelfTest("7.99/test", (Answer("settings-3-is-stems", "contradicted", ""),))
CUT_SHORT = SelfTest("7.99/test", GOOD.answers, stopped="REAPER left")


@pytest.fixture(autouse=True)
def _own_data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(DATA_VARIABLE, str(tmp_path / "data"))
    say_if_untested.cache_clear()


@pytest.mark.parametrize(("test", "good"), [(GOOD, True), (HARMLESS, True), (BAD, False), (CUT_SHORT, False)])
def test_a_stamp_is_good_where_nothing_that_matters_is_otherwise(test: SelfTest, good: bool) -> None:
    assert is_good(test) is good
    assert stamp_of("7.99/test") is None
    store_stamp(test)
    stamp = stamp_of("7.99/test")
    assert stamp is not None
    assert stamp["good"] is good
    assert stamp["system"]
    assert stamp_of("7.98/test") is None


def test_an_untested_reaper_is_told_once(caplog: pytest.LogCaptureFixture) -> None:
    say_if_untested("7.99/test")
    say_if_untested("7.99/test")
    assert [record.message for record in caplog.records] == [
        "stemkit: REAPER 7.99/test is untested with stemkit; run stemkit doctor --selftest once, which takes a minute."
    ]


def test_a_good_stamp_silences_it_and_a_bad_one_does_not(caplog: pytest.LogCaptureFixture) -> None:
    store_stamp(GOOD)
    say_if_untested("7.99/test")
    assert not caplog.records
    store_stamp(BAD)
    say_if_untested.cache_clear()
    say_if_untested("7.99/test")
    assert "settings-3-is-stems" in caplog.records[0].message


def test_a_damaged_file_is_no_stamp(tmp_path: Path) -> None:
    store_stamp(GOOD).write_text("not json")
    assert stamp_of("7.99/test") is None
    store_stamp(GOOD)
    assert stamp_of("7.99/test") is not None
