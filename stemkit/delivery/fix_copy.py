"""Writing the mended copy of a folder: whole, or not at all."""

from __future__ import annotations

import shutil
from dataclasses import replace
from typing import TYPE_CHECKING

from stemkit.audio.wav import walk
from stemkit.delivery.fix_audio import apply_edit, repair_sizes, set_time_reference
from stemkit.delivery.package import package_files
from stemkit.errors import InputError
from stemkit.render.atomic import staging_folder

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from stemkit.delivery.fix_job import FilePlan
    from stemkit.model.audio import FileFacts

__all__ = ["stamps", "write_copy"]


def stamps(source: Path) -> dict[str, tuple[int, int]]:
    """Return size in bytes and time of change in nanoseconds of every ordinary file, by its path in the folder."""
    found = {label: path.stat() for label, path, odd in package_files(source) if odd is None}
    return {label: (status.st_size, status.st_mtime_ns) for label, status in found.items()}


def write_copy(
    source: Path,
    output: Path,
    plan: FilePlan,
    files: Iterable[FileFacts],
    seen: Mapping[str, tuple[int, int]],
) -> None:
    """Build the copy in a hidden folder and give it its name when it is whole.

    Parameters
    ----------
    source
        The folder that was checked.
    output
        Where the copy goes; it does not exist.
    plan
        What happens to each file.
    files
        What the check knows of them.
    seen
        What `stamps` gave before the check.

    Raises
    ------
    InputError
        A file of the source changed meanwhile, so that the plan may be wrong and the copy torn.
    """
    facts = {file.path: file for file in files}
    with staging_folder(output.parent) as staging:
        fixed = staging / "fixed"
        scratch = staging / "scratch"
        fixed.mkdir()
        scratch.mkdir()
        for label, path, odd in package_files(source):
            if odd is not None:
                continue  # a link is not followed and not copied; the check names it
            target = fixed / plan.names.get(label, label)
            if target.exists():
                raise InputError(f"{label} and another file would both be called {target.name}; rename one of them.")
            target.parent.mkdir(parents=True, exist_ok=True)
            changed = _changed(path, scratch, plan, facts[label]) if label in facts else path
            if changed == path:
                shutil.copy2(path, target)
            else:
                changed.replace(target)
            for left in scratch.iterdir():
                left.unlink()
        if stamps(source) != seen:
            raise InputError(f"Files in {source} changed while they were copied, so nothing was written; run it again.")
        if output.exists():  # since the beginning of this run
            raise InputError(f"{output} exists already; choose another name, the original is never changed.")
        fixed.replace(output)


def _changed(path: Path, scratch: Path, plan: FilePlan, file: FileFacts) -> Path:
    """Take a file through its repairs, its edit and its time reference; where it has none, return it as it is."""
    current = path
    if file.path in plan.repairs:
        repair_sizes(current, scratch / "repaired.wav")
        current = scratch / "repaired.wav"
    if file.path in plan.edits:
        known = replace(file, container=walk(current))
        apply_edit(known, current, scratch / "edited.wav", plan.edits[file.path])
        current = scratch / "edited.wav"
    if file.path in plan.references:
        set_time_reference(current, scratch / "referenced.wav", plan.references[file.path])
        current = scratch / "referenced.wav"
    return current
