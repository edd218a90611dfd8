"""The open project: from the snapshot that `inside_snapshot` takes to a `Session`.

The same facts as from a `.rpp` file, but for what REAPER's functions cannot tell (`NOT_TOLD`); there the session
holds what the reader gives for a file that does not say it.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from stemkit.model.session import (
    Marker,
    Master,
    PanSettings,
    Region,
    RenderSettings,
    Session,
    TempoPoint,
)
from stemkit.reaper.live_strips import read_live_chain, read_live_envelopes, read_live_track
from stemkit.reaper.media_paths import MediaFinder
from stemkit.reaper.project_values import color_or_none, pan_law_or_none

__all__ = ["NOT_TOLD", "device_rate", "session_from_snapshot"]

# Field: why the open project's session does not have it.
NOT_TOLD: dict[str, str] = {
    "markers.name": "REAPER's Python binding cannot hand names of markers and regions over",
    "regions.name": "REAPER's Python binding cannot hand names of markers and regions over",
    "locked": "no function tells the project's lock",
    "pooled_envelopes": "no function tells the contents of a pool; the instances are told",
    "render.resample_mode": "a preference whose name is not confirmed",
    "source.file": "REAPER tells the path that it found, not the one that is written",
    "source.searched": "REAPER has searched already",
    "source.file_flags": "no function tells how an MP3 is read",
    "source.offline": "REAPER tells the kind of source without the mark",
    "source.midi": "one call a note would freeze REAPER's window in big projects",
    "source.section_overlap_s": "no function tells the cross-fade of a looped section",
    "effect.identifier": "REAPER tells the full path of a plug-in",
    "effect.modulation": "links and LFOs of parameters are no envelopes to REAPER's functions",
}
_DEFAULT_PAN_MODE, _STEREO_PAN_MODE = 3, 5


def session_from_snapshot(snapshot: dict[str, Any]) -> Session:
    """Turn a snapshot into a session.

    Parameters
    ----------
    snapshot
        What `stemkit.reaper.inside_snapshot.snapshot` gave.
    """
    path = snapshot["path"]
    config = snapshot["config"]
    numbers = snapshot["numbers"]
    pan = _pan(config)
    media = MediaFinder(Path(path).parent if path else Path.cwd())
    markers, regions = _markers(snapshot["markers"])
    tempo = snapshot["tempo"]
    start_s, end_s = sorted(snapshot["time_selection"])
    return Session(
        source="live",
        path=os.path.abspath(path) if path else None,  # noqa: PTH100  (links stay as the user has them)
        reaper_version=snapshot["reaper"],
        title=snapshot["texts"]["PROJECT_TITLE"] or "",
        author=snapshot["texts"]["PROJECT_AUTHOR"] or "",
        notes=snapshot["notes"] or "",
        sample_rate=int(numbers["PROJECT_SRATE"]) or None,
        sample_rate_forced=numbers["PROJECT_SRATE_USE"] != 0,
        tempo_bpm=tempo["bpm"],
        meter=(tempo["meter"][0], tempo["meter"][1]),
        tempo_points=tuple(_tempo_point(point) for point in tempo["points"]),
        time_offset_s=snapshot["time_offset_s"],
        measure_offset=int(_number(config, "projmeasoffs", 0)),
        markers=markers,
        regions=regions,
        time_selection=None if start_s == end_s else (start_s, end_s),
        pan=pan,
        item_mix=int(_number(config, "itemmixflag", 1)),
        play_rate=snapshot["play_rate"],
        automation_override=_override(snapshot["automation_override"]),
        master=_master(snapshot["master"], pan),
        render=_render(snapshot),
        tracks=tuple(read_live_track(facts, index, pan.mode, media) for index, facts in enumerate(snapshot["tracks"])),
        project_envelopes=read_live_envelopes(snapshot["master"]["envelopes"], "project"),
    )


def device_rate(snapshot: dict[str, Any]) -> int | None:
    """Return the rate that the audio device runs at, in Hz; None where no device is open."""
    text = snapshot.get("device_rate") or ""
    return int(text) if text.isdigit() and int(text) > 0 else None


def _number(config: dict[str, str | None], key: str, default: float) -> float:
    """Return a configuration value as a number; REAPER hands all of them over as text."""
    try:
        return float(config.get(key) or default)
    except ValueError:
        return default


def _pan(config: dict[str, str | None]) -> PanSettings:
    law, mode = _number(config, "panlaw", 1.0), int(_number(config, "panmode", -1))
    return PanSettings(
        law=law if law > 0 else 1.0,
        mode=mode if mode >= 0 else _DEFAULT_PAN_MODE,
        law_flags=int(_number(config, "panlawflags", 0)) if config.get("panlawflags") is not None else None,
    )


def _override(value: int) -> int:
    """Give the file's number: there 6 is the bypass that the function calls 5 (one source each, not confirmed)."""
    return {5: 6}.get(value, value)


