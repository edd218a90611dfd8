"""Songs and REAPERs for the tests of headless renders, and the second mixer as their reference."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import soundfile

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

__all__ = ["PATIENT", "add_scripts", "engine", "null_db", "planned", "sound", "without_effects"]

PATIENT = Limits(start_s=60.0, stall_s=60.0)
_SCRIPTS = ("stemkit_gain_-12", "stemkit_gain_-6", "stemkit_clip_0.1")


def add_scripts(folder: Path, names: tuple[str, ...] = _SCRIPTS) -> None:
    (folder / "Effects").mkdir(exist_ok=True)
    for name in names:
        (folder / "Effects" / name).write_text(f"desc:{name}\n", encoding="utf-8")


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
    return session, make_plan(session, wish, media={}, project_name="Song", gain="none")


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
