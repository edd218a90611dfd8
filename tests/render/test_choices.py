from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING

import pytest

from stemkit.errors import InputError
from stemkit.model.delivery import Choices
from stemkit.render.choices import _READERS, CHOICES_FILE, load_choices

if TYPE_CHECKING:
    from pathlib import Path


def written(folder: Path, text: str) -> Path:
    (folder / CHOICES_FILE).write_text(text, encoding="utf-8")
    return folder / "song.rpp"


def test_without_a_file_the_defaults_hold(tmp_path: Path) -> None:
    assert load_choices(tmp_path / "song.rpp") == Choices()


def test_every_choice_can_stand_in_the_file() -> None:
    assert set(_READERS) == {field.name for field in fields(Choices)}


def test_a_whole_file_is_read(tmp_path: Path) -> None:
    project = written(
        tmp_path,
        """
        by = "group"
        order = "instrument"
        exclude = ["Guide*", "color:#ff0000"]
        dry = "Gtr"
        start = 17
        end = 65.5
        tail = 2.5
        sample_rate = 44100
        bypass_fx = true

        [names]
        "Vox 1" = "Vocals_Lead"

        [groups]
        Drums = ["Kick*", "folder:Drums"]

        [notes]
        "Vox 1" = "the breath in bar 9 stays"
        """,
    )
    assert load_choices(project) == Choices(
        by="group",
        order="instrument",
        exclude=("Guide*", "color:#ff0000"),
        dry=("Gtr",),
        start="17",
        end="65.5s",
        tail="2.5",
        sample_rate=44100,
        bypass_fx=True,
        names=(("Vox 1", "Vocals_Lead"),),
        groups=(("Drums", ("Kick*", "folder:Drums")),),
        notes=(("Vox 1", "the breath in bar 9 stays"),),
    )


def test_options_win_over_the_file(tmp_path: Path) -> None:
    project = written(tmp_path, 'by = "group"\ntail = "none"\n')
    assert load_choices(project, {"by": "track", "tail": None}) == Choices(by="track", tail="none")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("excludes = []", r"'excludes'.*the nearest is 'exclude'"),
        ("sample-rate = 44100", r"the nearest is 'sample_rate'"),
        ("colour_of_the_sea = 1", r"it may hold by, bypass_fx"),
        ('by = "stem"', r"'by' must be 'track' or 'group', not 'stem'"),
        ("include = 3", r"'include' must be a list of texts"),
        ("include = [3]", r"'include' must be a list of texts"),
        ("names = []", r"'names' must be a table"),
        ("bypass_fx = 1", r"must be true or false"),
        ("sample_rate = true", r"whole number"),
        ("sample_rate = 0", r"whole number"),
        ("start = true", r"'start' must be a place"),
        ("tail = true", r"'tail' must be 'auto'"),
        ("by = ", r"is not valid TOML"),
    ],
)
def test_a_wrong_file_says_what_and_where(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(InputError, match=message) as caught:
        load_choices(written(tmp_path, text))
    assert CHOICES_FILE in str(caught.value)
