"""Effects that the pretend REAPER can really run on its master: ``stemkit_gain_-6``, ``stemkit_clip_0.5`` and
``stemkit_delay_480`` (samples)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from stemkit.model.session import Effect

__all__ = ["run_effects"]

_NAME = re.compile(r"stemkit_(gain|clip|delay)_(-?[\d.]+)")


def _gain(audio: np.ndarray, gain_db: float) -> np.ndarray:
    return np.asarray(audio * 10 ** (gain_db / 20))


def _clip(audio: np.ndarray, ceiling: float) -> np.ndarray:
    return np.asarray(np.clip(audio, -ceiling, ceiling))


def _delay(audio: np.ndarray, samples: float) -> np.ndarray:
    late = np.zeros_like(audio)
    late[int(samples) :] = audio[: len(audio) - int(samples)]
    return late


_KINDS: dict[str, Callable[[np.ndarray, float], np.ndarray]] = {"gain": _gain, "clip": _clip, "delay": _delay}


def run_effects(audio: np.ndarray, effects: Iterable[Effect]) -> np.ndarray:
    """Run the effects that are on; others pass the sound on as it is."""
    for effect in effects:
        match = _NAME.search(effect.identifier + effect.name)
        if match and effect.enabled and not effect.offline:
            audio = _KINDS[match[1]](audio, float(match[2]))
    return audio
