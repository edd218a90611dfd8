"""What every use case on a project begins with: read it, take in the choices, look at the media, plan."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from stemkit.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from stemkit.model.audio import MediaInfo
    from stemkit.model.delivery import Choices
    from stemkit.model.plan import Fidelity, RenderPlan
    from stemkit.model.session import Session
    from stemkit.rules.profiles.schema import Profile

__all__ = ["Prepared", "fidelity_of", "media_paths", "prepare"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """A project, read and planned."""

    path: Path
    session: Session
    choices: Choices
    profile: Profile
    media: Mapping[str, MediaInfo | None]
    plan: RenderPlan


def media_paths(session: Session) -> list[str]:
    """Return every media file that was found for the project's takes, once each, in order."""
    found = {
        take.source.media.resolved_path: None
        for track in session.tracks
        for item in track.items
        for take in item.takes
        if take.source is not None and take.source.media.resolved_path is not None
    }
    return list(found)


def fidelity_of(prepared: Prepared) -> Mapping[str, Fidelity]:
    """Say for each file of the plan how true the built-in engine would be to it."""
    from stemkit.render.builtin import BuiltinEngine

    return BuiltinEngine(bypass_fx=prepared.choices.bypass_fx).fidelity(prepared.session, prepared.plan)


def prepare(
    project: Path | None, *, profile: str = "mix-prep", overrides: Mapping[str, object] | None = None
) -> Prepared:
    """Read a project and plan its stems; nothing is rendered.

    Parameters
    ----------
    project
        A ``.rpp`` file; None reads the project that is open in REAPER.
    profile
        Name of a profile, or path of a TOML file.
    overrides
        Fields of `Choices` that win over the ``stemkit.toml`` beside the project.

    Raises
    ------
    InputError
        The project, the profile or ``stemkit.toml`` cannot be read.
    LinkError
        The open project is wanted, and REAPER cannot be reached.
    """
    from stemkit.audio.media import probe_media
    from stemkit.render.choices import load_choices
    from stemkit.render.planner import make_plan
    from stemkit.rules.profiles import load_profile

    rules = load_profile(profile)
    session, path, device_rate = _read(project)
    choices = load_choices(path, overrides or {})
    if device_rate is not None and choices.sample_rate is None:
        choices = replace(choices, sample_rate=device_rate)
    media = probe_media(media_paths(session))
    plan = make_plan(session, choices, media=media, project_name=path.stem, gain=choices.gain or rules.gain)
    return Prepared(path=path, session=session, choices=choices, profile=rules, media=media, plan=plan)


def _read(project: Path | None) -> tuple[Session, Path, int | None]:
    """Read a project from its file or from REAPER; the rate is the audio device's, where that decides."""
    from stemkit.app.live import read_open_project
    from stemkit.reaper.project_file import load_project

    if project is None:
        return read_open_project()
    if not project.is_file():
        what = "is not a file" if os.path.exists(project) else "does not exist"  # noqa: PTH110  (never raises)
        raise InputError(f"{project} {what}; give the path of a REAPER project (.rpp).")
    return load_project(project), project, None
