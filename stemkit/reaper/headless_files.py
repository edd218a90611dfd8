"""What REAPER wrote: found by name, and judged by length, rate and width, whatever the exit code says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from stemkit.model.plan import RenderPlan

__all__ = ["Harvest", "collect"]

_FRAMES_OFF = 1  # REAPER may round the bounds to another frame; `finish` mends one


@dataclass(frozen=True, slots=True)
class Harvest:
    """Whole files by name, and what is wrong with the others, in words."""

    files: Mapping[str, Path]
    missing: tuple[str, ...]
    wrong: tuple[str, ...]

    @property
    def complete(self) -> bool:
        """Whether everything is there and right."""
        return not self.missing and not self.wrong


def collect(folder: Path, names: Iterable[str], plan: RenderPlan, *, channels: int) -> Harvest:
    """Look at what a pass left in its folder.

    Parameters
    ----------
    folder
        Where REAPER rendered to.
    names
        The files that were asked for, without extension. A file whose name holds one of them and no other counts, as
        REAPER may put a number in front or behind.
    plan
        Length and rate.
    channels
        Width that was asked for.
    """
    wanted = list(names)
    found: dict[str, list[Path]] = {name: [] for name in wanted}
    for path in sorted(folder.rglob("*.wav")):
        fitting = [name for name in wanted if name in path.stem]
        if len(fitting) == 1:
            found[fitting[0]].append(path)
    missing = tuple(name for name, paths in found.items() if not paths)
    wrong = [f"{name} was written {len(paths)} times" for name, paths in found.items() if len(paths) > 1]
    files = {name: paths[0] for name, paths in found.items() if len(paths) == 1}
    for name, path in list(files.items()):
        fault = _fault(path, plan, channels)
        if fault is not None:
            wrong.append(fault)
            del files[name]
    return Harvest(files, missing, tuple(wrong))


def _fault(path: Path, plan: RenderPlan, channels: int) -> str | None:
    """Say what is wrong with a file, or None."""
    from stemkit.audio.wav import walk  # noqa: PLC0415  (`stemkit --help` must not pay for it)

    facts = walk(path)
    if not facts.readable:
        return f"{path.name} is truncated or damaged: {next(d.message for d in facts.damage if d.fatal)}"
    if facts.encoding != "float32" or facts.channels != channels or facts.sample_rate != plan.sample_rate:
        return (
            f"{path.name} has {facts.encoding} samples, {facts.channels} channels and {facts.sample_rate} Hz instead "
            f"of float32, {channels} and {plan.sample_rate}"
        )
    if abs((facts.frames or 0) - plan.bounds.frames) > _FRAMES_OFF:
        return f"{path.name} is truncated or too long: {facts.frames} frames instead of {plan.bounds.frames}"
    return None
