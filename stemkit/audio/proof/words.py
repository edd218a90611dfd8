"""What the verdict's sentences are made of."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from stemkit.audio.proof.master import smoothed
from stemkit.audio.quantiles import quantiles

if TYPE_CHECKING:
    from collections.abc import Mapping

    from stemkit.audio.proof.explain import Explanation, Ground
    from stemkit.audio.proof.master import BusKind
    from stemkit.audio.proof.streams import Source

__all__ = ["NOTHING_DB", "describe_bus", "in_db", "what_is_wrong", "when_mended"]

NOTHING_DB = -200.0  # below that, what is left is the arithmetic's own rounding
_MENDED = {
    "inverted": "when it is flipped",
    "gain": "with that change",
    "late": "when it is moved back",
    "early": "when it is moved forward",
    "drift": "at the right speed",
    "channels_swapped": "with its channels exchanged",
    "channel_missing": "with the other channel in its place",
    "balance": "with that balance",
    "processed": "through a filter",
    "extra": "without it",
    "doubled": "without it",
}


def in_db(value: float | None) -> str:
    """Return a null depth in whole dB."""
    if value is None or value < NOTHING_DB:
        return "the last bit"
    return f"{value:.0f} dB".replace("-", "−")


def what_is_wrong(explanation: Explanation, source: Source) -> str:
    """Return what the sentence says of the accused stem."""
    rate = source.rate
    if explanation.file_rate is not None:
        says = f"its file says {source.file_rate} Hz"
        return f"plays in the mix as if its rate were {explanation.file_rate} Hz, and {says}"
    gain_db = 20 * np.log10(max(abs(explanation.gain), 1e-6))
    late = abs(explanation.lag)
    time = f"{late:.10g} samples" if late == round(late) else f"{late:.2f} samples"
    if late >= rate / 1000:
        time += f" ({late / rate * 1000:.1f} ms)"
    balance = explanation.balance or (1.0, 1.0)
    texts = {
        "inverted": "is inverted" + (f" and needs {gain_db:+.1f} dB" if abs(gain_db) > 0.3 else ""),
        "gain": f"needs {gain_db:+.1f} dB",
        "late": f"is late by {time}",
        "early": f"is early by {time}",
        "drift": f"drifts by {explanation.drift * 1e6:.3g} ppm",
        "channels_swapped": "has its channels swapped",
        "channel_missing": "lacks one channel",
        "balance": f"needs {balance[0]:.2f}× on the left and {balance[1]:.2f}× on the right",
        "processed": "is processed differently in the mix",
        "extra": "is not in the mix, or another stem holds it too",
    }
    return texts[explanation.fault].replace("-", "−")


def when_mended(fault: str, explanation: Explanation) -> str:
    """Return the words for the mix with the stem mended."""
    return "at that rate" if explanation.file_rate is not None else _MENDED[fault]


def describe_bus(ground: Ground, depths: Mapping[BusKind, float]) -> tuple[str, ...]:
    """Say in words what the fitted bus does; nothing where it does nothing worth a word."""
    bus, words = ground.bus, []
    if bus.kind == "plain":
        return ()
    if bus.gain is not None and depths.get("dynamics", 0.0) < depths.get("filter", 0.0) - 1:
        low, high = (20 * np.log10(np.maximum(np.abs(quantiles(bus.gain, q)), 1e-4)) for q in (0.05, 0.95))
        if high - low > 0.5:
            words.append(f"gain that moves by {high - low:.1f} dB with the level (a compressor or limiter)")
    if bus.curve is not None:
        words.append("a curve that bends loud samples (saturation or clipping)")
    if bus.response is not None:
        tilt = _tilt_db(ground)
        if tilt > 1.0:
            words.append(f"a frequency response that varies by {tilt:.1f} dB (an equaliser or a lossy codec)")
    return tuple(words) or ("a change that all stems share",)


def _tilt_db(ground: Ground) -> float:
    """Return the range of the fitted response, from 40 Hz to 12 kHz, where there is sound."""
    assert ground.bus.response is not None
    hz = np.linspace(0, ground.views.rate / 2, len(ground.bus.response))
    band = (hz > 40) & (hz < 12000)
    power = smoothed(np.abs(ground.bus.response.astype(np.complex128)) ** 2)[band]
    low, high = quantiles(power, (0.02, 0.98))
    return float(10 * np.log10(high / max(low, 1e-12)))
