from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stemkit.app.brief import check_brief, init_brief
from stemkit.app.demo_song import write_demo_project
from stemkit.delivery.brief import brief_toml, missing_parts, parse_brief, reference_paths
from stemkit.delivery.brief_text import gain_sentence
from stemkit.errors import InputError
from stemkit.model.delivery import Brief, ReferenceNote

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=30).map(str.strip)
WORD = TEXT.filter(bool)


@given(
    st.builds(
        Brief,
        title=TEXT,
        genre=TEXT,
        goal=TEXT,
        notes=st.dictionaries(WORD, WORD, max_size=3).map(lambda d: tuple(d.items())),
        plugins=st.lists(TEXT, max_size=2).map(tuple),
        references=st.lists(st.builds(ReferenceNote, file=WORD, note=TEXT), min_size=1, max_size=2).map(tuple),
    )
)
def test_a_brief_that_is_written_is_read_back(brief: Brief) -> None:
    assert parse_brief(brief_toml(brief), name="brief.toml") == brief


def test_it_is_filled_in_from_the_project(tmp_path: Path) -> None:
    project = write_demo_project(tmp_path)
    text = project.read_bytes().decode().replace(
        "  MASTERMUTESOLO", '  TITLE "Night Bus"\r\n  AUTHOR "The Makers"\r\n  <NOTES 0 2\r\n    |Key: E minor\r\n  >\r\n  MASTERMUTESOLO'
    )  # fmt: skip
    project.write_bytes(text.encode())
    path, _ = init_brief(project)
    brief = parse_brief(path.read_text(), name="brief.toml", path=path)
    assert (brief.title, brief.artist, brief.key) == ("Night Bus", "The Makers", "E minor")
    assert (brief.tempo, brief.meter) == ("100 BPM", "4/4")
    assert brief.markers == (("bar 1", "Intro"), ("bar 3", "Verse"))
    assert all(f'"{stem}" = ""' in path.read_text() for stem in ("Kick", "Snare_Top", "Vox_Lead"))
    with pytest.raises(InputError, match="exists already"):
        init_brief(project)


def test_on_a_terminal_it_asks_and_keeps_what_is_known(tmp_path: Path) -> None:
    asked = []

    def ask(question: str, known: str) -> str:
        asked.append(question)
        if question.startswith("Reference track 2"):
            return "https://example.org/song"
        return known or f"<{question}>"

    path, brief = init_brief(write_demo_project(tmp_path), ask=ask)
    assert {"Genre", "Mood", "Deadline", "Contact", "Note for Kick"} <= set(asked)
    assert (brief.title, brief.genre) == ("Stemkit Demo", "<Genre>")
    again = parse_brief(path.read_text(), name="b")
    assert again.notes[0] == ("Kick", "<Note for Kick>")
    assert [(told.file[:19], told.link, told.note) for told in again.references] == [
        ("<Reference track 1 ", "", "<What to listen for in it>"),
        ("", "https://example.org/song", "<What to listen for in it>"),
    ]


def test_an_empty_answer_ends_the_references(tmp_path: Path) -> None:
    _, brief = init_brief(write_demo_project(tmp_path), ask=lambda _, known: known)
    assert brief.references == ()


def test_the_check_names_each_missing_part_each_unknown_stem_and_each_missing_file(tmp_path: Path) -> None:
    project = write_demo_project(tmp_path)
    brief = tmp_path / "brief.toml"
    brief.write_text('title = "x"\n[notes]\nKick = "a"\nTriangle = "b"\n[[references]]\nfile = "gone.mp3"\n')
    found = check_brief(brief, project)
    assert found.missing == ("artist", "genre", "platform", "mood", "goal", "contact", "deadline")
    assert found.unknown_stems == ("Triangle",)
    assert found.missing_references == ("gone.mp3",)
    assert not found.complete


def test_a_reference_may_be_a_link() -> None:
    brief = Brief(references=(ReferenceNote(link="https://example.org"),))
    assert "references" not in missing_parts(brief)
    assert reference_paths(brief) == ([], [])


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("titel = 'x'", "has a key 'titel' that nothing reads; the nearest is 'title'"),
        ("title = ", "is not valid TOML"),
        ("title = ['x']", "'title' must be a text"),
        ("notes = 'x'", "'notes' must be a table of stem = 'text'"),
        ("references = [{song = 'x'}]", "'references' must be a list of tables with file, link, note"),
        ("plugins = 'x'", "'plugins' must be a list"),
    ],
)
def test_mistakes_are_named_in_one_sentence(text: str, said: str) -> None:
    with pytest.raises(InputError) as caught:
        parse_brief(text, name="brief.toml")
    assert said in caught.value.message
    assert "\n" not in caught.value.message


def test_a_date_without_quotes_is_meant_as_it_stands() -> None:
    assert parse_brief("deadline = 2026-12-01", name="b").deadline == "2026-12-01"


@pytest.mark.parametrize(
    ("mode", "trims", "told"),
    [
        ("window", [1.0, -3.0], "Each stem was brought by itself to a peak between -6 and -3 dBFS"),
        ("common", [-2.3, -2.3, 0.0], "All stems were changed by the same -2.3 dB"),
        ("none", [0.0], "No stem was made louder or quieter"),
        ("window", [0.0, 0.0], "No stem was made louder or quieter"),
    ],
)
def test_the_gain_is_explained_in_one_sentence(mode: str, trims: list[float], told: str) -> None:
    sentence = gain_sentence(mode, trims, low_dbfs=-6.0, high_dbfs=-3.0)
    assert sentence.startswith(told)
    assert sentence.count(".") - sentence.count("2.3") - 2 * sentence.count("Session.rpp") == 1
