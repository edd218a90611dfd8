"""REAPER's Python binding as the API header describes it: names, argument counts, shapes of answers, pointers as text.

What the real binding does with a mistake (nothing, or a crash) is an exception here: unknown functions, wrong
argument counts, stale and foreign pointers, texts that are no UTF-8, texts that are missing.
"""

from __future__ import annotations

import json
import re
import types
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.fakereaper.api import FakeApi

__all__ = ["SIGNATURES", "Answer", "Pointers", "StalePointerError", "build"]

SIGNATURES: dict[str, dict[str, Any]] = json.loads(
    Path(__file__).with_name("signatures.json").read_text(encoding="utf-8")
)
_POINTER_TYPES = {"ReaProject", "MediaTrack", "MediaItem", "MediaItem_Take", "TrackEnvelope", "PCM_source", "GUID"}
_POINTER = re.compile(r"\((\w+)\*\)0x([0-9A-F]{16})$")


class StalePointerError(Exception):
    """A pointer that means nothing any more went to REAPER, which would crash or do damage."""


class Answer:
    """What a function with outputs answers: its result, and each output by its name in the header."""

    def __init__(self, retval: Any = None, **outs: Any) -> None:
        self.retval = retval
        self.outs = outs


class Pointers:
    """Objects by address. Addresses change with every tick, so that nobody can keep one."""

    def __init__(self) -> None:
        self._next = 0x10_0000_1000
        self._objects: dict[int, tuple[str, Any]] = {}
        self._addresses: dict[tuple[str, int], int] = {}

    def forget(self) -> None:
        """Make every pointer but those of projects stale."""
        kept = {address: entry for address, entry in self._objects.items() if entry[0] == "ReaProject"}
        self._objects = kept
        self._addresses = {(kind, id(thing)): address for address, (kind, thing) in kept.items()}

    def forget_one(self, thing: Any) -> None:
        """Make the pointers of something that is gone stale."""
        self._objects = {address: entry for address, entry in self._objects.items() if entry[1] is not thing}
        self._addresses = {(kind, id(one)): address for address, (kind, one) in self._objects.items()}

    def address(self, kind: str, thing: Any) -> int:
        if thing is None:
            return 0
        key = (kind, id(thing))
        if key not in self._addresses:
            self._next += 0x40
            self._addresses[key] = self._next
            self._objects[self._next] = (kind, thing)
        return self._addresses[key]

    def text(self, kind: str, thing: Any) -> str:
        return f"({kind}*)0x{self.address(kind, thing):016X}"

    def find(self, text: Any) -> tuple[str, Any] | None:
        match = _POINTER.match(str(text))
        return self._objects.get(int(match[2], 16)) if match else None

    def resolve(self, kind: str, text: Any) -> Any:
        match = _POINTER.match(str(text))
        if text == 0 or (match and int(match[2], 16) == 0):
            return None
        entry = self.find(text)
        if match is None or entry is None or entry[0] != kind or match[1] != kind:
            raise StalePointerError(f"{text} is no {kind}")
        return entry[1]


def _pointer_kind(declared: str) -> str | None:
    kind = declared.removeprefix("const ").rstrip()
    return kind[:-1] if kind.endswith("*") and kind[:-1] in _POINTER_TYPES else None


def _as_text(value: Any, size: int | None) -> str:
    data: bytes = value if isinstance(value, bytes) else value.encode()  # None has no such method, as in the binding
    return data[: size - 1].decode() if size else data.decode()


def _wrap(name: str, call: Callable[..., Any], pointers: Pointers, note: Callable[..., None]) -> Callable[..., Any]:
    signature = SIGNATURES[name]
    declared = [argument.rsplit(" ", 1) for argument in signature["args"]]
    names = [argument for _, argument in declared]
    types_of = {argument: type_ for type_, argument in declared}
    shape = signature.get("answer")

    def function(*args: Any) -> Any:
        if len(args) != len(declared):
            raise TypeError(f"{name} takes {len(declared)} arguments, got {len(args)}")
        resolved = [
            pointers.resolve(kind, value) if (kind := _pointer_kind(type_)) else value
            for (type_, _), value in zip(declared, args, strict=True)
        ]
        answer = call(*resolved)
        given = answer if isinstance(answer, Answer) else Answer(answer)
        result = _result(given.retval, signature["returns"])
        note(name, args, given)
        if shape is None:
            return result
        sizes = dict(zip(names, args, strict=True))
        found = []
        for part in shape:
            if part == "retval":
                found.append(result)
            elif part in given.outs:
                value = given.outs[part]
                is_text = types_of[part] == "char*"
                found.append(_as_text(value, sizes.get(part + "_sz")) if is_text else value)
            else:
                found.append(sizes[part])
        return tuple(found)

    def _result(value: Any, returns: str) -> Any:
        kind = _pointer_kind(returns)
        if kind:
            return pointers.text(kind, value)
        if returns == "const char*":
            return _as_text(value, None)
        if returns == "void":
            return None
        return float(value) if returns == "double" else int(value or 0)

    return function


def build(api: FakeApi) -> types.ModuleType:
    """Make the module `reaper_python`; functions of this REAPER only, each under ``RPR_``."""
    module = types.ModuleType("reaper_python")
    for name in SIGNATURES:
        if name in api.lacking:
            continue
        call = getattr(api, name, None)
        if call is not None:
            setattr(module, "RPR_" + name, _wrap(name, call, api.pointers, api.note))
    module.__dict__["_ft"] = {"ValidatePtr2": lambda *_: 1}
    module.__dict__["rpr_packp"] = module.__dict__["rpr_packs"] = module.__dict__["rpr_unpacks"] = lambda *_: 0
    return module
