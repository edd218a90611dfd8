"""Bars, beats and seconds: the tempo map of a session.

Bars are counted as the ruler shows them: the project's measure offset shifts their numbers, so the displayed bar 1
may lie before or behind project zero. A point with a meter begins a new bar where it stands; a bar that it cuts
short counts as a bar. A linear point ramps the tempo evenly over time, not over beats, towards the next point. The
tempo counts quarter notes, whatever the meter's denominator. What REAPER does with a tempo envelope whose first
point lies behind project zero is unconfirmed; here the project's own tempo lasts until then.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, replace
from math import ceil, floor, sqrt
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stemkit.model.session import Session, TempoPoint

__all__ = ["Stretch", "TempoMap", "bar_at", "bar_line_before", "time_of"]

_SECONDS_PER_MINUTE = 60.0
_ON_THE_LINE = 1e-6  # of a bar: stored times are rounded to 12 digits and fewer


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """From one tempo or meter point to the next. `bar` counts bars from project zero and may be broken.

    `quarters` counts quarter notes from project zero to the start.
    """

    start_s: float
    end_s: float | None  # None: without end
    bpm: float
    end_bpm: float
    numerator: int
    denominator: int
    quarters: float
    bar: float

    @property
    def quarters_a_bar(self) -> float:
        """Length of a bar in quarter notes."""
        return 4.0 * self.numerator / self.denominator

    def quarters_after(self, seconds: float) -> float:
        """Return the quarter notes that pass in the first `seconds` of the stretch."""
        return (self.bpm * seconds + self._slope() * seconds * seconds / 2) / _SECONDS_PER_MINUTE

    def seconds_after(self, quarters: float) -> float:
        """Return the seconds that the first `quarters` of the stretch take."""
        slope, sought = self._slope(), quarters * _SECONDS_PER_MINUTE
        under_root = self.bpm * self.bpm + 2 * slope * sought
        if slope == 0 or under_root < 0:
            return sought / self.bpm
        return 2 * sought / (self.bpm + sqrt(under_root))  # the stable form of the quadratic's root

    def _slope(self) -> float:
        if self.end_s is None or self.end_s <= self.start_s:
            return 0.0
        return (self.end_bpm - self.bpm) / (self.end_s - self.start_s)


@dataclass(frozen=True, slots=True, kw_only=True)
class TempoMap:
    """The stretches of a session in order of time; the first also holds for times before project zero."""

    stretches: tuple[Stretch, ...]
    first_bar: int  # the number that the ruler shows at project zero

    def position(self, time_s: float) -> tuple[int, float]:
        """Return the bar that the ruler shows at a time, and the beat in it, both counted from 1."""
        stretch = self._at([s.start_s for s in self.stretches], time_s)
        bars = stretch.bar + self._quarters_from(stretch, time_s) / stretch.quarters_a_bar
        bar = floor(bars + _ON_THE_LINE)
        beat = max(0.0, bars - bar) * stretch.numerator
        return bar + self.first_bar, beat + 1

    def time_of(self, bar: int, beat: float = 1.0) -> float:
        """Return the time of a beat of a bar, both as the ruler counts them, in seconds from project zero."""
        stretch = self._at([ceil(s.bar - _ON_THE_LINE) for s in self.stretches], bar - self.first_bar)
        quarters = (bar - self.first_bar - stretch.bar) * stretch.quarters_a_bar + (beat - 1) * 4 / stretch.denominator
        return self._time_after(stretch, quarters)

    def beats_in(self, bar: int) -> int:
        """Return how many beats the meter gives a bar."""
        starts = [ceil(s.bar - _ON_THE_LINE) for s in self.stretches]
        return self._at(starts, bar - self.first_bar).numerator

    def quarters_at(self, time_s: float) -> float:
        """Return the quarter notes from project zero to a time."""
        stretch = self._at([s.start_s for s in self.stretches], time_s)
        return stretch.quarters + self._quarters_from(stretch, time_s)

    def _at(self, starts: Sequence[float], place: float) -> Stretch:
        return self.stretches[max(0, bisect_right(starts, place) - 1)]

    def _quarters_from(self, stretch: Stretch, time_s: float) -> float:
        seconds = time_s - stretch.start_s
        if seconds < 0:  # before project zero no ramp runs backwards
            return seconds * stretch.bpm / _SECONDS_PER_MINUTE
        return stretch.quarters_after(seconds)

    def _time_after(self, stretch: Stretch, quarters: float) -> float:
        """Walk `quarters` on from the start of a stretch, over the next ones where they begin earlier."""
        if quarters < 0:
            return stretch.start_s + quarters * _SECONDS_PER_MINUTE / stretch.bpm
        goal = stretch.quarters + quarters
        stretch = self._at([s.quarters for s in self.stretches], goal)
        return stretch.start_s + stretch.seconds_after(goal - stretch.quarters)

    @classmethod
    def of(cls, session: Session) -> TempoMap:
        """Build the map of a session."""
        stretches: list[Stretch] = []
        points = _points(session)
        for number, point in enumerate(points):
            following = points[number + 1] if number + 1 < len(points) else None
            stretches.append(_stretch(point, following, stretches[-1] if stretches else None, session.meter))
        return cls(stretches=tuple(stretches), first_bar=session.measure_offset + 1)


def _points(session: Session) -> list[TempoPoint]:
    """Return the tempo points that count, the first at project zero."""
    from stemkit.model.session import TempoPoint  # noqa: PLC0415  (only made here)

    known = sorted((p for p in session.tempo_points if p.bpm > 0), key=lambda p: p.time_s)
    early = [p for p in known if p.time_s <= 0]
    points = [p for p in known if p.time_s > 0]
    if early:
        meter = next((p for p in reversed(early) if p.numerator), early[-1])
        first = replace(early[-1], time_s=0.0, numerator=meter.numerator, denominator=meter.denominator)
    else:
        first = TempoPoint(time_s=0.0, bpm=session.tempo_bpm if session.tempo_bpm > 0 else 120.0)
    return [first, *points]


def _stretch(
    point: TempoPoint, following: TempoPoint | None, before: Stretch | None, meter: tuple[int, int]
) -> Stretch:
    numerator, denominator = (before.numerator, before.denominator) if before else meter
    quarters = bar = 0.0
    if before is not None:
        passed = before.quarters_after(point.time_s - before.start_s)
        quarters = before.quarters + passed
        bar = before.bar + passed / before.quarters_a_bar
    if point.numerator and point.denominator:
        numerator, denominator = point.numerator, point.denominator
        bar = float(ceil(bar - _ON_THE_LINE))
    elif abs(bar - round(bar)) < _ON_THE_LINE:
        bar = float(round(bar))
    return Stretch(
        start_s=point.time_s,
        end_s=None if following is None else following.time_s,
        bpm=point.bpm,
        end_bpm=following.bpm if point.linear and following is not None else point.bpm,
        numerator=max(1, numerator),
        denominator=max(1, denominator),
        quarters=quarters,
        bar=bar,
    )


def time_of(session: Session, bar: int, beat: float = 1.0) -> float:
    """Return the time of a bar and beat as the ruler counts them.

    Parameters
    ----------
    session
        The project.
    bar
        The number that the ruler shows.
    beat
        From 1; a fraction lies between beats.

    Returns
    -------
    float
        Seconds from project zero; negative where the bar lies before it.
    """
    return TempoMap.of(session).time_of(bar, beat)


def bar_at(session: Session, time_s: float) -> tuple[int, float]:
    """Return the bar that the ruler shows at a time, and the beat in it (from 1, with fraction)."""
    return TempoMap.of(session).position(time_s)


def bar_line_before(session: Session, time_s: float) -> float:
    """Return the time of the bar line at or before a time, in seconds from project zero."""
    tempo = TempoMap.of(session)
    bar, _ = tempo.position(time_s)
    return tempo.time_of(bar)
