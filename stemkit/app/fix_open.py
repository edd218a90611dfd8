"""Fixes of the project that is open in REAPER: listed, chosen in REAPER's own dialog, each with its own undo point.

Only what REAPER's undo takes back as one step, or what a value says by itself. Cutting noisy gaps out of items and
taking points out of envelopes is left to `stemkit fix` on a copy of the file.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stemkit.app.prepare import Prepared
    from stemkit.model.session import Session, Track
    from stemkit.reaper.link import Link

__all__ = ["OpenFix", "OpenFixResult", "fix_open_project", "open_fixes"]

_A_PAGE = 12  # lines that REAPER's dialog shows without growing out of the window; it takes 16
_CAPTION = 60


@dataclass(frozen=True, slots=True)
class OpenFix:
    """One change. `values`, `items` and `tracks` are as `stemkit.reaper.inside_fix.change` takes them."""

    kind: str
    subject: str
    summary: str
    rule: str
    values: tuple[tuple[tuple[Any, ...], Any], ...] = ()
    items: tuple[tuple[str, str], ...] = ()
    tracks: tuple[str, ...] = ()

    @property
    def line(self) -> str:
        """What the user reads."""
        return f"{self.subject}: {self.summary}"


@dataclass(frozen=True, slots=True)
class OpenFixResult:
    """What was offered, what was done, and what REAPER refused, with why."""

    offered: tuple[OpenFix, ...]
    done: tuple[OpenFix, ...] = ()
    refused: tuple[tuple[OpenFix, str], ...] = ()
    cancelled: bool = False


def open_fixes(prepared: Prepared) -> tuple[OpenFix, ...]:
    """List what can be changed in the open project; nothing is.

    Parameters
    ----------
    prepared
        The open project, read and planned.
    """
    session = prepared.session
    return (
        *_names(prepared),
        *_solo(session),
        *_rate(prepared),
        *_master_effects(session),
        *_return_effects(prepared),
        *_automation(session),
        *_muted_items(session),
        *_unused_tracks(session),
    )


def fix_open_project(*, profile: str = "mix-prep", dry_run: bool = False) -> OpenFixResult:
    """List the fixes in REAPER's own dialog, nothing ticked, and make those that the user ticks.

    Parameters
    ----------
    profile
        Name of a profile, or path of a TOML file.
    dry_run
        List only.

    Raises
    ------
    LinkError
        REAPER cannot be reached.
    EngineError
        Another stemkit is rendering, or an earlier render was interrupted.
    """
    from stemkit.app.prepare import prepare
    from stemkit.reaper.link import open_link
    from stemkit.reaper.live_state import require_idle

    prepared = prepare(None, profile=profile)
    offered = open_fixes(prepared)
    if dry_run or not offered:
        return OpenFixResult(offered)
    with open_link() as link:
        require_idle(link.shake_hands())
        chosen: list[OpenFix] = []
        for start in range(0, len(offered), _A_PAGE):
            page = offered[start : start + _A_PAGE]
            captions = [f"{start + place}. {fix.line}"[:_CAPTION] for place, fix in enumerate(page, 1)]
            ticked = link.ask("ask_user", captions=captions, while_waiting=_wait_for_the_user)
            if ticked is None:
                return OpenFixResult(offered, cancelled=True)
            chosen += [fix for fix, wanted in zip(page, ticked, strict=True) if wanted]
        path = prepared.session.path or ""
        return _made(link, path, offered, chosen)


def _wait_for_the_user() -> None:
    """Let REAPER's dialog stay open as long as the user looks at it."""


def _made(link: Link, path: str, offered: tuple[OpenFix, ...], chosen: list[OpenFix]) -> OpenFixResult:
    outcomes = [(fix, _refusal(link, path, fix)) for fix in chosen]
    return OpenFixResult(
        offered,
        done=tuple(fix for fix, why in outcomes if not why),
        refused=tuple((fix, why) for fix, why in outcomes if why),
    )


