"""The pretend REAPER inside the test's own process: its functions where the product looks for them."""

from __future__ import annotations

import types
from typing import TYPE_CHECKING, Any

from stemkit.reaper import inside_api
from tests.fakereaper.api import FakeApi
from tests.fakereaper.binding import build
from tests.fakereaper.project_loader import load
from tests.fakereaper.rendering import Renderer

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["functions", "open_here", "renders"]


def functions(api: FakeApi) -> Any:
    """Return the functions as reapy names them."""
    module = build(api)
    return types.SimpleNamespace(
        **{name[4:]: call for name, call in module.__dict__.items() if name.startswith("RPR_")}
    )


def open_here(project: Path, resource_path: Path, monkeypatch: Any) -> FakeApi:
    """Open a project in a pretend REAPER to which this process is the inside."""
    api = FakeApi(load(project), resource_path)
    found = functions(api)
    monkeypatch.setattr(inside_api, "functions", lambda: found)
    return api


def renders(api: FakeApi) -> Renderer:
    """Let the action that renders do so."""
    renderer = Renderer(api)
    api.targets = renderer.targets
    api.run_action = lambda _: renderer.render()
    return renderer
