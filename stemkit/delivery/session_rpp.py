"""`Session.rpp`: the package as a REAPER project, every stem at bar 1 and the rough balance on the faders.

Line meanings after `ReaTeam/Doc` "State Chunk Definitions". The pan law is 0 dB, so that a mono stem in the centre
comes out as it is.
"""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from stemkit.reaper.rpp import quote
from stemkit.reaper.rpp_editor import write_value

if TYPE_CHECKING:
    from stemkit.delivery.session_layout import LaidFolder, LaidMarker, LaidTrack, SessionLayout, TempoStep

__all__ = ["session_rpp"]

_NAMESPACE = uuid.UUID("6ab43c3c-5b52-4a0e-9d3c-6c1c02a1a3f7")  # ours: GUIDs that are the same for the same package
_CUSTOM_COLOR_BIT = 1 << 24
_NO_COLOR = 16576  # what REAPER writes for a track without a colour of its own
_METER_RADIX = 65536
_HOLD, _RAMP = 1, 0


def session_rpp(layout: SessionLayout) -> bytes:
    """Write the project.

    Parameters
    ----------
    layout
        What it shows; audio is referenced by paths relative to the project.

    Returns
    -------
    bytes
        UTF-8 with CRLF, as REAPER writes.
    """
    first = layout.tempo[0]
    lines = [
        '<REAPER_PROJECT 0.1 "7.0/stemkit" 0',
        f"  PROJOFFS 0 {layout.first_bar - 1} 0",
        "  PANLAW 1",
        "  PANMODE 3",
        "  ITEMMIX 1",
        f"  SAMPLERATE {layout.sample_rate} 1 0",
        f"  TEMPO {write_value(first.bpm)} {first.numerator} {first.denominator}",
        "  PLAYRATE 1 0 0.25 4",
        f"  TITLE {quote(layout.title)}",
        f"  AUTHOR {quote(layout.artist)}",
        "  MASTERMUTESOLO 0",
        "  MASTER_NCH 2 2",
        "  MASTER_VOLUME 1 0 -1 -1 1",
        "  MASTER_FX 1",
        *_tempo_lines(layout.tempo),
        *_marker_lines(layout.markers),
    ]
    for folder in layout.folders:
        lines += _folder_lines(folder, layout)
    return ("\r\n".join([*lines, ">"]) + "\r\n").encode("utf-8", "replace")


def _guid(layout: SessionLayout, what: str) -> str:
    told = f"{layout.artist}/{layout.title}/{what}".encode(
        "utf-8", "backslashreplace"
    ).decode()  # old names are no text
    return f"{{{str(uuid.uuid5(_NAMESPACE, told)).upper()}}}"


def _tempo_lines(steps: tuple[TempoStep, ...]) -> list[str]:
    if len(steps) < 2:
        return []
    lines = [
        "  <TEMPOENVEX",
        "    ACT 1 -1",
        "    VIS 1 0 1",
        "    LANEHEIGHT 0 0",
        "    ARM 0",
        "    DEFSHAPE 1 -1 -1",
    ]
    meter = None
    for step in steps:
        shape = _HOLD if step.end_bpm == step.bpm else _RAMP
        own = step.numerator, step.denominator
        code = step.denominator * _METER_RADIX + step.numerator if own != meter else 0
        lines.append(f"    PT {write_value(step.time_s)} {write_value(step.bpm)} {shape} {code} 0 {1 if code else 0}")
        meter = own
    return [*lines, "  >"]


def _color(color: int | None, none: int = 0) -> int:
    return none if color is None else color | _CUSTOM_COLOR_BIT


def _marker_lines(markers: tuple[LaidMarker, ...]) -> list[str]:
    lines = []
    for number, marker in enumerate(markers, start=1):
        flags = 0 if marker.end_s is None else 1
        name = quote(marker.name, always=True)
        lines.append(f"  MARKER {number} {write_value(marker.time_s)} {name} {flags} {_color(marker.color)}")
        if marker.end_s is not None:
            lines.append(f'  MARKER {number} {write_value(marker.end_s)} "" {flags}')
    return lines


def _folder_lines(folder: LaidFolder, layout: SessionLayout) -> list[str]:
    if not folder.name:
        return [line for track in folder.tracks for line in _track_lines(track, layout, closes=0)]
    guid = _guid(layout, f"folder {folder.name} {folder.tracks[0].file}")
    lines = [*_head(guid, folder.name, folder.color, gain=1.0, muted=False, bus="1 1"), "  >"]
    for track in folder.tracks:
        lines += _track_lines(track, layout, closes=1 if track is folder.tracks[-1] else 0)
    return lines


def _head(guid: str, name: str, color: int | None, *, gain: float, muted: bool, bus: str) -> list[str]:
    return [
        f"  <TRACK {guid}",
        f"    NAME {quote(name, always=True)}",
        f"    PEAKCOL {_color(color, _NO_COLOR)}",
        "    AUTOMODE 0",
        f"    VOLPAN {write_value(gain)} 0 -1 -1 1",
        f"    MUTESOLO {int(muted)} 0 0",
        "    IPHASE 0",
        f"    ISBUS {bus}",
        "    NCHAN 2",
        "    FX 1",
        f"    TRACKID {guid}",
        "    MAINSEND 1 0",
    ]


def _track_lines(track: LaidTrack, layout: SessionLayout, *, closes: int) -> list[str]:
    bus = f"2 -{closes}" if closes else "0 0"
    head = _head(_guid(layout, track.file), track.name, track.color, gain=track.gain, muted=track.muted, bus=bus)
    kind = {"mp3": "MP3", "flac": "FLAC", "ogg": "VORBIS"}.get(track.file.rpartition(".")[2].lower(), "WAVE")
    return [
        *head,
        "    <ITEM",
        f"      POSITION {write_value(layout.position_s)}",
        f"      LENGTH {write_value(track.length_s)}",
        "      LOOP 0",
        "      ALLTAKES 0",
        "      FADEIN 1 0 0 1 0 0 0",
        "      FADEOUT 1 0 0 1 0 0 0",
        "      MUTE 0 0",
        f"      IGUID {_guid(layout, f'item {track.file}')}",
        f"      NAME {quote(track.name, always=True)}",
        "      VOLPAN 1 0 1 -1",
        "      SOFFS 0",
        "      PLAYRATE 1 1 0 -1 0 0.0025",
        "      CHANMODE 0",
        f"      GUID {_guid(layout, f'take {track.file}')}",
        f"      <SOURCE {kind}",
        f"        FILE {quote(track.file, always=True)}",
        "      >",
        "    >",
        "  >",
    ]
