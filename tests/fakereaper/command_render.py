"""What the pretend REAPER does once a project is loaded from the command line."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

from stemkit.reaper import inside_api
from tests.fakereaper.api import FakeApi
from tests.fakereaper.command import dialog
from tests.fakereaper.model import Effect, Project, Source
from tests.fakereaper.process import functions
from tests.fakereaper.project_loader import load
from tests.fakereaper.rendering import DialogError, Renderer

__all__ = ["render"]


def render(path: Path, config: Path | None, trap: str) -> int:
    """Load, render, and fall into the trap."""
    project = load(path)
    missing = [name for name in media_of(project) if not Path(name).is_file()]
    if missing:
        dialog(f"Replace missing file {missing[0]}")
    resource = config.parent if config is not None else path.parent
    forget_unknown_scripts(project, resource)
    api = FakeApi(project, resource)
    found = functions(api)
    inside_api.api = lambda: found
    renderer = Renderer(api)
    stems = int(project.numbers["RENDER_SETTINGS"]) & 3 == 3
    if trap == "nothing to render" or (trap == "no stems" and stems):
        dialog("Nothing to render!")
    if trap == "no stems, exit" and stems:
        return 0
    if trap == "overwrite":
        first = Path(renderer.targets()[0])
        first.parent.mkdir(parents=True, exist_ok=True)
        first.write_bytes(b"somebody else's")
    try:
        written = renderer.render()
    except DialogError as error:
        dialog(str(error))
    return after_render(written, trap)


def after_render(written: list[Path], trap: str) -> int:
    if trap in {"crash", "truncated"}:
        os.truncate(written[-1], written[-1].stat().st_size // 2)
    if trap == "crash":
        for path in written[1:]:
            path.unlink()
        os.kill(os.getpid(), signal.SIGSEGV)
    if trap == "never ends":
        time.sleep(600)
    return 1 if trap == "exit 1 on success" else 0


def media_of(project: Project) -> list[str]:
    def files(source: Source | None) -> list[str]:
        return [] if source is None else [*([source.file] if source.file else []), *files(source.child)]

    takes = [take for track in project.tracks for item in track.items for take in item.takes if take is not None]
    return [name for take in takes for name in files(take.source)]


def forget_unknown_scripts(project: Project, resource: Path) -> None:
    """Let effects vanish without a word that are not among this configuration's own."""

    def known(effect: Effect) -> bool:
        return effect.kind != "JS" or (resource / "Effects" / effect.identifier).is_file()

    for track in [*project.tracks, project.master]:
        track.effects = [effect for effect in track.effects if known(effect)]
