"""What every use case on a project begins with: read it, take in the choices, look at the media, plan."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from stemkit.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from stemkit.model.audio import MediaInfo
    from stemkit.model.delivery import Choices
    from stemkit.model.plan import RenderPlan
    from stemkit.model.session import Session
    from stemkit.rules.profiles.schema import Profile

__all__ = ["Prepared", "media_paths", "prepare"]


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


def prepare(project: Path, *, profile: str = "mix-prep", overrides: Mapping[str, object] | None = None) -> Prepared:
    """Read a project and plan its stems; nothing is rendered.

    Parameters
    ----------
    project
        A ``.rpp`` file.
    profile
        Name of a profile, or path of a TOML file.
    overrides
        Fields of `Choices` that win over the ``stemkit.toml`` beside the project.

    Raises
    ------
    InputError
        The project, the profile or ``stemkit.toml`` cannot be read.
    """
    from stemkit.audio.media import probe_media
    from stemkit.reaper.project_file import load_project
    from stemkit.render.choices import load_choices
    from stemkit.render.planner import make_plan
    from stemkit.rules.profiles import load_profile

    if not project.is_file():
        raise InputError(f"{project} is not a file; give the path of a REAPER project (.rpp).")
    rules = load_profile(profile)
    session = load_project(project)
    choices = load_choices(project, overrides or {})
    media = probe_media(media_paths(session))
    plan = make_plan(session, choices, media=media, project_name=project.stem, gain=choices.gain or rules.gain)
    return Prepared(path=project, session=session, choices=choices, profile=rules, media=media, plan=plan)
