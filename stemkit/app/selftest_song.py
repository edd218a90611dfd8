"""The song of the self-test: one tone a track, so that every file tells by its spectrum what REAPER put into it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["AMPLITUDE", "EFFECT_GAIN", "FRAMES", "RATE_HZ", "TONES", "guid_of", "write_selftest_song"]

RATE_HZ = 48_000
FRAMES = 33_600  # 0.7 s
AMPLITUDE = 0.25
EFFECT_GAIN = 10 ** (-12 / 20)
_MARK = "{{5E1F7E57-0000-4000-8000-{:012d}}}"

# REAPER's own volume effect, which comes with it; the second number is its ceiling in dB.
_EFFECT = """<FXCHAIN
BYPASS {bypassed} 0 0
<JS utility/volume ""
-12 0
>
WET {wet} 0
FXID {guid}
>"""
_CURVE = """<{tag}
EGUID {guid}
ACT 1 -1
VIS 1 1 1
LANEHEIGHT 0 0
ARM 0
DEFSHAPE 0 -1 -1
PT 0 {value} 0
>"""


@dataclass(frozen=True, slots=True)
class _Strip:
    name: str
    hz: int
    volume: float = 1.0
    pan: float = 0.0
    depth: int = 0
    muted: bool = False
    main_send: bool = True
    automation_mode: int = 0
    extra: str = ""


def guid_of(number: int) -> str:
    """Return the GUID of the track with a number from 1."""
    return _MARK.format(number)


def _effect(number: int, *, bypassed: int = 0, wet: float = 1.0) -> str:
    return _EFFECT.format(bypassed=bypassed, wet=wet, guid=_MARK.format(200 + number))


def _curve(tag: str, number: int, value: float) -> str:
    return _CURVE.format(tag=tag, guid=_MARK.format(300 + number), value=value)


def _receive(source: int, volume: float, *, muted: bool = False) -> str:
    return f"AUXRECV {source - 1} 0 {volume} 0 {int(muted)} 0 0 0 0 -1:U 0 -1 ''"


_TRACKS = (
    _Strip("Tone", 200, volume=0.5),
    _Strip("Left", 300, pan=-1.0),
    _Strip("Folder", 400, volume=0.5, depth=1),
    _Strip("Child", 500, volume=0.8),
    _Strip("Send off", 600, main_send=False, depth=-1),
    _Strip("Source", 700),
    _Strip(
        "Return",
        0,
        volume=0.5,
        extra="\n".join(
            (
                _receive(6, 0.5),
                _curve("AUXVOLENV", 1, 1.0),
                _receive(1, 1.0, muted=True),
                _effect(7, bypassed=1, wet=0.5),
            )
        ),
    ),
    _Strip("Effect", 800, extra=_effect(8)),
    _Strip("Muted", 900, muted=True),
    _Strip("Muted folder", 0, muted=True, depth=1),
    _Strip("Under muted", 1000, depth=-1),
    _Strip("Trim", 1100, volume=0.5, extra=_curve("VOLENV2", 2, 0.5)),
    _Strip("Read", 1200, volume=0.25, automation_mode=1, extra=_curve("VOLENV2", 3, 0.5)),
    _Strip("Tone", 1300),  # a name that is there already
    _Strip("", 1400),
    _Strip("a/b:c?", 1500),
)
TONES: dict[str, tuple[int, int]] = {}  # name: number from 1, tone in Hz
for _number, _one in enumerate(_TRACKS, 1):
    TONES.setdefault(_one.name, (_number, _one.hz))


def _strip_text(number: int, strip: _Strip) -> str:
    lines = [
        f"<TRACK {guid_of(number)}",
        f'NAME "{strip.name}"',
        f"AUTOMODE {strip.automation_mode}",
        f"VOLPAN {strip.volume} {strip.pan} -1 -1 1",
        f"MUTESOLO {int(strip.muted)} 0 0",
        f"ISBUS {1 if strip.depth > 0 else 2 if strip.depth < 0 else 0} {strip.depth}",
        "NCHAN 2",
        "FX 1",
        f"TRACKID {guid_of(number)}",
        f"MAINSEND {int(strip.main_send)} 0",
    ]
    lines += [strip.extra] if strip.extra else []
    lines += _item_lines(number, strip.hz) if strip.hz else []
    return "\n".join([*lines, ">"])


def _item_lines(number: int, hz: int) -> list[str]:
    return [
        "<ITEM",
        "POSITION 0",
        f"LENGTH {FRAMES / RATE_HZ}",
        "LOOP 0",
        "FADEIN 1 0 0 1 0 0 0",
        "FADEOUT 1 0 0 1 0 0 0",
        f"IGUID {_MARK.format(400 + number)}",
        f"GUID {_MARK.format(500 + number)}",
        "<SOURCE WAVE",
        f'FILE "tone-{hz}.wav"',
        ">",
        ">",
    ]


def _project_text() -> str:
    """Write the project. Its render settings are traps that a render has to set right."""
    head = [
        '<REAPER_PROJECT 0.1 "6.37" 0',
        "RENDER_FMT 0 2 44100",
        "RENDER_RANGE 1 0 0 18 1000",
        "RENDER_STEMS 0",
        "RENDER_ADDTOPROJ 2",
        f"SAMPLERATE {RATE_HZ} 1 0",
        "PANLAW 1",
        "PANMODE 3",
        "ITEMMIX 2",
        "PROJOFFS 0 4 0",
        "PLAYRATE 1 0 0.25 4",
        "TEMPO 120 4 4",
        'MARKER 1 0.5 "stemkit" 0',
        "MASTER_VOLUME 0.5 0 -1 -1 1",
        "MASTER_FX 1",
        _effect(0).replace("<FXCHAIN", "<MASTERFXLIST", 1),
        _curve("MASTERVOLENV2", 0, 0.5),
    ]
    return "\n".join([*head, *(_strip_text(number, strip) for number, strip in enumerate(_TRACKS, 1)), ">", ""])


def write_selftest_song(folder: Path) -> Path:
    """Write the song and its tones.

    Parameters
    ----------
    folder
        An empty folder.

    Returns
    -------
    Path
        The project.
    """
    import numpy as np
    import soundfile

    seconds = np.arange(FRAMES) / RATE_HZ
    for hz in {strip.hz for strip in _TRACKS if strip.hz}:
        tone = AMPLITUDE * np.sin(2 * np.pi * hz * seconds)
        soundfile.write(folder / f"tone-{hz}.wav", tone, RATE_HZ, subtype="FLOAT")
    path = folder / "stemkit self-test.rpp"
    path.write_text(_project_text(), encoding="utf-8", newline="\r\n")
    return path
