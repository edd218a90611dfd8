"""`brief.toml`: what cannot be heard in the files, prefilled from the project, read without surprise."""

from __future__ import annotations

import json
import os
import sys
from dataclasses import fields
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any

from stemkit.errors import InputError
from stemkit.model.delivery import Brief, ReferenceNote
from stemkit.session.plugins import live_effects
from stemkit.session.sound import processing_effects
from stemkit.session.tempo import TempoMap, bar_at

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

if TYPE_CHECKING:
    from stemkit.model.plan import RenderPlan
    from stemkit.model.session import Session

__all__ = ["ASKED", "BRIEF_FILE", "brief_from", "brief_toml", "missing_parts", "parse_brief", "reference_paths"]

BRIEF_FILE = "brief.toml"
# What only the artist knows, in the order in which one would tell it: field, question, example.
ASKED: tuple[tuple[str, str, str], ...] = (
    ("genre", "Genre", "indie pop, close to ..."),
    ("platform", "Where it will be released", "Spotify, YouTube, TikTok, film"),
    ("mood", "Mood", "dark and intimate until the last chorus"),
    ("goal", "What the mix should achieve", "the voice up front, drums that push"),
    ("key", "Key", "E minor"),
    ("contact", "Contact", "name, mail or phone"),
    ("deadline", "Deadline", "2026-12-01"),
    ("stems", "What the engineer asked for", "multitrack or groups"),
    ("effects", "Effects", "wet, dry, or both for ..."),
    ("depth", "Sample format", "24-bit"),
)
_TEXTS = tuple(
    name
    for name in (*("title", "artist"), *(field for field, _, _ in ASKED), "tempo", "meter", "lyrics")
    if name in {f.name for f in fields(Brief)}
)
_NEEDED = {"title", "artist", "genre", "platform", "mood", "goal", "contact", "deadline"}
_TABLES = ("notes", "effects_left_on")
_KEYS = (*_TEXTS, *_TABLES, "plugins", "markers", "references")
_KEY_WORDS = ("key", "tonart", "tonality", "scale")


def brief_from(session: Session, plan: RenderPlan) -> Brief:
    """Fill in what the project knows.

    Parameters
    ----------
    session
        The project.
    plan
        Its stems, each of which gets room for a note.
    """
    by_guid = {track.guid: track for track in session.tracks}
    effects, plugins = {}, dict[str, None]()
    for track in session.tracks:
        plugins.update(dict.fromkeys(effect.name for effect in live_effects(track.fx)))
    for stem in plan.stems:
        cut = by_guid.get(stem.cut_guid) if stem.variant == "stem" else None
        names = [effect.name for effect in processing_effects(cut)] if cut is not None else []
        if names:
            effects[stem.name] = ", ".join(names)
    return Brief(
        title=session.title or plan.project,
        artist=session.author,
        tempo=_tempo_words(session),
        meter=_meter_words(session),
        key=_noted_key(session.notes),
        depth={"pcm24": "24-bit", "float32": "32-bit float"}[plan.encoding],
        stems={"track": "multitrack", "group": "groups"}[plan.by],
        notes=tuple((stem.name, "") for stem in plan.stems if stem.variant == "stem"),
        effects_left_on=tuple(effects.items()),
        plugins=tuple(sorted(plugins)),
        markers=tuple((_place(session, marker.position_s), marker.name) for marker in session.markers if marker.name),
    )


def _tempo_words(session: Session) -> str:
    stretches = TempoMap.of(session).stretches
    tempos = [s.bpm for s in stretches] + [s.end_bpm for s in stretches]
    low, high = min(tempos), max(tempos)
    return f"{low:.6g} BPM" if low == high else f"{low:.6g} to {high:.6g} BPM, see the tempo map"


def _meter_words(session: Session) -> str:
    meters = dict.fromkeys(f"{s.numerator}/{s.denominator}" for s in TempoMap.of(session).stretches)
    return ", ".join(meters)


def _noted_key(notes: str) -> str:
    """Find a line such as ``Key: E minor`` in the project's notes."""
    for line in notes.splitlines():
        word, colon, value = line.partition(":")
        if colon and word.strip().casefold() in _KEY_WORDS:
            return value.strip()
    return ""


def _place(session: Session, time_s: float) -> str:
    bar, beat = bar_at(session, time_s)
    return f"bar {bar}" if abs(beat - 1) < 0.01 else f"bar {bar} beat {beat:.3g}"


