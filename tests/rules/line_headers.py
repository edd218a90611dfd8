"""Files for the table of lines whose name, header or bytes carry the figure: ``(setting, figure)`` or ``(setting)``."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from tests.rules.line_files import BITS, Stored
from tests.rules.line_sounds import any_sound, beside, swell

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.rules.line_files import Setting


def named(*names: str) -> Callable[[Setting], list[Stored]]:
    return lambda setting: [Stored(wave=any_sound(setting), name=name) for name in names]


def either(absent: Callable[[Setting], Any], present: Callable[[Setting], Any]) -> Callable[[Setting, float], Any]:
    """Return a maker of what is right (0) and of what is wrong (1)."""
    return lambda setting, wrong: (present if wrong else absent)(setting)


def one_of(**stored: Any) -> Callable[[Setting], Stored]:
    return lambda setting: Stored(wave=any_sound(setting), **stored)


def of_other_rate(setting: Setting) -> list[Stored]:
    other = 48_000 if setting.rate != 48_000 else 44_100
    return [one_of()(setting), one_of(name="02_Snare.wav", rate=other)(setting)]


def short_of(setting: Setting, frames: float) -> Stored:
    """A file that ends so many frames too early."""
    frame_bytes = setting.channels * BITS.get(setting.encoding, 32) // 8
    return replace(one_of()(setting), missing_bytes=int(frames) * frame_bytes)


def of_more_channels(setting: Setting, more: float) -> Stored:
    wave = any_sound(setting)
    return Stored(wave=np.stack([wave] * (setting.channels + int(more)), axis=1))


def not_numbers(setting: Setting, samples: float) -> Stored:
    sound = swell(setting)
    wave = sound.copy()
    wave[100 : 100 + int(samples)] = np.nan if setting.encoding == "float32" else 0.0
    return Stored(wave=beside(setting, wave, sound))


def claiming(rate_factor: int) -> Callable[[Setting], Stored]:
    """Return a maker of files whose iXML chunk names the rate times a factor."""

    def make(setting: Setting) -> Stored:
        ixml = f"<BWFXML><SPEED><FILE_SAMPLE_RATE>{setting.rate * rate_factor}</FILE_SAMPLE_RATE></SPEED></BWFXML>"
        return one_of(chunks={b"iXML": ixml.encode()})(setting)

    return make


def saying_rate(setting: Setting) -> list[Stored]:
    return named(f"01_Kick_{setting.rate / 1000:g}k.wav")(setting)


def saying_other_rate(setting: Setting) -> list[Stored]:
    return named(f"01_Kick_{'96k' if setting.rate != 96_000 else '48k'}.wav")(setting)


def named_with_length(setting: Setting, characters: float) -> list[Stored]:
    return named(f"01_{'A' * (int(characters) - 3)}.wav")(setting)
