"""The example song: eight tracks of synthesised audio in a REAPER project with the usual mistakes planted.

Nothing in it was recorded: every sound is computed, from a fixed seed, so the song is the same everywhere.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from stemkit.audio.wav_writer import WavHeader, encode_samples, header_bytes, write_pad
from stemkit.render.atomic import part_file

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from numpy.typing import NDArray

    Sound = NDArray[np.float64]

__all__ = ["PLANTED", "PROJECT_NAME", "SAMPLE_RATE", "write_demo_project"]

PROJECT_NAME = "Stemkit Demo.rpp"
SAMPLE_RATE = 48_000
_BPM = 100
_BEAT_S = 60 / _BPM
_BARS = 8
_LENGTH_S = _BARS * 4 * _BEAT_S  # 19.2 s

# What `stemkit inspect` has to find in the project: rule and subject, and why the demo has it.
PLANTED: tuple[tuple[str, str, str], ...] = (
    ("SK101", "Master", "a limiter on the master track"),
    ("SK106", "Synth Pad", "a muted item left on the pad"),
    ("SK109", "Vox Room", "a return that is fed by a send"),
    ("SK110", "Vox Lead", "volume automation on the vocal"),
    ("SK112", "Vox Room", "a bypassed reverb on the return"),
    ("SK114", "Track 4 (no name)", "a track that nobody named"),
)


def _frames(seconds: float) -> int:
    return round(seconds * SAMPLE_RATE)


def _time(seconds: float) -> Sound:
    return np.arange(_frames(seconds)) / SAMPLE_RATE


def _place(hits: list[tuple[float, float]], sound: Sound) -> Sound:
    """Put a mono sound at each (beat, gain), cut at the end of the song."""
    out = np.zeros(_frames(_LENGTH_S))
    for beat, gain in hits:
        start = _frames(beat * _BEAT_S)
        room = min(len(sound), len(out) - start)
        out[start : start + room] += gain * sound[:room]
    return out


def _edges(sound: Sound, seconds: float = 0.01) -> Sound:
    """Fade both ends so that no sound starts or stops with a click."""
    ramp = np.linspace(0, 1, _frames(seconds))
    sound = sound.copy()
    sound[: len(ramp)] *= ramp
    sound[-len(ramp) :] *= ramp[::-1]
    return sound


def _kick(_rng: np.random.Generator) -> Sound:
    t = _time(0.45)
    pitch = 48 + 110 * np.exp(-t * 28)
    hit = np.sin(2 * np.pi * np.cumsum(pitch) / SAMPLE_RATE) * np.exp(-t * 7)
    return _place([(b, 1.0) for b in range(0, _BARS * 4, 2)], _edges(hit, 0.002)) * 0.8


def _snare(rng: np.random.Generator) -> Sound:
    t = _time(0.3)
    body = np.sin(2 * np.pi * 185 * t) * np.exp(-t * 24)
    rattle = rng.standard_normal(len(t)) * np.exp(-t * 16) * 0.35
    return _place([(b, 1.0) for b in range(1, _BARS * 4, 2)], _edges(body + rattle, 0.001)) * 0.4


def _hats(rng: np.random.Generator) -> Sound:
    t = _time(0.08)
    noise = np.diff(rng.standard_normal(len(t) + 2), n=2) * np.exp(-t * 60)
    return _place([(b / 2, 0.6 + 0.4 * (b % 2)) for b in range(_BARS * 8)], _edges(noise, 0.001)) * 0.12


def _harmonics(frequency: float, t: Sound, count: int, *, slope: float = 1.0) -> Sound:
    out = np.zeros(len(t))
    for k in range(1, count + 1):
        out += np.sin(2 * np.pi * frequency * k * t) / k**slope
    return out


def _bass(_rng: np.random.Generator) -> Sound:
    roots = (41.2, 41.2, 55.0, 49.0)
    out = np.zeros(_frames(_LENGTH_S))
    t = _time(_BEAT_S * 0.9)
    for beat in range(_BARS * 4):
        note = _edges(_harmonics(roots[beat // 4 % 4], t, 6) * np.exp(-t * 2.2))
        out += _place([(beat, 0.45)], note)
    return out


def _pad(rng: np.random.Generator) -> Sound:
    chords = ((164.8, 196.0, 246.9), (164.8, 196.0, 246.9), (220.0, 261.6, 329.6), (196.0, 246.9, 293.7))
    t = _time(4 * _BEAT_S)
    sides = []
    for detune in (-0.4, 0.4):
        side = np.zeros(_frames(_LENGTH_S))
        for bar in range(_BARS):
            drift = rng.uniform(-0.1, 0.1)
            tone = sum(_harmonics(f + detune + drift, t, 8, slope=1.4) for f in chords[bar % 4])
            side += _place([(bar * 4, 0.1)], _edges(np.asarray(tone), 0.08))
        sides.append(side)
    return np.stack(sides, axis=1)


def _voice(_rng: np.random.Generator) -> Sound:
    tune = ((8, 329.6), (9.5, 392.0), (11, 329.6), (12, 293.7), (16, 440.0), (17.5, 392.0), (19, 329.6), (24, 293.7))
    formants = ((730, 90, 1.0), (1090, 110, 0.5), (2440, 160, 0.25))
    out = np.zeros(_frames(_LENGTH_S))
    t = _time(1.3 * _BEAT_S)
    vibrato = 1 + 0.006 * np.sin(2 * np.pi * 5.2 * t)
    for beat, pitch in tune:
        phase = 2 * np.pi * np.cumsum(pitch * vibrato) / SAMPLE_RATE
        tone = np.zeros(len(t))
        for k in range(1, 20):
            weight = sum(level / (1 + ((k * pitch - centre) / width) ** 2) for centre, width, level in formants)
            tone += weight * np.sin(k * phase)
        out += _place([(beat, 0.35)], _edges(tone, 0.05))
    return out


_SOUNDS: tuple[tuple[str, Callable[[np.random.Generator], Sound]], ...] = (
    ("kick.wav", _kick),
    ("snare.wav", _snare),
    ("hats.wav", _hats),
    ("bass.wav", _bass),
    ("pad.wav", _pad),
    ("vox.wav", _voice),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Track:
    name: str
    media: str = ""
    folder: int = 0  # +1 opens a folder, -1 closes it
    volume: float = 1.0
    pan: float = 0.0
    muted_item: bool = False
    extra: str = ""


# AUXRECV: source track (0-based), mode 0 = post-fader, gain, pan, mute, mono, phase, channels …
_SEND = "    AUXRECV 6 0 0.35481339 0 0 0 0 0 0 -1:U 0 -1 ''\n"
_REVERB = (
    "    <FXCHAIN\n      SHOW 0\n      LASTSEL 0\n      DOCKED 0\n      BYPASS 1 0 0\n"
    '      <VST "VST: ReaVerbate (Cockos)" reaverbate.vst.dylib 0 "" 1919252068 ""\n      >\n      WAK 0 0\n    >\n'
)
_RIDE = (
    "    <VOLENV2\n      ACT 1 -1\n      VIS 1 1 1\n      ARM 0\n      DEFSHAPE 0 -1 -1\n"
    "      PT 4.8 1 0\n      PT 9.6 0.7 0\n      PT 14.4 1 0\n    >\n"
)
_TRACKS = (
    _Track(name="Drums", folder=1, volume=0.84),
    _Track(name="kick", media="kick.wav"),
    _Track(name="Snare (top)", media="snare.wav", pan=0.15),
    _Track(name="", media="hats.wav", folder=-1, pan=-0.3),
    _Track(name="02 Bass", media="bass.wav", volume=0.9),
    _Track(name="Synth Pad", media="pad.wav", volume=0.7, muted_item=True),
    _Track(name="Vox Lead", media="vox.wav", extra=_RIDE),
    _Track(name="Vox Room", extra=_SEND + _REVERB, volume=0.8, pan=0.4),
)

_HEAD = f"""<REAPER_PROJECT 0.1 "7.22/stemkit-demo" 1700000000
  PANLAW 1
  PROJOFFS 0 0 0
  PANMODE 3
  SELECTION 0 0
  RENDER_FILE ""
  RENDER_PATTERN ""
  RENDER_FMT 0 2 0
  RENDER_RANGE 1 0 0 18 1000
  RENDER_RESAMPLE 3 0 1
  RENDER_ADDTOPROJ 0
  RENDER_STEMS 0
  RENDER_DITHER 0
  ITEMMIX 1
  SAMPLERATE {SAMPLE_RATE} 1 0
  GLOBAL_AUTO -1
  TEMPO {_BPM} 4 4
  PLAYRATE 1 0 0.25 4
  MASTERMUTESOLO 0
  MASTER_NCH 2 2
  MASTER_VOLUME 1 0 -1 -1 1
  MASTER_PANMODE 3
  MASTER_FX 1
  <MASTERFXLIST
    SHOW 0
    LASTSEL 0
    DOCKED 0
    BYPASS 0 0 0
    <VST "VST: ReaLimit (Cockos)" realimit.vst.dylib 0 "" 1919708532 ""
    >
    WAK 0 0
  >
  MARKER 1 0 "Intro" 0
  MARKER 2 {8 * _BEAT_S:g} "Verse" 0