def parse_brief(text: str, *, name: str, path: Path | None = None) -> Brief:
    """Read a brief.

    Parameters
    ----------
    text
        The contents of ``brief.toml``.
    name
        What to call it in error messages.
    path
        Where it lies.

    Raises
    ------
    InputError
        It is no TOML, has a key that nothing reads, or a value of the wrong kind.
    """
    try:
        table = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise InputError(f"{name} is not valid TOML: {error}.") from error
    for key in table:
        if key not in _KEYS:
            close = get_close_matches(key.lower(), _KEYS, n=1, cutoff=0.5)
            hint = f"the nearest is {close[0]!r}" if close else f"it may hold {', '.join(_KEYS)}"
            raise InputError(f"{name} has a key {key!r} that nothing reads; {hint}.")
    texts: dict[str, Any] = {key: _text(table[key], key, name) for key in _TEXTS if key in table}
    tables: dict[str, Any] = {key: _pairs(table[key], key, name) for key in _TABLES if key in table}
    return Brief(
        **texts,
        **tables,
        plugins=tuple(_text(entry, "plugins", name) for entry in _list(table.get("plugins", []), "plugins", name)),
        markers=tuple(
            (_text(row.get("place", ""), "place", name), _text(row.get("name", ""), "name", name))
            for row in _rows(table.get("markers", []), "markers", ("place", "name"), name)
        ),
        references=tuple(
            ReferenceNote(**{key: _text(row.get(key, ""), key, name) for key in ("file", "link", "note")})
            for row in _rows(table.get("references", []), "references", ("file", "link", "note"), name)
        ),
        path=None if path is None else str(path),
    )


def _wrong(key: str, wanted: str, name: str) -> InputError:
    return InputError(f"{name}: {key!r} must be {wanted}.")


def _text(value: Any, key: str, name: str) -> str:
    if isinstance(value, bool | dict | list) or value is None:
        raise _wrong(key, "a text", name)
    return str(value).strip()  # a number or a date that somebody wrote without quotes is meant as it stands


def _list(value: Any, key: str, name: str) -> list[Any]:
    if not isinstance(value, list):
        raise _wrong(key, "a list", name)
    return value


def _pairs(value: Any, key: str, name: str) -> tuple[tuple[str, str], ...]:
    if not isinstance(value, dict):
        raise _wrong(key, "a table of stem = 'text'", name)
    told = ((stem, _text(entry, f"{key}.{stem}", name)) for stem, entry in value.items())
    return tuple((stem, entry) for stem, entry in told if entry)  # an empty note is room for one


def _rows(value: Any, key: str, allowed: tuple[str, ...], name: str) -> list[dict[str, Any]]:
    rows = _list(value, key, name)
    for row in rows:
        if not isinstance(row, dict) or not set(row) <= set(allowed):
            raise _wrong(key, f"a list of tables with {', '.join(allowed)}", name)
    return [row for row in rows if any(str(entry).strip() for entry in row.values())]


def missing_parts(brief: Brief) -> list[str]:
    """Name the parts that an engineer will ask for and that the brief does not say, in its order."""
    absent = [name for name in _TEXTS if name in _NEEDED and not getattr(brief, name)]
    return absent if brief.references else [*absent, "references"]


def reference_paths(brief: Brief) -> tuple[list[Path], list[str]]:
    """Find the reference files.

    Returns
    -------
    tuple of list of Path and list of str
        The files that are there, and the ones, as written, that are not.
    """
    folder = Path(brief.path).parent if brief.path is not None else Path()
    there, absent = [], []
    for entry in brief.references:
        if entry.file:
            path = folder / entry.file
            if os.path.isfile(path):  # noqa: PTH113  (never raises, however long the name)
                there.append(path)
            else:
                absent.append(entry.file)
    return there, absent


def brief_toml(brief: Brief) -> str:
    """Write a brief as a file to fill in: every part stands there, with an example where it is empty."""
    examples = {field: f"{question}: {example}" for field, question, example in ASKED}
    lines = ["# What cannot be heard in the files. Empty parts are named by `stemkit brief check`.", ""]
    for key in _TEXTS:
        comment = f"  # {examples[key]}" if key in examples and not getattr(brief, key) else ""
        lines.append(f"{key} = {_quoted(getattr(brief, key))}{comment}")
    lines += ["", "# The plug-ins that the project uses.", f"plugins = [{', '.join(map(_quoted, brief.plugins))}]"]
    lines += ["", "# What to know about a stem: intent, faults, what must not change.", "[notes]"]
    lines += [f"{_quoted(stem)} = {_quoted(note)}" for stem, note in brief.notes]
    lines += ["", "# Effects that are printed because they make the sound. Take out what is not.", "[effects_left_on]"]
    lines += [f"{_quoted(stem)} = {_quoted(effects)}" for stem, effects in brief.effects_left_on]
    for place, name in brief.markers:
        lines += ["", "[[markers]]", f"place = {_quoted(place)}", f"name = {_quoted(name)}"]
    lines += ["", "# One or two songs: a file beside this one, or a link where the file may not be passed on."]
    for entry in brief.references or (ReferenceNote(),):
        lines += ["[[references]]", *(f"{key} = {_quoted(getattr(entry, key))}" for key in ("file", "link", "note"))]
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    """Write a TOML basic string: JSON escapes the same signs, but for DEL."""
    plain = text.encode("utf-8", "replace").decode("utf-8")
    return json.dumps(plain, ensure_ascii=False).replace("\x7f", "\\u007f")
