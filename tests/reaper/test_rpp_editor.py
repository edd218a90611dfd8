"""The raw-line editor: what it touches changes, every other byte stays."""

from __future__ import annotations

import difflib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stemkit.reaper.project_fx import effect_switches
from stemkit.reaper.rpp import Document, parse
from stemkit.reaper.rpp_editor import Editor, rename_track, write_value

PROJECT = """\
<REAPER_PROJECT 0.1 "6.73/win64" 1691430026
  RENDER_FILE "C:\\Users\\x\\untitled.wav"
  RENDER_FMT 0 2 96000
  RENDER_STEMS 0
    ODD   "own   spacing"  1
  <RENDER_CFG
    ZXZhdyEAAQ==
  >
  TEMPO 120 4 4
  <MASTERFXLIST
    BYPASS 0 0 0
    <JS loser/masterLimiter ""
    >
    <JS loser/3BandEQ ""
    >
  >
  <TRACK {A}
    NAME Kick
    MUTESOLO 0 2 0
    <NAME
      |true
    >
    <ITEM
      POSITION 1
      <SOURCE WAVE
        FILE "a.wav"
      >
    >
    <ITEM
      POSITION 2
    >
  >
>
"""


def project(*, crlf: bool = False) -> Document:
    data = PROJECT.replace("\n", "\r\n") if crlf else PROJECT
    return parse(data.encode(), name="song.rpp")


def changes(before: Document, after: bytes) -> list[str]:
    """Lines that went (-) and came (+), line ends included."""
    old = before.to_bytes().decode().split("\n")
    new = after.decode().split("\n")
    return [line for line in difflib.ndiff(old, new) if line[0] in "+-"]


@pytest.mark.parametrize("crlf", [False, True])
def test_an_editor_without_changes_changes_nothing(crlf: bool) -> None:
    document = project(crlf=crlf)
    assert Editor(document).to_bytes() == document.to_bytes()


@pytest.mark.parametrize(("crlf", "end"), [(False, ""), (True, "\r")])
def test_one_header_line_changes_alone(crlf: bool, end: str) -> None:
    document = project(crlf=crlf)
    editor = Editor(document)
    editor.set_line(document.project, "RENDER_STEMS", 3)
    assert changes(document, editor.to_bytes()) == [f"-   RENDER_STEMS 0{end}", f"+   RENDER_STEMS 3{end}"]


def test_the_last_change_of_a_line_counts() -> None:
    document = project()
    editor = Editor(document)
    for value in (1, 3):
        editor.set_line(document.project, "RENDER_STEMS", value)
        editor.set_line(document.project, "RENDER_NEW", value, after="RENDER_STEMS")
    assert changes(document, editor.to_bytes()) == ["-   RENDER_STEMS 0", "+   RENDER_STEMS 3", "+   RENDER_NEW 3"]


def test_of_repeated_lines_the_last_is_changed() -> None:
    document = parse(b"<REAPER_PROJECT 0.1\n  A 1\n  A 2\n>\n", name="song.rpp")
    editor = Editor(document)
    editor.set_line(document.project, "A", 3)
    assert editor.to_bytes() == b"<REAPER_PROJECT 0.1\n  A 1\n  A 3\n>\n"
    assert editor.document().project.tokens("A") == ["A", "3"]


def test_a_missing_line_comes_where_asked_or_first() -> None:
    document = project(crlf=True)
    editor = Editor(document)
    editor.set_line(document.project, "RENDER_PATTERN", "$track", after="RENDER_FILE")
    editor.set_line(document.project.children("TRACK")[0], "SEL", 1)
    lines = editor.to_bytes().decode().split("\r\n")
    assert lines[2] == "  RENDER_PATTERN $track"
    assert lines[lines.index("  <TRACK {A}") + 1] == "    SEL 1"


def test_paths_are_written_in_quotes_like_reaper_does() -> None:
    document = project()
    editor = Editor(document)
    editor.set_line(document.project, "RENDER_FILE", "out")
    assert changes(document, editor.to_bytes())[1] == '+   RENDER_FILE "out"'


def test_one_token_changes_and_the_spacing_stays() -> None:
    document = project(crlf=True)
    editor = Editor(document)
    (index,) = document.project.indices_of("ODD")
    editor.set_token(index, 2, 7)
    editor.set_token(index, 1, "it's new")
    (mute,) = document.project.children("TRACK")[0].indices_of("MUTESOLO")
    editor.set_token(mute, 2, 0)
    assert changes(document, editor.to_bytes()) == [
        '-     ODD   "own   spacing"  1\r',
        '+     ODD   "it\'s new"  7\r',
        "-     MUTESOLO 0 2 0\r",
        "+     MUTESOLO 0 0 0\r",
    ]


def test_a_short_line_is_filled_up() -> None:
    document = project()
    editor = Editor(document)
    (index,) = document.project.indices_of("RENDER_STEMS")
    editor.set_token(index, 4, 9)
    assert changes(document, editor.to_bytes())[1] == "+   RENDER_STEMS 0 0 0 9"


