"""Fixes of a project: line by line into a new file, so that everything nobody asked about keeps its bytes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from stemkit.model.delivery import FixStep
from stemkit.reaper.project_envelopes import TRACK_ENVELOPES
from stemkit.reaper.rpp import parse, tokenize
from stemkit.reaper.rpp_editor import Editor, rename_track

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from stemkit.model.plan import RenderPlan
    from stemkit.model.session import Session, Track
    from stemkit.reaper.rpp import Block

__all__ = ["fix_project"]

_MASTER_SOLO = 2  # bit of MASTERMUTESOLO
_ENVELOPES = ("VOLENV", "PANENV", "WIDTHENV", "VOLENV2", "PANENV2", "WIDTHENV2", "VOLENV3", "MUTEENV")
_PROJECT = "Project"


@dataclass(slots=True)
class _Work:
    session: Session
    plan: RenderPlan
    root: Block
    editor: Editor
    kinds: frozenset[str]
    tracks: tuple[str, ...]
    steps: list[FixStep] = field(default_factory=list)

    def note(
        self, kind: str, subject: str, summary: str, rule: str, *, safe: bool = False, blocked: str | None = None
    ) -> bool:
        """Add a step and tell whether it is taken."""
        chosen = blocked is None and (safe or kind in self.kinds)
        step = FixStep(
            kind=kind, subject=subject, summary=summary, safe=safe, rules=(rule,), chosen=chosen, blocked=blocked
        )
        self.steps.append(step)
        return chosen

    def pairs(self) -> list[tuple[Track, Block]]:
        """Return each track with its lines."""
        return list(zip(self.session.tracks, self.root.children("TRACK"), strict=True))


def fix_project(
    data: bytes,
    name: str,
    session: Session,
    plan: RenderPlan,
    *,
    kinds: frozenset[str],
    tracks: tuple[str, ...] = (),
) -> tuple[bytes, tuple[FixStep, ...]]:
    """Plan the fixes of a project and write them into its text.

    Parameters
    ----------
    data
        The project's bytes.
    name
        What to call it in error messages.
    session, plan
        What was read from these bytes and planned.
    kinds
        Unsafe kinds that the user named.
    tracks
        Names of tracks whose automation may go.

    Returns
    -------
    tuple of bytes and tuple of FixStep
        The changed project, and every step with whether it was taken.
    """
    document = parse(data, name=name)
    work = _Work(session, plan, document.project, Editor(document), kinds, tracks)
    for fixer in _FIXERS:
        fixer(work)
    return work.editor.to_bytes(), tuple(work.steps)


def _label(track: Track) -> str:
    return track.name or f"Track {track.index + 1} (no name)"


def _rename(work: _Work) -> None:
    if work.plan.by != "track":
        return
    names = {stem.cut_guid: stem.file_name for stem in work.plan.stems if stem.variant == "stem"}
    for track, block in work.pairs():
        new = names.get(track.guid)
        if (
            new is not None
            and new != track.name
            and work.note("rename_tracks", _label(track), f"becomes {new}", "SK114", safe=True)
        ):
            rename_track(work.editor, block, new)


def _muted_items(work: _Work) -> None:
    for track, block in work.pairs():
        muted = [item for item in block.children("ITEM") if _flag(item, "MUTE", 1)]
        count = "1 muted item" if len(muted) == 1 else f"{len(muted)} muted items"
        if muted and work.note("delete_muted_items", _label(track), f"{count} taken out", "SK106"):
            for item in muted:
                work.editor.remove_block(item)


def _flag(block: Block, key: str, place: int) -> bool:
    tokens = block.tokens(key) or []
    return len(tokens) > place and tokens[place] not in ("", "0")


def _unused_tracks(work: _Work) -> None:
    """Take out tracks that hold, process and pass on nothing; the folder that one closes is closed before it."""
    sources = {send.source_guid for track in work.session.tracks for send in track.receives}
    gone: set[int] = set()
    for track, block in work.pairs():
        if track.items or track.receives or track.fx.effects or track.depth_change > 0 or track.hardware_outs:
            continue
        sends = track.guid in sources
        blocked = "another track receives from it" if sends else None
        if work.note("delete_unused_tracks", _label(track), "track taken out", "SK107", blocked=blocked):
            gone.add(track.index)
            work.editor.remove_block(block)
    if gone:
        _mend_folders(work, gone)
        _renumber_sends(work, gone)


def _mend_folders(work: _Work, gone: set[int]) -> None:
    """Hand the closing of folders on to the track before."""
    depths: dict[int, int] = {}
    before: int | None = None
    for track in work.session.tracks:
        if track.index in gone:
            if before is not None:
                depths[before] += track.depth_change
        else:
            depths[track.index] = track.depth_change
            before = track.index
    for track, block in work.pairs():
        depth = depths.get(track.index)
        if depth is not None and depth != track.depth_change:
            work.editor.set_line(block, "ISBUS", 1 if depth > 0 else 2 if depth < 0 else 0, depth)


def _renumber_sends(work: _Work, gone: set[int]) -> None:
    """Correct the sends, which name their source by its place: it moves when a track before it goes."""
    for _, block in work.pairs():
        for index in block.indices_of("AUXRECV"):
            source = int(tokenize(block.lines[index])[1])
            moved = sum(place < source for place in gone)
            if moved:
                work.editor.set_token(index, 1, source - moved)


def _solo(work: _Work) -> None:
    for track, block in work.pairs():
        if track.solo and work.note("clear_solo", _label(track), "solo off", "SK108"):
            work.editor.set_token(block.indices_of("MUTESOLO")[-1], 2, 0)
        items = [item for item in block.children("ITEM") if _flag(item, "MUTE", 2)]
        if items and work.note("clear_solo", _label(track), "items no longer soloed", "SK108"):
            for item in items:
                work.editor.set_token(item.indices_of("MUTE")[-1], 2, 0)
    state = work.session.master.mute_solo
    if state & _MASTER_SOLO and work.note("clear_solo", "Master", "solo off", "SK108"):
        work.editor.set_line(work.root, "MASTERMUTESOLO", state & ~_MASTER_SOLO)


def _rate(work: _Work) -> None:
    if work.session.sample_rate_forced:
        return
    rate = work.plan.sample_rate
    if work.note("force_rate", _PROJECT, f"sample rate fixed at {rate} Hz", "SK104"):
        found = work.root.indices_of("SAMPLERATE")
        if found:
            work.editor.set_token(found[-1], 1, rate)
            work.editor.set_token(found[-1], 2, 1)
        else:
            work.editor.set_line(work.root, "SAMPLERATE", rate, 1, 0)


def _master_fx(work: _Work) -> None:
    chain = work.session.master.fx
    if chain.enabled and any(effect.enabled for effect in chain.effects):
        names = ", ".join(effect.name for effect in chain.effects if effect.enabled)
        if work.note("bypass_master_fx", "Master", f"bypassed: {names}", "SK101"):
            work.editor.set_line(work.root, "MASTER_FX", 0)


def _returns(work: _Work) -> None:
    returns = {stem.cut_guid for stem in work.plan.stems if stem.kind == "return"}
    for track, block in work.pairs():
        live = [effect.name for effect in track.fx.effects if effect.enabled]
        if (
            track.guid in returns
            and track.fx.enabled
            and live
            and work.note("bypass_returns", _label(track), f"bypassed: {', '.join(live)}", "SK109")
        ):
            work.editor.set_line(block, "FX", 0)


def _automation(work: _Work) -> None:
    wanted = {name.casefold() for name in work.tracks}
    for track, block in work.pairs():
        curves = [child for tag in _ENVELOPES for child in block.children(tag)]
        if not curves:
            continue
        named = f"say --fix remove_automation --track {track.name!r}"
        blocked = None if track.name.casefold() in wanted else named
        moved = ", ".join(dict.fromkeys(TRACK_ENVELOPES[curve.tag][0] for curve in curves))
        if work.note("remove_automation", _label(track), f"automation of {moved} taken out", "SK110", blocked=blocked):
            for curve in curves:
                work.editor.remove_block(curve)


_FIXERS: Sequence[Callable[[_Work], None]] = (
    _rename,
    _solo,
    _rate,
    _master_fx,
    _returns,
    _automation,
    _muted_items,  # removals come last: a line that is changed afterwards would come back
    _unused_tracks,
)