def _tempo_point(point: list[Any]) -> TempoPoint:
    time_s, bpm, numerator, denominator, linear = point
    told = numerator > 0 and denominator > 0
    return TempoPoint(
        time_s=time_s,
        bpm=bpm,
        numerator=numerator if told else None,
        denominator=denominator if told else None,
        linear=bool(linear),
    )


def _markers(found: list[list[Any]]) -> tuple[tuple[Marker, ...], tuple[Region, ...]]:
    return (
        tuple(
            Marker(index=number, position_s=position_s, color=color_or_none(color))
            for region, position_s, _, number, color in found
            if not region
        ),
        tuple(
            Region(index=number, start_s=start_s, end_s=end_s, color=color_or_none(color))
            for region, start_s, end_s, number, color in found
            if region
        ),
    )


def _master(facts: dict[str, Any], pan: PanSettings) -> Master:
    values = facts["values"]
    mode, flags = int(values["I_PANMODE"]), int(values["I_PANLAW_FLAGS"])
    return Master(
        volume=values["D_VOL"],
        pan=values["D_PAN"],
        width=values["D_WIDTH"] if (mode if mode >= 0 else pan.mode) == _STEREO_PAN_MODE else 1.0,
        pan_law=pan_law_or_none(values["D_PANLAW"]),
        pan_mode=mode if mode >= 0 else None,
        pan_law_flags=flags if flags >= 0 else None,
        mute_solo=facts["flags"],
        channels=max(1, int(values["I_NCHAN"])),
        fx=read_live_chain(facts),
        envelopes=read_live_envelopes(facts["envelopes"], "master"),
        automation_mode=int(values["I_AUTOMODE"]),
    )


def _render(snapshot: dict[str, Any]) -> RenderSettings:
    numbers, texts, config = snapshot["numbers"], snapshot["texts"], snapshot["config"]
    return RenderSettings(
        settings=int(numbers["RENDER_SETTINGS"]),
        bounds_flag=int(numbers["RENDER_BOUNDSFLAG"]),
        start_s=numbers["RENDER_STARTPOS"],
        end_s=numbers["RENDER_ENDPOS"],
        tail_flag=int(numbers["RENDER_TAILFLAG"]),
        tail_ms=numbers["RENDER_TAILMS"],
        sample_rate=int(numbers["RENDER_SRATE"]),
        channels=int(numbers["RENDER_CHANNELS"]),
        add_to_project=int(numbers["RENDER_ADDTOPROJ"]),
        dither=int(numbers["RENDER_DITHER"]),
        normalize=int(numbers["RENDER_NORMALIZE"]),
        normalize_target=numbers["RENDER_NORMALIZE_TARGET"],
        trim_start_threshold=numbers["RENDER_TRIMSTART"],
        trim_end_threshold=numbers["RENDER_TRIMEND"],
        pad_start_s=numbers["RENDER_PADSTART"],
        pad_end_s=numbers["RENDER_PADEND"],
        fade_in_s=numbers["RENDER_FADEIN"],
        fade_out_s=numbers["RENDER_FADEOUT"],
        speed=int(_number(config, "projrenderlimit", 0)),
        resample_mode=int(_number(config, "projrenderresample", 3)),
        file=texts["RENDER_FILE"] or "",
        pattern=texts["RENDER_PATTERN"] or "",
        format=texts["RENDER_FORMAT"] or "",
        format_secondary=texts["RENDER_FORMAT2"] or "",
    )