def test_lines_are_taken_out() -> None:
    document = project()
    editor = Editor(document)
    editor.set_line(document.project, "NEW", 1)
    editor.remove_lines(document.project, "NEW")
    editor.remove_lines(document.project, "TEMPO")
    assert changes(document, editor.to_bytes()) == ["-   TEMPO 120 4 4"]
    editor.set_line(document.project, "TEMPO", 90, 3, 4)  # a later thought brings the line back
    assert changes(document, editor.to_bytes()) == ["-   TEMPO 120 4 4", "+   TEMPO 90 3 4"]


def test_base64_contents_are_replaced_and_wrapped() -> None:
    document = project(crlf=True)
    editor = Editor(document)
    editor.set_base64(document.project, "RENDER_CFG", "A" * 130)
    assert changes(document, editor.to_bytes()) == [
        "-     ZXZhdyEAAQ==\r",
        "+     " + "A" * 128 + "\r",
        "+     AA\r",
    ]
    editor.set_base64(document.project, "RENDER_CFG", "")
    editor.set_base64(document.project, "RENDER_CFG", "")
    assert changes(document, editor.to_bytes()) == ["-     ZXZhdyEAAQ==\r"]


def test_a_missing_block_is_made() -> None:
    document = project()
    editor = Editor(document)
    editor.set_base64(document.project, "RENDER_CFG2", "ZXZhdw==", after="TEMPO")
    assert changes(document, editor.to_bytes()) == ["+   <RENDER_CFG2", "+     ZXZhdw==", "+   >"]


def test_a_block_goes_with_everything_in_it() -> None:
    document = project()
    editor = Editor(document)
    track = document.project.children("TRACK")[0]
    first, second = track.children("ITEM")
    editor.set_line(first, "MUTE", 1)
    editor.remove_block(first)
    editor.set_line(second, "MUTE", 1, 0)
    item = '    <ITEM\n      POSITION 1\n      <SOURCE WAVE\n        FILE "a.wav"\n      >\n    >\n'
    assert item in PROJECT
    expected = PROJECT.replace(item, "").replace("      POSITION 2\n", "      MUTE 1 0\n      POSITION 2\n")
    assert editor.to_bytes().decode() == expected


def test_effects_are_switched_off_where_they_stand() -> None:
    document = project()
    editor = Editor(document)
    chain = document.project.child("MASTERFXLIST")
    assert chain is not None
    (limiter, line), (equaliser, missing) = effect_switches(chain)
    assert line is not None
    assert missing is None
    editor.set_token(line, 1, 1)
    editor.insert_line(chain, equaliser.start, "BYPASS", 1, 0, 0)
    assert limiter.args[0] == "loser/masterLimiter"
    assert changes(document, editor.to_bytes()) == [
        "-     BYPASS 0 0 0",
        "+     BYPASS 1 0 0",
        "+     BYPASS 1 0 0",
    ]


def test_a_track_is_renamed() -> None:
    document = project()
    editor = Editor(document)
    rename_track(editor, document.project.children("TRACK")[0], "01 Kick")
    assert changes(document, editor.to_bytes()) == [
        "-     NAME Kick",
        '+     NAME "01 Kick"',
        "-     <NAME",
        "-       |true",
        "-     >",
    ]


@pytest.mark.parametrize(
    "source", [PROJECT, PROJECT.replace("    <NAME\n      |true\n    >\n", "").replace("    NAME Kick\n", "")]
)
def test_a_name_with_all_quote_signs_survives(source: str) -> None:
    document = parse(source.encode(), name="song.rpp")
    editor = Editor(document)
    rename_track(editor, document.project.children("TRACK")[0], "a'b\"c`d\ne")
    track = editor.document().project.children("TRACK")[0]
    assert track.tokens("NAME") == ["NAME", "a'b\"c'd e"]
    (block,) = track.children("NAME")
    assert block.text() == "a'b\"c`d e"


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (1, "1"),
        (True, "1"),
        (0.5, "0.5"),
        (3.0, "3"),
        (1e-7, "0.0000001"),
        (26.12431852142878, "26.12431852142878"),
        ("a b", '"a b"'),
    ],
)
def test_values_are_written_like_reaper_writes_them(value: str | float, written: str) -> None:
    assert write_value(value) == written


KEYS = ["RENDER_FILE", "RENDER_FMT", "RENDER_STEMS", "ODD", "TEMPO"]


@settings(max_examples=60)
@given(
    st.sampled_from(KEYS),
    st.lists(st.one_of(st.integers(), st.text(st.characters(exclude_categories=["Cs"]))), max_size=4),
    st.booleans(),
)
def test_an_edit_changes_only_its_line(key: str, values: list[int | str], crlf: bool) -> None:
    document = project(crlf=crlf)
    (index,) = document.project.indices_of(key)
    editor = Editor(document)
    editor.set_line(document.project, key, *values)
    after = parse(editor.to_bytes(), name="song.rpp").lines
    assert after[:index] == document.lines[:index]
    assert after[index + 1 :] == document.lines[index + 1 :]
    assert after[index].endswith("\r") == crlf
