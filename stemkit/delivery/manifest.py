"""`manifest.json`, schema ``stemkit.manifest/1``: written by the sender, read without trust by the receiver."""

from __future__ import annotations

import json
import math
from collections import Counter
from dataclasses import MISSING, asdict, fields
from typing import TYPE_CHECKING, Any

from stemkit.delivery.zip_names import name_problem
from stemkit.errors import InputError
from stemkit.model.delivery import Manifest, ManifestFile

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["MAX_BYTES", "SCHEMA", "manifest_bytes", "parse_manifest"]

SCHEMA = "stemkit.manifest/1"
MAX_BYTES = 64 << 20  # ours: far above what the manifest of 10,000 stems needs
_HASH_KEYS = ("sha256", "audio_sha256")
_HEX_DIGITS = frozenset("0123456789abcdef")
_NUMBER = (int, float)
_OF_MANIFEST: Mapping[str, type | tuple[type, ...]] = {
    **dict.fromkeys(("created", "title", "artist", "key"), str),
    **dict.fromkeys(("profile", "project", "tempo", "bounds", "gain", "engine"), dict),
    **dict.fromkeys(("excluded", "left_out", "findings"), list),
    "sample_rate": int,
    "proof": (dict, type(None)),
}
_OF_FILE: Mapping[str, type | tuple[type, ...]] = {
    **dict.fromkeys(("path", "kind", "sha256"), str),
    **dict.fromkeys(("audio_sha256", "role", "variant", "partner", "note"), (str, type(None))),
    "size_bytes": int,
    "number": (int, type(None)),
    "source_tracks": list,
    "trim_db": (*_NUMBER, type(None)),
    "facts": (dict, type(None)),
}


def manifest_bytes(manifest: Manifest) -> bytes:
    """Write a manifest as strict JSON; the same manifest gives the same bytes."""
    plain = asdict(manifest)
    extra, tool = plain.pop("extra"), plain.pop("tool")
    document = {"schema": SCHEMA, "stemkit": tool, **plain, **extra}
    return (json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False) + "\n").encode("utf-8", "replace")


def parse_manifest(data: bytes, *, name: str) -> Manifest:
    """Read a manifest.

    Parameters
    ----------
    data
        The bytes of the file.
    name
        What to call it in error messages.

    Raises
    ------
    InputError
        It is no JSON, has another schema, lacks something, or lists a path that leads out of the package.
    """
    if len(data) > MAX_BYTES:
        raise InputError(
            f"{name} has more than {MAX_BYTES >> 20} MB, which no manifest has; ask for the package again."
        )
    try:
        document = json.loads(data.decode("utf-8"), parse_constant=_refuse_constant, parse_float=_finite)
    except (ValueError, RecursionError) as error:
        raise InputError(f"{name} is damaged ({error}); ask for the package again.") from error
    if not isinstance(document, dict) or document.get("schema") != SCHEMA:
        raise InputError(f"{name} is no manifest of the schema {SCHEMA}; give what `stemkit deliver` made.")
    try:
        return _manifest(document)
    except ValueError as error:
        raise InputError(f"{name} is damaged: {error}; ask for the package again.") from error


def _refuse_constant(text: str) -> None:
    raise ValueError(f"{text} is no number")


def _finite(text: str) -> float:
    """Read a number; one such as 1e400 would become infinite and could not be written again."""
    value = float(text)
    if math.isinf(value):
        raise ValueError(f"{text[:20]} is too large")
    return value


def _manifest(document: dict[str, Any]) -> Manifest:
    given = _fitting(document, _OF_MANIFEST, Manifest, "the manifest")
    lists = {key: tuple(_table(entry) for entry in value) for key, value in given.items() if isinstance(value, list)}
    entries = document.get("files")
    if not isinstance(entries, list) or not isinstance(document.get("stemkit"), str):
        raise ValueError("it lists no files")  # noqa: TRY004  (one kind of damage for the caller)
    files = tuple(_file(_table(entry)) for entry in entries)
    twice = next((path for path, count in Counter(file.path for file in files).items() if count > 1), None)
    if twice is not None:
        raise ValueError(f"it lists {twice} twice")
    extra = {key: value for key, value in document.items() if key not in {*_OF_MANIFEST, "schema", "stemkit", "files"}}
    return Manifest(files=files, tool=document["stemkit"], extra=extra, **{**given, **lists})


def _table(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise ValueError("an entry of a list is no table")  # noqa: TRY004  (the caller names the manifest for a ValueError)
    return value


def _fitting(
    table: Mapping[str, Any], kinds: Mapping[str, type | tuple[type, ...]], target: type, what: str
) -> dict[str, Any]:
    """Take the known keys of a table, each of its kind; a key may be absent only where the target has a default."""
    optional = {f.name for f in fields(target) if f.default is not MISSING}
    fitting = {}
    for key, kind in kinds.items():
        if key not in table:
            if key not in optional:
                raise ValueError(f"{what} has no {key}")
            continue
        value = table[key]
        if not isinstance(value, kind) or isinstance(value, bool):
            raise ValueError(f"{key} of {what} is not what it should be")  # noqa: TRY004  (as above)
        fitting[key] = value
    return fitting


def _file(table: dict[str, Any]) -> ManifestFile:
    given = _fitting(table, _OF_FILE, ManifestFile, "a file")
    if problem := name_problem(given["path"]):
        raise ValueError(f"the path {given['path']!r} {problem}")
    for key in _HASH_KEYS:
        value = given.get(key)
        if value is not None and (len(value) != 64 or not _HEX_DIGITS.issuperset(value)):
            raise ValueError(f"the {key} of {given['path']} is no hash")
    if "source_tracks" in given:
        given["source_tracks"] = tuple(_table(entry) for entry in given["source_tracks"])
    return ManifestFile(**given)
