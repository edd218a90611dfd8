"""The line parser: structure, tokens, line ends, and everything that is no sound REAPER file."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stemkit.errors import InputError
from stemkit.reaper.rpp import Block, parse, quote, tokenize


def lines_of(*lines: str, end: str = "\n") -> bytes:
    return (end.join(lines) + end).encode()


@pytest.mark.parametrize(
    ("line", "tokens"),
    [
        ("", []),
        ("  \t ", []),
        ("NAME Kick", ["NAME", "Kick"]),
        ("  MUTESOLO 0\t1  0", ["MUTESOLO", "0", "1", "0"]),
        ('NAME "Lead Vocal"', ["NAME", "Lead Vocal"]),
        ("NAME 'the \"big\" one'", ["NAME", 'the "big" one']),
        ('NAME `it\'s "both"`', ["NAME", 'it\'s "both"']),
        ('NAME ""', ["NAME", ""]),
        ("AUXRECV 0 -1:U 0 '' \"\"", ["AUXRECV", "0", "-1:U", "0", "", ""]),
        # A quote sign inside a bare word is a plain character: it opens only at the start of a token.
        ('NAME hel"lo wor"ld', ["NAME", 'hel"lo', 'wor"ld']),
        # Backslashes escape nothing.
        (r'FILE "media\06-Left.wv" 1', ["FILE", r"media\06-Left.wv", "1"]),
        ("NAME <", ["NAME", "<"]),
        ("NAME <>", ["NAME", "<>"]),
        # A forgotten closing sign takes the rest of the line.
        ('NAME "no end here', ["NAME", "no end here"]),
        # A closing sign ends the token even without a blank behind it.
        ('NAME "a"b', ["NAME", "a", "b"]),
        # Only blank and tab part tokens: a no-break space belongs to a name.
        ("NAME a\u00a0b\u3000c", ["NAME", "a\u00a0b\u3000c"]),
        # JS parameter lines may begin with a quote.
        ('"Dumble Clean.wav" 0.000 -', ["Dumble Clean.wav", "0.000", "-"]),
    ],
)
def test_tokens(line: str, tokens: list[str]) -> None:
    assert tokenize(line) == tokens


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("Kick", "Kick"),
        ("", '""'),
        ("Lead Vocal", '"Lead Vocal"'),
        ('the "big" one', "'the \"big\" one'"),
        ('it\'s "both"', '`it\'s "both"`'),
        ("0'\"`", "0'\"`"),  # bare, with all three signs
        ('hel"lo', 'hel"lo'),  # bare: the sign is not at the start
        ('"', "'\"'"),
        ("#1 take", '"#1 take"'),
        ("#chorus", '"#chorus"'),  # bare it would start a comment
        ("`'\"", "`''\"`"),  # no sign is left: the backtick is spoiled, as REAPER does
        ("two\r\nlines", '"two  lines"'),
    ],
)
def test_quoting(text: str, written: str) -> None:
    assert quote(text) == written


def test_paths_are_quoted_on_request() -> None:
    assert quote("a.wav", always=True) == '"a.wav"'


def cannot_be_quoted(text: str) -> bool:
    """All three signs inside, and more than a bare word: the one case in which REAPER's format loses something."""
    bare = not (set(text) & set(" \t")) and text[:1] not in set("\"'`#;")
    return all(mark in text for mark in "\"'`") and not bare


TEXTS = st.text(
    st.one_of(st.sampled_from("\"'` \t#;<>|ab"), st.characters(exclude_characters="\r\n\0", exclude_categories=["Cs"]))
)


@given(st.lists(TEXTS, min_size=1))
def test_what_is_quoted_is_read_back(texts: list[str]) -> None:
    readable = [text.replace("`", "'") if cannot_be_quoted(text) else text for text in texts]
    assert tokenize(" ".join(quote(text) for text in texts)) == readable


