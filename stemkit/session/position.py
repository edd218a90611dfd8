"""Places on the time line as people type them: ``17:1``, ``17``, ``17.3.50``, ``12.5s``, ``1:23.5``.

======================= ==================================================
written                 meant
======================= ==================================================
``17``                  bar 17, beat 1
``17:3``                bar 17, beat 3
``17.3.50``             bar 17, beat 3 and 50 hundredths, as REAPER shows it
``12.5``, ``12s``       seconds
``1:23.5``, ``1:23s``   minutes and seconds
``1:02:03``             hours, minutes and seconds
======================= ==================================================

So a decimal point in the last number, an ``s`` or a second colon makes a time; whole numbers make bars and beats.
Both count as the ruler does: bar numbers with the project's measure offset, times with its start time.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from stemkit.errors import UsageError
from stemkit.session.tempo import TempoMap

if TYPE_CHECKING:
    from stemkit.model.session import Session

__all__ = ["parse_position"]

_BAR = re.compile(r"(?P<bar>-?\d+)(?::(?P<beat>\d+))?")
_REAPER_BAR = re.compile(r"(?P<bar>-?\d+)\.(?P<beat>\d+)\.(?P<hundredths>\d{2})")
_TIME = re.compile(
    r"(?P<sign>-?)(?:(?:(?P<hours>\d+):)?(?P<minutes>\d+):)?(?P<seconds>\d+(?:\.\d*)?|\.\d+)\s*(?P<unit>s|sec)?",
    re.IGNORECASE,
)
_HINT = "write bar:beat as 17:1, or a time as 12.5s or 1:23.5"


def parse_position(text: str, session: Session) -> float:
    """Read a place on the time line.

    Parameters
    ----------
    text
        As in the table above.
    session
        Gives the tempo map and what the ruler shows.

    Returns
    -------
    float
        Seconds from project zero.

    Raises
    ------
    UsageError
        The text is no place, or the bar has no such beat.
    """
    written = text.strip()
    if match := _REAPER_BAR.fullmatch(written) or _BAR.fullmatch(written):
        parts = match.groupdict()
        return _bar_time(written, int(parts["bar"]), parts["beat"], int(parts.get("hundredths") or 0), session)
    match = _TIME.fullmatch(written)
    if match is None:
        raise UsageError(f"{text!r} is no place on the time line; {_HINT}.")
    minutes, seconds = int(match["minutes"] or 0), float(match["seconds"])
    if (match["minutes"] and seconds >= 60) or (match["hours"] and minutes >= 60):
        raise UsageError(f"{text!r} has more than 59 seconds or minutes after a colon; {_HINT}.")
    time_s = int(match["hours"] or 0) * 3600 + minutes * 60 + seconds
    return (-time_s if match["sign"] else time_s) - session.time_offset_s


def _bar_time(written: str, bar: int, beat: str | None, hundredths: int, session: Session) -> float:
    tempo = TempoMap.of(session)
    number = int(beat) if beat is not None else 1
    beats = tempo.beats_in(bar)
    if not 1 <= number <= beats:
        raise UsageError(
            f"{written!r}: bar {bar} has the beats 1 to {beats}; for a time, {_HINT.partition(', or ')[2]}."
        )
    return tempo.time_of(bar, number + hundredths / 100)
