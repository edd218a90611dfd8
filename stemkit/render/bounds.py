"""From when to when the files run: from bar 1 beat 1 to the end of the last sounding item plus the tail."""

from __future__ import annotations

from dataclasses import dataclass
from math import floor
from typing import TYPE_CHECKING

from stemkit.errors import UsageError
from stemkit.model.plan import Bounds
from stemkit.session.plugins import classify, live_effects
from stemkit.session.position import parse_position
from stemkit.session.sound import playing_items, playing_takes, sounding_items
from stemkit.session.tempo import TempoMap

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from stemkit.model.delivery import Choices
    from stemkit.model.session import Item, Session
    from stemkit.session.routing import RoutedTrack

__all__ = ["Sounding", "make_bounds", "to_frame"]

_DEFAULT_TAIL_S = 8.0
_NOBODYS_TAIL_MS = 1000.0  # what REAPER writes into every new project: no choice of anybody
_TAIL_BIT = {0: 1, 1: 2, 2: 4, 3: 8, 4: 16, 5: 32, 6: 8, 7: 32}  # RENDER_TAILFLAG by RENDER_BOUNDSFLAG


@dataclass(frozen=True, slots=True, kw_only=True)
class Sounding:
    """What the files hold: tracks that sound by themselves or play an instrument, and the tracks they run through."""

    sources: tuple[RoutedTrack, ...]
    way: tuple[RoutedTrack, ...]
    bypass_fx: bool = False


def to_frame(time_s: float, rate: int) -> int:
    """Return the frame of a time, half rounded up as REAPER's own renders show."""
    return floor(time_s * rate + 0.5)


def _spans(sounding: Sounding, rate: int) -> Iterator[tuple[float, float]]:
    for node in sounding.sources:
        shift_s = _play_offset_s(node, rate)
        for item in _items(node):
            yield item.position_s + shift_s, item.end_s + shift_s


def _items(node: RoutedTrack) -> Iterable[Item]:
    return playing_items(node.track) if node.feeds_instrument else sounding_items(node.track)


def _play_offset_s(node: RoutedTrack, rate: int) -> float:
    flags, offset = node.track.play_offset_flags, node.track.play_offset
    if flags & 1:
        return 0.0
    return offset / rate if flags & 2 else offset


def make_bounds(session: Session, choices: Choices, sounding: Sounding, rate: int) -> tuple[Bounds, tuple[str, ...]]:
    """Work out the span that every file has.

    Parameters
    ----------
    session
        The project.
    choices
        `start`, `end` and `tail`.
    sounding
        What is heard in the stems.
    rate
        The plan's sample rate, in hertz.

    Returns
    -------
    Bounds
        The span.
    tuple[str, ...]
        Notes for the plan: where the span is not what one expects.

    Raises
    ------
    UsageError
        A place that is none, or an end before the start.
    """
    spans = list(_spans(sounding, rate))
    start_s, from_words, notes = _start(session, choices, spans, rate)
    end_s, tail_s, to_words = _end(session, choices, spans, sounding, start_s)
    _refuse_nothing(choices, sounding, start_s, end_s)
    start_frame = to_frame(start_s, rate)
    bounds = Bounds(
        start_s=start_s,
        end_s=end_s,
        start_frame=start_frame,
        frames=to_frame(end_s, rate) - start_frame,
        tail_s=tail_s,
        explanation=f"From {from_words} to {to_words}.",
    )
    return bounds, (*notes, *_cut_off(spans, bounds, rate))


def _refuse_nothing(choices: Choices, sounding: Sounding, start_s: float, end_s: float) -> None:
    """Raise where the wishes leave no time at all; a project without sound has none for other reasons."""
    if choices.end is not None and end_s <= start_s:
        raise UsageError(
            f"The end at {end_s:.3f} s does not lie behind the start at {start_s:.3f} s; check --start and --end."
        )
    if choices.start is not None and choices.end is None and end_s <= start_s and sounding.sources:
        raise UsageError(f"Nothing sounds behind the start at {start_s:.3f} s; check --start, or give an --end too.")