def test_structure() -> None:
    document = parse(
        lines_of(
            '<REAPER_PROJECT 0.1 "7.16/win64" 1700000000',
            "  TEMPO 120 4 4",
            "  <TRACK {A}",
            "    NAME <",  # `<` is structural only as the first character of a line
            "    NAME <>",
            '    NOTE "<HELLO world >"',  # a value may end in `>`
            "    VALUE a >",
            "    <FXCHAIN",
            "    >",
            "    VOLPAN 1 0",
            "  >",
            ">",
        ),
        name="song.rpp",
    )
    project = document.project
    assert (project.tag, project.args) == ("REAPER_PROJECT", ["0.1", "7.16/win64", "1700000000"])
    (track,) = project.blocks
    assert (track.tag, track.args, track.line_number) == ("TRACK", ["{A}"], 3)
    assert [entry.tag if isinstance(entry, Block) else entry for entry in track.content()] == [
        "NAME <",
        "NAME <>",
        'NOTE "<HELLO world >"',
        "VALUE a >",
        "FXCHAIN",
        "VOLPAN 1 0",
    ]
    assert track.tokens("NAME") == ["NAME", "<>"]  # the last line of a key counts
    assert track.tokens("MISSING") is None
    assert project.child("TRACK") is track
    assert project.child("ITEM") is None


def test_text_lines_may_hold_anything() -> None:
    document = parse(
        lines_of(
            "<REAPER_PROJECT 0.1",
            "  <NOTES 0 2",
            "    |<HELLO",
            "    |>",
            "    || begins and ends with a pipe |",
            "    |",
            "    |  indented",
            "  >",
            ">",
        ),
        name="song.rpp",
    )
    (notes,) = document.project.blocks
    assert notes.text() == "<HELLO\n>\n| begins and ends with a pipe |\n\n  indented"


def test_several_projects_in_a_backup() -> None:
    document = parse(
        lines_of("<REAPER_PROJECT 0.1 a 1", ">", "<REAPER_PROJECT 0.1 b 2", ">", "", "<REAPER_UNDO_HISTORY", ">"),
        name="song.rpp-bak",
    )
    assert [root.tag for root in document.roots] == ["REAPER_PROJECT", "REAPER_PROJECT", "REAPER_UNDO_HISTORY"]
    assert document.project.args[1] == "b"  # the last project is the newest


@pytest.mark.parametrize(
    "data",
    [
        lines_of("<REAPER_PROJECT 0.1", "  TEMPO 120", ">"),
        lines_of("<REAPER_PROJECT 0.1", "  TEMPO 120", ">", end="\r\n"),
        b"<REAPER_PROJECT 0.1\n>",  # no final newline
        b"<REAPER_PROJECT 0.1\r\n  >\r\n\r\n",
        b"\xef\xbb\xbf<REAPER_PROJECT 0.1\n>\n",  # byte order mark
        b'<REAPER_PROJECT 0.1\n  TITLE "Caf\xe9 \xff"\n>\n',  # Windows-1252, as v3 wrote it
        b"<REAPER_PROJECT 0.1\n      \n\t\n\n  TEMPO 120\n>\n",  # lines of blanks only
        b"<REAPER_PROJECT 0.1\n  TEMPO 120   \n>   \n",  # blanks at line ends
        b"\n\n<REAPER_PROJECT 0.1\n>\n",
        b"<REAPER_PROJECT 0.1\r\n  TEMPO 120\n>\r\n",  # mixed line ends
    ],
)
def test_bytes_come_back(data: bytes) -> None:
    document = parse(data, name="song.rpp")
    assert document.to_bytes() == data
    assert document.project.tag == "REAPER_PROJECT"
    assert document.project.args == ["0.1"]


def test_bytes_that_are_no_utf8_are_kept() -> None:
    document = parse(b'<REAPER_PROJECT 0.1\n  TITLE "Caf\xe9"\n>\n', name="song.rpp")
    assert document.project.tokens("TITLE") == ["TITLE", "Caf\udce9"]


