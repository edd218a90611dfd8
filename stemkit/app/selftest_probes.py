"""The renders of the self-test: each one job for the machine inside, with one thing to find out."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from stemkit.app.selftest_song import FRAMES, RATE_HZ, TONES, guid_of
from stemkit.reaper.render_settings import MASTER_MIX, SELECTED_TRACKS, settings_values

if TYPE_CHECKING:
    from pathlib import Path

    from stemkit.model.plan import RenderPlan
    from stemkit.model.session import Session
    from stemkit.reaper.render_settings import Value

__all__ = ["SHORT_FRAMES", "TAIL_FRAMES", "Probe", "job_of", "probes"]

SHORT_FRAMES = 4800
TAIL_FRAMES = 4800
_HEARTBEAT_S = 30.0
_STEMS_ALONE, _VIA_MASTER, _LEAVE_SILENT_OUT, _MONO = 2, 128, 2, 4


@dataclass(frozen=True, slots=True)
class Probe:
    """One pass: which tracks (numbers from 1; none: the mix), with what changed, giving how many frames."""

    name: str
    source: int = SELECTED_TRACKS
    tracks: tuple[int, ...] = ()
    changes: tuple[Value, ...] = ()
    frames: int = FRAMES
    only_targets: bool = False


def _between(start_frames: float, end_frames: float) -> tuple[Value, ...]:
    return (
        (("project_number", "RENDER_STARTPOS"), start_frames / RATE_HZ),
        (("project_number", "RENDER_ENDPOS"), end_frames / RATE_HZ),
    )


def probes(session: Session, config: dict[str, Any], *, can_set_config: bool) -> list[Probe]:
    """List the renders.

    Parameters
    ----------
    session
        The test song as REAPER tells it.
    config
        REAPER's preferences, as in its snapshot.
    can_set_config
        Whether this REAPER lets scripts change them.
    """
    every = tuple(range(1, len(session.tracks) + 1))
    tone, muted = TONES["Tone"][0], TONES["Muted"][0]
    found = [
        Probe("stems", tracks=every),
        Probe("mix", MASTER_MIX),
        Probe("mix-no-effects", MASTER_MIX, changes=((("track", "master", "I_FXEN"), 0.0),)),
        Probe("mix-mono", MASTER_MIX, changes=((("master_mono",), _MONO),)),
        Probe("via-master", _VIA_MASTER, (tone,)),
        Probe("child-off", tracks=(3,), changes=((("track", guid_of(4), "B_MAINSEND"), 0.0),)),
        Probe("short-1", tracks=(tone,), changes=_between(0, SHORT_FRAMES + 0.25), frames=SHORT_FRAMES),
        Probe("short-2", tracks=(tone,), changes=_between(0, SHORT_FRAMES + 0.75), frames=SHORT_FRAMES + 1),
        Probe("short-3", tracks=(tone,), changes=_between(0.75, SHORT_FRAMES + 0.75), frames=SHORT_FRAMES),
        Probe(
            "tail",
            tracks=(tone,),
            changes=(
                *_between(0, SHORT_FRAMES),
                (("project_number", "RENDER_TAILFLAG"), 1.0),
                (("project_number", "RENDER_TAILMS"), 1000.0 * TAIL_FRAMES / RATE_HZ),
            ),
            frames=SHORT_FRAMES + TAIL_FRAMES,
        ),
        Probe(
            "skip-silent",
            tracks=(tone, muted),
            changes=((("project_number", "RENDER_ADDTOPROJ"), float(_LEAVE_SILENT_OUT)),),
        ),
        Probe("settings-2", _STEMS_ALONE, (1, 2, 6), only_targets=True),
        Probe("names", tracks=every, changes=((("project_text", "RENDER_PATTERN"), "$track"),), only_targets=True),
        Probe("play-rate", MASTER_MIX, changes=((("play_rate",), 1.25),), only_targets=True),
    ]
    found += [
        Probe("mix-no-envelope", MASTER_MIX, changes=((("envelope", "master", envelope.tag), "0"),))
        for envelope in session.master.envelopes[:1]
    ]
    effects = session.tracks[TONES["Effect"][0] - 1].fx.effects
    found += [
        Probe("effect-off", tracks=(8,), changes=((("effect", guid_of(8), effect.guid), 0),)) for effect in effects[:1]
    ]
    closing = config.get("renderclosewhendone") or ""
    if can_set_config and closing.isdigit():
        changed = str(int(closing) ^ 1)
        found.append(
            Probe("config", MASTER_MIX, changes=((("config", "renderclosewhendone"), changed),), only_targets=True)
        )
    return found


def job_of(probe: Probe, session: Session, plan: RenderPlan, folder: Path, *, project: str) -> dict[str, Any]:
    """Write the job of one render.

    Parameters
    ----------
    probe
        What to find out.
    session, plan
        The test song.
    folder
        A place in which the pass gets a folder of its own.
    project
        The song's path as REAPER names it.
    """
    place = folder / probe.name
    place.mkdir()
    whole = replace(plan, sample_rate=RATE_HZ, bounds=replace(plan.bounds, start_frame=0, frames=FRAMES))
    source = SELECTED_TRACKS if probe.tracks else MASTER_MIX
    values = dict(settings_values(whole, source=source, folder=place, channels=2))
    values["project_number", "RENDER_SETTINGS"] = float(probe.source)
    values |= {
        ("track", track.guid, "I_SELECTED"): float(number in probe.tracks)
        for number, track in enumerate(session.tracks, 1)
    }
    values |= dict(probe.changes)
    single = {
        "name": probe.name,
        "folder": str(place),
        "tracks": [session.tracks[number - 1].guid for number in probe.tracks],
        "frames": probe.frames,
        "sample_rate": RATE_HZ,
        "values": [[list(name), value] for name, value in values.items()],
        "only_targets": probe.only_targets,
    }
    tracks = [track.guid for track in session.tracks]
    return {"project": project, "tracks": tracks, "heartbeat_s": _HEARTBEAT_S, "passes": [single]}