"""


def _item(media: str, number: int, *, muted: bool) -> str:
    return (
        "    <ITEM\n      POSITION 0\n      SNAPOFFS 0\n"
        f"      LENGTH {_LENGTH_S:g}\n      LOOP 0\n      ALLTAKES 0\n"
        "      FADEIN 1 0 0 1 0 0 0\n      FADEOUT 1 0 0 1 0 0 0\n"
        f"      MUTE {int(muted)} 0\n      SEL 0\n      IGUID {{00000000-0000-4000-9000-{number:012d}}}\n"
        f"      NAME {media}\n      VOLPAN 1 0 1 -1\n      SOFFS 0\n      PLAYRATE 1 1 0 -1 0 0.0025\n"
        "      CHANMODE 0\n"
        f"      GUID {{00000000-0000-4000-A000-{number:012d}}}\n"
        f'      <SOURCE WAVE\n        FILE "media/{media}"\n      >\n    >\n'
    )


def _track_text(track: _Track, number: int) -> str:
    guid = f"{{00000000-0000-4000-8000-{number:012d}}}"
    isbus = {1: "1 1", -1: "2 -1"}.get(track.folder, "0 0")
    items = _item(track.media, number, muted=False) if track.media else ""
    if track.muted_item:
        items += _item(track.media, number + 100, muted=True)
    name = f'"{track.name}"' if not track.name or " " in track.name else track.name
    return (
        f"  <TRACK {guid}\n    NAME {name}\n    PEAKCOL 16576\n    BEAT -1\n    AUTOMODE 0\n"
        f"    VOLPAN {track.volume:g} {track.pan:g} -1 -1 1\n    MUTESOLO 0 0 0\n    IPHASE 0\n    PLAYOFFS 0 1\n"
        f"    ISBUS {isbus}\n    FREEMODE 0\n    SEL 0\n    NCHAN 2\n    FX 1\n    TRACKID {guid}\n    MAINSEND 1 0\n"
        f"{track.extra}{items}  >\n"
    )


def _write_media(target: Path, sound: Sound) -> None:
    samples = sound if sound.ndim == 2 else sound[:, np.newaxis]
    header = WavHeader(
        encoding="pcm24",
        sample_rate=SAMPLE_RATE,
        channels=samples.shape[1],
        frames=len(samples),
        description="synthesised for the stemkit demo",
    )
    with part_file(target) as stream:
        stream.write(header_bytes(header))
        stream.write(encode_samples(samples, header.encoding))
        write_pad(stream, header)


def write_demo_project(folder: Path) -> Path:
    """Write the example project and its media.

    Parameters
    ----------
    folder
        Where; it is made. Files that exist are an error.

    Returns
    -------
    Path
        The project file.
    """
    rng = np.random.default_rng(20_26)
    for name, synthesise in _SOUNDS:
        _write_media(folder / "media" / name, synthesise(rng))
    text = _HEAD + "".join(_track_text(t, n) for n, t in enumerate(_TRACKS, 1)) + ">\n"
    project = folder / PROJECT_NAME
    with part_file(project) as stream:
        stream.write(text.replace("\n", "\r\n").encode())
    return project
