"""The job that the machine inside REAPER works through: passes, each with every value that it needs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from stemkit.model.plan import PROOF_MIX, ROUGH_MIX
from stemkit.reaper.live_passes import master_values, shared_values, stem_passes
from stemkit.reaper.render_settings import MASTER_MIX, SELECTED_TRACKS, settings_values

if TYPE_CHECKING:
    from pathlib import Path

    from stemkit.model.plan import RenderPlan
    from stemkit.model.session import Session
    from stemkit.reaper.render_settings import Value

__all__ = ["make_job"]

_FLOAT_BYTES = 4
_NO_NAMES_TWICE = 16  # bit of renderclosewhendone: silently count file names up


def _config_values(snapshot: dict[str, Any]) -> list[Value]:
    """Keep REAPER from counting file names up in silence."""
    text = snapshot["config"].get("renderclosewhendone") or ""
    if not text.isdigit() or not int(text) & _NO_NAMES_TWICE:
        return []
    return [(("config", "renderclosewhendone"), str(int(text) & ~_NO_NAMES_TWICE))]


def make_job(
    session: Session,
    plan: RenderPlan,
    staging: Path,
    *,
    wanted: frozenset[str],
    snapshot: dict[str, Any],
    can_set_config: bool,
    heartbeat_s: float,
) -> tuple[dict[str, Any], dict[str, dict[str, tuple[str, ...]]]]:
    """Write the job for `stemkit.reaper.inside_render.Machine`.

    Parameters
    ----------
    session, plan
        What to render; see `Engine`.
    staging
        Gets one fresh folder a pass.
    wanted
        Keys to render.
    snapshot
        What REAPER just told, for its preferences.
    can_set_config
        Whether this REAPER lets scripts change preferences.
    heartbeat_s
        How long REAPER goes on without hearing from outside.

    Returns
    -------
    tuple
        The job, and for each pass the keys that it gives, each with the tracks whose files make it up.
    """
    config = _config_values(snapshot) if can_set_config else []
    passes: list[dict[str, Any]] = []
    keys_of_pass: dict[str, dict[str, tuple[str, ...]]] = {}
    solo_off = [*shared_values(session, solo_off=True), *config]
    for number, stems in enumerate(stem_passes(session, plan, wanted), 1):
        name = f"stems-{number}"
        selection = [
            (("track", track.guid, "I_SELECTED"), float(track.guid in stems.tracks)) for track in session.tracks
        ]
        settings = settings_values(plan, source=SELECTED_TRACKS, folder=_folder(staging, name), channels=stems.channels)
        values = [*settings, *solo_off, *stems.values, *selection]
        passes.append(_one_pass(plan, staging, name, values=values, tracks=stems.tracks, channels=stems.channels))
        keys_of_pass[name] = {recipe.key: recipe.rendered for recipe in stems.recipes}
    as_heard = [*shared_values(session, solo_off=False), *config]
    for key, switched in ((ROUGH_MIX, as_heard), (PROOF_MIX, [*solo_off, *master_values(session)])):
        if key in wanted:
            settings = settings_values(plan, source=MASTER_MIX, folder=_folder(staging, key), channels=2)
            passes.append(_one_pass(plan, staging, key, values=[*settings, *switched], tracks=[], channels=2))
            keys_of_pass[key] = {key: ("",)}
    job = {
        "project": snapshot["path"],
        "tracks": [track.guid for track in session.tracks],
        "heartbeat_s": heartbeat_s,
        "passes": passes,
    }
    return job, keys_of_pass


def _folder(staging: Path, name: str) -> Path:
    return staging / f"reaper-{name}"


def _one_pass(
    plan: RenderPlan, staging: Path, name: str, *, values: list[Value], tracks: list[str], channels: int
) -> dict[str, Any]:
    folder = _folder(staging, name)
    folder.mkdir()  # fresh and empty, or REAPER would ask about what lies there
    return {
        "name": name,
        "folder": str(folder),
        "tracks": tracks,
        "frames": plan.bounds.frames,
        "sample_rate": plan.sample_rate,
        "bytes": plan.bounds.frames * channels * _FLOAT_BYTES * max(1, len(tracks)),
        "values": [[list(value_name), value] for value_name, value in values],
    }
