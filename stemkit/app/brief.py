"""The brief: started from what the project knows, and checked against the stems."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from stemkit.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from stemkit.model.delivery import Brief, ReferenceNote

__all__ = ["BriefCheck", "check_brief", "init_brief", "read_brief", "references_of"]

_REFERENCES = 2  # the guide asks for one or two


@dataclass(frozen=True, slots=True, kw_only=True)
class BriefCheck:
    """What is wrong with a brief; each entry is a sentence."""

    missing: tuple[str, ...] = ()
    unknown_stems: tuple[str, ...] = ()
    missing_references: tuple[str, ...] = ()

    @property
    def complete(self) -> bool:
        """True when there is nothing to say."""
        return not (self.missing or self.unknown_stems or self.missing_references)


def init_brief(
    project: Path,
    target: Path | None = None,
    *,
    profile: str = "mix-prep",
    overwrite: bool = False,
    ask: Callable[[str, str], str] | None = None,
) -> tuple[Path, Brief]:
    """Write ``brief.toml``, filled in from the project.

    Parameters
    ----------
    project
        A ``.rpp`` file.
    target
        Where; None writes beside the project.
    ask
        Called with a question and the value that is known so far for each part that only the artist knows, and for
        the note of each stem; returns the answer. None asks nothing.

    Raises
    ------
    InputError
        The project cannot be read, or there is a brief already and `overwrite` is off.
    """
    from stemkit.app.prepare import prepare
    from stemkit.delivery.brief import ASKED, BRIEF_FILE, brief_from, brief_toml
    from stemkit.render.atomic import part_file

    target = target or project.parent / BRIEF_FILE
    if target.exists() and not overwrite:
        raise InputError(f"{target} exists already; edit it, or say --overwrite.")
    prepared = prepare(project, profile=profile)
    brief = brief_from(prepared.session, prepared.plan)
    known = dict(prepared.choices.notes)
    brief = replace(brief, notes=tuple((stem, known.get(stem, note)) for stem, note in brief.notes))
    if ask is not None:
        fields = [("title", "Title"), ("artist", "Artist"), *((field, question) for field, question, _ in ASKED)]
        answers: dict[str, Any] = {field: ask(question, getattr(brief, field)) for field, question in fields}
        notes = tuple((stem, ask(f"Note for {stem}", note)) for stem, note in brief.notes)
        brief = replace(brief, notes=notes, references=_ask_references(ask), **answers)
    with part_file(target, overwrite=overwrite) as stream:
        stream.write(brief_toml(brief).encode("utf-8", "replace"))
    return target, brief


def _ask_references(ask: Callable[[str, str], str]) -> tuple[ReferenceNote, ...]:
    """Ask for one or two tracks that the song should sound like; an empty answer ends it."""
    from stemkit.model.delivery import ReferenceNote

    told: list[ReferenceNote] = []
    for number in range(1, _REFERENCES + 1):
        track = ask(f"Reference track {number} (a file beside the brief, or a link)", "")
        if not track:
            break
        note = ask("What to listen for in it", "")
        is_link = track.startswith(("http://", "https://"))
        told.append(ReferenceNote(link=track, note=note) if is_link else ReferenceNote(file=track, note=note))
    return tuple(told)


def read_brief(project: Path, brief: Path | None) -> Brief | None:
    """Read the brief that was named, else ``brief.toml`` beside the project, else return None.

    Raises
    ------
    InputError
        It cannot be read or is no brief.
    """
    from stemkit.delivery.brief import BRIEF_FILE, parse_brief

    path = brief if brief is not None else project.parent / BRIEF_FILE
    if brief is None and not path.is_file():
        return None
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path} cannot be read as a brief ({getattr(error, 'strerror', None) or error}).") from error
    return parse_brief(text, name=str(path), path=path)


def references_of(project: Path, brief: Path | None) -> list[Path]:
    """Return the references that its brief names and that are there; none where it cannot be read."""
    from stemkit.delivery.brief import reference_paths

    try:
        written = read_brief(project, brief)
    except InputError:  # the delivery itself will say so
        return []
    return [] if written is None else reference_paths(written)[0]


def check_brief(brief: Path, project: Path | None = None, *, profile: str = "mix-prep") -> BriefCheck:
    """Name what a brief does not say, the stems it invents and the references that are not there.

    Parameters
    ----------
    brief
        A ``brief.toml``.
    project
        The project whose stems the notes are about; None leaves the notes alone.

    Raises
    ------
    InputError
        The brief or the project cannot be read.
    """
    from stemkit.app.prepare import prepare
    from stemkit.delivery.brief import missing_parts, reference_paths
    from stemkit.rules.package_contents import unknown_notes

    told = read_brief(brief.parent / "unnamed.rpp", brief)
    assert told is not None, "a brief that was named is read or refused"
    _, absent = reference_paths(told)
    unknown: list[str] = []
    if project is not None:
        stems = [f"{stem.file_name}.wav" for stem in prepare(project, profile=profile).plan.stems]
        unknown = unknown_notes((name for name, _ in (*told.notes, *told.effects_left_on)), stems)
    return BriefCheck(
        missing=tuple(missing_parts(told)),
        unknown_stems=tuple(dict.fromkeys(unknown)),
        missing_references=tuple(absent),
    )
