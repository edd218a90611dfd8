"""Whether a plan can be rendered at all: by this engine, with this media, into this folder."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from stemkit.errors import EngineError, InputError
from stemkit.render.layout import MIX_KEYS, target_paths

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from stemkit.app.prepare import Prepared
    from stemkit.model.plan import Fidelity

__all__ = ["LeftOut", "choose_keys", "demand_songs", "demand_untaken", "make_folder", "require_room"]

_FLOAT_BYTES = 4
_MOST_REASONS = 3  # in one sentence
_NO_SONG = frozenset({"not_audio", "all_zero", "empty"})


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOut:
    """A planned file that was not rendered, and why."""

    key: str
    reasons: tuple[str, ...]

    @property
    def told(self) -> str:
        """The file by its name in the folder, and why it is not there."""
        name = PurePosixPath(MIX_KEYS[self.key]).stem if self.key in MIX_KEYS else self.key
        return f"{name}: {'; '.join(self.reasons)}"


def _named(keys: list[str]) -> str:
    shown = ", ".join(keys[:4])
    return shown if len(keys) <= 4 else f"{shown} and {len(keys) - 4} more"


def _why_impossible(prepared: Prepared, stems: list[LeftOut], engine: str) -> str:
    """Say which stems cannot be rendered and what helps: mending their media, or REAPER."""
    from stemkit.session.media import missing_files, played_sources

    unread = {path for path, info in prepared.media.items() if info is None}
    lacking = {
        track.guid
        for track in prepared.session.tracks
        if missing_files(track)
        or any(s.media.kind != "video" and s.media.resolved_path in unread for _, s in played_sources(track))
    }
    lacking_keys = {stem.file_name for stem in prepared.plan.stems if not lacking.isdisjoint(stem.tracks)}
    without_media = [entry for entry in stems if entry.key in lacking_keys]
    entries = without_media or stems
    reasons = list(dict.fromkeys(reason for entry in entries for reason in entry.reasons[:1]))
    why = "; ".join(reasons[:_MOST_REASONS]) + (
        f"; and {len(reasons) - _MOST_REASONS} more" if reasons[_MOST_REASONS:] else ""
    )
    count = f"{len(entries)} of {len(prepared.plan.stems)} stems"
    named = f"{_named([entry.key for entry in entries])} ({why})"
    if without_media:
        return (
            f"{count} cannot be rendered while their media is missing or unreadable: {named}. Put the files back where "
            "the project looks for them (stemkit inspect tells where), or say --skip-impossible to leave them out."
        )
    dry = "" if prepared.choices.bypass_fx else "say --bypass-fx for dry audio without effects, or "
    if engine != "builtin":
        return (
            f"{count} cannot be rendered: {named}. Put right what is missing, {dry}or say --skip-impossible to leave "
            "them out."
        )
    return (
        f"{count} need REAPER itself: {named}. Render them in REAPER, or {dry}say --skip-impossible to leave them out."
    )


def demand_songs(paths: Iterable[Path]) -> None:
    """Refuse references and mixes that are no audio: a brief from somebody else could name any file of this machine.

    Raises
    ------
    InputError
        With the path, and what it is instead.
    """
    from stemkit.audio.wav import walk

    for path in paths:
        if not path.is_file():
            raise InputError(f"{path} is not a file; name the song itself, or give a link in the brief.")
        fault = next((fault for fault in walk(path).damage if fault.code in _NO_SONG), None)
        if fault is not None:
            raise InputError(f"{path} is no song ({fault.message}), so nothing was delivered; correct the brief.")


def choose_keys(
    prepared: Prepared, fidelity: Mapping[str, Fidelity], *, skip_impossible: bool, engine: str = "builtin"
) -> tuple[list[str], list[LeftOut]]:
    """Split what is planned into what the engine can render and what it cannot.

    Raises
    ------
    EngineError
        Stems are impossible and nobody said that they may be left out, or nothing is left.
    """
    keys = list(target_paths(prepared.plan))
    left_out = [LeftOut(key=k, reasons=fidelity[k].reasons) for k in keys if fidelity[k].level == "impossible"]
    stems = [entry for entry in left_out if entry.key not in MIX_KEYS]
    if stems and not skip_impossible:
        raise EngineError(_why_impossible(prepared, stems, engine))
    if not any(k not in MIX_KEYS and fidelity[k].level != "impossible" for k in keys):
        plan = prepared.plan
        why = plan.notes[0].rstrip(".") if plan.notes and not plan.stems else "no track of it makes a sound"
        reason = stems[0].reasons[0] if stems and stems[0].reasons else why
        raise EngineError(f"{prepared.path.name} gives no stem that can be rendered here: {reason}.")
    return [k for k in keys if fidelity[k].level != "impossible"], left_out


def demand_untaken(targets: list[Path], output: Path, *, overwrite: bool) -> None:
    """Refuse to replace files that nobody said may be replaced.

    Raises
    ------
    InputError
        With their names.
    """
    taken = [path for path in targets if path.exists()]
    if taken and not overwrite:
        raise InputError(
            f"{output} already holds {_named([p.name for p in taken])}; choose another folder or say --overwrite."
        )


def require_room(prepared: Prepared, targets: list[Path], output: Path, *, overwrite: bool) -> None:
    """Refuse before the first sample when a file is in the way or the disk is too small.

    Raises
    ------
    InputError
        With the files, or with how much room is needed.
    """
    demand_untaken(targets, output, overwrite=overwrite)
    plan = prepared.plan
    channels = 2 * len(targets)
    needed = 2 * plan.bounds.frames * channels * _FLOAT_BYTES  # staging and the finished file stand side by side
    there = next(folder for folder in (output, *output.absolute().parents) if folder.is_dir())
    free = shutil.disk_usage(there).free
    if needed > free:
        raise InputError(
            f"The render needs {needed / 1e6:.0f} MB and {output} has {free / 1e6:.0f} MB free; make room first."
        )


def make_folder(output: Path) -> None:
    """Make the folder of a delivery.

    Raises
    ------
    InputError
        Something else is in the way, or nobody may write there.
    """
    try:
        output.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        why = "a file of that name is in the way" if output.exists() else error.strerror
        raise InputError(f"{output} cannot be made a folder ({why}); name another folder.") from error
