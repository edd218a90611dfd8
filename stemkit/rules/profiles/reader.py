"""Reading a TOML table into a section's dataclass, with errors that name the file, the key and the nearest one."""

from __future__ import annotations

import dataclasses
import difflib
import math
import re
import types
import warnings
from typing import TYPE_CHECKING, Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

from stemkit.errors import InputError
from stemkit.model.audio import Role
from stemkit.rules.profiles.schema import SeverityOrOff

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = ["read_applies_to", "read_section", "read_severities", "unknown_key"]

Section = TypeVar("Section")
UNSET = "none"
_ROLES: tuple[str, ...] = get_args(Role)
_ROLE_GROUPS: dict[str, tuple[str, ...]] = {"mix": ("rough_mix", "proof_mix")}
_SEVERITIES: tuple[str, ...] = get_args(SeverityOrOff)


def unknown_key(key: str, known: Iterable[str], place: str) -> InputError:
    """Return the error for a key that nobody knows, with the nearest known one."""
    known = sorted(known)
    near = difflib.get_close_matches(key, known, n=1, cutoff=0.0)
    return InputError(f"{place} has no key {key!r}; the nearest is {near[0]!r}. It knows: {', '.join(known)}.")


def read_section(kind: type[Section], raw: Mapping[str, Any], place: str) -> Section:
    """Build one section.

    Parameters
    ----------
    kind
        The dataclass whose annotations say what is allowed.
    raw
        The TOML table, inheritance already applied.
    place
        File and section, for the error.

    Raises
    ------
    InputError
        A key is unknown, a required one is missing, or a value has the wrong type.
    """
    hints = get_type_hints(kind)
    for key in raw:
        if key not in hints:
            raise unknown_key(key, hints, place)
    values: dict[str, Any] = {}
    for spec in dataclasses.fields(kind):  # type: ignore[arg-type]  # every section is a dataclass
        if spec.name in raw:
            values[spec.name] = _value(raw[spec.name], hints[spec.name], f"{place} {spec.name}")
        elif spec.default is dataclasses.MISSING and spec.default_factory is dataclasses.MISSING:
            raise InputError(f"{place} lacks {spec.name!r}, which every profile must say.")
    return kind(**values)


def _value(value: Any, hint: Any, place: str) -> Any:
    """Hold one TOML value against a type annotation and return it in that type."""
    choices = get_args(hint) if get_origin(hint) in (Union, types.UnionType) else (hint,)
    literals = [word for choice in choices if get_origin(choice) is Literal for word in get_args(choice)]
    if value in literals and isinstance(value, str):
        return value
    if value == UNSET and types.NoneType in choices:
        return None
    for choice in choices:
        if get_origin(choice) is tuple and isinstance(value, list):
            return tuple(_value(item, get_args(choice)[0], place) for item in value)
        if choice is float and isinstance(value, int | float) and not isinstance(value, bool):
            return _finite(_as_float(value), place)
        if choice in (int, bool, str) and type(value) is choice:
            return value
    raise InputError(f"{place} is {value!r}, but should be {_wanted(choices)}.")


def _as_float(value: float) -> float:
    """Turn a number of TOML, whose whole numbers have no limit, into a float: infinite where it is too large."""
    try:
        return float(value)
    except OverflowError:
        return math.inf


def _finite(value: float, place: str) -> float:
    if value - value != 0.0:
        raise InputError(f"{place} must be an ordinary number, not {value}.")
    return value


def _wanted(choices: Iterable[Any]) -> str:
    """Describe the allowed types for people."""
    words: list[str] = []
    for choice in choices:
        if get_origin(choice) is Literal:
            words += [repr(word) for word in get_args(choice)]
        elif get_origin(choice) is tuple:
            words.append(f"a list of {_wanted((get_args(choice)[0],))}")
        elif choice is types.NoneType:
            words.append(repr(UNSET))
        else:
            words.append({float: "a number", int: "a whole number", bool: "true or false", str: "a text"}[choice])
    return " or ".join(words)


def read_severities(raw: Mapping[str, Any], known: Iterable[str], place: str) -> dict[str, SeverityOrOff]:
    """Read ``[severity]``: rule id to severity or ``"off"``; ``"none"`` gives a rule its own severity back."""
    known = frozenset(known)
    found: dict[str, SeverityOrOff] = {}
    for key, value in raw.items():
        if key not in known:
            raise unknown_key(key, known, place)
        if value == UNSET:
            continue
        if value not in _SEVERITIES:
            raise InputError(f"{place} {key} is {value!r}, but should be one of {', '.join(_SEVERITIES)}.")
        found[key] = value
    return found


def read_applies_to(raw: Mapping[str, Any], known: Iterable[str], place: str) -> dict[str, tuple[Role, ...]]:
    """Read ``[applies_to]``: rule id to the roles it judges; ``mix`` means the rough and the proof mix."""
    known = frozenset(known)
    found: dict[str, tuple[Role, ...]] = {}
    for key, value in raw.items():
        if key not in known:
            raise unknown_key(key, known, place)
        if value == UNSET:
            continue
        roles: list[Any] = []
        for word in value if isinstance(value, list) else [value]:
            if word not in _ROLES and word not in _ROLE_GROUPS:
                raise InputError(f"{place} {key} names {word!r}; roles are {', '.join((*_ROLE_GROUPS, *_ROLES))}.")
            roles += _ROLE_GROUPS.get(word, (word,))
        found[key] = tuple(roles)
    return found


def compile_pattern(pattern: str, fields: Iterable[str], place: str) -> re.Pattern[str]:
    """Compile a name pattern and make sure that it has the groups that are held to the header."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", FutureWarning)  # of signs that may get another meaning one day
            compiled = re.compile(pattern)
    except re.error as error:
        raise InputError(f"{place} pattern is no regular expression: {error}.") from None
    for name in fields:
        if name not in compiled.groupindex:
            raise InputError(f"{place} agree_with_header names {name!r}, but the pattern has no group (?P<{name}>…).")
    return compiled
