"""A short song in which everything that a live render has to get right stands once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import soundfile

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["RATE", "SECONDS", "write_song"]

RATE, SECONDS = 48_000, 0.5
_HEAD = """<REAPER_PROJECT 0.1 "7.78/linux" 1
  RENDER_FILE "old folder"
  RENDER_PATTERN "my $project"
  RENDER_FMT 0 2 44100
  RENDER_RANGE 2 1 2 18 1000
  RENDER_STEMS 1
  RENDER_ADDTOPROJ 2
  RENDER_DITHER 3
  RENDER_NORMALIZE 16385 0.5 1 0 0 0 0
  RENDER_TRIM 0.000001 0.000001 0 0
  <RENDER_CFG
    ZXZhdxgAAQ==
  >
  <RENDER_CFG2
    bDNwbQ==
  >
  SAMPLERATE 48000 1 0
  SELECTION 0.1 0.2
  MASTER_VOLUME 0.5 0.25 -1 -1 1
  MASTER_FX 1
  <MASTERFXLIST
    BYPASS 0 0 0
    <JS stemkit_clip_0.1 ""
    >
    FXID {F0000000-0000-0000-0000-000000000001}
  >
  MARKER 1 9.5 "long after the end" 0 0 1 R {A0000000-0000-0000-0000-000000000001} 0
"""
# name, extra lines, sound (frequency or None)
_TRACKS = (
    ("Drums", "VOLPAN 0.5 0 -1 -1 1\nISBUS 1 1", 110),  # a folder with a sound of its own
    ("Kick", "VOLPAN 0.8 0 -1 -1 1\nISBUS 0 0\nSEL 1", 60),
    ("Snare", "VOLPAN 1 -1 -1 -1 1\nISBUS 2 -1\nIPHASE 1", 220),  # hard left
    ("Vox", "VOLPAN 0.9 0.3 -1 -1 1\nISBUS 0 0\nMUTESOLO 0 0 0", 440),
    ("Dub", "VOLPAN 0.5 0 -1 -1 1\nISBUS 0 0", 550),
    ("Echo", "VOLPAN 0.7 0 -1 -1 1\nISBUS 0 0", None),
    ("Out", "VOLPAN 1 0 -1 -1 1\nMUTESOLO 1 0 0", 330),  # muted
)
_GAIN = """<FXCHAIN
BYPASS 0 0 0
<JS stemkit_gain_-12 ""
>
FXID {F0000000-0000-0000-0000-000000000002}
>"""
_SENDS = {"Echo": "AUXRECV 3 0 0.5 0 0 0 0 0 0 -1:U 0 -1 ''\nAUXRECV 4 0 0.25 0 0 0 0 0 0 -1:U 0 -1 ''"}


def _guid(number: int) -> str:
    return f"{{00000000-0000-0000-0000-{number:012d}}}"


def write_song(
    folder: Path,
    *,
    master_effect: str = "stemkit_clip_0.1",
    master_extra: str = "",
    extra: dict[str, str] | None = None,
) -> Path:
    """Write the song and its media.

    Parameters
    ----------
    folder
        Where; it is made.
    master_effect
        Name of the effect on the master.
    master_extra
        Further lines for the project itself.
    extra
        Further lines for tracks, by name.
    """
    folder.mkdir(parents=True, exist_ok=True)
    text = _HEAD.replace("stemkit_clip_0.1", master_effect) + (f"{master_extra}\n" if master_extra else "")
    frames = round(RATE * SECONDS)
    for number, (name, lines, frequency) in enumerate(_TRACKS, 1):
        body = f"NAME {name}\n{lines}\n{_SENDS.get(name, '')}\n{(extra or {}).get(name, '')}\n"
        body += _GAIN + "\n" if name == "Vox" else ""
        if frequency is not None:
            wave = 0.4 * np.sin(2 * np.pi * frequency * np.arange(frames) / RATE)
            pair = np.column_stack([wave, 0.8 * wave])
            soundfile.write(folder / f"{name}.wav", pair, RATE, subtype="PCM_24")
            body += (
                f"<ITEM\nPOSITION 0\nLENGTH {SECONDS}\nIGUID {_guid(100 + number)}\n"
                f'GUID {_guid(200 + number)}\n<SOURCE WAVE\nFILE "{name}.wav"\n>\n>\n'
            )
        text += f"<TRACK {_guid(number)}\n{body}>\n"
    path = folder / "Song.rpp"
    path.write_text(text + ">\n", encoding="utf-8", newline="\r\n")
    return path
