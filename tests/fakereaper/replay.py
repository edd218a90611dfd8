"""REAPER's functions as a record of them says: each call has to be the next one noted, and gets its answer."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["Replay"]


class Replay:
    """The calls that belong to one question of a record.

    Parameters
    ----------
    path
        The file that ``stemkit doctor --selftest --record`` wrote.
    question
        Which calls to replay.
    number
        Which time it was asked, from 0.
    """

    def __init__(self, path: Path, question: str, number: int = 0) -> None:
        lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
        places = [place for place, line in enumerate(lines) if line.get("question") == question]
        found = lines[places[number] + 1 :]
        end = next((place for place, line in enumerate(found) if "question" in line), len(found))
        self._calls = iter(found[:end])

    def __getattr__(self, name: str) -> Any:
        def answered(*args: Any) -> Any:
            noted = next(self._calls)
            assert noted["call"] == name, f"{name} is asked, {noted['call']} was noted"
            assert len(noted["args"]) == len(args)
            for was, now in zip(noted["args"], args, strict=True):
                assert was == now, f"{name}: {was!r} was noted, {now!r} is asked"
            if isinstance(noted["answer"], dict) and "raised" in noted["answer"]:
                raise AttributeError(noted["answer"]["raised"])
            return _unpacked(noted["answer"])

        return answered

    def is_over(self) -> bool:
        return next(self._calls, None) is None


def _unpacked(value: Any) -> Any:
    if isinstance(value, dict):
        return tuple(_unpacked(one) for one in value["tuple"])
    return value
