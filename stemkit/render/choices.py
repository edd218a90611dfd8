"""The choices that last: `stemkit.toml` beside the project, with the command line's options on top."""

from __future__ import annotations

import sys
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from stemkit.errors import InputError
from stemkit.model.delivery import Choices

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

__all__ = ["CHOICES_FILE", "load_choices"]

CHOICES_FILE = "stemkit.toml"


def load_choices(project: Path, overrides: Mapping[str, object] | None = None) -> Choices:
    """Read the choices for a project.

    Parameters
    ----------
    project
        The project's file; ``stemkit.toml`` is looked for in its folder.
    overrides
        Fields of `Choices` that win over the file; None means not given.

    Raises
    ------
    InputError
        The file is no TOML, has a key that nothing reads, or a value of the wrong kind.
    """
    path = project.parent / CHOICES_FILE
    chosen = _read(path) if path.is_file() else {}
    chosen.update({key: value for key, value in (overrides or {}).items() if value is not None})
    return Choices(**chosen)


def _read(path: Path) -> dict[str, Any]:
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputError(f"{path} is not valid TOML: {error}.") from error
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}.") from error
    for key in table:
        if key not in _READERS:
            raise InputError(f"{path} has a key {key!r} that nothing reads; {_nearest(key)}.")
    return {key: _value(path, key, value) for key, value in table.items()}


def _nearest(key: str) -> str:
    close = get_close_matches(key.lower().replace("-", "_"), sorted(_READERS), n=1, cutoff=0.5)
    return f"the nearest is {close[0]!r}" if close else f"it may hold {', '.join(sorted(_READERS))}"


def _value(path: Path, key: str, value: object) -> object:
    reader, wanted = _READERS[key]
    try:
        return reader(value)
    except TypeError as error:
        raise InputError(f"{path}: {key!r} must be {wanted}, not {value!r}.") from error


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(value)
    return value


def _texts(value: object) -> tuple[str, ...]:
    if isinstance(value, str):
        return (value,)
    if not isinstance(value, list):
        raise TypeError(value)
    return tuple(_text(entry) for entry in value)


def _table(value: object) -> dict[str, object]:
    if not isinstance(value, dict):
        raise TypeError(value)
    return value


def _text_table(value: object) -> tuple[tuple[str, str], ...]:
    return tuple((key, _text(entry)) for key, entry in _table(value).items())


def _group_table(value: object) -> tuple[tuple[str, tuple[str, ...]], ...]:
    return tuple((key, _texts(entry)) for key, entry in _table(value).items())


def _place(value: object) -> str:
    if isinstance(value, float):
        return f"{value!r}s"  # seconds; a whole number is a bar, as on the command line
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return _text(value)


def _tail(value: object) -> str:
    return str(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else _text(value)


def _switch(value: object) -> bool:
    if not isinstance(value, bool):
        raise TypeError(value)
    return value


def _rate(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value <= 0:
        raise TypeError(value)
    return value


def _one_of(*allowed: str) -> tuple[Callable[[object], object], str]:
    def read(value: object) -> object:
        if value not in allowed:
            raise TypeError(value)
        return value

    return read, " or ".join(repr(entry) for entry in allowed)


_LIST = (_texts, "a list of texts")
_PLACE = (_place, "a place such as '17:1' or '12.5s'")
_READERS: Mapping[str, tuple[Callable[[object], object], str]] = {
    "by": _one_of("track", "group"),
    "order": _one_of("project", "instrument"),
    "include": _LIST,
    "exclude": _LIST,
    "names": (_text_table, "a table of track = 'name'"),
    "groups": (_group_table, "a table of group = ['track', ...]"),
    "dry": _LIST,
    "wet": _LIST,
    "notes": (_text_table, "a table of track = 'note'"),
    "start": _PLACE,
    "end": _PLACE,
    "tail": (_tail, "'auto', 'none' or seconds"),
    "channels": _one_of("auto", "stereo", "source"),
    "gain": _one_of("window", "common", "none"),
    "encoding": _one_of("pcm24", "float32"),
    "bypass_fx": (_switch, "true or false"),
    "sample_rate": (_rate, "a whole number of hertz"),
}
