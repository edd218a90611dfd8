"""What to say when REAPER did not deliver: the trap that fits what was seen, and what helps.

A dialog cannot be seen from outside. What is known of REAPER's dialogs comes from reports of people who ran it
unattended; the likeliest comes first.
"""

from __future__ import annotations

import signal
from dataclasses import dataclass
from typing import TYPE_CHECKING

from stemkit.reaper.headless_find import obstacles

if TYPE_CHECKING:
    from stemkit.reaper.headless_files import Harvest
    from stemkit.reaper.headless_find import Installation
    from stemkit.reaper.headless_run import Outcome

__all__ = ["Scene", "explain"]

_MOST = 3  # faults in one sentence
_RAISE = "STEMKIT_REAPER_START_S"


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """What was seen of one pass."""

    title: str
    installation: Installation
    outcome: Outcome
    harvest: Harvest
    lf_only: bool  # the project has no CR LF
    worked_before: bool  # an earlier pass of the same project succeeded
    alone: bool  # this already is a track rendered as a mix


def explain(scene: Scene) -> str:
    """Return one sentence or two: what happened, what it probably is, what to do."""
    told = {"exit": _ended, "no start": _never_began, "stall": _stalled, "too long": _too_long}[scene.outcome.end]
    return f"{scene.installation.label} rendered no complete {scene.title}: {told(scene)}"


def _faults(scene: Scene) -> str:
    faults = [*scene.harvest.wrong, *(f"{name}.wav was not written" for name in scene.harvest.missing)]
    more = f", and {len(faults) - _MOST} more" if len(faults) > _MOST else ""
    return "; ".join(faults[:_MOST]) + more


def _ended(scene: Scene) -> str:
    code = scene.outcome.code
    if code is not None and (code < 0 or code >= 128):
        number = -code if code < 0 else code - 128
        return (
            f"it crashed half-way ({_signal_name(number)}; {_faults(scene)}{_said(scene)}). Open the project "
            "in REAPER and render there to see which plug-in does it."
        )
    if not scene.harvest.files and not scene.harvest.wrong:
        nothing = '; "Nothing to render!" is what it says of stems then' if scene.worked_before or scene.alone else ""
        return (
            f"it ended with code {code}, which says nothing, and wrote no file{_said(scene)}{nothing}. "
            "Open the project in REAPER and render once by hand."
        )
    return f"it ended with code {code}, which says nothing, but {_faults(scene)}. Look whether the disk is full."


def _said(scene: Scene) -> str:
    return f'; its last words were "{scene.outcome.said}"' if scene.outcome.said else ""


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"code {number}"


def _never_began(scene: Scene) -> str:
    waited = f"it wrote nothing for {scene.outcome.waited_s:.0f} s and was ended. "
    if scene.worked_before:
        return waited + (
            'As the pass before it succeeded, its dialog "Nothing to render!" is probably open: this version prints '
            "no stems from the command line. Render with --live instead."
        )
    likely = [f"{text} (evaluation reminder)" if "licence" in text else text for text in obstacles(scene.installation)]
    if scene.lf_only:
        likely.append(
            "the project has LF line ends, at which REAPER on macOS was seen to stall (open it in REAPER and save it)"
        )
    likely += [
        'a dialog about missing media or a "Project Load Warning"',
        "a plug-in's own window",
        '"Nothing to render!"',
        f"or a slow start with many plug-ins or samples (give it more seconds with {_RAISE})",
    ]
    return f"{waited}A dialog is probably open. Known ones, the likeliest first: {'; '.join(likely)}."


def _stalled(scene: Scene) -> str:
    return (
        f"it began and then wrote nothing for {scene.outcome.waited_s:.0f} s ({_faults(scene)}), and was ended. A "
        'dialog is probably open: "Files already exist" where another program put a file of that name, "Render '
        "Incomplete\" on a full disk, or a plug-in's own."
    )


def _too_long(scene: Scene) -> str:
    return (
        f"it took far longer than the song ({_faults(scene)}) and was ended; allow more with STEMKIT_REAPER_SLOWEST, "
        "how many times the song's length it may take."
    )
