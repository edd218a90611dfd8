"""What the project's own render settings would make, if somebody pressed Render now.

Bits and numbers after reaper-facts.md: 1.1 (sources), 1.2 (bounds, tail), 2.3 (the bytes of a format).
"""

from __future__ import annotations

import base64
import binascii
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from stemkit.model.session import Session

__all__ = ["Sink", "own_render", "sink_of"]

_SINKS = {  # first four bytes of RENDER_FORMAT, the format's name backwards: (name, loses quality)
    b"evaw": ("WAV", False),
    b"ffia": ("AIFF", False),
    b"calf": ("FLAC", False),
    b"kpvw": ("WavPack", False),
    b"l3pm": ("MP3", True),
    b"vggo": ("Ogg Vorbis", True),
    b"ggOv": ("Ogg Vorbis", True),
    b"SggO": ("Ogg Opus", True),
    b"PMFF": ("video", True),
}
_LOSSY_WAV = {2: "ADPCM", 4: "ADPCM", 14: "µ-law"}  # byte 4 of the WAV configuration
_DEPTHS = {8: "8 bit", 16: "16 bit", 24: "24 bit", 32: "32-bit float", 64: "64-bit float", **_LOSSY_WAV}
_SOURCES = (  # bits, what is rendered; the first that is set counts
    (4096, "razor edits"),
    (32 | 64, "the selected items"),
    (8, "the region render matrix"),
    (128, "the selected tracks through the master"),
)
_BOUNDS = {
    1: "the whole project",
    3: "all regions, a file each",
    4: "the selected items",
    5: "the selected regions, a file each",
    6: "from marker to marker",
    7: "the selected markers",
}
_TAIL_BITS = {0: 1, 1: 2, 2: 4, 3: 8, 4: 16, 5: 32, 6: 8, 7: 32}  # of RENDER_TAILFLAG, by bounds
_NAMES = 5


class Sink(NamedTuple):
    """A file format to render into; `wav_depth` is REAPER's number for WAV, None for all else."""

    name: str
    lossy: str  # why quality is lost; empty where it is not
    wav_depth: int | None


def _config(text: str) -> bytes:
    """Return the bytes of a sink configuration; REAPER also takes the bare four letters for its defaults."""
    if len(text) == 4:
        return text.encode("ascii", "replace")
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return b""


def sink_of(text: str) -> Sink | None:
    """Read a RENDER_FORMAT; None where there is none or nobody knows it."""
    config = _config(text)
    known = _SINKS.get(config[:4])
    if known is None:
        return None
    name, lossy = known
    depth = config[4] if name == "WAV" and len(config) > 4 else None
    with_codec = f"{name} with {_LOSSY_WAV[depth]}" if depth in _LOSSY_WAV else ""
    return Sink(name, name if lossy else with_codec, depth)


def own_render(session: Session) -> tuple[tuple[str, str], ...]:
    """Tell what the project's own settings render.

    Returns
    -------
    tuple[tuple[str, str], ...]
        What is told about, and the words for it, in the order of REAPER's render window.
    """
    settings = session.render
    channels = {1: "mono", 2: "stereo"}.get(settings.channels, f"{settings.channels} channels")
    rate = settings.sample_rate or (session.sample_rate if session.sample_rate_forced else None)
    return (
        ("Source", _source(session)),
        ("Bounds", _bounds(session)),
        ("Tail", _tail(session)),
        ("Format", f"{_format(settings.format)}, {channels}, {f'{rate} Hz' if rate else 'the rate of the device'}"),
        ("Files", _files(session)),
    )


def _source(session: Session) -> str:
    settings = session.render.settings
    stems = settings & 3
    for bits, what in _SOURCES:
        if settings & bits:
            return what + (_selected(session) if bits == 128 else "")
    if stems == 3:
        return f"stems of the selected tracks{_selected(session)}"
    return "the master mix" + (f", and stems of the selected tracks{_selected(session)}" if stems == 1 else "")


def _selected(session: Session) -> str:
    names = [track.name.strip() or f"Track {track.index + 1}" for track in session.tracks if track.selected]
    more = f" and {len(names) - _NAMES} more" if len(names) > _NAMES else ""
    return f" ({', '.join(names[:_NAMES])}{more})" if names else " (none is selected)"


def _bounds(session: Session) -> str:
    settings = session.render
    if settings.bounds_flag == 0:
        return f"{settings.start_s:.3f} s to {settings.end_s:.3f} s, set by hand"
    if settings.bounds_flag == 2:
        chosen = session.time_selection
        return "the time selection" + (f", {chosen[0]:.3f} s to {chosen[1]:.3f} s" if chosen else ", and there is none")
    return _BOUNDS.get(settings.bounds_flag, f"a setting that is not known ({settings.bounds_flag})")


def _tail(session: Session) -> str:
    settings = session.render
    on = settings.tail_flag & _TAIL_BITS.get(settings.bounds_flag, 0)
    return f"{settings.tail_ms / 1000:g} s" if on and settings.tail_ms > 0 else "none"


def _format(text: str) -> str:
    sink = sink_of(text)
    if sink is None:
        return "a format that is not known" if text else "REAPER's default format"
    return sink.name + (f" {_DEPTHS[sink.wav_depth]}" if sink.wav_depth in _DEPTHS else "")


def _files(session: Session) -> str:
    settings = session.render
    return " + ".join(part for part in (settings.file, settings.pattern) if part) or "no name is set"
