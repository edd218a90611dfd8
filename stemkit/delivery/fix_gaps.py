"""Cutting noisy gaps out of a project's items: each item becomes several, with short fades, and the rest stays.

Only items that play one file plainly are cut (no loop, stretch, rate, envelope or effect of their own), because in
all others a place in the file is no place in the item.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING

from stemkit.reaper.rpp import first_word, indentation, parse, tokenize
from stemkit.reaper.rpp_editor import write_value

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from stemkit.model.audio import AudioFacts
    from stemkit.model.session import Item, Session
    from stemkit.reaper.rpp import Block

__all__ = ["GapLimits", "cut_items", "pieces_of"]

_FADE_S = 0.01
_SHORTEST_S = 0.02  # of a piece: shorter ones are nothing but fades
_EPSILON_S = 1e-6
_NAMESPACE = uuid.UUID("0d9b6b0e-0c55-4d7e-8f57-3f0a4a8f6a55")  # ours: pieces get the same GUIDs in every run


@dataclass(frozen=True, slots=True, kw_only=True)
class GapLimits:
    """What counts as a noisy gap, from the profile."""

    noise_max_dbfs: float
    min_s: float


def pieces_of(item: Item, audio: Mapping[str, AudioFacts], limits: GapLimits) -> list[tuple[float, float]] | None:
    """Return which parts of an item stay, in seconds from its start.

    Returns
    -------
    list of tuple of float and float, or None
        None where it holds no noisy gap, or where it plays its file in a way that cannot be cut safely.
    """
    take = item.active_take
    if take is None or take.source is None or not _is_plain(item):
        return None
    facts = audio.get(take.source.resolved_path or "")
    if facts is None or take.source_offset_s + item.length_s > facts.frames / facts.sample_rate + _EPSILON_S:
        return None
    kept, at = [], 0.0
    for gap in facts.gaps:
        start = max(gap.start_frame / facts.sample_rate - take.source_offset_s, 0.0)
        end = min(gap.end_frame / facts.sample_rate - take.source_offset_s, item.length_s)
        noisy = not gap.digital and gap.noise_dbfs is not None and gap.noise_dbfs > limits.noise_max_dbfs
        if not noisy or end - start < limits.min_s:
            continue
        kept.append((at, min(start + _FADE_S, end)))
        at = max(end - _FADE_S, start)
    kept.append((at, item.length_s))
    first_cut = kept[0][1] <= _FADE_S + _EPSILON_S  # the item begins with a gap: what was kept is only its fade
    last_cut = kept[-1][1] - kept[-1][0] <= _FADE_S + _EPSILON_S
    kept = kept[1 if first_cut else 0 : len(kept) - 1 if last_cut and len(kept) > 1 else len(kept)]
    kept = [piece for piece in kept if piece[1] - piece[0] >= _SHORTEST_S]
    return None if kept == [(0.0, item.length_s)] or not kept else kept


def _is_plain(item: Item) -> bool:
    take = item.takes[0]
    assert take.source is not None, "asked before"
    own = take.envelopes or take.fx.effects or take.stretch_markers or take.source_offset_s < 0
    return len(item.takes) == 1 and take.play_rate == 1 and not own and take.source.kind == "wave" and not item.mute


def cut_items(
    data: bytes, name: str, session: Session, pieces: Mapping[tuple[int, int], Sequence[tuple[float, float]]]
) -> bytes:
    """Replace items by their pieces.

    Parameters
    ----------
    data
        The project, with the same tracks and items as `session`.
    name
        What to call it in error messages.
    session
        For the items' places.
    pieces
        By track and item, both counted from 0: what stays, as `pieces_of` gives it.
    """
    document = parse(data, name=name)
    lines = list(document.lines)
    blocks = [track.children("ITEM") for track in document.project.children("TRACK")]
    for (track, number), kept in sorted(pieces.items(), reverse=True):
        block, item = blocks[track][number], session.tracks[track].items[number]
        cut = [
            line for place, span in enumerate(kept) for line in _piece(document.lines, block, item, span, place=place)
        ]
        lines[block.start : block.end + 1] = cut
    return "\n".join(lines).encode("utf-8", "surrogateescape")


def _piece(lines: Sequence[str], block: Block, item: Item, span: tuple[float, float], *, place: int) -> list[str]:
    """Write one piece: the item's own lines with another place, length, start in the file, fades and GUIDs."""
    take = item.takes[0]
    start, end = span
    changes: dict[str, tuple[int, str]] = {
        "POSITION": (1, write_value(item.position_s + start)),
        "LENGTH": (1, write_value(end - start)),
        "SOFFS": (1, write_value(take.source_offset_s + start)),
        "LOOP": (1, "0"),
    }
    if start > 0:
        changes["FADEIN"] = (2, write_value(_FADE_S))
    if end < item.length_s:
        changes["FADEOUT"] = (2, write_value(_FADE_S))
    if place:
        for key, guid in (("IGUID", item.guid), ("GUID", take.guid)):
            changes[key] = (1, f"{{{str(uuid.uuid5(_NAMESPACE, f'{guid}/{place}')).upper()}}}")
    own = set(block.own_indices())
    return [
        _with_token(lines[index], *changes[key])
        if index in own and (key := first_word(lines[index])) in changes
        else lines[index]
        for index in range(block.start, block.end + 1)
    ]


def _with_token(line: str, place: int, value: str) -> str:
    tokens = tokenize(line.strip(" \t\r"))
    tokens += ["0"] * (place + 1 - len(tokens))
    tokens[place] = value
    return indentation(line) + " ".join(tokens) + ("\r" if line.endswith("\r") else "")