# Each broken file, and what its message says.
BROKEN = {
    "empty": (b"", "line 1: the file is empty"),
    "blank": (b" \r\n\n", "line 1: the file is empty"),
    "byte order mark alone": (b"\xef\xbb\xbf", "line 1: the file is empty"),
    "truncated": (
        b'<REAPER_PROJECT 0.1\n  <TRACK\n    <ITEM\n      <SOURCE WAVE\n        FILE "a.w',
        "line 5: the file ends inside <SOURCE of line 4",
    ),
    "one bracket short": (
        b"<REAPER_PROJECT 0.1\n  <TRACK\n  >\n",
        "line 4: the file ends inside <REAPER_PROJECT of line 1",
    ),
    "stray bracket": (b"<REAPER_PROJECT 0.1\n>\n>\n", "line 3: a > closes a block that was never opened"),
    "text after the end": (
        b"<REAPER_PROJECT 0.1\n>\nTEMPO 120\n",
        "line 3: text stands outside the project: 'TEMPO 120'",
    ),
    "text before the start": (b"hello <REAPER_PROJECT 0.1\n>\n", "line 1: this is no REAPER project"),
    "nameless block": (b"<REAPER_PROJECT 0.1\n  <\n  >\n>\n", "line 2: a block opens without a name"),
    "NUL tail": (b"<REAPER_PROJECT 0.1\n  TEMPO 120\n\0\0\0\0", "line 3: NUL bytes"),
    "NUL inside": (b"<REAPER_PROJECT 0.1\n  TEM\0PO 120\n>\n", "line 2: NUL bytes"),
    "NUL alone": (b"\0" * 100, "line 1: NUL bytes"),
    "garbage": (b"garbage\n", "line 1: this is no REAPER project"),
    "binary": (bytes(range(255, 0, -1)), "line 1: this is no REAPER project"),
    "UTF-16": ("<REAPER_PROJECT 0.1\n>\n".encode("utf-16"), "line 1: this is no REAPER project"),
    "XML": (b'<?xml version="1.0"?>\n<Project/>\n', "line 1: this is no REAPER project"),
    "XML without declaration": (b'<Project version="1.0">\n</Project>\n', "line 1: this is no REAPER project"),
    "RIFF": (b"RIFF\x24\x00\x00\x00WAVEfmt ", "line 1: this is no REAPER project"),
}


@pytest.mark.parametrize("case", BROKEN)
def test_broken_files_name_the_line(case: str) -> None:
    data, message = BROKEN[case]
    with pytest.raises(InputError) as caught:
        parse(data, name="song.rpp")
    assert str(caught.value).startswith("song.rpp, " + message)
    assert "\n" not in caught.value.message


@pytest.mark.parametrize("tag", ["FXCHAIN", "REAPER_UNDO_HISTORY", "NODE1"])
def test_other_reaper_text_is_no_project(tag: str) -> None:
    document = parse(lines_of(f"<{tag}", "  A 1", ">"), name="some.txt")
    with pytest.raises(InputError, match=rf"some\.txt, line 1: <{tag} is REAPER text but no project"):
        assert document.project


PIECES = [b"<", b">", b"\n", b"\r\n", b"<A", b"|", b'"', b" ", b"\xff", b"\0", b"<REAPER_PROJECT 0.1\n", b"\n>\n", b"x"]


@settings(max_examples=300)
@given(st.one_of(st.binary(), st.lists(st.sampled_from(PIECES)).map(b"".join)))
def test_any_bytes_give_a_document_or_an_input_error(data: bytes) -> None:
    try:
        document = parse(data, name="x")
    except InputError:
        return
    assert document.to_bytes() == data
    assert document.roots


def test_depth_and_length_cost_no_more_than_they_must() -> None:
    """200,000 nested blocks: a recursive or quadratic reader would fail or take minutes."""
    depth = 200_000
    data = b"<REAPER_PROJECT 0.1\n" + b"<A\n" * depth + b">\n" * (depth + 1)
    began = time.process_time()
    block = parse(data, name="deep.rpp").project
    for _ in range(depth):
        (block,) = block.blocks
    assert time.process_time() - began < 20.0
    assert block.blocks == []
