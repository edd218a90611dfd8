"""Tempo map, markers and regions of a project file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from stemkit.model.session import Marker, Region, TempoPoint
from stemkit.reaper.project_values import color_or_none, integer_at, number_at
from stemkit.reaper.rpp import tokenize

if TYPE_CHECKING:
    from stemkit.reaper.project_values import Fields
    from stemkit.reaper.rpp import Block

__all__ = ["Tempo", "read_markers", "read_tempo"]

DEFAULT_BPM = 120.0
_REGION_BIT = 1
_SQUARE = 1  # tempo points: 0 ramps to the next point, 1 holds (State Chunk Definitions: DEFSHAPE)
_METER_RADIX = 65536


@dataclass(frozen=True, slots=True)
class Tempo:
    """Tempo and meter at project zero, and the changes after it."""

    bpm: float
    meter: tuple[int, int]
    points: tuple[TempoPoint, ...]


def read_tempo(root: Block, fields: Fields) -> Tempo:
    """Read the ``TEMPO`` line and the points of an active ``TEMPOENVEX``.

    The line of v2 and v3 may hold the beats of a measure alone; the beat is then a quarter.
    """
    bpm = fields.number("TEMPO", 0, DEFAULT_BPM)
    numerator, denominator = fields.integer("TEMPO", 1, 4), fields.integer("TEMPO", 2, 4)
    meter = (numerator if numerator > 0 else 4, denominator if denominator > 0 else 4)
    points = _tempo_points(root.child("TEMPOENVEX"))
    if points and points[0].time_s <= 0.0:  # the map rules where it begins at project zero
        first = points[0]
        bpm = first.bpm
        meter = (first.numerator or meter[0], first.denominator or meter[1])
    return Tempo(bpm if bpm > 0 else DEFAULT_BPM, meter, points)


def read_markers(root: Block) -> tuple[tuple[Marker, ...], tuple[Region, ...]]:
    """Read the ``MARKER`` lines: ``index position name flags color ? B|R guid``.

    A region is two lines with one index and bit 1 of the flags: its start with the name, then its end. One that
    lacks its end is given with no length.
    """
    markers: list[Marker] = []
    regions: list[Region] = []
    open_regions: dict[int, int] = {}  # index → place in `regions`
    for line in root.own_lines():
        if not line.startswith("MARKER "):
            continue
        tokens = tokenize(line)
        index, position_s = integer_at(tokens, 1), number_at(tokens, 2)
        name = tokens[3] if len(tokens) > 3 else ""
        color = color_or_none(integer_at(tokens, 5))
        if not integer_at(tokens, 4) & _REGION_BIT:
            markers.append(Marker(index=index, position_s=position_s, name=name, color=color))
        elif (place := open_regions.pop(index, None)) is None:
            open_regions[index] = len(regions)
            regions.append(Region(index=index, start_s=position_s, end_s=position_s, name=name, color=color))
        else:
            start = regions[place]
            regions[place] = Region(
                index=index, start_s=start.start_s, end_s=position_s, name=start.name, color=start.color
            )
    return tuple(markers), tuple(regions)


def _tempo_points(block: Block | None) -> tuple[TempoPoint, ...]:
    """``PT time bpm shape meter …`` with the meter as 65536 times denominator plus numerator."""
    if block is None or integer_at(block.tokens("ACT") or [], 1) == 0:
        return ()
    points = []
    for line in block.own_lines():
        tokens = line.split()
        bpm = number_at(tokens, 2)
        if tokens[:1] != ["PT"] or bpm <= 0:
            continue
        denominator, numerator = divmod(integer_at(tokens, 4), _METER_RADIX)
        points.append(
            TempoPoint(
                time_s=number_at(tokens, 1),
                bpm=bpm,
                numerator=numerator if numerator > 0 and denominator > 0 else None,
                denominator=denominator if numerator > 0 and denominator > 0 else None,
                linear=integer_at(tokens, 3) != _SQUARE,
            )
        )
    return tuple(sorted(points, key=lambda point: point.time_s))
