from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stemkit.errors import UsageError
from stemkit.model.report import Report, Skip, Where
from stemkit.report import exit_code, render
from stemkit.report.findings import places
from stemkit.report.layout import Column, cells, clock, fit, paragraph, printable, table
from tests.report.reports import Make, clean, dirty, evil, finding, of
from tests.rules.stems import report_on, stem

if TYPE_CHECKING:
    from stemkit.model.audio import FileFacts

ANSI = re.compile(r"\x1b\[[0-9;]*m")


@pytest.mark.parametrize("width", [80, 100, 120])
@pytest.mark.parametrize("make", [clean, dirty, evil], ids=lambda make: make.__name__)
def test_no_line_is_wider_than_the_page(make: Make, width: int) -> None:
    text = render(make(), "text", width=width)
    assert max(cells(line) for line in text.splitlines()) <= width


def test_without_colour_there_is_no_escape_and_with_it_the_words_are_the_same() -> None:
    plain, coloured = render(dirty(), "text", width=100), render(dirty(), "text", width=100, color=True)
    assert "\x1b" not in plain
    assert "\x1b[1;31m" in coloured
    assert ANSI.sub("", coloured) == plain


def test_the_table_aligns_its_figures_and_marks_faults() -> None:
    head, *rows = render(dirty(), "text", width=120).splitlines()[3:9]
    peak = head.index("Peak") + len("Peak")
    assert [row[peak - 6 : peak].strip() for row in rows] == ["-4.40", "0.00", "-4.50", "silent", "-1.00"]
    assert [row[0] for row in rows] == [" ", "x", "!", "x", " "]
    assert rows[1].endswith("SK303 SK301")
    assert "0:10.000" in rows[0]


def test_narrow_pages_drop_columns_not_faults() -> None:
    text = render(dirty(), "text", width=80)
    assert "LUFS" not in text
    assert "SK303" in text.splitlines()[5]


def test_findings_are_grouped_by_file_worst_first_with_what_where_why_and_how() -> None:
    text = render(dirty(), "text", width=120)
    titles = [line for line in text.splitlines() if line in ("02_Snare.wav", "04_Pad.wav", "Gitarre links.wav")]
    assert titles == ["02_Snare.wav", "04_Pad.wav", "Gitarre links.wav"]
    block = text[text.index("\n02_Snare.wav") : text.index("\n04_Pad.wav")]
    assert block.index("SK303") < block.index("SK301")
    assert "at: 0:01.000, 0:02.000, 0:03.000, 0:04.000, 0:05.000 and 3 more" in block
    assert "why: Cut-off tops are distortion" in block
    assert "in REAPER: Lower the track" in block
    assert "in any DAW: " in block


def test_a_rule_is_explained_in_full_once_and_briefly_after_that() -> None:
    two = report_on(stem(sample_peak_dbfs=0.0), stem("02_B.wav", sample_peak_dbfs=0.0), rules=("SK301",))
    text = render(two, "text", width=200)
    assert text.count("in REAPER:") == 1
    assert text.count("why: Without headroom the engineer's first move") == 2
    assert text.count("fix: Lower by 3.1 dB.") == 2


def _named(*names: str, **facts: float) -> list[FileFacts]:
    return [stem(name, **facts) for name in names]


def test_what_all_stems_share_is_said_once_without_their_names() -> None:
    text = render(report_on(*_named("A.wav", "B.wav", "C.wav", "D.wav"), rules=("SK601",)), "text", width=100)
    assert "SK601 pattern: All 4 stems. The name" in text
    assert text.count("warning  SK601") == 1
    assert text.count("fix: Rename the file") == 1
    assert text.splitlines()[-1].startswith("ALMOST READY: 4 warnings in 4 stems")


def test_what_many_files_share_is_said_once_and_names_each() -> None:
    names = ("A.wav", "B.wav", "C.wav", "D.wav", "01_E.wav")
    text = render(report_on(*_named(*names), rules=("SK601",)), "text", width=100)
    assert "SK601 pattern: 4 files. The name" in text
    assert "on: A.wav, B.wav, C.wav, D.wav" in text
    assert "\n01_E.wav" not in text


def test_figures_and_places_of_each_file_survive_where_many_share_a_finding() -> None:
    files = [stem(f"0{n}_A.wav", sample_peak_dbfs=-6.0 - n, sample_peak_frame=48000 * n) for n in range(1, 6)]
    text = render(report_on(*files, rules=("SK302",)), "text", width=100)
    assert text.count("note     SK302") == 1
    for n in range(1, 6):
        assert f"- 0{n}_A.wav: The peak is {-6.0 - n:.2f} dBFS, {n}.00 dB below the window. At 0:0{n}.000." in text


def test_errors_and_what_few_share_stay_with_their_file() -> None:
    broken = [stem(f"0{n}_A.wav", image="silent", sample_peak_dbfs=None) for n in range(1, 6)]
    text = render(report_on(*broken, *_named("A.wav", "B.wav", "C.wav"), rules=("SK501", "SK601")), "text", width=100)
    assert text.count("error    SK501") == 5
    assert text.count("warning  SK601") == 3
    assert "Many files" not in text


