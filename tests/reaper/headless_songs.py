"""Songs and REAPERs for the tests of headless renders, and the second mixer as their reference."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import soundfile

from stemkit.app.prepare import media_paths
from stemkit.audio.media import probe_media
from stemkit.model.delivery import Choices
from stemkit.model.session import FxChain
from stemkit.reaper.headless import HeadlessEngine
from stemkit.reaper.headless_find import find_reaper
from stemkit.reaper.headless_run import Limits
from stemkit.reaper.project_file import load_project
from stemkit.render.planner import make_plan
from tests.fakereaper.command import install

if TYPE_CHECKING:
    from stemkit.model.plan import RenderPlan
    from stemkit.model.session import Session

__all__ = ["PATIENT", "add_scripts", "engine", "list_plug_ins", "null_db", "planned", "sound", "without_effects"]

PATIENT = Limits(start_s=60.0, stall_s=60.0)
_SCRIPTS = ("stemkit_gain_-12", "stemkit_gain_-6", "stemkit_clip_0.1")


def add_scripts(folder: Path, names: tuple[str, ...] = _SCRIPTS) -> None:
    (folder / "Effects").mkdir(parents=True, exist_ok=True)
    for name in names:
        (folder / "Effects" / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / "Effects" / name).write_text(f"desc:{name}\n", encoding="utf-8")


def list_plug_ins(folder: Path, session: Session) -> None:
    """Write the list that REAPER keeps after a scan, with every plug-in that a project uses."""
    effects = [fx for chain in (session.master.fx, *(track.fx for track in session.tracks)) for fx in chain.effects]
    scripts = {fx.identifier for fx in effects if fx.kind == "js"}
    add_scripts(folder, tuple(sorted(scripts)))
    lines = {
        f"{fx.identifier.replace(' ', '_')}=00A1B2C3,1933719658{{ABC,{fx.name}" for fx in effects if fx.kind != "js"
    }
    (folder / "reaper-vstplugins64.ini").write_text("\n".join(["[vstcache]", *sorted(lines), ""]), encoding="utf-8")


def engine(folder: Path, *, limits: Limits = PATIENT, **options: Any) -> HeadlessEngine:
    """The engine with a pretend REAPER that it finds in this folder."""
    program = install(folder)
    add_scripts(folder)
    installation = find_reaper(program)
    assert installation is not None
    return HeadlessEngine(installation, limits=limits, **options)


def planned(project: Path, **choices: Any) -> tuple[Session, RenderPlan]:
    session = load_project(project)
    wish = Choices(**{"tail": "none"} | choices)
    media = probe_media(media_paths(session))
    return session, make_plan(session, wish, media=media, project_name="Song", gain="none")


def without_effects(session: Session, gains: dict[str, float]) -> Session:
    """The same song for a mixer that knows no effects: those of gain alone are in the faders."""
    tracks = [replace(t, volume=t.volume * gains.get(t.name, 1.0), fx=FxChain()) for t in session.tracks]
    return replace(session, tracks=tuple(tracks), master=replace(session.master, fx=FxChain()))


def sound(path: Path) -> np.ndarray:
    return np.asarray(soundfile.read(path, dtype="float64", always_2d=True)[0])


def null_db(got: Any, expected: Any) -> float:
    """The residual below the expected, in dB of RMS; silence against silence is minus infinity."""
    residual, level = np.sqrt(np.mean((got - expected) ** 2)), np.sqrt(np.mean(np.square(expected)))
    if residual == 0:
        return -np.inf
    return float(20 * np.log10(residual / max(level, 1e-12)))
