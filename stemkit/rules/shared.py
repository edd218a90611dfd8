"""What several rule families say in the same words."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, TypeAlias

from stemkit.model.report import Where
from stemkit.rules.registry import Problem, Unknown

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from stemkit.model.audio import AudioFacts, FileFacts, Gap, Run

__all__ = [
    "LEVEL_TOLERANCE_DB",
    "RERENDER",
    "Results",
    "amount",
    "at_frame",
    "clock",
    "kilohertz",
    "listed",
    "no_audio",
    "places",
]

Results: TypeAlias = "Iterator[Problem | Unknown]"
LEVEL_TOLERANCE_DB = 0.005  # half of the last digit that a report prints: -3.00 is never above -3
RERENDER = "render again from the project"
_MOST_PLACES = 20
_MOST_NAMES = 8


def no_audio(file: FileFacts) -> Unknown:
    """Say that a file's samples are not known."""
    return Unknown(subject=file.path, reason=file.unreadable or "its samples were not read")


def places(runs: Iterable[Run | Gap], audio: AudioFacts) -> tuple[Where, ...]:
    """Turn stretches of frames into places in seconds, the first twenty."""
    found: list[Where] = []
    for run in islice(runs, _MOST_PLACES):
        channel = getattr(run, "channel", None)  # a gap has none: nothing sounds in any of them
        start_s, end_s = run.start_frame / audio.sample_rate, run.end_frame / audio.sample_rate
        found.append(Where(start_s=start_s, end_s=end_s, channel=_channel(channel, audio)))
    return tuple(found)


def at_frame(frame: int | None, audio: AudioFacts, channel: int | None = None) -> tuple[Where, ...]:
    """Return the place of one frame, or no place where the frame is not known."""
    if frame is None:
        return ()
    rate = audio.sample_rate
    return (Where(start_s=frame / rate, end_s=(frame + 1) / rate, channel=_channel(channel, audio)),)


def _channel(channel: int | None, audio: AudioFacts) -> int | None:
    """Return a channel where there is more than one to choose from."""
    return channel if audio.channels > 1 else None


def amount(count: int, singular: str, plural: str | None = None) -> str:
    """Return a count with its noun: ``1 stem``, ``3 stems``."""
    return f"{count} {singular if count == 1 else plural or singular + 's'}"


def listed(names: Iterable[str]) -> str:
    """Join names for a sentence, the first eight and how many more."""
    names = list(names)
    rest = len(names) - _MOST_NAMES
    return ", ".join(names[:_MOST_NAMES]) + (f" and {rest} more" if rest > 0 else "")


def kilohertz(rate_hz: int) -> str:
    """Return a sample rate as people write it: ``44.1 kHz``."""
    return f"{rate_hz / 1000:g} kHz"


def clock(seconds: float) -> str:
    """Return a time as ``m:ss.mmm``."""
    milliseconds = round(abs(seconds) * 1000)
    minutes, rest = divmod(milliseconds, 60_000)
    sign = "-" if seconds < 0 and milliseconds else ""
    return f"{sign}{minutes}:{rest // 1000:02d}.{rest % 1000:03d}"
