"""A link to a pretend REAPER in the test's own process: every question takes one tick."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from stemkit.reaper import inside, link
from stemkit.reaper.link import LinkError

if TYPE_CHECKING:
    import pytest
    from typing_extensions import Self

    from tests.fakereaper.api import FakeApi

__all__ = ["connect_here"]


class NearLink:
    own = True

    def __init__(self, api: FakeApi) -> None:
        self._api = api

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def shake_hands(self) -> dict[str, Any]:
        facts: dict[str, Any] = self.ask("hello")
        return facts

    def ask(self, name: str, *, timeout_s: float = 0.0, while_waiting: Any = None, **facts: Any) -> Any:
        answer = json.loads(inside.dispatch(name, json.dumps(facts)))
        inside.tick()
        self._api.end_tick()
        if not answer["ok"]:
            raise LinkError(answer["code"], answer["message"] + answer["traceback"])
        return answer["value"]


def connect_here(api: FakeApi, monkeypatch: pytest.MonkeyPatch) -> NearLink:
    """Let everything that opens a link reach this REAPER."""
    near = NearLink(api)
    monkeypatch.setattr(inside._Current, "machine", None)
    monkeypatch.setattr(link, "open_link", lambda: near)
    monkeypatch.setattr("stemkit.reaper.live_engine.open_link", lambda: near)
    monkeypatch.setattr("time.sleep", lambda _: None)
    return near
