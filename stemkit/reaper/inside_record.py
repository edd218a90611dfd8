"""A record of every call to REAPER and its answer, without names. Runs inside REAPER (see `inside_api`).

One line a call: its name, its arguments and its answer as JSON. A tuple stands as ``{"tuple": [...]}``. Pointers and
GUIDs are numbered as they come; every other text is a number too, but for the keys that stemkit asks with and a few
answers that name no work of anybody.
"""

from __future__ import annotations

import json
import re
from typing import Any

__all__ = ["Recorder"]

_POINTER = re.compile(r"\((\w+\*)\)0x([0-9A-Fa-f]{16})$")
_GUID = re.compile(r"\{[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}\}")
_NUMBER = re.compile(r"-?[\d.]*$")
_QUOTED = re.compile(r"\"[^\"\n]*\"|'[^'\n]*'|`[^`\n]*`")

# Where in a call stands the key that it asks with.
_KEY_PLACES = {
    "APIExists": 0, "get_config_var_string": 0, "set_config_var_string": 0, "GetAudioDeviceInfo": 0,
    "GetSetProjectInfo": 1, "GetSetProjectInfo_String": 1, "GetMediaTrackInfo_Value": 1, "SetMediaTrackInfo_Value": 1,
    "GetSetMediaTrackInfo_String": 1, "GetMediaItemInfo_Value": 1, "GetSetMediaItemInfo_String": 1,
    "GetMediaItemTakeInfo_Value": 1, "GetSetMediaItemTakeInfo_String": 1, "GetSetEnvelopeInfo_String": 1,
    "TrackFX_GetNamedConfigParm": 2, "TakeFX_GetNamedConfigParm": 2, "TrackFX_GetParamFromIdent": 2,
    "TakeFX_GetParamFromIdent": 2, "GetTrackSendInfo_Value": 3, "SetTrackSendInfo_Value": 3,
}  # fmt: skip
# Answers that are kept as they are: by the function, or by the key that it is asked with.
_KEPT = {
    "GetAppVersion", "get_config_var_string", "GetMediaSourceType", "GetAudioDeviceInfo", "fx_type",
    "container_count", "container_item", "ACTIVE", "RENDER_FORMAT", "RENDER_FORMAT2",
}  # fmt: skip
_POINTER_KEYS = ("P_SRCTRACK", "P_ENV:<")


class Recorder:
    """Stands before REAPER's functions and notes every call.

    Parameters
    ----------
    rpr
        REAPER's functions.
    """

    def __init__(self, rpr: Any) -> None:
        self._rpr = rpr
        self._numbers: dict[str, int] = {}
        self.lines: list[str] = []

    def __getattr__(self, name: str) -> Any:
        call = getattr(self._rpr, name)

        def noted(*args: Any) -> Any:
            try:
                answer = call(*args)
            except Exception as error:
                self._note(name, args, {"raised": type(error).__name__})
                raise
            self._note(name, args, answer)
            return answer

        return noted

    def question(self, name: str) -> None:
        """Note which question the calls that follow belong to."""
        self.lines.append(json.dumps({"question": name}))

    def _note(self, name: str, args: tuple[Any, ...], answer: Any) -> None:
        place = _KEY_PLACES.get(name)
        key = args[place] if place is not None and place < len(args) else ""
        chunk = name.endswith("StateChunk")
        asked = [
            one if number == place else self._plain(one, kept=False, chunk=chunk) for number, one in enumerate(args)
        ]
        kept = name in _KEPT or str(key).split(".")[0] in _KEPT
        told = answer
        if isinstance(answer, float) and str(key).startswith(_POINTER_KEYS):
            told = float(self._number("0x", f"{int(answer):016X}")) if answer else 0.0
        elif not (isinstance(answer, dict) and "raised" in answer):
            told = self._plain(answer, kept=kept, chunk=chunk, echoed=[str(key)])
        self.lines.append(json.dumps({"call": name, "args": asked, "answer": told}))

    def _plain(self, value: Any, *, kept: bool, chunk: bool, echoed: list[str] | None = None) -> Any:
        if isinstance(value, tuple):
            return {"tuple": [self._plain(one, kept=kept, chunk=chunk, echoed=echoed) for one in value]}
        if not isinstance(value, str) or value in (echoed or ()):
            return value
        return self._text(value, kept=kept, chunk=chunk)

    def _text(self, value: str, *, kept: bool, chunk: bool) -> str:
        pointer = _POINTER.match(value)
        if pointer:
            number = self._number("0x", pointer[2].upper()) if int(pointer[2], 16) else 0
            return f"({pointer[1]})0x{number:016X}"
        if (chunk and value.startswith("<")) or _GUID.fullmatch(value):  # a name may look like a beginning of either
            bare = _QUOTED.sub(lambda found: f'"{self._name(found[0])}"', value)
            return _GUID.sub(lambda found: f"{{00000000-0000-0000-0000-{self._number('{', found[0]):012d}}}", bare)
        return value if kept or _NUMBER.match(value) else self._name(value)

    def _name(self, value: str) -> str:
        return f"text {self._number('', value)}"

    def _number(self, kind: str, value: str) -> int:
        """Give the same thing the same number."""
        return self._numbers.setdefault(kind + value, len(self._numbers) + 1)
