"""REAPER's render settings for float stems, as values that `inside_state` sets and reads back.

Every key is set, because projects carry stale ones; what each number means stands in the API text of
`GetSetProjectInfo`. That 3 and not 2 renders the selected tracks alone was measured by others on 7.79; before each
render the list of targets is asked for, so that a REAPER that sees it otherwise is caught.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from stemkit.model.plan import RenderPlan

__all__ = [
    "FLOAT_WAV",
    "MASTER_MIX",
    "MIX_PATTERN",
    "SELECTED_TRACKS",
    "TRACK_PATTERN",
    "Value",
    "render_lines",
    "settings_values",
]

Value = tuple[tuple[Any, ...], Any]  # (name as in `inside_state`, what it has to be)

FLOAT_WAV = "ZXZhdyAAAQ=="  # "evaw", 32 bits float, RF64 where the file outgrows WAV
MASTER_MIX, SELECTED_TRACKS = 0, 3
TRACK_PATTERN = "sk_$tracknumber"  # and no names: tracks renamed for the render could end up in an autosave
MIX_PATTERN = "sk_mix"
_NO_DITHER = 16
_NAME_PATTERN = "$track"


def settings_values(plan: RenderPlan, *, source: int, folder: Path, channels: int) -> Iterable[Value]:
    """Return every render setting of one pass.

    Parameters
    ----------
    plan
        Bounds and rate.
    source
        `MASTER_MIX` or `SELECTED_TRACKS`.
    folder
        Empty folder for the files.
    channels
        Width of every file.
    """
    rate, bounds = plan.sample_rate, plan.bounds
    numbers = {
        "RENDER_SETTINGS": source,
        "RENDER_BOUNDSFLAG": 0,
        "RENDER_STARTPOS": bounds.start_frame / rate,
        "RENDER_ENDPOS": (bounds.start_frame + bounds.frames) / rate,
        "RENDER_TAILFLAG": 0,  # the tail is in the bounds
        "RENDER_SRATE": rate,
        "RENDER_CHANNELS": channels,
        "RENDER_DITHER": _NO_DITHER,
        "RENDER_ADDTOPROJ": 0,  # its bit 2 leaves silent files out
        "RENDER_NORMALIZE": 0,  # also trims, pads and fades
    }
    texts = {
        "RENDER_FILE": str(folder),
        "RENDER_PATTERN": MIX_PATTERN if source == MASTER_MIX else TRACK_PATTERN,
        "RENDER_FORMAT": FLOAT_WAV,
        "RENDER_FORMAT2": "",
    }
    yield from ((("project_number", key), float(value)) for key, value in numbers.items())
    yield from ((("project_text", key), text) for key, text in texts.items())


def render_lines(
    plan: RenderPlan, *, source: int, folder: Path, channels: int, mix_name: str
) -> dict[str, tuple[str | int | float, ...]]:
    """Return every render line of a project file, by its key.

    Parameters
    ----------
    plan, source, folder, channels
        As for `settings_values`.
    mix_name
        Name of the file where the master is rendered; tracks give theirs.
    """
    values = {name[1]: value for name, value in settings_values(plan, source=source, folder=folder, channels=channels)}
    start, end = values["RENDER_STARTPOS"], values["RENDER_ENDPOS"]
    return {
        "RENDER_FILE": (values["RENDER_FILE"],),
        "RENDER_PATTERN": (mix_name if source == MASTER_MIX else _NAME_PATTERN,),
        "RENDER_FMT": (0, int(values["RENDER_CHANNELS"]), int(values["RENDER_SRATE"])),  # the 0 is all that was seen
        "RENDER_RANGE": (int(values["RENDER_BOUNDSFLAG"]), start, end, int(values["RENDER_TAILFLAG"]), 0),
        "RENDER_ADDTOPROJ": (int(values["RENDER_ADDTOPROJ"]),),
        "RENDER_STEMS": (int(values["RENDER_SETTINGS"]),),
        "RENDER_DITHER": (0,),
        "RENDER_NORMALIZE": (int(values["RENDER_NORMALIZE"]), 1, 1, 0, 0, 0, 0),
    }
