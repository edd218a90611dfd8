"""What the tones of the self-test have to measure in each file, and what they do."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from stemkit.app.selftest_song import AMPLITUDE, EFFECT_GAIN, RATE_HZ, guid_of

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["LEVELS", "Level", "amplitude"]

_FROM, _FRAMES = 4800, 24_000  # half a second off both ends, in which every tone has whole periods
_TOLERANCE_DB = 0.3  # REAPER's volume effect may count 6 dB as a factor of two, which is 0.04 dB off at 12 dB
_SILENT = 1e-5
_LEFT, _RIGHT = 0, 1
_FADER, _FOLDER, _CHILD, _SENT, _MASTER_FADER, _ENVELOPE = 0.5, 0.5, 0.8, 0.5, 0.5, 0.5


@dataclass(frozen=True, slots=True)
class Level:
    """A tone in a file of a probe: of a track (its number from 1), or of the mix (0)."""

    probe: str
    track: int
    hz: int
    gain: float
    channel: int = _LEFT

    @property
    def key(self) -> str:
        """Under which the file stands in the probe's answer."""
        return guid_of(self.track) if self.track else ""

    def fault(self, path: Path) -> str:
        """Measure; return what is wrong in words, or nothing."""
        measured, wanted = amplitude(path, self.channel, self.hz), AMPLITUDE * self.gain
        if wanted == 0:
            return "" if measured < _SILENT else f"{self.probe}: {self.hz} Hz is heard at {_db(measured)}"
        if measured > 0 and abs(20 * math.log10(measured / wanted)) <= _TOLERANCE_DB:
            return ""
        return f"{self.probe}: {self.hz} Hz at {_db(measured)} instead of {_db(wanted)}"


def _db(value: float) -> str:
    return f"{20 * math.log10(value):.2f} dBFS" if value > 0 else "silence"


def amplitude(path: Path, channel: int, hz: int) -> float:
    """Return the amplitude of a tone in a file, linear (1.0 = full scale).

    Parameters
    ----------
    path
        A WAV file of at least 28,800 frames at 48 kHz.
    channel
        From 0.
    hz
        An even number.
    """
    import numpy as np
    import soundfile

    audio = soundfile.read(path, start=_FROM, frames=_FRAMES, dtype="float64", always_2d=True)[0][:, channel]
    turning = np.exp(-2j * np.pi * hz * np.arange(len(audio)) / RATE_HZ)
    return float(2 * np.abs((audio * turning).sum()) / _FRAMES)


_WHOLE_MASTER = _MASTER_FADER * EFFECT_GAIN * _ENVELOPE

LEVELS: dict[str, tuple[Level, ...]] = {
    "stem-has-fader": (
        Level("stems", 1, 200, _FADER),
        Level("stems", 2, 300, 1.0),
        Level("stems", 2, 300, 0.0, _RIGHT),
    ),
    "stem-has-effects": (Level("stems", 8, 800, EFFECT_GAIN),),
    "stem-without-folder": (Level("stems", 4, 500, _CHILD),),
    "folder-stem-has-children": (Level("stems", 3, 400, _FOLDER), Level("stems", 3, 500, _CHILD * _FOLDER)),
    "main-send-off-is-heard": (Level("stems", 5, 600, 1.0),),
    "main-send-off-empties-folder": (
        Level("stems", 3, 600, 0.0),
        Level("child-off", 3, 500, 0.0),
        Level("child-off", 3, 400, _FOLDER),
    ),
    "sends-reach-returns": (Level("stems", 7, 700, _SENT * _FADER),),
    "muted-send-is-silent": (Level("stems", 7, 200, 0.0),),
    "muted-track-is-silent": (Level("stems", 9, 900, 0.0), Level("mix", 0, 900, 0.0)),
    "muted-parent": (Level("mix", 0, 1000, 0.0),),
    "trim-read": (Level("stems", 12, 1100, _FADER * _ENVELOPE), Level("stems", 13, 1200, _ENVELOPE)),
    "effect-off": (Level("effect-off", 8, 800, 1.0),),
    "mix-has-master": (Level("mix", 0, 200, _FADER * _WHOLE_MASTER),),
    "master-effects-off": (Level("mix-no-effects", 0, 200, _FADER * _WHOLE_MASTER / EFFECT_GAIN),),
    "master-envelope-off": (Level("mix-no-envelope", 0, 200, _FADER * _WHOLE_MASTER / _ENVELOPE),),
    "settings-128-via-master": (Level("via-master", 1, 200, _FADER * _WHOLE_MASTER),),
}
