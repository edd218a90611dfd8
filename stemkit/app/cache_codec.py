"""Measured facts as JSON and back, without losing a bit: floats come back as they went."""

from __future__ import annotations

import dataclasses
import json
from base64 import b64decode, b64encode
from collections.abc import Sequence
from functools import cache
from itertools import chain
from struct import pack
from types import NoneType, UnionType
from typing import TYPE_CHECKING, Any, Union, get_args, get_origin, get_type_hints

from stemkit.model.audio import AudioFacts, ContainerFacts

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["decode_facts", "encode_facts"]


def encode_facts(container: ContainerFacts, audio: AudioFacts) -> str:
    """Return facts as JSON."""
    columns = tuple(chain.from_iterable(audio.envelope))
    plain = {
        "container": _plain(container),
        "audio": _plain(dataclasses.replace(audio, envelope=())),
        "envelope": b64encode(pack(f"<{len(columns)}f", *columns)).decode(),  # it was measured as float32
    }
    return json.dumps(plain, separators=(",", ":"))


def decode_facts(text: str) -> tuple[ContainerFacts, AudioFacts]:
    """Return what `encode_facts` was given.

    Raises
    ------
    ValueError, TypeError, KeyError
        The text is something else.
    """
    from stemkit.audio.envelope import Columns

    told = json.loads(text)
    audio: AudioFacts = _reader(AudioFacts)(told["audio"])
    packed = b64decode(told["envelope"], validate=True)
    envelope = Columns(packed) if packed else ()
    return _reader(ContainerFacts)(told["container"]), dataclasses.replace(audio, envelope=envelope)


def _plain(value: Any) -> Any:
    if dataclasses.is_dataclass(value):
        return {field.name: _plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return b64encode(value).decode() if isinstance(value, bytes) else value


@cache
def _reader(hint: Any) -> Callable[[Any], Any]:
    """Return what builds a value of a type out of JSON."""
    if dataclasses.is_dataclass(hint) and isinstance(hint, type):
        hints = get_type_hints(hint, localns={"Sequence": Sequence})
        readers = {field.name: _reader(hints[field.name]) for field in dataclasses.fields(hint)}
        return lambda told: hint(**{name: read(told[name]) for name, read in readers.items()})
    origin, inner = get_origin(hint), get_args(hint)
    if origin in (Union, UnionType):
        (kind,) = (arg for arg in inner if arg is not NoneType)
        read = _reader(kind)
        return lambda told: None if told is None else read(told)
    if origin is tuple and inner[1:] == (...,):
        read_item = _reader(inner[0])
        return lambda told: tuple(read_item(item) for item in told)
    simple: dict[Any, Callable[[Any], Any]] = {Sequence: tuple, bytes: b64decode}
    return simple.get(origin or hint, _as_it_is)


def _as_it_is(told: Any) -> Any:
    return told
