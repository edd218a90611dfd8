"""A `.rpp` file as a `Session`.

Field meanings after `ReaTeam/Doc` "State Chunk Definitions" and what was measured on real projects; REAPER itself
has no published specification.
"""

from __future__ import annotations

import os
from pathlib import Path

from stemkit.errors import InputError
from stemkit.model.session import Master, PanSettings, RenderSettings, Session
from stemkit.reaper.media_paths import MediaFinder
from stemkit.reaper.project_envelopes import (
    PROJECT_ENVELOPES,
    envelope_of,
    master_envelope_of,
    pooled_envelope_of,
)
from stemkit.reaper.project_fx import read_chain
from stemkit.reaper.project_sources import ReadingContext
from stemkit.reaper.project_timeline import read_markers, read_tempo
from stemkit.reaper.project_tracks import read_tracks
from stemkit.reaper.project_values import Fields, pan_law_or_none
from stemkit.reaper.rpp import Block, Document, parse

__all__ = ["load_project", "session_from_document"]

DEFAULT_PAN_MODE = 3
STEREO_PAN_MODE = 5
_LOCKING_ENABLED = 16384  # bit of LOCK; the others say what would be locked


def load_project(path: Path) -> Session:
    """Read a REAPER project.

    Parameters
    ----------
    path
        A `.rpp` file or a `.rpp-bak`, of which the newest project inside counts.

    Returns
    -------
    Session
        With every fact that the file holds. Media is looked for and not opened.

    Raises
    ------
    InputError
        If the file cannot be read, is damaged (with the line), or holds no project.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise InputError(f"{path}: the project cannot be read ({error.strerror or error}).") from error
    return session_from_document(parse(data, name=str(path)), path)


def session_from_document(document: Document, path: Path | None) -> Session:
    """Gather the facts of a parsed project.

    Parameters
    ----------
    document
        What `stemkit.reaper.rpp.parse` gave.
    path
        Where the project lies, against which media paths are resolved; None for one that was never saved, whose
        relative paths are then looked for in the current folder.

    Raises
    ------
    InputError
        If the document holds no project.
    """
    root = document.project
    fields = Fields(line for line in root.own_lines() if line)
    where = None if path is None else Path(os.path.abspath(path))  # noqa: PTH100  (links stay as the user has them)
    folder = Path.cwd() if where is None else where.parent
    context = ReadingContext(document.name, root, MediaFinder(folder, fields.text("RECORD_PATH")))
    tempo = read_tempo(root, fields)
    markers, regions = read_markers(root)
    pan = _pan(fields)
    args = root.args
    notes = root.child("NOTES")
    return Session(
        source="rpp",
        path=None if where is None else str(where),
        reaper_version=args[1] if len(args) > 1 else "",
        title=fields.text("TITLE"),
        author=fields.text("AUTHOR"),
        notes="" if notes is None else notes.text(),
        sample_rate=fields.integer("SAMPLERATE") or None,
        sample_rate_forced=fields.flag("SAMPLERATE", 1),
        tempo_bpm=tempo.bpm,
        meter=tempo.meter,
        tempo_points=tempo.points,
        time_offset_s=fields.number("PROJOFFS"),
        measure_offset=fields.integer("PROJOFFS", 1),
        markers=markers,
        regions=regions,
        time_selection=_time_selection(fields),
        pan=pan,
        item_mix=fields.integer("ITEMMIX", 0, 1),
        play_rate=fields.number("PLAYRATE", 0, 1.0),
        automation_override=fields.integer("GLOBAL_AUTO", 0, -1),
        locked=bool(fields.integer("LOCK") & _LOCKING_ENABLED),
        master=_master(root, fields, pan, document.name),
        render=_render_settings(root, fields),
        tracks=read_tracks(root, context, pan.mode),
        pooled_envelopes=tuple(pooled_envelope_of(block, 60.0 / tempo.bpm) for block in root.children("POOLEDENV")),
        project_envelopes=tuple(
            envelope for block in root.blocks if (envelope := envelope_of(block, PROJECT_ENVELOPES)) is not None
        ),
    )


def _pan(fields: Fields) -> PanSettings:
    mode = fields.integer("PANMODE", 0, -1)
    law = fields.number("PANLAW", 0, 1.0)
    return PanSettings(
        law=law if law > 0 else 1.0,
        mode=mode if mode >= 0 else DEFAULT_PAN_MODE,
        law_flags=fields.integer("PANLAWFLAGS") if "PANLAWFLAGS" in fields else None,
    )


def _time_selection(fields: Fields) -> tuple[float, float] | None:
    """Put the ``SELECTION`` in order (it may run backwards); two equal times are none."""
    start, end = sorted((fields.number("SELECTION"), fields.number("SELECTION", 1)))
    return None if start == end else (start, end)


def _master(root: Block, fields: Fields, pan: PanSettings, name: str) -> Master:
    pan_mode = fields.integer("MASTER_PANMODE", 0, -1)
    effective = pan_mode if pan_mode >= 0 else pan.mode
    return Master(
        volume=fields.number("MASTER_VOLUME", 0, 1.0),
        pan=fields.number("MASTER_VOLUME", 1),
        width=fields.number("MASTER_VOLUME", 4, 1.0) if effective == STEREO_PAN_MODE else 1.0,
        pan_law=pan_law_or_none(fields.number("MASTER_VOLUME", 2, -1.0)),
        pan_mode=pan_mode if pan_mode >= 0 else None,
        pan_law_flags=fields.integer("MASTER_PANLAWFLAGS") if "MASTER_PANLAWFLAGS" in fields else None,
        mute_solo=fields.integer("MASTERMUTESOLO"),
        channels=max(1, fields.integer("MASTER_NCH", 0, 2)),
        fx=read_chain(root.child("MASTERFXLIST"), enabled=fields.flag("MASTER_FX", default=True), name=name),
        envelopes=tuple(envelope for block in root.blocks if (envelope := master_envelope_of(block)) is not None),
        automation_mode=fields.integer("MASTERAUTOMODE"),
    )


def _render_settings(root: Block, fields: Fields) -> RenderSettings:
    return RenderSettings(
        settings=fields.integer("RENDER_STEMS"),
        bounds_flag=fields.integer("RENDER_RANGE", 0, 1),
        start_s=fields.number("RENDER_RANGE", 1),
        end_s=fields.number("RENDER_RANGE", 2),
        tail_flag=fields.integer("RENDER_RANGE", 3),
        tail_ms=fields.number("RENDER_RANGE", 4),
        channels=fields.integer("RENDER_FMT", 1, 2),
        sample_rate=fields.integer("RENDER_FMT", 2),
        add_to_project=fields.integer("RENDER_ADDTOPROJ"),
        dither=fields.integer("RENDER_DITHER"),
        normalize=fields.integer("RENDER_NORMALIZE"),
        normalize_target=fields.number("RENDER_NORMALIZE", 1),
        fade_in_s=fields.number("RENDER_NORMALIZE", 3),
        fade_out_s=fields.number("RENDER_NORMALIZE", 4),
        trim_start_threshold=fields.number("RENDER_TRIM", 0),
        trim_end_threshold=fields.number("RENDER_TRIM", 1),
        pad_start_s=fields.number("RENDER_TRIM", 2),
        pad_end_s=fields.number("RENDER_TRIM", 3),
        speed=fields.integer("RENDER_1X"),
        resample_mode=fields.integer("RENDER_RESAMPLE", 0, 3),
        file=fields.text("RENDER_FILE"),
        pattern=fields.text("RENDER_PATTERN"),
        format=_sink_config(root, "RENDER_CFG"),
        format_secondary=_sink_config(root, "RENDER_CFG2"),
    )


def _sink_config(root: Block, tag: str) -> str:
    block = root.child(tag)
    return "" if block is None else "".join(line for line in block.own_lines() if line)
