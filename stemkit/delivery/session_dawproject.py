"""`Session.dawproject`: the package in the open exchange format (DAWproject 1.0), a zip of two XML files.

Audio stays where it is and is referenced by a path relative to the file (``external``). Element order and value
types follow the format's schemas. How each DAW reads external files was not tried.
"""

from __future__ import annotations

import io
import zipfile
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from stemkit._version import __version__

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from stemkit.delivery.session_layout import LaidTrack, SessionLayout

__all__ = ["session_dawproject"]

_OLDEST_ZIP_YEAR = 1980
_MASTER, _TEMPO = "master", "tempo"


def session_dawproject(layout: SessionLayout, *, genre: str = "", made_at: datetime) -> bytes:
    """Write the session file.

    Parameters
    ----------
    layout
        What it shows.
    genre
        For its metadata.
    made_at
        The time that the two files inside get.
    """
    date = (max(_OLDEST_ZIP_YEAR, made_at.year), *made_at.timetuple()[1:5], made_at.second // 2 * 2)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, root in (("project.xml", _project(layout)), ("metadata.xml", _metadata(layout, genre))):
            ET.indent(root)
            entry = zipfile.ZipInfo(name, date)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.create_system = 3
            archive.writestr(entry, ET.tostring(root, encoding="utf-8", xml_declaration=True))
    return packed.getvalue()


def _clean(text: str) -> str:
    """Drop what no XML may hold."""
    return "".join(sign for sign in text if sign in "\t\n" or (sign >= " " and not 0xD800 <= ord(sign) <= 0xDFFF))


def _number(value: float) -> str:
    return f"{value:.15g}"


def _add(parent: ET.Element, tag: str, **attributes: str | None) -> ET.Element:
    return ET.SubElement(parent, tag, {key: _clean(text) for key, text in attributes.items() if text is not None})


def _metadata(layout: SessionLayout, genre: str) -> ET.Element:
    root = ET.Element("MetaData")
    for tag, text in (("Title", layout.title), ("Artist", layout.artist), ("Genre", genre)):
        if text:
            _add(root, tag).text = _clean(text)
    return root


def _project(layout: SessionLayout) -> ET.Element:
    root = ET.Element("Project", version="1.0")
    _add(root, "Application", name="stemkit", version=__version__)
    first = layout.tempo[0]
    transport = _add(root, "Transport")
    _add(transport, "Tempo", id=_TEMPO, name="Tempo", unit="bpm", value=_number(first.bpm))
    meter = {"numerator": str(first.numerator), "denominator": str(first.denominator)}
    _add(transport, "TimeSignature", id="meter", name="Time Signature", **meter)
    _structure(_add(root, "Structure"), layout)
    _arrangement(_add(root, "Arrangement", id="arrangement"), layout)
    return root


def _numbered(layout: SessionLayout) -> Iterator[tuple[int, list[tuple[int, LaidTrack]]]]:
    """Yield each folder with its tracks, which are numbered throughout for their ids."""
    number = 0
    for index, folder in enumerate(layout.folders):
        yield index, [(number + place, track) for place, track in enumerate(folder.tracks)]
        number += len(folder.tracks)


def _structure(structure: ET.Element, layout: SessionLayout) -> None:
    for index, tracks in _numbered(layout):
        folder, parent, way = layout.folders[index], structure, _MASTER
        if folder.name:
            way = f"folder{index}-channel"
            parent = _add(
                structure,
                "Track",
                id=f"folder{index}",
                name=folder.name,
                color=_color(folder.color),
                contentType="tracks",
            )
            _channel(parent, way, gain=1.0, muted=False, channels=2, destination=_MASTER, role="submix")
        for number, track in tracks:
            element = _add(
                parent,
                "Track",
                id=f"track{number}",
                name=track.name,
                color=_color(track.color),
                contentType="audio",
                loaded="true",
            )
            _channel(
                element,
                f"track{number}-channel",
                gain=track.gain,
                muted=track.muted,
                channels=2 if track.channels > 1 else 1,
                destination=way,
                role="regular",
            )
    master = _add(structure, "Track", id="master-track", name="Master", contentType="audio")
    _channel(master, _MASTER, gain=1.0, muted=False, channels=2, destination=None, role="master")


def _color(color: int | None) -> str | None:
    """Write a colour; REAPER's numbers hold red in the low byte (on macOS unconfirmed)."""
    return None if color is None else f"#{color & 0xFF:02x}{color >> 8 & 0xFF:02x}{color >> 16 & 0xFF:02x}"


def _channel(
    track: ET.Element, name: str, *, gain: float, muted: bool, channels: int, destination: str | None, role: str
) -> None:
    channel = _add(
        track, "Channel", id=name, audioChannels=str(channels), destination=destination, role=role, solo="false"
    )
    _add(channel, "Mute", id=f"{name}-mute", name="Mute", value="true" if muted else "false")
    pan = {"min": "0", "max": "1", "unit": "normalized", "value": "0.5"}
    _add(channel, "Pan", id=f"{name}-pan", name="Pan", **pan)
    _add(channel, "Volume", id=f"{name}-volume", name="Volume", min="0", max="2", unit="linear", value=_number(gain))


def _arrangement(arrangement: ET.Element, layout: SessionLayout) -> None:
    lanes = _add(arrangement, "Lanes", id="lanes", timeUnit="beats")
    length = layout.end_quarters - layout.position_quarters
    for _, tracks in _numbered(layout):
        for number, track in tracks:
            own = _add(lanes, "Lanes", id=f"track{number}-lanes", track=f"track{number}")
            clips = _add(own, "Clips", id=f"track{number}-clips")
            clip = _add(
                clips,
                "Clip",
                name=track.name,
                time=_number(layout.position_quarters),
                duration=_number(length),
                contentTimeUnit="seconds",
                playStart="0",
                playStop=_number(track.length_s),
                fadeTimeUnit="seconds",
                fadeInTime="0",
                fadeOutTime="0",
            )
            audio = _add(
                clip,
                "Audio",
                id=f"track{number}-audio",
                timeUnit="seconds",
                duration=_number(track.length_s),
                channels=str(track.channels),
                sampleRate=str(track.sample_rate),
            )
            _add(audio, "File", path=track.file, external="true")
    _timeline(arrangement, layout)


def _timeline(arrangement: ET.Element, layout: SessionLayout) -> None:
    if layout.markers:
        markers = _add(arrangement, "Markers", id="markers", timeUnit="beats")
        for marker in layout.markers:
            _add(markers, "Marker", name=marker.name, time=_number(marker.quarters), color=_color(marker.color))
    if len(layout.tempo) < 2:
        return
    points = _add(arrangement, "TempoAutomation", id="tempo-points", timeUnit="beats", unit="bpm")
    _add(points, "Target", parameter=_TEMPO)
    for step in layout.tempo:
        how = "hold" if step.bpm == step.end_bpm else "linear"
        _add(points, "RealPoint", time=_number(step.quarters), value=_number(step.bpm), interpolation=how)
    meters = _add(arrangement, "TimeSignatureAutomation", id="meter-points", timeUnit="beats")
    _add(meters, "Target", parameter="meter")
    for step in layout.tempo:
        meter = {"numerator": str(step.numerator), "denominator": str(step.denominator)}
        _add(meters, "TimeSignaturePoint", time=_number(step.quarters), **meter)