def test_roles_are_shown_with_their_reason() -> None:
    report = report_on(stem(), stem("Rough_Mix.wav", role="rough_mix", role_reason='"rough mix" in the name'))
    assert 'Rough_Mix.wav is taken for the rough mix: "rough mix" in the name.' in render(report, "text")


def test_skipped_rules_are_summed_up() -> None:
    skips = tuple(Skip(rule=f"SK30{n}", subject=f"{s}.wav", reason="too short") for n in (1, 2) for s in "ab")
    text = render(of(skipped=skips), "text")
    assert "  SK301, SK302 on a.wav, b.wav: too short" in text
    many = tuple(Skip(rule="SK301", subject="a", reason=f"reason {n}") for n in range(20))
    assert "and 8 more; --format json lists every one" in render(of(skipped=many), "text")


def test_what_is_handled_or_accepted_is_listed_apart_and_not_counted() -> None:
    report = of(finding(handled="the plan lowers it"), finding(rule="SK301", accepted="the sound"))
    text = render(report, "text", width=100)
    assert "SK303 clipping on 01_Kick.wav: the plan lowers it" in text
    assert "accepted: the sound" in text
    assert text.splitlines()[-1].startswith("READY")


@pytest.mark.parametrize(
    ("report", "start"),
    [
        (of(finding("error"), finding("note")), "NOT READY: 1 error, 1 note in 0 stems."),
        (of(finding("warning"), finding("warning")), "ALMOST READY: 2 warnings"),
        (of(finding("note")), "READY: 0 stems, 1 note."),
        (of(), "READY: 0 stems, nothing to object to."),
    ],
)
def test_the_last_line_is_the_verdict(report: Report, start: str) -> None:
    assert render(report, "text", width=300).splitlines()[-1].startswith(start)


def test_names_cannot_move_the_cursor_or_add_lines() -> None:
    text = render(evil(), "text", width=200)
    assert text.replace("\n", "").isprintable()
    assert "\\x1b[2J" in text
    assert "[bold]" in text  # nobody reads it as markup
    text.encode("utf-8")  # not even a lone surrogate is left


@given(st.text(max_size=60))
@settings(max_examples=100, deadline=None)
def test_printable_text_is_printable_and_keeps_what_was(text: str) -> None:
    assert printable(text).isprintable()
    assert not text.isprintable() or printable(text) == text


@given(st.text(st.characters(categories=["L", "N"]), max_size=40), st.integers(1, 30))
@settings(max_examples=100, deadline=None)
def test_a_name_that_is_shortened_fits_and_keeps_its_ends(text: str, width: int) -> None:
    short = fit(text, width)
    assert cells(short) <= max(width, 1)
    assert short == text or "…" in short
    if short != text and len(short) > 3:
        assert text[0] == short[0]


def test_wide_characters_take_two_columns() -> None:
    assert cells("歌") == 2
    assert cells("e\u0301") == 1
    columns = (Column(title="A", stretch=True), Column(title="B"))
    assert table(columns, [("歌歌", "x"), ("abc", "y")], 80) == ["A     B", "歌歌  x", "abc   y"]


@pytest.mark.parametrize(
    ("seconds", "told"),
    [(0, "0:00.000"), (59.9996, "1:00.000"), (754.5, "12:34.500"), (-1.5, "-0:01.500"), (-0.0001, "0:00.000")],
)
def test_times(seconds: float, told: str) -> None:
    assert clock(seconds) == told


def test_places_join_channels_and_name_one() -> None:
    left, right = Where(start_s=1.0, end_s=1.001, channel=0), Where(start_s=1.0, end_s=1.001, channel=1)
    assert places([left, right]) == "0:01.000"
    assert places([right]) == "0:01.000 (right)"
    assert places([Where(start_s=1.0, end_s=2.0), Where(start_s=3.0, end_s=3.0, channel=5)]) == (
        "0:01.000 to 0:02.000, 0:03.000 (channel 6)"
    )


def test_long_words_are_never_cut() -> None:
    assert paragraph("https://example.org/" + "a" * 100, 40).endswith("a" * 100)


@pytest.mark.parametrize(
    ("fail_on", "severity", "code"),
    [("error", "error", 1), ("error", "warning", 0), ("warning", "warning", 1), ("warning", "note", 0),
     ("note", "note", 1), ("never", "error", 0)],
)  # fmt: skip
def test_exit_codes(fail_on: str, severity: str, code: int) -> None:
    assert exit_code(of(finding(severity)), fail_on) == code
    assert exit_code(of(finding(severity, handled="by the plan")), fail_on) == 0


def test_wrong_words_are_told() -> None:
    with pytest.raises(UsageError, match="never"):
        exit_code(of(), "sometimes")
    with pytest.raises(UsageError, match="junit"):
        render(of(), "yaml")
