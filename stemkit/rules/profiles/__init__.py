"""Profiles: thresholds and severities as data. `load_profile` reads a shipped one by name or a user's own file."""

from __future__ import annotations

import dataclasses
import difflib
import sys
from pathlib import Path
from typing import Any

from stemkit.errors import InputError, UsageError
from stemkit.rules.profiles import reader, schema
from stemkit.rules.profiles.schema import Profile

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

__all__ = ["DEFAULT_PROFILE", "Profile", "load_profile", "profile_names", "profile_text"]

DEFAULT_PROFILE = "mix-prep"
_FOLDER = Path(__file__).parent
_SECTIONS: dict[str, type[Any]] = {
    "format": schema.Format,
    "peak": schema.PeakLimits,
    "sum": schema.SumLimits,
    "timeline": schema.Timeline,
    "content": schema.Content,
    "name": schema.Name,
    "files": schema.Files,
    "package": schema.Package,
    "session": schema.SessionLimits,
}
_TABLES = ("profile", *_SECTIONS, "severity", "applies_to")
_INHERITED_HEAD = ("gain",)  # who speaks and from which source is never inherited
_ORDERED = (  # section, lower limit, upper limit
    ("peak", "min_dbfs", "max_dbfs"),
    ("files", "count_min", "count_max"),
)
_POSITIVE = (("peak", "clip_run_samples"), ("name", "max_length"), ("files", "count_min"), ("files", "count_max"))
_NOT_NEGATIVE = (("peak", "max_raise_db"), ("timeline", "length_tolerance_frames"), ("content", "gap_min_s"))


def profile_names() -> tuple[str, ...]:
    """Return the names of the shipped profiles, the default first."""
    names = sorted(path.stem for path in _FOLDER.glob("*.toml"))
    return tuple(sorted(names, key=lambda name: name != DEFAULT_PROFILE))


def profile_text(name_or_path: str) -> str:
    """Return a profile's TOML as it is written, comments and all.

    Raises
    ------
    UsageError
        No shipped profile has this name.
    InputError
        The file cannot be read.
    """
    return _text(_locate(name_or_path))


def load_profile(name_or_path: str = DEFAULT_PROFILE) -> Profile:
    """Load a profile with everything that it inherits.

    Parameters
    ----------
    name_or_path
        A shipped profile's name, or the path of a ``.toml`` file. A file's `extends` is a name or a path
        relative to that file.

    Raises
    ------
    UsageError
        No shipped profile has this name.
    InputError
        The file cannot be read, has an unknown key (the nearest is named), or says something impossible.
    """
    path = _locate(name_or_path)
    return _build(_merged(path, ()), path)


def _locate(name_or_path: str, folder: Path | None = None) -> Path:
    if name_or_path in profile_names():
        return _FOLDER / f"{name_or_path}.toml"
    path = Path(name_or_path) if folder is None else folder / name_or_path
    if path.suffix.lower() == ".toml" or path.is_file():
        return path.resolve()
    near = difflib.get_close_matches(name_or_path, profile_names(), n=1, cutoff=0.0)[0]
    raise UsageError(
        f"There is no profile {name_or_path!r}; the nearest is {near!r}. `stemkit profiles` lists them; "
        "a profile of your own is given as the path of its .toml file."
    )


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise InputError(f"The profile {path} cannot be read: {reason}.") from None


def _parsed(path: Path) -> dict[str, dict[str, Any]]:
    try:
        raw = tomllib.loads(_text(path))
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"The profile {path.name} is not valid TOML: {error}.") from None
    for key, value in raw.items():
        if key not in _TABLES:
            raise reader.unknown_key(key, _TABLES, f"The profile {path.name}")
        if not isinstance(value, dict):
            raise InputError(f"In the profile {path.name}, {key!r} must be a table: [{key}].")
    return raw


def _merged(path: Path, seen: tuple[Path, ...]) -> dict[str, dict[str, Any]]:
    """Return the tables of a file laid over those of the profile it extends."""
    if path in seen:
        chain = " → ".join(p.name for p in (*seen, path))
        raise InputError(f"The profile {path.name} extends itself: {chain}.")
    own = _parsed(path)
    # Each file is held to the schema by itself, so that an error names the file that has it.
    _check_keys(own, path)
    base_name = own.get("profile", {}).get("extends")
    if base_name is None:
        return own
    base = _merged(_locate(base_name, path.parent), (*seen, path))
    base["profile"] = {key: value for key, value in base["profile"].items() if key in _INHERITED_HEAD}
    return {table: {**base.get(table, {}), **own.get(table, {})} for table in _TABLES}


def _check_keys(raw: dict[str, dict[str, Any]], path: Path) -> None:
    sections: dict[str, type[Any]] = {"profile": schema.Head, **_SECTIONS}
    for table, kind in sections.items():
        known = {spec.name for spec in dataclasses.fields(kind)}
        for key in raw.get(table, {}):
            if key not in known:
                raise reader.unknown_key(key, known, _place(path, table))
    reader.read_section(schema.Head, raw.get("profile", {}), _place(path, "profile"))


def _build(raw: dict[str, dict[str, Any]], path: Path) -> Profile:
    from stemkit.rules.catalogue import all_rules  # noqa: PLC0415  (rules import profiles for their thresholds)

    ids = [r.id for r in all_rules()]
    sections = {
        name: reader.read_section(kind, raw.get(name, {}), _place(path, name)) for name, kind in _SECTIONS.items()
    }
    profile = Profile(
        head=reader.read_section(schema.Head, raw["profile"], _place(path, "profile")),
        severities=reader.read_severities(raw.get("severity", {}), ids, _place(path, "severity")),
        applies_to=reader.read_applies_to(raw.get("applies_to", {}), ids, _place(path, "applies_to")),
        **sections,
    )
    _check_values(profile, path)
    return profile


def _place(path: Path, table: str) -> str:
    return f"[{table}] in the profile {path.name}"


def _check_values(profile: Profile, path: Path) -> None:
    for table, lower, upper in _ORDERED:
        section = getattr(profile, table)
        low, high = getattr(section, lower), getattr(section, upper)
        if low is not None and high is not None and low > high:
            raise InputError(f"{_place(path, table)} has {lower} {low} above {upper} {high}.")
    for names, least in ((_POSITIVE, 1), (_NOT_NEGATIVE, 0)):
        for table, key in names:
            value = getattr(getattr(profile, table), key)
            if value is not None and value < least:
                raise InputError(f"{_place(path, table)} {key} is {value}, but must be {least} or more.")
    if profile.name.pattern is not None:
        reader.compile_pattern(profile.name.pattern, profile.name.agree_with_header, _place(path, "name"))
    elif profile.name.agree_with_header:
        raise InputError(f"{_place(path, 'name')} has agree_with_header but no pattern whose groups could agree.")