def _start(
    session: Session, choices: Choices, spans: Iterable[tuple[float, float]], rate: int
) -> tuple[float, str, tuple[str, ...]]:
    tempo = TempoMap.of(session)
    if choices.start is not None:
        start_s = parse_position(choices.start, session)
        return start_s, f"{_bar(tempo, start_s)}, as asked for,", ()
    start_s, words, notes = tempo.time_of(1), "bar 1 beat 1", ()
    if start_s < 0:
        start_s, words = 0.0, f"the start of the project, {_bar(tempo, 0.0)}"
    first_s = min((begin for begin, _ in spans), default=start_s)
    if to_frame(first_s, rate) >= to_frame(start_s, rate):
        return start_s, words, notes
    bar, _ = tempo.position(first_s)
    note = f"Sound begins at {first_s:.3f} s, before {words}, so all files start at the bar line before it: bar {bar}."
    return tempo.time_of(bar), f"bar {bar} beat 1, the bar line before the first sound,", (note,)


def _bar(tempo: TempoMap, time_s: float) -> str:
    bar, beat = tempo.position(time_s)
    return f"bar {bar} beat {beat:.6g}"


def _end(
    session: Session,
    choices: Choices,
    spans: Iterable[tuple[float, float]],
    sounding: Sounding,
    start_s: float,
) -> tuple[float, float, str]:
    tail_s, tail_words = _tail(session, choices, sounding)
    if choices.end is not None:
        end_s = parse_position(choices.end, session)
        words = f"{_bar(TempoMap.of(session), end_s)}, as asked for"
        if choices.tail in ("auto", "none"):
            return end_s, 0.0, words
        return end_s + tail_s, tail_s, f"{words}, and {tail_words}"
    last_s = max((end for _, end in spans), default=start_s)
    if last_s <= start_s:
        return start_s, 0.0, "the same place, since nothing sounds behind it"
    return last_s + tail_s, tail_s, f"the end of the last sounding item at {last_s:.3f} s, and {tail_words}"


def _tail(session: Session, choices: Choices, sounding: Sounding) -> tuple[float, str]:
    if choices.tail == "none":
        return 0.0, "no tail"
    if choices.tail != "auto":
        return _asked_tail(choices.tail), f"a tail of {_asked_tail(choices.tail):g} s, as asked for"
    if sounding.bypass_fx or not _rings_on(session, sounding):
        return 0.0, "no tail, since no effect is running"
    settings = session.render
    chosen = settings.tail_flag & _TAIL_BIT.get(settings.bounds_flag, 0) and settings.tail_ms != _NOBODYS_TAIL_MS
    if chosen and settings.tail_ms > 0:
        return settings.tail_ms / 1000, f"the project's tail of {settings.tail_ms / 1000:g} s"
    return _DEFAULT_TAIL_S, f"{_DEFAULT_TAIL_S:g} s in which effects ring on"


def _asked_tail(text: str) -> float:
    try:
        tail_s = float(text.strip().removesuffix("s"))
    except ValueError:
        tail_s = -1.0
    if not 0 <= tail_s < float("inf"):
        raise UsageError(f"--tail {text!r} is no length; say auto, none, or seconds such as 2.5.")
    return tail_s


def _rings_on(session: Session, sounding: Sounding) -> bool:
    """Tell whether any live effect, on tracks, takes or (for the rough mix) as an echo on the master, is heard."""
    if any(node.processing for node in sounding.way):
        return True
    if any(classify(effect).category in ("reverb", "delay") for effect in live_effects(session.master.fx)):
        return True
    takes = (take for node in sounding.sources for item in _items(node) for take in playing_takes(item))
    return any(not classify(effect).harmless for take in takes for effect in live_effects(take.fx))


def _cut_off(spans: Iterable[tuple[float, float]], bounds: Bounds, rate: int) -> Iterator[str]:
    end_frame = bounds.start_frame + bounds.frames
    early = sum(to_frame(begin, rate) < bounds.start_frame for begin, _ in spans)
    late = sum(to_frame(end, rate) > end_frame for _, end in spans)
    if early:
        yield f"{early} of the sounding items begin before the start and are cut by it."
    if late:
        yield f"{late} of the sounding items end behind the end and are cut by it."