def _refusal(link: Link, path: str, fix: OpenFix) -> str:
    """Make a change; return why REAPER would not, or nothing."""
    from stemkit.reaper.link import LinkError

    try:
        link.ask(
            "change",
            project=path,
            label=f"Stemkit: {fix.line}",
            values=[[list(name), value] for name, value in fix.values],
            items=[list(pair) for pair in fix.items],
            tracks=list(fix.tracks),
        )
    except LinkError as error:
        return error.message
    return ""


def _label(track: Track) -> str:
    return track.name or f"Track {track.index + 1} (no name)"


def _names(prepared: Prepared) -> Iterator[OpenFix]:
    if prepared.plan.by != "track":
        return
    names = {stem.cut_guid: stem.file_name for stem in prepared.plan.stems if stem.variant == "stem"}
    for track in prepared.session.tracks:
        new = names.get(track.guid)
        if new is not None and new != track.name:
            values = ((("track_text", track.guid, "P_NAME"), new),)
            yield OpenFix("rename_tracks", _label(track), f"rename to {new}", "SK114", values)


def _solo(session: Session) -> Iterator[OpenFix]:
    for track in session.tracks:
        if track.solo:
            yield OpenFix("clear_solo", _label(track), "solo off", "SK108", ((("track", track.guid, "I_SOLO"), 0.0),))


def _rate(prepared: Prepared) -> Iterator[OpenFix]:
    if not prepared.session.sample_rate_forced:
        rate = prepared.plan.sample_rate
        values = (
            (("project_number", "PROJECT_SRATE"), float(rate)),
            (("project_number", "PROJECT_SRATE_USE"), 1.0),
        )
        yield OpenFix("force_rate", "Project", f"fix the sample rate at {rate} Hz", "SK104", values)


def _master_effects(session: Session) -> Iterator[OpenFix]:
    chain = session.master.fx
    names = [effect.name for effect in chain.effects if effect.enabled]
    if chain.enabled and names:
        values = ((("track", "master", "I_FXEN"), 0.0),)
        yield OpenFix("bypass_master_fx", "Master", f"bypass {', '.join(names)}", "SK101", values)


def _return_effects(prepared: Prepared) -> Iterator[OpenFix]:
    returns = {stem.cut_guid for stem in prepared.plan.stems if stem.kind == "return"}
    for track in prepared.session.tracks:
        names = [effect.name for effect in track.fx.effects if effect.enabled]
        if track.guid in returns and track.fx.enabled and names:
            values = ((("track", track.guid, "I_FXEN"), 0.0),)
            yield OpenFix("bypass_returns", _label(track), f"bypass {', '.join(names)}", "SK109", values)


def _automation(session: Session) -> Iterator[OpenFix]:
    for track in session.tracks:
        curves = [envelope for envelope in track.envelopes if envelope.active and envelope.points]
        if curves:
            values = tuple((("envelope", track.guid, envelope.tag), "0") for envelope in curves)
            what = ", ".join(envelope.target for envelope in curves)
            yield OpenFix("switch_off_automation", _label(track), f"switch {what} automation off", "SK110", values)


def _muted_items(session: Session) -> Iterator[OpenFix]:
    for track in session.tracks:
        muted = tuple((track.guid, item.guid) for item in track.items if item.mute and item.guid)
        if muted:
            count = "1 muted item" if len(muted) == 1 else f"{len(muted)} muted items"
            yield OpenFix("delete_muted_items", _label(track), f"delete {count}", "SK106", items=muted)


def _unused_tracks(session: Session) -> Iterator[OpenFix]:
    """Offer tracks that hold, process and pass on nothing, unless a folder begins or ends with them."""
    sources = {send.source_guid for track in session.tracks for send in track.receives}
    for track in session.tracks:
        used = track.items or track.receives or track.fx.effects or track.hardware_outs or track.depth_change
        if not used and track.guid not in sources:
            yield OpenFix(
                "delete_unused_tracks", _label(track), "delete the empty track", "SK107", tracks=(track.guid,)
            )
