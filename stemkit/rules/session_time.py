"""Rules about where things lie in time: before bar 1, past the end, and at which tempo."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stemkit.rules.registry import Problem, Unknown, rule
from stemkit.rules.session_context import PROJECT, counted, spans
from stemkit.session.sound import sounding_items

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stemkit.model.session import Marker, Session
    from stemkit.rules.session_context import SessionContext

__all__: list[str] = []

_SLACK_S = 0.001  # an item that a snap put a hair before the line
_END_NAMES = frozenset({"=end", "end"})


@rule("SK115", "item-before-start", severity="warning", scope="session", guide="G2")
def item_before_start(session: Session, context: SessionContext) -> Iterator[Problem | Unknown]:
    """Nothing sounds before bar 1 beat 1, and the start of the files cuts nothing.

    Why: Stems begin at bar 1, so that they line up wherever they are laid down. A pick-up or count-in before it is
    either cut, or moves the start of every file and has to be said.

    Fix in REAPER: move the song to the right (select all, and drag by whole bars), or set the project start: File >
    Project settings > Project start measure; give the start with --start if you mean it.

    Fix in any DAW: Leave an empty bar, or set bar 1 to where the first sound is, and tell the engineer.

    Source: Guide G2; PROJOFFS after reaper-facts.md 5.1; design.md, Bounds.
    """
    plan = context.plan
    if context.bar_one_s is None and plan is None:
        yield Unknown(subject=PROJECT, reason="it is not known where bar 1 lies")
        return
    starts = [s for s in (context.bar_one_s, plan.bounds.start_s if plan else None) if s is not None]
    for track in session.tracks:
        if not context.heard(track.guid) or context.excluded(track.guid):
            continue
        early = [item for item in sounding_items(track) if item.position_s < max(starts) - _SLACK_S]
        if not early:
            continue
        first = min(item.position_s for item in early)
        cut = plan is not None and not context.as_is and first < plan.bounds.start_s - _SLACK_S
        handled = None
        if plan is not None and not context.as_is and not cut:
            handled = f"the files start at {plan.bounds.start_s:.3f} s"
        what = f"{max(starts) - first:.3f} s before {'the start of the files, and are cut' if cut else 'bar 1'}"
        yield Problem(
            subject=context.labels[track.guid],
            message=f"{counted(len(early), 'item')} beginning up to {what}.",
            measured=round(first, 3),
            expected=f"not before {max(starts):.3f}",
            unit="s",
            where=spans(early),
            handled=handled,
        )


def _end_marker(session: Session) -> Marker | None:
    return next((marker for marker in session.markers if marker.name.strip().casefold() in _END_NAMES), None)


@rule("SK124", "item-past-end", severity="warning", scope="session", guide="G2")
def item_past_end(session: Session, context: SessionContext) -> Iterator[Problem]:
    """Nothing sounds past the marked end of the song, nor past the end of the files.

    Why: What lies behind the end is mostly a leftover. It makes every stem minutes longer, or, with an =END marker,
    is cut off where it was meant to ring.

    Fix in REAPER: delete what lies behind the end marker, or move the marker (drag it in the ruler).

    Fix in any DAW: Delete what lies behind the end of the song; check the end of the export range.

    Source: =END marker after reaper-facts.md 6.3.
    """
    marker = _end_marker(session)
    file_end = None if context.planned is None else context.planned.bounds.end_s
    ends = [(marker.position_s, f"the marker {marker.name!r}")] if marker is not None else []
    ends += [(file_end, "the end of the files, and are cut")] if file_end is not None else []
    if not ends:
        return
    end, called = min(ends)
    for track in session.tracks:
        if not context.heard(track.guid) or context.excluded(track.guid):
            continue
        late = [item for item in sounding_items(track) if item.end_s > end + _SLACK_S]
        if late:
            past = max(item.end_s for item in late) - end
            yield Problem(
                subject=context.labels[track.guid],
                message=f"{counted(len(late), 'item')} sounding up to {past:.3f} s past {called}.",
                measured=round(past, 3),
                expected=f"nothing after {end:.3f}",
                unit="s",
                where=spans(late),
            )


@rule("SK122", "tempo-change", severity="note", scope="session", guide="G6")
def tempo_change(session: Session, context: SessionContext) -> Iterator[Problem]:
    """One tempo and one meter from start to end.

    Why: With a tempo map the engineer's delays, tremolos and edits fall on the grid; one number in the brief is not
    enough when the tempo moves.

    Fix in REAPER: nothing is wrong; send the map: File > Export project MIDI, with "Embed tempo map".

    Fix in any DAW: Export a MIDI file with the tempo map and send it along.

    Source: TEMPOENVEX after reaper-facts.md 5.1.
    """
    tempos = {round(session.tempo_bpm, 3), *(round(point.bpm, 3) for point in session.tempo_points)}
    meters = [session.meter]
    for point in session.tempo_points:
        if point.numerator and point.denominator and (point.numerator, point.denominator) != meters[-1]:
            meters.append((point.numerator, point.denominator))
    parts = [f"the tempo moves between {min(tempos):g} and {max(tempos):g} BPM"] if len(tempos) > 1 else []
    parts += [f"the meter changes {counted(len(meters) - 1, 'time')}"] if len(meters) > 1 else []
    if parts:
        said = " and ".join(parts)
        yield Problem(
            subject=PROJECT,
            message=f"{said[0].upper()}{said[1:]}.",
            measured=max(len(tempos), len(meters)) - 1,
            handled=None if context.planned is None else "the delivery carries a tempo map",
        )
